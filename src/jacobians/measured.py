"""What ``make bench`` measured, read from its file and set as tables. Explained in book/measured.md."""

import json
import re
from pathlib import Path

from jacobians.summary import Table

FILE = Path(__file__).parents[2] / "benchmarks" / "measured.json"
HEAD = ["Contender", "Time", "Ratio", "Quartiles", "Largest error", "f calls", "Peak memory"]


def read(path=FILE, command="make bench"):
    """What a ``command`` left in its file; `make bench`: stem → run, with its machine, date, versions and problems.

    Raises:
        FileNotFoundError: nothing was measured yet.
    """
    if not Path(path).exists():
        raise FileNotFoundError(f"what was measured must stand in {path}; `{command}` writes it")
    return json.loads(Path(path).read_text(encoding="utf-8"))


def fastest(problem):
    """The label of the fastest of ours, or None if all of ours failed."""
    ours = [one for one in problem["contenders"] if one["role"] == "ours" and "seconds" in one]
    return min(ours, key=lambda one: one["seconds"][1])["label"] if ours else None


def reference(problem):
    """The label beside which the others are set: the one that the problem names, or else the fastest of ours.

    None if it failed.
    """
    well = [one["label"] for one in problem["contenders"] if "seconds" in one]
    named = problem["beside"] or fastest(problem)
    return named if named in well else None


def duration(seconds):
    """Three digits and a unit.

    >>> duration(0.0001234), duration(0.9999), duration(74.04)
    ('123 µs', '1.00 s', '74.0 s')
    """
    return _with_unit(seconds, {1: "s", 1e-3: "ms", 1e-6: "µs", 1e-9: "ns"})


def memory(count):
    """Three digits and a unit, in powers of ten.

    >>> memory(80), memory(800_000), memory(74_506_000_000)
    ('80 B', '800 kB', '74.5 GB')
    """
    return _with_unit(count, {1e9: "GB", 1e6: "MB", 1e3: "kB", 1: "B"})


def _with_unit(value, units):
    value = float(f"{value:.3g}")
    unit = next((unit for unit in units if value >= unit), min(units))
    digits = f"{value:.0f}" if units[unit] == "B" else f"{value / unit:#.3g}".rstrip(".")
    return f"{digits} {units[unit]}"


def ratio(value):
    """Three digits without an exponent, up to a million.

    >>> ratio(1.0), ratio(13.249), ratio(12345.6)
    ('1.00', '13.2', '12300')
    """
    digits = f"{value:#.3g}".rstrip(".") if value < 999.5 else f"{float(f'{value:.3g}'):.6g}"
    return f"{value:.2f}" if value < 10 else digits


def line(one, beside):
    """A contender's line of the table."""
    label = f"{one['label']}, ours" if one["role"] == "ours" else one["label"]
    if "failed" in one:
        return [f"{label}: failed, {one['failed']}", *[""] * (len(HEAD) - 1)]
    low, middle, high = one["over"].get(beside, [None] * 3)
    return [
        label,
        duration(one["seconds"][1]),
        ratio(middle) if beside else "",
        f"{ratio(low)}–{ratio(high)}" if beside and one["label"] != beside else "",
        f"{one['error']:.0e}".replace("0e+00", "0") if "error" in one else "",
        f"{one['evaluations']:,}" if "evaluations" in one else "",
        held(one),
    ]


def held(one):
    """The peak memory of a contender; where the process was watched, whose noise is 4 MB, less is not told apart."""
    if one["seen_by"] == "rss":
        return f"{memory(one['bytes']) if one['bytes'] > 4e6 else 'under 4 MB'} (process)"
    return f"{memory(one['bytes'])}{' (answer)' * (one['seen_by'] == 'answer')}"


def table(problem):
    """One problem's `Table`: the fastest first, the failed last; a column that says nothing is left out."""
    beside = reference(problem)
    contenders = sorted(problem["contenders"], key=lambda one: one["seconds"][1] if "seconds" in one else float("inf"))
    body = [line(one, beside) for one in contenders]
    kept = [j for j in range(len(HEAD)) if j == 0 or any(row[j] for row in body)]
    return Table([HEAD[j] for j in kept], [[row[j] for j in kept] for row in body])


def circumstances(run):
    """Where, when and with what a stem was measured, in one sentence."""
    versions = ", ".join(f"{name} {version}" for name, version in sorted(run["versions"].items()))
    missing = f" Not installed: {', '.join(sorted(run['missing']))}." if run["missing"] else ""
    how = f"{run['threads']}, at a load of {run['load']}"
    return f"Measured on {run['date']}, on {run['machine']}; {how}; with {versions}.{missing}"


def unbroken(table):
    """The same table, its numbers tied to their units."""
    tied = [[row[0], *[re.sub(r"(?<=\d) ", "\N{NO-BREAK SPACE}", cell) for cell in row[1:]]] for row in table.body]
    return Table(table.head, tied)


class Tables:
    """The tables of one stem, each under its problem's name and goal."""

    def __init__(self, run):
        self.run = run

    def __repr__(self):
        return "\n\n".join([circumstances(self.run), *[f"{p['name']}\n{table(p)!r}" for p in self.run["problems"]]])

    def _repr_markdown_(self):
        parts = []
        for problem in self.run["problems"]:
            goal = f"\n\nThe goal: {problem['goal']}." if problem["goal"] else ""
            parts.append(f"**{problem['name']}**{goal}\n\n{unbroken(table(problem))._repr_markdown_()}")
        return "\n\n".join([*parts, circumstances(self.run)])


def tables(stem, path=FILE):
    """The tables of ``stem``, or a sentence that it was not measured yet."""
    runs = read(path)
    return Tables(runs[stem]) if stem in runs else Table([f"{stem}: not measured yet; `make bench` does it"], [])
