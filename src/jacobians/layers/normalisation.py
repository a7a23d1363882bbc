"""Layer normalisation: each point is shifted to mean 0 and scaled to variance 1, then scaled and shifted as learned."""

import array_api_compat.numpy as numpy
import numpy as np

from jacobians.layers.arrays import chosen, diagonal, fit, fit_point, fit_tangents, namespace, total
from jacobians.layers.layer import Layer

ALL = ("x", "gain", "bias")
SCRATCH = 2**15  # entries that stay in the second-level cache beside those that they are made from


def _fit(x, gain, bias):
    xp = namespace(x=x, gain=gain, bias=bias)
    fit_point(x)
    fit("gain", gain, x.shape[-1:], "a point")
    fit("bias", bias, x.shape[-1:], "a point")
    return xp


def mean(xp, a):
    """The mean over the last axis, which is kept."""
    return xp.mean(a, axis=-1, keepdims=True)


def standardised(xp, x, eps):
    """The points at mean 0 and variance 1, z = (x − μ) / s, and 1/s, where s² is the variance plus ``eps``."""
    c = x - mean(xp, x)
    r = 1 / xp.sqrt(mean(xp, c * c) + eps)
    return c * r, r


def layer_norm_forward(x, gain, bias, *, eps=1e-5):
    """The value gain ⊙ z + bias, where z = (x − μ) / s has mean 0 and variance 1 along the last axis.

    Args:
        x: the points, shape (..., n).
        gain: shape (n,).
        bias: shape (n,).
        eps: what is added to the variance, so that equal entries are no division by zero.

    Returns:
        y, shape (..., n).

    Raises:
        TypeError: an argument is no array of floats.
        ValueError: the shapes do not go together.

    Source: :eq:`eq-layer-norm` of book/layers.md.

    >>> import numpy as np
    >>> x, gain, bias = np.array([1.0, 2.0, 3.0]), np.ones(3), np.zeros(3)
    >>> print(layer_norm_forward(x, gain, bias).round(4))
    [-1.2247  0.      1.2247]
    """
    z, _ = standardised(_fit(x, gain, bias), x, eps)
    return gain * z + bias


def layer_norm_jacobian(x, gain, bias, *, eps=1e-5, wrt=ALL):
    """The three Jacobians: diag(gain) (I − (1 1ᵀ + z zᵀ)/n) / s by x; diag(z) by the gain; the identity by the bias.

    Args:
        x, gain, bias, eps: as in `layer_norm_forward`.
        wrt: the name of an argument, or a tuple of names.

    Returns:
        For each name, shape (..., n, n); an array for one name, else a tuple.

    Raises:
        TypeError: an argument is no array of floats.
        ValueError: the shapes do not go together, or ``wrt`` names no argument.

    Source: :eq:`eq-layer-norm-jacobian` of book/layers.md.

    >>> import numpy as np
    >>> x, gain, bias = np.array([1.0, 2.0, 3.0]), np.ones(3), np.zeros(3)
    >>> print(layer_norm_jacobian(x, gain, bias, eps=0.0, wrt="x").round(4))
    [[ 0.2041 -0.4082  0.2041]
     [-0.4082  0.8165 -0.4082]
     [ 0.2041 -0.4082  0.2041]]
    """
    xp = _fit(x, gain, bias)
    z, r = standardised(xp, x, eps)
    n = x.shape[-1]
    one = diagonal(xp, xp.ones_like(z))
    rules = {
        "x": lambda: gain[:, None] * r[..., None] * (one - (1 + z[..., None] * z[..., None, :]) / n),
        "gain": lambda: diagonal(xp, z),
        "bias": lambda: one,
    }
    return chosen(rules, wrt)


def layer_norm_jvp(x, gain, bias, t, t_gain=None, t_bias=None, *, eps=1e-5):
    """The change of the value with a change of the input, and of the parameters if they change.

    Args:
        x, gain, bias, eps: as in `layer_norm_forward`.
        t: the tangent of x, of its shape.
        t_gain: the tangent of gain, of its shape; None is no tangent.
        t_bias: the tangent of bias, of its shape; None is no tangent.

    Returns:
        Jt, shape (..., n).

    Raises:
        TypeError: an argument is no array of floats.
        ValueError: the shapes do not go together.

    >>> import numpy as np
    >>> x, t = np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.0, 0.0])
    >>> print(layer_norm_jvp(x, np.ones(3), np.zeros(3), t, eps=0.0).round(4))
    [ 0.2041 -0.4082  0.2041]
    """
    xp = _fit(x, gain, bias)
    fit_tangents(t=(t, x), t_gain=(t_gain, gain), t_bias=(t_bias, bias))
    z, r = standardised(xp, x, eps)
    y = gain * r * centred(xp, z, t)
    y = y if t_gain is None else y + t_gain * z
    return y if t_bias is None else y + t_bias


