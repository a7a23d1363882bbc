"""The derivatives of NumPy's functions of one and two numbers, a rule a line. Explained in book/forward.md."""

import numpy as np
from scipy import special


def unary():
    """The derivative of each function of one number, from its point x and its value y.

    Source: any table of derivatives; at the corner of abs, x = 0, the middle of its slopes is taken, 0.

    >>> unary()[np.sin](0.0, 0.0)
    np.float64(1.0)
    """
    return {
        np.positive:       lambda x, y: 1,
        np.negative:       lambda x, y: -1,
        np.conjugate:      lambda x, y: 1,
        np.square:         lambda x, y: 2 * x,
        np.reciprocal:     lambda x, y: -y * y,
        np.sqrt:           lambda x, y: 0.5 / y,
        np.cbrt:           lambda x, y: 1 / (3 * y * y),
        np.absolute:       lambda x, y: np.sign(x),
        np.fabs:           lambda x, y: np.sign(x),
        np.exp:            lambda x, y: y,
        np.exp2:           lambda x, y: y * np.log(2),
        np.expm1:          lambda x, y: y + 1,
        np.log:            lambda x, y: 1 / x,
        np.log2:           lambda x, y: 1 / (x * np.log(2)),
        np.log10:          lambda x, y: 1 / (x * np.log(10)),
        np.log1p:          lambda x, y: 1 / (1 + x),
        np.sin:            lambda x, y: np.cos(x),
        np.cos:            lambda x, y: -np.sin(x),
        np.tan:            lambda x, y: 1 + y * y,
        np.arcsin:         lambda x, y: 1 / np.sqrt((1 - x) * (1 + x)),
        np.arccos:         lambda x, y: -1 / np.sqrt((1 - x) * (1 + x)),
        np.arctan:         lambda x, y: 1 / (1 + x * x),
        np.sinh:           lambda x, y: np.cosh(x),
        np.cosh:           lambda x, y: np.sinh(x),
        np.tanh:           lambda x, y: (1 - y) * (1 + y),
        np.arcsinh:        lambda x, y: 1 / np.hypot(1, x),
        np.arccosh:        lambda x, y: 1 / np.sqrt((x - 1) * (x + 1)),
        np.arctanh:        lambda x, y: 1 / ((1 - x) * (1 + x)),
        np.deg2rad:        lambda x, y: np.pi / 180,
        np.radians:        lambda x, y: np.pi / 180,
        np.rad2deg:        lambda x, y: 180 / np.pi,
        np.degrees:        lambda x, y: 180 / np.pi,
        special.expit:     lambda x, y: y * special.expit(-x),
        special.logit:     lambda x, y: 1 / (x * (1 - x)),
        special.log_expit: lambda x, y: special.expit(-x),
        special.erf:       lambda x, y: 2 / np.sqrt(np.pi) * np.exp(-x * x),
        special.erfc:      lambda x, y: -2 / np.sqrt(np.pi) * np.exp(-x * x),
        special.ndtr:      lambda x, y: np.exp(-x * x / 2) / np.sqrt(2 * np.pi),
        special.gamma:     lambda x, y: y * special.digamma(x),
        special.gammaln:   lambda x, y: special.digamma(x),
    }  # fmt: skip


def binary():
    """The two partial derivatives of each function of two numbers, from its point (a, b) and its value y.

    Where one is a function itself, it waits until it is asked for: most powers have constant exponents.

    >>> binary()[np.multiply](3.0, 2.0, 6.0)
    (2.0, 3.0)
    """
    return {
        np.add:         lambda a, b, y: (1, 1),
        np.subtract:    lambda a, b, y: (1, -1),
        np.multiply:    lambda a, b, y: (b, a),
        np.divide:      lambda a, b, y: (1 / b, -y / b),
        np.power:       lambda a, b, y: (by_base(a, b), by_exponent(a, y)),
        np.float_power: lambda a, b, y: (by_base(a, b), by_exponent(a, y)),
        np.remainder:   lambda a, b, y: (1, -np.floor(a / b)),
        np.fmod:        lambda a, b, y: (1, -np.trunc(a / b)),
        np.hypot:       lambda a, b, y: (a / y, b / y),
        np.arctan2:     lambda a, b, y: (b / (a*a + b*b), -a / (a*a + b*b)),
        np.logaddexp:   lambda a, b, y: (np.exp(a - y), np.exp(b - y)),
        np.logaddexp2:  lambda a, b, y: (np.exp2(a - y), np.exp2(b - y)),
        np.copysign:    lambda a, b, y: (np.sign(a) * np.sign(y), 0.0),
        special.xlogy:  lambda a, b, y: (np.log(b), a / b),
    }  # fmt: skip


def by_base(a, b):
    """The derivative b·aᵇ⁻¹ of aᵇ by a, when asked for; it is 0 for a constant power 0, even at a = 0."""
    if np.ndim(b) == 0:
        return lambda: b * a ** (b - 1) if b != 0 else 0.0
    return lambda: b * np.power(a, np.where(b == 0, 1.0, np.subtract(b, 1.0)))


def by_exponent(a, y):
    """The derivative aᵇ·log a of aᵇ by b, when asked for; it is 0 at a = 0 for b ≥ 0."""
    return lambda: y * np.log(np.where(a == 0, 1.0, a))


UNARY, BINARY = unary(), binary()

# What changes in jumps has derivative zero wherever it has one: it acts on values, and so do comparisons.
FLAT = {
    np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal,
    np.logical_and, np.logical_or, np.logical_xor, np.logical_not, np.isnan, np.isinf, np.isfinite, np.signbit,
    np.sign, np.floor, np.ceil, np.trunc, np.rint, np.floor_divide, np.heaviside,
}  # fmt: skip

# Which of two the larger or smaller is; at a tie, book/forward.md says what is taken.
EXTREMES = {np.maximum: np.greater, np.fmax: np.greater, np.minimum: np.less, np.fmin: np.less}
