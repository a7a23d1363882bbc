"""Pytest reads the printed results of `src/` and `book/` through Sybil, and compares them as the build does."""

from sybil import Sybil
from sybil.document import PythonDocStringDocument
from sybil.integration.pytest import pytest_integration as collector
from sybil.parsers.myst import PythonCodeBlockParser
from sybil.parsers.rest import DocTestParser

from _ext.results import Checker

docstrings, chapters = DocTestParser(), PythonCodeBlockParser()
for doctests in (docstrings.string_parser, chapters.doctest_parser):
    doctests.evaluator.runner._checker = Checker()

pytest_collect_file = collector(
    Sybil([docstrings], patterns=["src/*/*.py", "src/*/*/*.py", "_ext/*.py"], document_types={".py": PythonDocStringDocument}),
    Sybil([chapters], patterns=["book/*.md"]),
)
