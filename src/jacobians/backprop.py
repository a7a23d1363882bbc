"""Backpropagation: a network of dense layers and ReLU, trained by the composed pullbacks of its layers alone.

`jacobians.chain` chains its layers, and `jacobians.digits` has its data. Explained in book/backprop.md.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from tqdm import tqdm

from jacobians.chain import check_chain, compose, dot_products, jacobian
from jacobians.digits import Digits, digits
from jacobians.inputs import as_count, as_floats, as_positive
from jacobians.layers import cross_entropy, dense, relu, softmax
from jacobians.orders import as_sizes

__all__ = [
    "Digits",
    "DivergedError",
    "Training",
    "check_chain",
    "compose",
    "digits",
    "dot_products",
    "initial",
    "jacobian",
    "loss_and_gradients",
    "network",
    "train",
]


class DivergedError(ArithmeticError):
    """The training of a network ran away.

    Args:
        step: the step at which it was seen, counted from 0.
        loss: the loss that was seen there.
        first: the loss of step 0.
    """

    def __init__(self, step, loss, first):
        super().__init__(f"diverged at step {step}: the loss is {loss:.3g}, was {first:.3g}")
        self.step, self.loss, self.first = step, loss, first


@dataclass(frozen=True)
class Training:
    """What a training leaves.

    Args:
        parameters: [W, b, W, b, …], for `network`.
        losses: the mean loss of the images of each step, before the step.
        held_losses: the mean loss of the images held out, after each epoch.
        accuracies: the part of them that is right, after each epoch.
        layers: the layers with these parameters, for `compose` and `jacobian`.
    """

    parameters: list
    losses: np.ndarray
    held_losses: np.ndarray
    accuracies: np.ndarray
    layers: list

    def scores(self, images):
        """The scores of images, shape (..., 64): an array, shape (..., 10). The largest is the network's answer."""
        return compose(*self.layers)(images)[0]

    def probabilities(self, images):
        """The softmax of the scores, of sum 1."""
        return softmax.forward(self.scores(images))


def initial(sizes, seed=237):
    """Random weights of variance 2/n, n inputs each, and biases of 0: [W, b, W, b, …].

    Args:
        sizes: the numbers of inputs, of hidden units layer by layer, and of outputs.
        seed: of the weights.

    Returns:
        A list of arrays, of the shapes (m, n) and (m,) for each dense layer.

    Raises:
        ValueError: there are fewer than two sizes, or one is no positive integer.

    Source: He, Zhang, Ren and Sun (2015), *Delving deep into rectifiers*, equation 10.

    >>> [p.shape for p in initial((64, 32, 10))]
    [(32, 64), (32,), (10, 32), (10,)]
    """
    rng, sizes = np.random.default_rng(seed), as_sizes(sizes)
    return [p for n, m in pairwise(sizes) for p in (np.sqrt(2 / n) * rng.standard_normal((m, n)), np.zeros(m))]


def network(parameters):
    """The layers from images to scores: dense, ReLU, dense, ReLU, …, dense.

    Args:
        parameters: [W, b, W, b, …].

    Returns:
        A list of layers, for `compose`.

    >>> layers = network(initial((64, 32, 10)))
    >>> [layer[0] if isinstance(layer, tuple) else layer for layer in layers]
    [layers.dense, layers.relu, layers.dense]
    """
    affine = [(dense, W, b) for W, b in zip(parameters[::2], parameters[1::2], strict=True)]
    return [layer for one in affine for layer in (one, relu)][:-1]


def loss_and_gradients(layers, images, labels):
    """The mean loss of some images, and its gradient by each parameter.

    Args:
        layers: those of the network.
        images: shape (k, n).
        labels: the digits that they show, shape (k,).

    Returns:
        A number, and a list of arrays of the shapes of the parameters.

    >>> data, layers = digits(), network(initial((64, 32, 10)))
    >>> loss, gradients = loss_and_gradients(layers, data.images, data.labels)
    >>> print(f"{loss:.3f}", [g.shape for g in gradients])
    2.580 [(32, 64), (32,), (10, 32), (10,)]
    """
    losses, pull = compose(*layers, (cross_entropy, labels))(images)
    _, *gradients = pull(np.full(len(labels), 1 / len(labels)))
    return losses.mean(), gradients


