"""Hundreds of random cases of every routine that differentiates, beside each program of `tests.answers`."""

from functools import cache
from itertools import pairwise

import autograd
import autograd.numpy as anp
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jacobians import layers, polar, volume
from jacobians.backprop import loss_and_gradients, network
from jacobians.chain import compose, push
from jacobians.chain import jacobian as jacobian_of_chain
from jacobians.differences import METHODS, jacobian, jvp_numerical
from jacobians.flows import Flow, log_loss_and_gradients
from jacobians.forward import jacobian_forward, jvp
from jacobians.jacobian import f_vec, jacobian_analytical, jacobian_numerical
from jacobians.scale import as_linear_operator
from jacobians.vjp import relu, relu_jacobian, relu_vjp
from tests.answers import COORDINATES, DIFFERENTIATED, FORMULAS, MAPS, MATRICES, A, B, agree, by_sympy, odd
from tests.test_layers import WRT, differentiated, several

PEER = pytest.mark.parametrize("peer", DIFFERENTIATED)
MANY = settings(max_examples=210)
shapes = st.sampled_from([(1,), (3,), (17,), (1000,), (2, 5), (3, 1, 4), (0, 3)])
kinds = st.sampled_from([np.float32, np.float64])


def numbers(a):
    """The size of the largest entry."""
    return float(np.max(np.abs(a), initial=0.0))


def beside(peer, name, arguments, v, tangents, **room):
    """The value and the products of a layer beside those of a peer."""
    layer, free = layers.LAYERS[name], tuple(differentiated(name, arguments))
    f = FORMULAS[peer][name]
    y, jt, cotangents = DIFFERENTIATED[peer](f)(free, tuple(arguments[len(free) :]), tangents, v)
    value, pull = layer.pullback(*arguments)
    agree(peer, f"layers.{name}.forward", layer.forward(*arguments), y, **room)
    agree(peer, f"layers.{name}.jvp", layer.jvp(*arguments, *tangents), jt, **room)
    agree(peer, f"layers.{name}.pullback", value, y, **room)
    from_value = room | {"within": room.get("within", 0.0) + 4 * float(np.finfo(v.dtype).eps) * numbers(v)}
    for got, after, wanted in zip(
        several(name, layer.vjp(*arguments, v)), several(name, pull(v)), cotangents, strict=True
    ):
        agree(peer, f"layers.{name}.vjp", got, wanted, **room)
        agree(peer, f"layers.{name}.pullback", after, wanted, **from_value)  # its slope is that of the value


def matrix_beside(peer, name, arguments, **room):
    """The Jacobian of a layer at one point beside that of a peer."""
    free = differentiated(name, arguments)
    wanted = MATRICES[peer](FORMULAS[peer][name], len(free))(*arguments)
    got = several(name, layers.LAYERS[name].jacobian(*arguments))
    for one, other in zip(got, wanted, strict=True):
        agree(peer, f"layers.{name}.jacobian", one, other, **room)


def off_the_corner(x, name):
    """x without what JAX takes for 0, and for its leaky ReLU, whose slope at 0 is that on the right, without 0."""
    corner = np.abs(x) < np.finfo(x.dtype).tiny
    return np.where(corner & ((x != 0) | (name == "leaky_relu")), x.dtype.type(2), x)


# -- Layers -----------------------------------------------------------------------------------------------------------


@PEER
@pytest.mark.parametrize("name", ["relu", "leaky_relu", "tanh", "sigmoid", "softplus"])
@MANY
@given(st.data(), shapes, kinds)
def test_layers_of_single_entries_are_those_of_their_peers_on_odd_arrays(peer, name, data, shape, dtype):
    x, v, t = (data.draw(odd(shape, dtype, most)) for most in (np.inf, 1e10, 1e10))
    if peer == "JAX":
        x = off_the_corner(x, name)
    beside(peer, name, (x,), v, (t,), times=max(numbers(v), numbers(t)))
    point = data.draw(odd((4,), dtype))
    matrix_beside(peer, name, (off_the_corner(point, name) if peer == "JAX" else point,))


