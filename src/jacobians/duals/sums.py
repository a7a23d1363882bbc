"""NumPy's functions that are linear, and products of arrays: to each tangent as to the value, by the product rule."""

import numpy as np

from jacobians.duals import tangents
from jacobians.duals.dual import FUNCTIONS, Dual
from jacobians.duals.functions import lifted, like, primal, rule


def behind(axis, ndim):
    """The axes of a value, seen from its dense tangents, whose first axis counts them."""
    axis = tuple(range(ndim)) if axis is None else axis
    return tuple(i % ndim + 1 for i in axis) if isinstance(axis, tuple) else axis % ndim + 1


def sums(function):
    def summed(a, axis=None, keepdims=False):
        values = function(a.primal, axis=axis, keepdims=keepdims)
        if axis is None and not keepdims:
            return a.new(values, tangents.contract(a.tangents, 1.0 if function is np.sum else 1.0 / a.size))
        return a.new(values, function(tangents.dense(a.tangents), axis=behind(axis, a.ndim), keepdims=keepdims))

    return summed


for function in (np.sum, np.mean):
    rule(function.__name__)(sums(function))


@rule("cumsum")
def cumsum(a, axis=None):
    a, axis = (np.ravel(a), 0) if axis is None else (a, axis)
    return a.new(np.cumsum(a.primal, axis), np.cumsum(tangents.dense(a.tangents), behind(axis, a.ndim)))


@rule("diff")
def diff(a, n=1, axis=-1):
    for _ in range(n):
        behind_it = (slice(None),) * (axis % a.ndim)
        a = a[(*behind_it, slice(1, None))] - a[(*behind_it, slice(None, -1))]
    return a


rule("trace")(lambda a, offset=0, axis1=0, axis2=1: np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1))


# -- What is a product ------------------------------------------------------------------------------------------------

rule("outer")(lambda a, b: np.ravel(lifted(a))[:, None] * np.ravel(lifted(b)))
rule("vdot")(lambda a, b: np.ravel(lifted(a)) @ np.ravel(lifted(b)))
rule("inner")(lambda a, b: dot(a, np.transpose(lifted(b))))


@rule("dot")
def dot(a, b):
    a, b = lifted(a), lifted(b)
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    if b.ndim > 2:
        raise TypeError(f"np.dot of dual numbers takes at most a matrix for b; got shape {b.shape}: use @ or np.einsum")
    return a @ b


@rule("einsum")
def einsum(subscripts, *operands, optimize=False):
    if not isinstance(subscripts, str):
        raise TypeError("np.einsum of dual numbers takes its subscripts as a string")
    arrays = [lifted(x) for x in operands]
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    if not arrow:
        once = sorted(letter for letter in set(inputs) - set(",.") if inputs.count(letter) == 1)
        output = "..." * ("..." in inputs) + "".join(once)
    inputs, values = inputs.split(","), [primal(x) for x in arrays]
    new = next(letter for letter in "zyxwvutsrqponmlkjihgfedcbaZYXWVUTSRQPONMLKJIHGFEDCBA" if letter not in subscripts)
    T = 0.0
    for i, x in enumerate(arrays):
        if isinstance(x, Dual):
            named = ",".join(new + name if i == j else name for j, name in enumerate(inputs))
            factors = [tangents.dense(x.tangents) if i == j else value for j, value in enumerate(values)]
            T = T + np.einsum(f"{named}->{new}{output}", *factors, optimize=True)
    y = np.einsum(f"{','.join(inputs)}->{output}", *values, optimize=optimize)
    return like(arrays).new(y[()], T)


def bilinear(function):
    def multiplied(a, b, *args, **options):
        a, b = lifted(a), lifted(b)
        y, T = function(primal(a), primal(b), *args, **options), 0.0
        if isinstance(a, Dual):
            T = T + np.stack([function(t, primal(b), *args, **options) for t in tangents.dense(a.tangents)])
        if isinstance(b, Dual):
            T = T + np.stack([function(primal(a), t, *args, **options) for t in tangents.dense(b.tangents)])
        return like([a, b]).new(y[()], T)

    return multiplied


FUNCTIONS.update((f, bilinear(f)) for f in (np.tensordot, np.kron, np.convolve, np.correlate, np.cross))


@rule("prod")
def prod(a, axis=None, keepdims=False):
    if axis is None:
        y = prod(np.ravel(a), 0)
        return np.reshape(y, (1,) * a.ndim) if keepdims else y
    x = np.moveaxis(a.primal, axis, -1)
    one = np.ones_like(x[..., :1])
    before = np.cumprod(np.concatenate([one, x[..., :-1]], axis=-1), axis=-1)
    after = np.cumprod(np.concatenate([one, x[..., :0:-1]], axis=-1), axis=-1)[..., ::-1]
    T = np.sum(
        tangents.dense(a.tangents) * np.moveaxis(before * after, -1, axis), axis=behind(axis, a.ndim), keepdims=keepdims
    )
    return a.new(np.prod(a.primal, axis=axis, keepdims=keepdims), T)


@rule("cumprod")
def cumprod(a, axis=None):
    a = np.moveaxis(np.ravel(a) if axis is None else a, -1 if axis is None else axis, 0)
    rows = [a[0]]
    for row in a[1:]:
        rows.append(rows[-1] * row)
    return np.moveaxis(np.stack(rows), 0, -1 if axis is None else axis)
