"""The rules of the layers, held to JAX, to calculus, and to each other, on every array library that is here."""

import os
import re
import tracemalloc
from dataclasses import replace
from functools import partial

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


def test_relu_into_a_given_array_takes_a_mask_of_one_block_and_no_more():
    x, v = np.random.default_rng(3).standard_normal((2, 10 * BLOCK))
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


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: layers.relu.vjp([1.0], x3), TypeError, "x must be an array of floats; got a list"),
        (lambda: layers.relu.vjp(np.ones(3, int), x3), TypeError, "x must hold floats; got dtype int64"),
        (lambda: layers.relu.vjp(x3, 1j * x3), TypeError, "v must hold floats; got dtype complex128"),
        (lambda: layers.relu.vjp(x3, jnp.ones(3)), TypeError, "x and v must come from one library; got numpy"),
        (lambda: layers.relu.vjp(x3, b), ValueError, r"v must have the shape of the value, \(3,\); got \(2,\)"),
        (lambda: layers.relu.jvp(x3, b), ValueError, r"t must have the shape of x, \(3,\); got \(2,\)"),
        (lambda: layers.tanh.vjp(x3, x3, y=b), ValueError, r"y must have the shape of x, \(3,\); got \(2,\)"),
        (lambda: layers.relu.vjp(x3, x3, out=b), TypeError, r"out must be a NumPy array, shape \(3,\), dtype float64"),
        (lambda: layers.tanh.jacobian(np.float64(1)), ValueError, r"x must have the shape \(..., n\); got \(\)"),
        (lambda: layers.softmax.forward(np.ones((2, 0))), ValueError, "x must have at least one entry"),
        (lambda: layers.softmax.vjp(x3, b), ValueError, r"v must have the shape of the value, \(3,\); got \(2,\)"),
        (lambda: layers.dense.forward(x3, W.T, b), ValueError, r"W must have the shape \(m, 3\), to act on x; got"),
        (lambda: layers.dense.forward(x3, W, x3), ValueError, r"b must have the shape of a column of W, \(2,\); got"),
        (lambda: layers.dense.vjp(x3, W, b, x3), ValueError, r"v must have the shape of the value, \(2,\); got \(3,\)"),
        (lambda: layers.dense.jvp(x3, W, b, b), ValueError, r"t must have the shape of its argument, \(3,\); got"),
        (lambda: layers.dense.vjp(x3, W, b, b, wrt="w"), ValueError, "wrt must name x or W or b; got 'w'"),
        (lambda: layers.layer_norm.forward(x3, b, b), ValueError, r"gain must have the shape of a point, \(3,\); got"),
        (lambda: layers.conv1d.forward(x3, W, b), ValueError, r"x must have the shape \(..., c, n\); got \(3,\)"),
        (lambda: layers.conv1d.forward(W, np.ones((1, 2, 4)), b), ValueError, r"W must have the shape \(m, 2, k\)"),
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
    pull = layer.pullback(*arguments)[1]
    with pytest.raises(ValueError, match=rf"^v must have the shape of the value, {size}; got \(7,\)$"):
        pull(np.ones(7))
    with pytest.raises(TypeError, match=r"^v must be an array of floats; got a list$"):
        pull([1.0])


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