@PEER
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "cross_entropy"])
@MANY
@given(st.data(), shapes, kinds)
def test_layers_of_probabilities_are_those_of_their_peers_on_odd_arrays(peer, name, data, shape, dtype):
    x, t = data.draw(odd(shape, dtype, most=1e4)), data.draw(odd(shape, dtype, most=1e4))
    labels = np.random.default_rng(1).integers(0, shape[-1], shape[:-1])
    rest = (labels,) if name == "cross_entropy" else ()
    v = data.draw(odd(shape[:-1] if rest else shape, dtype, most=1e4))
    # a sum over the row may cancel: what counts is the size of its terms
    terms = max(1.0, *map(numbers, (x, t, v))) * shape[-1]
    beside(peer, name, (x, *rest), v, (t,), within=64 * float(np.finfo(dtype).eps) * terms)
    point = data.draw(odd((5,), dtype, most=1e4))
    rest = (np.array(3),) if rest else ()
    matrix_beside(peer, name, (point, *rest), within=64 * float(np.finfo(dtype).eps) * max(1.0, numbers(point)))


@PEER
@pytest.mark.parametrize("name", WRT)
@MANY
@given(st.data(), st.sampled_from([(), (1,), (7,), (2, 3)]), st.sampled_from([1, 2, 5, 33]), kinds)
def test_layers_with_parameters_are_those_of_their_peers_on_odd_layouts(peer, name, data, points, size, dtype):
    form = {
        "dense": [(*points, size), (3, size), (3,)],
        "conv1d": [(*points, 2, size + 2), (3, 2, 3), (3,)],
        "layer_norm": [(*points, size), (size,), (size,)],
    }[name]
    arguments, tangents = (tuple(data.draw(odd(shape, dtype, most=40)) for shape in form) for _ in range(2))
    v = data.draw(odd(layers.LAYERS[name].forward(*arguments).shape, dtype, most=40))
    spread = 1.0 if name != "layer_norm" else float(1e5 / max(1e-3, np.min(np.std(arguments[0], axis=-1), initial=1.0)))
    beside(peer, name, arguments, v, tangents, ulps=2**14 * spread)
    x = arguments[0].reshape(-1, *form[0][len(points) :])[0]
    matrix_beside(peer, name, (x, *arguments[1:]), ulps=2**14 * spread)


FORMS = {"dense": [(3,), (2, 3), (2,)], "conv1d": [(2, 4), (2, 2, 3), (2,)], "layer_norm": [(3,)] * 3}


@pytest.mark.parametrize("name", layers.LAYERS)
@settings(max_examples=200)
@given(st.data())
def test_layers_are_those_of_algebra_on_odd_arrays(name, data):
    layer, forms = layers.LAYERS[name], FORMS.get(name, [(3,)])
    most = 1e10 if len(forms) == 1 and name not in ("softmax", "log_softmax", "cross_entropy") else 40
    arguments, tangents = (tuple(data.draw(odd(shape, most=most)) for shape in forms) for _ in range(2))
    rest = (np.array(0),) if name == "cross_entropy" else ()
    y, J = by_sympy(FORMULAS["SymPy"][name], *forms)(*arguments)
    value = layer.forward(*arguments, *rest)
    v = data.draw(odd(value.shape, most=40))
    terms = max(map(numbers, (*arguments, *tangents, v, J))) if most == 40 else 0.0
    room = {"within": 1e-13 * terms**2 * (100 if name == "layer_norm" else 1)}
    pulled_room = {"within": room["within"] + 1e-14 * max(numbers(v), numbers(y))}  # its slope is that of y
    agree("SymPy", f"layers.{name}.forward", value.reshape(-1), y, **room)
    agree("SymPy", f"layers.{name}.pullback", layer.pullback(*arguments, *rest)[0].reshape(-1), y, **room)
    matrix = several(name, layer.jacobian(*arguments, *rest))
    agree("SymPy", f"layers.{name}.jacobian", np.hstack([one.reshape(value.size, -1) for one in matrix]), J, **room)
    pushed = layer.jvp(*arguments, *rest, *tangents).reshape(-1)
    agree("SymPy", f"layers.{name}.jvp", pushed, J @ np.concatenate([t.reshape(-1) for t in tangents]), **room)
    for routine, pulled, allowed in [
        ("vjp", layer.vjp(*arguments, *rest, v), room),
        ("pullback", layer.pullback(*arguments, *rest)[1](v), pulled_room),
    ]:
        flat = np.concatenate([one.reshape(-1) for one in several(name, pulled)])
        agree("SymPy", f"layers.{name}.{routine}", flat, J.T @ v.reshape(-1), **allowed)


