"""The digit network of the chapter: all its gradients, and a step of its training, beside PyTorch and JAX.

All of them compute in float64."""

from benchmarks.harness import Problem, optional
from jacobians import backprop

torch, jax = optional("torch"), optional("jax")
DATA = backprop.digits()
RATE = 1e-6  # so small that thousands of timed steps leave the network where it was
GOAL = "ahead of torch and JAX"


def torch_gradient(parameters, images, labels):
    """A function to the gradients, as PyTorch's tensors, and its parameters."""
    F, P = torch.nn.functional, [torch.tensor(p, requires_grad=True) for p in parameters]
    x, true = torch.tensor(images), torch.tensor(labels)

    def gradient():
        scores = F.linear(torch.relu(F.linear(x, P[0], P[1])), P[2], P[3])
        return torch.autograd.grad(F.cross_entropy(scores, true), P)

    return gradient, P


def jax_loss(P, images, labels):
    """The mean loss, for JAX to differentiate."""
    scores = jax.nn.relu(images @ P[0].T + P[1]) @ P[2].T + P[3]
    return -jax.numpy.take_along_axis(jax.nn.log_softmax(scores), labels[:, None], axis=-1).mean()


def gradients(batch):
    """A `Problem`: the gradient of the mean loss of some images by all 4810 parameters."""
    images, labels, parameters = DATA.images[:batch], DATA.labels[:batch], backprop.initial((64, 64, 10))
    layers = backprop.network(parameters)
    peers = {}
    if torch:
        in_torch, _ = torch_gradient(parameters, images, labels)
        peers["torch"] = lambda: tuple(in_torch())
    if jax:
        compiled = jax.jit(jax.grad(jax_loss))
        given = [jax.numpy.asarray(p) for p in parameters], jax.numpy.asarray(images), jax.numpy.asarray(labels)
        peers["JAX jit"] = lambda: tuple(jax.block_until_ready(compiled(*given)))
    ours = {"jacobians": lambda: tuple(backprop.loss_and_gradients(layers, images, labels)[1])}
    name = f"all gradients of 64-64-10, batch {batch}"
    return Problem(name=name, ours=ours, peers=peers, exact=ours["jacobians"](), goal=GOAL)


def step(batch):
    """A `Problem`: a step of gradient descent, the parameters changed."""
    images, labels, parameters = DATA.images[:batch], DATA.labels[:batch], backprop.initial((64, 64, 10))
    layers, peers = backprop.network(parameters), {}
    start = [p.copy() for p in parameters]

    def ours():
        backprop.descend(layers, parameters, images, labels, RATE)
        return parameters[0]

    if torch:
        in_torch, P = torch_gradient(start, images, labels)
        rule = torch.optim.SGD(P, lr=RATE)

        def torch_step():
            for p, g in zip(P, in_torch(), strict=True):
                p.grad = g
            rule.step()
            return P[0]

        peers["torch"] = torch_step
    if jax:
        update = jax.jit(lambda P, x, y: [p - RATE * g for p, g in zip(P, jax.grad(jax_loss)(P, x, y), strict=True)])
        here = {"P": [jax.numpy.asarray(p) for p in start]}
        given = jax.numpy.asarray(images), jax.numpy.asarray(labels)

        def jax_step():
            here["P"] = jax.block_until_ready(update(here["P"], *given))
            return here["P"][0]

        peers["JAX jit"] = jax_step
    return Problem(name=f"a step of 64-64-10, batch {batch}", ours={"jacobians": ours}, peers=peers, goal=GOAL)


def problems():
    """Every problem of this chapter."""
    for batch in (32, 256):
        yield gradients(batch)
        yield step(batch)
