"""Polar coordinates and the determinant as a factor of area. Explained in book/polar.md.

Each routine takes numbers, lists, and the arrays of NumPy or of any library of the array API standard. In its body
``xp`` is that library. Values are checked where they are NumPy's (`jacobians.inputs.as_coordinates`).
"""

import numpy as np

from jacobians.inputs import as_coordinates, as_point, as_radius


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
    xp, r, theta = as_coordinates(r=r, theta=theta)
    return xp.stack([r * xp.cos(theta), r * xp.sin(theta)])


def cartesian_to_polar(x, y):
    """The inverse of `polar_to_cartesian`: the radius √(x² + y²) and the angle from the x axis.

    The squares are never formed, so that a radius of 1e-300 or 1e300 comes out as exactly as one of 1.

    Args:
        x: the abscissa, a scalar or an array.
        y: the ordinate, of a shape that broadcasts with ``x``.

    Returns:
        r and θ stacked, shape (2,) for scalars and (2, ...) for arrays; θ in radians, from −π to π. At the origin,
        which has every angle, θ is 0 or ±π, by the signs of the zeros.

    Raises:
        TypeError: ``x`` or ``y`` does not hold real numbers.
        ValueError: an entry is not finite.

    Source: :eq:`eq-polar` of book/polar.md, solved for r and θ.

    >>> print(cartesian_to_polar(1.0, 1.0))
    [1.41421356 0.78539816]
    """
    xp, x, y = as_coordinates(x=x, y=y)
    return xp.stack([xp.hypot(x, y), xp.atan2(y, x)])


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
    xp, r, theta = as_coordinates(r=r, theta=theta)
    r, theta = xp.broadcast_arrays(r, theta)
    c, s = xp.cos(theta), xp.sin(theta)
    # 0 - r s rather than -r s: at the origin that is 0, not -0
    return xp.stack([xp.stack([c, 0 - r * s], axis=-1),
                     xp.stack([s, r * c], axis=-1)], axis=-2)  # fmt: skip


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
    xp, r, theta = as_coordinates(r=r, theta=theta)
    return 1.0 * _spread(xp, r, theta)  # a product is a new array


def polar_log_abs_det(r, theta=0.0):
    """The logarithm of the determinant r, for densities: log p(r, θ) = log p(x, y) + log r.

    A radius that is negative, NaN or infinite shows in its logarithm, where one look at the result finds it.

    Args:
        r: the radius, a scalar or an array, not negative.
        theta: the angle in radians, of a shape that broadcasts with ``r``; only its shape matters.

    Returns:
        log r, of the common shape; −∞ at r = 0, where the map has no inverse.

    Raises:
        TypeError: ``r`` or ``theta`` does not hold real numbers.
        ValueError: a radius is negative, NaN or infinite.

    Source: the logarithm of :eq:`eq-polar-determinant` of book/polar.md.

    >>> print(polar_log_abs_det([1e-300, 1.0, 1e300]).round(4))
    [-690.7755    0.      690.7755]
    """
    xp, r, theta = as_coordinates(checked=False, r=r, theta=theta)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = _log(r) if isinstance(r, np.ndarray) else xp.log(r)
    return _spread(xp, value, theta)


BLOCK = 2**16  # radii: half a megabyte, which the nearer caches hold


def _log(r, out=None):
    """log r, block by block: the look at a block finds it in the cache, and later it would cost twice as much."""
    if r.size > BLOCK:
        flat, out = np.ravel(r), np.empty(r.size)
        for i in range(0, r.size, BLOCK):
            _log(flat[i : i + BLOCK], out[i : i + BLOCK])
        return out.reshape(r.shape)
    value = np.log(r, out=out)
    if r.size and not np.maximum.reduce(value, axis=None) < np.inf:
        as_radius(r)  # says which
    return value


def _spread(xp, value, other):
    """``value`` over the shape that it has in common with ``other``."""
    return value if value.shape == other.shape or other.ndim == 0 else xp.broadcast_arrays(value, other)[0]


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
