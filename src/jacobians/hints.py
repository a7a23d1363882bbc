"""What a failed check says: the worst entry, and what such an error often means.

A good teacher tries the usual slips before naming one. Each hint here is an operation that would make the claim right;
it is reported if it does so, at the point of the check and at a second point nearby, where a factor 2 and a factor
x[0] = 2 are not the same. `jacobians.checks` is the user of this module.
"""

import itertools
from dataclasses import dataclass, replace

import numpy as np

from jacobians.slopes import MOST, Measured, remainder_order, values


@dataclass(frozen=True)
class Entries:
    """A claim beside what f says, an array each: of shape (m, k) for k tangents, or (cotangents, k).

    In its first ``rows`` and ``columns``, directions are one-hot: an entry there is an entry of J, or the determinant.
    ``turned`` is what the claim would be if each cotangent of a square matrix were transposed.
    """

    seen: Measured
    claimed: np.ndarray
    expected: np.ndarray
    tolerance: np.ndarray
    rows: int
    columns: int
    name: str
    cotangents: np.ndarray | None = None
    turned: np.ndarray | None = None

    @property
    def off(self):
        """How many tolerances each entry is away."""
        return np.abs(self.claimed - self.expected) / np.maximum(self.tolerance, np.finfo(float).tiny)

    @property
    def single(self):
        """The entries of one-hot directions alone."""
        names = ["claimed", "expected", "tolerance"] + ["turned"] * (self.turned is not None)
        return replace(self, **{name: getattr(self, name)[: self.rows, : self.columns] for name in names})

    def report(self):
        """The worst entry, in a sentence or three."""
        i, j = np.unravel_index(self.off.argmax(), self.off.shape)
        wrong, expected, got = int((self.off > 1).sum()), self.expected[i, j], self.claimed[i, j]
        digits = 7 if f"{expected:.7g}" != f"{got:.7g}" else 10
        text = f"{self.called(i, j)} must be {expected:.{digits}g}; got {got:.{digits}g}."
        if self.name == DETERMINANT:
            return text
        text += f" {wrong} of {self.off.size} entries {'is' if wrong == 1 else 'are'} wrong."
        v = np.eye(1, self.seen.y.size, i)[0] if self.cotangents is None else self.cotangents[i]
        order = remainder_order(lambda x: [v @ values(self.seen.f, x)], self.seen.x, self.seen.tangents[j], got)
        return text + (TAYLOR.format(order) if 0.9 < order < 1.1 else "")

    def called(self, i, j):
        """The name of entry (i, j)."""
        row = index(i, self.seen.y.shape) if i < self.rows else None
        column = index(j, self.seen.x.shape) if j < self.columns else None
        v, t = (f"a random {k}" if at is None else f"{k} = e[{at}]" for k, at in [("v", row), ("t", column)])
        name = self.name if column is not None else "⟨v, Jt⟩ for {v} and {t}"
        return name.format(i=row, j=column, v=v, t=t)

    def corner(self):
        """What to say where f has no derivative."""
        jumps = self.seen.jumps
        i, j = np.unravel_index(np.abs(jumps).argmax(), jumps.shape)
        t = f"e[{index(j, self.seen.x.shape)}]" if j < self.columns else "a random direction"
        left, right = (self.seen.slopes[i, j] + side * jumps[i, j] / 2 for side in (-1, 1))
        return f"f must have a derivative at x; along {t} its slope is {left:.4g} left, {right:.4g} right of it."


DETERMINANT = "det J"
ALONE = (
    f"Directions with a single 1 agree, in the first {MOST} entries. This often means: a claim that is not linear in "
    "its direction; single precision on the way; or a slip in the entries after those."
)
TAYLOR = "\nThe remainder f(x + h t) - f(x) - h J t falls as h^{:.1f}; with the right J it falls as h^2."


def index(k, shape):
    """The place of flat entry ``k`` in an array of ``shape``, as it is written between brackets."""
    return ", ".join(str(int(i)) for i in np.unravel_index(k, shape or (1,)))


