"""What the routines accept: each check returns what it was given as floats, or says what was expected and what came."""

from math import isfinite
from operator import index

import array_api_compat as api
import array_api_compat.numpy as numpy_api
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
        raise TypeError(f"{name} must hold real numbers; got dtype {x.dtype}")
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
        raise TypeError("the value of f must hold real numbers; got dtype bool")
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


def as_count(n, name="n"):
    """``n`` as a positive integer.

    Raises:
        TypeError: ``n`` is no integer.
        ValueError: ``n`` is not positive.

    >>> as_count(0, "epochs")
    Traceback (most recent call last):
    ValueError: epochs must be positive; got 0
    """
    try:
        count = index(n)
    except TypeError:
        raise TypeError(f"{name} must be an integer; got {n!r}") from None
    if count < 1:
        raise ValueError(f"{name} must be positive; got {count}")
    return count


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


def as_coordinates(checked=True, **coordinates):
    """The array library that the coordinates belong to, and each of them as real floats of that library.

    Lists, numbers and NumPy's arrays become NumPy's floats, and are checked as `as_floats` does; one that is named
    ``r`` is a radius, and not negative. Arrays of another library (PyTorch, JAX, CuPy, Dask, ...) are not moved,
    copied or computed: their types are looked at and their values are not, so a negative radius among them gives what
    the formula gives.

    Args:
        checked: whether the values of NumPy's arrays are looked at, in one pass over each.
        coordinates: the coordinates by their names.

    Returns:
        The library's namespace, by the names of the array API standard, and the coordinates in their order.

    Raises:
        TypeError: a coordinate does not hold real numbers, or two of them belong to different libraries.
        ValueError: a radius is negative, or an entry is not finite.

    >>> xp, r, theta = as_coordinates(r=[1, 2], theta=0.5)
    >>> print(r * xp.cos(theta))
    [0.87758256 1.75516512]
    """
    others = [x for x in coordinates.values() if not isinstance(x, PLAIN) and api.is_array_api_obj(x)]
    if not others:
        return numpy_api, *[_as_numpy(x, name, checked) for name, x in coordinates.items()]
    xp = api.array_namespace(*others)
    like = _as_real(xp, others[0], "coordinates")
    return xp, *[_as_real(xp, x, name, like) for name, x in coordinates.items()]


PLAIN = (np.ndarray, np.generic, float, int, list, tuple)
INFINITY = np.array(np.inf).view(np.uint64)[()]


def _as_numpy(x, name, checked):
    """``x`` as NumPy's floats, looked at in one pass.

    x·x is finite only if every entry of x is. Read as an unsigned integer, a radius is less than infinity: a negative
    one, by its first bit, is not, and neither is NaN.
    """
    if type(x) is np.ndarray and x.dtype == float:
        if not checked or not x.size:
            return x
        if name == "r" and np.maximum.reduce(x.view(np.uint64), axis=None) < INFINITY:
            return x
        if name != "r" and np.vdot(x, x) < np.inf:
            return x
    return as_radius(x, name) if name == "r" else as_floats(x, name)


def _as_real(xp, x, name, like=None):
    """``x`` as real floats of the library ``xp``; a number takes the type and the device of ``like``."""
    if like is not None and (isinstance(x, PLAIN) or not api.is_array_api_obj(x)):
        x = xp.asarray(_as_numpy(x, name, True), dtype=like.dtype, device=api.device(like))
    if xp.isdtype(x.dtype, "complex floating"):
        raise TypeError(f"{name} must hold real numbers; got dtype {x.dtype}")
    return x if xp.isdtype(x.dtype, "real floating") else xp.astype(x, xp.asarray(0.0).dtype)
