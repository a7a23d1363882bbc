"""Change the code of `src/`, one small change at a time, and see that a test fails: ``make mutants``.

Mutmut plants the changes, in a copy of the book under _build/mutants, and runs the tests that reach the function, in
any order (see tests/whole.py). In the copy, code that Mutmut passes by is rewritten (see tests/opened.py). Each change
is tried in a fork of a process that has the book loaded; what runs while a module is loaded was not changed there, and
is tried again by tests/loading.py.
What it found stands in tests/mutated.json, for the page "How this book is checked"; each change that no test noticed
stands in tests/survivors.txt, under its module: what was changed, and then why that is no fault, once somebody knows.
``make mutants AGAIN=1`` goes on with the last run: what survived it, or was not tried yet, meets the tests of today.
"""

import argparse
import filecmp
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.opened import opened
from tests.small_book import copied

ROOT = Path(__file__).parents[1]
COPY = ROOT / "_build" / "mutants"
FILE, SURVIVORS = (Path(__file__).parent / name for name in ("mutated.json", "survivors.txt"))
UNREASONED = "?"
OF_THE_BUILD = {
    "exercises",
    "extensions",
    "faults",
    "formulas",
    "house",
    "independent",
    "load",
    "print",
    "prose",
    "stale",
    "supply",
}
SETTINGS = """
[tool.mutmut]
source_paths = ["src"]
only_mutate = {chosen}
pytest_add_cli_args = [
    "-p", "no:cacheprovider", "-p", "no:unraisableexception", "-p", "tests.whole", "--tb=no",
    "-k", "not processes and not terminal and not progress",
]
pytest_add_cli_args_test_selection = {tests}
also_copy = {others}
process_isolation = "forkserver"
"""
KILLED, TIMEOUT = {1, 3}, {36, 24, -24, 152, 255, -9, -11}
STATS = COPY / "mutants/mutmut-stats.json"  # which functions each test reaches


def lay_copy(modules):
    """Lay a copy of the book with mutmut's settings in it: those of the book itself stay free of them."""
    copied(COPY)
    for path in (COPY / "src").rglob("*.py"):
        path.write_text(opened(path.read_text(encoding="utf-8")), encoding="utf-8")
    tests = [path.name for path in sorted((ROOT / "tests").glob("test_*.py"))]
    tests = ["tests/whole.py", *(f"tests/{name}" for name in tests if name[5:-3] not in OF_THE_BUILD)]
    others = [path.name for path in sorted(COPY.iterdir()) if path.name not in {"src", "pyproject.toml"}]
    chosen = [f"src/jacobians/{name.replace('.', '/')}{end}" for name in modules for end in (".py", "/*.py")]
    settings = SETTINGS.format(chosen=json.dumps(chosen), tests=json.dumps(tests), others=json.dumps(others))
    with (COPY / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(settings)


def forget(mutants, reached):
    """Have the copy of the last run try ``mutants`` again; what the tests of changed files reach is learnt anew."""
    for path in (COPY / "mutants/src").rglob("*.py.meta"):
        kept = json.loads(path.read_text(encoding="utf-8"))
        kept["exit_code_by_key"] |= dict.fromkeys(mutants & kept["exit_code_by_key"].keys())
        path.write_text(json.dumps(kept), encoding="utf-8")
    files = {name.split("::")[0] for name in reached["duration_by_test"]}
    same = {name for name in files if (ROOT / name).exists() and filecmp.cmp(ROOT / name, COPY / name, shallow=False)}
    took = {name: time for name, time in reached["duration_by_test"].items() if name.split("::")[0] in same}
    STATS.write_text(json.dumps(reached | {"duration_by_test": took}), encoding="utf-8")


def mutmut(*words):
    return subprocess.run([sys.executable, "-m", "mutmut", *words], cwd=COPY, capture_output=True, text=True)


def exits():
    """module -> {mutant: exit code of its tests, or None if it was not tried yet}."""
    found = {}
    for path in sorted((COPY / "mutants/src").rglob("*.py.meta")):
        module = ".".join(path.relative_to(COPY / "mutants/src/jacobians").parts).removesuffix(".py.meta")
        if codes := json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]:
            found[module.removesuffix(".__init__")] = codes
    return found


def survivors(codes):
    return {name for name, code in codes.items() if code not in {None} | KILLED | TIMEOUT}


def change(mutant):
    """What a mutant changed, as one line: the function, what stood there, what came in its place."""
    shown = mutmut("show", mutant).stdout
    before, after = (
        " ".join(line[1:].strip() for line in shown.splitlines() if re.match(rf"[{sign}](?![{sign}])", line))
        for sign in "-+"
    )
    return f"{re.sub(r'__mutmut_.*|x_', '', mutant.rsplit('.', 1)[-1])}: {before} -> {after}"


def reasons():
    """What is known of survivors: (module, change) -> why it is no fault."""
    known, module = {}, ""
    lines = SURVIVORS.read_text(encoding="utf-8").splitlines() if SURVIVORS.exists() else []
    for line in lines:
        if line.startswith("## "):
            module = line[3:]
        elif "\t" in line:
            known[module, line.split("\t")[0]] = line.split("\t")[1]
    return known


def record(found):
    """Keep and print what was caught, and what was not with the reasons that are known."""
    kept = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    known, code = reasons(), kept.get("code", {})
    for module, codes in found.items():
        lost = sorted(survivors(codes))
        now = {(module, line): known.get((module, line), UNREASONED) for line in map(change, lost)}
        known = {key: reason for key, reason in known.items() if key[0] != module} | now
        code[module] = [len(codes), len(codes) - len(lost)]
        print(f"{module}: {code[module][1]} of {code[module][0]} changes caught")
    text = ["What no test noticed, and why that is no fault; made by `make mutants`, which keeps reasons."]
    for module in sorted({key[0] for key in known}):
        text += ["", f"## {module}", *sorted(f"{line}\t{why}" for (name, line), why in known.items() if name == module)]
    SURVIVORS.write_text("\n".join(text) + "\n", encoding="utf-8")
    FILE.write_text(json.dumps(kept | {"code": dict(sorted(code.items()))}, indent=1) + "\n", encoding="utf-8")


def main(modules, again):
    """Plant in the modules and packages named, or in all."""
    tried = exits() if again else {}
    if tried:
        forget(set().union(*map(survivors, tried.values())), json.loads(STATS.read_text(encoding="utf-8")))
    else:
        shutil.rmtree(COPY, ignore_errors=True)
    lay_copy(sorted(tried) or modules or ["*"])
    ended = mutmut("run", "--max-children", str(os.cpu_count()))
    whole = [module for module, codes in exits().items() if None not in codes.values()]
    if whole:
        subprocess.run([sys.executable, "-m", "tests.loading"], cwd=COPY / "mutants", check=True)
        record({module: exits()[module] for module in whole})
    if len(whole) < max(len(exits()), 1):
        print(ended.stdout[-2000:], ended.stderr[-2000:])
        print("Not all changes were tried; `make mutants AGAIN=1` goes on.")
        return 1
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--again", action="store_true")
    parser.add_argument("modules", nargs="*")
    sys.exit(main(**vars(parser.parse_args())))
