"""The Jacobian as an operator that only multiplies. Explained in book/scale.md."""

import numpy as np
from scipy.sparse.linalg import LinearOperator

from jacobians.differences import jvp_numerical
from jacobians.forward import jvp
from jacobians.inputs import as_floats, as_point, as_positive

MAX_BYTES = 2**28  # a quarter of a gigabyte
COPIES = 4  # of the tangents, that an evaluation of f may hold at once


def _by_dual_numbers(f, x, T):
    """J T for k tangents at once, exact, in one evaluation of f."""
    return jvp(f, x, T)[1]


def _by_differences(f, x, T):
    """J T, a column of T by two evaluations of f."""
    return np.stack([jvp_numerical(f, x, t) for t in T.T], axis=1)


JVPS = {"dual": _by_dual_numbers, "central": _by_differences}


def as_linear_operator(f, x, *, vjp=None, method="dual", max_bytes=MAX_BYTES):
    """The Jacobian of f at x as SciPy's `LinearOperator`: its matvec is a JVP, its rmatvec a VJP.

    A plain f tells how to go forward, and not back. With ``vjp`` a product Jᵀv costs what that function costs.
    Without it Jᵀv is still right, but dear: it is made of the n products J eⱼ, k at a time, in n/k evaluations of f
    that carry k tangents each (2n evaluations with ``"central"``). Where the whole J fits in ``max_bytes``, it is kept
    from the first such product on; where it does not, each product takes them all anew.

    Args:
        f: a function of a point, shape (n,), to a value, shape (m,).
        x: the point, shape (n,); a copy is kept.
        vjp: ``vjp(x, v)`` returns Jᵀv, shape (n,), for a cotangent v, shape (m,); None if there is none.
        method: ``"dual"``, dual numbers: exact, one evaluation of f a product (f must be made of operations that
            `jacobians.forward` knows); or ``"central"``, central differences: two evaluations, any f.
        max_bytes: bounds the memory of the tangents that one evaluation of f carries, and of a kept J.

    Returns:
        A `LinearOperator` of shape (m, n) and double precision, for GMRES, LSQR, eigs and svds; complex vectors are
        multiplied part by part.

    Raises:
        TypeError: ``x``, a value of ``f`` or of ``vjp``, or a vector does not hold real (or complex) numbers.
        ValueError: a shape is wrong, an entry is not finite, ``method`` is unknown or ``max_bytes`` is not positive.

    Source: :eq:`eq-products` of book/scale.md.

    >>> def f(x):
    ...     return np.stack([x[0] ** 2 + x[1], np.sin(x[0]) * x[1]])
    >>> A = as_linear_operator(f, [1.5, 2.0])
    >>> print(A @ [1.0, 0.0], A.T @ [1.0, 0.0])
    [3.        0.1414744] [3. 1.]
    """
    return JacobianOperator(f, x, vjp, method, max_bytes)


class JacobianOperator(LinearOperator):
    """What `as_linear_operator` returns; ``multiplied`` counts the tangents that it has multiplied."""

    def __init__(self, f, x, vjp, method, max_bytes):
        if method not in JVPS:
            raise ValueError(f"method must be one of {', '.join(JVPS)}; got {method!r}")
        for name, function in {"f": f, "vjp": vjp}.items():
            if not (callable(function) or (name == "vjp" and vjp is None)):
                raise TypeError(f"{name} must be a function; got {type(function).__name__}")
        self.f, self.x, self.vjp, self.products = f, as_point(x).copy(), vjp, JVPS[method]
        m, n = len(as_point(f(self.x.copy()), "the value of f")), len(self.x)
        max_bytes = as_positive(max_bytes, "max_bytes")
        self.multiplied = 0  # tangents so far
        self.block = max(1, int(max_bytes // (8 * COPIES * (m + n))))
        self.keeps, self.kept = 8 * m * n <= max_bytes, None
        super().__init__(np.dtype(float), (m, n))

    def dot(self, t):
        """J t or J T: what ``@`` calls; of another operator or a number it makes an operator, as SciPy does."""
        if isinstance(t, LinearOperator) or np.ndim(t) == 0:
            return super().dot(t)
        return self.matmat(t) if np.ndim(t) == 2 else self.matvec(t)

    def matvec(self, t):
        """J t, shape (m,)."""
        return super().matvec(_sized(t, "the tangent", self.shape[1]))

    def rmatvec(self, v):
        """Jᵀ v, shape (n,)."""
        return super().rmatvec(_sized(v, "the cotangent", self.shape[0]))

    def matmat(self, T):
        """J T, shape (m, k)."""
        return super().matmat(_sized(T, "the tangents", self.shape[1], matrix=True))

    def rmatmat(self, V):
        """Jᵀ V, shape (n, k)."""
        return super().rmatmat(_sized(V, "the cotangents", self.shape[0], matrix=True))

    def _matvec(self, t):
        return self._matmat(t.reshape(-1, 1))[:, 0]

    def _rmatvec(self, v):
        return self._rmatmat(v.reshape(-1, 1))[:, 0]

    def _matmat(self, T):
        return _by_parts(self._forward, T, "the tangent")

    def _rmatmat(self, V):
        return _by_parts(self._backward, V, "the cotangent")

    def _forward(self, T):
        """J T, the columns in blocks whose tangents fit in memory."""
        self.multiplied += T.shape[1]
        blocks = [T[:, j : j + self.block] for j in range(0, T.shape[1], self.block)]
        return np.hstack([self._checked(self.products(self.f, self.x, block), block) for block in blocks])

    def _checked(self, Y, T):
        if Y.shape != (self.shape[0], T.shape[1]):
            raise ValueError(f"f must return values of one shape, {self.shape[:1]}; got {Y.shape[:-1]}")
        return Y

    def _backward(self, V):
        """Jᵀ V: a column by ``vjp``; or without it, row by row from the columns of J."""
        if self.vjp is not None:
            return np.stack(
                [as_point(self.vjp(self.x.copy(), v), "the value of vjp", self.x.shape) for v in V.T], axis=1
            )
        if self.keeps:
            self.kept = np.hstack(list(self._columns())) if self.kept is None else self.kept
            return self.kept.T @ V
        return np.vstack([J.T @ V for J in self._columns()])

    def _columns(self):
        """The columns of J, a block at a time: products with unit vectors."""
        n = self.shape[1]
        for j in range(0, n, self.block):
            yield self._forward(np.eye(n, min(self.block, n - j), -j))


def _sized(array, name, rows, matrix=False):
    """``array`` as NumPy's, if it has so many rows: a matrix, or a vector, which may stand as a column."""
    array = np.asarray(array)
    fits = array.ndim == 2 and len(array) == rows if matrix else array.shape in {(rows,), (rows, 1)}
    if not fits:
        raise ValueError(f"{name} must have shape ({rows},{' k' if matrix else ''}); got {array.shape}")
    return array


def _by_parts(product, array, name):
    """A real product with a real or complex array; a complex one is multiplied part by part."""
    if array.dtype.kind == "c":
        return product(as_floats(array.real, name)) + 1j * product(as_floats(array.imag, name))
    return product(as_floats(array, name))
