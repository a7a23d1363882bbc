"""A chain of layers, held to the product of its matrices and to JAX; and what its training, and its mistakes, do."""

import builtins
import io
import os
import pty
import re
import subprocess
import sys
import termios
from dataclasses import replace
from functools import cache, partial, reduce
from itertools import pairwise, product

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jacobians import backprop, flows, layers, moons, orders
from jacobians.chain import check_chain, compose, dot_products, jacobian, push
from jacobians.checks import CheckError, check_vjp

DATA = backprop.digits()
SIZES = st.lists(st.integers(1, 7), min_size=2, max_size=6)
BETWEEN = {
    "relu": jax.nn.relu,
    "tanh": jnp.tanh,
    "sigmoid": jax.nn.sigmoid,
    "softplus": jax.nn.softplus,
    "softmax": jax.nn.softmax,
    "log_softmax": jax.nn.log_softmax,
}


@cache
def training():
    return backprop.train(DATA)


@pytest.fixture
def trained():
    return training()


@st.composite
def chains(draw, of=SIZES):
    """A random chain: dense layers, one of `BETWEEN` after each; its parameters, and a generator for points."""
    sizes, seed = draw(of), draw(st.integers(0, 2**32 - 1))
    names = [draw(st.sampled_from(sorted(BETWEEN))) for _ in sizes[1:]]
    rng = np.random.default_rng(seed)
    P = [rng.standard_normal(shape) for n, m in pairwise(sizes) for shape in ((m, n), (m,))]
    chain = [
        one for i, name in enumerate(names) for one in ((layers.dense, *P[2 * i : 2 * i + 2]), layers.LAYERS[name])
    ]
    return chain, names, P, sizes, rng


def in_jax(names, x, P):
    for i, name in enumerate(names):
        x = BETWEEN[name](x @ P[2 * i].T + P[2 * i + 1])
    return x


def matrices(chain, x):
    """The Jacobian of each layer at its own input, the last layer first."""
    found = []
    for layer in chain:
        layer, *parameters = layer if isinstance(layer, tuple) else (layer,)
        found.append(layer.jacobian(x, *parameters, **({"wrt": "x"} if parameters else {})))
        x = layer.forward(x, *parameters)
    return found[::-1]


# -- The chain --------------------------------------------------------------------------------------------------------


