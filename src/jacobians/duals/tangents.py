"""How k tangents of an array are stored, scaled, added and moved. Serves `jacobians.duals.dual`.

Dense, they are one array of shape (k, ...): the tangents come first, so that a product with a matrix is one call of
BLAS, and the rules of scalars broadcast unchanged. The tangents of a whole Jacobian start as the n unit vectors, and
most of their entries stay zero for long: then only the others are kept, as `Terms`.
"""

import math

import numpy as np


class Terms:
    """k tangents of an array of ``shape``, mostly zero: for each pair (j, d), tangent j[i] changes entry i by d[i]."""

    __slots__ = ("k", "pairs", "shape")

    def __init__(self, k, shape, pairs=()):
        self.k, self.shape, self.pairs = k, shape, list(pairs)

    def settled(self):
        """These tangents, made dense where that is less work: a pair costs two calls, a dense row no more than one."""
        size = math.prod(self.shape)
        return dense(self) if len(self.pairs) * (2000 + 2 * size) > 1000 + self.k * size / 2 else self


def units(n):
    """The n unit vectors as tangents of a point of n entries."""
    return Terms(n, (n,), [(np.arange(n), np.broadcast_to(1.0, n))]) if n > 50 else np.eye(n)


def zeros(k, shape):
    """k tangents of zeros."""
    return Terms(k, shape)


def count(T):
    """k, the number of tangents."""
    return T.k if isinstance(T, Terms) else len(T)


def dense(T):
    """The tangents as one array, shape (k, ...)."""
    return into(np.zeros((T.k, math.prod(T.shape))), T).reshape(T.k, *T.shape) if isinstance(T, Terms) else T


def into(out, terms):
    """``out``, shape (k, size), with ``terms`` added."""
    at = np.arange(out.shape[1])
    for j, d in terms.pairs:
        out[j.ravel(), at] += d.ravel()
    return out


def spread(T, shape):
    """The tangents of an array that is broadcast to ``shape``."""
    if isinstance(T, Terms):
        if T.shape == shape:
            return T
        return Terms(T.k, shape, [(np.broadcast_to(j, shape), np.broadcast_to(d, shape)) for j, d in T.pairs])
    if T.shape[1:] == shape:
        return T
    return np.broadcast_to(aligned(T, len(shape)), (len(T), *shape))


def aligned(T, ndim):
    """Dense tangents with as many axes behind the first as the array that they are broadcast to."""
    return T.reshape(len(T), *[1] * (ndim + 1 - T.ndim), *T.shape[1:])


def scale(T, s, shape):
    """s·T: a factor for each entry, or a function that gives the factors, broadcast with the tangents to ``shape``."""
    s = s() if callable(s) else s
    if isinstance(s, int) and s == 1:
        return spread(T, shape)
    if isinstance(T, Terms):
        return Terms(T.k, shape, [(j, s * d) for j, d in spread(T, shape).pairs])
    T = s * aligned(T, len(shape))
    return T if T.shape[1:] == shape else np.broadcast_to(T, (len(T), *shape))


def add(A, B):
    """A + B, for tangents of one shape."""
    if isinstance(A, Terms) and isinstance(B, Terms):
        pairs = list(A.pairs)
        for j, d in B.pairs:
            same = next((i for i, (p, _) in enumerate(pairs) if p is j or np.array_equal(p, j)), None)
            if same is None:
                pairs.append((j, d))
            else:
                pairs[same] = (j, pairs[same][1] + d)
        return Terms(A.k, A.shape, pairs).settled()
    if isinstance(A, Terms) or isinstance(B, Terms):
        A, B = (A, B) if isinstance(B, Terms) else (B, A)
        return into(A.reshape(len(A), -1).copy(), B).reshape(A.shape)
    return A + B


def select(c, A, B, shape):
    """A where ``c`` holds and B elsewhere, for tangents of ``shape`` or None for zeros."""
    parts = [(c, A), (np.logical_not(c), B)]
    parts = [(c, spread(T, shape)) for c, T in parts if T is not None]
    if any(isinstance(T, Terms) for _, T in parts):
        masked = [
            Terms(T.k, shape, [(j, np.where(c, d, 0.0)) for j, d in T.pairs])
            if isinstance(T, Terms)
            else np.where(c, T, 0.0)
            for c, T in parts
        ]
        return add(*masked) if len(masked) == 2 else masked[0]
    return np.where(*parts[0], 0.0 if len(parts) == 1 else parts[1][1])


