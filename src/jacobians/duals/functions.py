"""What dual numbers know of NumPy besides its ufuncs, a table by kind of rule. Explained in book/forward.md.

A function that moves entries moves their tangents, one that is linear does to each tangent what it does to the value,
a product has the product rule; what is made of these is written in terms of them. All else raises TypeError.
"""

import inspect
import textwrap

import numpy as np

from jacobians.duals import tangents
from jacobians.duals.dual import FUNCTIONS, Dual, DualArray, apply, moved, operand, packed, two_calls, view


def rule(*names):
    """Register the function below as the rule of NumPy's functions ``names``, those that this NumPy has."""

    def register(function):
        def checked(*args, **options):
            try:
                return function(*args, **options)
            except TypeError:
                try:
                    inspect.signature(function).bind(*args, **options)
                except TypeError as error:
                    raise TypeError(f"np.{names[0]} of dual numbers: {error}") from None
                raise

        FUNCTIONS.update((found, checked) for name in names if (found := lookup(name)) is not None)
        return function

    return register


def lookup(name):
    """NumPy's function of that name, or None."""
    home = np
    for part in name.split("."):
        home = getattr(home, part, None)
    return home


def known():
    """The names of all functions that have a rule here, as text of 72 columns."""
    names = {f"{f.__module__}.{f.__name__}".removeprefix("numpy.") for f in FUNCTIONS}
    return textwrap.fill(", ".join(sorted(names)), 72)


def lifted(x):
    """``x`` as a `Dual`, or as a plain array if it holds none."""
    if isinstance(x, Dual):
        return x
    x = np.asarray(x)
    return packed(x) if x.dtype == object else x


def like(duals):
    """The first dual number of several, after a look that all belong to one call."""
    found = [x for x in duals if isinstance(x, Dual)]
    if any(x.call is not found[0].call for x in found):
        raise two_calls()
    return found[0]


# -- What acts on values ----------------------------------------------------------------------------------------------

VALUES = (
    "shape", "ndim", "size", "argmax", "argmin", "argsort", "any", "all", "count_nonzero", "nonzero", "flatnonzero",
    "argwhere", "searchsorted", "isclose", "allclose", "array_equal", "array_equiv", "iscomplexobj", "isrealobj",
    "isreal", "iscomplex", "round", "around", "fix", "digitize", "result_type", "can_cast", "may_share_memory",
    "shares_memory", "lexsort", "isposinf", "isneginf", "broadcast_shapes",
)  # fmt: skip


def by_value(function):
    def on_values(*args, **options):
        return function(*[primal(x) for x in args], **{name: primal(x) for name, x in options.items()})

    return on_values


def primal(x):
    """The values of dual numbers, also inside a list or tuple; anything else unchanged."""
    return type(x)(map(primal, x)) if type(x) in (list, tuple) else x.primal if isinstance(x, Dual) else x


FUNCTIONS.update((found, by_value(found)) for name in VALUES if (found := lookup(name)) is not None)

# -- What makes arrays ------------------------------------------------------------------------------------------------


def maker(fill):
    def make(x, dtype=None, order="K", subok=True, shape=None):
        return filled(x, x.shape if shape is None else shape, fill, dtype)

    return make


def filled(x, shape, value, dtype=None):
    """A dual array of ``shape`` and of the call of ``x``, every entry the constant ``value``."""
    if dtype is not None and np.dtype(dtype).kind != "f":
        return np.full(shape, value, dtype)
    made = np.empty(shape)
    made[...] = value
    return DualArray(made, tangents.zeros(tangents.count(x.tangents), made.shape), x.call)


for name, value in {"zeros_like": 0.0, "ones_like": 1.0, "empty_like": 0.0}.items():
    rule(name)(maker(value))


@rule("full_like")
def full_like(a, fill_value, dtype=None, order="K", subok=True, shape=None):
    result = filled(like([a, fill_value]), np.shape(a) if shape is None else shape, 0.0, dtype)
    result[...] = fill_value
    return result


@rule("copy")
def copy(a, order="K", subok=False):
    return a.new(a.primal.copy(), a.tangents)


# -- What moves entries -----------------------------------------------------------------------------------------------

MOVES = (
    "roll", "flip", "fliplr", "flipud", "rot90", "repeat", "tile", "take", "take_along_axis", "delete", "diag",
    "diagflat", "diagonal", "tril", "triu", "compress", "broadcast_to", "split", "array_split", "hsplit", "vsplit",
    "dsplit", "unstack", "resize",
)  # fmt: skip
RESHAPES = ("squeeze", "expand_dims", "atleast_1d", "atleast_2d", "atleast_3d")
TRANSPOSES = ("transpose", "swapaxes", "moveaxis", "rollaxis", "matrix_transpose", "permute_dims")


def mover(function):
    def move(x, *args, **options):
        args, options = [primal(x) for x in args], {name: primal(x) for name, x in options.items()}
        return moved(lifted(x), lambda array: function(array, *args, **options))

    return move


def reshaper(function):
    def move(x, *args, **options):
        return np.reshape(x, function(x.primal, *args, **options).shape)

    return move


def transposer(function):
    def move(x, *args, **options):
        axes = [size - 2 for size in function(np.empty(range(2, x.ndim + 2)), *args, **options).shape]
        return view(x, x.primal.transpose(axes), lambda a, lead: a.transpose(*range(lead), *[i + lead for i in axes]))

    return move


