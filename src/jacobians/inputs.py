"""What the routines accept: each check returns what it was given as floats, or says what was expected and what came."""

from math import isfinite

import numpy as np

DOUBLE = np.dtype(float)


def as_floats(x, name):
    """``x`` as an array of finite double-precision floats, of any shape; never a copy where none is needed.

    Raises:
        TypeError: ``x`` does not hold real numbers.
        ValueError: an entry is NaN or infinite.

    >>> as_floats([1, 2], "x")
    array([1., 2.])
    """
    if type(x) is np.ndarray and x.dtype == DOUBLE and isfinite(np.vdot(x, x)):  # the quick way, unless x·x overflows
        return x
    if np.ma.isMaskedArray(x):
        raise TypeError(f"{name} must hold real numbers; got a masked array")
    if hasattr(x, "primal"):  # dual numbers (jacobians.forward): their values are checked, their tangents go along
        as_floats(x.primal, name)
        return x
    try:
        x = np.asarray(x)
    except ValueError as error:
        raise TypeError(f"{name} must hold real numbers in a regular array; {error}") from error
    if x.dtype.kind not in "buif":
        raise TypeError(f"{name} must hold real numbers, as floats or integers; got dtype {x.dtype}")
    with np.errstate(over="ignore"):  # what is too large for a double becomes infinite, and is refused
        x = np.asarray(x, dtype=float)
    if not np.isfinite(x).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(x))[0])
        place = f" at index {where[0] if len(where) == 1 else where}" if where else ""
        raise ValueError(f"{name} must be finite; got {x[where]}{place}")
    return x


def as_point(x, name="x", shape=None):
    """``x`` as a point: one-dimensional, not empty, finite; of ``shape``, if one is given.

    Raises:
        TypeError: ``x`` does not hold real numbers.
        ValueError: ``x`` has another shape, or an entry is NaN or infinite.

    >>> as_point([1, 2, 3], "xy", shape=(2,))
    Traceback (most recent call last):
    ValueError: xy must have shape (2,); got (3,)
    """
    x = as_floats(x, name)
    if shape is not None and x.shape != shape:
        raise ValueError(f"{name} must have shape {shape}; got {x.shape}")
    if x.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional; got {'a scalar' if x.ndim == 0 else f'shape {x.shape}'}")
    if x.size == 0:
        raise ValueError(f"{name} must have at least one entry; got shape (0,)")
    return x


def as_value(y, shape=None):
    """``y`` as the value of a function: a point, and no truth values, whose differences mean nothing.

    Raises:
        TypeError: ``y`` does not hold real numbers.
        ValueError: ``y`` has another shape, or an entry is NaN or infinite.

    >>> as_value(2.0)
    Traceback (most recent call last):
    ValueError: the value of f must be one-dimensional; got a scalar
    """
    if getattr(y, "dtype", None) == np.bool_:
        raise TypeError("the value of f must hold real numbers, as floats or integers; got dtype bool")
    return as_point(y, "the value of f", shape)


def as_positive(h, name="h"):
    """``h`` as a positive, finite float.

    Raises:
        TypeError: ``h`` is not a real number.
        ValueError: ``h`` is not positive, or not finite, or not a scalar.

    >>> as_positive(0)
    Traceback (most recent call last):
    ValueError: h must be positive; got 0.0
    """
    h = as_floats(h, name)
    if h.ndim != 0:
        raise ValueError(f"{name} must be one number; got shape {h.shape}")
    if not h > 0:
        raise ValueError(f"{name} must be positive; got {h}")
    return float(h)


def as_radius(r, name="r"):
    """``r`` as floats none of which is negative.

    Raises:
        TypeError: ``r`` does not hold real numbers.
        ValueError: an entry is negative, NaN or infinite.

    >>> as_radius([1, -2])
    Traceback (most recent call last):
    ValueError: r must not be negative; got -2.0
    """
    r = as_floats(r, name)
    if (r < 0).any():
        raise ValueError(f"{name} must not be negative; got {r.min()}")
    return r + 0.0  # -0 becomes 0
