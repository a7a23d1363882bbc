"""NumPy's functions that are made of others, and those of linear algebra."""

import numpy as np

from jacobians.duals import tangents
from jacobians.duals.dual import apply, operand
from jacobians.duals.functions import lifted, like, rule
from jacobians.duals.sums import behind


def peak(at):
    """The rule of a largest or smallest entry, which ``at`` finds: its tangent is the one that stands there."""

    def found(a, axis=None, keepdims=False):
        if axis is None:
            y = np.ravel(a)[int(at(a.primal))]
            return np.reshape(y, (1,) * a.ndim) if keepdims else y
        y = np.take_along_axis(a, np.expand_dims(at(a.primal, axis=axis), axis), axis=axis)
        return y if keepdims else np.squeeze(y, axis=axis)

    return found


rule("max", "amax")(peak(np.argmax))
rule("min", "amin")(peak(np.argmin))
rule("ptp")(
    lambda a, axis=None, keepdims=False: (
        np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)
    )
)


@rule("clip")
def clip(a, a_min=None, a_max=None, *, min=None, max=None):  # noqa: A002
    low, high = a_min if min is None else min, a_max if max is None else max
    a = a if low is None else apply(np.maximum, [a, low])
    return a if high is None else apply(np.minimum, [a, high])


@rule("var")
def var(a, axis=None, *, ddof=0, keepdims=False):
    spread = a - np.mean(a, axis=axis, keepdims=True)
    squares = np.sum(np.square(spread), axis=axis, keepdims=keepdims)
    return squares / (a.size / squares.size - ddof)


rule("std")(lambda a, axis=None, *, ddof=0, keepdims=False: np.sqrt(var(a, axis, ddof=ddof, keepdims=keepdims)))


@rule("polyval")
def polyval(p, x):
    y = 0.0
    for coefficient in p:
        y = y * x + coefficient
    return y


@rule("linalg.norm")
def norm(x, ord=None, axis=None, keepdims=False):  # noqa: A002
    if (x.ndim if axis is None else np.size(axis)) > 1 and ord not in (None, "fro"):
        raise TypeError(f"np.linalg.norm of dual numbers knows of matrices the Frobenius norm; got ord={ord!r}")
    if ord == 1:
        return np.sum(np.abs(x), axis=axis, keepdims=keepdims)
    if ord in (np.inf, -np.inf):
        return (np.max if ord > 0 else np.min)(np.abs(x), axis=axis, keepdims=keepdims)
    if ord == 0:
        return np.linalg.norm(x.primal, 0, axis, keepdims)  # how many are not 0
    if ord not in (None, 2, "fro"):
        return np.sum(np.abs(x) ** ord, axis=axis, keepdims=keepdims) ** (1 / ord)
    y = np.linalg.norm(x.primal, ord, axis, keepdims)
    if axis is None and not keepdims:
        return x.new(y, tangents.contract(x.tangents, x.primal / y))
    direction = x.primal / (y if keepdims else np.expand_dims(y, axis))
    return x.new(y, np.sum(tangents.dense(x.tangents) * direction, axis=behind(axis, x.ndim), keepdims=keepdims))


# -- Linear algebra ---------------------------------------------------------------------------------------------------


@rule("linalg.solve")
def solve(a, b):
    if np.ndim(b) == 1 and np.ndim(a) > 2:  # a stack of matrices, and one vector for all
        return np.linalg.solve(a, b[:, None])[..., 0]
    (A, TA, _), (B, TB, _) = operand(lifted(a)), operand(lifted(b))
    y = np.linalg.solve(A, B)  # A y = b, so A dy = db − dA y
    right = 0.0 if TB is None else tangents.aligned(tangents.dense(TB), y.ndim)
    right = right if TA is None else right - tangents.aligned(tangents.dense(TA), max(y.ndim, 2)) @ y
    if A.ndim == 2 and y.ndim < 3:  # one factorisation for all tangents
        T = np.moveaxis(right, 0, -1)
        T = np.moveaxis(np.linalg.solve(A, T.reshape(len(A), -1)).reshape(T.shape), -1, 0)
    else:
        T = np.linalg.solve(A, right)
    return like([a, b]).new(y, T)


@rule("linalg.inv")
def inv(a):
    y = np.linalg.inv(a.primal)
    return a.new(y, -(y @ tangents.dense(a.tangents) @ y))  # from A A⁻¹ = I


@rule("linalg.det")
def det(a):
    u, s, vt = np.linalg.svd(a.primal)
    others = np.stack([np.prod(np.delete(s, i, axis=-1), axis=-1) for i in range(s.shape[-1])], axis=-1)
    sign = np.linalg.det(u) * np.linalg.det(vt)
    cofactors = sign[..., None, None] * (u * others[..., None, :]) @ vt  # where A has an inverse, det A · A⁻ᵀ
    return a.new(np.linalg.det(a.primal), np.sum(tangents.dense(a.tangents) * cofactors, axis=(-2, -1)))


@rule("linalg.slogdet")
def slogdet(a):
    result = np.linalg.slogdet(a.primal)
    T = np.sum(tangents.dense(a.tangents) * np.swapaxes(np.linalg.inv(a.primal), -1, -2), axis=(-2, -1))
    return type(result)(result[0], a.new(result[1], T))


@rule("linalg.matrix_power")
def matrix_power(a, n):
    if n < 0:
        return matrix_power(np.linalg.inv(a), -n)
    if n == 0:
        return np.linalg.matrix_power(a.primal, 0)  # the identity
    result = a
    for _ in range(n - 1):
        result = result @ a
    return result