def centred(xp, z, u):
    """u less its mean, and less its share along z: (I − (1 1ᵀ + z zᵀ)/n) u, whose matrix is symmetric."""
    return u - mean(xp, u) - z * mean(xp, z * u)


def layer_norm_vjp(x, gain, bias, v, *, eps=1e-5, wrt=ALL):
    """The cotangents of x, gain and bias: with u = gain ⊙ v, (u − mean u − z ⊙ mean(z ⊙ u)) / s, Σ v ⊙ z and Σ v.

    Args:
        x, gain, bias, eps: as in `layer_norm_forward`.
        v: the cotangent of the value, shape (..., n).
        wrt: the name of an argument, or a tuple of names; what is not named is not computed.

    Returns:
        For each name, an array of the shape of that argument; an array for one name, else a tuple.

    Raises:
        TypeError: an argument is no array of floats.
        ValueError: the shapes do not go together, or ``wrt`` names no argument.

    Source: :eq:`eq-layer-norm-vjp` of book/layers.md.

    >>> import numpy as np
    >>> x, v = np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.0, 0.0])
    >>> for cotangent in layer_norm_vjp(x, np.ones(3), np.zeros(3), v, eps=0.0):
    ...     print(cotangent.round(4))
    [ 0.2041 -0.4082  0.2041]
    [-1.2247  0.      0.    ]
    [1. 0. 0.]
    """
    z, r = standardised(_fit(x, gain, bias), x, eps)
    return _pulled(z, r, gain, v, wrt)


def layer_norm_pullback(x, gain, bias, *, eps=1e-5):
    """The value, and the function v ↦ cotangents of x, gain and bias, which remembers z and 1/s.

    Args:
        x, gain, bias, eps: as in `layer_norm_forward`.

    Returns:
        y, shape (..., n), and a function of ``v`` and ``wrt`` that answers as `layer_norm_vjp`.

    Raises:
        TypeError: an argument is no array of floats.
        ValueError: the shapes do not go together.

    >>> import numpy as np
    >>> x, gain, bias = np.array([1.0, 2.0, 3.0]), np.ones(3), np.zeros(3)
    >>> y, pull = layer_norm_pullback(x, gain, bias, eps=0.0)
    >>> print(y.round(4), pull(np.array([1.0, 0.0, 0.0]), wrt="x").round(4))
    [-1.2247  0.      1.2247] [ 0.2041 -0.4082  0.2041]
    """
    z, r = standardised(_fit(x, gain, bias), x, eps)
    return gain * z + bias, lambda v, wrt=ALL: _pulled(z, r, gain, v, wrt)


def _pulled(z, r, gain, v, wrt):
    """The cotangents from what the value leaves behind."""
    xp = namespace(x=z, v=v)
    fit("v", v, z.shape, "the value")
    if xp is numpy and wrt == ALL and z.ndim > 1 and v.dtype == z.dtype == gain.dtype:
        return _pulled_in_blocks(z, r, gain, v)
    rules = {
        "x": lambda: r * centred(xp, z, gain * v),
        "gain": lambda: total(xp, v * z),
        "bias": lambda: total(xp, v),
    }
    return chosen(rules, wrt)


def _pulled_in_blocks(z, r, gain, v):
    """`_pulled` for many points: a block is in the cache when it is used again, and sums are products with vectors."""
    answer, n = np.empty(v.shape, v.dtype), gain.size
    z, r, v, out = (a.reshape(-1, a.shape[-1]) for a in (z, r, v, answer))
    size = max(1, min(len(v), SCRATCH // n))
    scratch, ones, weights = np.empty((size, n), v.dtype), np.ones(size, v.dtype), gain / n
    gains, biases = np.zeros((2, n), v.dtype)
    for block in (slice(i, i + size) for i in range(0, len(v), size)):
        zb, vb, ob, one = z[block], v[block], out[block], ones[: len(v) - block.start]
        vz = np.multiply(vb, zb, out=scratch[: len(one)])
        gains += one @ vz
        biases += one @ vb
        along = np.multiply(zb, (vz @ weights)[:, None], out=vz)
        along += (vb @ weights)[:, None]
        np.multiply(vb, gain, out=ob)
        ob -= along
        ob *= r[block]
    return answer, gains, biases


layer_norm = Layer(
    "layer_norm", layer_norm_forward, layer_norm_jacobian, layer_norm_jvp, layer_norm_vjp, layer_norm_pullback
)
