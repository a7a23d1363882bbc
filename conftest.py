"""Pytest reads the printed results of `src/` and `book/` through Sybil, and compares them as the build does."""

from hypothesis import settings
from sybil import Sybil
from sybil.document import PythonDocStringDocument
from sybil.integration.pytest import pytest_integration as collector
from sybil.parsers.myst import PythonCodeBlockParser
from sybil.parsers.rest import DocTestParser

from _ext.results import Checker
from tests import libraries

SOURCES = ["src/*/*.py", "src/*/*/*.py", "_ext/*.py"]  # Sybil's ** is one folder

settings.register_profile("book", deadline=None)  # a slow machine is no failure
settings.load_profile("book")

docstrings, chapters = DocTestParser(), PythonCodeBlockParser()
for doctests in (docstrings.string_parser, chapters.doctest_parser):
    doctests.evaluator.runner._checker = Checker()

pytest_collect_file = collector(
    Sybil([docstrings], patterns=SOURCES, document_types={".py": PythonDocStringDocument}),
    Sybil([chapters], patterns=["book/*.md"]),
)


def pytest_report_header(config):
    return libraries.header()
