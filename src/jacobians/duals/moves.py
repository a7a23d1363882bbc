"""NumPy's functions that move entries: the tangents of an entry move with it."""

import numpy as np

from jacobians.duals import tangents
from jacobians.duals.dual import FUNCTIONS, Dual, DualArray, moved, operand, view
from jacobians.duals.functions import lifted, like, lookup, primal, rule

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
    return first.new(values[()], tangents.select(c, A, B, values.shape))


@rule("sort")
def sort(a, axis=-1):
    if axis is None:
        a, axis = np.ravel(a), -1
    return np.take_along_axis(a, np.argsort(a.primal, axis=axis, kind="stable"), axis=axis)
