"""The theorems of book/information.md."""

import functools
import itertools
import re

import jax
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import sqrtm
from scipy.spatial.distance import mahalanobis, pdist
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from jacobians import figures
from jacobians.backprop import compose, digits, jacobian, network, train
from jacobians.information import misplaced, reach, take_apart, walk, whitening
from jacobians.layers import dense, relu, softmax

SEEDS = st.integers(0, 2**32 - 1)
SHAPE = pytest.mark.parametrize("shape", [(1, 1), (2, 2), (3, 7), (7, 3), (10, 64)])
GROUPS = np.repeat([0, 1, 2], 100)
HEAPS = np.array([[0.0, 0.0], [5.0, 0.0], [2.5, 4.3]])[GROUPS] + np.random.default_rng(237).standard_normal((300, 2))


def matrix(seed, shape, condition=None):
    """A seeded matrix; with a given condition number, if one is named."""
    drawn = np.random.default_rng(seed).standard_normal(shape)
    if condition is None:
        return drawn
    U, sigma, T = np.linalg.svd(drawn, full_matrices=False)
    return U * np.geomspace(1, 1 / condition, len(sigma)) @ T


def chain(seed, sizes=(6, 9, 7, 3)):
    """A seeded network of dense layers with ReLU between them."""
    rng = np.random.default_rng(seed)
    sizes = list(itertools.pairwise(sizes))
    return network([p for n, m in sizes for p in (rng.standard_normal((m, n)), rng.standard_normal(m))])


def clusters(X, k=3):
    with threadpool_limits(1):  # threads that wait for each other take longer than such small sums
        return KMeans(k, n_init=20, random_state=237).fit_predict(X)


# -- Singular values --------------------------------------------------------------------------------------------------


@SHAPE
def test_a_jacobian_is_the_sum_of_its_singular_parts_each_a_jvp_and_a_vjp(shape):
    J = matrix(237, shape)
    parts = take_apart(J)
    r = len(parts.sigma)
    v, t = parts.cotangents[:r], parts.tangents[:r]
    np.testing.assert_allclose(
        sum(s * np.outer(a, b) for s, a, b in zip(parts.sigma, v, t, strict=True)), J, atol=1e-12
    )
    np.testing.assert_allclose(t @ J.T, parts.sigma[:, None] * v, atol=1e-12)
    np.testing.assert_allclose(v @ J, parts.sigma[:, None] * t, atol=1e-12)
    for rows in (parts.cotangents, parts.tangents):
        np.testing.assert_allclose(rows @ rows.T, np.eye(len(rows)), atol=1e-12)


@given(SEEDS, st.integers(1, 6))
def test_the_size_of_the_determinant_is_the_product_of_the_singular_values(seed, n):
    J = matrix(seed, (n, n))
    assert np.prod(take_apart(J).sigma) == pytest.approx(abs(np.linalg.det(J)), rel=1e-9, abs=1e-12)


@given(SEEDS, st.integers(1, 6), st.integers(1, 6))
def test_the_condition_number_bounds_the_ratio_of_distances_and_is_attained(seed, m, n):
    J, rng = matrix(seed, (m, n)), np.random.default_rng(seed)
    parts = take_apart(J)
    low, high = parts.stretch
    t = rng.standard_normal((50, n))
    factors = np.linalg.norm(t @ J.T, axis=1) / np.linalg.norm(t, axis=1)
    assert (factors >= low - 1e-12).all()
    assert (factors <= high * (1 + 1e-12)).all()
    assert factors.max() / factors.min() <= parts.condition * (1 + 1e-9)
    ends = np.linalg.norm(parts.tangents[[0, -1]] @ J.T, axis=1)
    np.testing.assert_allclose(ends, [high, low], atol=1e-12)


@pytest.mark.parametrize("shear", [0.5, 1.0, 4.0])
def test_a_shear_keeps_areas_and_eigenvalues_and_not_lengths(shear):
    parts, root = take_apart([[1.0, shear], [0.0, 1.0]]), np.sqrt(shear**2 + 4)
    np.testing.assert_allclose(parts.sigma, [(root + shear) / 2, (root - shear) / 2])
    np.testing.assert_allclose(parts.condition, parts.sigma[0] ** 2)


