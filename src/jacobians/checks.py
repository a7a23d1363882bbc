"""Is a derivative right? Checks of a Jacobian, a JVP, a VJP or a determinant that was written by hand.

To judge, a check needs f alone: `jacobians.slopes` finds its slopes along directions t, which are Jt by their own
definition. They are compared with the claim, for the first 32 inputs and outputs one by one, and along seeded
random directions for all of them: for a VJP this is the dot-product test ⟨Jᵀv, t⟩ = ⟨v, Jt⟩. A right claim returns
nothing. A wrong one raises `CheckError`, whose message names the worst entry, what was expected and what came, how fast
the remainder in Taylor's theorem falls, and what such an error often means (`jacobians.hints`).

A difference counts if it is larger than 8 times the measured error of the slope, plus √ϵ of the entry and of its
neighbours; ϵ is the precision of x or of f(x), whichever is coarser. What the rounding of f hides, no check sees.

========================== ========================================================================================
bad input                  answer
========================== ========================================================================================
x of integers, a list      taken as floats; ``float32`` stays, and is judged by its own precision
x empty, NaN, half, text   ``ValueError`` or ``TypeError``, naming what was expected
f(x) raises                its own exception
f(x) is NaN or infinite    ``ValueError``
f raises beside x          that step is left out; at the edge of the domain of f, one-sided slopes are taken
f has a corner at x        `CheckError`: there is no derivative to compare with
the claim's shape is wrong `CheckError`, with both shapes
the claim is NaN, complex  `CheckError`
the claim is too coarse    `CheckError`: ``float32`` where x and f(x) are ``float64``
========================== ========================================================================================
"""

import numpy as np

from jacobians.hints import DETERMINANT, Entries, explain
from jacobians.inputs import as_floats
from jacobians.slopes import MOST, directions, measured


class CheckError(AssertionError):
    """A claimed derivative is not the derivative of f."""


def check_jacobian(f, jac, x, *, seed=237):
    """Check that ``jac(x)`` is the Jacobian of ``f`` at ``x``, entry by entry.

    Args:
        f: a function of a point, an array of the shape of ``x``, to an array of any shape, m entries.
        jac: a function of the point to the matrix, shape (m, n), or the shape of f(x) followed by that of ``x``.
        x: the point, of any shape, n entries.
        seed: of the point nearby at which an explanation is tried once more.

    Raises:
        CheckError: the claim is wrong.
        TypeError: ``x`` does not hold real numbers of single or double precision.
        ValueError: ``x`` is empty or not finite; or ``f`` is not finite there.

    >>> f = lambda x: np.array([x[0] ** 2 + x[1], x[1] * np.sin(x[0])])
    >>> jac = lambda x: np.array([[2 * x[0], 1], [np.cos(x[0]), np.sin(x[0])]])
    >>> check_jacobian(f, jac, [1.5, 3.0])
    Traceback (most recent call last):
    jacobians.checks.CheckError: J[1, 0] must be 0.2122116; got 0.0707372. 1 of 4 entries is wrong.
    The remainder f(x + h t) - f(x) - h J t falls as h^1.0; with the right J it falls as h^2.
    This often means: a missing factor x[1] in entry [1, 0].
    """

    def _entries(x):
        seen = measured(f, x, np.eye(x.size))
        shape = (seen.y.size, x.size)
        J = claimed(jac(x.copy()), "J", [shape, seen.y.shape + x.shape], seen).reshape(shape)
        return Entries(seen, J, seen.slopes, seen.tolerances, *shape, "J[{i}, {j}]")

    judge(_entries, x, seed)


def check_jvp(f, jvp, x, *, seed=237):
    """Check that ``jvp(x, t)`` is Jt, for tangents t with a single 1 and for random ones.

    Args:
        f: a function of a point, an array of the shape of ``x``, to an array of any shape.
        jvp: a function of the point and a tangent of its shape, to an array of the shape of f(x).
        x: the point, of any shape.
        seed: of the random tangents.

    Raises:
        CheckError: the claim is wrong.
        TypeError: ``x`` does not hold real numbers of single or double precision.
        ValueError: ``x`` is empty or not finite; or ``f`` is not finite there.

    >>> check_jvp(np.sin, lambda x, t: np.cos(x) * t, [0.5, 1.0])
    """

    def _entries(x):
        seen = measured(f, x, directions(x, seed))
        given = [t.astype(x.dtype).reshape(x.shape) for t in seen.tangents]
        Jt = np.stack([claimed(jvp(x.copy(), t), "Jt", [seen.y.shape], seen).ravel() for t in given], axis=1)
        sizes = seen.y.size, min(x.size, MOST)
        return Entries(seen, Jt, seen.slopes, seen.tolerances, *sizes, "(Jt)[{i}] for {t}")

    judge(_entries, x, seed)


