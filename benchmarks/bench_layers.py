"""The VJPs of the layers at the sizes of MNIST, each beside PyTorch's and JAX's: the way back alone, in float64.

What the way back needs of the way there is kept by all three. ReLU writes into a given array, since that is its limit.
"""

import numpy as np

from benchmarks.harness import Problem, digits, optional
from jacobians import layers

torch, jax = optional("torch"), optional("jax")
RNG = np.random.default_rng(237)
draw = RNG.standard_normal


def torch_pull(f, arguments, v):
    """PyTorch's way back of ``f``, which takes and gives its tensors."""
    tensors = [torch.tensor(a, requires_grad=True) for a in arguments]
    y, cotangent = f(torch.nn.functional, *tensors), torch.tensor(v)
    return lambda: torch.autograd.grad(y, tensors, cotangent, retain_graph=True)[0]


def jax_pull(f, arguments, v):
    """JAX's way back of ``f``, compiled here."""
    jax.config.update("jax_enable_x64", True)
    _, pull = jax.vjp(lambda *a: f(jax, *a), *map(jax.numpy.asarray, arguments))
    pull, cotangent = jax.jit(pull), jax.numpy.asarray(v)
    return lambda: jax.block_until_ready(pull(cotangent))[0]


def duel(name, layer, arguments, in_torch, in_jax, goal, v=None, labels=()):
    """A `Problem`: the way back through one layer, to all its arguments; the cotangent of the first is compared."""
    y, pull = layer.pullback(*arguments, *labels)
    v = draw(np.shape(y)) if v is None else v
    peers = {"torch": torch_pull(in_torch, arguments, v)} if torch else {}
    peers |= {"JAX jit": jax_pull(in_jax, arguments, v)} if jax else {}
    first = (lambda: pull(v)[0]) if isinstance(pull(v), tuple) else (lambda: pull(v))
    return Problem(name=name, ours={"jacobians": first}, peers=peers, goal=goal)


def relu(n):
    """ReLU's VJP beside `np.add` into a given array, which moves the same memory: no VJP can be faster."""
    x, v = draw((2, n))
    out, other = np.empty(n), np.empty(n)
    peers = {"np.add, the limit": lambda: np.add(x, v, out=other), "(x > 0) * v": lambda: (x > 0) * v}
    peers |= {"torch": torch_pull(lambda F, x: F.relu(x), [x], v)} if torch else {}
    peers |= {"JAX jit": jax_pull(lambda jax, x: jax.nn.relu(x), [x], v)} if jax else {}
    goal = "ahead of torch" if n < 10**6 else "within 1.6 times (1.2) np.add, within 1.4 times torch (ahead)"
    ours = {"jacobians, into out": lambda: layers.relu.vjp(x, v, out=out), "jacobians": lambda: layers.relu.vjp(x, v)}
    return Problem(name=f"ReLU VJP, n = {digits(n)}", ours=ours, peers=peers, goal=goal)


def jax_norm(jax, x, g, b):
    return g * jax.nn.standardize(x, epsilon=1e-5) + b


def jax_convolution(jax, x, W, b):
    named = ("NCH", "OIH", "NCH")
    return jax.lax.conv_general_dilated(x, W, (1,), "VALID", dimension_numbers=named) + b[:, None]


def jax_loss(labels):
    return lambda jax, x: -jax.numpy.take_along_axis(jax.nn.log_softmax(x), labels[:, None], axis=-1)[:, 0]


def torch_loss(labels):
    return lambda F, x: F.cross_entropy(x, torch.tensor(labels), reduction="none")


def network(labels, batch=128, sizes=(784, 256, 10)):
    """All gradients of a network with one hidden layer: the way there and back."""
    n, hidden, classes = sizes
    x, v = draw((batch, n)), np.full(batch, 1 / batch)
    parameters = [draw((hidden, n)) / 28, np.zeros(hidden), draw((classes, hidden)) / 16, np.zeros(classes)]

    def ours():
        W1, b1, W2, b2 = parameters
        h, first = layers.dense.pullback(x, W1, b1)
        a, gate = layers.relu.pullback(h)
        z, second = layers.dense.pullback(a, W2, b2)
        _, loss = layers.cross_entropy.pullback(z, labels)
        ta, tW2, tb2 = second(loss(v))
        tW1, tb1 = first(gate(ta), wrt=("W", "b"))
        return np.concatenate([a.reshape(-1) for a in (tW1, tb1, tW2, tb2)])

    peers = {}
    if torch:
        P, tx, F = [torch.tensor(a, requires_grad=True) for a in parameters], torch.tensor(x), torch.nn.functional
        true = torch.tensor(labels)

        def in_torch():
            loss = F.cross_entropy(F.linear(torch.relu(F.linear(tx, P[0], P[1])), P[2], P[3]), true)
            return torch.cat([g.reshape(-1) for g in torch.autograd.grad(loss, P)])

        peers["torch"] = in_torch
    if jax:
        jax.config.update("jax_enable_x64", True)

        def loss(P):
            z = jax.nn.relu(x @ P[0].T + P[1]) @ P[2].T + P[3]
            return jax_loss(labels)(jax, z).mean()

        gradient = jax.jit(lambda P: jax.numpy.concatenate([g.reshape(-1) for g in jax.grad(loss)(P)]))
        P_jax = [jax.numpy.asarray(a) for a in parameters]
        peers["JAX jit"] = lambda: jax.block_until_ready(gradient(P_jax))
    name = f"MLP {'-'.join(map(str, sizes))}, all gradients, batch {batch}"
    return Problem(name=name, ours={"jacobians": ours}, peers=peers, goal="ahead of torch and JAX")


def problems():
    """Every problem of this chapter, one after the other, so that only one is in memory."""
    for n in (10**4, 10**6, 10**7):
        yield relu(n)
    ahead = "ahead of torch and JAX"
    for batch in (1, 128):
        goal = ahead if batch > 1 else "within 2.4 times (1.2) torch"
        yield duel(
            f"dense 784 to 256, batch {batch}", layers.dense, [draw((batch, 784)), draw((256, 784)), draw(256)],
            lambda F, x, W, b: F.linear(x, W, b), lambda jax, x, W, b: x @ W.T + b, goal,
        )  # fmt: skip
    yield duel(
        "softmax, 128 × 10", layers.softmax, [draw((128, 10))],
        lambda F, x: F.softmax(x, -1), lambda jax, x: jax.nn.softmax(x), ahead,
    )  # fmt: skip
    labels = RNG.integers(0, 10, 128)
    yield duel(
        "cross-entropy, 128 × 10", layers.cross_entropy, [draw((128, 10))],
        torch_loss(labels), jax_loss(labels), ahead, np.full(128, 1 / 128), (labels,),
    )  # fmt: skip
    for batch in (128, 1024):
        yield duel(
            f"layer normalisation, {batch} × 256", layers.layer_norm, [draw((batch, 256)), draw(256), draw(256)],
            lambda F, x, g, b: F.layer_norm(x, (256,), g, b), jax_norm, "within 2.2 times (1.2) torch for 1024 × 256",
        )  # fmt: skip
    yield duel(
        "1-d convolution, batch 32, 1 to 16, length 784, kernel 5", layers.conv1d,
        [draw((32, 1, 784)), draw((16, 1, 5)), draw(16)],
        lambda F, x, W, b: F.conv1d(x, W, b), jax_convolution, ahead,
    )  # fmt: skip
    yield network(labels)