def test_the_null_space_is_that_of_algebra():
    J = np.random.default_rng(237).integers(-3, 4, (4, 7))
    J[3] = J[0] + 2 * J[1]
    exact = [np.array(t, float).ravel() for t in sympy.Matrix(J).nullspace()]
    parts = take_apart(J)
    assert parts.rank == 7 - len(exact) == 3
    np.testing.assert_allclose(parts.unseen @ J.T, 0, atol=1e-12)
    for t in exact:
        np.testing.assert_allclose(parts.split(t)[0], 0, atol=1e-12)
    assert parts.condition == np.inf
    assert parts.stretch[0] == 0


@SHAPE
def test_a_tangent_is_the_sum_of_a_part_that_j_sees_and_one_that_it_sends_to_zero(shape):
    J, t = matrix(1, shape), matrix(2, (shape[1],))
    seen, unseen = take_apart(J).split(t)
    np.testing.assert_allclose(seen + unseen, t, atol=1e-14)
    np.testing.assert_allclose(J @ seen, J @ t, atol=1e-11)
    np.testing.assert_allclose(J @ unseen, 0, atol=1e-12)
    np.testing.assert_allclose(seen, np.linalg.lstsq(J, J @ t)[0], atol=1e-11)


def test_a_jacobian_of_zeros_sees_nothing():
    parts = take_apart(np.zeros((2, 3)))
    assert (parts.rank, parts.seen.shape, parts.unseen.shape) == (0, (0, 3), (3, 3))
    assert (parts.stretch, parts.condition) == ((0, 0), np.inf)


# -- Whitening --------------------------------------------------------------------------------------------------------


@given(SEEDS, st.integers(1, 5))
def test_white_points_have_mean_zero_and_covariance_one_by_the_formula_of_the_source(seed, n):
    X = matrix(seed, (40, n)) @ matrix(seed + 1, (n, n), 10) + 5
    white = whitening(X)
    np.testing.assert_allclose(white(X).mean(axis=0), 0, atol=1e-10)
    np.testing.assert_allclose(np.cov(white(X).T).reshape(n, n), np.eye(n), atol=1e-9)
    D, P = np.diag(X.std(axis=0, ddof=1)), np.corrcoef(X.T).reshape(n, n)
    np.testing.assert_allclose(white.matrix @ D @ sqrtm(P), np.eye(n), atol=1e-8)


@given(SEEDS, st.floats(1, 1e6))
def test_whitening_undoes_any_linear_map_up_to_a_rotation(seed, condition):
    X, J = matrix(seed, (30, 3)), matrix(seed + 1, (3, 3), condition)
    before, after = whitening(X), whitening(X @ J.T + 7)
    Q = after.matrix @ J @ np.linalg.inv(before.matrix)
    np.testing.assert_allclose(Q @ Q.T, np.eye(3), atol=1e-8)
    np.testing.assert_allclose(after(X @ J.T + 7), before(X) @ Q.T, atol=1e-8)
    np.testing.assert_allclose(pdist(after(X @ J.T + 7)), pdist(before(X)), rtol=1e-7)


def test_an_ill_conditioned_map_costs_its_condition_number_and_not_the_square():
    X, J = matrix(1, (500, 4)), matrix(2, (4, 4), 1e7)
    expected, Y = pdist(whitening(X)(X)), X @ J.T
    np.testing.assert_allclose(pdist(whitening(Y)(Y)), expected, rtol=1e-7)
    Z = Y - Y.mean(axis=0)
    eigenvalues, axes = np.linalg.eigh(Z.T @ Z / 499)
    assert np.abs(pdist(Z @ axes / np.sqrt(np.abs(eigenvalues))) / expected - 1).max() > 1e-6


def test_white_points_keep_their_shape_and_two_are_enough():
    assert whitening(HEAPS)(HEAPS.reshape(3, 10, 10, 2)).shape == (3, 10, 10, 2)
    np.testing.assert_allclose(whitening([[0.0], [2.0]])([[0.0], [2.0]]), [[-(0.5**0.5)], [0.5**0.5]], rtol=1e-15)


