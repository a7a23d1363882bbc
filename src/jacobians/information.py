"""What a map keeps and what it loses: singular values, whitening, directions not seen. Explained in book/information.md.

A Jacobian J, shape (m, n), is taken apart into J = Σ σᵢ vᵢ tᵢᵀ: a tangent tᵢ becomes σᵢ times the cotangent vᵢ, and vᵢ
is pulled back to σᵢ times tᵢ. Tangents whose σ is 0, and those beyond the m-th, are lost.
"""

from dataclasses import dataclass

import numpy as np

from jacobians.inputs import as_floats, as_point

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
        """Tangents that J sees, orthonormal rows, shape (rank, n): they span the rows of J."""
        return self.tangents[: self.rank]

    @property
    def unseen(self):
        """Tangents that J sends to 0, orthonormal rows, shape (n - rank, n): they span the null space."""
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


def take_apart(J):
    """The singular value decomposition of a Jacobian, with what it sees and what it does not.

    A singular value counts as 0 up to max(m, n) ε σ₁, the size of its rounding error, as in NumPy's `matrix_rank`.

    Args:
        J: the matrix, shape (m, n).

    Returns:
        `Parts`. Signs are the processor's: tᵢ and vᵢ may both be turned round; where singular values are equal, and
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
    """The affine map x ↦ B (x - μ) under which the points of `whitening` have mean 0 and covariance I.

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
        """The Mahalanobis distance of two points, shape (n,) each: the length of B (a - b), in deviations."""
        a, b = (as_point(point, name, self.mean.shape) for point, name in [(a, "a"), (b, "b")])
        return float(np.linalg.norm(self.matrix @ (a - b)))


def whitening(X):
    """The `Whitening` of points: each coordinate over its deviation, then the root of their correlations undone.

    B = P^(-1/2) D^(-1), with the deviations on the diagonal of D and the correlations P; it is unique, and does not
    hang on the units of the coordinates.

    Args:
        X: the points, one a row, shape (N, n), with N > n.

    Raises:
        TypeError: ``X`` does not hold real numbers.
        ValueError: ``X`` is no matrix, or not finite; or the points lie in a plane of fewer than n dimensions.

    Source: A. Kessy, A. Lewin and K. Strimmer, Optimal whitening and decorrelation, Am. Stat. 72 (2018) 309.

    >>> X = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 6.0], [2.0, 6.0]])
    >>> white = whitening(X)
    >>> print(np.cov(white(X).T).round(12), f"{white.distance(X[0], X[3]):.4f}", sep="\\n")
    [[1. 0.]
     [0. 1.]]
    2.4495
    """
    X = _matrix(X, "X")
    mean = X.mean(axis=0)
    deviations, roots, axes = _principal(X - mean)
    rank = int(np.sum(roots > max(X.shape) * EPS * roots.max()))
    if rank < X.shape[1]:
        raise ValueError(f"X must vary along all its {X.shape[1]} coordinates; got a covariance of rank {rank}")
    return Whitening(mean, (axes.T / roots) @ axes / deviations)


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
