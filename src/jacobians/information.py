"""What a map keeps and what it loses: singular values, whitening, null spaces. Explained in book/information.md.

A Jacobian J, shape (m, n), is taken apart into J = Σ σᵢ vᵢ tᵢᵀ: a tangent tᵢ becomes σᵢ times the cotangent vᵢ, and vᵢ
is pulled back to σᵢ times tᵢ. Tangents whose σ is 0, and those beyond the m-th, are lost.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from jacobians.backprop import compose, jacobian
from jacobians.inputs import as_floats, as_point
from jacobians.layers import dense, relu

EPS = np.finfo(float).eps
MILD = 1e-6  # the least eigenvalue of correlations from which a covariance loses at most half of the digits


@dataclass(frozen=True)
class Parts:
    """A Jacobian taken apart by `take_apart`.

    Args:
        sigma: the singular values, shape (min(m, n),), the largest first.
        cotangents: the vᵢ, orthonormal rows, shape (m, m).
        tangents: the tᵢ, orthonormal rows, shape (n, n).
        rank: how many singular values differ from 0 by more than rounding.
    """

    sigma: np.ndarray
    cotangents: np.ndarray
    tangents: np.ndarray
    rank: int

    @property
    def seen(self):
        """Tangents that J sees, which span its rows; orthonormal, shape (rank, n)."""
        return self.tangents[: self.rank]

    @property
    def unseen(self):
        """Tangents that J sends to 0, which span the null space; orthonormal, shape (n − rank, n)."""
        return self.tangents[self.rank :]

    @property
    def stretch(self):
        """The smallest and the largest factor by which J multiplies the length of a tangent."""
        return (0.0 if self.rank < len(self.tangents) else float(self.sigma[-1])), float(self.sigma[0])

    @property
    def condition(self):
        """The largest over the smallest factor; infinite where some tangent is lost."""
        least, most = self.stretch
        return most / least if least else np.inf

    def split(self, t):
        """The part of the tangent ``t``, shape (n,), that J sees, and the part that it does not; their sum is t."""
        t = as_point(t, "t", self.tangents.shape[:1])
        seen = self.seen.T @ (self.seen @ t)
        return seen, t - seen


def take_apart(J):
    """The singular value decomposition of a Jacobian, with what it sees and what it does not.

    A singular value counts as 0 up to max(m, n) ϵ σ₁, the size of its rounding error, as in NumPy's `matrix_rank`.

    Args:
        J: the matrix, shape (m, n).

    Returns:
        `Parts`. The signs are the processor's; tᵢ and vᵢ may both be turned round; where singular values are equal, and
        among the unseen, any other orthonormal basis would do.

    Raises:
        TypeError: ``J`` does not hold real numbers.
        ValueError: ``J`` is no matrix, is empty, or is not finite.

    Source: :eq:`eq-singular` of book/information.md.

    >>> parts = take_apart([[3.0, 0.0, 0.0], [0.0, 0.5, 0.0]])
    >>> print(parts.sigma, parts.rank, parts.stretch, parts.unseen.shape)
    [3.  0.5] 2 (0.0, 3.0) (1, 3)
    """
    J = _matrix(J, "J")
    V, sigma, T = np.linalg.svd(J)
    return Parts(sigma, V.T, T, int(np.sum(sigma > max(J.shape) * EPS * sigma[0])))


def _matrix(a, name):
    a = as_floats(a, name)
    if a.ndim != 2 or not a.size:
        raise ValueError(f"{name} must be a matrix with at least one entry; got shape {a.shape}")
    return a


@dataclass(frozen=True)
class Whitening:
    """The affine map x ↦ B (x − μ) under which the points of `whitening` have mean 0 and covariance I.

    Args:
        mean: μ, shape (n,).
        matrix: B, shape (n, n).
    """

    mean: np.ndarray
    matrix: np.ndarray

    def __call__(self, X):
        """The points ``X``, shape (..., n), whitened: the same shape."""
        X = as_floats(X, "X")
        if X.shape[-1:] != self.mean.shape:
            raise ValueError(f"X must have shape (..., {len(self.mean)}); got {X.shape}")
        return (X - self.mean) @ self.matrix.T

    def distance(self, a, b):
        """The Mahalanobis distance of two points, shape (n,) each: the length of B (a − b), in deviations."""
        a, b = (as_point(point, name, self.mean.shape) for point, name in [(a, "a"), (b, "b")])
        return float(np.linalg.norm(self.matrix @ (a - b)))


def whitening(X):
    """The `Whitening` of points: each coordinate over its deviation, then the root of their correlations undone.

    B = R⁻¹ D⁻¹, with the deviations on the diagonal of D, and with R the symmetric, positive root of the correlations.
    This B is the only one of its kind, and the white points do not depend on the units of the coordinates.

    Args:
        X: the points, one a row, shape (N, n), with N > n.

    Raises:
        TypeError: ``X`` does not hold real numbers.
        ValueError: ``X`` is no matrix, or not finite; or the points lie in a plane of fewer than n dimensions.

    Source: A. Kessy, A. Lewin and K. Strimmer, Optimal whitening and decorrelation, Am. Stat. 72 (2018) 309.

    >>> X = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 6.0], [2.0, 6.0]])
    >>> white = whitening(X)
    >>> print(abs(np.cov(white(X).T)).round(12))
    [[1. 0.]
     [0. 1.]]
    >>> print(f"{white.distance(X[0], X[3]):.4f}")
    2.4495
    """
    X = _matrix(X, "X")
    mean = X.mean(axis=0)
    deviations, roots, axes = _principal(X - mean)
    _must_have_full_rank(roots, X)
    return Whitening(mean, (axes.T / roots) @ axes / deviations)


def _must_have_full_rank(roots, X):
    rank = int(np.sum(roots > max(X.shape) * EPS * roots.max()))
    if rank < X.shape[1]:
        raise ValueError(f"X must vary along all its {X.shape[1]} coordinates; got a covariance of rank {rank}")


def _principal(Z):
    """The deviations of centred points, and the roots of the eigenvalues of their correlations with their axes.

    The covariance squares a condition number; where that would cost digits, the triangle of Z = QR is used instead.
    """
    degrees = max(len(Z) - 1, 1)
    covariance = Z.T @ Z / degrees
    deviations = np.sqrt(np.diag(covariance))
    scale = np.where(deviations > 0, deviations, 1.0)
    eigenvalues, axes = np.linalg.eigh(covariance / scale / scale[:, None])
    if eigenvalues[0] > MILD:
        return scale, np.sqrt(eigenvalues), axes.T
    _, roots, axes = np.linalg.svd(np.linalg.qr(Z, mode="r") / scale / np.sqrt(degrees))
    return scale, np.append(roots, np.zeros(len(axes) - len(roots))), axes


def misplaced(clusters, groups):
    """Which points a clustering has put with another group than their own, each cluster named for the best.

    Clusters have no names. They are given those of the groups, one each, so that as few points as can be are misplaced.

    Args:
        clusters: the number of the cluster of each point, integers, shape (N,).
        groups: the number of the group to which it belongs, integers, shape (N,).

    Returns:
        Truth values, shape (N,).

    Raises:
        ValueError: the two differ in shape, or are empty or not one-dimensional.

    Source: H. W. Kuhn, The Hungarian method for the assignment problem, Nav. Res. Logist. 2 (1955) 83.

    >>> misplaced([1, 1, 0, 0, 0], [0, 0, 0, 1, 1]).tolist()
    [False, False, True, False, False]
    """
    groups, clusters = np.asarray(groups), np.asarray(clusters)
    if groups.ndim != 1 or not groups.size or clusters.shape != groups.shape:
        raise ValueError(f"clusters and groups must have one shape, (N,); got {clusters.shape} and {groups.shape}")
    (found, row), (true, column) = (np.unique(a, return_inverse=True) for a in (clusters, groups))
    counts = np.zeros((len(found), len(true)), int)
    np.add.at(counts, (row, column), 1)
    name = np.full(len(found), -1)
    rows, columns = linear_sum_assignment(-counts)
    name[rows] = columns
    return name[row] != column


def reach(layers, x, t):
    """How far from x along t a network is affine: the largest s such that no ReLU switches before x + s t.

    Args:
        layers: as for `jacobians.chain.compose`, each ``relu`` or ``(dense, W, b)``.
        x: the point, shape (n,).
        t: the tangent, shape (n,); s is in units of its length.

    Returns:
        s, infinite if no ReLU ever switches; 0 if one switches at x itself.

    Raises:
        ValueError: a layer is neither dense nor ReLU; or shapes differ, or an entry is not finite.

    >>> layers = [(dense, np.eye(2), np.array([0.0, -3.0])), relu]
    >>> x = [1.0, 1.0]
    >>> print(reach(layers, x, [0.0, 0.5]), reach(layers, x, [1.0, -1.0]))
    4.0 inf
    """
    x = as_point(x)
    t, least = as_point(t, "t", x.shape), np.inf
    for layer in layers:
        if layer is relu:
            switches = ((x > 0) & (t < 0)) | ((x <= 0) & (t > 0))
            least = min(least, np.min(-x[switches] / t[switches], initial=np.inf))
            x, t = relu.forward(x), relu.jvp(x, t)
        elif isinstance(layer, tuple) and layer[0] is dense:
            x, t = dense.forward(x, *layer[1:]), dense.jvp(x, *layer[1:], t)
        else:
            raise ValueError(f"layers must be relu or (dense, W, b); got {layer}")
    return float(least)


def walk(layers, x, towards, steps=100, low=0.0, high=1.0):
    """The end of a walk from x towards another point, along which a network keeps all its scores.

    Each step goes where J sees nothing: of what is left, a twenty-fifth if there are 100 steps. Newton's method then
    takes back what the scores have changed, since a ReLU may have switched.

    Args:
        layers: the chain, as for `jacobians.chain.compose`.
        x: where to start, shape (n,).
        towards: the point to come near to, shape (n,).
        steps: how many; each goes 4 / steps of what is left.
        low: the least value that a coordinate may take; one that would leave the range stays as it is for that step.
        high: the largest value that a coordinate may take.

    Returns:
        The last point, shape (n,).

    Raises:
        ValueError: shapes differ, an entry is not finite, x is out of range, or there are fewer than 4 steps.
        ArithmeticError: too few coordinates are within their range to keep the scores.

    Source: predictor and corrector, E. Allgower and K. Georg, Numerical Continuation Methods (1990), chapter 2.

    >>> layers = [(dense, np.array([[1.0, 1.0]]), np.zeros(1))]
    >>> print(walk(layers, [0.8, 0.1], [0.3, 1.0]).round(2))  # on x + y = 0.9
    [0.11 0.79]
    """
    x, towards = _ends(x, towards, steps, low, high)
    scores = compose(*layers)(x)[0]
    for _ in range(steps):
        step = (towards - x) * 4 / steps
        x = _predicted(jacobian(layers, x), x, step, low, high)
        x = _corrected(layers, x, scores, low, high)
    return x


def _ends(x, towards, steps, low, high):
    """The two ends of a walk as points, if the walk can begin."""
    x = as_point(x)
    if steps < 4:
        raise ValueError(f"steps must be at least 4; got {steps}")
    if outside := np.flatnonzero((x < low) | (x > high)).tolist():
        raise ValueError(f"x must be from {low} to {high}; got {x[outside[0]]} at index {outside[0]}")
    return x, as_point(towards, "towards", x.shape)


def _predicted(J, x, step, low, high):
    """x moved by the unseen part of a step; a coordinate that would leave its range is held, and the rest split."""
    free = np.ones(x.shape, bool)
    while True:
        unseen = take_apart(J * free).split(step * free)[1] * free
        leaving = free & ((x + unseen < low) | (x + unseen > high))
        if not leaving.any():
            return x + unseen
        free &= ~leaving


def _corrected(layers, x, scores, low, high, tries=50):
    """The point near x, in range, that has these scores: Newton's method on the coordinates within their range."""
    for _ in range(tries):
        error = compose(*layers)(x)[0] - scores
        if np.max(np.abs(error)) <= 64 * EPS * max(1.0, np.max(np.abs(scores))):
            return x
        inside = (low < x) & (x < high)
        x = np.clip(x - np.linalg.lstsq(jacobian(layers, x) * inside, error)[0], low, high)
    raise ArithmeticError(f"the walk lost the scores: they are off by {np.max(np.abs(error)):.2g} after {tries} tries")
