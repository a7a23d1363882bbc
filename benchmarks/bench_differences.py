"""Jacobians of a black box, dense and by colours, beside what a user would pick instead. A vectorized f throughout."""

from dataclasses import replace

import numpy as np
from scipy import sparse
from scipy.differentiate import jacobian as scipy_jacobian
from scipy.optimize._numdiff import approx_derivative, group_columns

from benchmarks.harness import Problem, digits, optional
from benchmarks.peers import automatic, stepping
from jacobians.colouring import sparsity_plan
from jacobians.differences import jacobian
from jacobians.jacobian import jacobian_analytical, jacobian_numerical

METHODS = {"forward": "2-point", "central": "3-point", "complex": "cs"}  # ours: SciPy's name of it
POINTS = {  # how many points f is evaluated at; a vectorized f is tried at one more
    "forward": lambda n: n + 2,
    "central": lambda n: 2 * n + 1,
    "central4": lambda n: 4 * n + 1,
    "complex": lambda n: n + 1,
    "dual": lambda n: 1,
}


def example(x, xp=np):
    return xp.stack([x[0] ** 2 + x[1], xp.sin(x[0]) * x[1]])


def rosenbrock(x, xp=np):
    return xp.concatenate([10 * (x[1:] - x[:-1] ** 2), 1 - x[:-1]])


def rosenbrock_exact(x):
    n = len(x)
    return np.vstack([10 * np.eye(n - 1, n, 1) - 20 * x[:-1, None] * np.eye(n - 1, n), -np.eye(n - 1, n)])


def broyden(x, xp=np):
    zero = 0 * x[:1]
    return (3 - 2 * x) * x - xp.concatenate([zero, x[:-1]]) - 2 * xp.concatenate([x[1:], zero]) + 1


def broyden_exact(x):
    n = len(x)
    return sparse.diags_array([-np.ones(n - 1), 3 - 4 * x, -2 * np.ones(n - 1)], offsets=[-1, 0, 1], format="csr")


def tanh_layer(W):
    """tanh(Wx), with the weights of each library's own kind."""

    def layer(x, xp=np):
        own = {"torch": "as_tensor"}.get(xp.__name__, "asarray")
        return xp.tanh(getattr(xp, own)(W) @ x)

    return layer


def dense_peers(f, x, slow):
    """Each peer's own way to the whole matrix; the slow ones only where they end."""
    contenders = {
        f"SciPy approx_derivative, {name}": lambda name=name: approx_derivative(f, x, method=name)
        for name in METHODS.values()
    }
    if slow:
        contenders["scipy.differentiate.jacobian"] = lambda: scipy_jacobian(f, x).df
        contenders |= stepping(f, x)
    contenders |= automatic(f, x)
    if jax := optional("jax"):
        for name in ("jacfwd", "jacrev"):
            jx, compiled = jax.numpy.asarray(x), jax.jit(getattr(jax, name)(lambda x: f(x, jax.numpy)))
            compiled(jx).block_until_ready()
            contenders[f"JAX jit({name})"] = lambda g=compiled, jx=jx: g(jx).block_until_ready()
    return contenders


def dense(name, f, x, exact, goal="", loop=False):
    """A dense problem: each of our methods in one call of f, beside each peer."""
    ours = {m: lambda m=m: jacobian(f, x, method=m, vectorized=True) for m in POINTS if m != "dual"}
    ours["dual"] = lambda: jacobian(f, x, method="dual")
    evaluations = {m: count(len(x)) for m, count in POINTS.items()}
    if len(x) <= 100:
        ours["adaptive"] = lambda: jacobian(f, x, method="adaptive", vectorized=True).J
    if loop:
        ours["central, not vectorized"] = lambda: jacobian(f, x)
        ours["jacobian_numerical, a plain loop"] = lambda: jacobian_numerical(f, x)
        evaluations |= {"central, not vectorized": 2 * len(x), "jacobian_numerical, a plain loop": 2 * len(x) + 1}
    return Problem(name, ours, dense_peers(f, x, len(x) <= 100), exact, evaluations, goal)


def tridiagonal(n):
    """Broyden's function with its pattern known, coloured before the clock starts."""
    x = np.random.default_rng(237).standard_normal(n)
    exact = broyden_exact(x)
    plan, pattern = sparsity_plan((1, 1), n), sparse.csr_matrix(exact != 0)
    groups = group_columns(pattern, np.arange(n))
    ours = {m: lambda m=m: jacobian(broyden, x, method=m, sparsity=plan) for m in POINTS}
    peers = {
        f"SciPy approx_derivative, {name}": lambda name=name: approx_derivative(
            broyden, x, method=name, sparsity=(pattern, groups)
        )
        for name in METHODS.values()
    }
    jax, sparsejac = optional("jax"), optional("sparsejac")
    if jax and sparsejac:
        from jax.experimental.sparse import BCOO

        jx, f = jax.numpy.asarray(x), lambda x: broyden(x, jax.numpy)
        compiled = jax.jit(sparsejac.jacfwd(f, BCOO.from_scipy_sparse(sparse.coo_matrix(pattern))))
        compiled(jx).data.block_until_ready()

        def into_csr():
            J = compiled(jx)
            return sparse.coo_array((np.asarray(J.data), np.asarray(J.indices).T), shape=(n, n)).tocsr()

        peers["sparsejac on JAX, into CSR"] = into_csr
        peers["sparsejac on JAX, as it comes"] = lambda: jax.block_until_ready(compiled(jx))
    evaluations = {"forward": 4, "central": 6, "central4": 12, "complex": 3, "dual": 1}
    goal = "10 times as fast as approx_derivative of the same method; level with sparsejac"
    return Problem(f"Broyden tridiagonal, n = {digits(n)}, sparse", ours, peers, exact, evaluations, goal)


def problems():
    """The problems of the book's tables, small to large."""
    rng = np.random.default_rng(237)
    x = np.array([1.5, 2.0])
    yield dense("worked example, 2 × 2", example, x, jacobian_analytical(x), "no slower than the plain loop", loop=True)
    for n in (10, 1000):
        x = rng.standard_normal(n)
        yield dense(f"Rosenbrock residuals, n = {digits(n)}", rosenbrock, x, rosenbrock_exact(x))
    x = rng.standard_normal(100)
    goal = "15 times as fast as scipy.differentiate, numdifftools and jacobi; twice as fast as approx_derivative"
    yield dense("Broyden tridiagonal, n = 100, dense", broyden, x, broyden_exact(x).toarray(), goal, loop=True)
    for n in (10, 100, 1000):
        W, x = rng.standard_normal((n, n)) / np.sqrt(n), rng.standard_normal(n)
        y = np.tanh(W @ x)
        yield dense(f"tanh layer, n = m = {digits(n)}, dense", tanh_layer(W), x, ((1 - y) * (1 + y))[:, None] * W, goal)
    for n in (10**4, 10**5):
        yield tridiagonal(n)
    yield whole_tridiagonal(10**4)


def whole_tridiagonal(n):
    """Broyden's function as if nobody knew its pattern: 8 n² bytes for each contender, so only the quick ones."""
    x = np.random.default_rng(237).standard_normal(n)
    all_of_them = dense(f"Broyden tridiagonal, n = {digits(n)}, dense", broyden, x, broyden_exact(x).toarray())
    quick = ("forward", "complex", "dual", "JAX jit(jacfwd)", "SciPy approx_derivative, 2-point")
    kept = {key: {label: value for label, value in getattr(all_of_them, key).items() if label in quick}
            for key in ("ours", "peers", "evaluations")}  # fmt: skip
    return replace(all_of_them, **kept)
