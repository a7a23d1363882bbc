"""The build says what went wrong, where, and fails: each fault here is planted in a small book of its own."""

import base64
import hashlib
import re
from html import unescape
from pathlib import Path

import nbformat
import pytest
from PIL import Image
from pygments import highlight
from pygments.lexers import PythonConsoleLexer

from _ext.doctest_cells import printed, read
from _ext.hanging import Hanging
from _ext.listing import without_docstring
from _ext.outputs import whole
from _ext.policy import secured
from _ext.reference import parted
from _ext.results import same_output
from _ext.styles import styled
from tests.small_book import small_book, sphinx

ROOT = Path(__file__).parents[1]

PAGES = {
    "index": "# A book\n\n```{toctree}\n%s\n```\n",
    "right": "# Right\n\n```python\n>>> x = 1\n>>> print(x / 3)\n0.333\n>>> x + 1\n2\n```\n\n"
    "Text of four words. It costs \\$4, a *word* and `code`, $x^2$, {eq}`one`, [there](digit.md).\n\n"
    "```{math}\n:label: one\na \\\\ \\R\n```\n\n"
    "- item\n\n  more\n- last\n\n```{note}\nSaid.\n```\n\n| a | b |\n|---|---|\n| 1 | $y$ |\n\n"
    "term\n: meaning\n\n## Below\n\n1. one\n\n"
    "{py:func}`numpy.linalg.det` {py:func}`scipy.linalg.expm`\n\n"
    "```{explorer} fig-one\n:map: polar\n:at: 1 0.5\n```\n",
    "digit": "# Wrong digit\n\nText.\n\n```python\n>>> x = 1\n>>> print(x / 3)\n0.334\n```\n",
    "silent": "# Printed, though nothing is written\n\n```python\n>>> print('so')\n```\n",
    "figure": "# Figure\n\n```{code-cell} python\n---\ndownload: cell.png\n---\nfrom jacobians import figures\n\n"
    "figures.polar_area()\n```\n",
    "raises": "# Raises\n\n```python\n>>> 1 / 0\nTraceback (most recent call last):\nZeroDivisionError: by one\n```\n",
    "stops": "# Stops\n\n```python\n>>> undefined_name\n1\n```\n",
    "formula": "# Formula\n\nText with $\\unknowncommand{x}$ in it.\n",
    "listing": "# Listing\n\n```{listing} jacobians.vjp.no_such_routine\n```\n",
    "aside": "# Aside\n\nWords & more.\n\n```{margin}\nBeside *them*.\n```\n\n"
    "```{code-cell} python\n:tags: [folded]\n\nfrom IPython.display import Markdown\n\n"
    "Markdown('**A & B**')\n```\n",
    "dangling": "# Dangling\n\nSee {numref}`fig-nowhere`.\n",
}


RIGHT_IN_MARKDOWN = r"""Text of four words. It costs \$4, a *word* and `code`, $x^2$, (1), [there](digit.ipynb).

$$
\begin{aligned}a \\ \mathbb{R}\end{aligned} \tag{1}
$$

- item

  more
- last

> **Note**
>
> Said.

| a | b |
| --- | --- |
| 1 | $y$ |

- term

  meaning

## Below

1. one

[`numpy.linalg.det()`](https://numpy.org/doc/stable/reference/generated/numpy.linalg.det.html#numpy.linalg.det) \
[`scipy.linalg.expm()`](https://docs.scipy.org/doc/scipy/reference/generated/scipy.linalg.expm.html#scipy.linalg.expm)""".replace(
    "\\\n", ""
)


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """What the build prints of a book in which each page but the first two is wrong in one way."""
    root = tmp_path_factory.mktemp("a folder with spaces é")
    small_book(root, PAGES | {"index": PAGES["index"] % "\n".join(list(PAGES)[1:])})
    return sphinx(root, "html", "-E"), root


def test_the_build_fails(build):
    assert build[0].returncode != 0


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("digit.md:6", ["the run does not print what the chapter says", "expected:\n0.334", "got:\n0.333"]),
        ("silent.md:4", ["expected:\n(nothing)", "got:\nso"]),
        ("raises.md:4", ["expected:\nZeroDivisionError: by one", "got:\nZeroDivisionError: division by zero"]),
        ("stops.md:4", ["this cell raises NameError: name 'undefined_name' is not defined"]),
        ("formula.md:3", [r"\unknowncommand"]),
        (
            "listing.md:3",
            ["there is no routine 'jacobians.vjp.no_such_routine' to quote: src/jacobians/vjp.py has relu,"],
        ),
        ("dangling.md:3", ["undefined label: 'fig-nowhere'"]),
    ],
)
def test_each_fault_is_told_with_its_place(build, place, words):
    told = build[0].stderr
    assert place in told
    for word in words:
        assert word in told


