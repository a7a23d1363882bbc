"""Products with a Jacobian that is never made, and what is built of them: Newton's method and singular values."""

from math import isqrt

import numpy as np
from scipy import sparse
from scipy.optimize import newton_krylov
from scipy.sparse.linalg import LinearOperator, spsolve, svds

from benchmarks.bench_jacobian import broyden
from benchmarks.harness import Problem, optional
from jacobians.newton import bratu, newton, poisson
from jacobians.scale import as_linear_operator


def broyden_vjp(x, v):
    zero = np.zeros(1)
    return (3 - 4 * x) * v - np.concatenate([v[1:], zero]) - 2 * np.concatenate([zero, v[:-1]])


def broyden_matrix(x):
    return sparse.diags_array([-np.ones(len(x) - 1), 3 - 4 * x, -2 * np.ones(len(x) - 1)], offsets=[-1, 0, 1]).tocsr()


def bratu_matrix(u, rate=6.0):
    """The sparse matrix of `bratu`, by hand."""
    k = isqrt(len(u))
    line = sparse.diags_array([-np.ones(k - 1), 2 * np.ones(k), -np.ones(k - 1)], offsets=[-1, 0, 1])
    one = sparse.eye_array(k)
    return sparse.kron(line, one) + sparse.kron(one, line) - sparse.diags_array(rate / (k + 1) ** 2 * np.exp(u))


def by_factors(u, tolerance):
    """Newton's method with the sparse matrix, factored in each step."""
    y = bratu(u)
    small = tolerance * np.linalg.norm(y)
    while np.linalg.norm(y) > small:
        u = u - spsolve(bratu_matrix(u).tocsc(), y)
        y = bratu(u)
    return u


def jvp_peers(x, t):
    contenders = {}
    if jax := optional("jax"):
        jx, jt = jax.numpy.asarray(x), jax.numpy.asarray(t)
        push = jax.jit(lambda x, t: jax.jvp(lambda x: broyden(x, jax.numpy), (x,), (t,))[1])
        contenders["JAX jit(jvp)"] = lambda: push(jx, jt)
    if torch := optional("torch"):
        tx, tt = torch.from_numpy(x), torch.from_numpy(t)
        contenders["torch.func.jvp"] = lambda: torch.func.jvp(lambda x: broyden(x, torch), (tx,), (tt,))[1]
    if autograd := optional("autograd"):
        xp = optional("autograd.numpy")
        along = autograd.make_jvp(lambda x: broyden(x, xp))(x)
        contenders["autograd.make_jvp"] = lambda: along(t)[1]
    return contenders


def vjp_peers(x, v):
    contenders = {}
    if jax := optional("jax"):
        jx, jv = jax.numpy.asarray(x), jax.numpy.asarray(v)
        pull = jax.jit(lambda x, v: jax.vjp(lambda x: broyden(x, jax.numpy), x)[1](v)[0])
        contenders["JAX jit(vjp)"] = lambda: pull(jx, jv)
    if torch := optional("torch"):
        tx, tv = torch.from_numpy(x).requires_grad_(), torch.from_numpy(v)
        contenders["torch.func.vjp"] = lambda: torch.func.vjp(lambda x: broyden(x, torch), tx)[1](tv)[0]
    if autograd := optional("autograd"):
        xp = optional("autograd.numpy")
        contenders["autograd.make_vjp"] = lambda: autograd.make_vjp(lambda x: broyden(x, xp))(x)[0](v)
    return contenders


def problems():
    """One product each way, Bratu's plate, and a largest singular value."""
    n = 10**5
    x, t = np.random.default_rng(237).standard_normal((2, n))
    dual, central = (as_linear_operator(broyden, x, vjp=broyden_vjp, method=method) for method in ("dual", "central"))
    matrix = broyden_matrix(x)
    yield Problem(
        "Jt, Broyden tridiagonal, n = 10⁵",
        {"as_linear_operator, dual": lambda: dual @ t, "as_linear_operator, central": lambda: central @ t},
        {"SciPy, sparse matrix made before": lambda: matrix @ t} | jvp_peers(x, t),
        exact=matrix @ t,
        evaluations={"as_linear_operator, dual": 1, "as_linear_operator, central": 2},
    )
    yield Problem(
        "Jᵀv, Broyden tridiagonal, n = 10⁵",
        {"as_linear_operator, vjp by hand": lambda: dual.rmatvec(t)},
        {"SciPy, sparse matrix made before": lambda: matrix.T @ t} | vjp_peers(x, t),
        exact=matrix.T @ t,
    )
    start = np.zeros(100**2)
    small = 1e-9 * np.linalg.norm(bratu(start))
    helped = LinearOperator((len(start), len(start)), matvec=poisson, dtype=float)
    yield Problem(
        "Bratu's plate, 10⁴ unknowns, residual down to 10⁻⁹",
        {
            "newton, dual": lambda: newton(bratu, start, solve=poisson, tolerance=1e-9).x,
            "newton, central": lambda: newton(bratu, start, solve=poisson, tolerance=1e-9, method="central").x,
        },
        {
            "scipy.optimize.newton_krylov, GMRES, the same preconditioner": lambda: newton_krylov(
                bratu, start, method="gmres", inner_M=helped, f_tol=small, tol_norm=np.linalg.norm
            ),
            "Newton with the sparse matrix by hand, factored": lambda: by_factors(start, 1e-9),
        },
        exact=by_factors(start, 1e-11),
    )
    x = x[:1000]
    operator, matrix, v0 = as_linear_operator(broyden, x, vjp=broyden_vjp), broyden_matrix(x), np.ones(1000)
    yield Problem(
        "largest singular value, Broyden tridiagonal, n = 1,000",
        {"svds of as_linear_operator": lambda: svds(operator, k=1, v0=v0)[1]},
        {
            "svds of the sparse matrix": lambda: svds(matrix, k=1, v0=v0)[1],
            "np.linalg.svd of the dense matrix": lambda: np.linalg.svd(matrix.toarray(), compute_uv=False)[:1],
        },
        exact=np.linalg.svd(matrix.toarray(), compute_uv=False)[:1],
    )
