"""Layers that turn scores into probabilities, along the last axis: softmax, its logarithm, and the cross-entropy.

`RULES` is the table of the first two, each from its value y. The largest score is taken from all of them first, so that
no exponential overflows. Scores with +∞ among them, or −∞ alone, have no softmax: the answer is NaN.
"""

import array_api_compat
import array_api_compat.numpy as numpy

from jacobians.layers.arrays import diagonal, fit, fit_point, fit_value, namespace
from jacobians.layers.layer import Layer


def over(xp, a):
    """The sum over the last axis, which is kept."""
    return xp.sum(a, axis=-1, keepdims=True)


def shifted(xp, x):
    """The scores less the largest, and the sum of their exponentials."""
    z = x - xp.max(x, axis=-1, keepdims=True)
    e = xp.exp(z)
    return z, e, over(xp, e)


def softmax_value(xp, x):
    """exp(xᵢ) / Σ exp(xⱼ)."""
    _, e, s = shifted(xp, x)
    return e / s


def log_softmax_value(xp, x):
    """xᵢ − log Σ exp(xⱼ)."""
    z, _, s = shifted(xp, x)
    return z - xp.log(s)


def centred(xp, y, v):
    """y ⊙ (v − ⟨y, v⟩)."""
    return y * (v - over(xp, y * v))


RULES = {
    # the layer      its value            its Jacobian J, from y
    "softmax":     (softmax_value,      lambda xp, y: diagonal(xp, y) - y[..., None] * y[..., None, :],
                    # Jt, and Jᵀv
                    centred,            centred),
    "log_softmax": (log_softmax_value,  lambda xp, y: diagonal(xp, xp.ones_like(y)) - xp.exp(y)[..., None, :],
                    lambda xp, y, t: t - over(xp, xp.exp(y) * t), lambda xp, y, v: v - xp.exp(y) * over(xp, v)),
}  # fmt: skip


def rowwise(name, value, matrix, push, pull):
    """The `Layer` of a line of `RULES`.

    Its functions take scores x, shape (..., n), and give an array of that shape; its Jacobian has shape (..., n, n).
    ``y=`` is the value, if it is at hand.

    Raises:
        TypeError: an argument is no array of floats.
        ValueError: x has no axis or an empty last one; or the tangent, the cotangent or ``y`` has another shape.

    >>> import numpy as np
    >>> layer = rowwise("softmax", *RULES["softmax"])
    >>> print(layer.forward(np.log([1.0, 2.0, 5.0])))
    [0.125 0.25  0.625]
    >>> print(layer.vjp(np.zeros(2), np.array([1.0, 0.0])))
    [ 0.25 -0.25]
    """

    def forward(x):
        xp = namespace(x=x)
        fit_point(x)
        return value(xp, x)

    def known(xp, x, y):
        fit_point(x)
        fit_value(x, y)
        return value(xp, x) if y is None else y

    def jacobian(x, *, y=None):
        xp = namespace(x=x)
        return matrix(xp, known(xp, x, y))

    def jvp(x, t, *, y=None):
        xp = namespace(x=x, t=t)
        fit("t", t, x.shape, "x")
        return push(xp, known(xp, x, y), t)

    def vjp(x, v, *, y=None):
        xp = namespace(x=x, v=v)
        fit("v", v, x.shape, "the value")
        return pull(xp, known(xp, x, y), v)

    def pullback(x):
        y = forward(x)
        return y, lambda v: vjp(x, v, y=y)

    return Layer(name, forward, jacobian, jvp, vjp, pullback)


softmax, log_softmax = (rowwise(name, *rules) for name, rules in RULES.items())


def _fit(x, labels):
    """The namespace; where each row of scores has its label, of the shape of x; and which labels are no class."""
    xp = namespace(x=x)
    fit_point(x)
    n, device = x.shape[-1], array_api_compat.device(x)
    labels = labels if hasattr(labels, "shape") else xp.asarray(labels, device=device)
    fit("labels", labels, x.shape[:-1], "the points")
    if not xp.isdtype(labels.dtype, "integral"):
        raise TypeError(f"labels must be integers; got dtype {labels.dtype}")
    wrong = (labels < 0) | (labels >= n)
    if xp is numpy and wrong.any():
        raise ValueError(f"labels must be classes from 0 to {n - 1}; got {labels[wrong][0]}")
    return xp, labels[..., None] == xp.arange(n, device=device), wrong


