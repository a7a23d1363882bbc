"""What the layers ask of an array, whichever library made it. No check looks at an entry.

An operator (``x * v`` or ``x @ W.T``) says what it means to every library. For the rest a rule takes the functions of
`namespace`: finding them costs NumPy a comparison of types, and any other library one or two microseconds.
"""

import array_api_compat
import array_api_compat.numpy as numpy
import numpy as np


def namespace(**arrays):
    """The functions of the library that made the arrays, by the names of the array API standard.

    Args:
        arrays: each array under the name that an error calls it by.

    Returns:
        A module: `array_api_compat.numpy` for NumPy, `jax.numpy` for JAX, and so on.

    Raises:
        TypeError: one of them is no array, or does not hold real floats; or they come from two libraries.

    Source: the Python array API standard, https://data-apis.org/array-api.

    >>> namespace(x=np.ones(3), v=np.ones(3)).__name__
    'array_api_compat.numpy'
    >>> namespace(x=[1.0, 2.0])
    Traceback (most recent call last):
    TypeError: x must be an array of floats; got a list
    """
    for a in arrays.values():
        if type(a) is not np.ndarray or a.dtype.kind != "f":
            return _looked_up(arrays)
    return numpy


def _looked_up(arrays):
    """`namespace` where the fast answer does not hold."""
    for name, a in arrays.items():
        if not array_api_compat.is_array_api_obj(a):
            raise TypeError(f"{name} must be an array of floats; got a {type(a).__name__}")
    try:
        xp = array_api_compat.array_namespace(*arrays.values())
    except TypeError:
        kinds = ", ".join(f"{type(a).__module__.split('.')[0]} for {name}" for name, a in arrays.items())
        raise TypeError(f"{' and '.join(arrays)} must come from one library; got {kinds}") from None
    for name, a in arrays.items():
        if not xp.isdtype(a.dtype, "real floating"):
            raise TypeError(f"{name} must hold floats; got dtype {a.dtype}")
    return xp


def fit(name, a, shape, what):
    """Refuse an array of another shape than that of ``what``.

    Raises:
        ValueError: the shapes differ.

    >>> fit("v", np.ones(3), (2,), "the value")
    Traceback (most recent call last):
    ValueError: v must have the shape of the value, (2,); got (3,)
    """
    if a.shape != shape:
        raise ValueError(f"{name} must have the shape of {what}, {tuple(shape)}; got {tuple(a.shape)}")


def fit_value(x, y):
    """Refuse a value y at hand that is no array of floats of the shape of x; None is no value.

    Raises:
        TypeError: it is no array of floats, or comes from another library than x.
        ValueError: its shape differs.

    >>> fit_value(np.ones(3), np.ones(2))
    Traceback (most recent call last):
    ValueError: y must have the shape of x, (3,); got (2,)
    """
    if y is not None:
        namespace(x=x, y=y)
        fit("y", y, x.shape, "x")


def fit_tangents(**pairs):
    """Refuse a tangent of another shape than that of its argument, each pair being one of them; None is no tangent.

    Raises:
        TypeError: a tangent is no array of floats.
        ValueError: its shape differs.

    >>> fit_tangents(t=(np.ones(3), np.ones(3)), tb=(np.ones(3), np.ones(2)))
    Traceback (most recent call last):
    ValueError: tb must have the shape of its argument, (2,); got (3,)
    """
    for name, (tangent, a) in pairs.items():
        if tangent is not None:
            namespace(**{name: tangent})
            fit(name, tangent, a.shape, "its argument")


def fit_point(x, axes="n"):
    """Refuse an array that does not end in the axes of one point, or whose last axis is empty.

    Raises:
        ValueError: an axis is missing, or the last one has no entry.

    >>> fit_point(np.ones(5), "cn")
    Traceback (most recent call last):
    ValueError: x must have the shape (..., c, n); got (5,)
    """
    if len(x.shape) < len(axes):
        raise ValueError(f"x must have the shape (..., {', '.join(axes)}); got {tuple(x.shape)}")
    if not x.shape[-1]:
        raise ValueError(f"x must have at least one entry on its last axis; got {tuple(x.shape)}")


def fit_out(xp, out, v):
    """Refuse an ``out`` that cannot take an answer of the shape and dtype of ``v``.

    Raises:
        TypeError: it is not a NumPy array of that shape and dtype, or ``v`` is of another library.

    >>> fit_out(numpy, np.ones(3), np.ones(2))
    Traceback (most recent call last):
    TypeError: out must be a NumPy array, shape (2,), dtype float64, like the arguments; got shape (3,), dtype float64
    """
    if type(out) is not np.ndarray or xp is not numpy or out.shape != v.shape or out.dtype != v.dtype:
        wanted = f"shape {tuple(v.shape)}, dtype {v.dtype}"
        got = f"shape {out.shape}, dtype {out.dtype}" if type(out) is np.ndarray else f"a {type(out).__name__}"
        raise TypeError(f"out must be a NumPy array, {wanted}, like the arguments; got {got}")


def chosen(rules, wrt):
    """What the rules of the arguments ``wrt`` give: an array for one name, a tuple for several.

    Args:
        rules: a function of nothing for each name of an argument.
        wrt: a name, or a tuple of names ("with respect to"). Only their rules are run.

    Raises:
        ValueError: a name is not among the rules.

    >>> rules = {"x": lambda: 1, "W": lambda: 2}
    >>> chosen(rules, "W"), chosen(rules, ("W", "x"))
    (2, (2, 1))
    """
    try:
        return rules[wrt]() if isinstance(wrt, str) else tuple([rules[name]() for name in wrt])
    except KeyError as error:
        raise ValueError(f"wrt must name {' or '.join(rules)}; got {error}") from None


def rows(xp, a):
    """The points of ``a`` as the rows of a matrix, shape (points, n)."""
    return a if len(a.shape) == 2 else xp.reshape(a, (-1, a.shape[-1]))


def total(xp, a):
    """The sum over the leading axes, shape (n,): what a parameter gets from all the points that share it."""
    return a if len(a.shape) == 1 else xp.sum(rows(xp, a), axis=0)


def identity(xp, n, like):
    """True on the diagonal, False off it, shape (n, n), where the array ``like`` lives: a mask for `where`."""
    i = xp.arange(n, device=array_api_compat.device(like))
    return i[:, None] == i


def diagonal(xp, a):
    """The vectors of ``a`` as diagonal matrices, shape (..., n, n)."""
    return xp.where(identity(xp, a.shape[-1], a), a[..., None], 0.0)
