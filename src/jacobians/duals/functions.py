"""What dual numbers know of NumPy besides its ufuncs, a table by kind of rule. Explained in book/forward.md.

A function that moves entries moves their tangents, one that is linear does to each tangent what it does to the value,
a product has the product rule; what is made of these is written in terms of them. All else raises ``TypeError``.
"""

import inspect
import textwrap

import numpy as np

from jacobians.duals import tangents
from jacobians.duals.dual import FUNCTIONS, Dual, DualArray, packed, two_calls


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
    """The same function of the values alone: what it gives has no derivative."""

    def on_values(*args, **options):
        return function(*[primal(x) for x in args], **{name: primal(x) for name, x in options.items()})

    return on_values


def primal(x):
    """The values of dual numbers, also inside a list or tuple; anything else unchanged."""
    return type(x)(map(primal, x)) if type(x) in (list, tuple) else x.primal if isinstance(x, Dual) else x


FUNCTIONS.update((found, by_value(found)) for name in VALUES if (found := lookup(name)) is not None)

# -- What makes arrays ------------------------------------------------------------------------------------------------


def maker(fill):
    """A rule of ``zeros_like`` and its kin; an order in memory and a subclass say nothing of numbers and are let go."""

    def make(x, dtype=None, order=None, subok=None, shape=None):
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
def full_like(a, fill_value, dtype=None, order=None, subok=None, shape=None):
    result = filled(like([a, fill_value]), np.shape(a) if shape is None else shape, 0.0, dtype)
    result[...] = fill_value
    return result


@rule("copy")
def copy(a, order=None, subok=None):
    return a.new(a.primal.copy(), a.tangents)