@PEER
@settings(max_examples=400)
@given(st.data(), st.sampled_from([1, 2, 17, 1000]), kinds)
def test_the_chapters_relu_is_that_of_its_peers_on_odd_arrays(peer, data, n, dtype):
    x, v = off_the_corner(data.draw(odd((n,), dtype)), "relu"), data.draw(odd((n,), dtype, most=1e10))
    y, _, (pulled,) = DIFFERENTIATED[peer](FORMULAS[peer]["relu"])((x,), (), (x,), v)
    agree(peer, "vjp.relu", relu(x), y)
    agree(peer, "vjp.relu_vjp", relu_vjp(x, v), np.asarray(pulled, float), times=numbers(v))
    if n < 100:
        (J,) = MATRICES[peer](FORMULAS[peer]["relu"])(x)
        agree(peer, "vjp.relu_jacobian", relu_jacobian(x), J)


@settings(max_examples=200)
@given(st.data())
def test_the_chapters_relu_is_that_of_algebra_on_odd_arrays(data):
    x, v = data.draw(odd((3,))), data.draw(odd((3,), most=1e10))
    y, J = by_sympy(FORMULAS["SymPy"]["relu"], (3,))(x)
    agree("SymPy", "vjp.relu", relu(x), y, ulps=0)
    agree("SymPy", "vjp.relu_jacobian", relu_jacobian(x), J, ulps=0)
    agree("SymPy", "vjp.relu_vjp", relu_vjp(x, v), J.T @ v, ulps=0)


# -- Jacobians and products of any function ---------------------------------------------------------------------------

ALLOWED = {"forward": 1e-6, "central": 1e-8, "central4": 1e-9, "complex": 1e-13, "adaptive": 1e-9, "dual": 1e-14}


def any_function_beside(peer, name, x, t, value, J):
    """All routines that take a function, beside the value and the Jacobian that a peer has found of it."""
    f, size = lambda x: MAPS[name](np, x), 1 + numbers(J)
    agree(peer, "forward.jacobian_forward", jacobian_forward(f, x), J)
    agree(peer, "forward.jvp", jvp(f, x, t)[1], J @ t, ulps=512, within=1e-14 * size)
    agree(peer, "jacobian.jacobian_numerical", jacobian_numerical(f, x), J, within=1e-8 * size)
    agree(peer, "differences.jvp_numerical", jvp_numerical(f, x, t), J @ t, within=1e-7 * size)
    for method in METHODS:
        got, trusted = jacobian(f, x, method=method), ALLOWED[method] * size
        if method == "adaptive":  # it says how far it can be trusted
            got, trusted = got.J, trusted + 10 * got.error
        agree(peer, f'differences.jacobian, "{method}"', got, J, within=trusted)
    sparse = jacobian(f, x, method="complex", sparsity=np.ones(J.shape))
    agree(peer, "differences.jacobian, sparse", sparse.toarray(), J, within=1e-13 * size)
    operators = as_linear_operator(f, x), as_linear_operator(f, x, vjp=lambda x, v: J.T @ v)
    for product in operators:
        agree(peer, "scale.as_linear_operator", product @ t, J @ t, ulps=512, within=1e-14 * size)
        agree(peer, "scale.as_linear_operator", product.T @ (J @ t), J.T @ (J @ t), ulps=2**12)
    if name == "worked example":
        agree(peer, "jacobian.jacobian_analytical", jacobian_analytical(x), J)
        agree(peer, "jacobian.f_vec", f_vec(x), value)


@PEER
@pytest.mark.parametrize("name", MAPS)
@settings(max_examples=200)
@given(st.data(), st.sampled_from([2, 3, 7]))
def test_routines_for_any_function_are_those_of_their_peers_at_odd_points(peer, name, data, n):
    x, t = (data.draw(odd((2 if name == "worked example" else n,), most=3)) for _ in range(2))
    (J,) = MATRICES[peer](FORMULAS[peer][name])(x)
    any_function_beside(peer, name, x, t, FORMULAS[peer][name](x), np.asarray(J))


@pytest.mark.parametrize("name", MAPS)
@settings(max_examples=200)
@given(st.data())
def test_routines_for_any_function_are_those_of_algebra_at_odd_points(name, data):
    x, t = data.draw(odd((2,), most=3)), data.draw(odd((2,), most=3))
    any_function_beside("SymPy", name, x, t, *by_sympy(FORMULAS["SymPy"][name], (2,))(x))


# -- Coordinates ------------------------------------------------------------------------------------------------------

OURS = {
    "polar": volume.polar,
    "cylindrical": volume.cylindrical,
    "spherical_physicist": volume.spherical_physicist,
    "spherical_mathematician": volume.spherical_mathematician,
    "Elliptic": volume.Elliptic(2.0),
    "Affine": volume.Affine(A, B),
}
PLAIN = {"map": polar.polar_to_cartesian, "jacobian": polar.polar_jacobian, "inverse": polar.cartesian_to_polar,
         "determinant": polar.polar_determinant, "log_abs_det": polar.polar_log_abs_det}  # fmt: skip


