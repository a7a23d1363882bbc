"""Hundreds of random cases of every routine beside JAX and autograd, which share none of its code.

The arrays are odd on purpose: of no point where that is allowed, of one entry, of odd lengths; of single and double
precision; with zeros of both signs, numbers below the smallest normal one, huge ones; strided, reversed, read-only, in
Fortran's order. JAX takes numbers below the smallest normal one for 0, so errors are allowed up to that times the
cotangent.
"""

import autograd
import autograd.numpy as anp
import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from jacobians import layers
from jacobians.differences import jacobian
from jacobians.forward import jacobian_forward, jvp
from jacobians.jacobian import f_vec, jacobian_analytical, jacobian_numerical
from jacobians.polar import polar_determinant, polar_jacobian, polar_to_cartesian
from jacobians.scale import as_linear_operator
from jacobians.vjp import relu, relu_jacobian, relu_vjp
from tests.test_layers import JAX, differentiated, several

jax.config.update("jax_enable_x64", True)

DOUBLES = [0.0, -0.0, 5e-324, -1e-310, 1e-200, -1.0, 0.5, 3.0, -40.0, 710.0, 1e10, -1e200]
SINGLES = [0.0, -0.0, 1e-45, -1e-39, 1e-20, -1.0, 0.5, 3.0, -40.0, 89.0, 1e10, -1e30]
LAYOUTS = {
    "plain": np.array,
    "strided": lambda a: np.repeat(a, 2, axis=-1)[..., ::2] if a.ndim else a,
    "reversed": lambda a: np.flip(np.flip(a).copy()),
    "fortran": lambda a: np.array(a, order="F"),
}


@st.composite
def odd(draw, shape, dtype, most=np.inf):
    """An array of a shape and dtype, with odd entries up to ``most``, in an odd layout, and read-only."""
    special = [n for n in (SINGLES if dtype == np.float32 else DOUBLES) if abs(n) <= most]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    a = np.where(rng.random(shape) < 0.3, rng.choice(special, shape), rng.standard_normal(shape)).astype(dtype)
    a = LAYOUTS[draw(st.sampled_from(sorted(LAYOUTS)))](a)
    a.setflags(write=False)
    return a


shapes = st.sampled_from([(1,), (3,), (17,), (1000,), (2, 5), (3, 1, 4), (0, 3)])
kinds = st.sampled_from([np.float32, np.float64])


def close(got, wanted, times=1.0, ulps=64):
    """Equal to 64 units in the last place of the entry or of the largest, and to the smallest normal number."""
    got, wanted = np.asarray(got), np.asarray(wanted)
    assert got.shape == wanted.shape
    info = np.finfo(got.dtype)
    scale = np.max(np.abs(wanted), initial=0.0)
    atol = 4 * float(info.tiny) * max(1.0, float(times)) + ulps * float(info.eps) * float(scale)
    np.testing.assert_allclose(got, wanted, rtol=ulps * info.eps, atol=min(atol, np.finfo(float).max))


@settings(max_examples=100)
@given(st.data(), st.sampled_from(["relu", "leaky_relu", "tanh", "sigmoid", "softplus"]), shapes, kinds)
def test_layers_of_single_entries_are_those_of_jax_on_odd_arrays(data, name, shape, dtype):
    x, v = data.draw(odd(shape, dtype)), data.draw(odd(shape, dtype, most=1e10))
    if name == "leaky_relu":
        x = np.where(
            np.abs(x) < np.finfo(dtype).tiny, dtype(2), x
        )  # at the corner JAX takes the slope on the right, PyTorch and we that on the left
    y, pull = jax.vjp(JAX[name], x)
    layer, times = layers.LAYERS[name], np.max(np.abs(v), initial=0)
    close(layer.forward(x), y)
    close(layer.vjp(x, v), pull(jnp.asarray(v))[0], times)
    close(layer.jvp(x, v), jax.jvp(JAX[name], (x,), (v,))[1], times)
    close(layer.pullback(x)[1](v), pull(jnp.asarray(v))[0], times)


@settings(max_examples=100)
@given(st.data(), st.sampled_from(["softmax", "log_softmax", "cross_entropy"]), shapes, kinds)
def test_layers_of_probabilities_are_those_of_jax_on_odd_arrays(data, name, shape, dtype):
    x = data.draw(odd(shape, dtype, most=1e4))
    labels = np.random.default_rng(1).integers(0, shape[-1], shape[:-1])
    arguments = (x, labels) if name == "cross_entropy" else (x,)
    f = lambda x: JAX[name](x, *arguments[1:])  # noqa: E731
    y, pull = jax.vjp(f, x)
    v = data.draw(odd(np.shape(y), dtype, most=1e4))
    layer, times = layers.LAYERS[name], np.max(np.abs(v), initial=0)
    for got, wanted in [
        (layer.forward(*arguments), y),
        (layer.vjp(*arguments, v), pull(jnp.asarray(v))[0]),
        (layer.jvp(*arguments, x), jax.jvp(f, (x,), (x,))[1]),
    ]:
        # a sum over the row may cancel: what counts is the size of its terms
        scale = (
            max(times, float(np.max(np.abs(x), initial=0)))
            * x.shape[-1]
            / max(float(np.max(np.abs(wanted), initial=0)), 1e-30)
        )
        close(got, wanted, times, ulps=64 * max(1.0, scale))