def explain(cases):
    """What is wrong and what that often means, from the entries of one claim at one or two points."""
    single = [case.single for case in cases]
    if not (single[0].off > 1).any():
        return f"{cases[0].report()}\n{ALONE}"
    rules = (whole, transposed, parts, integers, zeros, scalar, nearly)
    hint = next((hint for rule in rules for hint in rule(single)), None)
    often = f"This often means: {hint}." if hint else "No usual slip explains it: derive this entry again."
    return f"{single[0].report()}\n{often}"


def agree(case, other, where=...):
    """True if ``other`` would have been right, at the entries ``where``; NaN stands for an entry that is not known."""
    if other.shape != case.expected.shape:
        return False
    difference = np.abs(other - case.expected)[where]
    known = np.isfinite(difference)
    enough = known.sum() > difference.size / 2 and np.any(case.expected[where][known])
    return bool(enough and (difference <= (case.tolerance + 1e-6 * np.abs(case.expected))[where])[known].all())


def shifted(A, by, axis):
    """``A`` with its rows or columns moved by one; NaN where nothing comes from."""
    moved = np.roll(A, by, axis)
    np.moveaxis(moved, axis, 0)[0 if by > 0 else -1] = np.nan
    return moved


def swapped(A, axis):
    """Each pair of the first rows or columns, with ``A`` in which they are swapped."""
    for a, b in itertools.combinations(range(min(A.shape[axis], 8)), 2):
        order = np.arange(A.shape[axis])
        order[[a, b]] = b, a
        yield a, b, np.take(A, order, axis)


def whole(cases):
    """Operations on the whole matrix."""
    if cases[0].name == DETERMINANT:
        return
    other = "Jᵀ in place of J" if cases[0].cotangents is None else "J in place of Jᵀ"
    for name, change in {
        "the opposite sign": lambda A: -A,
        other: lambda A: A.T,
        f"{other}, and the opposite sign": lambda A: -A.T,
        "rows off by one, each a row too late": lambda A: shifted(A, -1, 0),
        "rows off by one, each a row too early": lambda A: shifted(A, 1, 0),
        "columns off by one, each a column too late": lambda A: shifted(A, -1, 1),
        "columns off by one, each a column too early": lambda A: shifted(A, 1, 1),
        "the Jacobian of the inverse map": lambda A: np.linalg.pinv(A),
    }.items():
        if all(agree(case, change(case.claimed)) for case in cases):
            yield name
    for axis, what in enumerate(["rows", "columns"]):
        for a, b, _ in swapped(cases[0].claimed, axis):
            if all(agree(case, {(i, j): A for i, j, A in swapped(case.claimed, axis)}[a, b]) for case in cases):
                yield f"{what} {a} and {b} swapped"


def transposed(cases):
    """The cotangent of a square matrix, with its rows for its columns."""
    if all(case.turned is not None and agree(case, case.turned) for case in cases):
        yield "a square cotangent transposed, as xvᵀ in place of vxᵀ"


def zeros(cases):
    """Rows or columns of zeros that should not be zero, if they are all that is wrong."""
    C, wrong = cases[0].claimed, cases[0].off > 1
    if not C.any():
        whole = C.shape in {(1, 1), (cases[0].seen.y.size, cases[0].seen.x.size)}
        yield "a derivative left out: the claim is all zeros" + ("" if whole else f", in its first {MOST} entries")
    for axis, what in [(0, "column"), (1, "row")]:
        empty = ~C.any(axis=axis) & wrong.any(axis=axis)
        if empty.any() and not (wrong & ~np.expand_dims(empty, axis)).any():
            yield f"{what} {np.flatnonzero(empty)[0]} left out: it is all zeros"


def integers(cases):
    """An array that cannot hold fractions."""
    C, T = cases[0].claimed, cases[0].expected
    if C.size > 1 and C.any() and not (C % 1).any() and (np.abs(C - T) < 1).all():
        yield "an array of integers, which cuts off fractions"


FUNCTIONS = {"{}": float, "sin({})": np.sin, "cos({})": np.cos, "exp({})": np.exp}


