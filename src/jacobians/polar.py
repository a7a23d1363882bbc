"""Polar coordinates and the determinant as a factor of area. Explained in book/polar.md."""

import numpy as np

from jacobians.inputs import as_floats, as_point, as_radius


def polar_to_cartesian(r, theta):
    """The point (r cos θ, r sin θ).

    Args:
        r: the radius, a scalar or an array, not negative.
        theta: the angle in radians, of a shape that broadcasts with ``r``.

    Returns:
        x and y stacked, shape (2,) for scalars and (2, ...) for arrays, in the unit of ``r``.

    Raises:
        TypeError: ``r`` or ``theta`` does not hold real numbers.
        ValueError: a radius is negative, or an entry is not finite.

    >>> print(polar_to_cartesian(2.0, np.pi / 6))
    [1.73205081 1.        ]
    """
    r, theta = as_radius(r), as_floats(theta, "theta")
    return np.stack([r * np.cos(theta), r * np.sin(theta)])


def polar_jacobian(r, theta):
    """The Jacobian of `polar_to_cartesian`.

    Args:
        r: the radius, a scalar or an array, not negative.
        theta: the angle in radians, of a shape that broadcasts with ``r``.

    Returns:
        J, shape (2, 2) for scalars and (..., 2, 2) for arrays: the columns are the derivatives by r and by θ.

    Raises:
        TypeError: ``r`` or ``theta`` does not hold real numbers.
        ValueError: a radius is negative, or an entry is not finite.

    Source: :eq:`eq-polar-jacobian` of book/polar.md.

    >>> print(polar_jacobian(2.0, np.pi / 6))
    [[ 0.8660254  -1.        ]
     [ 0.5         1.73205081]]
    """
    r, theta = np.broadcast_arrays(as_radius(r), as_floats(theta, "theta"))
    c, s = np.cos(theta), np.sin(theta)
    # 0 - r s rather than -r s: at the origin that is 0, not -0
    return np.stack([np.stack([c, 0 - r * s], axis=-1),
                     np.stack([s, r * c], axis=-1)], axis=-2)  # fmt: skip


def polar_determinant(r, theta=0.0):
    """The determinant of `polar_jacobian`, which is r: the area that a unit of dr dθ covers.

    Args:
        r: the radius, a scalar or an array, not negative.
        theta: the angle in radians, of a shape that broadcasts with ``r``; the determinant does not depend on it.

    Returns:
        det J = r, of the common shape, in the unit of ``r``.

    Raises:
        TypeError: ``r`` or ``theta`` does not hold real numbers.
        ValueError: a radius is negative, or an entry is not finite.

    Source: :eq:`eq-polar-determinant` of book/polar.md.

    >>> print(polar_determinant(2.0, np.pi / 6))
    2.0
    """
    r, theta = np.broadcast_arrays(as_radius(r), as_floats(theta, "theta"))
    return r.copy()[()]


def shoelace(x, y):
    """The area inside a closed polygon, by the shoelace formula: half the sum of x[i]·y[i+1] − x[i+1]·y[i].

    Args:
        x: the abscissas of the corners in order, shape (k,).
        y: their ordinates, shape (k,).

    Returns:
        The area, in the square of the unit; negative if the corners run clockwise.

    Raises:
        TypeError: ``x`` or ``y`` does not hold real numbers.
        ValueError: ``x`` is not one-dimensional, or empty; ``y`` has another shape; or one of them is not finite.

    Source: Green's theorem for a polygon.

    >>> print(shoelace([0, 2, 2, 0], [0, 0, 3, 3]))
    6.0
    """
    x = as_point(x)
    y = as_point(y, "y", x.shape)
    return (x @ np.roll(y, -1) - np.roll(x, -1) @ y) / 2


def polar_cell(r, dr, theta, dtheta, points=1000):
    """The boundary of the image of the rectangle [r, r + Δr] × [θ, θ + Δθ], as a polygon.

    Args:
        r: the inner radius, not negative.
        dr: the width Δr.
        theta: the first angle, in radians.
        dtheta: the angle Δθ, in radians.
        points: how many corners each arc has.

    Returns:
        x and y of the corners, shape (2, 2 · points), counter-clockwise: along the outer arc and back along the inner.

    Raises:
        TypeError: an argument does not hold real numbers.
        ValueError: the radius is negative, or an argument is not finite.

    >>> polar_cell(1.0, 0.5, 0.0, 0.25).shape
    (2, 2000)
    """
    angles = np.linspace(theta, theta + dtheta, points)
    return np.hstack([polar_to_cartesian(r + dr, angles), polar_to_cartesian(r, angles[::-1])])