def descend(layers, parameters, images, labels, rate):
    """One step down the gradient: from each parameter, ``rate`` times its gradient is taken away.

    Args:
        layers: those of the network, which hold the ``parameters``.
        parameters: a list of arrays; they are changed in place.
        images, labels: those of this step.
        rate: a number.

    Returns:
        The mean loss of the images, before the step.

    >>> data, parameters = digits(), initial((64, 32, 10))
    >>> layers = network(parameters)
    >>> for _ in range(3):
    ...     loss = descend(layers, parameters, data.images, data.labels, 0.5)
    ...     print(f"{loss:.3f}")
    2.580
    2.173
    2.016
    """
    loss, gradients = loss_and_gradients(layers, images, labels)
    for p, gradient in zip(parameters, gradients, strict=True):
        p -= rate * gradient
    return loss


def assess(layers, images, labels):
    """The mean loss of some images, and the part of them whose largest score is that of their label.

    >>> data, layers = digits(), network(initial((64, 32, 10)))
    >>> loss, right = assess(layers, data.images, data.labels)
    >>> print(f"{loss:.3f}, {right:.1%}")
    2.580, 10.4%
    """
    scores, _ = compose(*layers)(images)
    return cross_entropy.forward(scores, labels).mean(), np.mean(scores.argmax(axis=1) == labels)


def watched(loss, losses):
    """The ``loss``, if it is a number and less than ten times the first of the ``losses``.

    Raises:
        DivergedError: it is not; the step is how many losses there were before.

    >>> watched(np.inf, [2.5, 2.2])
    Traceback (most recent call last):
    jacobians.backprop.DivergedError: diverged at step 2: the loss is inf, was 2.5
    """
    first = losses[0] if losses else loss
    if not loss < 10 * first < np.inf:
        raise DivergedError(len(losses), loss, first)
    return loss


def counted(rounds, unit):
    """The numbers from 0, as many as there are rounds; in a terminal a bar tells how many of that ``unit`` are done.

    >>> list(counted(3, "epochs"))
    [0, 1, 2]
    """
    return tqdm(range(rounds), desc="training", unit=f" {unit}", leave=False, disable=None)


def train(data, sizes=(64, 64, 10), rate=0.5, epochs=30, batch=32, seed=237, build=network, checked=True):
    """A network trained by stochastic gradient descent, its gradients from `compose` alone.

    Each gradient is first put to the dot-product test. The rate falls to 0, in equal steps from epoch to epoch.

    Args:
        data: `Digits`.
        sizes: the numbers of pixels, of hidden units layer by layer, and of classes.
        rate: the length of the first steps, in units of the gradient.
        epochs: how often each image is seen.
        batch: how many images a step takes.
        seed: of the first weights and of the order of the images.
        build: a function of the parameters to the layers, which must hold these very arrays.
        checked: False to go without the test.

    Returns:
        `Training`.

    Raises:
        CheckError: a gradient does not pass the dot-product test.
        DivergedError: the loss is no number, or ten times that of step 0.
        TypeError, ValueError: an argument is of another kind, or the shapes do not go together.

    >>> result = train(digits(), epochs=10)
    >>> print(result.accuracies[-1] > 0.97)
    True
    """
    rate, epochs, batch = as_positive(rate, "rate"), as_count(epochs, "epochs"), as_count(batch, "batch")
    images, labels, *held = data
    parameters, rng = initial(sizes, seed), np.random.default_rng(seed)
    layers, losses, after = build(parameters), [], []
    if checked:
        check_chain([*layers, (cross_entropy, labels[:batch])], as_floats(images, "images")[:batch])
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is seen in the loss
        for epoch in counted(epochs, "epochs"):
            for some in np.split(rng.permutation(len(images)), range(batch, len(images), batch)):
                loss = descend(layers, parameters, images[some], labels[some], rate * (1 - epoch / epochs))
                losses.append(watched(loss, losses))
            after.append(assess(layers, *held))
            watched(after[-1][0], losses)
    return Training(parameters, np.array(losses), *np.transpose(after), layers)
