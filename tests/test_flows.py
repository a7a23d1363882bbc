"""Couplings and flows held to JAX, to the checks, and to what a density is; the two moons to their own density."""

import functools
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gaussian_kde, kstest, multivariate_normal, norm

from jacobians import moons
from jacobians.backprop import DivergedError
from jacobians.checks import CheckError, check_determinant, check_vjp
from jacobians.flows import Adam, Coupling, Flow, initial, log_loss_and_gradients, log_normal, start, train

jax.config.update("jax_enable_x64", True)
POINTS = np.random.default_rng(237).normal(scale=1.5, size=(40, 2))


@functools.cache
def bent(couplings=4, hidden=6, seed=237, size=0.7):
    """A flow that is far from the identity."""
    rng = np.random.default_rng(seed)
    parameters = initial(couplings, hidden, seed)
    for own in parameters:
        own[3], own[4], own[5] = (size * rng.standard_normal(p.shape) for p in own[3:])
    return Flow(parameters)


@functools.cache
def learned():
    """A short training, and points that it has not seen."""
    points, held = moons.two_moons(1000), moons.two_moons(1000, seed=238)
    return train(points, held, couplings=6, hidden=16, steps=200, rate=0.02), points, held


# -- The same flow in JAX, written again ------------------------------------------------------------------------------


def jax_coupling(keep, state, own):
    W1, b1, W2, b2, W3, b3 = own
    hidden = jnp.tanh(jnp.tanh(state[keep] * W1[:, 0] + b1) @ W2.T + b2)
    a, c = W3 @ hidden + b3
    moved = jnp.exp(a) * state[1 - keep] + c
    pair = [state[keep], moved] if keep == 0 else [moved, state[keep]]
    return jnp.stack([*pair, state[2] + a])


def jax_map(parameters, x):
    state = jnp.append(x, 0.0)
    for i, own in enumerate(parameters):
        state = jax_coupling(i % 2, state, own)
    return state[:2]


def jax_log_density(parameters, x):
    """log p(x) by the determinant of the whole Jacobian, without a word of couplings."""
    z, J = jax_map(parameters, x), jax.jacfwd(jax_map, argnums=1)(parameters, x)
    return jax.scipy.stats.norm.logpdf(z).sum() + jnp.linalg.slogdet(J)[1]


def test_the_density_is_that_of_the_whole_jacobian_by_automatic_differentiation():
    expected = jax.jit(jax.vmap(lambda x: jax_log_density(bent().parameters, x)))(POINTS)
    np.testing.assert_allclose(bent().log_density(POINTS), expected, rtol=1e-12)


def test_the_jacobian_is_that_of_jax_and_its_determinant_is_the_one_added_up():
    expected = jax.vmap(lambda x: jax.jacfwd(lambda x: jax_map(bent().parameters, x))(x))(POINTS)
    J = bent().jacobian(POINTS)
    np.testing.assert_allclose(J, expected, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(np.linalg.slogdet(J)[1], bent().forward(POINTS)[1], rtol=1e-11, atol=1e-13)


def test_every_gradient_is_that_of_jax():
    flow = bent(couplings=3)
    mean = lambda parameters: -jnp.mean(jax.vmap(lambda x: jax_log_density(parameters, x))(POINTS))  # noqa: E731
    expected_loss, expected = jax.jit(jax.value_and_grad(mean))(flow.parameters)
    loss, gradients = log_loss_and_gradients(flow, POINTS)
    assert loss == pytest.approx(float(expected_loss), rel=1e-13)
    for got, want in zip(gradients, [p for own in expected for p in own], strict=True):
        assert got.shape == want.shape
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-12)


# -- Couplings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keep", [0, 1])
def test_the_pullback_passes_the_check_by_the_state_and_by_each_parameter(keep):
    given = [start(POINTS[:3]) + np.array([0, 0, 0.5]), *bent().parameters[0]]
    for i, value in enumerate(given):

        def layer(p, i=i):
            return Coupling(keep).pullback(*given[:i], p, *given[i + 1 :])

        check_vjp(lambda p, layer=layer: layer(p)[0], lambda p, v, i=i, layer=layer: layer(p)[1](v)[i], value)


