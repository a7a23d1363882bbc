"""The Jacobian and the determinant of polar coordinates at a million points."""

import numpy as np

from benchmarks.harness import Problem, optional
from jacobians.polar import polar_determinant, polar_jacobian


def by_entry(r, theta):
    """The matrices as most would write them: the entries set one by one."""
    J = np.empty((len(r), 2, 2))
    J[:, 0, 0], J[:, 0, 1], J[:, 1, 0], J[:, 1, 1] = np.cos(theta), -r * np.sin(theta), np.sin(theta), r * np.cos(theta)
    return J


def peers(r, theta):
    contenders = {"NumPy, entry by entry": lambda: by_entry(r, theta)}
    if jax := optional("jax"):
        jnp = jax.numpy
        single = jax.jacfwd(lambda p: jnp.stack([p[0] * jnp.cos(p[1]), p[0] * jnp.sin(p[1])]))
        many, p = jax.jit(jax.vmap(single)), jnp.stack([jnp.asarray(r), jnp.asarray(theta)], axis=1)
        contenders["JAX jit(vmap(jacfwd))"] = lambda: many(p)
    if torch := optional("torch"):
        t = torch.from_numpy(np.stack([r, theta], axis=1))
        single = torch.func.jacfwd(lambda p: torch.stack([p[0] * torch.cos(p[1]), p[0] * torch.sin(p[1])]))
        contenders["torch.func.vmap(jacfwd)"] = lambda: torch.func.vmap(single)(t)
    return contenders


def problems():
    """The matrices and the determinants at 10⁶ seeded points."""
    rng = np.random.default_rng(237)
    r, theta = rng.uniform(0.1, 2, 10**6), rng.uniform(0, 2 * np.pi, 10**6)
    J = by_entry(r, theta)
    yield Problem(
        "polar Jacobian, 10⁶ points", {"polar_jacobian": lambda: polar_jacobian(r, theta)}, peers(r, theta), J
    )
    yield Problem(
        "polar determinant, 10⁶ points",
        {"polar_determinant": lambda: polar_determinant(r, theta)},
        {"np.linalg.det of the matrices": lambda: np.linalg.det(J), "np.log of 10⁶ numbers": lambda: np.log(r)},
    )
