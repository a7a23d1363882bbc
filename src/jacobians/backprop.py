"""Backpropagation: the pullbacks of a chain of layers, composed; and a network trained by them alone.

Explained in book/backprop.md. A layer of a chain is a `Layer`, as ``relu``, or one with its parameters, as
``(dense, W, b)``; any function of a point to (value, pullback) will do in its place.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from tqdm import tqdm

from jacobians.digits import Digits, digits
from jacobians.layers import cross_entropy, dense, relu

__all__ = ["Digits", "DivergedError", "Training", "compose", "digits", "jacobian", "network", "train"]


def compose(*layers):
    """The layers one after another, as one function: of a point to its value and pullback.

    Args:
        layers: those of the chain, the first one first.

    Returns:
        A function of x, shape (..., n), to y, shape (..., m), and the function v ↦ Jᵀv. If layers have parameters,
        that function gives a tuple: the cotangent of x, then those of all parameters in their order.

    Raises:
        ValueError: there is no layer.

    Source: :eq:`eq-chain-vjp` of book/backprop.md.

    >>> W, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([-3.0, 0.0])
    >>> y, pull = compose((dense, W, b), relu)(np.array([1.0, 0.5]))
    >>> print(y)
    [0. 5.]
    >>> for cotangent in pull(np.array([5.0, 1.0])):
    ...     print(cotangent)
    [3. 4.]
    [[0.  0. ]
     [1.  0.5]]
    [0. 1.]
    """
    if not layers:
        raise ValueError("compose must have at least one layer; got none")

    def pullback(x):
        pulls = []
        for layer in layers:
            layer, *parameters = layer if isinstance(layer, tuple) else (layer,)
            x, pull = getattr(layer, "pullback", layer)(x, *parameters)
            pulls.append(pull)

        def back(v):
            found = ()
            for pull in reversed(pulls):
                pulled = pull(v)
                v, *own = pulled if isinstance(pulled, tuple) else (pulled,)
                found = (*own, *found)
            return (v, *found) if found else v

        return x, back

    return pullback


def jacobian(layers, x):
    """The Jacobian of a chain, each row pulled back from a unit cotangent, all in one pass.

    Args:
        layers: those of the chain.
        x: points, shape (..., n).

    Returns:
        J, shape (..., m, n).

    >>> W, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.zeros(2)
    >>> print(jacobian([(dense, W, b), relu], np.array([1.0, -0.5])))
    [[0. 0.]
     [3. 4.]]
    """
    chain = compose(*layers)
    m = chain(x)[0].shape[-1]
    y, pull = chain(np.broadcast_to(x[..., None, :], (*x.shape[:-1], m, x.shape[-1])))
    pulled = pull(np.broadcast_to(np.eye(m), y.shape))
    return pulled[0] if isinstance(pulled, tuple) else pulled


def initial(sizes, seed):
    """Random weights of variance 2/n, n inputs each, and biases of 0: [W, b, W, b, …].

    Source: He et al. (2015), *Delving Deep into Rectifiers*, equation 10.

    >>> [p.shape for p in initial((64, 32, 10), 237)]
    [(32, 64), (32,), (10, 32), (10,)]
    """
    rng = np.random.default_rng(seed)
    return [p for n, m in pairwise(sizes) for p in (rng.standard_normal((m, n)) * np.sqrt(2 / n), np.zeros(m))]


def network(parameters):
    """The layers dense, ReLU, dense, …, dense from images to scores; their softmax are the probabilities.

    Args:
        parameters: [W, b, W, b, …].

    Returns:
        A list of layers, for `compose`.

    >>> network(initial((64, 32, 10), 237))[1]
    layers.relu
    """
    affine = [(dense, W, b) for W, b in zip(parameters[::2], parameters[1::2], strict=True)]
    return [layer for one in affine for layer in (one, relu)][:-1]


class DivergedError(ArithmeticError):
    """The training of a network ran away.

    Args:
        step: the step at which it was seen, counted from 0.
        loss: the mean loss of that step's points.
        first: that of step 0.
    """

    def __init__(self, step, loss, first):
        super().__init__(f"training diverged at step {step}: the loss is {loss:.3g}, and was {first:.3g} at step 0")
        self.step, self.loss, self.first = step, loss, first


@dataclass(frozen=True)
class Training:
    """What a training leaves.

    Args:
        parameters: [W, b, W, b, …], for `network`.
        losses: the mean loss of each step, before it.
        accuracies: the part of the held-out digits that is right after each epoch.
    """

    parameters: list
    losses: np.ndarray
    accuracies: np.ndarray

    def scores(self, images):
        """The scores of images, shape (..., 10): the larger, the likelier the digit."""
        return compose(*network(self.parameters))(images)[0]


def train(data, sizes=(64, 64, 10), rate=0.5, epochs=30, batch=32, seed=237):
    """Train a network by stochastic gradient descent, the gradients from `compose` alone.

    Args:
        data: `Digits`.
        sizes: the entries of an image, of each hidden layer, and of the scores.
        rate: the step, in units of the gradient.
        epochs: how often each image is seen.
        batch: how many images a step takes.
        seed: of the initial weights and of the order of the images.

    Returns:
        `Training`.

    Raises:
        DivergedError: the loss is no number, or a hundred times the first one.

    >>> result = train(digits(), epochs=10)
    >>> print(result.accuracies[-1] > 0.95)
    True
    """
    rng, parameters = np.random.default_rng([seed, 1]), initial(sizes, seed)
    losses, accuracies, steps = [], [], epochs * -(-len(data.labels) // batch)
    for _ in tqdm(range(epochs), desc="training", unit=" epochs", leave=False, disable=None):
        order = rng.permutation(len(data.labels))
        for i in range(0, len(order), batch):
            some = order[i : i + batch]
            loss, gradients = loss_and_gradients(parameters, data.images[some], data.labels[some])
            losses.append(loss)
            if not loss < 100 * losses[0]:
                raise DivergedError(len(losses) - 1, loss, losses[0])
            step = rate * (1 - len(losses) / steps)
            for p, gradient in zip(parameters, gradients, strict=True):
                p -= step * gradient
        scores = compose(*network(parameters))(data.held_images)[0]
        accuracies.append(np.mean(scores.argmax(axis=-1) == data.held_labels))
    return Training(parameters, np.array(losses), np.array(accuracies))


def loss_and_gradients(parameters, images, labels):
    """The mean loss of the images, and its gradient by each parameter."""
    losses, pull = compose(*network(parameters), (cross_entropy, labels))(images)
    return losses.mean(), pull(np.full(len(labels), 1 / len(labels)))[1:]
