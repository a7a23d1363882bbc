"""What the checks catch, what they say of it, and that they keep quiet where nothing is wrong."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from jacobians import volume
from jacobians.checks import CheckError, check_determinant, check_jacobian, check_jvp, check_vjp
from jacobians.jacobian import f_vec, jacobian_analytical
from jacobians.slopes import MOST, central, directions, judged, one_sided, remainder_order, slope, steps
from jacobians.vjp import relu, relu_jacobian, relu_vjp
from tests.libraries import LIBRARIES

X = np.array([1.5, 2.0, -0.7])


def f(x, xp=np):
    """A map of space with no symmetry, for any library."""
    return xp.stack([x[0] ** 2 + x[1], xp.sin(x[0]) * x[1], x[1] * x[2] + xp.tanh(x[0])])


def jacobian(x, xp=np):
    zero, one = 0 * x[0], 0 * x[0] + 1
    return xp.stack(
        [
            xp.stack([2 * x[0], one, zero]),
            xp.stack([xp.cos(x[0]) * x[1], xp.sin(x[0]), zero]),
            xp.stack([1 - xp.tanh(x[0]) ** 2, x[2], x[1]]),
        ]
    )


def entry(i, j, xp):
    """The matrix with a single 1."""
    return xp.asarray(np.outer(np.eye(3)[i], np.eye(3)[j]))


NEARLY = "a derivative by differences with too large or too small a step, or single precision on the way"
UNKNOWN = "No usual slip explains it: derive this entry again"


def said(check, *arguments, **options):
    """What the check says of a wrong claim."""
    with pytest.raises(CheckError) as caught:
        check(*arguments, **options)
    return str(caught.value)


def hint(text):
    """What the mistake is taken for: the last line, without what it always begins with."""
    return text.splitlines()[-1].removeprefix("This often means: ").removesuffix(".")


# Each planted fault, a rule for the wrong matrix, and what the message must say of it.
FAULTS = {
    "sign": (lambda J, x, xp: -J, "the opposite sign"),
    "sign of an entry": (lambda J, x, xp: J - 2 * J * entry(1, 0, xp), r"the opposite sign in entry \[1, 0\]"),
    "transpose": (lambda J, x, xp: J.T, "Jᵀ in place of J"),
    "transpose and sign": (lambda J, x, xp: -J.T, "Jᵀ in place of J, and the opposite sign"),
    "missing factor": (
        lambda J, x, xp: J - J * entry(1, 0, xp) * (1 - 1 / x[1]),
        r"a missing factor x\[1\] in entry \[1, 0\]",
    ),
    "a factor too many": (
        lambda J, x, xp: J - J * entry(2, 2, xp) * (1 - x[2]),
        r"one factor too many, x\[2\] in entry \[2, 2\]",
    ),
    "a factor missing in a row": (
        lambda J, x, xp: J / xp.asarray([[1.0], [3.0], [1.0]]),
        "a missing factor 3 in row 1",
    ),
    "a factor missing in a column": (
        lambda J, x, xp: J / xp.asarray([1.0, 4.0, 1.0]),
        "a missing factor 4 in column 1",
    ),
    "a factor missing here and there": (
        lambda J, x, xp: J - J * (entry(0, 0, xp) + entry(2, 1, xp)) / 2,
        "a missing factor 2 in the wrong entries",
    ),
    "constant factor": (lambda J, x, xp: J / 2, "a missing factor 2"),
    "another constant": (lambda J, x, xp: J * 0.7, r"a constant factor, 1\.429"),
    "row by row": (
        lambda J, x, xp: J * xp.asarray([[1.1], [1.2], [1.3]]),
        r"a factor for each row, as of a diagonal matrix left out: \[0\.9091, 0\.8333, 0\.7692\]",
    ),
    "column by column": (
        lambda J, x, xp: J * xp.asarray([1.1, 1.2, 1.3]),
        r"a factor for each column, as of a diagonal matrix left out: \[0\.9091, 0\.8333, 0\.7692\]",
    ),
    "off by one row": (
        lambda J, x, xp: xp.concatenate([0 * J[:1], J[:-1]]),
        "rows off by one, each a row too late",
    ),
    "off by one row, the other way": (
        lambda J, x, xp: xp.concatenate([J[1:], 0 * J[:1]]),
        "rows off by one, each a row too early",
    ),
    "off by one column": (
        lambda J, x, xp: xp.concatenate([0 * J.T[:1], J.T[:-1]]).T,
        "columns off by one, each a column too late",
    ),
    "off by one column, the other way": (
        lambda J, x, xp: xp.concatenate([J.T[1:], 0 * J.T[:1]]).T,
        "columns off by one, each a column too early",
    ),
    "rows swapped": (lambda J, x, xp: xp.stack([J[1], J[0], J[2]]), "rows 0 and 1 swapped"),
    "columns swapped": (lambda J, x, xp: xp.stack([J[:, 2], J[:, 1], J[:, 0]]).T, "columns 0 and 2 swapped"),
    "missing column": (lambda J, x, xp: J * xp.asarray([1.0, 0.0, 1.0]), "column 1 left out: it is all zeros"),
    "missing row": (lambda J, x, xp: J * xp.asarray([[1.0], [0.0], [1.0]]), "row 1 left out: it is all zeros"),
    "nothing": (lambda J, x, xp: 0 * J, "a derivative left out: the claim is all zeros"),
    "the inverse": (lambda J, x, xp: xp.linalg.inv(J), "the Jacobian of the inverse map"),
    "a small error": (lambda J, x, xp: J + 1e-4 * entry(2, 1, xp), NEARLY),
    "another function": (lambda J, x, xp: J + entry(2, 0, xp) + 3 * entry(1, 1, xp), UNKNOWN),
}
FAULT = pytest.mark.parametrize("fault", FAULTS)
SMALL = {"a small error"}  # below the tolerances of the peers


def by_jax(wrong):
    """JAX's check of a VJP with the wrong matrix."""

    @jax.custom_vjp
    def g(x):
        return f(x, jnp)

    g.defvjp(lambda x: (g(x), x), lambda x, v: (wrong(jacobian(x, jnp), x, jnp).T @ v,))
    check_grads(g, (jnp.asarray(X),), order=1, modes=["rev"])