def contract(T, w):
    """The sum of w·T over all entries, shape (k,): what a weighted sum of the array has for tangents."""
    if isinstance(T, Terms):
        sums = [np.bincount(j.ravel(), (d * w).ravel(), T.k) for j, d in T.pairs]
        return sum(sums[1:], start=sums[0]) if sums else np.zeros(T.k)
    return T.reshape(len(T), -1) @ np.broadcast_to(w, T.shape[1:]).ravel()


def through(T, W):
    """The tangents of W x, shape (k, m), by those of a vector x: columns of W for unit vectors, else one product."""
    if isinstance(T, Terms) and all((np.diff(j) > 0).all() for j, _ in T.pairs):
        columns = [(j, W.T if all_ones(d) else (W * d).T) for j, d in T.pairs]
        if len(columns) == 1 and len(columns[0][0]) == T.k:
            return columns[0][1]  # W times the identity is W
        out = np.zeros((T.k, len(W)))
        for j, rows in columns:
            out[j] += rows
        return out
    return dense(T) @ W.T


def all_ones(d):
    """True for factors that were never scaled."""
    return d.strides == (0,) and d[0] == 1


def each(T, move):
    """The tangents after a view or copy of entries, which ``move(array, lead)`` makes behind ``lead`` more axes."""
    if isinstance(T, Terms):
        pairs = [(move(j, 0), move(d, 0)) for j, d in T.pairs]
        shape = pairs[0][0].shape if pairs else move(np.broadcast_to(0.0, T.shape), 0).shape
        return Terms(T.k, shape, pairs)
    return move(T, 1)


def gather(T, position):
    """The tangents of entries taken by flat ``position``, counted from 1; a new entry of position 0 has none."""
    nothing = position == 0

    def move(array, lead):
        array = array.reshape(*array.shape[:lead], -1).take(position - 1, axis=lead)
        return np.where(nothing, 0, array) if nothing.any() else array

    return each(T, move)


def join(function, parts, shapes, axis):
    """The tangents of ``function(arrays, axis)``, for `np.concatenate` or `np.stack`; None is a constant array."""
    k = next(count(T) for T in parts if T is not None)
    if all(isinstance(T, np.ndarray) and T.ndim == 1 for T in parts):
        return np.array(parts).T
    parts = [zeros(k, shape) if T is None else T for T, shape in zip(parts, shapes, strict=True)]
    if all(isinstance(T, Terms) for T in parts):
        most = max(len(T.pairs) for T in parts)
        padded = [T.pairs + [(np.zeros(T.shape, dtype=int), np.zeros(T.shape))] * (most - len(T.pairs)) for T in parts]
        pairs = [tuple(function([rows[q][i] for rows in padded], axis=axis) for i in (0, 1)) for q in range(most)]
        return Terms(k, function([np.empty(T.shape) for T in parts], axis=axis).shape, pairs).settled()
    return function([dense(T) for T in parts], axis=axis + 1 if axis >= 0 else axis)


def owned(T):
    """A copy to write into."""
    if isinstance(T, Terms):
        return Terms(T.k, T.shape, [(j.copy(), d.copy()) for j, d in T.pairs])
    return T.copy()


def put(T, key, V, shape):
    """T, or what replaces it, with the tangents ``V``, or zeros for None, written into its entries ``key``."""
    if not isinstance(T, Terms) or not (V is None or isinstance(V, Terms)):
        T = dense(T)
        T[(slice(None), *key)] = 0.0 if V is None else spread(dense(V), shape)
        return T
    pairs = [] if V is None else V.pairs
    for _ in range(len(pairs) - len(T.pairs)):
        T.pairs.append((np.zeros(T.shape, dtype=int), np.zeros(T.shape)))
    for q, (j, d) in enumerate(T.pairs):
        j[key], d[key] = pairs[q] if q < len(pairs) else (0, 0.0)
    return T.settled()
