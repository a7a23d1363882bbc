"""Two moons: points to learn from, the density they come from, and two densities fitted without a map. Serves `flows`.

A module of its own, because here nothing is learned by gradients. Points are rows, shape (..., 2).
"""

import numpy as np
from scipy.stats import gaussian_kde, multivariate_normal

from jacobians.inputs import as_floats, as_positive

WIDTHS = tuple(np.geomspace(0.04, 0.32, 13).round(4).tolist())  # a quarter of an octave apart
ANGLES = 400  # of the midpoint rule, at least


def as_points(x, name="x"):
    """``x`` as finite points of the plane, floats of shape (..., 2).

    Raises:
        TypeError: ``x`` does not hold real numbers.
        ValueError: the last axis has not two entries, or one is not finite.

    >>> as_points([1, 2, 3])
    Traceback (most recent call last):
    ValueError: x must have shape (..., 2); got (3,)
    """
    x = as_floats(x, name)
    if x.shape[-1:] != (2,):
        raise ValueError(f"{name} must have shape (..., 2); got {x.shape}")
    return x


def arc(theta, moon):
    """The points of a moon's middle line: half a unit circle about the origin, or its twin, turned and moved.

    Args:
        theta: the angle in radians, from 0 to π, any shape.
        moon: 0 for the upper moon, 1 for the lower one, of a shape that broadcasts with ``theta``.

    Returns:
        The points, of the common shape and (2,).

    >>> print(arc(np.pi / 2, [0, 1]).round(12))
    [[ 0.   1. ]
     [ 1.  -0.5]]
    """
    c, s, moon = np.cos(theta), np.sin(theta), np.asarray(moon)
    return np.stack([np.where(moon, 1 - c, c), np.where(moon, 0.5 - s, s)], axis=-1)


def two_moons(n, noise=0.1, seed=237):
    """Points about two half circles, one moon after the other in turn: uniformly random angles, and Gaussian noise.

    Args:
        n: how many points.
        noise: the standard deviation of either coordinate about the half circle.
        seed: fixes the points.

    Returns:
        The points, shape (n, 2).

    Raises:
        TypeError: ``noise`` does not hold a real number.
        ValueError: ``noise`` is not positive; or ``n`` is negative.

    >>> print(two_moons(2000).mean(axis=0).round(1))
    [0.5 0.2]
    """
    rng, noise = np.random.default_rng(seed), as_positive(noise, "noise")
    return arc(np.pi * rng.random(n), np.arange(n) % 2) + noise * rng.standard_normal((n, 2))


def moons_log_density(x, noise=0.1):
    """The logarithm of the density that `two_moons` draws from: a Gaussian about each point of both half circles.

    Args:
        x: points, shape (..., 2).
        noise: as in `two_moons`.

    Returns:
        log p, shape (...).

    Raises:
        TypeError: an argument does not hold real numbers.
        ValueError: the last axis of ``x`` has not two entries, an entry is not finite, or ``noise`` is not positive.

    Source: :eq:`eq-moons` of book/flows.md, the integral by the midpoint rule.

    >>> print(moons_log_density([[0.0, 1.0], [0.5, 0.25], [0.0, 3.0]]).round(3))
    [  -0.453   -9.192 -201.003]
    """
    x, noise = as_points(x), as_positive(noise, "noise")
    k = max(ANGLES, int(40 / noise))  # their distance is less than a tenth of the noise
    middle = arc(np.pi * (np.arange(k) + 0.5) / k, [[0], [1]]).reshape(-1, 2) / noise
    log_p = [_log_mean_exp(row, middle) for row in x.reshape(-1, 2) / noise]
    return np.reshape(log_p, x.shape[:-1]) - np.log(2 * np.pi * noise**2)


def _log_mean_exp(x, middle):
    """The logarithm of the mean of exp(−d²/2) over the distances d of x; the largest is taken out, lest all vanish."""
    exponents = -((middle[:, 0] - x[0]) ** 2 + (middle[:, 1] - x[1]) ** 2) / 2
    largest = exponents.max()
    return largest + np.log(np.exp(exponents - largest).mean())


def gaussian(points):
    """The Gaussian with the mean and the covariance of the points.

    Args:
        points: shape (n, 2).

    Returns:
        SciPy's frozen distribution, whose ``logpdf`` takes points, shape (..., 2).

    Raises:
        TypeError: ``points`` does not hold real numbers.
        ValueError: ``points`` has another shape, or an entry is not finite.

    >>> print(gaussian([[1.0, 0.0], [-1.0, 0.0], [0.0, 2.0], [0.0, -2.0]]).cov)
    [[0.5 0. ]
     [0.  2. ]]
    """
    points = as_points(points, "points")
    return multivariate_normal(points.mean(axis=0), np.cov(points.T, bias=True))


def kernel_density(points, widths=WIDTHS):
    """The mean of a Gaussian about each point, as wide as makes each point likeliest by the others.

    Args:
        points: shape (n, 2).
        widths: those to choose from, as parts of the covariance's root.

    Returns:
        SciPy's `gaussian_kde`, the width as its ``factor``; its ``logpdf`` takes points as columns, shape (2, n).

    Raises:
        TypeError: ``points`` does not hold real numbers.
        ValueError: ``points`` has another shape, or an entry is not finite.

    Source: likelihood cross-validation, Silverman (1986), *Density Estimation for Statistics and Data Analysis*, 3.4.4.

    >>> points = two_moons(500)
    >>> print(kernel_density(points, widths=[0.05, 0.1, 0.2, 0.4]).factor)
    0.1
    """
    points = as_points(points, "points")
    return gaussian_kde(points.T, max(widths, key=lambda width: leave_one_out(points, width)))


def leave_one_out(points, width):
    """The mean logarithm of the density of each point, estimated from all the others.

    Args:
        points: shape (n, 2).
        width: of the kernel, as in `kernel_density`.

    Returns:
        A float.

    >>> print(f"{leave_one_out(two_moons(500), 0.1):.3f}")
    -1.106
    """
    n, kernels = len(points), gaussian_kde(points.T, width)
    own = 1 / np.sqrt(np.linalg.det(2 * np.pi * kernels.covariance))
    others = (n * kernels.pdf(points.T) - own) / (n - 1)
    return float(np.log(np.maximum(others, np.finfo(float).tiny)).mean())