def test_a_second_build_takes_the_chapters_from_the_cache_and_tells_the_same_faults(build):
    again = sphinx(build[1], "html", "-E")
    assert again.returncode != 0
    assert "Extension error" not in again.stderr
    for place in ("digit.md:6", "silent.md:4", "raises.md:4"):
        assert f"{place}: WARNING: the run does not print what the chapter says" in again.stderr
    book = nbformat.read(build[1] / "_build/jupyter_execute/right.ipynb", as_version=4)
    assert [printed(cell).strip() for cell in book.cells if cell.cell_type == "code"] == ["0.3333333333333333", "2"]


def test_a_right_page_is_not_complained_of(build):
    assert "right.md" not in build[0].stderr


def test_the_page_shows_what_the_run_printed_and_no_prompt(build):
    html = (build[1] / "_build/html/right.html").read_text(encoding="utf-8")
    assert "0.3333333333333333" in html
    assert "&gt;&gt;&gt;" not in html


def test_a_figure_to_download_lies_beside_its_page_at_100_dots_an_inch(build):
    with Image.open(build[1] / "_build/html/cell.png") as png:
        assert png.size == (700, 310)
        assert png.info["dpi"] == pytest.approx((100, 100), abs=0.01)


def test_a_chapter_downloads_as_a_notebook_in_plain_markdown_beside_the_package(build):
    folder = build[1] / "_build/html/notebooks"
    book = nbformat.read(folder / "right.ipynb", as_version=4)
    nbformat.validate(book)
    hint, install, title, first, second, text = book.cells
    (wheel,) = (path.name for path in folder.glob("*.whl"))
    assert install.source == f"%pip install --quiet {wheel}[notebooks]"
    assert wheel in hint.source
    assert title.source == "# Right"
    assert (first.source, printed(first).strip()) == ("x = 1\nprint(x / 3)", "0.3333333333333333")
    assert second.metadata == {}
    assert text.source == RIGHT_IN_MARKDOWN
    assert 'href="notebooks/right.ipynb" download' in (build[1] / "_build/html/right.html").read_text(encoding="utf-8")


def test_a_page_allows_the_scripts_of_its_own_site_alone_and_says_what_it_is(build):
    html = (build[1] / "_build/html/right.html").read_text(encoding="utf-8")
    for script in re.findall(r"<script>(.*?)</script>", html, re.DOTALL):
        assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in html
    assert "script-src 'self' 'sha256-" in html
    assert '<meta name="description" content="Text of four words.' in html


def test_faults_from_below_the_theme_are_mended():
    html = secured(
        '<meta charset="utf-8"><summary aria-label="Toggle hidden content">x</summary><i role="doc-biblioentry">'
    )
    assert "<summary>x" in html
    assert 'role="listitem"' in html
    assert secured(html) == html


def test_routines_of_numpy_and_scipy_lead_to_their_documentation(build):
    html = (build[1] / "_build/html/right.html").read_text(encoding="utf-8")
    assert "https://numpy.org/doc/stable/reference/generated/numpy.linalg.det.html#numpy.linalg.det" in html
    assert "https://docs.scipy.org/doc/scipy/reference/generated/scipy.linalg.expm.html#scipy.linalg.expm" in html


def test_an_explorer_names_its_figure_and_leaves_other_editions_alone(build):
    html = (build[1] / "_build/html/right.html").read_text(encoding="utf-8")
    assert '<jacobian-explorer figure="fig-one" map="polar" at="1 0.5"></jacobian-explorer>' in html


def test_a_page_brings_the_styles_that_can_apply_to_it_and_no_others(tmp_path):
    sheets = tmp_path / "_static"
    sheets.mkdir()
    (sheets / "a.css").write_text("/* x */ p, .gone { color: var(--b) } .gone { top: 0 } .made { top: 1px }"
                                  " body { --a: 1; --b: red } @media print { #x { top: url('y.png') } .gone {} }"
                                  " p:not(.gone) { left: 0 }")  # fmt: skip
    (sheets / "a.js").write_text('element.className = "made"')
    link = '<link rel="stylesheet" type="text/css" href="_static/a.css?v=1" />'
    page = f'<html><title>T</title>{link}<body><p id="x"><span class="n">f</span></p></body>'
    html = styled(page, tmp_path / "page.html", tmp_path)
    assert re.search(r"<style[^>]*>(.*)</style>", html)[1] == (
        "p{color: var(--b)}.made{top: 1px}body{ --b: red}@media print{#x{top: url('_static/y.png')}}"
        "p:not(.gone){left: 0}"
    )
    assert '<p id="x">f</p>' in html
    assert link not in html
    assert styled(html, tmp_path / "page.html", tmp_path) == html


def test_a_line_of_code_tells_where_it_begins_and_may_go_on_after_a_bracket_or_a_dot():
    code = ">>> if x:\n...     np.sin(x[0], {1: 1.5})\n>>> f()\n2.5\n"
    html = highlight(code, PythonConsoleLexer(), Hanging())
    lines = html.split("\n</code>")
    assert [re.findall("--in:([0-9]+)", line) for line in lines[:4]] == [["4"], ["8"], ["4"], []]
    assert re.sub("<span.*?>|</span>", "", lines[1]).endswith("    np.<wbr/>sin(<wbr/>x[<wbr/>0], {<wbr/>1: 1.5})")
    assert "<wbr/>" not in lines[0] + lines[2] + lines[3]
    assert unescape(re.sub("<.*?>", "", html)).strip() == code.strip()


