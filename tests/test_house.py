"""The law of the house: one stem in each place, each hop one step, nothing of the workshop in the text."""

import ast
import doctest
import re
import sys
from pathlib import Path

import pytest

from _ext.results import Checker

ROOT = Path(__file__).parents[1]
BOOK, SOURCE = ROOT / "book", ROOT / "src/jacobians"
TEXT = {path.name: path.read_text(encoding="utf-8") for path in BOOK.glob("*.md")}
ENTRIES = re.findall(r"^```\{toctree\}.*?^```", TEXT["index.md"], re.M | re.S)
CHAPTERS = [stem for entry in ENTRIES[:-1] for stem in re.findall(r"^[a-z]+$", entry, re.M)]
LOOKED_UP = re.findall(r"^[a-z]+$", ENTRIES[-1], re.M)
TERM = re.compile(r"(\*\*)?\{term\}`(?:[^<`]*<)?([^>`]+)>?`")
UNTIMED = {"summary"}  # a table has no peer


def module_name(path):
    """The name of a module under src/jacobians/, its package for the parts of one: layers for layers/dense.py."""
    return path.relative_to(SOURCE).with_suffix("").parts[0]


MODULES = {}
for path in sorted(SOURCE.rglob("*.py")):
    MODULES.setdefault(module_name(path), []).append(ast.parse(path.read_text(encoding="utf-8")))


def imports(module):
    """The chapters that a module imports, itself or through the modules that serve it."""
    found, left = set(), [module]
    while left:
        nodes = [node for tree in MODULES[left.pop()] for node in ast.walk(tree)]
        names = {n.module for n in nodes if isinstance(n, ast.ImportFrom) and n.module and n.module != "jacobians"}
        names |= {f"jacobians.{a.name}" for n in nodes if isinstance(n, ast.ImportFrom) and n.module == "jacobians"
                  for a in n.names}  # fmt: skip
        new = {name.split(".")[1] for name in names if name.startswith("jacobians.")} & set(MODULES) - found - {module}
        found |= new
        left += new - set(CHAPTERS)
    return found & set(CHAPTERS)


def test_every_page_stands_in_the_table_of_contents():
    assert {f"{stem}.md" for stem in [*CHAPTERS, *LOOKED_UP, "index"]} == set(TEXT)


@pytest.mark.parametrize("stem", CHAPTERS)
def test_a_chapter_is_explained_run_held_and_timed_under_one_stem(stem):
    assert stem in MODULES, f"src/jacobians/{stem}.py is missing"
    places = [f"book/{stem}.md", f"tests/test_{stem}.py"] + [f"benchmarks/bench_{stem}.py"] * (stem not in UNTIMED)
    for place in places:
        assert (ROOT / place).is_file(), f"{place} is missing"
    assert any(f"Explained in book/{stem}.md" in (ast.get_docstring(tree) or "") for tree in MODULES[stem])
    assert f"jacobians.{stem}" in TEXT["reference.md"]


@pytest.mark.parametrize("stem", CHAPTERS)
def test_reading_order_is_import_order(stem):
    assert imports(stem) <= set(CHAPTERS[: CHAPTERS.index(stem)])


