"""The Jacobian of a function that nobody has differentiated. Explained in book/differences.md.

This module has the front door and the dense matrix. Five ideas of their own stand beside it: the difference formulas
(`formulas`), how f is called (`evaluation`), whether f is complex-analytic (`analytic`), which columns share an
evaluation (`colouring`), and how far a result can be trusted (`adaptive`).
"""

from functools import partial

import numpy as np

from jacobians.adaptive import richardson
from jacobians.analytic import watched_value
from jacobians.colouring import as_plan, sparse_jacobian
from jacobians.evaluation import Evaluator, all_finite
from jacobians.formulas import EPS, combined, numerators, stencil, steps
from jacobians.inputs import as_point

MAX_BYTES = 2**26  # 64 MiB
METHODS = ("forward", "central", "central4", "complex", "adaptive", "dual")


def jacobian(f, x, *, method="central", step=None, vectorized=None, sparsity=None, max_bytes=MAX_BYTES):
    """The Jacobian of f at x, by evaluating f near x.

    A **vectorized** f takes k points at once, as the columns of an array of shape (n, k), and returns their k values as
    the columns of one of shape (m, k). Most functions that take a point apart by its first axis do so unchanged:
    ``np.array([x[0]**2 + x[1], np.sin(x[0]) * x[1]])``, ``x[1:] - x[:-1]**2``, ``np.tanh(W @ x)``. What f may not do is
    mix the columns, or count on one point alone: write ``x.sum(axis=0)`` for ``x.sum()``, ``(w * x.T).T`` for
    ``w * x``, ``(W @ x).T + b`` transposed back for ``W @ x + b``, ``np.where`` for ``if``, and ``0 * x[0] + 1`` for a
    constant row. One point is also evaluated alone, and a value that differs is an error. ``None`` means False: no
    trial can prove that f keeps its columns apart.

    Args:
        f: a function of a point, shape (n,), to a value, shape (m,); a list of numbers will do.
        x: the point, shape (n,); integers and single precision are taken as double.
        method: ``"central"``, ``"central4"`` (fourth order), ``"forward"`` (one-sided, for the edge of f's domain),
            ``"complex"`` (exact, for a complex-analytic f), ``"adaptive"`` (finds its step and estimates its error) or
            ``"dual"`` (exact, `jacobians.forward`).
        step: the step in the units of x, one number or shape (n,); negative only for ``"forward"``, which then looks to
            the left; for ``"adaptive"`` the first and largest step. None: for ``"forward"``, ``"central"`` and
            ``"central4"`` the second, the third and the fifth root of ϵ, times ``max(1, |x_j|)``, where ϵ is the
            precision of the type that f returns; for ``"complex"`` ``2**-200``.
        vectorized: whether f is vectorized.
        sparsity: which entries may be nonzero: a dense or sparse array of shape (m, n), a band (lower, upper) of a
            square J, or the plan that `jacobians.colouring.sparsity_plan` makes of one of them.
        max_bytes: how much memory the points and values of one block of evaluations may take.

    Returns:
        J, shape (m, n); with ``sparsity`` a SciPy CSR array; for ``"adaptive"`` a `jacobians.adaptive.Estimate`. A
        difference is divided by the distance of its two points as they are stored, so that the step itself adds no
        rounding.

    Raises:
        TypeError: ``x``, ``step`` or a value of f does not hold real numbers.
        ValueError: ``x`` is not a finite, one-dimensional, non-empty array; an option does not fit; a step is lost
            beside x; f returns a scalar, or another shape from point to point; a vectorized f mixes its columns; an
            entry of J is not finite; or f is seen not to be complex-analytic (see `jacobians.analytic`). What f raises
            goes through, with a note of the point.

    Of the differences ``"adaptive"`` alone sees a kink or a pole: at 0, central differences make 0 of ``|x|``, and 1/h²
    of 1/x.
    Entries outside ``sparsity`` are not seen either: they are added to others, or dropped.

    Source: :eq:`eq-central` of book/jacobian.md;
    :eq:`eq-forward`, :eq:`eq-central4` and :eq:`eq-complex` of book/differences.md.

    >>> def f(x):
    ...     return np.array([x[0] ** 2 + x[1], np.sin(x[0]) * x[1]])
    >>> print(jacobian(f, [1.5, 2.0], method="complex", vectorized=True))
    [[3.         1.        ]
     [0.1414744  0.99749499]]
    """
    x = as_point(x)
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}; got {method!r}")
    if not max_bytes > 0:
        raise ValueError(f"max_bytes must be positive; got {max_bytes}")
    plan = None if sparsity is None else as_plan(sparsity, len(x))
    if method == "dual":
        return _dual(f, x, step, plan)
    if method == "adaptive":
        if plan is not None:
            raise ValueError("method 'adaptive' takes no sparsity; take 'central4' or 'complex'")
        return richardson(f, x, step, vectorized, max_bytes)
    h = steps(x, method, step)
    first = partial(watched_value, step=float(h.max())) if method == "complex" else None
    call = Evaluator(f, vectorized, first, None if plan is None else plan.shape[0])
    J = _found(call, x, h, method, plan, max_bytes)
    if step is None and call.dtype.char in "fe":  # f computes in single or half precision: steps for that
        J = _found(call, x, steps(x, method, eps=float(np.finfo(call.dtype).eps)), method, plan, max_bytes)
    return J


