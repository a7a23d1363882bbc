"""The Jacobian matrix, by hand and by central differences. Explained in book/jacobian.md."""

import numpy as np

from jacobians.inputs import as_point, as_positive, as_value


def f_vec(xy):
    """The worked example f(x, y) = [x² + y, sin(x)·y], a map of the plane to itself.

    Args:
        xy: the point (x, y), shape (2,); x is an angle in radians where it stands under the sine.

    Returns:
        The value, shape (2,); infinite where it is too large for a double.

    Raises:
        TypeError: ``xy`` does not hold real numbers.
        ValueError: ``xy`` has another shape, or is not finite.

    >>> print(f_vec([1.5, 2.0]))
    [4.25       1.99498997]
    """
    x, y = as_point(xy, "xy", shape=(2,))
    return np.array([x**2 + y, np.sin(x) * y])


def jacobian_analytical(xy):
    """The Jacobian of `f_vec`, from its four partial derivatives found by hand.

    Args:
        xy: the point (x, y), shape (2,).

    Returns:
        J, shape (2, 2): row i holds the partial derivatives of output i, column j those by input j.

    Raises:
        TypeError: ``xy`` does not hold real numbers.
        ValueError: ``xy`` has another shape, or is not finite.

    Source: :eq:`eq-partials` of book/jacobian.md.

    >>> print(jacobian_analytical([1.5, 2.0]))
    [[3.         1.        ]
     [0.1414744  0.99749499]]
    """
    x, y = as_point(xy, "xy", shape=(2,))
    return np.array([[2 * x,         1.0],
                     [np.cos(x) * y, np.sin(x)]])  # fmt: skip


def jacobian_numerical(f, xy, h=1e-5):
    """The Jacobian of any map, column by column, by central differences of step ``h``.

    Args:
        f: a function of a point, shape (n,), to a value, shape (m,).
        xy: the point, shape (n,); integers are taken as floats.
        h: the step, in the units of ``xy``.

    Returns:
        J, shape (m, n). Its error is of the order h² from the formula, and about 1e-16·‖f‖/h from rounding.

    Raises:
        TypeError: ``xy``, ``h`` or a value of ``f`` does not hold real numbers.
        ValueError: ``xy`` is not a finite, one-dimensional, non-empty array; ``h`` is not positive, or so small that
            more than a thousandth of it is lost beside an entry of ``xy``, or so large that it overflows; ``f`` returns
            a scalar, another shape from point to point, or a value that is not finite.

    Source: :eq:`eq-central` of book/jacobian.md.

    >>> print(np.round(jacobian_numerical(f_vec, [1.5, 2.0]), 6))
    [[3.       1.      ]
     [0.141474 0.997495]]
    """
    xy, h = as_point(xy, "xy").copy(), as_positive(h)
    y = as_value(f(xy.copy()))
    J = np.zeros((len(y), len(xy)))
    for j in range(len(xy)):
        xy_plus, xy_minus = xy.copy(), xy.copy()
        xy_plus[j] += h
        xy_minus[j] -= h
        # rounding may lose part of a small step, and overflow a large one
        if not abs((float(xy_plus[j]) - float(xy_minus[j])) / (2 * h) - 1) < 1e-3:
            raise ValueError(f"h must change xy by h; {h} does not at {xy[j]}")
        # a copy, since f may write its next value into the same array
        f_plus = as_value(f(xy_plus), y.shape).copy()
        f_minus = as_value(f(xy_minus), y.shape)
        J[:, j] = (f_plus - f_minus) / (2 * h)
    return J