def by_torch(wrong):
    """PyTorch's."""
    import torch

    class Function(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return f(x, torch)

        @staticmethod
        def backward(ctx, v):
            (x,) = ctx.saved_tensors
            return wrong(jacobian(x, torch), x, torch).T @ v

    torch.autograd.gradcheck(Function.apply, torch.tensor(X, requires_grad=True))


PEERS = {"jax": by_jax} | ({"torch": by_torch} if "torch" in LIBRARIES else {})
PEER = pytest.mark.parametrize("peer", PEERS.values(), ids=PEERS)


# -- Planted faults ---------------------------------------------------------------------------------------------------


@FAULT
@pytest.mark.parametrize("check", ["jacobian", "jvp", "vjp"])
def test_a_planted_fault_is_caught_and_explained(fault, check):
    wrong, message = FAULTS[fault]
    claims = {
        "jacobian": (check_jacobian, lambda x: wrong(jacobian(x), x, np)),
        "jvp": (check_jvp, lambda x, t: wrong(jacobian(x), x, np) @ t),
        "vjp": (check_vjp, lambda x, v: wrong(jacobian(x), x, np).T @ v),
    }
    judge, claim = claims[check]
    if check == "vjp":  # whose claim is Jᵀv
        message = message.replace("Jᵀ in place of J", "J in place of Jᵀ")
    text = said(judge, f, claim, X)
    assert re.fullmatch(message, hint(text))
    assert "must be" in text
    assert "h^1.0" in text or fault in SMALL


@PEER
@FAULT
def test_what_the_peers_catch_is_among_them(peer, fault):
    if fault not in SMALL:
        with pytest.raises((AssertionError, RuntimeError), match=r"Not equal|Jacobian mismatch"):
            peer(FAULTS[fault][0])


@PEER
def test_the_peers_find_the_right_matrix_right_as_the_checks_do(peer):
    peer(lambda J, x, xp: J)
    check_jacobian(f, jacobian, X)
    check_vjp(f, lambda x, v: jacobian(x).T @ v, X)
    check_jvp(f, lambda x, t: jacobian(x) @ t, X)
    check_determinant(f, lambda x: np.linalg.det(jacobian(x)), X)


def masked(x, v, xp):
    """Jᵀv of the sine, by someone who masked the zeros."""
    return xp.where(x == 0, 0.0, xp.cos(x)) * v


def test_a_vjp_that_is_wrong_at_zero_alone_is_caught_there_as_by_the_peers():
    zero, other = np.array([0.5, 0.0, -1.0]), np.array([0.5, 0.2, -1.0])
    check_vjp(np.sin, lambda x, v: masked(x, v, np), other)
    with pytest.raises(CheckError, match=r"^\(Jᵀv\)\[1\] for v = e\[1\] must be 1; got 0\. 1 of 9 entries is wrong"):
        check_vjp(np.sin, lambda x, v: masked(x, v, np), zero)

    @jax.custom_vjp
    def sine(x):
        return jnp.sin(x)

    sine.defvjp(lambda x: (sine(x), x), lambda x, v: (masked(x, v, jnp),))
    check_grads(sine, (jnp.asarray(other),), order=1, modes=["rev"])
    with pytest.raises(AssertionError, match="Not equal"):
        check_grads(sine, (jnp.asarray(zero),), order=1, modes=["rev"])


def test_a_nan_at_zero_is_caught_and_explained():
    def claim(x, v):
        with np.errstate(invalid="ignore", divide="ignore"):
            return (np.cos(x) / x * x) * v

    with pytest.raises(CheckError, match=r"^Jᵀv must be finite; got nan at \[1\]\.\nThis often means: a division by"):
        check_vjp(np.sin, claim, [0.5, 0.0])


def test_single_precision_on_the_way_is_caught():
    """The peers let this one pass: their tolerances are wider than the digits that are lost."""
    for check, claim in [
        (check_jacobian, lambda x: jacobian(x).astype(np.float32)),
        (check_vjp, lambda x, v: (jacobian(x).T @ v).astype(np.float32)),
        (check_jvp, lambda x, t: (jacobian(x) @ t).astype(np.float32)),
    ]:
        with pytest.raises(CheckError, match=r"must have dtype float64, as x and f\(x\) do; got float32"):
            check(f, claim, X)
    with pytest.raises(CheckError, match="single precision on the way"):
        check_vjp(f, lambda x, v: (jacobian(x).T.astype(np.float32) @ v.astype(np.float32)).astype(float), X)


def test_a_claim_that_is_not_linear_is_caught_by_random_directions():
    with pytest.raises(CheckError, match=r"(?s) for a random v .* not linear in its direction"):
        check_vjp(f, lambda x, v: jacobian(x).T @ v**3, X)


EDGED = np.array([1.3, 2.2, -0.6])


def ends(x):
    """f, which ends beside a point, so that no second one can be tried."""
    if np.abs(x - EDGED).max() > 0.03:
        raise ValueError
    return f(x)


@FAULT
def test_where_f_ends_beside_the_point_one_point_must_do(fault):
    wrong, message = FAULTS[fault]
    assert re.fullmatch(message, hint(said(check_jacobian, ends, lambda x: wrong(jacobian(x), x, np), EDGED)))


@pytest.mark.parametrize(
    ("check", "claim", "message"),
    [
        (check_determinant, lambda x: np.linalg.det(jacobian(x)) ** 3, UNKNOWN),
        (check_determinant, lambda x: np.trace(jacobian(x)), "the trace, the sum of the diagonal"),
        (check_vjp, lambda x, v: jacobian(x).T @ v**3, "a slip in the entries after those"),
    ],
)
def test_one_point_must_do_for_the_other_checks_too(check, claim, message):
    assert hint(said(check, ends, claim, EDGED)).endswith(message)


NINE = np.arange(81.0).reshape(9, 9) ** 2 % 83 + 1


@pytest.mark.parametrize(
    ("right", "claim", "message"),
    [
        ([[0, 2], [-2, 0]], [[0, -2], [2, 0]], "the opposite sign"),  # rather than a transpose
        ([[1, 2, 3], [5, 7, 11]], [[1, 2, -3], [5, 7, 11]], "the opposite sign in entry [0, 2]"),
        ([[1, 2, 0], [5, 1, 0]], [[1 / 3, 2 / 3, 0], [5 / 3, 1 / 3, 0]], "a missing factor 3"),
        ([[1, 2], [5, 7]], [[3, 11], [1, 2]], UNKNOWN),  # one row that fits is not enough
        ([[1.5, 2.5]], [[0, 2]], UNKNOWN),
        ([[0.5, 2.5]], [[0, 2]], "an array of integers, which cuts off fractions"),
        ([[1, 0.5]], [[2, 0]], UNKNOWN),
        ([[0, 2, 3], [0, 5, 7]], [[0, 0, 3], [0, 0, 7]], "column 1 left out: it is all zeros"),
        ([[1, 2, 3], [4, 5, 7]], [[1, 0, 3], [4, 0, 8.5]], UNKNOWN),
        ([[1, 2 / 3]], [[0.5, 2 / 3 + 3e-8]], "a factor for each column, as of a diagonal matrix left out: [2.0, 1.0]"),
        ([[1, 2 / 3]], [[0, 2 / 3 + 3e-8]], UNKNOWN),
        (
            [[1, 2], [0, 0], [3, 5], [7, 2], [5, 1]],
            [[0.5, 1], [0, 0], [1, 5 / 3], [1.4, 0.4], [2, 0.4]],
            "a factor for each row, as of a diagonal matrix left out: [2.0, 1.0, 3.0, 5.0]",
        ),
    ],
)  # fmt: skip
def test_an_explanation_fits_every_wrong_entry_and_the_plainest_comes_first(right, claim, message):
    right, claim = np.array(right, dtype=float), np.array(claim, dtype=float)
    x = np.array([1.5, 2.25, -0.625])[: right.shape[1]]
    assert hint(said(check_jacobian, lambda x: right @ x, lambda x: claim, x)) == message


def test_swapped_rows_are_looked_for_among_the_first_eight():
    x = np.linspace(1, 2, 9)
    for a, b, message in [(6, 7, "rows 6 and 7 swapped"), (0, 8, UNKNOWN)]:
        order = np.arange(9)
        order[[a, b]] = b, a
        assert hint(said(check_jacobian, lambda x: NINE @ x, lambda x, order=order: NINE[order], x)) == message


@pytest.mark.parametrize(
    ("factor", "named"),
    [("3", True), ("4", True), ("pi/180", True), ("x[5]", True), ("-x[3]", True), ("sin(x[2])", True),
     ("-cos(x[5])", True), ("x[4]**2", True), ("x[2]*x[1]", True), ("sin(x[0])*x[0]", True),
     ("x[4]**2*cos(x[3])", True), ("-5", False), ("x[6]", False), ("x[4]*x[0]", False), ("x[0]**2*x[4]", False)],
)  # fmt: skip
def test_factors_are_named_by_the_first_entries_of_the_point(factor, named):
    x = np.array([1.3, 2.2, -0.6, 0.8, 1.7, -1.9, 0.45])
    w = np.linspace(0.1, 0.3, 7)

    def value(x):
        return eval(factor, {"x": x, "pi": np.pi, "sin": np.sin, "cos": np.cos})

    def f(x):
        return np.sin([w @ x])

    for power, words in [(1, "a missing factor"), (-1, "one factor too many,")]:
        text = said(check_jacobian, f, lambda x, k=power: np.cos(w @ x) * w[None] / value(x) ** k, x)
        assert hint(text) == (f"{words} {factor}" if named else f"a constant factor, {value(x) ** power:.4g}")


def test_factors_of_a_matrix_are_named_by_row_and_column():
    x = np.array([[1.3, 2.2], [-0.6, 0.8]])
    text = said(check_vjp, lambda x: x**3, lambda x, v: 3 * x**2 * v / x[1, 0], x)
    assert hint(text) == "a missing factor x[1, 0]"


def test_a_square_cotangent_with_its_rows_for_its_columns_is_recognised():
    A = np.array([[1.0, 2.0, 4.0], [3.0, 5.0, 7.0], [1.0, 0.5, 2.0]])
    text = said(check_vjp, lambda W: W @ A[0], lambda W, v: np.outer(A[0], v), A)
    assert hint(text) == "a square cotangent transposed, as xvᵀ in place of vxᵀ"
    text = said(check_vjp, lambda W: W @ A[0], lambda W, v: np.outer(v, A[1]), A)
    assert "transposed" not in text


def test_the_report_is_as_fine_as_the_difference():
    taylor = "The remainder f(x + h t) - f(x) - h J t falls as h^1.0; with the right J it falls as h^2.\n"
    text = said(check_jacobian, lambda x: x**2, lambda x: 2 * np.diag(x) * (1 + 4e-8), [1 / 3])
    assert text.startswith(
        "J[0, 0] must be 0.6666666667; got 0.6666666933. 1 of 1 entries is wrong.\nThis often means: "
    )
    text = said(check_jvp, lambda x: x**2, lambda x, t: 2 * x * t + [0, 0, t[0] / 9], [1 / 3, 1, 2])
    assert text.startswith(f"(Jt)[2] for t = e[0] must be 0; got 0.1111111. 1 of 9 entries is wrong.\n{taylor}")
    text = said(check_vjp, lambda x: x**2, lambda x, v: x * v, [1 / 3, 1])
    assert text == (
        f"(Jᵀv)[0] for v = e[0] must be 0.6666667; got 0.3333333. 2 of 4 entries are wrong.\n{taylor}"
        "This often means: a missing factor 2."
    )


@pytest.mark.parametrize("share", [1e-5, np.array([[1e-5], [2e-5]])])
def test_lost_digits_are_no_factor(share):
    claim = lambda x: 2 * np.diag(x) * (1 + share)  # noqa: E731
    assert hint(said(check_jacobian, np.square, claim, [1 / 3, 0.7])) == NEARLY


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_the_scale_of_the_entries_does_not_change_what_is_said(scale):
    def g(x):
        return scale * f(x)

    def trace(x):
        return scale * np.trace(jacobian(x))

    assert hint(said(check_jacobian, g, lambda x: scale * (jacobian(x) + 1e-4 * entry(2, 1, np)), X)) == NEARLY
    assert hint(said(check_determinant, g, trace, X)) == "the trace, the sum of the diagonal"
    assert hint(said(check_determinant, g, lambda x: trace(x) * (1 + 1e-5), X)) == UNKNOWN


@pytest.mark.parametrize("seed", range(8))
def test_what_is_wrong_in_random_directions_alone_is_reported_as_that(seed):
    given = []

    def claim(x, t):
        Jt = 2 * x * t**3
        given.extend(Jt if (x == X).all() else [])
        return Jt

    text = said(check_jvp, np.square, claim, X, seed=seed)
    got = re.match(r"⟨v, Jt⟩ for v = e\[\d\] and a random t must be \S+; got (\S+)\. ", text)[1]
    assert float(got) in [float(f"{value:.7g}") for value in given]


def test_an_array_of_integers_is_taken_for_its_values():
    check_jacobian(lambda x: 2 * x, lambda x: 2 * np.eye(2, dtype=int), [1.5, 2.5])
    check_jacobian(relu, lambda x: relu_jacobian(x) > 0, [1.5, -2.5])
    with pytest.raises(CheckError, match="an array of integers, which cuts off fractions"):
        check_jacobian(f, lambda x: jacobian(x).astype(int), X)


@pytest.mark.parametrize(
    ("det", "message"),
    [
        (lambda u: 1.0, "a missing factor x[0]**2*sin(x[1])"),
        (lambda u: u[0] * np.sin(u[1]), "a missing factor x[0]"),
        (lambda u: u[0] ** 2, "a missing factor sin(x[1])"),
        (lambda u: np.sin(u[1]), "a missing factor x[0]**2"),
        (lambda u: -(u[0] ** 2) * np.sin(u[1]), "the opposite sign"),
        (lambda u: 2 * u[0] ** 2 * np.sin(u[1]), "one factor too many, 2"),
        (lambda u: 1 / (u[0] ** 2 * np.sin(u[1])), "the determinant of the inverse map, 1 / det J"),
        (lambda u: np.log(u[0] ** 2 * np.sin(u[1])), "the logarithm of |det J|"),
        (lambda u: np.trace(volume.spherical.jacobian(u)), "the trace, the sum of the diagonal"),
        (lambda u: np.prod(np.diag(volume.spherical.jacobian(u))) + 0.5, UNKNOWN),
        (lambda u: 3.0, UNKNOWN),
        (lambda u: 0.0, "a derivative left out: the claim is all zeros"),
    ],
)
def test_a_wrong_determinant_is_caught_and_explained(det, message):
    u = np.array([2.0, np.pi / 6, np.pi / 3])
    text = said(check_determinant, volume.spherical.map, det, u)
    assert hint(text) == message
    assert text.startswith(f"det J must be 2; got {det(u):.7g}.\n")


def test_a_wrong_determinant_where_it_is_zero_is_not_explained():
    assert said(check_determinant, volume.polar.map, lambda u: 1.0, [0.0, 0.5]).startswith("det J must be 0; got 1.\n")


def test_a_whole_number_is_not_taken_for_an_array_of_integers():
    assert hint(said(check_determinant, volume.polar.map, lambda u: 2.0, [2.5, 0.5])) == UNKNOWN


def test_a_plus_between_the_diagonals_and_one_of_them_alone_are_recognised():
    text = said(check_determinant, f_vec, lambda x: 2 * x[0] * np.sin(x[0]) + x[1] * np.cos(x[0]), [1.5, 2.0])
    assert hint(text) == "a plus where the two diagonals are subtracted"
    plus = said(check_determinant, f, lambda x: 2 * np.diag(jacobian(x)).prod() - np.linalg.det(jacobian(x)), X)
    assert hint(plus) == UNKNOWN  # three rows have more than two diagonals
    alone = said(check_determinant, f, lambda x: np.diag(jacobian(x)).prod(), X)
    assert hint(alone) == "the product of the diagonal alone"


def test_at_two_points_a_factor_two_and_a_radius_of_two_are_not_the_same():
    u = [2.0, 0.5]
    with pytest.raises(CheckError, match=r"a missing factor x\[0\]\."):
        check_determinant(volume.polar.map, lambda u: 1.0, u)
    with pytest.raises(CheckError, match=r"a missing factor 2\."):
        check_determinant(volume.polar.map, lambda u: u[0] / 2, u)


def test_a_single_wrong_entry_of_a_large_matrix_is_caught():
    rng = np.random.default_rng(237)
    W = rng.standard_normal((200, 300)) / 17
    wrong = W.copy()
    wrong[150, 250] *= 1.5
    x = rng.standard_normal(300)
    check_vjp(lambda x: np.tanh(W @ x), lambda x, v: W.T @ ((1 - np.tanh(W @ x) ** 2) * v), x)
    with pytest.raises(CheckError, match=rf"^⟨v, Jt⟩ for a random v and a random t must be .*\n.*first {MOST} entries"):
        check_vjp(lambda x: np.tanh(W @ x), lambda x, v: wrong.T @ ((1 - np.tanh(W @ x) ** 2) * v), x)


def test_arrays_of_any_shape_are_points_and_entries_are_named_by_their_place():
    rng = np.random.default_rng(237)
    x, W = rng.standard_normal((2, 3)), rng.standard_normal((3, 4))
    check_vjp(lambda x: x @ W, lambda x, v: v @ W.T, x)
    check_jvp(lambda x: x @ W, lambda x, t: t @ W, x)
    J = np.einsum("ik,lj->ijkl", np.eye(2), W)
    check_jacobian(lambda x: x @ W, lambda x: J, x)
    check_jacobian(lambda x: x @ W, lambda x: J.reshape(8, 6), x)
    wrong = W.copy()
    wrong[2, 3] += 1
    with pytest.raises(CheckError, match=r"^\(Jᵀv\)\[[01], 2\] for v = e\[[01], 3\] must be"):
        check_vjp(lambda x: x @ W, lambda x, v: v @ wrong.T, x)


# -- No false alarm ---------------------------------------------------------------------------------------------------


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def families(rng, n, m):
    """Right pairs of f, J and x, of scales from 1e-8 to 1e8 in x, in f and in each of their entries."""
    A, b, x = rng.standard_normal((m, n)), rng.standard_normal(m), rng.standard_normal(n)
    s, sx, sy = (10.0 ** rng.uniform(-8, 8, k) for k in (1, n, m))
    up = np.abs(x) * sx
    A32 = A.astype(np.float32)
    gain = lambda y: (1 - np.tanh(y) ** 2)[:, None]  # noqa: E731
    yield lambda x: np.tanh(A @ x / s + b) * s, lambda x: gain(A @ x / s + b) * A, x * s
    yield lambda x: np.tanh(A @ x / s + b), lambda x: gain(A @ x / s + b) * A / s, x * s
    yield lambda x: sy * np.sin(A @ (x / sx)), lambda x: np.outer(sy * np.cos(A @ (x / sx)), 1 / sx) * A, x * sx
    yield lambda x: np.maximum(A @ x + b, 0) * s, lambda x: (A @ x + b > 0)[:, None] * A * s, x
    yield lambda x: np.exp(A @ x), lambda x: np.exp(A @ x)[:, None] * A, x
    yield lambda x: A @ x**2 + 1e4, lambda x: 2 * A * x, x
    yield softmax, lambda x: np.diag(softmax(x)) - np.outer(softmax(x), softmax(x)), 5 * x
    yield lambda x: A @ np.sin(x), lambda x: A * np.cos(x), x * (rng.random(n) < 0.5)
    yield lambda x: np.tanh(A32 @ x), lambda x: gain(A32 @ x) * A32, x.astype(np.float32)
    yield lambda x: np.ones(3), lambda x: np.zeros((3, n)), x
    yield lambda x: A @ x, lambda x: A, x * s
    yield np.log, lambda x: np.diag(1 / x), up
    yield np.sqrt, lambda x: np.diag(0.5 / np.sqrt(x)), up
    yield lambda x: 1 / x, lambda x: np.diag(-1 / x**2), up


@pytest.mark.parametrize("seed", range(12))
def test_right_derivatives_of_every_scale_raise_no_alarm(seed):
    rng = np.random.default_rng(seed)
    n, m = rng.integers(1, 7, 2)
    for g, J, x in families(rng, n, m):
        check_jacobian(g, J, x)
        check_vjp(g, lambda x, v, J=J: (J(x).T @ v).astype(x.dtype), x)
        check_jvp(g, lambda x, t, J=J: J(x) @ t, x)
        if J(x).shape[0] == J(x).shape[1]:
            check_determinant(g, lambda x, J=J: np.linalg.det(J(x)), x)


@pytest.mark.parametrize("r", [0.0, 1e-300, 1e-8, 1.0, 1e8, 1e150])
@pytest.mark.parametrize("g", [volume.polar, volume.spherical, volume.cylindrical], ids=["plane", "ball", "cylinder"])
def test_the_books_own_coordinates_pass_from_the_origin_outward(g, r):
    u = [r, 0.5, 0.7][: len(g.letters)]
    check_jacobian(g.map, g.jacobian, u)
    check_determinant(g.map, g.determinant, u)


@pytest.mark.parametrize("d", [1e-3, 1e-5, 4.1e-6, 1e-9])
def test_a_corner_beside_the_point_raises_no_alarm(d):
    x = np.array([d, -d, 1.0])
    check_vjp(relu, relu_vjp, x)
    check_jacobian(lambda x: 5 + relu(x), relu_jacobian, x)


def test_the_worked_example_passes():
    check_jacobian(f_vec, jacobian_analytical, [1.5, 2.0])


# -- Corners, edges, bad input ----------------------------------------------------------------------------------------


def test_at_a_corner_there_is_no_derivative_to_check():
    with pytest.raises(
        CheckError, match=r"^f must have a derivative at x; along e\[1\] its slope is 0 left, 1 right of it\.$"
    ):
        check_vjp(relu, relu_vjp, [1.0, 0.0, -2.0])
    with pytest.raises(CheckError, match=r"along e\[0\] its slope is -1 left, 1 right of it"):
        check_jacobian(np.abs, lambda x: np.zeros((1, 1)), [0.0])
    with pytest.raises(CheckError, match="slope is 1 left, 0 right"):
        check_jacobian(lambda x: np.minimum(x, 0), lambda x: np.zeros((1, 1)), [0.0])


def test_a_corner_that_no_axis_crosses_is_met_in_a_random_direction():
    def f(x):  # flat along each axis
        return np.atleast_1d(np.abs(x[0] * x[1]) ** 0.5)

    for seed in range(8):
        with pytest.raises(CheckError, match=r"along a random direction its slope is -\d.* left, \d.* right of it\.$"):
            check_jvp(f, lambda x, t: np.zeros(1), [0.0, 0.0], seed=seed)


@pytest.mark.parametrize("side", [1, -1])
def test_a_one_sided_slope_is_that_of_a_value_that_is_not_0(side):
    def f(x):
        return 3 + 2 * x + np.sqrt(side * x) ** 3

    s = slope(f, np.array([0.0]), np.array([1.0]))
    assert s.value[0] == pytest.approx(2, abs=1e-4)
    assert abs(s.value[0] - 2) <= s.error[0]
    assert s.jump[0] == 0
    s = slope(lambda x: np.append(f(x), 5.0), np.array([0.0]), np.array([-2.0]))
    assert s.value == pytest.approx([-4, 0], abs=1e-4)


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("scale", [1.0, 1e9])
def test_a_one_sided_slope_leaves_out_steps_at_which_f_has_no_value_or_another_shape(side, scale):
    def f(x):  # from scale / 2 on a second value, and no first one between 0.9 and 1.1 times the scale
        far = side * (x[0] - scale)
        values = [np.nan if far < 0 or 0.9 < far / scale < 1.1 else 3 * np.sin(far), 1.0]
        return np.array(values[: 2 if far > scale / 2 else 1])

    s = slope(f, np.array([scale]), np.array([1.0]))
    assert s.value[0] == pytest.approx(3 * side, rel=1e-6)
    assert abs(s.value[0] - 3 * side) <= s.error[0] < 1e-5


def test_a_slope_leaves_out_steps_that_do_not_move_the_point():
    x = np.array([1e8], np.float32)  # the next number is 8 away
    for f in (lambda x: x.astype(float) ** 2, lambda x: np.where(x < 1e8, np.nan, x.astype(float) ** 2)):
        s = slope(f, x, np.ones(1))
        assert abs(s.value[0] - 2e8) <= s.error[0] < 2e4


@pytest.mark.parametrize(
    ("x", "t", "precision", "powers"),
    [
        ([1.0], [1.0], 2.0**-52, range(-14, 0)),  # the steps of the best difference lie about ϵ^(1/3) = 8^-5.8
        ([0.0], [1.0], 2.0**-52, range(-14, 0)),
        ([4.0, 1e9], [1.0, 0.0], 2.0**-52, range(-14, 0)),
        ([1.0], [1.0], 2.0**-23, range(-6, 0)),
        ([1.0], [1.0], 2.0**-10, range(-4, 0)),
        ([1e6], [1.0], 2.0**-52, range(-9, 6)),
        ([1.0], [-1e-6], 2.0**-52, range(-9, 6)),
        ([1e-8], [1.0], 2.0**-52, range(-18, 0)),
        ([1e6, 1e-8], [1.0, 1.0], 2.0**-52, [*range(-18, -9), *range(-8, 6)]),
        ([1e20], [1.0], 2.0**-52, [*range(-9, 0), *range(8, 22)]),
    ],
)
def test_the_steps_go_from_the_scale_of_the_point_down_and_below_its_smallest_entry(x, t, precision, powers):
    assert steps(np.array(x), np.array(t), precision) == [8.0**k for k in sorted(powers, reverse=True)]


@pytest.mark.parametrize(
    ("rung", "t", "options", "expected"),
    [
        (central, [1.0, 0.0], {}, (0.5, 2.0, 1.0, 10.5)),
        (central, [1.0, 1.0], {}, (0.5, 6.0, 2.0, 17.0)),  # with the slope, since many entries are rounded
        (one_sided, [1.0, 0.0], {}, (0.5, 2.0, 0.0, 19.25)),
        (one_sided, [1.0, 0.0], {"side": -1}, (0.5, 2.0, 0.0, 13.25)),
    ],
)
def test_a_rung_tells_its_step_its_slope_the_change_of_slope_and_the_size_of_what_was_subtracted(
    rung, t, options, expected
):
    f = lambda x: np.sum(x**2, keepdims=True)  # noqa: E731
    told = rung(f, np.array([1.0, 2.0]), np.array(t), 0.5, np.array([5.0]), **options)
    np.testing.assert_array_equal(np.ravel(told), expected)


def test_a_slope_in_single_precision_is_taken_over_the_distance_that_the_rounded_points_have():
    x = np.array([1 / 3, 7.7], np.float32)
    s = slope(lambda x: 3 * x.astype(float), x, np.array([1.0, 0.0]))
    np.testing.assert_array_equal(s.value, [3.0, 0.0])


@pytest.mark.parametrize("size", [1.0, 0.5])
def test_a_rung_in_single_precision_is_as_wide_as_its_rounded_points_are_apart(size):
    x, t = np.array([1 / 3, 7.7], np.float32), np.array([size, 0.0])
    right, left = (x[0] + np.float32(step * size) for step in (3.75, -3.75))
    apart = (float(right) - float(left)) / size
    assert apart != 7.5
    h, D, *_ = central(lambda x: 3 * x[:1].astype(float), x, t, 3.75, np.array([1.0]))
    assert (h, D) == (apart / 2, 3.0 * size)


def test_a_rung_along_several_entries_is_as_wide_as_was_asked():
    x = np.array([1 / 3, 7.7], np.float32)
    h, *_ = central(lambda x: x.astype(float), x, np.ones(2), 5.0, x.astype(float))
    assert h.tolist() == [5.0, 5.0]


def test_a_function_without_a_value_nearby_is_refused_with_the_point_in_short():
    f = lambda x: np.where(x == np.arange(7), x, np.nan)  # noqa: E731
    with pytest.raises(ValueError, match=r"no finite value at \[0\. 1\. 2\. \.\.\. 4\. 5\. 6\.\] ± a step$"):
        slope(f, np.arange(7.0), np.ones(7))


def by_hand(h, D, turn, size, precision):
    """What a ladder says of one entry, rung by rung: the slope, its error, and the jump at a corner."""
    rungs, tiny = range(len(h)), np.finfo(float).tiny
    gap = [abs(D[k + 1] - D[k]) for k in rungs[:-1]]
    noise = 2 * sorted(gap[k] * h[k + 1] for k in rungs[:-1][-5:])[1]
    floor = [(precision * size[k] + noise) / h[k] for k in rungs]
    error = {}
    for k in rungs[1:-1]:
        corner = abs(turn[k]) if abs(turn[k]) > abs(turn[k - 1]) / 2 else 0
        error[k] = max(max(gap[k - 1], gap[k]) + corner + floor[k], tiny)
    trusted = [k for k in error if error[k] < abs(D[k]) / 100]
    best = min(trusted, key=lambda k: error[k] / max(abs(D[k]), tiny)) if trusted else min(error, key=error.get)
    seen, jump = [k for k in rungs if abs(turn[k]) > 100 * floor[k]][-4:], 0.0
    if len(seen) == 4:
        last = [abs(turn[k]) for k in seen]
        below = seen[-1] + 1
        hidden = below == len(h) or 100 * floor[below] > last[-1] / 2
        if hidden and max(last) - min(last) < 0.2 * max(last) and last[-1] > 1e-3 * abs(D[seen[-1]]):
            jump = turn[seen[-1]]
    return D[best], error[best], jump


def ladders(rng, rungs, entries):
    """Slopes that settle and then lose digits, or never do; second differences that stay, fall, or change at once."""
    h = np.repeat(8.0 ** -np.arange(rungs)[:, None], entries, axis=1)
    noise = 10.0 ** rng.uniform(-9, -3, entries)
    D = rng.choice([0.0, 1e-4, 1.0], entries) + rng.uniform(0, 0.05, entries) * h**2
    D = D + noise * rng.uniform(-1, 1, h.shape) * h ** -rng.integers(0, 2) * rng.choice([0.0, 1e-3, 1], entries)
    turn = 10.0 ** rng.uniform(-4, 1, entries) * (1 + rng.uniform(0, 0.25, entries) * rng.uniform(-1, 1, h.shape))
    turn = (
        turn * rng.choice([-1, 1], entries) * np.where(rng.random(h.shape) < 0.1, rng.choice([0, 0.4, 3], h.shape), 1)
    )
    turn = turn * np.where(rng.random(entries) < 0.2, h, 1)
    return h, D, turn, rng.uniform(0, 3, h.shape), 10.0 ** rng.uniform(-12, -3)


def test_a_ladder_is_judged_entry_by_entry_as_its_definition_says():
    rng, jumps = np.random.default_rng(237), []
    for rungs in [4, 5, 6, 9, 12] * 40:
        h, D, turn, size, precision = ladders(rng, rungs, 50)
        s = judged(h, D, turn, size, precision)
        expected = np.array([by_hand(*(a[:, i] for a in (h, D, turn, size)), precision) for i in range(50)])
        np.testing.assert_allclose(np.array([s.value, s.error, s.jump]).T, expected, rtol=1e-12)
        jumps += list(s.jump != 0)
    assert 0.1 < np.mean(jumps) < 0.9


def test_random_directions_take_each_entry_in_its_own_scale_and_every_second_one_no_less_than_1():
    x = np.array([[1e-3, 0.0], [1.0, 1e5]], np.float32)
    one_hot, random = np.split(directions(x, 1), [4])
    np.testing.assert_array_equal(one_hot, np.eye(4))
    sizes = np.abs(random)
    for rows, scales in [(sizes[0::2], [1, 1, 1, 1e5]), (sizes[1::2], [np.float32(1e-3), 1, 1, 1e5])]:
        assert ((rows >= 0.5 * np.array(scales)) & (rows < scales)).all()
    assert (random < 0).any() and (random > 0).any()  # noqa: PT018
    assert np.unique(np.round(sizes / 10.0 ** np.floor(np.log10(sizes)), 9)).size == 16
    np.testing.assert_array_equal(directions(x, 1), directions(x, 1))
    assert directions(np.ones(100), 1).shape == (MOST + 4, 100)


def test_at_the_edge_of_the_domain_one_sided_slopes_are_taken():
    u = [0.0, 0.5]
    s = slope(volume.polar.map, np.array(u), np.array([1.0, 0.0]))
    np.testing.assert_allclose(s.value, [np.cos(0.5), np.sin(0.5)], rtol=1e-12)
    with pytest.raises(CheckError, match=r"J\[\d, 0\] must be"):
        check_jacobian(volume.polar.map, lambda u: -volume.polar.jacobian(u), u)
    check_jacobian(lambda x: np.sqrt(1 - x) ** 3, lambda x: np.array([[-1.5 * np.sqrt(1 - x[0])]]), [1.0])


def test_the_remainder_falls_with_the_square_for_the_right_product_alone():
    x, t = np.array([1.5, 2.0]), np.array([1.0, -1.0])
    right = jacobian_analytical(x) @ t
    assert remainder_order(f_vec, x, t, right) == pytest.approx(2, abs=0.05)
    assert remainder_order(f_vec, x, t, right + 0.1) == pytest.approx(1, abs=0.05)


def test_the_remainder_is_taken_in_the_scale_of_the_entries_that_move():
    for f, x, Jt in [(np.exp, [1e9, 1.0], np.e), (np.square, [1.0, 1e9], 2e9)]:
        order = remainder_order(lambda x, f=f: f(x[1:]), np.array(x), np.array([0.0, 1.0]), Jt)
        assert order == pytest.approx(2, abs=0.05)


def test_a_reader_whose_numpy_raises_gets_the_same_slopes_and_orders():
    tiny, x, t = np.finfo(float).tiny, np.zeros(1), np.ones(1)

    def steep(x):
        return np.exp(-708 - 1000 * x)

    def corner(x):
        return tiny * (1 - np.abs(x) / 3)

    with np.errstate(all="raise"):  # both underflow beside x
        s, order = slope(corner, x, t), remainder_order(steep, x, t, -1000 * steep(x))
    assert s.jump / tiny == pytest.approx(-2 / 3, rel=0.01)
    assert 1.5 < order < 2.5


def test_the_steps_of_a_remainder_at_0_are_below_a_500th():
    def f(x):
        return np.where(np.abs(x) < 1 / 500, np.exp(x), np.nan)

    assert remainder_order(f, np.zeros(1), np.ones(1), 1.0) == pytest.approx(2, abs=0.01)


def test_where_f_has_no_value_a_step_away_no_remainder_is_told():
    text = said(check_jacobian, lambda x: np.sqrt(1 - x) ** 3 + x, lambda x: np.array([[2.0]]), [1.0])
    assert re.match(r"J\[0, 0\] must be (1|0\.9999\d*|1\.0000\d*); got 2\. 1 of 1 entries is wrong\.\n", text)
    assert "remainder" not in text


@pytest.mark.parametrize("kind", [float, np.float32])
def test_a_wrong_claim_is_looked_at_again_a_tenth_further_from_zero_in_the_same_precision(kind):
    x, seen = np.array([[1e-3, 0.0], [-1.0, 1e5]], kind), []
    said(check_jvp, np.sin, lambda x, t: seen.append(x) or 0 * t, x)
    here, there = seen[0], seen[-1]
    np.testing.assert_array_equal(here, x)
    assert there.dtype == here.dtype == kind
    step = (there - x) / np.where(x == 0, 1, x)
    assert ((step > 0.049) & (step < 0.101)).all()
    assert np.unique(step).size == 4


def test_a_value_of_integers_is_taken_as_floats_and_one_that_is_no_number_is_refused():
    check_jacobian(lambda x: np.array([1, 2]), lambda x: np.zeros((2, 3)), X)
    check_vjp(lambda x: np.array([1, 2]), lambda x, v: np.zeros(3), X)
    with pytest.raises(ValueError, match=r"^f\(x\) must be finite; got -inf$"):
        check_jacobian(lambda x: np.array([1.0, -np.inf]), lambda x: np.zeros((2, 3)), X)


def test_a_claim_with_as_many_entries_in_another_shape_lacks_none():
    text = said(check_jacobian, f, lambda x: np.ones((9, 1)), X)
    assert text == "J must have shape (3, 3); got (9, 1)."


def test_a_seed_gives_the_same_message_twice():
    def message(seed):
        with pytest.raises(CheckError) as caught:
            check_vjp(f, lambda x, v: 1.1 * jacobian(x).T @ v, X, seed=seed)
        return str(caught.value)

    assert message(1) == message(1)


@pytest.mark.parametrize(
    ("check", "claim"),
    [
        (check_jacobian, lambda x: 2 * np.eye(3)),
        (check_jvp, lambda x, t: 2 * t),
        (check_vjp, lambda x, v: 2 * v),
        (check_determinant, lambda x: 2.0),
    ],
)
def test_a_seed_asks_the_same_twice_and_another_one_something_else(check, claim):
    def asked(seed):
        seen = []
        with pytest.raises(CheckError):
            check(lambda x: x + 0, lambda *a: seen.append(np.concatenate(a)) or claim(*a), X, seed=seed)
        return np.array(seen)

    np.testing.assert_array_equal(asked(1), asked(1))
    assert asked(1).shape == asked(2).shape
    assert not np.array_equal(asked(1), asked(2))


@pytest.mark.parametrize(("kind", "answer"), [(float, float), (np.float32, np.float32), (np.float32, np.float16)])
def test_tangents_have_the_precision_of_the_point_and_cotangents_that_of_the_value(kind, answer):
    x, seen = np.array([0.5, 1.0], kind), set()
    check_jvp(lambda x: np.sin(x).astype(answer), lambda x, t: seen.add(t.dtype) or (np.cos(x) * t).astype(answer), x)
    assert seen == {np.dtype(kind)}
    seen.clear()
    check_vjp(lambda x: np.sin(x).astype(answer), lambda x, v: seen.add(v.dtype) or np.cos(x) * v, x)
    assert seen == {np.result_type(answer, np.float32)}


def test_a_wrong_output_that_has_no_direction_of_its_own_does_not_drown_among_larger_ones():
    scale, wrong = np.where(np.arange(40) == 39, 1e-9, 1e3), np.where(np.arange(40) == 39, 2, 1)
    check_vjp(lambda x: scale * x, lambda x, v: scale * v, np.ones(40))
    assert "must be" in said(check_vjp, lambda x: scale * x, lambda x, v: wrong * scale * v, np.ones(40))


def test_a_determinant_may_be_an_array_of_one_number_and_of_no_more():
    check_determinant(np.sin, lambda x: np.array([np.prod(np.cos(x))]), X)
    assert said(check_determinant, np.sin, lambda x: np.ones(2), X).startswith("det J must have shape (); got (2,).")


def test_arguments_are_left_as_they_are():
    x = X.copy()

    def greedy(x, v):
        answer = jacobian(x).T @ v
        x[:] = v[:] = 99
        return answer

    check_vjp(f, greedy, x)
    np.testing.assert_array_equal(x, X)


def raises(x):
    raise KeyError("f's own")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: check_jacobian(f, jacobian, []), ValueError, r"x must have at least one entry; got shape \(0,\)"),
        (lambda: check_vjp(f, jacobian, [1.0, np.nan]), ValueError, "x must be finite; got nan at index 1"),
        (lambda: check_jvp(f, jacobian, ["a"]), TypeError, "x must hold real numbers; got dtype <U1"),
        (lambda: check_jacobian(f, jacobian, X * 1j), TypeError, "x must hold real numbers; got dtype complex128"),
        (
            lambda: check_jacobian(np.sin, np.cos, np.ones(2, np.float16)),
            TypeError,
            "x must have single or double precision; got float16",
        ),
        (lambda: check_jacobian(raises, jacobian, X), KeyError, '"f\'s own"'),
        (lambda: check_jacobian(lambda x: x * np.nan, jacobian, X), ValueError, r"f\(x\) must be finite; got nan"),
        (
            lambda: check_jacobian(lambda x: x if (x == X).all() else x + np.nan, jacobian, X),
            ValueError,
            r"f must be finite near x; got no finite value at .* ± a step",
        ),
        (
            lambda: check_jacobian(lambda x: x[:2], lambda x: np.ones((3, 2)), X),
            CheckError,
            r"J must have shape \(2, 3\); got \(3, 2\)\.\nThis often means: a transpose\.",
        ),
        (
            lambda: check_jacobian(f, lambda x: jacobian(x)[:, :2], X),
            CheckError,
            r"J must have shape \(3, 3\); got \(3, 2\)\.\nThis often means: a row or a column left out\.",
        ),
        (lambda: check_vjp(f, lambda x, v: 1.0, X), CheckError, r"Jᵀv must have shape \(3,\); got \(\)\."),
        (lambda: check_jvp(f, lambda x, t: None, X), CheckError, r"Jt must have shape \(3,\); got \(\)\."),
        (
            lambda: check_vjp(f, lambda x, v: v * 1j, X),
            CheckError,
            r"Jᵀv must hold real numbers; got dtype complex128\.",
        ),
        (
            lambda: check_jacobian(f, lambda x: jacobian(x) * np.inf, X + 1),
            CheckError,
            r"J must be finite; got \w+ at \[0, \d\]\.",
        ),
        (
            lambda: check_determinant(lambda x: x[:2], np.sum, X),
            ValueError,
            "f must have as many values as x has entries, 3; got 2",
        ),
        (lambda: check_determinant(f, jacobian, X), CheckError, r"det J must have shape \(\); got \(3, 3\)\."),
    ],
)
def test_bad_input_is_named(call, error, message):
    with np.errstate(invalid="ignore"), pytest.raises(error, match=f"^{message}$"):
        call()


