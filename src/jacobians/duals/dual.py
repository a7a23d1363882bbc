"""Dual numbers as a NumPy duck array: values that carry their tangents through NumPy. Explained in book/forward.md.

`Dual` is one number, `DualArray` an array of them. NumPy hands its functions over to them by two protocols: the rules
of `__array_ufunc__` stand in `rules`, those of `__array_function__` in `functions`, both in this package.
"""

import numpy as np

from jacobians.duals import tangents
from jacobians.duals.products import product
from jacobians.duals.rules import BINARY, EXTREMES, FLAT, UNARY

FUNCTIONS = {}  # filled by jacobians.duals.functions
METHODS = {
    "all", "any", "argmax", "argmin", "argsort", "clip", "copy", "cumprod", "cumsum", "diagonal", "dot", "max", "mean",
    "min", "prod", "ravel", "repeat", "round", "squeeze", "std", "sum", "swapaxes", "take", "trace", "var",
}  # fmt: skip
REDUCTIONS = {
    (np.add, "reduce"): np.sum, (np.multiply, "reduce"): np.prod, (np.add, "accumulate"): np.cumsum,
    (np.maximum, "reduce"): np.max, (np.minimum, "reduce"): np.min, (np.multiply, "accumulate"): np.cumprod,
}  # fmt: skip
UFUNCS = {ufunc.__name__ for ufunc in [*UNARY, *BINARY, *FLAT]} & set(vars(np))
POWERS = {2: np.square, 1: np.positive, 0.5: np.sqrt, -1: np.reciprocal}  # as NumPy's own ** does


def no_rule(name):
    """The error for a function that dual numbers do not know."""
    return TypeError(
        f"{name} has no rule for dual numbers; write f with functions that have one (book/forward.md lists them), "
        "or use jacobian_numerical"
    )


class Dual(np.lib.mixins.NDArrayOperatorsMixin):
    """A number with k tangents: a + b₁ε₁ + … + bₖεₖ, where every product of two ε is 0.

    Attributes:
        primal: the number a; for a `DualArray`, an array.
        tangents: the numbers b, shape (k,), followed by the shape of the array; or the `Terms` that stand for them.
    """

    __slots__ = ("_fresh", "_tangents", "call", "move", "parent", "primal")

    def __init__(self, primal, T, call, parent=None, move=None):
        if primal.dtype.kind != "f":
            raise TypeError(f"dual numbers are real; f made values of dtype {primal.dtype}")
        self.primal, self._tangents, self.call = primal, T, call
        self.parent, self.move, self._fresh = parent, move, False

    @property
    def tangents(self):
        if self.parent is not None:
            return tangents.each(self.parent.tangents, self.move)
        self._fresh = False  # whoever reads them may keep them: the next write makes its own copy
        return self._tangents

    def new(self, primal, T):
        """A dual number of the same call of f."""
        return (DualArray if primal.ndim else Dual)(primal, T, self.call)

    shape = property(lambda self: self.primal.shape)
    ndim = property(lambda self: self.primal.ndim)
    size = property(lambda self: self.primal.size)
    dtype = property(lambda self: self.primal.dtype)
    real = property(lambda self: self)
    T = property(lambda self: np.transpose(self))

    def __repr__(self):
        return f"{type(self).__name__}(primal={self.primal!r}, tangents={tangents.dense(self.tangents)!r})"

    def __bool__(self):
        return bool(self.primal)

    def __float__(self):
        raise TypeError(
            "a dual number is no float, which would lose its tangent: in f, write np.sin for math.sin, "
            "np.zeros_like(x) for np.zeros(n), and leave out np.asarray(x, dtype=float)"
        )

    __int__ = __index__ = __complex__ = __float__

    def __getattr__(self, name):
        if name in METHODS or name in UFUNCS:  # NumPy calls x.sin() in arrays of objects
            return lambda *args, **options: getattr(np, name)(self, *args, **options)
        raise AttributeError(f"dual numbers have no attribute {name!r}")

    def reshape(self, *shape, order="C"):
        return np.reshape(self, shape[0] if len(shape) == 1 else shape, order=order)

    def transpose(self, *axes):
        return np.transpose(self, axes[0] if len(axes) == 1 else axes or None)

    def flatten(self):
        return np.copy(np.ravel(self))

    def astype(self, dtype, **options):
        if np.dtype(dtype).kind != "f":
            raise TypeError(f"dual numbers stay floats; f asks for astype({np.dtype(dtype)})")
        return np.copy(self)

    def __pow__(self, other):
        rule = POWERS.get(other) if isinstance(other, (int, float)) else None
        return rule(self) if rule else np.power(self, other)

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        if method == "outer" and out is None and not options:
            a, b = (operand(x)[0] for x in inputs)
            return apply(ufunc, [np.reshape(inputs[0], np.shape(a) + (1,) * np.ndim(b)), inputs[1]])
        if method != "__call__" or options:
            function = FUNCTIONS.get(REDUCTIONS.get((ufunc, method)))
            if function is None or out is not None:
                raise no_rule(
                    f"np.{ufunc.__name__} with {', '.join(options)}"
                    if method == "__call__"
                    else f"np.{ufunc.__name__}.{method}"
                )
            options.setdefault("axis", 0)
            return function(*inputs, **options)
        if out is None:
            return apply(ufunc, inputs)
        if isinstance(out[0], Dual) and len(out) == 1:
            result = apply(ufunc, inputs)
            if isinstance(out[0], DualArray):
                out[0][...] = result
                return out[0]
            if out[0] is inputs[0]:  # a number, as a += b
                return result
        raise TypeError(
            f"np.{ufunc.__name__} cannot write a dual number into an array of floats: for y += x write y = y + x, "
            "or make y by np.zeros_like(x)"
        )

    def __array_function__(self, function, types, args, options):
        rule = FUNCTIONS.get(function)
        if rule is None:
            raise no_rule(f"{function.__module__.replace('numpy', 'np')}.{function.__name__}")
        return rule(*args, **options)