def test_the_pullback_of_the_end_and_of_the_loss_pass_the_check():
    check_vjp(lambda s: log_normal(s)[0], lambda s, v: log_normal(s)[1](v), start(POINTS[:3]))
    first = bent().parameters[0][2]
    others = bent().parameters[0]

    def loss(W2):
        return log_loss_and_gradients(Flow([[*others[:2], W2, *others[3:]], *bent().parameters[1:]]), POINTS)

    check_vjp(lambda W2: np.array([loss(W2)[0]]), lambda W2, v: v[0] * loss(W2)[1][2], first)


def test_a_pullback_that_forgets_the_log_determinant_is_caught():
    own = bent().parameters[0]

    def forgetful(state, v):
        return Coupling(0).pullback(state, *own)[1](v * [1, 1, 0])[0]

    with pytest.raises(CheckError, match=r"row 2 left out"):
        check_vjp(lambda s: Coupling(0).pullback(s, *own)[0], forgetful, start(POINTS[0]))


@pytest.mark.parametrize("keep", [0, 1])
def test_the_kept_coordinate_stays_to_the_last_bit_and_the_jacobian_is_triangular(keep):
    own = bent().parameters[0]
    z, _ = Coupling(keep).pullback(start(POINTS), *own)
    np.testing.assert_array_equal(z[:, keep], POINTS[:, keep])
    if keep == 0:
        J = Flow([own]).jacobian(POINTS)
        np.testing.assert_array_equal(J[:, 0], np.tile([1.0, 0.0], (len(POINTS), 1)))
        np.testing.assert_allclose(np.log(J[:, 1, 1]), z[:, 2], atol=1e-14)


@given(st.floats(-4, 4), st.floats(-4, 4))
def test_from_x_to_z_and_back_only_rounding_is_left(x1, x2):
    x = np.array([x1, x2])
    for flow in (bent(), learned()[0].flow):
        z, _ = flow.forward(x)
        np.testing.assert_allclose(flow.inverse(z), x, rtol=1e-10, atol=1e-10)


def test_an_inverted_state_has_its_log_determinant_back():
    own, state = bent().parameters[0], start(POINTS) + np.array([0, 0, 0.25])
    back = Coupling(1).inverse(Coupling(1).pullback(state, *own)[0], *own)
    np.testing.assert_allclose(back, state, atol=1e-14)


def test_the_determinant_passes_the_check_and_its_inverse_does_not():
    x = POINTS[0]
    check_determinant(lambda x: bent().forward(x)[0], lambda x: np.exp(bent().forward(x)[1]), x)
    with pytest.raises(CheckError, match=r"the determinant of the inverse map"):
        check_determinant(lambda x: bent().forward(x)[0], lambda x: np.exp(-bent().forward(x)[1]), x)


# -- Densities --------------------------------------------------------------------------------------------------------


def total(log_density, reach=6.0, n=301):
    """The integral over a large square."""
    side = np.linspace(-reach, reach, n)
    return np.exp(log_density(np.stack(np.meshgrid(side, side), axis=-1))).sum() * (side[1] - side[0]) ** 2


def claims(flow, sign):
    """log p_Z with the log-determinant added, left out, or taken off."""

    def log_p(x):
        z, log_abs_det = flow.forward(x)
        return multivariate_normal([0, 0]).logpdf(z) + sign * log_abs_det

    return log_p


def test_the_density_of_any_flow_integrates_to_one():
    for flow in (Flow(initial(2, 4, 0)), bent(couplings=2, size=0.4), learned()[0].flow):
        assert total(flow.log_density) == pytest.approx(1, abs=1e-2)


@pytest.mark.parametrize("sign", [0, -1])
def test_with_the_determinant_left_out_or_upside_down_it_does_not(sign):
    assert abs(total(claims(learned()[0].flow, sign)) - 1) > 0.3
    assert total(claims(learned()[0].flow, 1)) == pytest.approx(1, abs=1e-2)


def test_samples_have_the_density_that_the_flow_claims():
    flow = learned()[0].flow
    x = flow.sample(4000, seed=5)
    side = np.linspace(-4, 4, 401)
    grid = np.stack(np.meshgrid(side, side), axis=-1)
    p = np.exp(flow.log_density(grid)) * 0.02**2
    for corner in ([0.0, 0.5], [1.0, -0.2], [0.5, 0.2]):
        inside = (grid < corner).all(axis=-1)
        expected = p[inside].sum()
        assert (x < corner).all(axis=1).mean() == pytest.approx(expected, abs=0.04)


