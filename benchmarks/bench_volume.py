"""The logarithm of the determinant, the way back, and whole matrices at many points; and what a check costs."""

import numpy as np

from benchmarks.harness import Problem, optional
from jacobians import volume
from jacobians.checks import check_vjp

N = 10**6
LIMIT = "np.log of 10⁶ numbers"


def logarithms(r, theta):
    """log |det J| of polar coordinates; the logarithm alone is the limit."""
    ours = {"polar_log_abs_det": lambda: volume.polar.log_abs_det(r, theta)}
    peers = {
        LIMIT: lambda: np.log(r),
        "np.log of polar_determinant": lambda: np.log(volume.polar.determinant(r, theta)),
    }
    if torch := optional("torch"):
        tr, tt = torch.from_numpy(r), torch.from_numpy(theta)
        ours["the same on PyTorch"] = lambda: volume.polar.log_abs_det(tr, tt)
        peers["torch.log"] = lambda: torch.log(tr)
    if jax := optional("jax"):
        jr, jt = jax.numpy.asarray(r), jax.numpy.asarray(theta)
        compiled, limit = jax.jit(volume.polar.log_abs_det), jax.jit(jax.numpy.log)
        ours["the same on JAX, jit"] = lambda: compiled(jr, jt)
        peers["jit(jax.numpy.log)"] = lambda: limit(jr)
    goal = "within 1.3 times NumPy's log"
    return Problem("polar log |det J|, 10⁶ points", ours, peers, np.log(r), goal=goal, beside=LIMIT)


def matrices(u):
    """The matrices and determinants of spherical coordinates, beside those by automatic differentiation."""
    peers = {"np.linalg.slogdet of the matrices": lambda: np.linalg.slogdet(volume.spherical.jacobian(*u))[1]}
    if jax := optional("jax"):
        jnp = jax.numpy
        compiled = jax.jit(jax.vmap(lambda p: jnp.linalg.slogdet(jax.jacfwd(volume.spherical.map)(p))[1]))
        p = jnp.stack([jnp.asarray(a) for a in u], axis=1)
        peers["JAX jit(vmap(slogdet of jacfwd))"] = lambda: compiled(p)
    if torch := optional("torch"):
        found = torch.func.vmap(lambda p: torch.linalg.slogdet(torch.func.jacfwd(volume.spherical.map)(p))[1])
        t = torch.from_numpy(np.stack(u, axis=1))
        peers["torch.func.vmap(slogdet of jacfwd)"] = lambda: found(t)
    ours = {"spherical.log_abs_det": lambda: volume.spherical.log_abs_det(*u)}
    exact = 2 * np.log(u[0]) + np.log(np.sin(u[1]))
    return Problem("spherical log |det J|, 10⁵ points", ours, peers, exact)


def checks(n=20):
    """A check of the VJP of a tanh layer, at one point; no contender returns a number to be wrong."""
    rng = np.random.default_rng(237)
    W, x = rng.standard_normal((n, n)) / np.sqrt(n), rng.standard_normal(n)

    def vjp(x, v):
        return W.T @ ((1 - np.tanh(W @ x) ** 2) * v)

    ours = {"check_vjp": lambda: check_vjp(lambda x: np.tanh(W @ x), vjp, x)}
    peers = {}
    if jax := optional("jax"):
        check_grads = optional("jax.test_util").check_grads
        layer, at = jax.jit(lambda x: jax.numpy.tanh(W @ x)), jax.numpy.asarray(x)
        peers["jax.test_util.check_grads"] = lambda: check_grads(layer, (at,), order=1, modes=["rev"])
    if torch := optional("torch"):
        tW, tx = torch.from_numpy(W), torch.tensor(x, requires_grad=True)
        peers["torch.autograd.gradcheck"] = lambda: torch.autograd.gradcheck(lambda x: torch.tanh(tW @ x), (tx,))
    return Problem(f"a check of the VJP of a tanh layer, n = {n}", ours, peers)


def problems():
    """Seeded points."""
    rng = np.random.default_rng(237)
    r, theta = rng.uniform(0.1, 2, N), rng.uniform(-np.pi, np.pi, N)
    x, y = volume.polar.map(r, theta)
    yield logarithms(r, theta)
    yield Problem(
        "polar inverse, 10⁶ points",
        {"cartesian_to_polar": lambda: volume.polar.inverse(x, y)},
        {"np.hypot and np.arctan2, stacked": lambda: np.stack([np.hypot(x, y), np.arctan2(y, x)])},
        np.stack([r, theta]),
    )
    small = [a[:100] for a in (r, theta)]
    yield Problem(
        "polar map, 100 points",
        {"polar_to_cartesian": lambda: volume.polar.map(*small)},
        {"np.stack of r cos θ, r sin θ": lambda: np.stack([small[0] * np.cos(small[1]), small[0] * np.sin(small[1])])},
        volume.polar.map(*small),
        goal="under 3 µs more",
    )
    yield matrices([r[: N // 10], rng.uniform(0.1, 3, N // 10), theta[: N // 10]])
    yield checks()