def point_of(data, name):
    """An odd point that these coordinates admit: a radius is not negative, and no number but 0 is very small."""
    u = data.draw(odd((len(OURS[name].letters),), most=3))
    u = np.where(np.abs(u) < 1e-3, 0 * u, u)
    if name != "Affine":
        u[0] = abs(u[0])
    return u


def coordinates_beside(peer, name, u, found):
    """The routines of coordinates beside a peer's function that has ``found`` the value and the Jacobian at u."""
    value, J = found(u)
    size = max(1.0, numbers(J))
    det, room = np.linalg.det(J), {"within": 1e-13 * size ** len(u)}
    back, _ = found(OURS[name].inverse(value))  # other coordinates may name the same point
    for stem, routine in [(f"volume.{name}.{one}", getattr(OURS[name], one)) for one in PLAIN] + (
        [(f"polar.{one.__name__}", one) for one in PLAIN.values()] if name == "polar" else []
    ):
        if stem.endswith(("inverse", "cartesian_to_polar")):
            agree(peer, stem, back, value, within=1e-13 * max(1.0, numbers(value)))
        elif stem.endswith("log_abs_det"):
            if abs(det) > 1e-6:
                agree(peer, stem, routine(*u), np.log(abs(det)), within=1e-7 * 1e-6 / abs(det) + 1e-13)
        elif stem.endswith("determinant"):
            agree(peer, stem, routine(*u), det, **room)
        else:
            agree(peer, stem, routine(*u), J if "jacobian" in stem else value, **room)


@PEER
@pytest.mark.parametrize("name", COORDINATES)
@settings(max_examples=450)
@given(st.data())
def test_coordinates_are_those_of_their_peers_at_odd_points(peer, name, data):
    u = point_of(data, name)
    f = FORMULAS[peer][name]
    coordinates_beside(peer, name, u, lambda u: (np.asarray(f(u)), np.asarray(*MATRICES[peer](f)(u))))


@pytest.mark.parametrize("name", COORDINATES)
@settings(max_examples=450)
@given(st.data())
def test_coordinates_are_those_of_algebra_at_odd_points(name, data):
    u = point_of(data, name)
    coordinates_beside("SymPy", name, u, by_sympy(FORMULAS["SymPy"][name], u.shape))


# -- Chains, networks, flows ------------------------------------------------------------------------------------------

CHAINS = {
    (3, 4, 2): ("tanh", "softmax"),
    (1, 5, 3, 1): ("relu", "sigmoid", "softplus"),
    (4, 2): ("log_softmax",),
    (64, 8, 10): ("relu",),
}


@cache
def chained(peer, sizes, end=""):
    """A chain of dense layers in the words of a peer: with the mean cross-entropy at its ``end``, or without."""
    formulas = FORMULAS[peer]

    def f(x, *rest):
        parameters, labels = (rest[:-1], rest[-1:]) if end else (rest, ())
        for i in range(len(sizes) - 1):
            x = formulas["dense"](x, parameters[2 * i], parameters[2 * i + 1])
            x = formulas[CHAINS[sizes][i]](x) if i < len(CHAINS[sizes]) else x
        return formulas[end](x, *labels).mean() if end else x

    return f


def parameters_of(data, sizes):
    """The weights and biases of such a chain."""
    return [larger(data, shape) / np.sqrt(shape[-1]) for n, m in pairwise(sizes) for shape in ((m, n), (m,))]


def larger(data, shape):
    """An odd array, with no product so small that JAX takes it for 0, at the corner of ReLU."""
    a = data.draw(odd(shape, most=3))
    return np.where(np.abs(a) < 1e-100, 0.0, a)


