"""What was planted in the book and what was caught, read from a file and set as tables. See book/checked.md."""

from itertools import groupby
from pathlib import Path

import numpy as np

from jacobians import measured
from jacobians.summary import Table

FILE = Path(__file__).parents[2] / "tests" / "mutated.json"
DIGITS = {
    "outputs": "a digit of an expected output, set beside what the run printed",
    "prose": "a digit of the prose, set beside the record of its reason",
    "tests": "a digit of every expected output at once, read by the tests",
    "build": "the same, read by the build of the site",
}
PEERS = ["JAX", "autograd", "SymPy"]


def read(path=FILE):
    """What the file says: kind of change → [planted, caught]; ``code``: module → the same; ``date`` and ``python``;
    and ``answers``: routine → peer → cases.

    Raises:
        FileNotFoundError: nothing was planted yet.
    """
    return measured.read(path, "make mutate")


def _table(head, counts):
    """A `Table` of (name, [planted, caught])."""
    return Table([head, "Planted", "Caught"], [[name, *[f"{n:,}" for n in pair]] for name, pair in counts.items()])


def digits(path=FILE):
    """The digits that were changed, and those that were noticed.

    >>> digits().head
    ['What was changed', 'Planted', 'Caught']
    """
    kept = read(path)  # no sum: the last two are parts of the first
    return _table("What was changed", {words: kept[name] for name, words in DIGITS.items()})


def code(path=FILE):
    """The changes of code, module by module, a package as one, and those that a test noticed.

    >>> code().body[-1][0]
    'all'
    """
    counts = read(path).get("code")
    if not counts:
        return Table(["No code was changed yet; `make mutants` does it"], [])
    shown = {f"`{name}`": _total(counts, those) for name, those in groupby(counts, lambda name: name.split(".")[0])}
    return _table("Module", shown | ({"all": _total(counts, counts)} if len(shown) > 1 else {}))


def answers(path=FILE):
    """The random cases in which routines were compared with programs that share no code with them.

    >>> answers().head
    ['Module', 'Routines', 'JAX', 'autograd', 'SymPy']
    """
    cases, body = _cases(path), []
    for module, names in groupby(sorted(cases), lambda name: name.split(".")[0]):
        those = [cases[name] for name in names]
        body.append([f"`{module}`", *_sums(those)])
    return Table(["Module", "Routines", *PEERS], [*body, ["all", *_sums(cases.values())]])


def _sums(cases):
    """How many routines there are, and how many of their cases each peer has seen."""
    return [f"{n:,}" for n in (len(cases), *(sum(one.get(peer, 0) for one in cases) for peer in PEERS))]


def fewest(path=FILE):
    """The smallest number of cases in which one routine was compared with one of the peers that differentiate code."""
    return min((one.get(peer, 0) for one in _cases(path).values() for peer in PEERS[:2]), default=0)


def _cases(path):
    """routine → peer → cases; none if they were not counted yet."""
    return read(path).get("answers", {})


def _total(counts, names):
    """The sums of planted and of caught."""
    return np.sum([counts[name] for name in names], axis=0)
