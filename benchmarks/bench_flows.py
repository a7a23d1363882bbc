"""One gradient of the mean log-likelihood of a flow, by every parameter: what a step of its training costs."""

import numpy as np

from benchmarks.harness import Problem, digits, optional
from jacobians.flows import Flow, initial, log_loss_and_gradients
from jacobians.moons import two_moons


def flow(couplings=8, hidden=32, seed=237):
    """The flow of the chapter, some way into its training: its last weights are no longer 0."""
    rng, parameters = np.random.default_rng(seed), initial(couplings, hidden, seed)
    for own in parameters:
        own[4] = 0.1 * rng.standard_normal(own[4].shape)
    return Flow(parameters)


def loss_of(xp, parameters, x):
    """The mean of −log p, written with the operations of PyTorch or JAX."""
    kept, moved, log_abs_det = x[:, :1], x[:, 1:], 0.0
    for W1, b1, W2, b2, W3, b3 in parameters:
        ac = xp.tanh(xp.tanh(kept @ W1.T + b1) @ W2.T + b2) @ W3.T + b3
        log_abs_det = log_abs_det + ac[:, :1]
        kept, moved = xp.exp(ac[:, :1]) * moved + ac[:, 1:], kept  # the next one keeps what this one moved
    square = kept * kept + moved * moved
    return -(log_abs_det - square / 2 - np.log(2 * np.pi)).mean()


def in_torch(torch, parameters, x):
    """PyTorch's gradient, there and back."""
    flat = [torch.tensor(p, requires_grad=True) for own in parameters for p in own]
    grouped, points = [flat[i : i + 6] for i in range(0, len(flat), 6)], torch.tensor(x)

    def gradient():
        found = torch.autograd.grad(loss_of(torch, grouped, points), flat)
        return torch.cat([g.reshape(-1) for g in found])

    return gradient


def in_jax(jax, parameters, x):
    """JAX's gradient, compiled before."""
    own, points = jax.tree.map(jax.numpy.asarray, parameters), jax.numpy.asarray(x)

    @jax.jit
    def compiled(parameters, points):
        found = jax.grad(lambda parameters: loss_of(jax.numpy, parameters, points))(parameters)
        return jax.numpy.concatenate([g.reshape(-1) for own in found for g in own])

    return lambda: compiled(own, points)


def problems():
    """The batch of the chapter, and all its points at once."""
    model = flow()
    for n in (256, 2000):
        x = two_moons(n)

        def ours(x=x):
            return np.concatenate([g.reshape(-1) for g in log_loss_and_gradients(model, x)[1]])

        peers = {"torch": in_torch(torch, model.parameters, x)} if (torch := optional("torch")) else {}
        peers |= {"JAX jit": in_jax(jax, model.parameters, x)} if (jax := optional("jax")) else {}
        count = sum(p.size for own in model.parameters for p in own)
        name = f"flow of 8 couplings, {digits(count)} gradients, batch {digits(n)}"
        yield Problem(name, {"jacobians": ours}, peers, exact=ours())