def test_the_distance_is_the_one_of_mahalanobis():
    X = matrix(1, (50, 3)) @ matrix(2, (3, 3))
    expected = mahalanobis(X[0], X[1], np.linalg.inv(np.cov(X.T)))
    assert whitening(X).distance(X[0], X[1]) == pytest.approx(expected, rel=1e-10)


def test_white_points_do_not_hang_on_units():
    X = matrix(1, (50, 3)) @ matrix(2, (3, 3))
    units = np.array([1e-9, 1.0, 1e12])
    np.testing.assert_allclose(whitening(X * units)(X * units), whitening(X)(X), atol=1e-10)


@pytest.mark.parametrize("J", [3 * np.eye(2), [[0.6, -0.8], [0.8, 0.6]], [[0, 0.01], [0.01, 0]]])
def test_a_map_of_condition_one_leaves_the_clusters_whatever_its_determinant(J):
    assert take_apart(J).condition == pytest.approx(1)
    assert not misplaced(clusters(HEAPS @ np.transpose(J)), clusters(HEAPS)).any()


@pytest.mark.parametrize("seed", range(3))
def test_whitening_gives_k_means_its_clusters_back(seed):
    Y = HEAPS @ matrix(seed, (2, 2), 30).T
    assert misplaced(clusters(Y), clusters(HEAPS)).sum() > 30
    assert not misplaced(clusters(whitening(Y)(Y)), clusters(whitening(HEAPS)(HEAPS))).any()


def test_the_covariance_of_a_small_cluster_becomes_j_sigma_j_transposed():
    def error(spread):
        x, y = cloud = np.array([1.5, 2.0])[:, None] + spread * (HEAPS - HEAPS.mean(axis=0)).T
        J = np.array([[3.0, 1.0], [2 * np.cos(1.5), np.sin(1.5)]])
        image = np.cov(np.stack([x**2 + y, y * np.sin(x)]))
        return np.abs(image - J @ np.cov(cloud) @ J.T).max() / np.abs(image).max()

    errors = [error(spread) for spread in (1e-2, 1e-3, 1e-4)]
    assert errors[2] < errors[1] / 5 < errors[0] / 25
    assert errors[2] < 1e-3


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=12))
def test_clusters_are_named_so_that_as_few_points_as_can_be_are_misplaced(pairs):
    found, groups = np.array(pairs).T
    names = itertools.permutations([0, 1, 2, -1], 4)
    best = min(np.sum(np.array(name)[found] != groups) for name in names)
    assert misplaced(found, groups).sum() == best


# -- Networks ---------------------------------------------------------------------------------------------------------


def pattern(layers, x):
    """Which ReLUs of a chain are open."""
    signs = []
    for layer in layers:
        if layer is relu:
            signs += (x > 0).tolist()
            x = relu.forward(x)
        else:
            x = dense.forward(x, *layer[1:])
    return signs


def test_the_rows_are_those_of_jax():
    layers, x = chain(1), matrix(2, (6,))

    def scores(x):
        for layer in layers:
            x = jax.nn.relu(x) if layer is relu else layer[1] @ x + layer[2]
        return x

    np.testing.assert_allclose(jacobian(layers, x), jax.jacrev(scores)(x), rtol=1e-12)


@given(SEEDS)
def test_up_to_its_reach_the_network_is_affine_and_there_a_relu_switches(seed):
    layers, x, t = chain(seed), matrix(seed + 1, (6,)), matrix(seed + 2, (6,))
    s, f = reach(layers, x, t), compose(*layers)
    inside = 1e3 if s == np.inf else 0.999 * s
    assert pattern(layers, x + inside * t) == pattern(layers, x)
    expected = f(x)[0] + inside * jacobian(layers, x) @ t
    np.testing.assert_allclose(f(x + inside * t)[0], expected, rtol=1e-8, atol=1e-8)
    assert s == np.inf or pattern(layers, x + 1.001 * s * t) != pattern(layers, x)


