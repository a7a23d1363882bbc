"""Vector-Jacobian products, shown on ReLU. Explained in book/vjp.md."""

import numpy as np

from jacobians.inputs import as_point


def relu(x):
    """The rectified linear unit max(0, x), entry by entry.

    Args:
        x: the point, shape (n,).

    Returns:
        The value, shape (n,).

    Raises:
        TypeError: ``x`` does not hold real numbers.
        ValueError: ``x`` is not one-dimensional, or empty, or not finite.

    >>> print(relu([-1.0, 0.0, 2.0]))
    [0. 0. 2.]
    """
    return np.maximum(0, as_point(x))


def relu_jacobian(x):
    """The Jacobian of `relu` as a matrix: diagonal, 1 where x > 0, else 0.

    At x = 0, where ReLU has no derivative, the entry is 0, as in PyTorch and JAX.

    Args:
        x: the point, shape (n,).

    Returns:
        J, shape (n, n): 8 n² bytes, which at n = 10,000 are 800 MB.

    Raises:
        TypeError: ``x`` does not hold real numbers.
        ValueError: ``x`` is not one-dimensional, or empty, or not finite.

    >>> print(relu_jacobian([-1.0, 0.0, 2.0]))
    [[0. 0. 0.]
     [0. 0. 0.]
     [0. 0. 1.]]
    """
    return np.diag((as_point(x) > 0).astype(float))


def relu_vjp(x, v):
    """The vector-Jacobian product Jᵀv of `relu`, without its Jacobian.

    Args:
        x: the point, shape (n,).
        v: the cotangent, one number for each output, shape (n,).

    Returns:
        Jᵀv, shape (n,): v where x > 0, and 0 elsewhere.

    Raises:
        TypeError: ``x`` or ``v`` does not hold real numbers.
        ValueError: ``x`` is not one-dimensional, or empty; ``v`` has another shape; or one of them is not finite.

    Source: :eq:`eq-relu-vjp` of book/vjp.md.

    >>> print(relu_vjp([-1.0, 0.0, 2.0], [5.0, 6.0, 7.0]))
    [0. 0. 7.]
    """
    x = as_point(x)
    return (x > 0) * as_point(v, "v", x.shape)