def check_vjp(f, vjp, x, *, seed=237):
    """Check that ``vjp(x, v)`` is Jᵀv, by the dot-product test ⟨Jᵀv, t⟩ = ⟨v, Jt⟩ with Jt from ``f``.

    Args:
        f: a function of a point, an array of the shape of ``x``, to an array of any shape.
        vjp: a function of the point and a cotangent of the shape of f(x), to an array of the shape of ``x``.
        x: the point, of any shape.
        seed: of the random tangents and cotangents.

    Raises:
        CheckError: the claim is wrong.
        TypeError: ``x`` does not hold real numbers of single or double precision.
        ValueError: ``x`` is empty or not finite; or ``f`` is not finite there.

    >>> check_vjp(np.sin, lambda x, v: -np.cos(x) * v, [0.5, 1.0])
    Traceback (most recent call last):
    jacobians.checks.CheckError: (Jᵀv)[0] for v = e[0] must be 0.8775826; got -0.8775826. 2 of 4 entries are wrong.
    The remainder f(x + h t) - f(x) - h J t falls as h^1.0; with the right J it falls as h^2.
    This often means: the opposite sign.
    """

    def _entries(x):
        seen = measured(f, x, directions(x, seed))
        V = directions(1 / np.maximum(np.abs(seen.slopes).max(axis=1), seen.precision), seed + 1)
        given = [v.astype(np.result_type(seen.y, np.float32)).reshape(seen.y.shape) for v in V]
        W = np.stack([claimed(vjp(x.copy(), v), "Jᵀv", [x.shape], seen).ravel() for v in given])
        tolerance = np.abs(V) @ seen.tolerances + 8 * seen.precision * np.abs(W) @ np.abs(seen.tangents.T)
        sizes = min(seen.y.size, MOST), min(x.size, MOST)
        turned = W.reshape(-1, *x.shape).swapaxes(1, 2).reshape(W.shape) @ seen.tangents.T if square(x) else None
        return Entries(seen, W @ seen.tangents.T, V @ seen.slopes, tolerance, *sizes, "(Jᵀv)[{j}] for {v}", V, turned)

    judge(_entries, x, seed)


def check_determinant(f, det, x, *, seed=237):
    """Check that ``det(x)`` is the determinant of the Jacobian of ``f`` at ``x``, its sign included.

    Args:
        f: a function of a point, shape (n,), to a point, shape (n,).
        det: a function of the point to one number.
        x: the point, shape (n,).
        seed: of the point nearby at which an explanation is tried once more.

    Raises:
        CheckError: the claim is wrong.
        TypeError: ``x`` does not hold real numbers of single or double precision.
        ValueError: ``x`` is empty or not finite; ``f`` is not finite there; or f(x) has more or fewer entries than x.

    >>> f = lambda u: u[0] * np.array([np.cos(u[1]), np.sin(u[1])])
    >>> check_determinant(f, lambda u: 1.0, [2.0, 0.5])
    Traceback (most recent call last):
    jacobians.checks.CheckError: det J must be 2; got 1.
    This often means: a missing factor x[0].
    """

    def _entries(x):
        seen = measured(f, x, np.eye(x.size))
        if seen.y.size != x.size:
            raise ValueError(f"f must have as many values as x has entries, {x.size}; got {seen.y.size}")
        value = claimed(det(x.copy()), "det J", [(), (1,)], seen).reshape(1, 1)
        expected, cofactors = determinant(seen.slopes)
        tolerance = np.sum(np.abs(cofactors) * seen.tolerances) + x.size * seen.precision * np.abs(expected)
        return Entries(seen, value, expected.reshape(1, 1), tolerance.reshape(1, 1), 1, 1, DETERMINANT)

    judge(_entries, x, seed)


def square(x):
    """True for a square matrix, which may be transposed by mistake without a change of shape."""
    return x.ndim == 2 and x.shape[0] == x.shape[1]


def judge(entries, x, seed):
    """Raise `CheckError` if the ``entries`` at ``x`` do not agree; an explanation must also hold at a point nearby."""
    x = point(x)
    here = entries(x)
    if here.seen.jumps.any():
        raise CheckError(here.corner())
    if not (here.off > 1).any():
        return
    rng = np.random.default_rng(seed)
    try:
        there = [entries(x + (0.1 * np.where(x == 0, 1, x) * rng.uniform(0.5, 1, x.shape)).astype(x.dtype))]
    except Exception:  # outside the domain of f, or of the claim: then one point must do
        there = []
    raise CheckError(explain([here, *there]))


def point(x):
    """``x`` as a point of any shape, in its own precision."""
    floats = as_floats(x, "x")
    if not floats.size:
        raise ValueError(f"x must have at least one entry; got shape {floats.shape}")
    kind = getattr(x, "dtype", floats.dtype)
    if kind == np.float16:
        raise TypeError("x must have single or double precision; got float16")
    return floats.astype(np.float32 if kind == np.float32 else float)


def claimed(value, name, shapes, seen):
    """A claim as an array of floats, of one of the ``shapes``, and as fine as x and f(x)."""
    value = np.asarray(value)
    if value.shape not in shapes:
        missing = len(value.shape) == len(shapes[0]) and value.size < np.prod(shapes[0])
        often = "a transpose" if value.shape == shapes[0][::-1] else "a row or a column left out" if missing else ""
        often = f"\nThis often means: {often}." if often else ""
        raise CheckError(f"{name} must have shape {shapes[0]}; got {value.shape}.{often}")
    if value.dtype.kind not in "buif":
        raise CheckError(f"{name} must hold real numbers; got dtype {value.dtype}.")
    if value.dtype.kind == "f" and np.finfo(value.dtype).eps > seen.precision:
        wanted = min((seen.x.dtype, seen.y.dtype), key=lambda kind: kind.itemsize)
        raise CheckError(f"{name} must have dtype {wanted}, as x and f(x) do; got {value.dtype}, which loses digits.")
    value = value.astype(float)
    if not np.isfinite(value).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(value))[0])
        often = "a division by zero, or 0 times infinity, at an entry of x that is 0"
        often = f"\nThis often means: {often}." if (seen.x == 0).any() else ""
        raise CheckError(f"{name} must be finite; got {value[where]} at {list(where)}.{often}")
    return value


def determinant(J):
    """det J and its derivatives by each entry: det U det V · U S Vᵀ, S diagonal, of the products of the other σ."""
    U, sigma, Vt = np.linalg.svd(J)
    others = [np.prod(np.delete(sigma, i)) for i in range(len(sigma))]
    return np.linalg.det(J), np.linalg.det(U) * np.linalg.det(Vt) * (U * others) @ Vt