def test_a_name_in_a_heading_or_in_the_index_may_go_on_after_a_dot():
    context = {"body": '<h3 class="rubric">a.b.c<a href="#a.b.c">#</a></h3><p>a.b</p><h2>Of a. And b.</h2>'}
    parted(None, "page", "page.html", context, None)
    assert context["body"] == (
        '<h3 class="rubric">a.<wbr/>b.<wbr/>c<a href="#a.b.c">#</a></h3><p>a.b</p><h2>Of a. And b.</h2>'
    )
    html = secured('<a href="a.html#b.c">f() (b.c.D method)</a>')
    assert html == '<a href="a.html#b.c">f() (b.<wbr>c.<wbr>D method)</a>'
    assert secured(html) == html


def test_an_aside_shares_a_box_with_its_paragraph_and_a_folded_output_opens(build):
    html = (build[1] / "_build/html/aside.html").read_text(encoding="utf-8")
    assert re.search(r'<div class="noted[^"]*">\s*<p>Words &amp; more.</p>\s*<aside class="margin" role="note">', html)
    assert '<details class="folded"><summary>1 table: A &amp; B</summary>' in html
    assert html.count("<details") == html.count("</details>")


def test_a_fence_is_cut_into_a_cell_a_result():
    book = read(PAGES["right"])
    code = [(cell.source, cell.metadata.expected) for cell in book.cells if cell.cell_type == "code"]
    assert code == [("x = 1\nprint(x / 3)", "0.333\n"), ("x + 1", "2\n")]
    assert [cell.id for cell in book.cells] == ["cell-0", "cell-1", "cell-2", "cell-3"]
    assert book.metadata.source_map[:3] == [-1, 3, 6]


def test_an_expected_error_is_marked_for_the_run():
    (cell,) = (cell for cell in read(PAGES["raises"]).cells if cell.cell_type == "code")
    assert cell.metadata.tags == ["raises-exception"]
    assert cell.metadata.expected == "ZeroDivisionError: by one\n"


def test_what_is_printed_in_pieces_is_put_together_once():
    new = nbformat.v4.new_output
    pieces = [new("stream", text="s"), new("stream", text="o\n"), new("stream", name="stderr", text="x")]
    assert [output.text for output in whole(pieces)] == ["so\n", "x"]
    assert [output.text for output in whole(whole(pieces))] == ["so\n", "x"]


def test_all_kinds_of_output_are_read():
    new = nbformat.v4.new_output
    outputs = [
        new("stream", text="so\n"),
        new("execute_result", data={"text/plain": "2", "text/html": "<b>2</b>"}),
        new("error", ename="ValueError", evalue="x", traceback=[]),
    ]
    assert printed(nbformat.v4.new_code_cell("x", outputs=outputs)) == "so\n\n2\n\nValueError: x\n"


@pytest.mark.parametrize(
    ("want", "got", "same"),
    [
        (
            "[[3.         1.        ]\n [0.1414744  0.99749499]]",
            "[[3.         1.        ]\n [0.1414744  0.99749499]]",
            True,
        ),
        ("[[3. 1.] [0.141 0.997]]", "[[3.         1.        ]\n [0.1414744  0.99749499]]", True),
        ("0.1415", "0.1414744", True),
        ("0.1414", "0.1414744", False),
        ("6.41e-11", "6.41e-11", True),
        ("6.41e-11", "6.4138e-11", True),
        ("6.42e-11", "6.4138e-11", False),
        ("6.41e-11", "6.41e-12", False),
        ("0.141", "123456789012345678901234567890.1234", False),
        ("3.", "3.2", False),
        ("0.5", "0.52", False),
        ("3", "3.0", False),
        ("100", "100.4", False),
        ("0.1414744", "0.141", False),
        ("-0.123", "0.123", False),
        ("1.000", "0.9999999", True),
        ("nan", "nan", True),
        ("nan", "1.000", False),
        ("J 0.141", "K 0.141", False),
        ("1 2", "1 2 3", False),
        ("a\n<BLANKLINE>\nb", "a\n\nb", True),
        ("shape (2, 3)", "shape (2, 3)", True),
        ("shape (2, 3)", "shape (3, 2)", False),
    ],
)
def test_outputs_agree_to_the_digits_written(want, got, same):
    assert same_output(want, got) is same


@pytest.mark.parametrize("digits", ["6.41e-11", "0.1414744", "3.", "12.5664", "(2, 3)", "207"])
def test_no_digit_can_be_changed(digits):
    for i, digit in enumerate(digits):
        if digit.isdigit():
            for other in set("0123456789") - {digit}:
                assert not same_output(digits[:i] + other + digits[i + 1 :], digits)


def test_a_listing_leaves_out_the_docstring_and_nothing_else():
    assert without_docstring('def f(x):\n    """Say."""\n    return x  # fmt: skip\n') == "def f(x):\n    return x\n"
    assert without_docstring("def f(x):\n    return x\n") == "def f(x):\n    return x\n"