def test_samples_go_forward_to_a_standard_normal():
    z, _ = learned()[0].flow.forward(learned()[0].flow.sample(3000, seed=7))
    for coordinate in z.T:
        assert kstest(coordinate, norm.cdf).pvalue > 1e-3


def test_a_flow_before_its_training_is_the_identity():
    z, log_abs_det = Flow(initial(8, 32, 237)).forward(POINTS)
    np.testing.assert_array_equal(z, POINTS)
    np.testing.assert_array_equal(log_abs_det, 0)


def test_a_point_alone_is_as_one_of_many_and_integers_are_points():
    z, log_abs_det = bent().forward(POINTS[3])
    assert z.shape == (2,)
    np.testing.assert_allclose(z, bent().forward(POINTS)[0][3], rtol=1e-12)
    assert log_abs_det.shape == ()
    np.testing.assert_array_equal(bent().log_density([[1, 2]]), bent().log_density(np.array([[1.0, 2.0]])))
    assert bent().log_density(np.zeros((0, 2))).shape == (0,)


def test_no_argument_is_changed():
    x, own = POINTS.copy(), [p.copy() for p in bent().parameters[0]]
    bent().log_density(x)
    bent().inverse(x)
    log_loss_and_gradients(bent(), x)
    np.testing.assert_array_equal(x, POINTS)
    for before, after in zip(own, bent().parameters[0], strict=True):
        np.testing.assert_array_equal(before, after)


# -- Training ---------------------------------------------------------------------------------------------------------


def test_adam_takes_the_steps_of_its_paper():
    p, rng = np.ones(3), np.random.default_rng(237)
    adam, q, m, s = Adam([p], keep=(0.9, 0.99)), np.ones(3), 0, 0
    for k in range(1, 6):
        g = rng.standard_normal(3)
        adam.step([g], rate=0.1)
        m, s = 0.9 * m + 0.1 * g, 0.99 * s + 0.01 * g * g
        q = q - 0.1 * (m / (1 - 0.9**k)) / (np.sqrt(s / (1 - 0.99**k)) + 1e-8)
    np.testing.assert_allclose(p, q, rtol=1e-13)


def test_a_flow_learns_a_gaussian_to_its_entropy():
    A = np.array([[1.0, 0.0], [0.8, 0.3]])
    points, held = (np.random.default_rng(seed).standard_normal((4000, 2)) @ A.T for seed in (1, 2))
    flow = train(points, couplings=4, hidden=8, steps=400, rate=0.02).flow
    best = multivariate_normal([0, 0], A @ A.T).logpdf(held).mean()
    assert best - 0.03 < flow.log_density(held).mean() < best + 0.01


def test_a_flow_beats_the_gaussian_and_not_the_truth():
    result, points, held = learned()
    by_flow, true = result.flow.log_density(held).mean(), moons.moons_log_density(held).mean()
    assert moons.gaussian(points).logpdf(held).mean() + 0.5 < by_flow < true


def test_the_same_seed_gives_the_same_flow_and_another_seed_another():
    points = moons.two_moons(200)
    sizes = {"couplings": 2, "hidden": 4, "steps": 20}
    first, again, other = (train(points, seed=seed, **sizes) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.losses, again.losses)
    np.testing.assert_array_equal(first.flow.log_density(points), again.flow.log_density(points))
    assert first.losses[-1] != other.losses[-1]


def test_held_out_points_are_looked_at_and_change_nothing():
    points = moons.two_moons(200)
    sizes = {"couplings": 2, "hidden": 4, "steps": 60}
    with_held, without = train(points, points[:50], **sizes), train(points, **sizes)
    np.testing.assert_array_equal(with_held.losses, without.losses)
    assert without.held == []
    assert [step for step, _ in with_held.held] == [0, 25, 50, 60]
    assert with_held.held[-1][1] == pytest.approx(-with_held.flow.log_density(points[:50]).mean(), rel=1e-12)


def with_sign(sign):
    """The end of a flow with a wrong sign, or none, on the log-determinant."""

    def end(state):
        log_p, pull = log_normal(state * [1, 1, sign])
        return log_p, lambda v: pull(v) * [1, 1, sign]

    return end