def cross_entropy_forward(x, labels):
    """The loss −log pₗ of each point, where p is the softmax of its scores and l its label.

    Args:
        x: the scores, or logits, shape (..., n).
        labels: the true classes, integers from 0 to n − 1, shape (...); one integer for one point.

    Returns:
        The losses, shape (...): one for each point, not their mean.

    Raises:
        TypeError: x is no array of floats, or the labels are no integers.
        ValueError: the shapes differ; or (NumPy) a label is no class. Elsewhere such a label gives NaN, since to look
            at it would be to compute what is lazy, or to wait for a device.

    Source: :eq:`eq-cross-entropy` of book/layers.md.

    >>> import numpy as np
    >>> x = np.log([1.0, 2.0, 5.0])
    >>> print(cross_entropy_forward(x, 1).round(4))  # log 4
    1.3863
    """
    return cross_entropy_pullback(x, labels)[0]


def cross_entropy_jacobian(x, labels):
    """The row p − eₗ of each point, its gradient.

    Args:
        x, labels: as in `cross_entropy_forward`.

    Returns:
        J, shape (..., n): the value of a point is one number, so its Jacobian is one row.

    Raises:
        TypeError, ValueError: as `cross_entropy_forward`.

    Source: :eq:`eq-cross-entropy` of book/layers.md.

    >>> import numpy as np
    >>> print(cross_entropy_jacobian(np.log([1.0, 2.0, 5.0]), 1))
    [ 0.125 -0.75   0.625]
    """
    xp, here, wrong = _fit(x, labels)
    return _slopes(xp, softmax_value(xp, x), here, wrong)


def _slopes(xp, p, here, wrong):
    row = xp.where(here, p - 1, p)
    return row if xp is numpy else xp.where(wrong[..., None], float("nan"), row)


def cross_entropy_jvp(x, labels, t):
    """The change ⟨p − eₗ, t⟩ of each loss.

    Args:
        x, labels: as in `cross_entropy_forward`.
        t: the tangent of x, of its shape.

    Returns:
        Jt, shape (...).

    Raises:
        TypeError, ValueError: as `cross_entropy_forward`, or t has another shape than x.

    >>> import numpy as np
    >>> x, t = np.log([1.0, 2.0, 5.0]), np.array([0.0, 1.0, 0.0])
    >>> print(cross_entropy_jvp(x, 1, t))
    -0.75
    """
    xp = namespace(x=x, t=t)
    fit("t", t, x.shape, "x")
    return xp.sum(cross_entropy_jacobian(x, labels) * t, axis=-1)


def cross_entropy_vjp(x, labels, v):
    """The cotangent v (p − eₗ) of the scores.

    Args:
        x, labels: as in `cross_entropy_forward`.
        v: the cotangents of the losses, shape (...); one number for one point.

    Returns:
        Jᵀv, shape (..., n).

    Raises:
        TypeError, ValueError: as `cross_entropy_forward`, or v has another shape than the losses.

    Source: :eq:`eq-cross-entropy` of book/layers.md.

    >>> import numpy as np
    >>> print(cross_entropy_vjp(np.log([1.0, 2.0, 5.0]), 1, 8.0))
    [ 1. -6.  5.]
    """
    return _scaled(x, cross_entropy_jacobian(x, labels), v)


def _scaled(x, J, v):
    xp = namespace(x=x)
    v = v if hasattr(v, "shape") else xp.asarray(v, dtype=x.dtype, device=array_api_compat.device(x))
    namespace(x=x, v=v)
    fit("v", v, x.shape[:-1], "the value")
    return v[..., None] * J


def cross_entropy_pullback(x, labels):
    """The losses, and the function v ↦ v (p − eₗ).

    Args:
        x, labels: as in `cross_entropy_forward`.

    Returns:
        The losses, shape (...), and a function of v that answers as `cross_entropy_vjp`.

    Raises:
        TypeError, ValueError: as `cross_entropy_forward`.

    >>> import numpy as np
    >>> x, labels = np.zeros((2, 2)), np.array([0, 1])
    >>> losses, pull = cross_entropy_pullback(x, labels)
    >>> print(losses.round(4), pull(np.ones(2) / 2).tolist())
    [0.6931 0.6931] [[-0.25, 0.25], [0.25, -0.25]]
    """
    xp, here, wrong = _fit(x, labels)
    z, e, s = shifted(xp, x)
    losses = xp.log(s)[..., 0] - xp.sum(xp.where(here, z, 0.0), axis=-1)
    losses = losses if xp is numpy else xp.where(wrong, float("nan"), losses)
    J = _slopes(xp, e / s, here, wrong)
    return losses, lambda v: _scaled(x, J, v)


cross_entropy = Layer(
    "cross_entropy",
    cross_entropy_forward, cross_entropy_jacobian, cross_entropy_jvp, cross_entropy_vjp, cross_entropy_pullback,
)  # fmt: skip
