"""Newton's method with products only, and a problem for it. Explained in book/scale.md.

A module beside `jacobians.scale`, since it is another idea: there products are made, here they are used.
"""

from dataclasses import dataclass
from math import isqrt

import numpy as np
from scipy.fft import dstn, idstn
from scipy.sparse.linalg import LinearOperator, gmres

from jacobians.inputs import as_point, as_positive
from jacobians.scale import as_linear_operator


@dataclass
class Root:
    """Where Newton's method came: the point, the norms of f from the start on, and the products with J of each step."""

    x: np.ndarray
    residuals: list
    products: list


def newton(f, x, *, tolerance=1e-10, most=20, solve=None, method="dual"):
    """A root of f by Newton's method, each step of which is solved by GMRES: with products Jt, and no matrix.

    Let q = ‖f(x)‖ / ‖f(x₀)‖. A step is solved to the part min(1/100, q) of its right-hand side: little work far from
    the root, and near it the quadratic convergence of the exact step; but never finer than the tolerance asks for.
    There is no line search: start near enough.

    Args:
        f: a function of a point, shape (n,), to a value, shape (n,).
        x: where to start, shape (n,).
        tolerance: done when the norm of f is at most this part of the norm at the start.
        most: how many steps it may take.
        solve: ``solve(b)`` nearly solves J s = b, shape (n,), to precondition GMRES; None for no preconditioner.
        method: how Jt is made, ``"dual"`` or ``"central"``, as in `as_linear_operator`.

    Returns:
        A `Root`: ``x``, ``residuals`` and ``products``.

    Raises:
        RuntimeError: the steps led away from a root, GMRES did not solve one, f was not finite after one, or ``most``
            steps were not enough; the message names the step.
        TypeError: as in `as_linear_operator`.
        ValueError: as there, and where the value of ``f`` has not the shape of ``x``.

    Source: Dembo, Eisenstat and Steihaug, Inexact Newton Methods, SIAM J. Numer. Anal. 19 (1982), 400 to 408.

    >>> print(newton(lambda x: x**2 - 2, [1.0]).x)
    [1.41421356]
    """
    x, tolerance = as_point(x).copy(), as_positive(tolerance, "tolerance")
    y = as_point(f(x.copy()), "the value of f", x.shape)
    root = Root(x, [float(np.linalg.norm(y))], [])
    while root.residuals[-1] > tolerance * root.residuals[0]:
        step, q = len(root.residuals), root.residuals[-1] / root.residuals[0]
        if step > most:
            left = root.residuals[-1]
            told = f"Newton must end in {most} steps; ‖f‖ is still {left:.1e}"
            raise RuntimeError(told)
        A = as_linear_operator(f, root.x, method=method)
        part = max(min(0.01, q), tolerance / (2 * q))
        root.x = root.x - solution(A, y, solve, part, root.residuals)
        y = value(f, root.x, step)
        root.residuals.append(float(np.linalg.norm(y)))
        root.products.append(A.multiplied)
    return root


def solution(A, y, solve, part, residuals):
    """The s with J s = y but for ``part`` of y; where GMRES finds none, an error says if the steps had led far out."""
    M = None if solve is None else LinearOperator(A.shape, matvec=solve, dtype=float)
    s, stopped = gmres(A, y, rtol=part, atol=0.0, restart=50, maxiter=10, M=M)
    steps, start, now = len(residuals), residuals[0], residuals[-1]
    if stopped and now > start:
        raise RuntimeError(
            f"Newton must come nearer to a root; after step {steps - 1} ‖f‖ is {now:.2g}, was {start:.2g}"
        )
    if stopped:
        raise RuntimeError(f"GMRES must solve step {steps} to {part:.0e} of f; it did not in {A.multiplied} products")
    return s


def value(f, x, step):
    """f(x), which must be finite still after so many steps."""
    try:
        return as_point(f(as_point(x).copy()), "the value of f", x.shape)
    except ValueError as error:
        raise RuntimeError(f"Newton must stay where f is finite; after step {step} {error}") from error


def bratu(u, rate=6.0):
    """The residual of Bratu's problem −Δu = λ eᵘ on the unit square, with u = 0 on its boundary: a self-heating plate.

    Args:
        u: the values at k × k inner points of a grid, row by row, shape (k²,).
        rate: λ; from 6.81 on there is no solution.

    Returns:
        4u less the four neighbours less h² λ eᵘ, with h = 1/(k + 1), shape (k²,).

    Source: :eq:`eq-bratu` of book/scale.md; Bratu, Bulletin de la S. M. F. 42 (1914).

    >>> print(bratu(np.zeros(4)))
    [-0.66666667 -0.66666667 -0.66666667 -0.66666667]
    """
    k = isqrt(len(u))
    U, row, column = u.reshape(k, k), np.zeros((1, k)), np.zeros((k, 1))
    above, below = np.concatenate([row, U[:-1]]), np.concatenate([U[1:], row])
    left = np.concatenate([column, U[:, :-1]], axis=1)
    right = np.concatenate([U[:, 1:], column], axis=1)
    heat = rate / (k + 1) ** 2 * np.exp(U)
    return (4 * U - above - below - left - right - heat).reshape(k * k)


def poisson(b):
    """The solution of the part of `bratu` that is linear: 4u less the four neighbours = b, by the fast sine transform.

    Args:
        b: the right-hand side at k × k inner points, shape (k²,).

    Returns:
        The solution u, shape (k²,). In the basis of sines the system is diagonal, with 4 − 2 cos(iπh)
        − 2 cos(jπh).

    >>> print(poisson(bratu(np.array([1.0, 2.0, 3.0, 4.0]), rate=0.0)).round(6))
    [1. 2. 3. 4.]
    """
    k = isqrt(len(b))
    part = 2 - 2 * np.cos(np.pi * np.arange(1, k + 1) / (k + 1))
    waves = dstn(b.reshape(k, k), type=1) / (part[:, None] + part)
    return idstn(waves, type=1).ravel()