def jvp_numerical(f, x, t):
    """The Jacobian-vector product Jt by a central difference along t: two evaluations of f, and no matrix.

    Args:
        f: a function of a point, shape (n,), to a value, shape (m,).
        x: the point, shape (n,).
        t: the tangent, shape (n,).

    Returns:
        Jt, shape (m,). No component of x is moved by more than the cube root of ϵ times ``max(1, |x_j|)``.

    Raises:
        TypeError: ``x``, ``t`` or a value of f does not hold real numbers.
        ValueError: ``x`` or ``t`` is not finite, or of another shape; f returns a scalar, another shape from point to
            point, or a value that is not finite.

    Source: :eq:`eq-central` of book/jacobian.md, along t.

    >>> x, t = [1.0, 2.0, 3.0], [1.0, 0.0, -1.0]
    >>> print(jvp_numerical(lambda x: x**2, x, t).round(6))
    [ 2.  0. -6.]
    """
    x = as_point(x)
    t = as_point(t, "t", x.shape)
    power = int(np.frexp(np.abs(t).max())[1])
    t = np.ldexp(t, -power)  # of a size near 1: else the step to a tiny tangent overflows
    call = Evaluator(f)
    length = float((np.abs(t) / np.maximum(np.abs(x), 1.0)).max())
    difference, h = _along(call, x, t, length)
    if call.dtype.char in "fe":
        difference, h = _along(call, x, t, length, float(np.finfo(call.dtype).eps))
    return all_finite(np.ldexp(difference / (2 * h), power))


def _along(call, x, t, length, eps=EPS):
    """f(x + ht) − f(x − ht), and h: a power of two that moves no component by more than its step."""
    h = 2.0 ** np.floor(np.log2(eps ** (1 / 3) / length)) if length else 1.0
    return call.value(x + h * t).astype(float) - call.value(x - h * t), h


def _found(call, x, h, method, plan, max_bytes):
    """J by one of the formulas, dense or by a plan."""
    if plan is None:
        return _dense(call, x, h, method, max_bytes)
    return sparse_jacobian(plan, call, x, h, method, max_bytes)


def _dense(call, x, h, method, max_bytes):
    """J by a column of points for each entry of the stencil and each component, in blocks of columns."""
    moved, distances = stencil(x, h, method)
    n, base, J = len(x), method == "forward", None
    build = _columns if call.vectorized else _rows
    width = max(1, int(max_bytes) // (2 * n * moved[0].itemsize * len(moved)))
    for j in range(0, n, width):
        to = min(j + width, n)
        part = numerators(call(build(x, moved, j, to, base)), to - j, method)
        for difference, w in zip(part, distances, strict=True):
            difference /= w[j:to]
        if width >= n:
            return all_finite(combined(part))
        J = np.empty((call.m, n)) if J is None else J
        J[:, j:to] = combined(part)
    return all_finite(J)


def _columns(x, moved, start, stop, base):
    """The points of a block as columns, shape (n, k): component j moved in column j, for each entry of the stencil."""
    b = stop - start
    k = len(moved) * b + base
    points = np.empty((len(x), k), moved[0].dtype)
    points[:] = x[:, None]
    flat = points.reshape(-1)
    for i, to in enumerate(moved):
        first = start * k + i * b
        flat[first : first + b * (k + 1) - k : k + 1] = to[start:stop]  # a diagonal
    return points


def _rows(x, moved, start, stop, base):
    """The points of a block as rows, shape (k, n)."""
    b, n = stop - start, len(x)
    points = np.empty((len(moved) * b + base, n), moved[0].dtype)
    points[:] = x
    flat = points.reshape(-1)
    for i, to in enumerate(moved):
        first = i * b * n + start
        flat[first : first + b * (n + 1) - n : n + 1] = to[start:stop]
    return points


def _dual(f, x, step, plan):
    """J by dual numbers: exact, in one evaluation of f."""
    if step is not None:
        raise ValueError(f"method 'dual' takes no step; got {step}")
    from jacobians import forward

    if plan is None:
        return forward.jacobian_forward(f, x)
    _, tangents = forward.jvp(f, x, plan.seeds())
    if len(tangents) != plan.shape[0]:
        raise ValueError(f"the value of f must have shape ({plan.shape[0]},) at every point; got ({len(tangents)},)")
    return plan.array(all_finite(plan.entries(np.ascontiguousarray(tangents.T), 0, plan.colours)))
