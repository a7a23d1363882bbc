"""Each chapter as one test, and each module as one: for `make mutants`, tests that need no other before them.

Mutmut runs any choice of tests in any order. The examples of a chapter build on those above them; one that ran alone
would fail, whatever was planted. As a plugin of pytest this file also has the quickest tests run first, its own last.
"""

import doctest
import gc
import importlib
import json
import os
import pkgutil
from pathlib import Path

import pytest
from sybil.document import Document

import conftest
import jacobians
from _ext.results import Checker
from tests.small_book import ROOT

CHAPTERS = sorted(ROOT.glob("book/*.md"))
MODULES = sorted(found.name for found in pkgutil.walk_packages(jacobians.__path__, "jacobians."))
TOOK = Path("mutmut-stats.json")  # where Mutmut runs the tests
FINDER = doctest.DocTestFinder(recurse=False)


def pytest_collection_modifyitems(items):
    took = json.loads(TOOK.read_text(encoding="utf-8"))["duration_by_test"] if TOOK.exists() else {}
    items.sort(key=lambda item: (item.path.name == Path(__file__).name, took.get(item.nodeid, 0)))


def pytest_collection_finish():
    gc.freeze()  # each change is tried in a fork, which then need not copy what the collector looks through


def pytest_runtest_setup(item):
    if os.environ.get("MUTANT_UNDER_TEST") == "stats":  # while Mutmut learns which functions a test reaches
        for value in vars(item.module).values():
            getattr(value, "cache_clear", bool)()  # none finds what another one computed


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_the_examples_of_a_chapter_print_what_they_say(path):
    for example in Document.parse(str(path), conftest.chapters).examples():
        example.evaluate()


def documented(module):
    """The routines and classes of a module, and the methods of these, but not the changed ones beside them."""
    own = {name: value for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__}
    for value in [value for value in own.values() if isinstance(value, type)]:
        own |= {f"{value.__name__}.{name}": method for name, method in vars(value).items()}
    return {name: value for name, value in own.items() if "mutmut" not in name}


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_print_what_they_say(name):
    module = importlib.import_module(name)
    runner = doctest.DocTestRunner(checker=Checker(), verbose=False)
    for routine, value in documented(module).items():
        for test in FINDER.find(value, routine, module=False, globs=vars(module)):
            runner.run(test, out=print)
    assert not runner.failures