def test_with_the_wrong_sign_the_claimed_likelihood_passes_any_bound_and_the_training_says_so():
    with pytest.raises(DivergedError, match=r"^diverged at step \d+: the loss is -\d+, was 2\.\d+$") as caught:
        train(moons.two_moons(500), couplings=4, hidden=8, steps=2000, rate=0.05, end=with_sign(-1))
    assert 0 < caught.value.step < 2000
    assert caught.value.loss < -100 * caught.value.first


def test_with_the_determinant_left_out_every_point_goes_to_the_origin():
    points = moons.two_moons(500)
    result = train(points, couplings=4, hidden=8, steps=150, rate=0.03, end=with_sign(0))
    assert -result.losses[-1] == pytest.approx(-np.log(2 * np.pi), abs=1e-2)
    assert np.abs(result.flow.forward(points)[0]).max() < 0.3


@pytest.mark.parametrize("rate", [1.0, 100.0, 1e5])
def test_a_step_too_long_ends_in_an_error_that_names_the_step(rate):
    with pytest.raises(DivergedError, match=r"^diverged at step 1: the loss is \S+, was 2\.49$"):
        train(moons.two_moons(2000), rate=rate)


def test_a_step_too_long_is_seen_even_if_it_was_the_last():
    with pytest.raises(DivergedError, match=r"^diverged at step 1: the loss is \S+, was 2\.49$") as caught:
        train(moons.two_moons(2000), rate=100.0, steps=1)
    assert caught.value.step == 1


def test_a_density_that_is_no_number_is_refused_and_not_drawn():
    flow = Flow([[p * np.nan for p in own] for own in bent().parameters])
    with pytest.raises(ValueError, match=r"^the density of a flow must be a number; got nan: are its parameters fin"):
        flow.log_density(POINTS)


def test_a_point_beyond_all_others_has_the_density_zero():
    assert bent().log_density([1e200, -1e200]) == -np.inf


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ([np.ones(2)], {}, ValueError, "points must have shape (n, 2), with n at least 1; got (2,)"),
        ([np.ones((0, 2))], {}, ValueError, "points must have shape (n, 2), with n at least 1; got (0, 2)"),
        ([np.ones((5, 3))], {}, ValueError, "points must have shape (..., 2); got (5, 3)"),
        ([[[1.0, np.nan]]], {}, ValueError, "points must be finite; got nan at index (0, 1)"),
        ([["ab"]], {}, TypeError, "points must hold real numbers; got dtype <U2"),
        ([POINTS, np.ones((3, 4))], {}, ValueError, "held must have shape (..., 2); got (3, 4)"),
        ([POINTS], {"rate": 0.0}, ValueError, "rate must be positive; got 0.0"),
        ([POINTS], {"rate": np.nan}, ValueError, "rate must be finite; got nan"),
        ([POINTS], {"steps": 0}, ValueError, "steps must be positive; got 0"),
        ([POINTS], {"batch": 2.5}, TypeError, "batch must be an integer; got 2.5"),
        ([POINTS], {"couplings": 0}, ValueError, "couplings must be positive; got 0"),
        ([POINTS], {"hidden": -3}, ValueError, "hidden must be positive; got -3"),
    ],
)
def test_what_a_training_cannot_use_is_named(arguments, options, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        train(*arguments, **options)


@pytest.mark.parametrize("routine", ["forward", "inverse", "log_density", "jacobian"])
@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        ([1.0, 2.0, 3.0], ValueError, "{} must have shape (..., 2); got (3,)"),
        (1.0, ValueError, "{} must have shape (..., 2); got ()"),
        ([1.0, np.inf], ValueError, "{} must be finite; got inf at index 1"),
        ([1j, 2.0], TypeError, "{} must hold real numbers; got dtype complex128"),
    ],
)
def test_what_is_no_point_is_named(routine, x, error, message):
    name = "z" if routine == "inverse" else "x"
    with pytest.raises(error, match=f"^{re.escape(message.format(name))}$"):
        getattr(bent(), routine)(x)


# -- The two moons and the densities beside the flow ------------------------------------------------------------------