def test_a_relu_that_stands_at_its_corner_is_closed_and_switches_only_when_it_opens():
    layers = [(dense, np.eye(1), np.zeros(1)), relu]
    assert [reach(layers, [0.0], [t]) for t in (1.0, -1.0, 0.0)] == [0, np.inf, np.inf]


@given(SEEDS)
def test_a_move_within_the_null_space_keeps_the_scores_to_rounding_within_a_region(seed):
    layers, x = chain(seed), matrix(seed + 1, (6,))
    unseen, scores = take_apart(jacobian(layers, x)).unseen[0], compose(*layers)
    s = min(reach(layers, x, unseen), 10.0)
    np.testing.assert_allclose(scores(x + 0.999 * s * unseen)[0], scores(x)[0], atol=1e-10)


@given(SEEDS)
def test_probabilities_see_one_direction_less_than_scores(seed):
    layers, x = chain(seed), matrix(seed + 1, (6,))
    J = softmax.jacobian(compose(*layers)(x)[0]) @ jacobian(layers, x)
    np.testing.assert_allclose(np.ones(3) @ J, 0, atol=1e-12 * max(1, np.abs(J).max()))
    assert take_apart(J).sigma[2] <= 1e-14 * max(1, np.abs(jacobian(layers, x)).max())


@pytest.mark.parametrize("seed", range(6))
def test_a_walk_keeps_the_scores_and_the_range_and_comes_nearer(seed):
    layers, rng = chain(seed, (12, 20, 3)), np.random.default_rng(seed)
    x, towards = rng.uniform(0.1, 0.9, (2, 12))
    end, scores = walk(layers, x, towards), compose(*layers)
    np.testing.assert_allclose(scores(end)[0], scores(x)[0], atol=1e-12)
    assert 0 <= end.min() <= end.max() <= 1
    assert np.linalg.norm(end - towards) < 0.9 * np.linalg.norm(x - towards)


def test_a_walk_of_an_affine_map_is_the_projection_on_its_null_space():
    W, x, towards = matrix(1, (2, 5)), np.full(5, 0.5), 0.5 + 0.05 * matrix(2, (5,))
    end = walk([(dense, W, np.zeros(2))], x, towards, steps=400)
    unseen = take_apart(W).split(towards - x)[1]
    np.testing.assert_allclose(end, x + (1 - 0.99**400) * unseen, atol=1e-10)


def test_a_walk_holds_a_coordinate_at_the_edge_of_its_range():
    end = walk([(dense, np.array([[1.0, 1.0, 0.0]]), np.zeros(1))], [0.0, 0.5, 0.5], [0.0, 0.9, 0.9])
    np.testing.assert_allclose(end, [0, 0.5, 0.5 + 0.4 * (1 - 0.96**100)], atol=1e-12)


# -- The digits -------------------------------------------------------------------------------------------------------


@functools.cache
def training():
    data = digits()
    result = train(data)
    return data, result, network(result.parameters)


@pytest.fixture
def trained():
    return training()


def test_the_unseen_part_of_a_move_keeps_the_answer_and_the_shorter_seen_part_turns_it(trained):
    data, result, layers = trained
    images, answers = data.held_images, result.scores(data.held_images).argmax(axis=1)
    moves, ends = np.roll(images, 1, axis=0) - images, np.roll(answers, 1)
    parts = [take_apart(J).split(t) for J, t in zip(jacobian(layers, images), moves, strict=True)]
    seen, unseen = np.array(parts).swapaxes(0, 1)
    assert np.median(np.linalg.norm(unseen, axis=1) / np.linalg.norm(seen, axis=1)) > 1
    kept, turned = (result.scores(images + t).argmax(axis=1) for t in (unseen, seen))
    assert np.mean((kept == answers)[ends != answers]) > 0.97
    assert np.mean((turned == ends)[ends != answers]) > 0.85


