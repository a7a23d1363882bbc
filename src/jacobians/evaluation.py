"""A user's f, called with care: at one point or at many at once, every value checked.

Serves `differences`, `adaptive` and `colouring`, which differ in where they evaluate f and not in how. A module of its
own, because its rules are about the values of f, and theirs are about points.
"""

import numpy as np

from jacobians.analytic import NotAnalyticError

AGREE = 1e-9  # one value found in two ways may differ by rounding, relative to the largest entry, and not by more


class Evaluator:
    """Calls f at the k points of a block, and gives its values as the columns of a matrix, shape (m, k).

    The points are the rows of the block, shape (k, n); or its columns, shape (n, k), if f is vectorized.

    Args:
        f: the function, from a point, shape (n,), to a value, shape (m,); a list of numbers will do.
        vectorized: whether f takes k points at once, the columns of an (n, k) array, and returns (m, k).
        first: what calls f the very first time, ``first(f, point)``, where that evaluation is special.
        m: the length that a value must have; None: that of the first one.

    A call raises TypeError where a value does not hold numbers of the kind of the points, and ValueError where it is
    not one-dimensional, where its shape changes, or where a vectorized f mixes its columns. What f raises goes through,
    with a note of the point.

    >>> call = Evaluator(lambda x: [x[0] + x[1], x[0] * x[1]])
    >>> call(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([[ 3.,  7.],
           [ 2., 12.]])
    """

    def __init__(self, f, vectorized=False, first=None, m=None):
        self.f, self.vectorized, self.first, self.m = f, vectorized, first, m
        self.dtype, self.points, self.compared = None, 0, False

    def __call__(self, block):
        """The values at the points of a block: at its columns if f is vectorized, else at its rows."""
        return (self.together if self.vectorized else self.one_by_one)(block)

    def value(self, point):
        """The value at one point, shape (m,); the first one settles m, and the type that f computes in."""
        self.points += 1
        try:
            y = self.f(point) if self.first is None else self.first(self.f, point)
        except NotAnalyticError:
            raise
        except Exception as error:
            error.add_note(f"f raised this at the point {np.array2string(np.asarray(point), threshold=6)}")
            raise
        y = numbers(y, point)
        if y.ndim != 1 or not y.size:
            got = "a scalar" if y.ndim == 0 else f"shape {y.shape}"
            raise ValueError(f"the value of f must be one-dimensional, and not empty; got {got}")
        if self.dtype is None:
            self.m, self.dtype, self.first = len(y) if self.m is None else self.m, y.dtype, None
        if len(y) != self.m:
            raise ValueError(f"the value of f must have shape ({self.m},) at every point; got {y.shape}")
        return y

    def one_by_one(self, points):
        """A call of f for each row; a value is copied at once, for f may hand out one buffer again and again."""
        value, values = self.value, None
        for i, point in enumerate(points):
            y = value(point)
            if values is None:
                values = np.empty((self.m, len(points)), points.dtype)
            values[:, i] = y
        return values

    def together(self, points):
        """One call of f for all columns; at the very first, one of them is also evaluated alone, and must agree."""
        alone = None if self.compared else self.value(points[:, 0].copy())
        self.points += points.shape[1]
        try:
            y = self.f(points)
        except Exception as error:
            error.add_note(f"f raised this for {points.shape[1]} points at once, the columns of shape {points.shape}")
            raise
        y = numbers(y, points)
        if y.shape != (self.m, points.shape[1]):
            expected = f"return shape {(self.m, points.shape[1])} for points of shape {points.shape}"
            raise ValueError(f"a vectorized f must {expected}; got {y.shape}")
        if alone is not None and alone.tobytes() != y[:, 0].tobytes():
            compare(alone, y[:, 0])
        self.compared = True
        return y.astype(points.dtype, copy=False)


def compare(alone, among):
    """Raise ValueError unless the value of a point alone is its value among its fellows, but for rounding."""
    parts = [(alone.real, among.real), (alone.imag, among.imag)] if alone.dtype.kind == "c" else [(alone, among)]
    for one, other in parts:
        with np.errstate(all="ignore"):
            apart = np.abs(one.astype(float) - other)
            if not np.isfinite(one).all() or apart.max() <= AGREE * np.abs(one).max():
                continue
        i = int(np.nanargmax(apart))
        raise ValueError(
            f"a vectorized f must treat each column by itself; entry {i} of a value is {one[i]:.6g} for its point "
            f"alone, {other[i]:.6g} among others"
        )


def numbers(y, points):
    """What f returned, as an array of numbers of the kind of the points: a list will do, and so will integers."""
    if type(y) is not np.ndarray:
        if np.ma.isMaskedArray(y):
            raise TypeError("the value of f must hold numbers; got a masked array")
        try:
            y = np.asarray(y)
        except ValueError as error:
            raise TypeError(f"the value of f must hold numbers in a regular array; {error}") from error
    kind = y.dtype.kind
    if kind != points.dtype.kind and (kind not in "uif" or points.dtype.kind == "c"):
        expected = "complex numbers, at a complex point" if points.dtype.kind == "c" else "real numbers"
        raise TypeError(f"the value of f must hold {expected}; got dtype {y.dtype}")
    return y


def all_finite(J):
    """``J`` itself, if every entry is finite. One product tells, unless it overflows.

    Raises:
        ValueError: an entry is NaN or infinite.

    >>> print(all_finite(np.array([1.0, 2.0])))
    [1. 2.]
    """
    flat = J.ravel(order="K")
    if not np.isfinite(np.vdot(flat, flat)) and not np.isfinite(J).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(J))[0])
        raise ValueError(
            f"f must be finite near x; got {J[where]} at index {where if len(where) > 1 else where[0]}. "
            "At the edge of its domain take method 'forward', with a step that leads inside"
        )
    return J
