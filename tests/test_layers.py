"""The rules of the layers, held to JAX, to calculus, and to each other, on every array library that is here."""

import os
import re
import tracemalloc
from dataclasses import replace
from functools import partial

import array_api_strict as strict
import dask
import dask.array as da
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy
from dask.distributed import Client, LocalCluster
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays as any_array

from jacobians import layers
from jacobians.jacobian import jacobian_numerical
from jacobians.layers import rules
from jacobians.layers.elementwise import BLOCK, RULES
from jacobians.layers.layer import Layer
from tests.libraries import LIBRARIES, given, taken

LIBRARY = pytest.mark.parametrize("library", LIBRARIES)
LAYER = pytest.mark.parametrize("name", layers.LAYERS)
POINTS = pytest.mark.parametrize("points", [(), (2, 3)], ids=str)
FLOAT = pytest.mark.parametrize("dtype", [np.float32, np.float64])
WRT = {"dense": ("x", "W", "b"), "conv1d": ("x", "W", "b"), "layer_norm": ("x", "gain", "bias")}


def case(name, points, dtype=np.float64, seed=237):
    """Seeded arguments of a layer, what of them is not differentiated left to the end."""
    draw = partial(np.random.default_rng(seed).standard_normal, dtype=dtype)
    if name == "dense":
        return draw((*points, 4)), draw((5, 4)), draw(5)
    if name == "conv1d":
        return draw((*points, 2, 7)), draw((3, 2, 4)), draw(3)
    if name == "layer_norm":
        return draw((*points, 5)), draw(5), draw(5)
    if name == "cross_entropy":
        return draw((*points, 4)), np.random.default_rng(seed).integers(0, 4, points)
    return (draw((*points, 6)),)


def differentiated(name, arguments):
    return arguments[:1] if name == "cross_entropy" else arguments


def several(name, answer):
    return answer if name in WRT else (answer,)


def drawn_like(a, seed=1):
    return np.random.default_rng(seed).standard_normal(np.shape(a)).astype(a.dtype)


JAX = {
    "relu": jax.nn.relu,
    "leaky_relu": jax.nn.leaky_relu,
    "tanh": jnp.tanh,
    "sigmoid": jax.nn.sigmoid,
    "softplus": jax.nn.softplus,
    "softmax": jax.nn.softmax,
    "log_softmax": jax.nn.log_softmax,
    "cross_entropy": lambda x, labels: -jnp.take_along_axis(jax.nn.log_softmax(x), labels[..., None], axis=-1)[..., 0],
    "layer_norm": lambda x, g, b: g * jax.nn.standardize(x, epsilon=1e-5) + b,
    "dense": lambda x, W, b: x @ W.T + b,
    "conv1d": lambda x, W, b: jax.lax.conv_general_dilated(
        x.reshape(-1, *x.shape[-2:]), W, (1,), "VALID", dimension_numbers=("NCH", "OIH", "NCH"), precision="highest"
    ).reshape(*x.shape[:-2], W.shape[0], -1) + b[:, None],
}  # fmt: skip


def close(got, wanted):
    wanted = np.asarray(wanted)
    assert got.dtype == wanted.dtype
    assert got.shape == wanted.shape
    np.testing.assert_allclose(got, wanted, rtol=0, atol=(1e-4 if wanted.dtype == np.float32 else 1e-12))


@LAYER
@pytest.mark.parametrize(("points", "dtype"), [((), np.float64), ((2, 3), np.float32), ((2, 3), np.float64)], ids=str)
def test_value_jvp_vjp_and_pullback_are_those_of_jax(name, points, dtype):
    layer, arguments = layers.LAYERS[name], case(name, points, dtype)
    free = differentiated(name, arguments)
    f = lambda *free: JAX[name](*free, *arguments[len(free) :])  # noqa: E731
    tangents = tuple(drawn_like(a, i) for i, a in enumerate(free))
    y, jt = jax.jvp(f, free, tangents)
    v = drawn_like(np.asarray(y), 9)
    cotangents = jax.vjp(f, *free)[1](v)

    close(layer.forward(*arguments), y)
    close(layer.jvp(*arguments, *tangents), jt)
    value, pull = layer.pullback(*arguments)
    close(value, y)
    for answer in (layer.vjp(*arguments, v), pull(v)):
        for got, wanted in zip(several(name, answer), cotangents, strict=True):
            close(got, wanted)


@LAYER
def test_jacobian_is_that_of_jax_for_each_point(name):
    points = (2,)
    layer, arguments = layers.LAYERS[name], case(name, points)
    free, rest = differentiated(name, arguments), arguments[len(differentiated(name, arguments)) :]
    x = free[0].reshape(-1, *free[0].shape[len(points) :])
    rest = [r.reshape(-1) for r in rest]
    for i, got in enumerate(several(name, layer.jacobian(*arguments))):
        each = [jax.jacobian(JAX[name], argnums=i)(x[k], *free[1:], *(r[k] for r in rest)) for k in range(len(x))]
        close(got, np.stack(each).reshape(*points, *each[0].shape))