class DualArray(Dual):
    """An array of dual numbers; slices are views, as NumPy's are, and may be written to."""

    __slots__ = ()

    def __len__(self):
        return len(self.primal)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __getitem__(self, key):
        key = key if isinstance(key, tuple) else (key,)
        if not all(map(basic, key)):
            return moved(self, lambda array: array[key])
        primal = self.primal[key]
        if primal.ndim == 0 and Ellipsis not in key:
            T = self._tangents if self.parent is None else self.tangents  # copied, so that no write is seen later
            return Dual(primal, taken(T, key), self.call)
        return view(self, primal, lambda array, lead: array[(slice(None),) * lead + key])

    def __setitem__(self, key, value):
        key = key if isinstance(key, tuple) else (key,)
        value, T, call = operand(value)
        if call is not None and call is not self.call:
            raise two_calls()
        self.primal[key] = value
        root, shape = self, np.shape(self.primal[key])
        while root.parent is not None:
            root = root.parent
        if not root._fresh:
            root._tangents, root._fresh = tangents.owned(root._tangents), True
        if root is self and all(map(basic, key)):
            root._tangents = tangents.put(root._tangents, key, T, shape)
            return
        position = np.asarray(positions(self)[key])
        at = np.unravel_index(position, root.shape)
        root._tangents = tangents.put(root._tangents, at, T, shape)


def basic(k):
    """True for an index that gives a view."""
    return k is None or k is Ellipsis or (isinstance(k, (slice, int, np.integer)) and not isinstance(k, bool))


def taken(T, key):
    """A copy of the tangents of one entry: numbers do not change when their array is written to."""
    if isinstance(T, tangents.Terms):
        return tangents.Terms(T.k, (), [(np.array(j[key]), np.array(d[key])) for j, d in T.pairs]).settled()
    return T[(slice(None), *key)].copy()


def view(x, primal, move):
    """A dual array that shares its entries with ``x``, in values and tangents."""
    return DualArray(primal, None, x.call, x, move)