def test_integers_and_single_precision_are_taken():
    check_jacobian(f_vec, jacobian_analytical, [1, 2])
    check_vjp(np.sin, lambda x, v: np.cos(x) * v, np.array([0.5, 1.0], dtype=np.float32))
    with pytest.raises(CheckError, match="the opposite sign"):
        check_vjp(np.sin, lambda x, v: -np.cos(x) * v, np.array([0.5, 1.0], dtype=np.float32))


def test_a_claim_that_is_zero_where_one_looked_is_not_called_zero_everywhere():
    def late(x, v):  # right but for the first 32 entries, which are all that is looked at one by one
        return np.where(np.arange(40) < 32, 0, 2 * x * v)

    with pytest.raises(CheckError, match=r"the claim is all zeros, in its first 32 entries\.$"):
        check_vjp(np.square, late, np.linspace(1, 2, 40))
    for n in (5, 32):
        with pytest.raises(CheckError, match=r"the claim is all zeros\.$"):
            check_vjp(np.square, lambda x, v: 0 * v, np.linspace(1, 2, n))
    with pytest.raises(CheckError, match=r"the claim is all zeros\.$"):  # of a whole matrix each entry is looked at
        check_jacobian(np.square, lambda x: np.zeros((40, 40)), np.linspace(1, 2, 40))
    for g, vjp, n in [
        (lambda x: x @ x, lambda x, v: np.where(np.arange(33) < 32, 0, 2 * x * v), 33),
        (lambda x: np.arange(33) * x, lambda x, v: v[32:] * 32, 1),
    ]:
        with pytest.raises(CheckError, match=r"the claim is all zeros, in its first 32 entries\.$"):
            check_vjp(g, vjp, np.linspace(1, 2, n))