@pytest.mark.parametrize("stem", CHAPTERS)
def test_a_figures_name_is_the_function_that_draws_it(stem):
    for name in re.findall(r"^    name: fig-(\S+)$", TEXT[f"{stem}.md"], re.M):
        function = name.replace("-", "_")
        assert f"\nfigures.{function}(" in TEXT[f"{stem}.md"]
        assert f"def {function}(" in (SOURCE / f"figures/{stem}.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("stem", CHAPTERS)
def test_every_figure_has_a_caption_and_a_name(stem):
    cells = re.findall(r"^```\{code-cell\} python\n(.*?)^```", TEXT[f"{stem}.md"], re.M | re.S)
    for cell in [c for c in cells if re.search(r"^figures\.", c, re.M)]:
        assert re.search(r"name: fig-.*\n +caption: \S", cell)


@pytest.mark.parametrize("stem", CHAPTERS)
def test_every_routine_of_a_chapter_is_shown_or_used_in_it(stem):
    trees = MODULES[stem] if (SOURCE / f"{stem}.py").is_file() else []  # of a package the names are in the reference
    for node in [node for tree in trees for node in tree.body]:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            assert re.search(rf"\b{node.name}\b", TEXT[f"{stem}.md"]), f"{stem}.md never mentions {node.name}"


EXERCISES = {stem: re.findall(r"^:::\{exercise\} (\S+) (.*)$", TEXT[f"{stem}.md"], re.M) for stem in CHAPTERS}


@pytest.mark.parametrize("stem", [stem for stem in CHAPTERS if stem != "summary"])
def test_a_chapter_opens_with_what_it_is_for_and_ends_with_what_it_has_shown_and_three_exercises(stem):
    opening, *_, shown, exercises = re.split(r"^## ", TEXT[f"{stem}.md"], flags=re.M)
    assert re.search(r"^After this chapter you can .*\.\nYou need .* half an hour\.$", opening, re.M)
    assert shown.startswith("What this chapter has shown\n")
    assert exercises.startswith("Exercises\n")
    assert len(EXERCISES[stem]) == 3
    assert ".checks.check_" in exercises, "no exercise of the chapter is checked by code"


def test_the_solutions_stand_in_the_order_of_the_exercises_and_under_their_titles():
    asked = [exercise for stem in CHAPTERS for exercise in EXERCISES[stem]]
    assert asked == re.findall(r"^\(solution-(\S+)\)=\n### (.*)$", TEXT["solutions.md"], re.M)
    headings = [TEXT[f"{stem}.md"].split("# ")[1].splitlines()[0] for stem in CHAPTERS if EXERCISES[stem]]
    assert headings == re.findall(r"^## (.*)$", TEXT["solutions.md"], re.M)


@pytest.mark.parametrize("solution", re.split(r"^\(solution-", TEXT["solutions.md"], flags=re.M)[1:])
def test_a_solution_needs_no_code_of_another(solution):
    code = "\n".join(re.findall(r"^```python\n(.*?)^```", solution, re.M | re.S))
    examples = doctest.DocTestParser().get_doctest(code, {}, solution.split(")")[0], None, 0)
    assert doctest.DocTestRunner(Checker(), verbose=False).run(examples).failed == 0


def test_the_glossary_is_in_order_and_each_term_is_linked_where_it_is_explained_and_once_a_chapter():
    blocks = [block.splitlines() for block in TEXT["glossary.md"].split("```")[1].split("\n\n")]
    names = [[line for line in block if line[0] not in " {"] for block in blocks]
    firsts = [name[0].lower() for name in names]
    assert firsts == sorted(firsts)
    links = {stem: TERM.findall(TEXT[f"{stem}.md"]) for stem in CHAPTERS}
    for stem, found in links.items():
        assert len({target.lower() for _, target in found}) == len(found), f"{stem}.md links a term twice"
    linked = {target.lower() for found in links.values() for _, target in found}
    assert linked <= {one.lower() for name in names for one in name}
    bold = {target.lower() for found in links.values() for stars, target in found if stars}
    for name in names:
        assert {one.lower() for one in name} & linked, f"no chapter links {name[0]}"
    assert len(bold) > len(names) / 2


def test_every_work_of_the_bibliography_is_cited_and_stands_in_order():
    keys = re.findall(r"^@\w+\{(\w+),$", (BOOK / "references.bib").read_text(encoding="utf-8"), re.M)
    assert keys == sorted(keys)
    cited = {
        key for text in TEXT.values() for keys in re.findall(r"\{cite:\w+\}`([\w,]+)`", text) for key in keys.split(",")
    }
    assert cited == set(keys)


@pytest.mark.parametrize("module", sorted({*MODULES} - {"duals"}))  # the rules of duals: see test_forward
def test_every_public_routine_says_what_comes_back(module):
    for node in [node for tree in MODULES[module] for node in tree.body]:
        registered = any(ast.unparse(made_by).startswith("rule(") for made_by in getattr(node, "decorator_list", []))
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_") and not registered:
            assert ast.get_docstring(node), f"{module}.{node.name} has no docstring"


@pytest.mark.parametrize("page", TEXT)
def test_code_fits_a_page_and_a_phone_turned_sideways(page):
    fences = re.findall(r"^```(?:python|\{code-cell\} python)\n(?:---\n.*?^---\n)?(.*?)^```", TEXT[page], re.M | re.S)
    for line in "\n".join(fences).splitlines():
        assert len(line) <= 80, line


@pytest.mark.parametrize("page", TEXT)
def test_no_word_asks_the_reader_to_take_it_on_trust(page):
    found = re.findall(
        r"\b(?:simply|obviously|of course|note that|it can be shown|clearly|trivially)\b", TEXT[page], re.I
    )
    assert not found


def test_a_changed_result_cannot_hide_behind_an_option_of_doctest():
    for path in [*BOOK.glob("*.md"), *SOURCE.rglob("*.py")]:
        assert "# doctest:" not in path.read_text(encoding="utf-8"), path


def test_the_oldest_python_is_said_in_one_way():
    config = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'requires-python = ">=3.11"' in config
    assert 'target-version = "py311"' in config
    assert sys.version_info >= (3, 11)


def test_every_pinned_package_has_a_hash_and_no_file_names_an_index():
    for lock in [ROOT / "requirements.lock", *ROOT.glob("*/requirements.lock")]:
        text = lock.read_text(encoding="utf-8")
        pinned = re.findall(r"^([a-z][^\s=]*)==\S+.*\n((?: .*\n)*)", text, re.M)
        assert len(pinned) > 5
        assert all("--hash=sha256:" in hashes for _, hashes in pinned)
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text)
