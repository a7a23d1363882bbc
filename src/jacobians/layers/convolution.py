"""A convolution along one axis: the same few weights at every place, so its Jacobian is a band of them, never formed.

As in every library of neural networks the kernel is not turned round: the layer is what signal processing calls a
correlation. It takes whole windows only ("valid") and moves by one.
"""

import math

import array_api_compat

from jacobians.layers.arrays import chosen, fit, fit_point, fit_tangents, identity, namespace, total
from jacobians.layers.layer import Layer

ALL = ("x", "W", "b")


def _fit(x, W, b):
    xp = namespace(x=x, W=W, b=b)
    fit_point(x, "cn")
    c, n = x.shape[-2:]
    if len(W.shape) != 3 or W.shape[1] != c or not 1 <= W.shape[2] <= n:
        raise ValueError(f"W must have the shape (m, {c}, k) with k from 1 to {n}, to act on x; got {tuple(W.shape)}")
    fit("b", b, W.shape[:1], "the output channels")
    return xp


def windows(xp, x, k):
    """The k values under the kernel at each place, one below the other: shape (..., c·k, n − k + 1).

    Args:
        xp: the functions of the library.
        x: the points, shape (..., c, n).
        k: the length of the kernel.

    Returns:
        X with X[..., q·k + j, i] = x[..., q, i + j].

    >>> import numpy as np
    >>> windows(np, np.array([[1.0, 2.0, 3.0, 4.0]]), 2)
    array([[1., 2., 3.],
           [2., 3., 4.]])
    """
    places = x.shape[-1] - k + 1
    X = xp.stack([x[..., j : j + places] for j in range(k)], axis=-2)
    return xp.reshape(X, (*x.shape[:-2], x.shape[-2] * k, places))


