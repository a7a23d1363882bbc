"""Changes of what runs while a module is loaded, tried where the book is loaded anew: a part of `make mutants`.

Mutmut tries each change in a fork of a process that has the book loaded, and runs the tests that called the function.
A function that makes rules or tables while its module is loaded was called before, unchanged, and by no test. Here what
survived of such functions meets all tests of their package, in forks of a process that has only the libraries loaded.
"""

import compileall
import gc
import importlib
import json
import os
import pkgutil
import sys
import tomllib
import warnings
from collections import defaultdict
from pathlib import Path

import pytest
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state

SURVIVED, CAUGHT = 0, 1
UNCHANGED = "none.none__mutmut_0"  # no function has this name
LIBRARIES = """
array_api_compat.torch array_api_strict autograd.numpy dask.array hypothesis.strategies jax.test_util matplotlib.pyplot
scipy.integrate scipy.optimize scipy.sparse.linalg scipy.special sybil sympy torch.func
"""
ROOT = Path.cwd()  # _build/mutants/mutants


def called_in_loading():
    """The functions that are called while the modules of the book are loaded, by the names that Mutmut gives them."""
    reading, writing = os.pipe()
    if not os.fork():
        set_mutant_under_test("stats")
        book = importlib.import_module("jacobians")
        for found in pkgutil.walk_packages(book.__path__, "jacobians."):
            importlib.import_module(found.name)
        os.write(writing, json.dumps(sorted(state()._stats)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        names = json.loads(pipe.read())
    os.wait()
    return names


def package(name):
    """The package of a function: jacobians.duals of jacobians.duals.rules.x_rule."""
    return ".".join(name.split(".")[:2])


def start(mutant, tests, arguments):
    """A fork that tries a change; its process."""
    if child := os.fork():
        return child
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    set_mutant_under_test(mutant)
    code = CAUGHT  # of what pytest itself lets through
    try:
        code = int(pytest.main(["--rootdir=.", "-x", "-q", *arguments, *tests]))
    finally:
        os._exit(code)


def ended(status):
    """What comes of a fork, as an exit code; a change with which no test can be loaded is caught."""
    code = os.waitstatus_to_exitcode(status)
    return CAUGHT if code in {pytest.ExitCode.INTERRUPTED, pytest.ExitCode.USAGE_ERROR} else code


def main():
    settings = tomllib.loads(Path("../pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"]
    arguments = [*settings["pytest_add_cli_args"], "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    compileall.compile_dir("src", quiet=1)
    warnings.simplefilter("ignore")
    for name in LIBRARIES.split():
        importlib.import_module(name)
    early, tests = set(called_in_loading()), defaultdict(set)
    for name, those in json.loads(Path("mutmut-stats.json").read_text())["tests_by_mangled_function_name"].items():
        tests[package(name)] |= set(those)
    gc.freeze()
    sound = set()  # packages whose tests pass without any change
    for path in sorted(Path("src").rglob("*.py.meta")):
        kept = json.loads(path.read_text(encoding="utf-8"))
        codes, running = kept["exit_code_by_key"], {}
        again = [name for name, code in codes.items() if code == SURVIVED and name.split("__mutmut_")[0] in early]
        for name in {package(mutant) for mutant in again} - sound:
            if os.waitpid(start(UNCHANGED, sorted(tests[name]), arguments), 0)[1]:
                raise RuntimeError(f"the tests of {name} fail without any change")
            sound.add(name)
        while again or running:
            while again and len(running) < os.cpu_count():
                mutant = again.pop()
                running[start(mutant, sorted(tests[package(mutant)]), arguments)] = mutant
            child, status = os.wait()
            codes[running.pop(child)] = ended(status)
        path.write_text(json.dumps(kept), encoding="utf-8")


if __name__ == "__main__":
    main()
