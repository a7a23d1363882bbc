"""The product rule of `@`, for all tangents in one call of BLAS where there is one."""

import numpy as np

from jacobians.duals import tangents


def product(first, second, ndim):
    """The tangents of a @ b, by the product rule."""
    (a, A, _), (b, B, _) = first, second
    parts = []
    if B is not None:
        parts.append(right(np.asarray(a), B, np.ndim(b), ndim))
    if A is not None:
        parts.append(left(A, np.asarray(b), np.ndim(a), ndim))
    return parts[0] if len(parts) == 1 else tangents.add(*parts)


def right(a, T, bdim, ndim):
    """The tangents of a @ b, of ``ndim`` axes, by those of b."""
    if bdim == 1:
        if a.ndim <= 2:
            return tangents.contract(T, a) if a.ndim == 1 else tangents.through(T, a)
        return np.moveaxis(np.tensordot(a, tangents.dense(T), (-1, 1)), -1, 0)
    T = tangents.dense(T)
    return np.matmul(a, tangents.aligned(T, max(bdim, ndim)))


def left(T, b, adim, ndim):
    """The tangents of a @ b, of ``ndim`` axes, by those of a."""
    if adim == 1:
        if b.ndim <= 2:
            return tangents.contract(T, b) if b.ndim == 1 else tangents.through(T, b.T)
        return np.tensordot(tangents.dense(T), b, (1, -2))
    T = tangents.dense(T)
    if b.ndim <= 2:
        return np.tensordot(T, b, (-1, 0))
    return np.matmul(tangents.aligned(T, max(adim, ndim)), b)
