"""Each exercise has a solution and each solution an exercise, and a reader finds the way: planted in a small book."""

import re
from zipfile import ZipFile

import nbformat
import pytest

from tests.small_book import small_book, sphinx

FRONT = "---\nfile_format: mystnb\n---\n"
PAGES = {
    "index": "# A book\n\n```{toctree}\none\nsolutions\nglossary\nbibliography\nIndex <genindex>\n```\n",
    "one": "# One\n\nA **{term}`tangent`**, {cite:t}`griewank2008`, and {cite:p}`squire1998`;"
    " see {ref}`exercise-one-1`.\n\n## Exercises\n\n:::{exercise} one-1 A sum of $x$\nAdd 1 and 2.\n:::\n",
    "solutions": f"{FRONT}# Solutions\n\n## One\n\n(solution-one-1)=\n### A sum of $x$\n\nThree.\n\n"
    "```python\n>>> 1 + 2\n3\n```\n\nThat is all.\n",
    "glossary": "# Glossary\n\n```{glossary}\ntangent\n    A change.\n```\n",
    "bibliography": "# Bibliography\n\n```{bibliography}\n```\n",
}
FAULTS = {
    "lone": ("## Exercises\n\n:::{exercise} lone-1 Alone\nText.\n:::\n", "exercise-lone-1 has no solution"),
    "found": ("(solution-lost-1)=\n## Lost\n\nText.\n", "solution-lost-1 has no exercise"),
    "order": (":::{exercise} order-2 Second\nText.\n:::\n", "exercise 1 of this page must be order-1; got order-2"),
    "strange": (":::{exercise} other-1 Of another\nText.\n:::\n", "1 of this page must be strange-1; got other-1"),
    "nameless": (":::{exercise} nameless-1\nText.\n:::\n", "2 argument(s) required, 1 supplied"),
    "empty": (":::{exercise} empty-1 Empty\n:::\n", 'Content block expected for the "exercise" directive'),
    "unknown": ("See {cite:t}`nobody1999`.\n", 'could not find bibtex key "nobody1999"'),
    "term": ("See {term}`no such term`.\n", "term not in glossary: 'no such term'"),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder of a small book in which all is right, as a site, in LaTeX and as an EPUB."""
    root = tmp_path_factory.mktemp("exercises")
    small_book(root, PAGES)
    for builder in ("html", "latex", "epub"):
        result = sphinx(root, builder)
        assert (result.returncode, result.stderr) == (0, "")
    return root / "_build"


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What the build prints of a book in which each page is wrong in one way."""
    root = tmp_path_factory.mktemp("faults")
    toctree = "\n".join([*FAULTS, "glossary", "bibliography"])
    pages = {"index": f"# A book\n\n```{{toctree}}\n{toctree}\n```\n"}
    pages |= {name: PAGES[name] for name in ("glossary", "bibliography")}
    small_book(root, pages | {name: f"# {name}\n\n{text}" for name, (text, _) in FAULTS.items()})
    result = sphinx(root, "html", "-E")
    assert result.returncode != 0
    return result.stderr


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_fails_the_build_with_its_place(told, name):
    assert any(f"{name}.md" in line and FAULTS[name][1] in line for line in re.split(r"\n(?=/)", told))


def test_an_exercise_and_its_solution_lead_to_each_other(made):
    one, solutions = ((made / f"html/{name}.html").read_text("utf-8") for name in ("one", "solutions"))
    assert '<div class="admonition exercise" id="exercise-one-1">' in one
    assert 'href="solutions.html#solution-one-1"' in one
    assert 'href="#exercise-one-1"><span class="std std-ref">Exercise 1</span>' in one
    assert 'href="one.html#exercise-one-1"' in solutions


def test_a_solution_is_folded_on_the_site_under_words_that_say_whose_it_is(made):
    page = (made / "html/solutions.html").read_text("utf-8")
    section = re.search(r'<section id="solution-one-1">.*?</section>', page, re.S)[0]
    heading, folded = section.split('<details class="solution">')
    assert "<h3>" in heading
    assert folded.startswith("<summary>Solution <span>of exercise 1, A sum of x</span></summary>")
    assert re.search(r"Three\..*<pre>.*3.*That is all\..*</details></section>", folded, re.S)


def test_a_solution_stands_open_in_print_in_the_epub_and_in_the_notebook(made):
    latex = (made / "latex/jacobians.tex").read_text("utf-8")
    place = r"\phantomsection\label{\detokenize{one:exercise-one-1}}"
    assert rf"\begin{{exercise}}{{{place}}}{{Exercise 1. A sum of \protect\(x\protect\)}}" in latex
    with ZipFile(made / "epub/jacobians.epub") as book:
        page = book.read("solutions.xhtml").decode()
    assert "<details" not in page
    assert "Three." in page
    cells = nbformat.read(made / "html/notebooks/solutions.ipynb", as_version=4).cells
    text = "".join(cell.source for cell in cells)
    assert "<details" not in text
    assert "Three." in text


@pytest.mark.parametrize("edition", ["html", "epub", "latex"])
def test_a_citation_says_author_and_year_and_leads_to_its_line_of_a_plain_list(made, edition):
    if edition == "latex":
        page = works = (made / "latex/jacobians.tex").read_text("utf-8")
        link, place = r"\hyperlink{cite.bibliography:griewank2008}", r"\hypertarget{cite.bibliography:griewank2008}"
    else:
        names = [f"{name}.{'html' if edition == 'html' else 'xhtml'}" for name in ("one", "bibliography")]
        page, works = ((made / edition / name).read_text("utf-8") for name in names)
        link, place = f'href="{names[1]}#griewank2008"', '<li id="griewank2008">'
        assert "biblioentry" not in works
        assert '<ul class="works' in works
    assert link in page
    assert place in works
    words = re.sub(r"<[^>]*>|\\hyperlink\{[^}]*\}|[{}]|\\DUrole", "", page)
    assert "Griewank and Walther (2008)" in words
    assert "(Squire and Trapp 1998)" in words


def test_a_term_leads_to_the_glossary_and_says_no_page_in_print(made):
    assert 'href="glossary.html#term-tangent"' in (made / "html/one.html").read_text("utf-8")
    latex = (made / "latex/jacobians.tex").read_text("utf-8")
    assert r"\sphinxtermref" in latex
    assert r"\onpage{ (}{\detokenize{glossary" not in latex


def test_a_term_in_bold_is_in_the_index_with_the_place_where_it_stands(made):
    html = (made / "html/genindex.html").read_text("utf-8")
    (place,) = re.findall(r'href="one.html#(index-\d+)"', html)
    assert f'id="{place}"' in (made / "html/one.html").read_text("utf-8")
    assert r"\index{tangent@\spxentry{tangent}}" in (made / "latex/jacobians.tex").read_text("utf-8")


def test_the_index_is_named_among_the_chapters_of_the_site_and_comes_once_in_the_epub(made):
    assert 'href="genindex.html">Index</a>' in (made / "html/one.html").read_text("utf-8")
    with ZipFile(made / "epub/jacobians.epub") as book:
        read = re.findall(r"<itemref [^>]*>", book.read("content.opf").decode())
        assert len(read) == len(set(read)) > 4
        assert book.read("nav.xhtml").decode().count('href="genindex.xhtml"') == 1