def test_the_wrong_end_of_the_list_changes_the_answer(trained):
    data, result, layers = trained
    x, zero = data.held_images[0], data.held_images[data.held_labels == 0][0]
    first = take_apart(jacobian(layers, x)).tangents[:54]
    assert result.scores(x + first.T @ (first @ (zero - x))).argmax() == result.scores(zero).argmax() == 0


def test_every_digit_can_walk_far_with_the_same_scores(trained):
    data, result, layers = trained
    for i in range(8):
        x, other = data.held_images[[i, i + 40]]
        end = walk(layers, x, other)
        np.testing.assert_allclose(result.scores(end), result.scores(x), atol=1e-10)
        assert np.linalg.norm(end - x) > 0.3 * np.linalg.norm(other - x)
        assert 0 <= end.min() <= end.max() <= 1


def test_the_network_sees_more_of_what_tells_two_answers_apart_than_of_what_does_not(trained):
    data, result, layers = trained
    images, answers = data.held_images, result.scores(data.held_images).argmax(axis=1)
    seen, same = [], []
    for i, J in enumerate(jacobian(layers, images[:40])):
        moves = np.delete(images - images[i], i, axis=0)
        rows = take_apart(J).seen
        seen.append(np.sum((moves @ rows.T) ** 2, axis=1) / np.sum(moves**2, axis=1))
        same.append(np.delete(answers, i) == answers[i])
    seen, same = np.concatenate(seen), np.concatenate(same)
    assert 10 / 64 < np.median(seen[same]) < np.median(seen[~same]) - 0.1


def test_each_layer_of_meaning_misplaces_fewer_digits(trained):
    data, result, _ = trained
    scores = result.scores(data.held_images)
    spaces = [data.held_images, scores, softmax.forward(scores)]
    counts = [misplaced(clusters(points, 10), data.held_labels).sum() for points in spaces]
    assert counts[0] > counts[1] > counts[2]


# -- Figures ----------------------------------------------------------------------------------------------------------


def test_the_arrows_of_the_ellipse_are_its_half_axes():
    J = np.array([[3.0, 1.0], [0.2, 1.0]])
    circle, ellipse = (ax.lines[0].get_xydata() for ax in figures.singular_ellipse(J).figure.axes)
    np.testing.assert_allclose(ellipse, circle @ J.T)
    lengths = np.linalg.norm(ellipse, axis=1)
    np.testing.assert_allclose([lengths.max(), lengths.min()], take_apart(J).sigma, rtol=1e-3)
    tips = [[text.xy for text in ax.texts if text.get_text()] for ax in figures.singular_ellipse(J).figure.axes]
    np.testing.assert_allclose(np.array(tips[0]) @ J.T, tips[1], atol=1e-12)
    assert np.dot(*tips[1]) == pytest.approx(0, abs=1e-12)


def test_every_point_of_the_maps_is_drawn_and_the_misplaced_have_a_ring():
    found = clusters(HEAPS)
    (ax,) = figures.cluster_maps([("before", HEAPS, found), ("again", HEAPS, found)], GROUPS).figure.axes[:1]
    *heaps, rings = (line.get_xydata() for line in ax.lines)
    assert sorted(map(tuple, np.vstack(heaps))) == sorted(map(tuple, HEAPS))
    np.testing.assert_array_equal(rings, HEAPS[misplaced(found, GROUPS)])
    assert ax.get_title() == f"before\n{len(rings)} misplaced"


def test_each_row_is_drawn_for_its_score_on_one_scale():
    J, image = matrix(1, (10, 64)), np.linspace(0, 1, 64)
    axes = figures.score_rows(image, J).figure.axes
    drawn = {ax.get_title(): ax.images[0] for ax in axes if ax.images}
    np.testing.assert_array_equal(drawn["x"].get_array(), image.reshape(8, 8))
    for digit, row in enumerate(J):
        np.testing.assert_array_equal(drawn[f"score of {digit}"].get_array(), row.reshape(8, 8))
        assert drawn[f"score of {digit}"].get_clim() == (-np.abs(J).max(), np.abs(J).max())


def test_grey_alone_tells_a_negative_entry_from_a_positive_one():
    from jacobians.figures.information import SIGNS

    grey = SIGNS(np.linspace(0, 1, 64))[:, :3] @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(grey) > 0).all()