def factors(x):
    """Factors that are often forgotten, by name: constants, and what the first entries of ``x`` offer."""
    yield from [("-1", -1.0), ("2", 2.0), ("3", 3.0), ("4", 4.0), ("pi/180", np.pi / 180)]
    entries = [(f"x[{index(k, x.shape)}]", float(v)) for k, v in enumerate(np.ravel(x)[:6])]
    ones = [
        part for name, v in entries for part in [(name, v), (f"sin({name})", np.sin(v)), (f"cos({name})", np.cos(v))]
    ]
    powers = [(f"{name}**2", v**2) for name, v in entries]
    pairs = [(f"{a}*{b}", v * w) for k, (a, v) in enumerate(ones[:12] + powers) for b, w in ones[:12][: k + 1]]
    for name, value in [*ones, *powers, *pairs]:
        yield from [(name, value), (f"-{name}", -value)]


def parts(cases):
    """A factor that is missing, or one too many, where the claim is wrong."""
    wrong = cases[0].off > 1
    offered = [list(factors(case.seen.x)) for case in cases]
    for k, (name, _) in enumerate(offered[0]):
        values = [offer[k][1] for offer in offered]
        for power, what in [(1, "a missing factor"), (-1, "one factor too many,")]:
            if all(v and agree(case, case.claimed * v**power, wrong) for case, v in zip(cases, values, strict=True)):
                yield f"{'the opposite sign' if name == '-1' else f'{what} {name}'}{place(wrong, cases[0])}"
    if cases[0].name != DETERMINANT:
        yield from multiples(cases)


def multiples(cases):
    """One factor for all entries, or one for each row or column."""
    for axis, what in [(None, ""), (1, "row"), (0, "column")]:
        if all(agree(case, case.claimed * ratio(case, axis)) for case in cases):
            c = ratio(cases[0], axis).ravel()
            if (np.abs(c - 1) < 1e-3).all():
                continue  # digits are lost, no factor: see `nearly`
            each = f"a factor for each {what}, as of a diagonal matrix left out: {c[:4].round(4).tolist()}"
            yield each if what else f"a constant factor, {c[0]:.4g}"


def ratio(case, axis):
    """What the claim C must be multiplied by, over all entries or along an axis: T·C / C·C, and 1 where C is 0.

    T is what f says. Each entry of both is divided by its tolerance.
    """
    C, T = case.claimed / case.tolerance, case.expected / case.tolerance
    size = (C * C).sum(axis, keepdims=True)
    return np.where(size > 0, (T * C).sum(axis, keepdims=True), 1) / np.where(size > 0, size, 1)


def place(wrong, case):
    """Where the wrong entries stand, if not everywhere."""
    rows, columns = np.flatnonzero(wrong.any(axis=1)), np.flatnonzero(wrong.any(axis=0))
    if wrong[case.expected != 0].all():
        return ""
    if wrong.sum() == 1:
        return f" in entry [{rows[0]}, {columns[0]}]"
    if len(columns) == 1:
        return f" in column {columns[0]}"
    return f" in row {rows[0]}" if len(rows) == 1 else " in the wrong entries"


def scalar(cases):
    """What else may be claimed for a determinant."""
    if cases[0].name != DETERMINANT:
        return
    for name, change in {
        "the determinant of the inverse map, 1 / det J": lambda T, J: 1 / T,
        "the logarithm of |det J|": lambda T, J: np.log(np.abs(T)),
        "the trace, the sum of the diagonal": lambda T, J: np.trace(J),
        "the product of the diagonal alone": lambda T, J: np.prod(np.diag(J)),
        "a plus where the two diagonals are subtracted": lambda T, J: (
            2 * np.prod(np.diag(J)) - T if len(J) == 2 else np.nan
        ),
    }.items():
        with np.errstate(all="ignore"):
            pairs = [(case.claimed, change(case.expected, case.seen.slopes)) for case in cases]
        if all(np.all(np.abs(C - A) <= 1e-6 * np.abs(C)) for C, A in pairs):
            yield name


def nearly(cases):
    """Slips of precision, where no operation fits."""
    C, T = cases[0].claimed, cases[0].expected
    if (np.abs(C - T) < 1e-2 * np.abs(T).max()).all():
        yield "a derivative by differences with too large or too small a step, or single precision on the way"
