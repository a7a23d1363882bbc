"""The dense layer y = Wx + b: a product with a matrix, so its Jacobian by x is that matrix."""

from jacobians.layers.arrays import chosen, fit, fit_point, fit_tangents, identity, namespace, rows, total
from jacobians.layers.layer import Layer

ALL = ("x", "W", "b")


def _fit(x, W, b, **others):
    """The namespace of arguments that go together."""
    xp = namespace(x=x, W=W, b=b, **others)
    fit_point(x)
    if len(W.shape) != 2 or W.shape[1] != x.shape[-1]:
        raise ValueError(f"W must have the shape (m, {x.shape[-1]}), to act on x; got {tuple(W.shape)}")
    fit("b", b, W.shape[:1], "a column of W")
    return xp


def dense_forward(x, W, b):
    """The value Wx + b of each point.

    Args:
        x: the points, shape (..., n).
        W: the weights, shape (m, n).
        b: the bias, shape (m,).

    Returns:
        y, shape (..., m).

    Raises:
        TypeError: an argument is no array of floats.
        ValueError: the shapes do not go together.

    >>> import numpy as np
    >>> W, b = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.zeros(3)
    >>> dense_forward(np.array([1.0, -1.0]), W, b)
    array([-1., -1., -1.])
    """
    _fit(x, W, b)
    return x @ W.T + b


def dense_jacobian(x, W, b, *, wrt=ALL):
    """The three Jacobians of a dense layer: W itself; δᵢₖ xₗ by W; and the identity by b.

    Args:
        x, W, b: as in `dense_forward`.
        wrt: the name of an argument, or a tuple of names.

    Returns:
        For each name, shape (..., m, n), (..., m, m, n) or (..., m, m); an array for one name, else a tuple.

    Raises:
        TypeError: an argument is no array of floats.
        ValueError: the shapes do not go together, or ``wrt`` names no argument.

    Source: :eq:`eq-dense-cotangents` of book/layers.md.

    >>> import numpy as np
    >>> x, W, b = np.ones((5, 2)), np.ones((3, 2)), np.ones(3)
    >>> [J.shape for J in dense_jacobian(x, W, b)]
    [(5, 3, 2), (5, 3, 3, 2), (5, 3, 3)]
    """
    xp = _fit(x, W, b)
    (m, n), points = W.shape, x.shape[:-1]
    one = identity(xp, m, W)
    rules = {
        "x": lambda: xp.broadcast_to(W, (*points, m, n)),
        "W": lambda: xp.where(one[:, :, None], x[..., None, None, :], 0.0),
        "b": lambda: xp.broadcast_to(xp.astype(one, b.dtype), (*points, m, m)),
    }
    return chosen(rules, wrt)


def dense_jvp(x, W, b, t, tW=None, tb=None):
    """The change of the value with a change of the input, and of the parameters if they change.

    Args:
        x, W, b: as in `dense_forward`.
        t: the tangent of x, of its shape.
        tW: the tangent of W, of its shape; None is no tangent, which costs nothing.
        tb: the tangent of b, of its shape; None is no tangent.

    Returns:
        W t + tW x + tb, shape (..., m).

    Raises:
        TypeError: an argument is no array of floats.
        ValueError: the shapes do not go together.

    >>> import numpy as np
    >>> x, W, b = np.array([1.0, 2.0]), np.eye(2), np.zeros(2)
    >>> dense_jvp(x, W, b, np.array([1.0, 0.0]), tb=np.array([0.0, 5.0]))
    array([1., 5.])
    """
    _fit(x, W, b)
    fit_tangents(t=(t, x), tW=(tW, W), tb=(tb, b))
    y = t @ W.T
    y = y if tW is None else y + x @ tW.T
    return y if tb is None else y + tb


def dense_vjp(x, W, b, v, *, wrt=ALL):
    """The cotangents of x, W and b: Wᵀv for each point, and Σ v xᵀ and Σ v over the points.

    Args:
        x, W, b: as in `dense_forward`.
        v: the cotangent of the value, shape (..., m).
        wrt: the name of an argument, or a tuple of names; what is not named is not computed.

    Returns:
        For each name, an array of the shape of that argument; an array for one name, else a tuple.

    Raises:
        TypeError: an argument is no array of floats.
        ValueError: the shapes do not go together, or ``wrt`` names no argument.

    Source: :eq:`eq-dense-cotangents` of book/layers.md.

    >>> import numpy as np
    >>> x, v = np.array([1.0, 2.0]), np.array([1.0, 10.0])
    >>> W, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.zeros(2)
    >>> for cotangent in dense_vjp(x, W, b, v):
    ...     print(cotangent)
    [31. 42.]
    [[ 1.  2.]
     [10. 20.]]
    [ 1. 10.]
    """
    xp = _fit(x, W, b, v=v)
    fit("v", v, (*x.shape[:-1], *b.shape), "the value")
    rules = {
        "x": lambda: v @ W,
        "W": lambda: _outer(rows(xp, v), rows(xp, x)),
        "b": lambda: total(xp, v),
    }
    return chosen(rules, wrt)


def _outer(v, x):
    """The sum of v xᵀ over the rows; of one row without the cost of a product of matrices."""
    return v.T * x if v.shape[0] == 1 else v.T @ x


def dense_pullback(x, W, b):
    """The value, and the function v ↦ cotangents of x, W and b.

    Args:
        x, W, b: as in `dense_forward`.

    Returns:
        y, shape (..., m), and a function of ``v`` and ``wrt`` that answers as `dense_vjp`.

    Raises:
        TypeError: an argument is no array of floats.
        ValueError: the shapes do not go together.

    >>> import numpy as np
    >>> y, pull = dense_pullback(np.array([1.0, 2.0]), np.eye(2), np.zeros(2))
    >>> print(y, pull(np.array([1.0, 10.0]), wrt="x"))
    [1. 2.] [ 1. 10.]
    """
    y = dense_forward(x, W, b)
    return y, lambda v, wrt=ALL: dense_vjp(x, W, b, v, wrt=wrt)


dense = Layer("dense", dense_forward, dense_jacobian, dense_jvp, dense_vjp, dense_pullback)