@LAYER
@POINTS
def test_products_are_those_with_the_jacobian(name, points):
    layer, arguments = layers.LAYERS[name], case(name, points)
    free = differentiated(name, arguments)
    tangents = tuple(drawn_like(a, i) for i, a in enumerate(free))
    v = drawn_like(np.asarray(layer.forward(*arguments)), 9)
    rank = v.ndim - len(points)
    jt = 0
    for i, J in enumerate(several(name, layer.jacobian(*arguments))):
        own = tuple(range(len(points))) if i == 0 else ()
        inner = free[i].ndim - len(own)
        matrix = J.reshape(*points, int(np.prod(v.shape[len(points) :])), -1)
        t = tangents[i].reshape(*points, -1, 1) if i == 0 else tangents[i].reshape(-1, 1)
        jt = jt + (matrix @ t).reshape(v.shape)
        jv = (np.swapaxes(matrix, -1, -2) @ v.reshape(*points, -1, 1))[..., 0]
        if i > 0:
            jv = jv.reshape(-1, jv.shape[-1]).sum(axis=0)
        assert J.ndim == len(points) + rank + inner
        np.testing.assert_allclose(several(name, layer.vjp(*arguments, v))[i], jv.reshape(free[i].shape), atol=1e-12)
    np.testing.assert_allclose(layer.jvp(*arguments, *tangents), jt, atol=1e-12)


@LAYER
def test_jacobian_is_what_central_differences_find(name):
    arguments = case(name, (), seed=5)
    f = lambda x: layers.LAYERS[name].forward(x.reshape(arguments[0].shape), *arguments[1:])  # noqa: E731
    J = several(name, layers.LAYERS[name].jacobian(*arguments))[0]
    numerical = jacobian_numerical(lambda x: np.reshape(f(x), -1), arguments[0].reshape(-1))
    np.testing.assert_allclose(J.reshape(numerical.shape), numerical, atol=1e-8)


@pytest.mark.parametrize("name", RULES)
def test_slopes_are_the_derivatives_that_sympy_finds(name):
    x = sympy.Symbol("x", real=True)
    formula = {
        "relu": sympy.Piecewise((0, x <= 0), (x, True)),
        "leaky_relu": sympy.Piecewise((x / 100, x <= 0), (x, True)),
        "tanh": sympy.tanh(x),
        "sigmoid": 1 / (1 + sympy.exp(-x)),
        "softplus": sympy.log(1 + sympy.exp(x)),
    }[name]
    for at in [-40.0, -3.0, -0.5, 0.25, 2.0, 30.0]:
        point, one = np.array([at]), np.ones(1)
        exact = [float(expression.subs(x, sympy.Float(at, 60)).evalf(30)) for expression in (formula, formula.diff(x))]
        layer = layers.LAYERS[name]
        np.testing.assert_allclose([layer.forward(point)[0], layer.vjp(point, one)[0]], exact, rtol=1e-15 * 8)


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "softplus", "softmax", "log_softmax"])
def test_a_value_at_hand_gives_the_same_products(name):
    layer, (x,) = layers.LAYERS[name], case(name, (3,))
    y, v = layer.forward(x), drawn_like(x)
    for product in (layer.vjp, layer.jvp):
        np.testing.assert_allclose(product(x, v, y=y), product(x, v), rtol=1e-12)
    np.testing.assert_allclose(layer.jacobian(x, y=y), layer.jacobian(x), rtol=1e-12)


def test_at_zero_a_ramp_has_the_slope_of_its_left():
    x, v = np.array([-0.0, 0.0]), np.array([3.0, 5.0])
    for layer, slope in ((layers.relu, 0.0), (layers.leaky_relu, 0.01)):
        np.testing.assert_array_equal(layer.jacobian(x), slope * np.eye(2))
        for product in (layer.vjp, layer.jvp):
            np.testing.assert_array_equal(product(x, v), slope * v)


def test_the_slope_of_leaky_relu_may_be_chosen():
    x, v = np.array([-2.0, 4.0]), np.array([3.0, 5.0])
    y, pull = layers.leaky_relu.pullback(x, a=0.25)
    np.testing.assert_array_equal(layers.leaky_relu.jacobian(x, a=0.25), [[0.25, 0.0], [0.0, 1.0]])
    for got, wanted in (
        (y, [-0.5, 4.0]),
        (layers.leaky_relu.forward(x, a=0.25), [-0.5, 4.0]),
        (pull(v), [0.75, 5.0]),
        (layers.leaky_relu.vjp(x, v, a=0.25), [0.75, 5.0]),
        (layers.leaky_relu.jvp(x, v, a=0.25), [0.75, 5.0]),
    ):
        np.testing.assert_array_equal(got, wanted)


@pytest.mark.parametrize(
    ("name", "slope"),
    [
        ("tanh", lambda y: np.diag(1 - y**2)),
        ("sigmoid", lambda y: np.diag(y * (1 - y))),
        ("softplus", lambda y: np.diag(1 - np.exp(-y))),
        ("softmax", lambda y: np.diag(y) - np.outer(y, y)),
        ("log_softmax", lambda y: np.eye(3) - np.exp(y)),
    ],
)
def test_a_value_at_hand_is_what_the_derivative_is_made_of(name, slope):
    layer, x, y, v = layers.LAYERS[name], np.zeros(3), np.array([0.2, 0.3, 0.5]), np.array([1.0, 2.0, 4.0])
    J = slope(y)
    np.testing.assert_allclose(layer.jacobian(x, y=y), J, rtol=1e-12)
    np.testing.assert_allclose(layer.jvp(x, v, y=y), J @ v, rtol=1e-12)
    np.testing.assert_allclose(layer.vjp(x, v, y=y), J.T @ v, rtol=1e-12)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "tanh", "sigmoid", "softplus", "softmax", "log_softmax"])
def test_a_value_that_does_not_fit_the_point_is_refused_whether_it_is_needed_or_not(name):
    layer, x = layers.LAYERS[name], np.zeros(3)
    for call in (lambda y: layer.jacobian(x, y=y), lambda y: layer.jvp(x, x, y=y), lambda y: layer.vjp(x, x, y=y)):
        with pytest.raises(ValueError, match=r"^y must have the shape of x, \(3,\); got \(2,\)$"):
            call(np.ones(2))
        with pytest.raises(TypeError, match="y must be an array of floats; got a list"):
            call([0.0, 0.0, 0.0])
        with pytest.raises(TypeError, match=r"x and y must come from one library; got numpy for x, jax.* for y"):
            call(jnp.zeros(3))


