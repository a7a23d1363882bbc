"""Whole Jacobians by dual numbers, from the user's unchanged NumPy function, beside compiled and interpreted peers."""

import numpy as np

from benchmarks.harness import Problem, digits, optional
from jacobians.forward import jacobian_forward, jvp


def example(xp):
    return lambda x: xp.stack([x[0] ** 2 + x[1], xp.sin(x[0]) * x[1]])


def rosenbrock(xp):
    return lambda x: xp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def broyden(xp):
    return lambda x: (3 - 2 * x) * x + 1 - xp.concatenate([0 * x[:1], x[:-1]]) - 2 * xp.concatenate([x[1:], 0 * x[:1]])


def tanh_layer(W, b):
    """Of each library's own arrays, so that nothing is converted while it is timed."""

    def layer(xp):
        own = {"torch": "as_tensor"}.get(xp.__name__, "asarray")
        weights, bias = getattr(xp, own)(W), getattr(xp, own)(b)
        return lambda x: xp.tanh(weights @ x + bias)

    return layer


def rosenbrock_exact(x):
    gradient = np.zeros_like(x)
    gradient[:-1] = -400 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2 * (1 - x[:-1])
    gradient[1:] += 200 * (x[1:] - x[:-1] ** 2)
    return gradient


def broyden_exact(x):
    return np.diag(3 - 4 * x) - np.diag(np.ones(len(x) - 1), -1) - 2 * np.diag(np.ones(len(x) - 1), 1)


def peers(f, x):
    """The same function in each library, compiled before where it compiles."""
    contenders = {}
    if jax := optional("jax"):
        own = f(jax.numpy)
        for name in ("jacfwd", "jacrev"):
            compiled, point = jax.jit(getattr(jax, name)(own)), jax.numpy.asarray(x)
            compiled(point).block_until_ready()
            contenders[f"JAX jit({name})"] = lambda g=compiled, point=point: g(point).block_until_ready()
    if torch := optional("torch"):
        own, point = f(torch), torch.as_tensor(x)
        contenders["torch.func.jacfwd"] = lambda own=own: torch.func.jacfwd(own)(point)
        contenders["torch.func.jacrev"] = lambda own=own: torch.func.jacrev(own)(point)
    if autograd := optional("autograd"):
        derivative = autograd.jacobian(f(optional("autograd.numpy")))
        contenders["autograd.jacobian"] = lambda: derivative(x)
    return contenders


def problem(name, f, x, exact, goal=""):
    own = f(np)
    ours = {"jacobian_forward": lambda: jacobian_forward(own, x)}
    return Problem(name, ours, peers(f, x), exact, {"jacobian_forward": 1}, goal)


def problems():
    """The worked example, a tanh layer, Rosenbrock's gradient, Broyden's tridiagonal function."""
    rng = np.random.default_rng(237)
    x = np.array([1.5, 2.0])
    yield problem("worked example, 2 × 2", example, x, np.array([[2 * x[0], 1.0], [x[1] * np.cos(x[0]), np.sin(x[0])]]))
    for n in (10, 100, 1000):
        W, b, x = rng.standard_normal((n, n)) / np.sqrt(n), rng.standard_normal(n), rng.standard_normal(n)
        y = np.tanh(W @ x + b)
        exact = ((1 - y) * (1 + y))[:, None] * W
        yield problem(
            f"tanh layer, n = m = {digits(n)}, dense", tanh_layer(W, b), x, exact, "ahead of compiled JAX at 1,000"
        )
    for n in (10, 1000):
        x = rng.standard_normal(n)
        yield problem(f"Rosenbrock, gradient, n = {digits(n)}", rosenbrock, x, rosenbrock_exact(x))
    x = rng.standard_normal(100)
    yield problem("Broyden tridiagonal, n = 100, dense, by dual numbers", broyden, x, broyden_exact(x))
    x, T = rng.standard_normal(10**5), np.asfortranarray(np.eye(3)[np.arange(10**5) % 3])
    f = broyden(np)
    contenders = {}
    if jax := optional("jax"):
        own, point, tangents = broyden(jax.numpy), jax.numpy.asarray(x), jax.numpy.asarray(T.T)
        pushed = jax.jit(jax.vmap(lambda t: jax.jvp(own, (point,), (t,))[1], out_axes=1))
        contenders["JAX jit(vmap(jvp))"] = lambda: pushed(tangents).block_until_ready()
    left, right = np.vstack([0 * T[:1], T[:-1]]), np.vstack([T[1:], 0 * T[:1]])
    exact = (3 - 4 * x)[:, None] * T - left - 2 * right
    yield Problem(
        "Broyden tridiagonal, n = 10⁵, three coloured tangents", {"jvp": lambda: jvp(f, x, T)[1]}, contenders, exact
    )
