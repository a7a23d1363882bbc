"""Forward mode: Jacobian-vector products, and whole Jacobians, by dual numbers. Explained in book/forward.md.

`jvp` hands the user's unchanged NumPy function a dual number. In `jacobians.duals`, the array itself stands in `dual`,
the storage of its tangents in `tangents`, and the derivatives, a rule a line, in `rules` and `functions`.
"""

import numpy as np

from jacobians.duals import tangents
from jacobians.duals.dual import Dual, DualArray, packed, two_calls
from jacobians.inputs import as_floats, as_point


def jvp(f, x, t):
    """The value f(x) and the Jacobian-vector product J t, exact, from one evaluation of ``f``.

    At a corner a slope between those on its sides is taken: 0 for abs at 0, that of the constant for the maximum and
    minimum of a dual number and a constant (so 0 for ReLU at 0), the mean for those of two dual numbers.

    Args:
        f: a function written in NumPy, of an array of the shape of ``x`` to an array of any shape.
        x: the point, shape (n,), or any other.
        t: the tangent, of the shape of ``x``; or k tangents, with one more axis at the end, (n, k).

    Returns:
        y = f(x) and J t, of the shape of y; for k tangents with one more axis at the end, (m, k).

    Raises:
        TypeError: ``x`` or ``t`` does not hold real numbers, or ``f`` uses a function that has no rule.
        ValueError: ``x`` or ``t`` is not finite, or ``t`` has another shape; ``f`` or its derivative is not finite.

    Source: :eq:`eq-dual` of book/forward.md.

    >>> def f(x):
    ...     return np.array([x[0] ** 2 + x[1], np.sin(x[0]) * x[1]])
    >>> value, tangent = jvp(f, [1.5, 2.0], [1.0, 0.0])
    >>> print(value, tangent)
    [4.25       1.99498997] [3.        0.1414744]
    """
    x, t = as_floats(x, "x"), as_floats(t, "t")
    if isinstance(x, Dual) or isinstance(t, Dual):
        raise _nested()
    if x.size == 0:
        raise ValueError(f"x must have at least one entry; got shape {x.shape}")
    if t.shape != x.shape and t.shape[:-1] != x.shape:
        raise ValueError(f"t must have the shape of x, {x.shape}, or one more axis for k tangents; got {t.shape}")
    T = np.array(np.moveaxis(t, -1, 0) if t.ndim > x.ndim else t[None], order="C")
    y, T = _evaluate(f, x, T)
    return y, _last(T) if t.ndim > x.ndim else T[0]


def jacobian_forward(f, x):
    """The Jacobian, exact, from one evaluation of ``f``: the n unit vectors are pushed forward together.

    Args:
        f: a function written in NumPy, of a point, shape (n,), to an array of any shape, (m,) for a vector.
        x: the point, shape (n,).

    Returns:
        J, shape (m, n); in general the shape of f(x), followed by (n,), so that a scalar f has its gradient.

    Raises:
        TypeError: ``x`` does not hold real numbers, or ``f`` uses a function that has no rule.
        ValueError: ``x`` is not a finite, one-dimensional, non-empty array; ``f`` or its derivative is not finite.

    Source: :eq:`eq-dual` of book/forward.md.

    >>> def f(x):
    ...     return np.array([x[0] ** 2 + x[1], np.sin(x[0]) * x[1]])
    >>> print(jacobian_forward(f, [1.5, 2.0]))
    [[3.         1.        ]
     [0.1414744  0.99749499]]
    """
    x = as_point(x)
    if isinstance(x, Dual):
        raise _nested()
    return _last(_evaluate(f, x, tangents.units(x.size))[1])


def _evaluate(f, x, T):
    """The value of ``f`` and its dense tangents, shape (k, ...), at the point ``x`` with tangents ``T``."""
    call = object()
    with np.errstate(all="ignore"):  # what is not finite in the end is refused
        y = _collected(f(DualArray(x.copy(), T, call) if x.ndim else Dual(x[()], T, call)))
    if not isinstance(y, Dual):
        y = as_floats(y, "the value of f")
        return y.copy()[()], np.zeros((tangents.count(T), *y.shape))
    if y.call is not call:
        raise two_calls()
    T = tangents.dense(y.tangents)
    as_floats(y.primal, "the value of f")
    with np.errstate(all="ignore"):
        suspect = not np.isfinite(T.sum())
    if suspect:
        for tangent in T:
            as_floats(tangent, "the tangent of f")
    return tuple(a if a.base is None else a.copy() for a in (y.primal, T))  # W x has W itself for its tangents


def _last(T):
    """Dense tangents, counted by their last axis."""
    return T.T if T.ndim <= 2 else np.moveaxis(T, 0, -1)


def _collected(y):
    """What ``f`` returned as one dual array, if any part is dual: lists are stacked, arrays of objects unpacked."""
    if isinstance(y, (list, tuple)):
        parts = [_collected(part) for part in y]
        return np.stack(parts) if any(isinstance(part, Dual) for part in parts) else np.asarray(parts)
    return packed(y) if isinstance(y, np.ndarray) and y.dtype == object else y


def _nested():
    """The error for a call of forward mode inside another."""
    return TypeError("x must hold floats; got the dual numbers of another call: forward mode does not nest here")