@pytest.mark.parametrize("shape", [(5,), (BLOCK + 3,), (3, BLOCK // 2)])
def test_an_out_with_gaps_takes_the_answer_and_its_gaps_stay(shape):
    wide, some = (*shape[:-1], 2 * shape[-1] + 1), (..., slice(0, -1, 2))  # no stride leads from row to row
    x, v = np.resize([1.0, -2.0, 0.0, 3.0], wide)[some], np.random.default_rng(7).random(wide)[some]
    expected, store, wanted = np.where(x <= 0, 0, v), np.empty(wide), np.full(wide, 7.0)
    wanted[some] = expected
    for points, cotangents in [(x, v), (x.copy(), v), (x.copy(), v.copy())]:
        store[:] = 7.0
        out = layers.relu.vjp(points, cotangents, out=store[some])
        np.testing.assert_array_equal(store, wanted)
        assert np.shares_memory(out, store)
        np.testing.assert_array_equal(layers.relu.vjp(points, cotangents), expected)


def test_the_cotangent_of_a_loss_is_a_number_of_the_precision_of_the_scores_or_an_array_beside_them():
    x = np.zeros(3, np.float32)
    assert layers.cross_entropy.vjp(x, 0, 2.0).dtype == np.float32
    for v, message in [(jnp.ones(()), "x and v must come from one library"), (np.ones((), int), "v must hold floats")]:
        with pytest.raises(TypeError, match=message):
            layers.cross_entropy.vjp(x, 0, v)


finite = st.floats(-1e6, 1e6, width=64)


@settings(max_examples=60, deadline=None)
@over(
    x=any_array(float, (2, 5), elements=st.floats(-50, 50)),
    v=any_array(float, (2, 5), elements=finite),
    t=any_array(float, (2, 5), elements=finite),
)
@pytest.mark.parametrize("name", [*RULES, "softmax", "log_softmax"])
def test_the_jvp_and_the_vjp_are_transposes(name, x, v, t):
    layer = layers.LAYERS[name]
    left, right = v * layer.jvp(x, t), layer.vjp(x, v) * t
    assert abs(left.sum() - right.sum()) <= 1e-13 * (np.abs(v).max() * np.abs(t).max() * 100 + 1e-300)


@LAYER
def test_arguments_may_be_read_only_or_lie_apart_in_memory_and_are_left_as_they_are(name):
    layer, arguments = layers.LAYERS[name], case(name, (3,))
    v = drawn_like(np.asarray(layer.forward(*arguments)), 9)
    wanted = several(name, layer.vjp(*arguments, v))
    every_other, backward = lambda a: np.repeat(a, 2, axis=-1)[..., ::2], lambda a: a[..., ::-1].copy()[..., ::-1]
    for apart in (every_other, backward, np.asfortranarray):
        others = [apart(a) for a in (*arguments, v)]
        before = [a.copy() for a in others]
        for a in others:
            a.flags.writeable = False
        got = several(name, layer.vjp(*others))
        for a, b in zip((*got, *others), (*wanted, *before), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-13)


# Any array library


@LIBRARY
@LAYER
@FLOAT
def test_every_library_gives_numpys_answers_in_its_own_arrays(library, name, dtype):
    layer, arguments = layers.LAYERS[name], case(name, (4,), dtype)
    free = differentiated(name, arguments)
    tangents = tuple(drawn_like(a, i) for i, a in enumerate(free))
    v = drawn_like(np.asarray(layer.forward(*arguments)), 9)
    here = [given(library, a) for a in arguments]
    t, w = [given(library, a) for a in tangents], given(library, v)
    for got, wanted in [
        (layer.forward(*here), layer.forward(*arguments)),
        (layer.jvp(*here, *t), layer.jvp(*arguments, *tangents)),
        *zip(several(name, layer.vjp(*here, w)), several(name, layer.vjp(*arguments, v)), strict=True),
        *zip(several(name, layer.pullback(*here)[1](w)), several(name, layer.vjp(*arguments, v)), strict=True),
    ]:
        assert type(got) is type(here[0])
        close(taken(got), wanted)


@LIBRARY
@LAYER
def test_every_library_gives_numpys_jacobians(library, name):
    layer, arguments = layers.LAYERS[name], case(name, (4,))
    here = [given(library, a) for a in arguments]
    both = (several(name, layer.jacobian(*these)) for these in (here, arguments))
    for got, wanted in zip(*both, strict=True):
        assert type(got) is type(here[0])
        close(taken(got), wanted)


@LAYER
def test_what_is_made_from_arrays_on_a_device_stays_there(name):
    layer, there = layers.LAYERS[name], strict.Device("device1")
    arguments = [strict.asarray(a, device=there) for a in case(name, (2,))]
    y, pull = layer.pullback(*arguments)
    tangents = differentiated(name, arguments)
    answers = y, layer.forward(*arguments), layer.jvp(*arguments, *tangents)
    several_ = pull(y), layer.vjp(*arguments, y), layer.jacobian(*arguments)
    assert {a.device for a in (*answers, *(a for each in several_ for a in several(name, each)))} == {there}


@LAYER
def test_jax_compiles_every_vjp(name):
    layer, arguments = layers.LAYERS[name], case(name, (3,))
    v = drawn_like(np.asarray(layer.forward(*arguments)), 9)
    got = jax.jit(layer.vjp)(*map(jnp.asarray, (*arguments, v)))
    for a, b in zip(several(name, got), several(name, layer.vjp(*arguments, v)), strict=True):
        close(np.asarray(a), b)


# Dask: lazy, larger than memory, and on a cluster


def refuse(*_, **__):
    raise AssertionError("nothing may be computed yet")


@LAYER
def test_dask_arrays_stay_lazy(name):
    layer, arguments = layers.LAYERS[name], [given("dask", a) for a in case(name, (4,))]
    with dask.config.set(scheduler=refuse):
        y, pull = layer.pullback(*arguments)
        tangents = differentiated(name, arguments)
        products = pull(y), layer.vjp(*arguments, y), layer.jvp(*arguments, *tangents)
        for answer in (y, *products, layer.jacobian(*arguments)):
            assert all(dask.is_dask_collection(a) for a in several(name, answer))
        with pytest.raises(AssertionError, match="nothing may be computed yet"):
            y.compute()


def test_the_end_of_a_product_of_160_gigabytes_costs_one_block():
    end = np.array([-1.0, 0.0, 2.0, 3.0])
    x = da.concatenate([da.full(2 * 10**10, -1.0, chunks=10**7), da.from_array(end)])
    v = da.full(x.shape, 7.0, chunks=x.chunks)
    assert x.nbytes > 160 * 10**9
    got = layers.relu.vjp(x, v)[-8:].compute(scheduler="sync")
    np.testing.assert_array_equal(got, [0, 0, 0, 0, 0, 0, 7, 7])


def test_two_worker_processes_pull_back_a_batch_larger_than_either_may_hold():
    points, n, m, block = 300_000, 400, 10, 5_000  # 0.96 GB, where a worker may hold 0.5
    W, b = da.from_array(drawn_like(np.ones((m, n)))), da.zeros(m)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, memory_limit="0.5GB", dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        assert len({info["pid"] for info in client.run(lambda: {"pid": os.getpid()}).values()} - {os.getpid()}) == 2
        x = da.random.default_rng(1).standard_normal((points, n), chunks=(block, n))
        v = da.random.default_rng(2).standard_normal((points, m), chunks=(block, m))
        t = da.random.default_rng(3).standard_normal((points, n), chunks=(block, n))
        _, pull = layers.dense.pullback(layers.relu.forward(x), W, b)
        tx, tW, tb = pull(v)
        left = da.sum(v * layers.dense.jvp(x, W, b, layers.relu.jvp(x, t)))
        right = da.sum(layers.relu.vjp(x, tx) * t)
        left, right, tW, tb = client.gather(client.compute([left, right, tW, tb]))
    np.testing.assert_allclose(left, right, rtol=1e-9)
    assert (tW.shape, tb.shape) == ((m, n), (m,))


# The table of the chapter


def test_the_table_has_a_line_for_each_layer_and_both_its_checks_hold():
    assert [line[0] for line in rules.FORMULAS] == [*layers.LAYERS.values()]
    for layer in layers.LAYERS.values():
        left, right = rules.dot_product_test(layer)
        assert abs(left - right) < 1e-13
        assert rules.difference_test(layer) < 1e-9


def test_the_dot_product_test_sees_a_forgotten_transpose_and_the_differences_a_wrong_slope():
    lost = replace(layers.softmax, vjp=lambda x, v: layers.softmax.forward(x) * v)
    left, right = rules.dot_product_test(lost)
    assert abs(left - right) > 1e-3
    slope = replace(layers.tanh, jacobian=lambda x: np.diag(1 - np.tanh(x)))
    assert rules.difference_test(slope) > 1e-3


@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        ("relu", [(5,)]),
        ("cross_entropy", [(5,), ()]),
        ("layer_norm", [(5,), (5,), (5,)]),
        ("dense", [(4,), (3, 4), (3,)]),
        ("conv1d", [(2, 7), (3, 2, 3), (3,)]),
    ],
)
def test_many_points_for_a_check_share_the_parameters_but_have_a_label_each(name, shapes):
    layer = layers.LAYERS[name]
    assert [np.shape(a) for a in rules.arguments(layer)] == shapes
    x, *others = rules.arguments(layer, points=(300,))
    assert x.shape == (300, *shapes[0])
    if name == "cross_entropy":
        assert set(others.pop().tolist()) == set(range(5))
    assert [a.shape for a in others] == [shape for shape in shapes[1:] if shape]


@pytest.mark.parametrize("check", [rules.dot_product_test, rules.difference_test])
def test_a_check_looks_at_the_point_of_its_seed(check):
    seen = []
    note = lambda name: lambda x, *v: (seen.append(x), getattr(layers.tanh, name)(x, *v))[1]  # noqa: E731
    layer = replace(layers.tanh, jacobian=note("jacobian"), vjp=note("vjp"))
    for seed in ({}, {"seed": 1}, {"seed": 2}):
        check(layer, **seed)
        np.testing.assert_array_equal(seen.pop(), rules.arguments(layer, **seed)[0])
    assert (rules.arguments(layer, seed=1)[0] != rules.arguments(layer, seed=2)[0]).all()


def test_the_table_says_by_how_much_each_check_of_each_layer_is_off(monkeypatch):
    monkeypatch.setattr(rules, "dot_product_test", lambda layer: (3.0, 3.5 if layer is layers.relu else 3.0))
    monkeypatch.setattr(rules, "difference_test", lambda layer: 2.4e-15 if layer is layers.dense else 3e-10)
    head, *lines = [line.split(" | ") for line in repr(rules.table()).splitlines()]
    assert head == ["Layer", "Value $y$", "Jacobian $J$", "JVP $J t$", r"VJP $J^\top v$", "Dot", "Diff"]
    assert [(line[0], *line[-2:]) for line in lines] == [
        (name, "5e-1" if name == "relu" else "0", "2e-15" if name == "dense" else "3e-10") for name in layers.LAYERS
    ]
    assert {line[0]: line[1:-2] for line in lines}["dense"] == ["$W x + b$", "$W$", "$W t$", r"$W^\top  v$"]


# What is not finite


@LIBRARY
@pytest.mark.parametrize("size", [6, 6 + BLOCK])
def test_a_closed_gate_stops_an_infinite_cotangent_and_an_open_one_passes_it(library, size):
    x, v = np.ones(size), np.full(size, 5.0)
    x[-6:] = [-1.0, -0.0, 0.0, 1e-300, np.inf, -np.inf]
    v[-6:] = [np.inf, -np.inf, np.nan, np.inf, -np.inf, np.inf]
    with np.errstate(invalid="ignore"):
        assert np.isnan(((x > 0) * v)[-6:][[0, 1]]).all()  # the product makes NaN of 0 · ∞
    for product in (layers.relu.vjp, layers.relu.jvp):
        got = taken(product(given(library, x), given(library, v)))
        np.testing.assert_array_equal(got[-6:], [0.0, 0.0, 0.0, np.inf, -np.inf, 0.0])
        assert (got[:-6] == 5.0).all()


def test_the_square_root_of_relu_has_slope_zero_where_it_is_flat():
    x = np.array([-1.0])
    with np.errstate(divide="ignore"):
        v = 1 / (2 * np.sqrt(layers.relu.forward(x)))  # ∞, the slope of the root at 0
    np.testing.assert_array_equal(layers.relu.vjp(x, v), [0.0])


@LIBRARY
@pytest.mark.parametrize("size", [1, 1 + BLOCK])
def test_where_x_is_nan_the_value_is_nan_and_the_cotangent_passes(library, size):
    x, v = np.full(size, np.nan), np.full(size, 3.0)
    np.testing.assert_array_equal(taken(layers.relu.forward(given(library, x))), x)
    np.testing.assert_array_equal(taken(layers.relu.vjp(given(library, x), given(library, v))), v)


@pytest.mark.parametrize("name", [n for n in layers.LAYERS if n not in ("relu", "leaky_relu")])
@pytest.mark.filterwarnings("ignore:invalid value")
def test_nan_in_x_is_nan_in_the_cotangent_of_x(name):
    arguments = case(name, ())
    arguments[0][..., 1] = np.nan
    v = np.ones(np.shape(layers.LAYERS[name].forward(*arguments)))
    cotangent = several(name, layers.LAYERS[name].vjp(*arguments, v))[0]
    linear = name in ("dense", "conv1d")  # whose Jacobian by x does not depend on x
    assert np.isnan(cotangent).any() != linear
    assert np.isnan(layers.LAYERS[name].forward(*arguments)).any()


@FLOAT
@LIBRARY
def test_nothing_overflows_at_a_thousand(library, dtype):
    x = np.array([-1000.0, 0.0, 1000.0], dtype)
    here, one = given(library, x), given(library, np.ones(3, dtype))
    for name, value, product in [
        ("softplus", [0.0, np.log(2), 1000.0], [0.0, 0.5, 1.0]),
        ("sigmoid", [0.0, 0.5, 1.0], [0.0, 0.25, 0.0]),
        ("tanh", [-1.0, 0.0, 1.0], [0.0, 1.0, 0.0]),
        ("softmax", [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]),
        ("log_softmax", [-2000.0, -1000.0, 0.0], [1.0, 1.0, -2.0]),
    ]:
        np.testing.assert_allclose(taken(layers.LAYERS[name].forward(here)), value, rtol=1e-6)
        np.testing.assert_allclose(taken(layers.LAYERS[name].vjp(here, one)), product, rtol=1e-6, atol=1e-7)


def test_a_tail_keeps_its_digits():
    x, one = np.array([-700.0, 700.0]), np.ones(2)
    np.testing.assert_allclose(layers.sigmoid.vjp(x, one), np.exp(-700.0), rtol=1e-14)
    np.testing.assert_allclose(layers.tanh.vjp(x / 2, one), 4 * np.exp(-700.0), rtol=1e-14)
    np.testing.assert_allclose(layers.softplus.forward(x), [np.exp(-700.0), 700.0], rtol=1e-14)
    assert layers.cross_entropy.forward(np.array([0.0, 800.0]), 0) == 800.0


def test_a_class_that_is_ruled_out_by_a_score_of_minus_infinity_gets_nothing():
    x, v = np.array([0.0, -np.inf, 0.0]), np.array([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(layers.softmax.forward(x), [0.5, 0.0, 0.5])
    np.testing.assert_array_equal(layers.softmax.vjp(x, v), [-0.5, 0.0, 0.5])
    np.testing.assert_array_equal(layers.cross_entropy.vjp(x, 0, 1.0), [-0.5, 0.0, 0.5])


def test_equal_entries_are_normalised_to_the_bias():
    y, pull = layers.layer_norm.pullback(np.full((2, 3), 7.0), np.ones(3), np.arange(3.0))
    np.testing.assert_array_equal(y, [[0, 1, 2], [0, 1, 2]])
    assert np.isfinite(pull(np.ones((2, 3)), wrt="x")).all()


# Where the answer goes


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("size", [(3, 4), (2, BLOCK + 3)])
def test_out_takes_the_answer_even_where_it_is_an_argument_or_overlaps_one(name, size):
    layer = layers.LAYERS[name]
    store = np.random.default_rng(2).standard_normal((3, *size))
    wanted = layer.vjp(store[0], store[1])
    assert layer.vjp(store[0], store[1], out=store[2]) is not None
    np.testing.assert_array_equal(store[2], wanted)
    for i in (0, 1):
        mine = store.copy()
        layer.vjp(mine[0], mine[1], out=mine[i])
        np.testing.assert_array_equal(mine[i], wanted)
    line = np.concatenate([store[0].reshape(-1), [1.0]])
    wanted = layer.vjp(line[:-1].copy(), store[1].reshape(-1))
    layer.vjp(line[:-1], store[1].reshape(-1), out=line[1:])
    np.testing.assert_array_equal(line[1:], wanted)


@pytest.mark.parametrize("name", RULES)
def test_a_jvp_and_a_pullback_write_where_they_are_told(name):
    layer, x, v = layers.LAYERS[name], np.linspace(-2, 2, 5), np.arange(5.0)
    wanted, out = layer.vjp(x, v), np.empty(5)
    assert np.shares_memory(layer.jvp(x, v, out=out), out)
    np.testing.assert_array_equal(out, wanted)
    out[:] = 7.0
    assert np.shares_memory(layer.pullback(x)[1](v, out=out), out)
    np.testing.assert_allclose(out, wanted, rtol=1e-14)


@pytest.mark.parametrize("met", ["x", "v"])
@pytest.mark.parametrize("apart", [False, True])
def test_relu_into_an_array_a_block_further_on_reads_no_entry_that_it_has_written(met, apart):
    store = np.random.default_rng(6).standard_normal(7 * BLOCK)
    line, other, out = store[: 3 * BLOCK], store[4 * BLOCK :], store[BLOCK : 4 * BLOCK]
    other = other.copy() if apart else other
    x, v = (line, other) if met == "x" else (other, line)
    wanted = np.where(x > 0, v, 0)
    layers.relu.vjp(x, v, out=out)
    np.testing.assert_array_equal(out, wanted)


@pytest.mark.parametrize("own", [False, True])
def test_relu_into_a_given_array_takes_a_mask_of_one_block_and_no_more(own):
    x, v = np.random.default_rng(3).standard_normal((2, 10 * BLOCK))
    x, v = (x.copy(), v.copy()) if own else (x, v)
    size, out = np.getbufsize(), np.empty_like(x)
    tracemalloc.start()
    layers.relu.vjp(x, v, out=out)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_array_equal(out, np.where(x > 0, v, 0))
    assert peak < 2 * BLOCK
    assert np.getbufsize() == size


@pytest.mark.parametrize("dtypes", [("f2", "f2"), ("f4", "f8"), (np.longdouble,) * 2, (">f8", ">f8")], ids=str)
def test_relu_takes_every_kind_of_float(dtypes):
    x, v = (np.array([-1.0, 0.0, 2.0, 3.0]).astype(d) for d in dtypes)
    got = layers.relu.vjp(x, v)
    np.testing.assert_array_equal(got, [0, 0, 2, 3])
    assert got.dtype.newbyteorder("=") == np.result_type(x, v)
    np.testing.assert_array_equal(layers.relu.vjp(x[:, None].T, v[:, None].T), [[0, 0, 2, 3]])
    assert layers.relu.vjp(x[2], v[2]) == 2
    assert layers.relu.vjp(x[:0], v[:0]).shape == (0,)


def test_layer_norm_gives_the_same_in_blocks_as_at_once():
    rng = np.random.default_rng(4)
    x, v = rng.standard_normal((2, 3, 1000, 37))
    gain, bias = rng.standard_normal((2, 37))
    _, pull = layers.layer_norm.pullback(x, gain, bias)
    for whole, name in zip(pull(v), ("x", "gain", "bias"), strict=True):
        np.testing.assert_allclose(whole, pull(v, wrt=name), rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("dtypes", [("f8", "f8", "f4"), ("f8", "f4", "f8"), ("f4", "f8", "f8"), (np.longdouble,) * 3])
def test_layer_norm_takes_every_kind_of_float_in_blocks_as_at_once(dtypes):
    rng = np.random.default_rng(5)
    x, v, gain = (rng.standard_normal(size).astype(d) for size, d in zip([(9, 5), (9, 5), 5], dtypes, strict=True))
    _, pull = layers.layer_norm.pullback(x, gain, np.zeros(5))
    for whole, name in zip(pull(v), ("x", "gain", "bias"), strict=True):
        alone = pull(v, wrt=name)
        assert whole.dtype == alone.dtype
        np.testing.assert_allclose(whole, alone, rtol=0, atol=16 * np.finfo(whole.dtype).eps)


def test_layer_norm_pulls_back_many_points_with_no_more_memory_than_the_answer_and_a_few_blocks():
    x, v = np.random.default_rng(7).standard_normal((2, 2**15, 64))
    _, pull = layers.layer_norm.pullback(x, np.ones(64), np.zeros(64))
    tracemalloc.start()
    pull(v)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.25 * x.nbytes


@pytest.mark.parametrize("name", WRT)
def test_wrt_names_what_is_computed(name):
    layer, arguments = layers.LAYERS[name], case(name, (3,))
    v = drawn_like(layer.forward(*arguments), 9)
    every = dict(zip(WRT[name], layer.vjp(*arguments, v), strict=True))
    for wrt in WRT[name]:
        np.testing.assert_allclose(layer.vjp(*arguments, v, wrt=wrt), every[wrt], rtol=1e-11, atol=1e-13)
    last, first = layer.pullback(*arguments)[1](v, wrt=(WRT[name][2], WRT[name][0]))
    np.testing.assert_allclose(last, every[WRT[name][2]], rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(first, every[WRT[name][0]], rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("k", [1, 2, 6])
def test_a_kernel_may_be_one_entry_long_or_as_long_as_the_point(k):
    x, b, W = drawn_like(np.ones((2, 6))), np.array([1.0, 2.0, 3.0]), drawn_like(np.ones((3, 2, k)))
    wanted = [sum(np.correlate(*pair, "valid") for pair in zip(x, kernels, strict=True)) for kernels in W]
    np.testing.assert_allclose(layers.conv1d.forward(x, W, b), wanted + b[:, None], rtol=1e-12)
    J = layers.conv1d.jacobian(x, W, b, wrt="x")
    np.testing.assert_allclose(np.einsum("opql,ql->op", J, x), wanted, rtol=1e-12)


def test_a_batch_of_one_or_none_is_a_batch():
    W, b = np.ones((3, 2)), np.ones(3)
    for points in (0, 1):
        x, v = np.full((points, 2), 2.0), np.full((points, 3), 5.0)
        tx, tW, tb = layers.dense.vjp(x, W, b, v)
        assert tx.shape == x.shape
        np.testing.assert_array_equal(tW, np.full((3, 2), 10.0 * points))
        np.testing.assert_array_equal(tb, np.full(3, 5.0 * points))


# Bad input

x3, W, b = np.ones(3), np.ones((2, 3)), np.ones(2)


@LAYER
@pytest.mark.parametrize("points", [(0,), (2, 0)])
def test_no_points_give_no_values_and_cotangents_of_zero(name, points):
    layer, arguments = layers.LAYERS[name], case(name, points)
    y, pull = layer.pullback(*arguments)
    free = differentiated(name, arguments)
    for answer in (layer.vjp(*arguments, y), pull(y)):
        got = several(name, answer)
        assert [a.shape for a in got] == [a.shape for a in free]
        assert not any(a.any() for a in got)
    assert layer.jvp(*arguments, *free).shape == layer.forward(*arguments).shape == y.shape


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: layers.relu.vjp([1.0], x3), TypeError, "x must be an array of floats; got a list"),
        (lambda: layers.relu.vjp(np.ones(3, int), x3), TypeError, "x must hold floats; got dtype int64"),
        (lambda: layers.relu.vjp(x3, 1j * x3), TypeError, "v must hold floats; got dtype complex128"),
        (lambda: layers.relu.vjp(x3, jnp.ones(3)), TypeError, "x and v must come from one library; got numpy"),
        (lambda: layers.relu.jvp(x3, strict.ones(3)), TypeError, "x and t .* got numpy for x, array_api_strict for t$"),
        (lambda: layers.relu.vjp(x3, b), ValueError, r"v must have the shape of the value, \(3,\); got \(2,\)"),
        (lambda: layers.relu.jvp(x3, b), ValueError, r"t must have the shape of x, \(3,\); got \(2,\)"),
        (lambda: layers.tanh.vjp(x3, x3, y=b), ValueError, r"y must have the shape of x, \(3,\); got \(2,\)"),
        (lambda: layers.relu.vjp(x3, x3, out=b), TypeError, r"out must be a NumPy array, shape \(3,\), dtype float64"),
        (lambda: layers.relu.vjp(x3, x3, out=[1.0] * 3), TypeError, "out must be a NumPy array, .*; got a list$"),
        (lambda: layers.relu.vjp(x3, x3, a=0.3), TypeError, r".* got an unexpected keyword argument 'a'$"),
        (
            lambda: layers.relu.vjp(x3, x3, out=jnp.ones(3)),
            TypeError,
            r"out must be a NumPy array, shape \(3,\), dtype",
        ),
        (lambda: layers.relu.vjp(jnp.ones(3), jnp.ones(3), out=x3), TypeError, "out must be a NumPy array, shape"),
        (lambda: layers.tanh.vjp(x3, x3, out=np.ones(3, "f4")), TypeError, r"out must .*float64, .*; got .*float32"),
        (lambda: layers.tanh.jacobian(np.float64(1)), ValueError, r"x must have the shape \(..., n\); got \(\)"),
        (lambda: layers.softmax.forward(np.ones((2, 0))), ValueError, "x must have at least one entry"),
        (lambda: layers.softmax.vjp(x3, b), ValueError, r"v must have the shape of the value, \(3,\); got \(2,\)"),
        (lambda: layers.softmax.jvp(x3, b), ValueError, r"t must have the shape of x, \(3,\); got \(2,\)"),
        (lambda: layers.cross_entropy.jvp(x3, 0, b), ValueError, r"t must have the shape of x, \(3,\); got \(2,\)"),
        (
            lambda: layers.cross_entropy.vjp(x3, 0, b),
            ValueError,
            r"v must have the shape of the value, \(\); got \(2,\)",
        ),
        (lambda: layers.dense.forward(x3, W.T, b), ValueError, r"W must have the shape \(m, 3\), to act on x; got"),
        (
            lambda: layers.dense.forward(x3, x3, b),
            ValueError,
            r"W must have the shape \(m, 3\), to act on x; got \(3,\)",
        ),
        (lambda: layers.dense.forward(x3, W, x3), ValueError, r"b must have the shape of a column of W, \(2,\); got"),
        (lambda: layers.dense.vjp(x3, W, b, x3), ValueError, r"v must have the shape of the value, \(2,\); got \(3,\)"),
        (lambda: layers.dense.jvp(x3, W, b, b), ValueError, r"t must have the shape of its argument, \(3,\); got"),
        (lambda: layers.dense.vjp(x3, W, b, b, wrt="w"), ValueError, "wrt must name x or W or b; got 'w'"),
        (lambda: layers.layer_norm.forward(x3, b, b), ValueError, r"gain must have the shape of a point, \(3,\); got"),
        (lambda: layers.layer_norm.forward(x3, x3, b), ValueError, r"bias must have the shape of a point, \(3,\); got"),
        (lambda: layers.conv1d.forward(x3, W, b), ValueError, r"x must have the shape \(..., c, n\); got \(3,\)"),
        (lambda: layers.conv1d.forward(W, np.ones((1, 2, 4)), b), ValueError, r"W must have the shape \(m, 2, k\)"),
        (lambda: layers.conv1d.forward(W, np.ones((1, 2)), b), ValueError, r"W must have the shape \(m, 2, k\)"),
        (
            lambda: layers.conv1d.forward(W, np.ones((2, 2, 3)), x3),
            ValueError,
            r"b must .* the output channels, \(2,\);",
        ),
        (lambda: layers.cross_entropy.forward(x3, 3), ValueError, "labels must be classes from 0 to 2; got 3"),
        (lambda: layers.cross_entropy.forward(x3, -1), ValueError, "labels must be classes from 0 to 2; got -1"),
        (lambda: layers.cross_entropy.forward(x3, 1.0), TypeError, "labels must be integers; got dtype float64"),
        (lambda: layers.cross_entropy.forward(x3, b), ValueError, r"labels must have the shape of the points, \(\)"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(call, error, message):
    with pytest.raises(error, match=f"^{message}"):
        call()


WINDOWS = np.ones((1, 1, 2))  # (m, c, k) of a convolution, which makes (1, 4) of (1, 5)
PLACES = {
    "relu": ([x3], (3,)), "softmax": ([x3], (3,)), "dense": ([x3, W, b], (2,)), "layer_norm": ([x3, x3, x3], (3,)),
    "conv1d": ([np.ones((1, 5)), WINDOWS, np.ones(1)], (1, 4)),
}  # fmt: skip


@pytest.mark.parametrize("name", PLACES)
def test_every_layer_names_the_argument_whose_shape_or_library_is_wrong(name):
    layer, (arguments, shape) = layers.LAYERS[name], PLACES[name]
    size = re.escape(str(shape))
    with pytest.raises(ValueError, match=rf"^v must have the shape of the value, {size}; got \(7,\)$"):
        layer.vjp(*arguments, np.ones(7))
    with pytest.raises(TypeError, match=r"^v must be an array of floats; got a list$"):
        layer.vjp(*arguments, [1.0])
    with pytest.raises(TypeError, match=r"^x must be an array of floats; got a list$"):
        layer.vjp([1.0], *arguments[1:], np.ones(shape))
    with pytest.raises(TypeError, match=r"^\w+ and .* must come from one library; got .*array_api_strict for v"):
        layer.vjp(*arguments, strict.ones(shape))
    pull = layer.pullback(*arguments)[1]
    with pytest.raises(ValueError, match=rf"^v must have the shape of the value, {size}; got \(7,\)$"):
        pull(np.ones(7))
    with pytest.raises(TypeError, match=r"^v must be an array of floats; got a list$"):
        pull([1.0])


@LAYER
def test_every_argument_and_every_tangent_that_is_no_array_is_named(name):
    layer, arguments = layers.LAYERS[name], case(name, ())
    free = differentiated(name, arguments)
    names = WRT.get(name, ("x",))
    tangents = ("t", "t_gain", "t_bias") if name == "layer_norm" else ("t", "tW", "tb")
    for place, (argument, tangent) in enumerate(zip(names, tangents, strict=False)):
        wrong = [[1.0] if k == place else a for k, a in enumerate(arguments)]
        for call in (layer.forward, layer.jacobian, layer.pullback, lambda *a: layer.jvp(*a, *free)):
            with pytest.raises(TypeError, match=rf"^{argument} must be an array of floats; got a list$"):
                call(*wrong)
        with pytest.raises(TypeError, match=rf"^{tangent} must be an array of floats; got a list$"):
            layer.jvp(*arguments, *[[1.0] if k == place else a for k, a in enumerate(free)])


@pytest.mark.parametrize(
    ("name", "tangents"),
    [("dense", ["t", "tW", "tb"]), ("conv1d", ["t", "tW", "tb"]), ("layer_norm", ["t", "t_gain", "t_bias"])],
)
def test_every_tangent_must_have_the_shape_of_its_argument(name, tangents):
    layer, (arguments, _) = layers.LAYERS[name], PLACES[name]
    for place, tangent in enumerate(tangents):
        given_ = [np.ones(7) if k == place else np.ones(a.shape) for k, a in enumerate(arguments)]
        size = re.escape(str(arguments[place].shape))
        with pytest.raises(ValueError, match=rf"^{tangent} must have the shape of its argument, {size}; got \(7,\)$"):
            layer.jvp(*arguments, *given_)


@pytest.mark.parametrize("library", [name for name in LIBRARIES if name != "numpy"])
def test_a_label_that_is_no_class_gives_nan_where_it_cannot_be_looked_at(library):
    x, labels = given(library, np.zeros((3, 2))), given(library, np.array([0, 2, -1]))
    losses, pull = layers.cross_entropy.pullback(x, labels)
    np.testing.assert_array_equal(np.isnan(taken(losses)), [False, True, True])
    np.testing.assert_array_equal(np.isnan(taken(pull(given(library, np.ones(3))))).any(axis=1), [False, True, True])


def test_the_record_of_a_layer_says_its_name():
    assert all(isinstance(layer, Layer) and repr(layer) == f"layers.{name}" for name, layer in layers.LAYERS.items())