def test_the_spectra_are_drawn_as_medians_within_nine_tenths():
    scores, probabilities = 1 + np.abs(matrix(1, (50, 10))), np.abs(matrix(2, (50, 10)))
    for ax, values in zip(
        figures.singular_spectrum(scores, probabilities).figure.axes, [scores, probabilities], strict=True
    ):
        np.testing.assert_allclose(ax.lines[0].get_ydata(), np.median(values, axis=0))
        ends = np.array([path.vertices[:, 1] for path in ax.collections[0].get_paths()])
        np.testing.assert_allclose(ends.T, np.quantile(values, [0.05, 0.95], axis=0))


def test_the_moved_digits_show_their_answers_and_mark_what_is_no_ink():
    images = {"x": np.linspace(0, 1, 64), "moved": np.linspace(-0.5, 1, 64)}
    axes = figures.moved_digit(images, [7, 0]).figure.axes
    assert [ax.get_xlabel() for ax in axes] == ["answer: 7", "answer: 0"]
    assert [len(ax.lines[0].get_xdata()) for ax in axes] == [0, 21]


# -- What is refused --------------------------------------------------------------------------------------------------

NET = [(dense, np.eye(2), np.zeros(2)), relu]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: take_apart([1.0, 2.0]), "J must be a matrix with at least one entry; got shape (2,)"),
        (lambda: take_apart(np.empty((0, 3))), "J must be a matrix with at least one entry; got shape (0, 3)"),
        (lambda: take_apart([[1.0, np.nan]]), "J must be finite; got nan at index (0, 1)"),
        (lambda: take_apart(np.eye(2)).split([1.0]), "t must have shape (2,); got (1,)"),
        (lambda: whitening([1.0, 2.0]), "X must be a matrix with at least one entry; got shape (2,)"),
        (lambda: whitening(np.eye(3)), "X must vary along all its 3 coordinates; got a covariance of rank 2"),
        (lambda: whitening(np.ones((1, 2))), "X must vary along all its 2 coordinates; got a covariance of rank 0"),
        (
            lambda: whitening([[1.0, 5.0], [2.0, 5.0], [4.0, 5.0]]),
            "X must vary along all its 2 coordinates; got a covariance of rank 1",
        ),
        (lambda: whitening(HEAPS)(np.ones(3)), "X must have shape (..., 2); got (3,)"),
        (lambda: whitening(HEAPS).distance([1.0], [1.0, 2.0]), "a must have shape (2,); got (1,)"),
        (lambda: whitening(HEAPS).distance([1.0, 2.0], [1.0]), "b must have shape (2,); got (1,)"),
        (lambda: whitening(HEAPS)([np.nan, 1.0]), "X must be finite; got nan at index 0"),
        (lambda: misplaced([0, 1], [0]), "clusters and groups must have one shape, (N,); got (2,) and (1,)"),
        (lambda: misplaced([], []), "clusters and groups must have one shape, (N,); got (0,) and (0,)"),
        (lambda: reach([softmax], [1.0], [1.0]), "layers must be relu or (dense, W, b); got layers.softmax"),
        (lambda: reach(NET, [1.0, 2.0], [1.0]), "t must have shape (2,); got (1,)"),
        (lambda: walk(NET, [1.0, 0.5], [1.0]), "towards must have shape (2,); got (1,)"),
        (lambda: walk(NET, [1.0, 0.5], [1.0, 0.0], steps=3), "steps must be at least 4; got 3"),
        (lambda: walk(NET, [0.5, 1.5], [1.0, 0.0]), "x must be from 0.0 to 1.0; got 1.5 at index 1"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        call()


def test_a_walk_that_cannot_keep_the_scores_says_so():
    layers = [(dense, np.array([[1.0, 0.0]]), np.array([-0.5])), relu]
    with pytest.raises(ArithmeticError, match=r"^the walk lost the scores: they are off by 0\.5 after 50 tries$"):
        walk(layers, [0.2, 0.5], [1.0, 0.5], steps=4)