@given(chains())
def test_the_pullback_of_a_chain_is_the_transposed_product_of_its_jacobians(case):
    chain, _, _, sizes, rng = case
    x, v = rng.standard_normal(sizes[0]), rng.standard_normal(sizes[-1])
    J = reduce(np.matmul, matrices(chain, x))
    np.testing.assert_allclose(compose(*chain)(x)[1](v)[0], J.T @ v, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(jacobian(chain, x), J, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(reduce(lambda A, B: B @ A, matrices(chain, x)[::-1]), J, rtol=1e-9, atol=1e-12)


@given(chains(st.just([4, 3, 5, 2])))  # of one shape, since JAX compiles for each
def test_every_cotangent_of_a_chain_is_that_of_jax(case):
    chain, names, P, sizes, rng = case
    x, v = rng.standard_normal((3, sizes[0])), rng.standard_normal((3, sizes[-1]))
    with jax.enable_x64(True):
        y, pull = jax.vjp(partial(in_jax, names), x, P)
        dx, dP = pull(jnp.asarray(v))
    ours, back = compose(*chain)(x)
    np.testing.assert_allclose(ours, y, rtol=1e-9, atol=1e-12)
    for got, expected in zip(back(v), [dx, *dP], strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-8, atol=1e-11)


@given(chains())
def test_every_gradient_of_a_random_chain_passes_the_dot_product_test(case):
    chain, _, P, sizes, rng = case
    pairs = dot_products(chain, rng.standard_normal((2, sizes[0])))
    assert len(pairs) == 1 + len(P)
    for left, right in pairs.values():
        assert left == pytest.approx(right, rel=1e-7, abs=1e-11)


@given(chains(), st.data())
def test_a_chain_of_chains_is_a_chain(case, data):
    chain, _, _, sizes, rng = case
    cut = data.draw(st.integers(1, len(chain) - 1))
    x, v = rng.standard_normal(sizes[0]), rng.standard_normal(sizes[-1])
    whole, nested = compose(*chain)(x), compose(compose(*chain[:cut]), compose(*chain[cut:]))(x)
    np.testing.assert_array_equal(whole[0], nested[0])
    for a, b in zip(whole[1](v), nested[1](v), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_chain_without_parameters_answers_with_an_array_and_can_be_pulled_twice():
    y, pull = compose(layers.tanh, layers.softmax)(np.array([0.5, -1.0]))
    first = pull(np.array([1.0, 0.0]))
    assert isinstance(first, np.ndarray)
    np.testing.assert_array_equal(first, pull(np.array([1.0, 0.0])))
    np.testing.assert_allclose(y.sum(), 1)


def test_the_jacobians_of_many_points_are_those_of_each():
    chain = backprop.network(backprop.initial((64, 64, 10)))
    J = jacobian(chain, DATA.images[:6].reshape(2, 3, 64))
    assert J.shape == (2, 3, 10, 64)
    np.testing.assert_allclose(J[1, 2], jacobian(chain, DATA.images[5]), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: compose(), ValueError, r"compose must have at least one layer; got none"),
        (lambda: compose(3), TypeError, r"a layer must be a Layer or a pullback, alone or in a tuple .*; got 3"),
        (lambda: compose(()), TypeError, r"a layer must be a Layer or a pullback, .*; got \(\)"),
        (lambda: compose(layers.relu)([1.0]), TypeError, r"x must be an array of floats; got a list"),
        (
            lambda: compose((layers.dense, np.ones((2, 3)), np.ones(2)))(np.ones(2)),
            ValueError,
            r"W must have the shape \(m, 2\), to act on x; got \(2, 3\)",
        ),
        (
            lambda: push([lambda x: (x, None)], np.ones(2), [np.ones(2)]),
            TypeError,
            r"each layer must be a Layer, whose JVP is known; got <function",
        ),
        (
            lambda: check_chain([lambda x: (2 * x, lambda v: 2 * v)], np.ones(2)),
            TypeError,
            r"each layer must be a Layer, whose JVP is known; got <function",
        ),
        (
            lambda: check_chain([replace(layers.relu, pullback=lambda x: (x, lambda v: (v, v)))], np.ones(2)),
            CheckError,
            r"there must be a cotangent for each of x; got 2",
        ),
        (lambda: orders.from_left([3]), ValueError, r"sizes must be two or more positive integers; got \(3,\)"),
        (lambda: orders.from_right([3, 0]), ValueError, r"sizes must be two .*; got \(3, 0\)"),
        (lambda: orders.fewest([3, 1.5]), ValueError, r"sizes must be two .*; got \(3, 1.5\)"),
        (lambda: backprop.digits(0), ValueError, r"held_out must be positive; got 0"),
        (lambda: backprop.digits(1797), ValueError, r"held_out must be from 1 to 1796; got 1797"),
        (lambda: backprop.digits(0.2), TypeError, r"held_out must be an integer; got 0.2"),
        (lambda: backprop.train(DATA, rate=-1), ValueError, r"rate must be positive; got -1"),
        (lambda: backprop.train(DATA, epochs=0), ValueError, r"epochs must be positive; got 0"),
        (lambda: backprop.train(DATA, batch=2.5), TypeError, r"batch must be an integer; got 2.5"),
        (lambda: backprop.train(DATA, (64,)), ValueError, r"sizes must be two or more positive integers; got \(64,\)"),
        (lambda: backprop.train(DATA, (32, 10)), ValueError, r"W must have the shape \(m, 64\), to act on x; got"),
        (lambda: backprop.train(DATA, (64, 5)), ValueError, r"labels must be classes from 0 to 4; got \d"),
        (
            lambda: backprop.train(DATA._replace(images=np.full_like(DATA.images, np.nan))),
            ValueError,
            r"images must be finite; got nan at index \(0, 0\)",
        ),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=f"^{message}"):
        call()


# -- The orders -------------------------------------------------------------------------------------------------------


class Counted(float):
    """A number that counts the multiplications in which it is the left factor."""

    done = 0

    def __mul__(self, other):
        Counted.done += 1
        return Counted(float(self) * float(other))

    def __add__(self, other):
        return Counted(float(self) + float(other))


def counted(sizes, multiply):
    """The multiplications that ``multiply`` takes for matrices J_1, …, J_N of the sizes."""
    Js = [np.array([[Counted(1)] * n for _ in range(m)], dtype=object) for n, m in pairwise(sizes)]
    Counted.done = 0
    multiply(Js)
    return Counted.done


@settings(max_examples=30)
@given(SIZES)
def test_the_counts_are_those_of_numbers_that_count_their_multiplications(sizes):
    assert orders.from_left(sizes) == counted(sizes, lambda Js: reduce(np.matmul, Js[::-1]))
    assert orders.from_right(sizes) == counted(sizes, lambda Js: reduce(lambda A, B: B @ A, Js))


def every_order(sizes):
    """The multiplications of every way to set the parentheses."""
    if len(sizes) == 2:
        return [0]
    n, m = sizes[0], sizes[-1]
    return [a + b + n * sizes[k] * m for k in range(1, len(sizes) - 1)
            for a, b in product(every_order(sizes[: k + 1]), every_order(sizes[k:]))]  # fmt: skip


@given(SIZES)
def test_no_order_takes_fewer_than_the_fewest_and_its_parentheses_take_as_many(sizes):
    count, order = orders.fewest(sizes)
    assert count == min(every_order(sizes))
    code = re.sub(r"J_(\d)", r"Js[\1 - 1]", order).replace("] J", "] @ J").replace(") ", ") @ ").replace("] (", "] @ (")
    assert counted(sizes, lambda Js: eval(code, {"Js": Js})) == count


@given(st.integers(1, 99), st.integers(1, 99), st.integers(1, 99), st.integers(3, 9))
def test_with_equal_inner_sizes_the_left_wins_exactly_if_outputs_are_fewer_than_inputs(n, m, w, N):
    sizes = (n, *[w] * (N - 1), m)
    assert orders.from_left(sizes) - orders.from_right(sizes) == (m - n) * (N - 2) * w**2
    won = {-1: "left", 0: "either", 1: "right"}[int(np.sign(m - n))]
    assert (orders.from_left(sizes) < orders.from_right(sizes)) == (won == "left")


@given(SIZES)
def test_a_chain_turned_around_swaps_left_and_right(sizes):
    assert orders.from_left(sizes) == orders.from_right(sizes[::-1])


def test_the_table_counts_what_its_functions_count_and_each_order_wins_somewhere():
    for (name, sizes), row in zip(orders.CHAINS, orders.table().body, strict=True):
        assert row[0] == name
        assert row[2:4] == [f"{orders.from_left(sizes):,}", f"{orders.from_right(sizes):,}"]
    assert [orders.winner(sizes) for _, sizes in orders.CHAINS[:4]] == ["left", "left", "right", "either"]
    assert orders.winner(orders.CHAINS[4][1]) == "$(J_4 J_3) (J_2 J_1)$: 24,576"


# -- The digits -------------------------------------------------------------------------------------------------------


def test_the_digits_are_all_there_once_between_paper_and_ink():
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    mine = np.vstack([DATA.images, DATA.held_images])
    assert (mine.min(), mine.max(), mine.dtype) == (0, 1, np.float64)

    def key(a, b):
        return sorted(map(tuple, np.column_stack([a, b]).tolist()))

    assert key(16 * mine, np.concatenate([DATA.labels, DATA.held_labels])) == key(images, labels)
    np.testing.assert_array_equal(16 * backprop.digits(seed=None).held_images, images[-360:])


def test_the_same_seed_gives_the_same_digits_and_another_one_others():
    np.testing.assert_array_equal(backprop.digits().held_labels, DATA.held_labels)
    assert not np.array_equal(backprop.digits(seed=1).held_labels, DATA.held_labels)


def test_without_scikit_learn_the_digits_say_what_to_install(monkeypatch):
    whole = builtins.__import__

    def without(name, *others):
        if name.startswith("sklearn"):
            raise ModuleNotFoundError("No module named 'sklearn'", name="sklearn")
        return whole(name, *others)

    monkeypatch.setattr(builtins, "__import__", without)
    said = r"^the digits come with scikit-learn, .*: pip install scikit-learn$"
    with pytest.raises(ModuleNotFoundError, match=said) as refused:
        backprop.digits()
    assert refused.value.name == "sklearn"


# -- The training -----------------------------------------------------------------------------------------------------


def test_the_gradients_of_the_network_are_those_of_jax_grad():
    P = backprop.initial((64, 64, 10))
    x, labels = DATA.images[:50], DATA.labels[:50]

    def loss(P):
        scores = jax.nn.relu(x @ P[0].T + P[1]) @ P[2].T + P[3]
        return -jnp.take_along_axis(jax.nn.log_softmax(scores), labels[:, None], axis=-1).mean()

    with jax.enable_x64(True):
        value, expected = jax.value_and_grad(loss)([jnp.asarray(p) for p in P])
    got, gradients = backprop.loss_and_gradients(backprop.network(P), x, labels)
    assert got == pytest.approx(float(value), rel=1e-12)
    for a, b in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("seed", [237, 1, 2, 3])
def test_the_network_reads_97_of_100_held_out_digits_whatever_the_seed(seed):
    assert backprop.train(DATA, seed=seed).accuracies[-1] >= 0.97


def test_a_training_keeps_what_it_saw_and_its_network_has_its_parameters(trained):
    assert trained.losses.shape == (30 * 45,)
    assert trained.held_losses.shape == trained.accuracies.shape == (30,)
    assert all(np.isfinite(a).all() for a in [trained.losses, trained.held_losses, *trained.parameters])
    read = trained.scores(DATA.held_images).argmax(axis=-1)
    assert np.mean(read == DATA.held_labels) == trained.accuracies[-1]
    scores = compose(*backprop.network(trained.parameters))(DATA.held_images)[0]
    np.testing.assert_array_equal(scores, trained.scores(DATA.held_images))
    np.testing.assert_allclose(trained.probabilities(DATA.held_images).sum(axis=-1), 1)
    loss = layers.cross_entropy.forward(scores, DATA.held_labels).mean()
    assert loss == trained.held_losses[-1]


def test_what_is_printed_does_not_hang_on_the_last_digit(trained, monkeypatch):
    def moved(sizes, seed):
        rng = np.random.default_rng(7)
        return [p + 1e-12 * rng.standard_normal(p.shape) for p in start(sizes, seed)]

    start = backprop.initial
    monkeypatch.setattr(backprop, "initial", moved)
    other = backprop.train(DATA)
    np.testing.assert_allclose(other.scores(DATA.held_images), trained.scores(DATA.held_images), atol=1e-8)
    np.testing.assert_array_equal(other.accuracies, trained.accuracies)


def test_the_same_seed_gives_the_same_network_and_the_data_stay_as_they_were():
    before = [a.copy() for a in DATA]
    a, b, c = (backprop.train(DATA, epochs=2, seed=seed) for seed in (237, 237, 1))
    for p, q in zip(a.parameters, b.parameters, strict=True):
        np.testing.assert_array_equal(p, q)
    assert not np.array_equal(a.losses, c.losses)
    for old, new in zip(before, DATA, strict=True):
        np.testing.assert_array_equal(old, new)


def test_deeper_networks_learn_too():
    assert backprop.train(DATA, (64, 48, 32, 10)).accuracies[-1] >= 0.97


def test_digits_in_the_order_of_the_file_are_harder():
    assert backprop.train(backprop.digits(seed=None)).accuracies[-1] < 0.95


# -- A forgotten transpose --------------------------------------------------------------------------------------------


def planted(rule):
    """The network, its first layer with another pullback: ``rule`` gives the cotangents of x and W."""

    def pullback(x, W, b):
        y, pull = layers.dense.pullback(x, W, b)
        return y, lambda v: (*rule(x, W, v), pull(v)[2])

    first = replace(layers.dense, pullback=pullback)
    return lambda P: [(first, *P[:2]), *backprop.network(P)[1:]]


RIGHT = planted(lambda x, W, v: (v @ W, v.T @ x))
WRONG_X = planted(lambda x, W, v: (v @ W.T, v.T @ x))
WRONG_W = planted(lambda x, W, v: (v @ W, x.T @ v))


@pytest.mark.parametrize(("build", "name"), [(WRONG_X, "x"), (WRONG_W, r"W of layers\[0\]")])
def test_the_dot_product_test_names_the_argument_whose_transpose_is_forgotten(build, name):
    with pytest.raises(CheckError, match=rf"^<v, Jt> and <Jᵀv, t> must agree for {name}; got \S+ and \S+$"):
        backprop.train(DATA, build=build)


@pytest.mark.parametrize(("share", "passes"), [(1e-5, False), (1e-8, True)])
def test_a_chain_may_be_wrong_by_rounding_but_by_no_more(share, passes):
    near = replace(layers.tanh, pullback=lambda x: (np.tanh(x), lambda v: (1 + share) * v / np.cosh(x) ** 2))
    x = np.array([0.5, -1.0])
    ((name, (left, right)),) = dot_products([near], x, seed=1).items()
    assert (name, right) == ("x", pytest.approx((1 + share) * left, rel=1e-12))
    if passes:
        check_chain([near], x, seed=1)
    else:
        said = f"<v, Jt> and <Jᵀv, t> must agree for x; got {left:.6g} and {right:.6g}"
        with pytest.raises(CheckError, match=f"^{re.escape(said)}$"):
            check_chain([near], x, seed=1)


@pytest.mark.parametrize("options", [{}, {"seed": 5}])
def test_the_dot_products_are_those_of_the_vectors_of_their_seed(options):
    v, t = np.random.default_rng(options.get("seed", 237)).standard_normal((2, 2))
    x = np.array([0.5, -1.0])
    pairs = dot_products([layers.tanh], x, **options)
    np.testing.assert_allclose(pairs["x"], np.sum(v * t / np.cosh(x) ** 2), rtol=1e-12)
    np.testing.assert_allclose(jacobian([layers.tanh], x), np.diag(1 / np.cosh(x) ** 2), rtol=1e-12)


def test_labels_are_no_argument_that_a_chain_is_differentiated_by():
    W, b, labels = np.ones((3, 2)), np.zeros(3), np.array([2, 0])
    pairs = dot_products([layers.tanh, (layers.dense, W, b), (layers.cross_entropy, labels)], np.ones((2, 2)))
    assert list(pairs) == ["x", "W of layers[1]", "b of layers[1]"]
    for left, right in pairs.values():
        assert left == pytest.approx(right, rel=1e-9)


def test_a_cotangent_that_is_not_there_is_missed_by_the_name_of_its_argument():
    lost = replace(layers.dense, pullback=lambda x, W, b: (x @ W.T + b, lambda v: (v @ W, v.T @ x)))
    said = "there must be a cotangent for each of x, W of layers[0], b of layers[0]; got 2"
    with pytest.raises(CheckError, match=f"^{re.escape(said)}$"):
        check_chain([(lost, np.ones((3, 2)), np.zeros(3))], np.ones((1, 2)))


def test_check_vjp_says_that_it_is_a_transpose():
    W, b = backprop.initial((64, 64))
    x, forward = DATA.images[:3], layers.dense.forward
    with pytest.raises(CheckError, match="This often means: J in place of Jᵀ"):
        check_vjp(lambda x: forward(x, W, b), lambda x, v: v @ W.T, x[0])
    with pytest.raises(CheckError, match="This often means: a square cotangent transposed, as xvᵀ in place of vxᵀ"):
        check_vjp(lambda W: forward(x, W, b), lambda W, v: x.T @ v, W)
    check_vjp(lambda x: forward(x, W, b), lambda x, v: v @ W, x[0])
    check_vjp(lambda W: forward(x, W, b), lambda W, v: v.T @ x, W)


def test_the_training_curve_says_nothing_of_the_first_mistake_and_little_of_the_second(trained):
    right, wrong_x, wrong_w = (backprop.train(DATA, build=b, checked=False) for b in (RIGHT, WRONG_X, WRONG_W))
    np.testing.assert_array_equal(wrong_x.losses, right.losses)
    np.testing.assert_array_equal(right.accuracies, trained.accuracies)
    epochs = wrong_w.losses.reshape(30, 45).mean(axis=1)
    assert epochs[-1] < epochs[0] / 4
    assert 0.85 < wrong_w.accuracies[-1] < 0.95


def test_where_sizes_differ_the_shape_tells():
    with pytest.raises(CheckError, match=r"^the cotangent of W of .* its shape, \(32, 64\); got \(64, 32\)$"):
        backprop.train(DATA, (64, 32, 10), build=WRONG_W)


def test_products_that_are_zero_but_for_rounding_raise_no_alarm():
    x = np.random.default_rng(1).standard_normal((4, 5))
    chain = [layers.softmax, (layers.dense, np.ones((1, 5)), np.zeros(1))]
    assert 0 < max(map(abs, dot_products(chain, x)["x"])) < 1e-12
    check_chain(chain, x)


# -- Divergence -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "step"), [(10, 1), (1e6, 1), (1e155, 1), (1e200, 1), (6, 3)])
def test_a_network_that_diverges_says_at_which_step(rate, step):
    with pytest.raises(backprop.DivergedError, match=rf"^diverged at step {step}: the loss is ") as seen:
        backprop.train(DATA, rate=rate)
    assert seen.value.step == step
    assert not seen.value.loss < 10 * seen.value.first


@pytest.mark.parametrize("loss", [np.nan, np.inf, 25.0])
def test_a_loss_that_is_no_number_or_ten_times_the_first_is_refused(loss):
    with pytest.raises(backprop.DivergedError, match=rf"^diverged at step 2: the loss is {loss:.3g}, was 2.5$"):
        backprop.watched(loss, [2.5, 2.4])
    assert backprop.watched(24.9, [2.5]) == 24.9
    with pytest.raises(backprop.DivergedError, match=r"^diverged at step 0: "):
        backprop.watched(np.nan, [])


def test_a_training_whose_first_loss_is_infinite_has_diverged_whatever_the_next_is():
    with pytest.raises(backprop.DivergedError, match=r"^diverged at step 1: the loss is 2.5, was inf$"):
        backprop.watched(2.5, [np.inf])


def test_a_parameter_that_is_lost_on_the_way_to_a_step_is_missed():
    parameters = backprop.initial((64, 32, 10))
    network = backprop.network(parameters)
    with pytest.raises(ValueError, match="longer"):
        backprop.descend(network, parameters[:-1], DATA.images, DATA.labels, 0.5)


def test_the_last_step_is_watched_too():
    one_step = DATA._replace(images=DATA.images[:32], labels=DATA.labels[:32])
    with pytest.raises(backprop.DivergedError, match=r"^diverged at step 1: "):
        backprop.train(one_step, rate=100, epochs=1)


def test_a_rate_between_leaves_no_entry_alive_and_the_loss_of_a_guess():
    lost = backprop.train(DATA, rate=3, epochs=10)
    assert not (layers.dense.forward(DATA.images, *lost.parameters[:2]) > 0).any()
    assert lost.held_losses[-1] == pytest.approx(np.log(10), abs=0.01)


# -- The progress bar -------------------------------------------------------------------------------------------------


def terminal(monkeypatch):
    """What stands for a terminal, and keeps what it is shown."""
    shown = io.StringIO()
    shown.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", shown)
    return shown


@pytest.mark.parametrize(
    ("train", "unit"),
    [
        (lambda: backprop.train(DATA, epochs=1), "epochs"),
        (lambda: flows.train(moons.two_moons(20), couplings=1, hidden=2, steps=1), "steps"),
    ],
)
def test_each_training_counts_in_its_own_unit(monkeypatch, train, unit):
    shown = terminal(monkeypatch)
    train()
    assert re.search(rf"training: .* 0/1 \[00:00<\?, \? {unit}/s\]", shown.getvalue())


def test_where_somebody_looks_on_a_bar_counts_and_is_taken_away_at_the_end(monkeypatch):
    shown = terminal(monkeypatch)
    assert list(backprop.counted(3, "epochs")) == [0, 1, 2]
    first, *_, last = shown.getvalue().strip("\r").split("\r")
    assert re.match(r"training:   0%\|.*\| 0/3 \[00:00<\?, \? epochs/s\]$", first)
    assert last.isspace()


TRAIN = "from jacobians import backprop; backprop.train(backprop.digits(), epochs=3)"


def test_a_pipe_shows_no_progress_bar():
    result = subprocess.run([sys.executable, "-c", TRAIN], capture_output=True, check=True)
    assert (result.stdout, result.stderr) == (b"", b"")


def test_a_terminal_shows_one():
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))  # a bar in a terminal without width is empty
    subprocess.run([sys.executable, "-c", TRAIN], stderr=theirs, check=True)
    os.set_blocking(ours, False)
    assert b"training: " in os.read(ours, 4096)
    os.close(theirs)
    os.close(ours)