@settings(max_examples=60)
@given(st.data(), st.sampled_from(["dense", "conv1d", "layer_norm"]), st.sampled_from([(), (1,), (7,), (2, 3)]), kinds)
def test_layers_with_parameters_are_those_of_jax_on_odd_layouts(data, name, points, dtype):
    size = data.draw(st.sampled_from([1, 2, 5, 33]))
    form = {
        "dense": [(*points, size), (3, size), (3,)],
        "conv1d": [(*points, 2, size + 2), (3, 2, 3), (3,)],
        "layer_norm": [(*points, size), (size,), (size,)],
    }[name]
    arguments = [data.draw(odd(shape, dtype, most=40)) for shape in form]
    y, pull = jax.vjp(JAX[name], *arguments)
    v = data.draw(odd(np.shape(y), dtype, most=40))
    layer = layers.LAYERS[name]
    close(layer.forward(*arguments), y, ulps=2**14)
    answers = several(name, layer.vjp(*arguments, v))
    spread = 1.0 if name != "layer_norm" else float(1e5 / max(1e-3, np.min(np.std(arguments[0], axis=-1), initial=1.0)))
    for got, wanted in zip(answers, pull(jnp.asarray(v)), strict=True):
        close(got, wanted, ulps=2**14 * spread)
    assert len(answers) == len(differentiated(name, arguments))


@settings(max_examples=100)
@given(st.data(), st.sampled_from([1, 2, 17, 1000]), kinds)
def test_the_chapters_relu_is_that_of_autograd_on_odd_arrays(data, n, dtype):
    x, v = data.draw(odd((n,), dtype)), data.draw(odd((n,), dtype))
    pull, y = autograd.make_vjp(lambda x: anp.where(x > 0, x, 0 * x))(x.copy())
    np.testing.assert_array_equal(relu(x), y)
    np.testing.assert_array_equal(relu_vjp(x, v), pull(v))
    if n < 100:
        np.testing.assert_array_equal(relu_jacobian(x).T @ np.nan_to_num(v), relu_vjp(x, v))


MAPS = {
    "mixed": lambda np, x: np.sin(x) * np.sum(x) + x[0] ** 2,
    "roots": lambda np, x: np.sqrt(1 + x**2) / (2 + np.cos(x)),
    "powers": lambda np, x: np.concatenate([x**3, np.exp(-(x**2)), np.tanh(x) * x[::-1]]),
    "loss": lambda np, x: np.log(np.sum(np.exp(np.tanh(x)))),
}


@settings(max_examples=50)
@given(st.data(), st.sampled_from(sorted(MAPS)), st.sampled_from([1, 2, 7]))
def test_dual_numbers_and_products_are_those_of_jax_and_autograd_at_odd_points(data, name, n):
    x, t = data.draw(odd((n,), float, most=3)), data.draw(odd((n,), float, most=3))
    f, g, h = (lambda x, lib=lib: MAPS[name](lib, x) for lib in (np, jnp, anp))
    J = np.asarray(jax.jacobian(g)(x))
    close(jacobian_forward(f, x), J)
    np.testing.assert_allclose(jacobian_forward(f, x), autograd.jacobian(h)(x.copy()), rtol=1e-13, atol=1e-14)
    close(jvp(f, x, t)[1], jax.jvp(g, (x,), (t,))[1], ulps=512)
    if J.ndim == 2:
        A = as_linear_operator(f, x, vjp=lambda x, v: autograd.make_vjp(h)(np.array(x))[0](v))
        np.testing.assert_allclose(A @ t, J @ t, rtol=1e-12, atol=1e-13)
        np.testing.assert_allclose(A.T @ (J @ t), J.T @ (J @ t), rtol=1e-12, atol=1e-12)


@settings(max_examples=60)
@given(st.data(), st.sampled_from(["mixed", "roots", "powers"]), st.sampled_from([1, 2, 7]))
def test_differences_are_the_jacobian_of_jax_to_their_order_at_odd_points(data, name, n):
    x = data.draw(odd((n,), float, most=3))
    J = np.asarray(jax.jacobian(lambda x: MAPS[name](jnp, x))(x))
    scale = 1 + np.abs(J).max()
    allowed = {"forward": 1e-6, "central": 1e-8, "central4": 1e-9, "complex": 1e-13}
    for method, error in allowed.items():
        assert np.max(np.abs(jacobian(lambda x: MAPS[name](np, x), x, method=method) - J)) < error * scale
    assert np.max(np.abs(jacobian_numerical(lambda x: MAPS[name](np, x), x) - J)) < 1e-8 * scale


@settings(max_examples=50)
@given(st.data(), kinds)
def test_the_worked_example_and_polar_coordinates_are_those_of_jax_at_odd_points(data, dtype):
    p = data.draw(odd((2,), dtype, most=40)).astype(float)
    f = lambda p: jnp.stack([p[0] ** 2 + p[1], jnp.sin(p[0]) * p[1]])  # noqa: E731
    close(f_vec(p), f(p))
    close(jacobian_analytical(p), jax.jacobian(f)(p))
    r, theta = abs(p[0]), p[1]
    g = lambda p: jnp.stack([p[0] * jnp.cos(p[1]), p[0] * jnp.sin(p[1])])  # noqa: E731
    J = np.asarray(jax.jacobian(g)(jnp.array([r, theta])))
    close(polar_to_cartesian(r, theta), g(jnp.array([r, theta])))
    close(polar_jacobian(r, theta), J)
    (a, b), (c, d) = J
    assert abs(polar_determinant(r, theta) - (a * d - b * c)) <= 1e-14 * r + 4 * np.finfo(float).tiny