def spread(xp, U, k):
    """The transpose of `windows`: what each place says of the k values under it, added up; shape (..., c, n).

    >>> import numpy as np
    >>> spread(np, np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]), 2)
    array([[ 1., 12., 23., 30.]])
    """
    points, places = U.shape[:-2], U.shape[-1]
    U = xp.reshape(U, (*points, U.shape[-2] // k, k, places))
    like = {"dtype": U.dtype, "device": array_api_compat.device(U)}
    gap = xp.zeros((*points, U.shape[-3], k), **like)
    parts = [[gap[..., :j], U[..., j, :], gap[..., : k - 1 - j]] for j in range(k)]
    shifted = [xp.concat(part, axis=-1) for part in parts]
    return sum(shifted[1:], shifted[0])


def conv1d_forward(x, W, b):
    """The value y[o, i] = Σ W[o, q, j] x[q, i + j] + b[o]: a dense layer on each window.

    Args:
        x: the points, shape (..., c, n): c channels of length n.
        W: the kernels, shape (m, c, k).
        b: the bias, shape (m,).

    Returns:
        y, shape (..., m, n − k + 1).

    Raises:
        TypeError: an argument is no array of floats.
        ValueError: the shapes do not go together.

    Source: :eq:`eq-convolution` of book/layers.md.

    >>> import numpy as np
    >>> x = np.array([[1.0, 4.0, 9.0, 16.0]])
    >>> difference = np.array([[[-1.0, 1.0]]])
    >>> conv1d_forward(x, difference, np.zeros(1))
    array([[3., 5., 7.]])
    """
    xp = _fit(x, W, b)
    return flat(xp, W) @ windows(xp, x, W.shape[2]) + b[:, None]


def flat(xp, W):
    """The kernels as the rows of a matrix, shape (m, c·k)."""
    return xp.reshape(W, (W.shape[0], -1))


def conv1d_jacobian(x, W, b, *, wrt=ALL):
    """The three Jacobians of a convolution, for small sizes: by x a banded matrix, each row a shifted kernel.

    Args:
        x, W, b: as in `conv1d_forward`.
        wrt: the name of an argument, or a tuple of names.

    Returns:
        For each name, shape (..., m, p, c, n), (..., m, p, m, c, k) or (..., m, p, m), where p = n − k + 1 counts the
        places; an array for one name, else a tuple.

    Raises:
        TypeError: an argument is no array of floats.
        ValueError: the shapes do not go together, or ``wrt`` names no argument.

    Source: :eq:`eq-convolution-jacobian` of book/layers.md.

    >>> import numpy as np
    >>> x, W, b = np.ones((1, 4)), np.array([[[-1.0, 1.0]]]), np.zeros(1)
    >>> J = conv1d_jacobian(x, W, b, wrt="x")
    >>> print(J[0, :, 0, :])
    [[-1.  1.  0.  0.]
     [ 0. -1.  1.  0.]
     [ 0.  0. -1.  1.]]
    """
    xp = _fit(x, W, b)
    (m, c, k), n, points = W.shape, x.shape[-1], x.shape[:-2]
    p = n - k + 1
    device = array_api_compat.device(x)
    ahead = xp.arange(n, device=device)[None, :] - xp.arange(p, device=device)[:, None]  # j = l - i
    one = identity(xp, m, W)

    def by_x():
        inside = (ahead >= 0) & (ahead < k)
        band = xp.take(W, xp.reshape(xp.where(inside, ahead, 0), (-1,)), axis=2)
        band = xp.where(inside, xp.reshape(band, (m, c, p, n)), 0.0)
        return xp.broadcast_to(xp.permute_dims(band, (0, 2, 1, 3)), (*points, m, p, c, n))

    def by_weights():
        X = xp.reshape(xp.matrix_transpose(windows(xp, x, k)), (*points, 1, p, 1, c, k))
        return xp.where(one[:, None, :, None, None], X, 0.0)

    def by_b():
        return xp.broadcast_to(xp.astype(one, b.dtype)[:, None, :], (*points, m, p, m))

    return chosen({"x": by_x, "W": by_weights, "b": by_b}, wrt)


def conv1d_jvp(x, W, b, t, tW=None, tb=None):
    """The change of the value with a change of the input, and of the parameters if they change.

    Args:
        x, W, b: as in `conv1d_forward`.
        t: the tangent of x, of its shape.
        tW: the tangent of W, of its shape; None is no tangent, which costs nothing.
        tb: the tangent of b, of its shape; None is no tangent.

    Returns:
        Jt, shape (..., m, n − k + 1).

    Raises:
        TypeError: an argument is no array of floats.
        ValueError: the shapes do not go together.

    >>> import numpy as np
    >>> x, W = np.ones((1, 4)), np.array([[[-1.0, 1.0]]])
    >>> conv1d_jvp(x, W, np.zeros(1), np.array([[0.0, 1.0, 0.0, 0.0]]))
    array([[ 1., -1.,  0.]])
    """
    xp = _fit(x, W, b)
    fit_tangents(t=(t, x), tW=(tW, W), tb=(tb, b))
    k = W.shape[2]
    y = flat(xp, W) @ windows(xp, t, k)
    y = y if tW is None else y + flat(xp, tW) @ windows(xp, x, k)
    return y if tb is None else y + tb[:, None]


def conv1d_vjp(x, W, b, v, *, wrt=ALL):
    """The cotangents of x, W and b: each window's Wᵀv spread back to where it came from, Σ v Xᵀ and Σ v.

    Args:
        x, W, b: as in `conv1d_forward`.
        v: the cotangent of the value, shape (..., m, n − k + 1).
        wrt: the name of an argument, or a tuple of names; what is not named is not computed.

    Returns:
        For each name, an array of the shape of that argument; an array for one name, else a tuple.

    Raises:
        TypeError: an argument is no array of floats.
        ValueError: the shapes do not go together, or ``wrt`` names no argument.

    Source: :eq:`eq-convolution-vjp` of book/layers.md.

    >>> import numpy as np
    >>> x, W = np.array([[1.0, 4.0, 9.0, 16.0]]), np.array([[[-1.0, 1.0]]])
    >>> b, v = np.zeros(1), np.array([[1.0, 0.0, 0.0]])
    >>> for cotangent in conv1d_vjp(x, W, b, v):
    ...     print(cotangent)
    [[-1.  1.  0.  0.]]
    [[[1. 4.]]]
    [1.]
    """
    xp = _fit(x, W, b)
    namespace(x=x, v=v)
    k = W.shape[2]
    fit("v", v, (*x.shape[:-2], W.shape[0], x.shape[-1] - k + 1), "the value")

    def by_weights():
        each = v @ xp.matrix_transpose(windows(xp, x, k))
        return xp.reshape(total(xp, xp.reshape(each, (*x.shape[:-2], math.prod(W.shape)))), W.shape)

    rules = {
        "x": lambda: spread(xp, flat(xp, W).T @ v, k),
        "W": by_weights,
        "b": lambda: total(xp, xp.sum(v, axis=-1)),
    }
    return chosen(rules, wrt)


def conv1d_pullback(x, W, b):
    """The value, and the function v ↦ cotangents of x, W and b.

    Args:
        x, W, b: as in `conv1d_forward`.

    Returns:
        y, shape (..., m, n − k + 1), and a function of ``v`` and ``wrt`` that answers as `conv1d_vjp`.

    Raises:
        TypeError: an argument is no array of floats.
        ValueError: the shapes do not go together.

    >>> import numpy as np
    >>> x, W = np.array([[1.0, 4.0, 9.0]]), np.array([[[-1.0, 1.0]]])
    >>> y, pull = conv1d_pullback(x, W, np.zeros(1))
    >>> print(y, pull(np.array([[1.0, 0.0]]), wrt="W"))
    [[3. 5.]] [[[1. 4.]]]
    """
    y = conv1d_forward(x, W, b)
    return y, lambda v, wrt=ALL: conv1d_vjp(x, W, b, v, wrt=wrt)


conv1d = Layer("conv1d", conv1d_forward, conv1d_jacobian, conv1d_jvp, conv1d_vjp, conv1d_pullback)