for names, kind in [(MOVES, mover), (RESHAPES, reshaper), (TRANSPOSES, transposer)]:
    FUNCTIONS.update((found, kind(found)) for name in names if (found := lookup(name)) is not None)


@rule("reshape")
def reshape(a, shape, order="C"):
    if order != "C":
        return moved(a, lambda array: np.reshape(array, shape, order=order))
    new = a.primal.reshape(shape)
    if new.ndim and np.may_share_memory(new, a.primal):
        return view(a, new, lambda array, lead: array.reshape(*array.shape[:lead], *new.shape))
    return a.new(
        new if new.ndim else new[()],
        tangents.each(a.tangents, lambda array, lead: array.reshape(*array.shape[:lead], *new.shape)),
    )


@rule("ravel")
def ravel(a, order="C"):
    return np.reshape(a, -1, order=order)


def joiner(function):
    def joined(arrays, axis=0):
        arrays = [lifted(x) for x in arrays]
        values = function([primal(x) for x in arrays], axis=axis)
        if axis is None:
            arrays, axis = [np.ravel(x) for x in arrays], 0
        first, parts = like(arrays), [x.tangents if isinstance(x, Dual) else None for x in arrays]
        return DualArray(values, tangents.join(function, parts, [x.shape for x in arrays], axis), first.call)

    return joined


for function in (np.concatenate, np.stack):
    rule(function.__name__)(joiner(function))


@rule("hstack")
def hstack(tup):
    arrays = [np.atleast_1d(lifted(x)) for x in tup]
    return np.concatenate(arrays, axis=0 if arrays[0].ndim == 1 else 1)


rule("vstack")(lambda tup: np.concatenate([np.atleast_2d(lifted(x)) for x in tup], axis=0))
rule("dstack")(lambda tup: np.concatenate([np.atleast_3d(lifted(x)) for x in tup], axis=2))
rule("column_stack")(
    lambda tup: np.concatenate([x if x.ndim > 1 else np.reshape(x, (-1, 1)) for x in map(lifted, tup)], axis=1)
)
rule("append")(lambda arr, values, axis=None: np.concatenate([lifted(arr), lifted(values)], axis=axis))
rule("broadcast_arrays")(
    lambda *args: [np.broadcast_to(x, np.broadcast_shapes(*map(np.shape, args))) for x in map(lifted, args)]
)


@rule("where")
def where(condition, x, y):
    first, (a, A, _), (b, B, _) = like([condition, x, y]), operand(x), operand(y)
    c = primal(condition)
    values = np.where(c, a, b)
    if A is None and B is None:
        return values
    return first.new(values if values.ndim else np.float64(values), tangents.select(c, A, B, values.shape))


@rule("sort")
def sort(a, axis=-1):
    if axis is None:
        a, axis = np.ravel(a), -1
    return np.take_along_axis(a, np.argsort(a.primal, axis=axis, kind="stable"), axis=axis)


# -- What is linear ---------------------------------------------------------------------------------------------------


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
    return like(arrays).new(y if y.ndim else np.float64(y), T)


def bilinear(function):
    def multiplied(a, b, *args, **options):
        a, b = lifted(a), lifted(b)
        y, T = function(primal(a), primal(b), *args, **options), 0.0
        if isinstance(a, Dual):
            T = T + np.stack([function(t, primal(b), *args, **options) for t in tangents.dense(a.tangents)])
        if isinstance(b, Dual):
            T = T + np.stack([function(primal(a), t, *args, **options) for t in tangents.dense(b.tangents)])
        return like([a, b]).new(np.float64(y) if np.ndim(y) == 0 else y, T)

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


# -- What is made of these --------------------------------------------------------------------------------------------


def peak(at):
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
    if axis is None and x.ndim == 2 and ord not in (None, "fro"):
        raise TypeError(f"np.linalg.norm of dual numbers knows of matrices the Frobenius norm; got ord={ord!r}")
    if ord == 1:
        return np.sum(np.abs(x), axis=axis, keepdims=keepdims)
    if ord in (np.inf, -np.inf):
        return (np.max if ord > 0 else np.min)(np.abs(x), axis=axis, keepdims=keepdims)
    if ord not in (None, 2, "fro"):
        return np.sum(np.abs(x) ** ord, axis=axis, keepdims=keepdims) ** (1 / ord)
    y = np.linalg.norm(x.primal, axis=axis, keepdims=keepdims)
    if axis is None and not keepdims:
        return x.new(y, tangents.contract(x.tangents, x.primal / y))
    direction = x.primal / (y if keepdims else np.expand_dims(y, axis))
    return x.new(y, np.sum(tangents.dense(x.tangents) * direction, axis=behind(axis, x.ndim), keepdims=keepdims))


# -- Linear algebra ---------------------------------------------------------------------------------------------------


@rule("linalg.solve")
def solve(a, b):
    (A, TA, _), (B, TB, _) = operand(lifted(a)), operand(lifted(b))
    y = np.linalg.solve(A, B)  # A y = b, so A dy = db − dA y
    right = 0.0 if TB is None else tangents.dense(TB)
    right = right if TA is None else right - tangents.dense(TA) @ y
    if A.ndim == 2:  # one factorisation for all tangents
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
    result = a @ np.linalg.inv(a) if n == 0 else a
    for _ in range(n - 1):
        result = result @ a
    return result