def moved(x, function):
    """``function(x)``, which moves entries of ``x`` or leaves zeros, and needs no rule: the tangents move along.

    Functions that return several arrays return several dual arrays.
    """
    primal, position = function(x.primal), function(np.arange(1, x.size + 1).reshape(x.shape))
    several = isinstance(primal, (list, tuple))
    parts = [
        view(x, p, lambda array, lead, at=at: array.reshape(*array.shape[:lead], -1).take(at - 1, axis=lead))
        if isinstance(p, np.ndarray) and np.may_share_memory(p, x.primal)
        else x.new(p, tangents.gather(x.tangents, np.asarray(at)))
        for p, at in zip(*([primal, position] if several else [[primal], [position]]), strict=True)
    ]
    return parts if several else parts[0]


def positions(x):
    """The flat index, in the array that ``x`` is a view of, of each of its entries."""
    return np.arange(x.size).reshape(x.shape) if x.parent is None else x.move(positions(x.parent), 0)


def two_calls():
    """The error for dual numbers that belong to two calls of f."""
    return TypeError("dual numbers of two calls of jvp meet; f must not use the dual numbers of another call")


def operand(x):
    """Its value, its tangents or None, and its call of f or None; arrays of objects are unpacked into those."""
    if isinstance(x, Dual):
        return x.primal, x.tangents, x.call
    if isinstance(x, (int, float, np.number)):
        return x, None, None
    x = np.asarray(x)
    if x.dtype != object:
        return x, None, None
    x = packed(x)
    return (x.primal, x.tangents, x.call) if isinstance(x, Dual) else (x, None, None)


def packed(objects):
    """An array of objects, numbers and `Dual` numbers mixed, as one `DualArray`; plain floats if there is no `Dual`."""
    entries = [(x.primal, x.tangents, x.call) if isinstance(x, Dual) else (x, None, None) for x in objects.flat]
    if any(np.ndim(value) for value, _, _ in entries):
        raise TypeError("an array of objects must hold numbers; got arrays in it: use np.stack or np.concatenate")
    primal, call = np.array([value for value, _, _ in entries], dtype=float).reshape(objects.shape), one_call(entries)
    if call is None:
        return primal
    T = tangents.join(np.stack, [T for _, T, _ in entries], [()] * len(entries), 0)
    T = tangents.each(T, lambda array, lead: array.reshape(*array.shape[:lead], *objects.shape))
    return (DualArray if primal.ndim else Dual)(primal[()], T, call)


def apply(ufunc, inputs):
    """``ufunc`` of dual numbers and constants, by its rule."""
    operands = [operand(x) for x in inputs]
    values = [value for value, _, _ in operands]
    y, call = ufunc(*values), one_call(operands)
    if ufunc in FLAT or call is None:
        return y
    if ufunc in UNARY:
        T = tangents.scale(operands[0][1], UNARY[ufunc](*values, y), y.shape)
    elif ufunc in BINARY:
        by_first, by_second = BINARY[ufunc](*values, y)
        (_, A, _), (_, B, _) = operands
        A = A if A is None else tangents.scale(A, by_first, y.shape)
        B = B if B is None else tangents.scale(B, by_second, y.shape)
        T = B if A is None else A if B is None else tangents.add(A, B)
    elif ufunc in EXTREMES:
        T = extreme(EXTREMES[ufunc], *operands, y.shape)
    elif ufunc is np.matmul:
        T = product(*operands, y.ndim)
    else:
        raise no_rule(f"np.{ufunc.__name__}" if hasattr(np, ufunc.__name__) else ufunc.__name__)
    return (DualArray if y.ndim else Dual)(y, T, call)


def one_call(operands):
    """The call of f that the dual numbers among the operands belong to, or None."""
    call = None
    for _, _, own in operands:
        if own is not call and own is not None:
            if call is not None:
                raise two_calls()
            call = own
    return call


def extreme(wins, first, second, shape):
    """The tangents of the larger or smaller of two; at a tie a constant wins, and two dual numbers share."""
    (a, A, _), (b, B, _) = first, second
    if A is None or B is None:
        return tangents.select(wins(b, a), B, None, shape) if A is None else tangents.select(wins(a, b), A, None, shape)
    T, tie = tangents.select(wins(a, b), A, B, shape), np.equal(a, b)
    if not tie.any():
        return T
    half = tangents.add(tangents.scale(A, 0.5, shape), tangents.scale(B, 0.5, shape))
    return tangents.select(tie, half, T, shape)
