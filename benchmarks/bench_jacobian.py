"""The matrix as the chapter teaches it, by hand and by a plain loop, beside what a user would pick instead."""

import numpy as np
from scipy import sparse
from scipy.differentiate import jacobian as scipy_jacobian
from scipy.optimize._numdiff import approx_derivative

from benchmarks.harness import Problem, digits, optional
from benchmarks.peers import automatic, stepping
from jacobians.jacobian import f_vec, jacobian_analytical, jacobian_numerical


def seed_loop(f, x, h=1e-5):
    """The seed's loop, without the checks of `jacobian_numerical`."""
    J = np.zeros((len(f(x)), len(x)))
    for j in range(len(x)):
        plus, minus = x.copy(), x.copy()
        plus[j] += h
        minus[j] -= h
        J[:, j] = (f(plus) - f(minus)) / (2 * h)
    return J


def example(x, xp=np):
    """The worked example, for any array library and any number of points side by side."""
    return xp.stack([x[0] ** 2 + x[1], xp.sin(x[0]) * x[1]])


def rosenbrock(x, xp=np):
    """Residuals of the extended Rosenbrock function, 10 (x₂ᵢ − x₂ᵢ₋₁²) and 1 − x₂ᵢ₋₁: n inputs, n outputs."""
    return xp.concatenate([10 * (x[1::2] - x[0::2] ** 2), 1 - x[0::2]])


def rosenbrock_exact(x):
    i = np.arange(len(x) // 2)
    J = np.zeros((len(x), len(x)))
    J[i, 2 * i], J[i, 2 * i + 1], J[i + len(i), 2 * i] = -20 * x[0::2], 10.0, -1.0
    return J


def broyden(x, xp=np):
    """Broyden's tridiagonal function (3 − 2xᵢ) xᵢ − xᵢ₋₁ − 2xᵢ₊₁ + 1, with zeros outside."""
    zero = 0 * x[:1]
    return (3 - 2 * x) * x - xp.concatenate([zero, x[:-1]]) - 2 * xp.concatenate([x[1:], zero]) + 1


def broyden_exact(x):
    return sparse.diags_array([-np.ones(len(x) - 1), 3 - 4 * x, -2 * np.ones(len(x) - 1)], offsets=[-1, 0, 1]).toarray()


def peers(f, x):
    """What a user would pick instead, each in its own way to the whole matrix."""
    contenders = {
        "SciPy approx_derivative, 3-point": lambda: approx_derivative(f, x, method="3-point"),
        "SciPy approx_derivative, cs": lambda: approx_derivative(f, x, method="cs"),
        "scipy.differentiate.jacobian": lambda: scipy_jacobian(f, x).df,
    }
    contenders |= stepping(f, x)
    if numdiff := optional("statsmodels.tools.numdiff"):
        contenders["statsmodels approx_fprime, centered"] = lambda: numdiff.approx_fprime(x, f, centered=True)
    contenders |= automatic(f, x)
    if jax := optional("jax"):
        jx, compiled = jax.numpy.asarray(x), jax.jit(jax.jacrev(lambda x: f(x, jax.numpy)))
        compiled(jx)
        contenders["JAX jit(jacrev)"] = lambda: compiled(jx)
    return contenders


def problems():
    """The worked example, Rosenbrock's function and Broyden's."""
    x = np.array([1.5, 2.0])
    yield Problem(
        "worked example, 2 × 2",
        {
            "jacobian_analytical, by hand": lambda: jacobian_analytical(x),
            "jacobian_numerical, a plain loop": lambda: jacobian_numerical(f_vec, x),
        },
        {"the seed's loop": lambda: seed_loop(example, x)} | peers(example, x),
        exact=jacobian_analytical(x),
        evaluations={"jacobian_analytical, by hand": 0, "jacobian_numerical, a plain loop": 5, "the seed's loop": 5},
    )
    for name, f, exact, n in [
        ("Rosenbrock residuals", rosenbrock, rosenbrock_exact, 10),
        ("Broyden tridiagonal, dense", broyden, broyden_exact, 100),
        ("Rosenbrock residuals", rosenbrock, rosenbrock_exact, 1000),
    ]:
        x = np.random.default_rng(237).standard_normal(n)
        yield Problem(
            f"{name}, n = {digits(n)}",
            {"jacobian_numerical, a plain loop": lambda f=f, x=x: jacobian_numerical(f, x)},
            {"the seed's loop": lambda f=f, x=x: seed_loop(f, x)} | peers(f, x),
            exact=exact(x),
            evaluations={"jacobian_numerical, a plain loop": 2 * n + 1, "the seed's loop": 2 * n + 1},
        )
