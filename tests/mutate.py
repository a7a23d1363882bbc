"""Change each digit that the book prints, one at a time, and see that the change is caught: ``make mutate``.

A digit of an expected output is caught if what the run printed no longer agrees with it (`_ext.results.same_output`,
the one judge of the tests and of the build). To see that this judge is asked, one digit of every expected output is
then changed at once, in a copy of the book: the tests and the build of the site must name every one of them. A digit
of the prose is caught if the record of its page complains (`tests.prose`).

The cases in which routines are compared with programs that share no code with them are counted too (`tests.answers`).
"""

import importlib
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sybil.evaluators.doctest import DocTestEvaluator

from _ext.results import Checker, same_output
from tests.prose import complaints, numbers_of, pages
from tests.small_book import copied

ROOT = Path(__file__).parents[1]
FILE = Path(__file__).parent / "mutated.json"
TREES = ["src", "_ext", "book"]
BESIDE = "tests/test_independent.py"


class Recorder:
    """A plugin of pytest that keeps what each example expected and printed, and where it stands."""

    def __init__(self):
        self.seen = []  # (path, line, want, got)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self):
        evaluate, check = DocTestEvaluator.__call__, Checker.check_output

        def placed(evaluator, example):
            self.place = Path(example.path).relative_to(ROOT), example.line
            return evaluate(evaluator, example)

        def kept(checker, want, got, flags):
            self.seen.append((*self.place, want, got))
            return check(checker, want, got, flags)

        DocTestEvaluator.__call__, Checker.check_output = placed, kept
        try:
            return (yield)
        finally:
            DocTestEvaluator.__call__, Checker.check_output = evaluate, check


def others(text, start):
    """``text`` with the digit at ``start`` changed to each of the nine others."""
    return [text[:start] + digit + text[start + 1 :] for digit in "0123456789" if digit != text[start]]


def digits(text):
    return [match.start() for match in re.finditer(r"\d", text)]


def mutate_outputs(seen):
    """(planted, caught, survivors) over the digits of all expected outputs."""
    planted, survivors = 0, []
    for path, line, want, got in seen:
        for start in digits(want):
            planted += 1
            if passed := [changed for changed in others(want, start) if same_output(changed, got)]:
                survivors.append(f"{Path(path).relative_to(ROOT)}:{line}: {passed[0].strip()}")
    return planted, planted - len(survivors), survivors


def mutate_prose():
    """The same over the digits of the numbers in prose, captions, tables and alt texts."""
    planted, survivors = 0, []
    for name, (path, reader) in pages().items():
        text = path.read_text(encoding="utf-8")
        survivors += complaints(name)  # what complains anyhow can show nothing
        for number in numbers_of(reader(text)):
            for offset in digits(number.text):
                planted += 1
                if not all(complaints(name, changed) for changed in others(text, number.start + offset)[:3]):
                    survivors.append(f"{path.relative_to(ROOT)}:{number.line}: {number.text}")
    return planted, planted - len(survivors), survivors


def plant(copy, seen):
    """Change, in the files of ``copy``, the last digit of the first line with one of each expected output; how many."""
    planted = []
    for path, line, want, _ in seen:
        wanted = next((part.strip() for part in want.splitlines() if digits(part)), None)
        if wanted is None:
            continue
        lines = (copy / path).read_text(encoding="utf-8").splitlines()
        at = next(i for i in range(line - 1, len(lines)) if lines[i].strip() == wanted)
        start = digits(lines[at])[-1]
        lines[at] = others(lines[at], start)[0]
        (copy / path).write_text("\n".join(lines) + "\n", encoding="utf-8")
        planted.append(path)
    return planted


def mutate_at_once(seen):
    """(planted, caught) by the tests, and by the build of the site, when all expected outputs are changed at once."""
    with tempfile.TemporaryDirectory() as folder:
        copy = copied(Path(folder) / "book")
        planted = plant(copy, seen)
        env = os.environ | {"PYTHONPATH": str(copy / "src"), "PYTHONUTF8": "1", "SOURCE_DATE_EPOCH": "0"}
        tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=no", *TREES]
        build = [
            sys.executable,
            "-m",
            "sphinx",
            "--conf-dir",
            ".",
            "-q",
            "-d",
            "_build/doctrees",
            "book",
            "_build/html",
        ]
        tested = subprocess.run(tests, cwd=copy, capture_output=True, text=True, env=env).stdout
        built = subprocess.run(build, cwd=copy, capture_output=True, text=True, env=env).stderr
    failed = re.search(r"(\d+) failed", tested)
    chapters = sum(path.suffix == ".md" for path in planted)
    return {
        "tests": (len(planted), int(failed[1]) if failed else 0),
        "build": (chapters, built.count("the run does not print what the chapter says")),
    }


def main():
    """Plant, print and keep the figures; 1 if anything survived."""
    recorder = Recorder()
    if pytest.main(["-q", "--no-header", "-p", "no:cacheprovider", *TREES, BESIDE], plugins=[recorder]):
        return 1  # what fails before a change can show nothing
    cases = importlib.import_module("tests.answers").COMPARED  # counted by this run; before it, pytest must load it
    kept, lost = {}, []
    for name, (planted, caught, survivors) in {
        "outputs": mutate_outputs(recorder.seen),
        "prose": mutate_prose(),
    }.items():
        kept[name], lost = (planted, caught), lost + survivors
    kept |= mutate_at_once(recorder.seen)
    for name, (planted, caught) in kept.items():
        print(f"{name}: {caught} of {planted} changes caught")
    print(*lost, sep="\n")
    print(f"{sum(map(Counter.total, cases.values()))} cases of {len(cases)} routines beside their peers")
    before = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    when = {"date": datetime.now(UTC).strftime("%Y-%m-%d"), "python": platform.python_version()}
    beside = {"answers": {routine: dict(sorted(peers.items())) for routine, peers in sorted(cases.items())}}
    FILE.write_text(json.dumps(before | when | kept | beside, indent=1) + "\n", encoding="utf-8")
    return int(any(planted != caught for planted, caught in kept.values()))


if __name__ == "__main__":
    sys.exit(main())
