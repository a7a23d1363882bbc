"""Which columns of a sparse Jacobian can share an evaluation of f. Explained in book/differences.md.

Two columns with no row in common can be found together: every output answers to one of them at most. Finding such
groups (Curtis, Powell and Reid 1974) is colouring a graph (Coleman and Moré, SIAM J.
Numer. Anal. 20, 1983, 187 to 209). A module of its own, because a plan knows only the pattern, neither f nor a formula.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize._numdiff import group_columns

from jacobians.evaluation import all_finite
from jacobians.formulas import combined, numerators, stencil
from jacobians.inputs import as_floats

TOGETHER = 2**18  # bytes: larger points are given to f one by one, vectorized or not; its loops are long enough
KEPT = 2**22 - 2**12  # doubles: a freed block as large as this teaches glibc's malloc to keep freed memory up to 64 MB.
# Else each call would touch fresh pages for its vectors, which takes longer than to compute (n = 10⁵: 5.7 ms, not 1.9).


@dataclass(frozen=True, eq=False)
class Plan:
    """A coloured pattern, to be kept and used again at every point.

    Args:
        shape: (m, n).
        indptr: where each row begins, as in a CSR array.
        indices: the column of each entry, row by row.
        colour: the colour of each column, shape (n,).

    Its ``colours`` are how many there are, and so how many evaluations the complex step takes.
    """

    shape: tuple
    indptr: np.ndarray
    indices: np.ndarray
    colour: np.ndarray

    def __post_init__(self):
        np.empty(KEPT)  # never touched, and freed at once
        entries, columns = self.colour[self.indices], np.arange(self.shape[1])
        rows = np.repeat(np.arange(self.shape[0]), np.diff(self.indptr))
        colours = int(self.colour.max()) + 1
        if np.array_equal(self.colour, columns % colours):
            groups = [slice(c, None, colours) for c in range(colours)]
        else:
            groups = np.split(np.argsort(self.colour, kind="stable"), np.cumsum(np.bincount(self.colour))[:-1])
        for name, value in {
            "colours": colours,
            "groups": groups,  # the columns of each colour
            "where": entries * self.shape[0] + rows,  # of each entry, among the compressed columns, (colours, m)
        }.items():
            object.__setattr__(self, name, value)

    def seeds(self):
        """A tangent for each colour, shape (n, colours): 1 at its columns."""
        return (self.colour[:, None] == np.arange(self.colours)).astype(float)

    def entries(self, compressed, start, stop, data=None):
        """The entries of J among compressed columns: a row for each colour from start to stop, and m columns."""
        if stop - start == self.colours:
            return np.take(compressed, self.where)
        position = self.where - start * self.shape[0]
        own = (position >= 0) & (position < compressed.size)
        data[own] = np.take(compressed, position[own])
        return data

    def array(self, data):
        """The entries as a SciPy CSR array, which shares nothing with the plan."""
        return sparse.csr_array((data, self.indices.copy(), self.indptr.copy()), shape=self.shape)


def sparsity_plan(pattern, n=None):
    """A `Plan` for a pattern of entries that may be nonzero.

    Args:
        pattern: an array of shape (m, n), dense or SciPy sparse, nonzero where J may be; or a band (lower, upper): a
            square J with so many diagonals below and above the main one.
        n: the number of columns, which a band needs.

    Returns:
        The plan. A band of any size has at most lower + upper + 1 colours; another pattern is coloured greedily, column
        by column, by SciPy's ``group_columns``.

    Raises:
        TypeError: ``pattern`` does not hold numbers.
        ValueError: ``pattern`` is not two-dimensional, or empty; a band lacks n, or its widths are negative.

    Source: Curtis, Powell and Reid (1974), On the estimation of sparse Jacobian matrices.

    >>> plan = sparsity_plan((1, 1), n=1_000_000)
    >>> plan.shape, plan.colours, len(plan.indices)
    ((1000000, 1000000), 3, 2999998)
    """
    if isinstance(pattern, tuple) and len(pattern) == 2 and all(np.ndim(width) == 0 for width in pattern):
        return _band(*pattern, n)
    if sparse.issparse(pattern):
        pattern = sparse.csr_array(pattern, copy=True)
    else:
        dense = as_floats(pattern, "sparsity")
        if dense.ndim != 2:
            raise ValueError(f"sparsity must have shape (m, n), or be a band (lower, upper); got shape {dense.shape}")
        pattern = sparse.csr_array(dense)
    if 0 in pattern.shape:
        raise ValueError(f"sparsity must have rows and columns; got shape {pattern.shape}")
    pattern.eliminate_zeros()
    pattern.sum_duplicates()
    colour = group_columns(pattern, np.arange(pattern.shape[1]))
    return Plan(pattern.shape, pattern.indptr, pattern.indices, colour)


def _band(lower, upper, n):
    """The plan of a band: columns lower + upper + 1 apart have no row in common."""
    if n is None:
        raise ValueError("a band needs n, the number of columns; got None")
    if not all(isinstance(width, int | np.integer) and width >= 0 for width in (lower, upper)):
        raise ValueError(f"a band must be two whole numbers, lower and upper, not negative; got {(lower, upper)}")
    lower, upper = min(int(lower), n - 1), min(int(upper), n - 1)
    offsets = np.arange(-lower, upper + 1)
    band = sparse.csr_array(sparse.dia_array((np.ones((len(offsets), n), np.int8), offsets), shape=(n, n)))
    return Plan((n, n), band.indptr, band.indices, np.arange(n) % len(offsets))


def as_plan(sparsity, n):
    """``sparsity`` as a `Plan` for a point of n components.

    Raises:
        ValueError: it has another number of columns; or see `sparsity_plan`.
    """
    plan = sparsity if isinstance(sparsity, Plan) else sparsity_plan(sparsity, n)
    if plan.shape[1] != n:
        raise ValueError(f"sparsity must have {n} columns, one for each entry of x; got shape {plan.shape}")
    return plan


def sparse_jacobian(plan, call, x, h, method, max_bytes):
    """J as a CSR array, all columns of a colour in one evaluation; called by `jacobians.differences.jacobian`.

    Args:
        plan: the `Plan`.
        call: the `jacobians.evaluation.Evaluator` of f.
        x: the point, shape (n,), floats.
        h: the steps, shape (n,).
        method: as in `jacobians.formulas.stencil`.
        max_bytes: how much memory the compressed columns of a block may take.
    """
    quotients = 2 if method == "central4" else 1
    data, distances = [None] * quotients, np.empty((quotients, len(x)))
    points = 2 * quotients * plan.colours * 8 * max(plan.shape)  # bytes, or of their values
    compute = _together if call.vectorized and points <= min(TOGETHER, max_bytes) else _in_turn
    base = call.value(x.copy()).astype(float) if method == "forward" and compute is _in_turn else None
    width = min(max(1, int(max_bytes) // (8 * plan.shape[0] * quotients)), plan.colours)
    block = np.empty((quotients, width, plan.shape[0]))
    for start in range(0, plan.colours, width):
        stop = min(start + width, plan.colours)
        compressed = block[:, : stop - start]
        compute(plan, call, x, h, method, range(start, stop), compressed, distances, base)
        if start == 0 and stop < plan.colours:
            data = [np.empty(len(plan.indices)) for _ in data]
        data = [plan.entries(compressed[k], start, stop, data[k]) for k in range(quotients)]
    for k in range(quotients):
        data[k] /= h[0] if h.strides == (0,) and method == "complex" else distances[k, plan.indices]
    return plan.array(all_finite(combined(data)))


def _in_turn(plan, call, x, h, method, colours, compressed, distances, base):
    """Fill in the numerators, shape (quotients, colours, m), and the distances: a call of f for each point."""

    def value(to):
        """f where the components of one colour are moved."""
        point = x.astype(to.dtype)
        point[own] = to
        return call.value(point)

    for i, c in enumerate(colours):
        own = plan.groups[c]
        moved, apart = stencil(x[own], h[own], method)
        for k, distance in enumerate(apart):
            distances[k, own] = distance
            first = value(moved[2 * k])
            compressed[k, i] = first.imag if method == "complex" else first  # copied: f may return one buffer for all
            if method != "complex":
                compressed[k, i] -= base if method == "forward" else value(moved[2 * k + 1])


def _together(plan, call, x, h, method, colours, compressed, distances, base):
    """The same by one call of f for all points, of which forward differences have x last."""
    moved, distances[:] = stencil(x, h, method)
    b = len(colours)
    points = np.empty((len(x), b * len(moved) + (method == "forward")), moved[0].dtype)
    points[:] = x[:, None]
    for k, to in enumerate(moved):
        for c in colours:
            points[plan.groups[c], k * b + c] = to[plan.groups[c]]
    for k, difference in enumerate(numerators(call(points), b, method)):
        compressed[k] = difference.T