def test_the_true_density_integrates_to_one_and_is_that_of_the_points():
    assert total(moons.moons_log_density, reach=3.0, n=121) == pytest.approx(1, abs=1e-3)
    points = moons.two_moons(20_000, seed=3)
    side = np.linspace(-2, 3, 126) + 1e-3
    grid = np.stack(np.meshgrid(side, side), axis=-1)
    p = np.exp(moons.moons_log_density(grid)) * 0.04**2
    for corner in ([0.0, 0.5], [1.0, 0.0], [1.5, 0.8]):
        expected = p[(grid < corner).all(axis=-1)].sum()
        assert (points < corner).all(axis=1).mean() == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize("noise", [0.3, 0.1, 0.01, 0.001])
def test_the_true_density_is_the_integral_of_a_finer_rule_even_far_away(noise):
    x = np.array([[0.3, 0.8], [0.0, 1.0], [1.0, 0.0], [5.0, -4.0], [40.0, 30.0]])
    theta = np.pi * (np.arange(100_000) + 0.5) / 100_000
    middle = np.concatenate([moons.arc(theta, 0), moons.arc(theta, 1)])
    exponents = -np.sum((x[:, None] - middle) ** 2, axis=-1) / 2 / noise**2
    expected = np.logaddexp.reduce(exponents, axis=1) - np.log(200_000 * 2 * np.pi * noise**2)
    np.testing.assert_allclose(moons.moons_log_density(x, noise), expected, rtol=1e-4)


def test_the_points_take_the_moons_in_turn_and_their_noise_is_what_was_asked_for():
    points = moons.two_moons(5000, noise=0.02)
    upper, lower = np.hypot(*points[::2].T), np.hypot(*(points[1::2] - [1.0, 0.5]).T)
    for radius in (upper, lower):
        assert radius.mean() == pytest.approx(1, abs=2e-3)
        assert radius.std() == pytest.approx(0.02, rel=0.1)
    np.testing.assert_array_equal(points, moons.two_moons(5000, noise=0.02))
    assert moons.two_moons(0).shape == (0, 2)


def test_the_gaussian_has_the_mean_and_the_covariance_that_make_the_points_likeliest():
    points = moons.two_moons(300)
    best = moons.gaussian(points)
    for change in (0.9, 1.1):
        other = multivariate_normal(best.mean, change * best.cov)
        assert other.logpdf(points).mean() < best.logpdf(points).mean()
    np.testing.assert_allclose(best.mean, points.mean(axis=0))


def test_the_kernels_width_is_chosen_by_the_points_alone_each_judged_by_the_others():
    points = moons.two_moons(60)
    by_hand = [gaussian_kde(points.T, 0.2).covariance]
    logs = []
    for i, point in enumerate(points):
        others = np.delete(points, i, axis=0)
        logs.append(np.log(np.mean([multivariate_normal(q, by_hand[0]).pdf(point) for q in others])))
    assert moons.leave_one_out(points, 0.2) == pytest.approx(np.mean(logs), rel=1e-10)
    chosen = moons.kernel_density(points).factor
    assert moons.leave_one_out(points, chosen) == max(moons.leave_one_out(points, w) for w in moons.WIDTHS)


def test_a_width_so_small_that_a_point_stands_alone_is_no_error():
    points = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [50.0, 50.0]])
    assert np.isfinite(moons.leave_one_out(points, 1e-3))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: moons.two_moons(5, noise=0.0), ValueError, "noise must be positive; got 0.0"),
        (lambda: moons.two_moons(5, noise="a"), TypeError, "noise must hold real numbers; got dtype <U1"),
        (lambda: log_loss_and_gradients(bent(), [1.0]), ValueError, "points must have shape (..., 2); got (1,)"),
        (lambda: moons.moons_log_density([1.0]), ValueError, "x must have shape (..., 2); got (1,)"),
        (lambda: moons.moons_log_density([1.0, 2.0], -1), ValueError, "noise must be positive; got -1.0"),
        (lambda: moons.gaussian([[1.0, np.nan]]), ValueError, "points must be finite; got nan at index (0, 1)"),
        (lambda: moons.kernel_density(np.ones((3, 3))), ValueError, "points must have shape (..., 2); got (3, 3)"),
    ],
)
def test_what_the_moons_and_their_densities_cannot_use_is_named(call, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        call()
