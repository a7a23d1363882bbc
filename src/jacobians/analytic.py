"""Is f complex-analytic? A complex point that refuses what is not, while f computes with it. Serves `differences`.

The complex step reads a derivative from the imaginary part. What throws that part away, or mixes it with the real one,
leaves a wrong number and no sign of it: the absolute value, a maximum, ``x.real``. A module of its own, because it is
about what f does, and its neighbours are about where f is called.
"""

from contextlib import suppress
from weakref import WeakSet

import numpy as np

PASSED = WeakSet()  # functions that were watched and did nothing that is not analytic
NOT_ANALYTIC = {  # NumPy's ufuncs and functions, by name
    "the size or a part of a complex number": "absolute fabs sign real imag angle real_if_close nan_to_num norm",
    "conjugation": "conjugate vecdot vecmat vdot std var nanstd nanvar qr svd svdvals cholesky eigh eigvalsh",
    "an order": "maximum minimum fmax fmin clip sort argsort lexsort partition argpartition argmax argmin nanmax "
    "nanmin nanargmax nanargmin median nanmedian quantile percentile searchsorted digitize unique",
    "a comparison": "greater greater_equal less less_equal equal not_equal logical_and logical_or logical_xor "
    "logical_not isclose allclose array_equal iscomplexobj",
}
REFUSED = frozenset(" ".join(NOT_ANALYTIC.values()).split())
BRANCH = 2.0**90  # no derivative is as large, beside the value and in units of x; at a branch cut it seems to be


class NotAnalyticError(ValueError):
    """f is not complex-analytic, or not real at real points."""


class WatchedPoint(np.ndarray):
    """A complex point that raises a `NotAnalyticError` where f uses an operation that is not complex-analytic.

    It stays watched through ufuncs, indexing, NumPy's functions and methods. It is lost where f makes an ordinary array
    of it: by ``np.asarray``, by ``np.array([...])`` of its entries, or in compiled code.

    >>> np.exp(watched(np.array([1.0 + 0j])))[0] > 0
    Traceback (most recent call last):
    jacobians.analytic.NotAnalyticError: method 'complex' needs a complex-analytic f, and np.greater is not; take 'dual' or 'central'
    """  # noqa: E501

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        if ufunc.__name__ in REFUSED:
            refuse(f"np.{ufunc.__name__}")
        if "out" in options:
            options["out"] = tuple(map(plain, options["out"]))
        return watched(getattr(ufunc, method)(*map(plain, inputs), **options))

    def __array_function__(self, function, types, args, options):
        if function.__name__ in REFUSED:
            refuse(f"np.{function.__name__}")
        return watched(super().__array_function__(function, types, args, options))

    def __getitem__(self, index):
        return watched(plain(self)[index])  # an entry stays an array, of no dimensions, and so watched

    def astype(self, dtype, **options):
        """The point in another complex type; a real one is refused."""
        if np.dtype(dtype).kind != "c":
            refuse(f"astype({np.dtype(dtype).name})")
        return super().astype(dtype, **options)

    real = property(lambda self: refuse("x.real"))
    imag = property(lambda self: refuse("x.imag"))
    argmax = argmin = argsort = sort = argpartition = partition = lambda self, *args, **kw: refuse("sorting")


def plain(x):
    """An ordinary array of the same memory, or ``x`` itself where it is not watched."""
    return x.view(np.ndarray) if isinstance(x, WatchedPoint) else x


def watched(x):
    """The complex array or number ``x`` as a `WatchedPoint`; anything else as it is."""
    complex_ = isinstance(x, np.ndarray | np.generic) and x.dtype.kind == "c"
    return np.asarray(x).view(WatchedPoint) if complex_ else x


def refuse(what):
    """Raise for an operation that is not analytic."""
    raise NotAnalyticError(f"method 'complex' needs a complex-analytic f, and {what} is not; take 'dual' or 'central'")


def watched_value(f, z, step=2.0**-200):
    """The value of f at a complex point, one step off the real axis, if nothing betrays a wrong derivative.

    A function that passed is not watched again: it makes no comparison, so it does the same everywhere.

    Args:
        f: the function.
        z: a complex point, shape (n,).
        step: the largest imaginary part of z.

    Returns:
        The value, an array whose shape is not checked.

    Raises:
        NotAnalyticError: f uses an operation that is not complex-analytic; its value is real; or its value is not
            real even at real points, as for the logarithm of a negative number.

    >>> watched_value(lambda z: z**2, np.array([3 + 1e-60j]), step=1e-60)
    array([9.+6.e-60j])
    """
    if _passed(f):
        y = f(z)
    else:
        y = f(watched(z))
        _remember(f)
    y = np.asarray(y)  # no longer watched
    if y.dtype.kind in "buif":
        raise NotAnalyticError(f"method 'complex' needs an f that is complex at complex points; got dtype {y.dtype}")
    if y.dtype.char == "F":
        raise NotAnalyticError(f"method 'complex' needs an f that computes in complex128; got dtype {y.dtype}")
    if y.dtype.kind == "c" and y.size and np.abs(y.imag).max() > BRANCH * step:
        _check_branch(y, z, step)
    return y


def _check_branch(y, z, step):
    """Raise for an imaginary part that would be a derivative beyond all measure."""
    scale = np.abs(z.real[z.real != 0]).min(initial=1.0)
    if np.abs(y.imag).max() > BRANCH * step / scale * max(1.0, np.abs(y.real).max()):
        i = int(np.abs(y.imag).argmax())
        raise NotAnalyticError(
            f"f must be real at real points; entry {i} has the imaginary part {y.imag.flat[i]:.6g}: "
            "a root or logarithm outside its domain, or at its edge?"
        )


def _passed(f):
    """Whether f was watched before, and did nothing wrong."""
    try:
        return f in PASSED
    except TypeError:
        return False


def _remember(f):
    """Keep f in mind for as long as it lives, if it can be."""
    with suppress(TypeError):
        PASSED.add(f)
