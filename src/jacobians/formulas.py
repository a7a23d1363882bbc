"""The difference formulas: where f is evaluated, and what becomes of its values. Explained in book/differences.md.

Serves `differences` for a dense Jacobian, and `colouring` for a sparse one.
"""

import numpy as np

from jacobians.inputs import as_floats

EPS = 2.0**-52  # the distance from 1 to the next double
POWER = {  # the default step is ϵ to this power, times max(1, |x_j|)
    "forward":  1 / 2,  # (f(x + h) − f(x)) / h
    "central":  1 / 3,  # (f(x + h) − f(x − h)) / 2h = D(h)
    "central4": 1 / 5,  # (4 D(h) − D(2h)) / 3
}  # fmt: skip
STEP = {method: np.array(EPS**power) for method, power in POWER.items()}
ONE = np.array(1.0)  # quicker beside another array than a float is
COMPLEX_STEP = 2.0**-200  # Im f(x + ih) / h: so small that h² is lost beside 1, and a power of two


def steps(x, method, step=None, eps=EPS):
    """The step of each component: the default of the method, or the one given, checked.

    Args:
        x: the point, shape (n,), floats.
        method: ``"forward"``, ``"central"``, ``"central4"`` or ``"complex"``.
        step: one number or shape (n,), in the units of x; None is the default.
        eps: the precision that f computes in.

    Returns:
        h, shape (n,).

    Raises:
        TypeError: ``step`` does not hold real numbers.
        ValueError: ``step`` is zero, of another shape, or lost beside x; or negative, and the method
            not ``"forward"``.

    >>> print(steps(np.array([0.5, 100.0]), "forward"))
    [1.49011612e-08 1.49011612e-06]
    """
    if step is None:
        if method == "complex":
            return np.broadcast_to(COMPLEX_STEP, x.shape)
        if eps == EPS:
            return STEP[method] * np.maximum(np.abs(x), ONE)
        h = eps ** POWER[method] * np.maximum(np.abs(x), ONE)
        return 2.0 ** np.round(np.log2(h))  # a power of two: x + h is exact in the precision of f, too
    h = as_floats(step, "step")
    if h.shape not in ((), x.shape):
        raise ValueError(f"step must be one number or have shape {x.shape}; got shape {h.shape}")
    if (h == 0).any() or (method != "forward" and (h < 0).any()):
        expected = "not be zero" if method == "forward" else f"be positive for method {method!r}"
        raise ValueError(f"step must {expected}; got {h[h <= 0].flat[0]}")
    h = np.broadcast_to(h, x.shape)
    lost = x + h == x
    if method != "complex" and lost.any():
        j = int(lost.argmax())
        raise ValueError(f"step must change x; {h[j]} is lost beside {x[j]} at index {j}")
    return h


def stencil(x, h, method):
    """Where each component is moved to, a list of arrays like x, and the distances to divide by, another.

    A distance is that of the two points as they are stored, so that the step adds no rounding of its own.

    >>> stencil(np.array([1.0]), np.array([0.25]), "central")
    ([array([1.25]), array([0.75])], [array([0.5])])
    """
    if method == "complex":
        return [x + 1j * h], [h]
    right = x + h
    if method == "forward":
        return [right], [right - x]
    left = x - h
    if method == "central":
        return [right, left], [right - left]
    right2, left2 = x + 2 * h, x - 2 * h
    return [right, left, right2, left2], [right - left, right2 - left2]


def numerators(values, b, method):
    """The differences of values, each of shape (m, b), that the distances of `stencil` divide.

    Args:
        values: shape (m, k): b columns for each entry of `stencil`; forward differences have f(x) last.
        b: how many columns of J are found.
        method: as in `stencil`.
    """
    if method == "complex":
        return [values.imag.copy()]
    if method == "central4":
        return [values[:, :b] - values[:, b : 2 * b], values[:, 2 * b : 3 * b] - values[:, 3 * b :]]
    return [values[:, :b] - values[:, b:]]


def combined(quotients):
    """One quotient as it is; of D(h) and D(2h), the combination that is free of the error of order h²."""
    return quotients[0] if len(quotients) == 1 else quotients[0] + (quotients[0] - quotients[1]) / 3
