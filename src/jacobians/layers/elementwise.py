"""Layers that act entry by entry: their Jacobian is diagonal, so one slope an entry is all there is to know.

`RULES` is the table, a layer a line. No exponential in it has a positive argument, so none overflows. The slope from y
costs less where y is at hand; the slope from x keeps all its digits where it is tiny. `gated` is ReLU's product.
"""

import numpy as np

from jacobians.layers.arrays import diagonal, fit, fit_out, fit_point, fit_value, namespace
from jacobians.layers.layer import Layer

BLOCK = 2**17  # entries: their mask stays in the second-level cache
BITS = {2: np.int16, 4: np.int32, 8: np.int64}  # an integer of as many bytes as a float
BUFFER = 1024  # entries of the mask that NumPy widens at a time: they stay in the first-level cache


def fall(xp, x):
    """exp(−abs x), from 1 at 0 down to 0."""
    return xp.exp(-abs(x))


def ramp(xp, x, a=0.01):
    """a x where x ≤ 0, and x elsewhere."""
    return xp.where(x <= 0, a * x, x)


def step(xp, x, a=0.01):
    """The slope of `ramp`: a where x ≤ 0, and 1 elsewhere."""
    return xp.where(x <= 0, a, xp.ones_like(x))


def soft_ramp(xp, x):
    """log(1 + exp(x))."""
    return xp.maximum(x, 0) + xp.log1p(fall(xp, x))


def logistic(xp, x):
    """1 / (1 + exp(−x)), with all its digits on both sides of 0."""
    return xp.exp(xp.minimum(x, 0)) / (1 + fall(xp, x))


def bell(xp, x):
    """The slope of `logistic`: e / (1 + e)², where e = exp(−abs x)."""
    e = fall(xp, x)
    return e / (1 + e) ** 2


RULES = {
    # layer         its value f(x)                   its slope f'(x)                       its slope from y
    "relu":       (lambda xp, x: xp.maximum(x, 0),  lambda xp, x: step(xp, x, 0.0),       None),
    "leaky_relu": (ramp,                            step,                                 None),
    "tanh":       (lambda xp, x: xp.tanh(x),        lambda xp, x: 4 * bell(xp, 2 * x),    lambda xp, y: 1 - y * y),
    "sigmoid":    (logistic,                        bell,                                 lambda xp, y: y * (1 - y)),
    "softplus":   (soft_ramp,                       logistic,                             lambda xp, y: -xp.expm1(-y)),
}  # fmt: skip


def elementwise(name, value, slope, from_value, times=None):
    """The `Layer` of a line of `RULES`; ``times`` is its product, where that is more than slope times v.

    Its functions take a point x, shape (...), and give an array of that shape; its Jacobian is that of the last axis,
    shape (..., n, n). The VJP is the JVP, since a diagonal matrix is its own transpose. ``y=`` is the value, if it is
    at hand; ``out=`` is a NumPy array for the answer, which may be x or v itself; further options are the layer's own.

    Raises:
        TypeError: an argument is no array of floats, or ``out`` is not a NumPy array of the right kind.
        ValueError: the tangent, the cotangent, ``y`` or ``out`` has another shape than x.

    >>> layer = elementwise("tanh", *RULES["tanh"])
    >>> print(layer.vjp(np.array([0.0, 1.0]), np.array([1.0, 1.0])).round(4))
    [1.   0.42]
    """

    def slopes(xp, x, y, options):
        return slope(xp, x, **options) if y is None or from_value is None else from_value(xp, y, **options)

    def forward(x, **options):
        return value(namespace(x=x), x, **options)

    def jacobian(x, y=None, **options):
        xp = namespace(x=x)
        fit_point(x)
        fit_value(x, y)
        return diagonal(xp, slopes(xp, x, y, options))

    def product(xp, x, v, y, out, options):
        fit_value(x, y)
        if out is not None:
            fit_out(xp, out, v)
        if times is not None:
            return times(xp, x, v, out, **options)
        s = slopes(xp, x, y, options)
        return s * v if out is None else np.multiply(s, v, out=out)

    def jvp(x, t, *, y=None, out=None, **options):
        xp = namespace(x=x, t=t)
        fit("t", t, x.shape, "x")
        return product(xp, x, t, y, out, options)

    def vjp(x, v, *, y=None, out=None, **options):
        xp = namespace(x=x, v=v)
        fit("v", v, x.shape, "the value")
        return product(xp, x, v, y, out, options)

    def pullback(x, **options):
        y = forward(x, **options)
        return y, lambda v, out=None: vjp(x, v, y=y, out=out, **options)

    return Layer(name, forward, jacobian, jvp, vjp, pullback)


def gated(xp, x, v, out=None):
    """v, and 0 where x ≤ 0: ReLU's Jᵀv, for NumPy at the pace of its memory.

    A mask of bits does what a product with 0 and 1 cannot: 0 · ∞ is NaN, but ∞ with all its bits cleared is 0. It is
    made and used a block at a time, a byte an entry.

    Args:
        xp: the functions of the library.
        x: the point, floats of any shape.
        v: the cotangent, of that shape.
        out: where to put the answer, if not into a new array; x or v may serve.

    Returns:
        Jᵀv, of the shape of x.

    >>> x = np.array([-1.0, 0.0, 2.0, np.nan])
    >>> print(gated(np, x, np.array([np.inf, 6.0, 7.0, 8.0])))
    [0. 0. 7. 8.]
    """
    if not (type(x) is type(v) is np.ndarray):
        return xp.where(x <= 0, 0.0, v)
    if out is not None and _meet(out, x, v):
        x, v = x.copy(), v.copy()
    contiguous = x.shape and x.flags.c_contiguous and v.flags.c_contiguous and (out is None or out.flags.c_contiguous)
    if not (contiguous and x.dtype == v.dtype and x.itemsize in BITS):
        return np.positive(np.where(x <= 0, 0.0, v), out=out)
    if x.size <= BLOCK:
        return _gate(x, v, out)
    out = np.empty_like(v) if out is None else out
    mask, blocks = np.empty(BLOCK, bool), [a.reshape(-1) for a in (x, v, out)]
    size = np.setbufsize(BUFFER)
    try:
        for i in range(0, x.size, BLOCK):
            _gate(*(a[i : i + BLOCK] for a in blocks), mask[: x.size - i])
    finally:
        np.setbufsize(size)
    return out


def _meet(out, x, v):
    """True if ``out`` may share memory with x or v without being that very array; arrays that own theirs cannot."""
    if out.base is x.base is v.base is None:
        return False
    return (out is not x and np.may_share_memory(out, x)) or (out is not v and np.may_share_memory(out, v))


def _gate(x, v, out, mask=None):
    """`gated` for contiguous arrays that the cache can hold."""
    bits = BITS[x.itemsize]
    gate = np.less_equal(x, 0, out=mask).view(np.int8)
    np.subtract(gate, 1, out=gate)  # 0, no bits, or -1, all of them, however wide the integer
    return np.bitwise_and(v.view(bits), gate, out=None if out is None else out.view(bits)).view(v.dtype)


relu, leaky_relu, tanh, sigmoid, softplus = (
    elementwise(name, *rule, gated if name == "relu" else None) for name, rule in RULES.items()
)