@PEER
@settings(max_examples=200)
@given(st.data(), st.sampled_from(list(CHAINS)[:3]))
def test_chains_are_those_of_their_peers(peer, data, sizes):
    P, x = parameters_of(data, sizes), larger(data, (2, sizes[0]))
    ours = [
        one for i, name in enumerate(CHAINS[sizes]) for one in ((layers.dense, *P[2 * i :][:2]), layers.LAYERS[name])
    ]
    tangents = tuple(data.draw(odd(a.shape, most=3)) for a in (x, *P))
    value, pull = compose(*ours)(x)
    v = data.draw(odd(value.shape, most=3))
    y, jt, cotangents = DIFFERENTIATED[peer](chained(peer, sizes))((x, *P), (), tangents, v)
    room = {"ulps": 2**12, "within": 1e-12}
    agree(peer, "chain.compose", value, y, **room)
    for got, wanted in zip(pull(v), cotangents, strict=True):
        agree(peer, "chain.compose", got, wanted, **room)
    agree(peer, "chain.push", push(ours, x, list(tangents)), jt, **room)
    (J,) = MATRICES[peer](chained(peer, sizes))(x[0], *P)
    agree(peer, "chain.jacobian", jacobian_of_chain(ours, x[0]), J, **room)


@PEER
@settings(max_examples=200)
@given(st.data())
def test_gradients_of_a_network_are_those_of_its_peers(peer, data):
    sizes = (64, 8, 10)
    P, images = parameters_of(data, sizes), larger(data, (5, 64))
    labels = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1))).integers(0, 10, 5)
    loss, gradients = loss_and_gradients(network(P), images, labels)
    f = DIFFERENTIATED[peer](chained(peer, sizes, "cross_entropy"))
    y, _, (_, *wanted) = f((images, *P), (labels,), (images, *P), 1.0)
    agree(peer, "backprop.loss_and_gradients", loss, y, ulps=2**12)
    for got, one in zip(gradients, wanted, strict=True):
        agree(peer, "backprop.loss_and_gradients", got, one, ulps=2**12, within=1e-12)


def moved(np, parameters, x):
    """Where a flow takes one point."""
    for i in range(len(parameters) // 6):
        W1, b1, W2, b2, W3, b3 = parameters[6 * i : 6 * i + 6]
        kept, other = (x[0], x[1]) if i % 2 == 0 else (x[1], x[0])
        a = np.dot(W3, np.tanh(np.dot(W2, np.tanh(W1[:, 0] * kept + b1)) + b2)) + b3
        after = np.exp(a[0]) * other + a[1]
        x = np.stack([kept, after] if i % 2 == 0 else [after, kept])
    return x


def density(np, differentiate, parameters, x):
    """log p of one point, by the determinant of the whole Jacobian, without a word of couplings."""
    z, J = moved(np, parameters, x), differentiate(lambda x: moved(np, parameters, x))(x)
    det = J[0, 0] * J[1, 1] - J[0, 1] * J[1, 0]
    return -np.sum(z * z) / 2 - np.log(2 * np.pi) + np.log(np.abs(det))


SPACES = {"JAX": (jnp, jax.jacfwd), "autograd": (anp, autograd.jacobian)}


@cache
def flow_of(peer):
    """A function of points and parameters: log p, z and ∂z/∂x of each point."""
    np_, differentiate = SPACES[peer]

    def each(x, *parameters):
        log_p = np_.stack([density(np_, differentiate, parameters, one) for one in x])
        z = np_.stack([moved(np_, parameters, one) for one in x])
        return log_p, z, np_.stack([differentiate(lambda x: moved(np_, parameters, x))(one) for one in x])

    def loss(x, *parameters):
        return -each(x, *parameters)[0].mean()

    return (jax.jit(each) if peer == "JAX" else each), loss


@PEER
@settings(max_examples=200)
@given(st.data())
def test_flows_are_those_of_their_peers(peer, data):
    forms = [(3, 1), (3,), (3, 3), (3,), (2, 3), (2,)] * 2
    P, x = [data.draw(odd(shape, most=1)) for shape in forms], data.draw(odd((3, 2), most=3))
    flow = Flow([P[:6], P[6:]])
    each, mean = flow_of(peer)
    log_p, z, J = each(np.array(x), *P)
    room = {"ulps": 2**10, "within": 1e-11}
    agree(peer, "flows.Flow.log_density", flow.log_density(x), log_p, **room)
    agree(peer, "flows.Flow.forward", flow.forward(x)[0], z, **room)
    agree(peer, "flows.Flow.inverse", flow.inverse(np.array(z)), x, **room)
    agree(peer, "flows.Flow.jacobian", flow.jacobian(x), J, **room)
    loss, gradients = log_loss_and_gradients(flow, x)
    y, _, (_, *wanted) = DIFFERENTIATED[peer](mean)((np.array(x), *P), (), (np.array(x), *P), 1.0)
    agree(peer, "flows.log_loss_and_gradients", loss, y, **room)
    for got, one in zip(gradients, wanted, strict=True):
        agree(peer, "flows.log_loss_and_gradients", got, one, **room)
