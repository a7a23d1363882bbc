"""Jᵀv of ReLU, from ten thousand entries to a hundred million, beside the limit: one addition into a given array."""

import numpy as np

from benchmarks.harness import Problem, digits, optional
from jacobians.vjp import relu_vjp

LIMIT = "np.add into a given array, the limit"


def peers(x, v):
    out = np.empty_like(x)
    contenders = {
        LIMIT: lambda: np.add(x, v, out=out),
        "the seed's (x > 0) * v": lambda: (x > 0) * v,
        "np.where": lambda: np.where(x > 0, v, 0.0),
    }
    if torch := optional("torch"):
        tx, tv = torch.from_numpy(x).requires_grad_(), torch.from_numpy(v)
        y = torch.relu(tx)
        contenders["torch backward"] = lambda: torch.autograd.grad(y, tx, tv, retain_graph=True)[0]
    if jax := optional("jax"):
        jx, jv = jax.numpy.asarray(x), jax.numpy.asarray(v)
        pullback = jax.jit(lambda x, v: jax.vjp(jax.nn.relu, x)[1](v)[0])
        contenders["JAX pullback, compiled"] = lambda: pullback(jx, jv)
    return contenders


def problems():
    """ReLU at n = 10⁴ to 10⁸."""
    for power in range(4, 9):
        rng = np.random.default_rng(237)
        x, v = rng.standard_normal(10**power), rng.standard_normal(10**power)
        yield Problem(
            f"ReLU VJP, n = {digits(10**power)}",
            {"relu_vjp": lambda x=x, v=v: relu_vjp(x, v)},
            peers(x, v),
            goal="within 1.6 times the limit from 10⁶ up",
            beside=LIMIT,
        )
