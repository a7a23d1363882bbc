"""What the writers of LaTeX and EPUB are given that Sphinx leaves out: planted in a small book of its own."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from types import SimpleNamespace
from zipfile import ZIP_STORED, ZipFile

import pytest

from _ext.epub import mend_formula, mend_manifest, mend_page
from _ext.explorer import live
from _ext.latex import _entry
from tests.small_book import small_book

ROOT = Path(__file__).parents[1]
LONG = "\n".join(f">>> x{i} = {i}" for i in range(30))
TABLE = "| a | b |\n|---|---|\n" + 6 * "| 1 | 2 |\n"
MANY = "| a | b |\n|---|---|\n" + 17 * f"| a | {'word ' * 20} |\n"
INDEX = """# A book

What the part holds.

```{toctree}
:caption: The part
:maxdepth: 2

page
solutions
```
"""
PAGE = f"""# Page

See {{numref}}`fig-cell`, ({{ref}}`here`), and $\\tfrac12$. From {{eq}}`eq-one`:

```{{margin}}
An *aside*.
```

```{{math}}
:label: eq-one
x = 1
```

(here)=
## Here

```python
>>> print("a\\nb")
a
b
```

```python
{LONG}
>>> print(x1)
1
```

| a | b | c | d | e |
|---|---|---|---|---|
| 1 | 2 | 3 | 4 | {{eq}}`eq-one` |

```{{code-cell}} python
---
mystnb:
  figure:
    name: fig-cell
    caption: A cell.
---
from jacobians import figures

figures.polar_area()
```

```{{explorer}} fig-cell
```

Let $f(x) = \\begin{{bmatrix}} x \\end{{bmatrix}}$, and $y$ be
what {{abbr}}`JVP (Jacobian-vector product)` is at $x$.

**A table of its own**

{TABLE}

{MANY}

Words of a wide-ranging kind, and in them a k-means example.

It leads to a cell:

```python
>>> print(2)
2
```

$$
y &= 1 \\\\
z &= 2
$$

## Exercises

:::{{exercise}} page-1 A task
Solve this task.
:::
"""
SOLUTIONS = "# Solutions\n\n## Page\n\n(solution-page-1)=\n### A task\n\nSolved.\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The small book as LaTeX, and as the members of an EPUB."""
    root = tmp_path_factory.mktemp("print")
    small_book(root, {"index": INDEX, "page": PAGE, "solutions": SOLUTIONS})
    for builder in ("latex", "epub"):
        command = [sys.executable, "-m", "sphinx", "-c", ".", "-W", "-q", "-d", "_build/doctrees", "-b", builder]
        subprocess.run(
            [*command, "book", f"_build/{builder}"],
            cwd=root,
            check=True,
            env=os.environ | {"SOURCE_DATE_EPOCH": "1000000000"},
        )
    with ZipFile(root / "_build/epub/jacobians.epub") as book:
        return (
            (root / "_build/latex/jacobians.tex").read_text(encoding="utf-8"),
            book.infolist(),
            {name: book.read(name) for name in book.namelist()},
        )


def test_a_figure_keeps_its_words_in_latex(made):
    assert re.search(
        r"\\withalt\{Left, a rectangle in the plane of r and θ\..*\}\{\s*\\noindent\\sphinxinclude", made[0]
    )


def test_each_reference_says_its_page_but_in_a_table(made):
    text, table = (
        made[0].split(r"\begin{tabulary}")[0],
        made[0].split(r"\begin{tabulary}")[1].split(r"\end{tabulary}")[0],
    )
    assert r"\onpage{ on }{\detokenize{page:fig-cell}}{}" in text
    assert r"\onpage{, }{\detokenize{page:here}}{}" in text
    assert r"\onpage{ on }{\detokenize{equation:page:eq-one}}{}" in text
    assert r"\onpage" not in table
    assert r"\eqref" in table


def test_a_part_opens_before_the_words_that_lead_to_it(made):
    part, chapter = made[0].index(r"\bookpart{The part}{1}"), made[0].index(r"\chapter{Page}")
    assert part < made[0].index("What the part") < chapter
    assert not any(b"bookpart" in data for data in made[2].values())


def test_what_stands_on_few_lines_is_kept_on_one_page_and_what_does_not_is_not(made):
    assert re.findall(r"\\keeplines\{(\d+)\}", made[0]) == [
        "11",
        "7",
        "25",
        "7",
    ]  # lines, what is around them, a figure


def test_an_aside_begins_beside_the_first_line_of_its_paragraph(made):
    assert re.search(r"\\aside\{\s*\\sphinxAtStartPar\s*An \\sphinxstyleemphasis\{aside\}\.\s*\}.*?See ", made[0], re.S)
    assert b'<aside class="margin" role="note" epub:type="sidebar">' in made[2]["page.xhtml"]


def test_a_table_of_many_columns_takes_the_margin(made):
    assert made[0].index(r"\begin{sphinxuseclass}{wide}") < made[0].index(r"\begin{tabulary}")


def test_numbers_end_below_each_other_and_a_long_table_is_parted(made):
    assert r"\begin{tabulary}{\linewidth}[t]{RRRRT}" in made[0]
    assert re.search(r"\\begin\{longtable\}\{\\F\{0\.12\}\\F\{0\.87\}\}", made[0])


def test_the_number_of_a_single_line_stands_on_it(made):
    assert re.search(r"\\begin\{equation\}\\label\{equation:page:eq-one\}\s*x = 1\s*\\end\{equation\}", made[0])
    assert re.search(r"\\begin\{split\}y &= 1", made[0])


def test_a_live_figure_is_named_where_it_stands_still(made):
    assert r"\live{On the site this figure can be dragged:}{}{page.\allowbreak html}}\label" in made[0]
    assert b'<p class="live">On the site this figure can be dragged: page.html</p>' in made[2]["page.xhtml"]
    assert not any(b"jacobian-explorer" in data for data in made[2].values())


def test_a_live_figure_has_its_address_where_the_site_has_one():
    site = SimpleNamespace(html_baseurl="https://a.org/b/")
    words, address, shown = live({"page": "page", "attributes": {"figure": "fig-cell"}}, site)
    assert (words, address) == ("Live:", "https://a.org/b/page.html#fig-cell")
    assert shown == address


def test_a_formula_within_a_line_is_no_higher_than_the_line(made):
    assert r"\(\mkern1.5mu f(x) = \bigl[\begin{smallmatrix} x \end{smallmatrix}\bigr]\)" in made[0]


def test_no_last_line_is_a_letter_alone_and_what_a_word_stands_for_opens_no_bracket(made):
    assert "\\sphinxstyleabbreviation{JVP} is at\N{NO-BREAK SPACE}\\(x\\)." in made[0]


def test_words_that_head_a_table_stay_with_it(made):
    assert re.search(r"A table of its own\}\s*\\par\\nobreak\s*\\begin\{savenotes\}", made[0])


def test_a_compound_may_be_parted_and_the_last_word_may_not(made):
    assert r"wide\sphinxhyphen{}\allowbreak{}ranging" in made[0]
    assert r"a k\sphinxhyphen{}means \mbox{example.}" in made[0]


def test_a_line_that_leads_to_a_cell_stays_with_it(made):
    assert re.search(r"\\keeplines\{\d+\}\s*\\sphinxAtStartPar\s*It leads to a cell:", made[0])


def test_an_exception_has_its_home_in_the_index():
    assert _entry("single", "CheckError", "jacobians.checks.CheckError", "", None)[1] == (
        "CheckError (exception in jacobians.checks)"
    )
    assert _entry("single", "VJP", "index-0", "", None)[1] == "VJP"


def test_the_exercises_of_a_chapter_stand_on_one_page(made):
    assert re.search(r"\\Needspace\{5\\baselineskip\}\s*\\section\{Exercises\}", made[0])


def test_where_the_solution_is_stands_at_the_end_of_the_task(made):
    assert re.search(r"Solve this task\.\\solved\{.*Solution.*\\onpage\{ \(\}\{.*solution-page-1\}\}\{\)\}\}", made[0])


def test_the_epub_opens_with_its_type_and_has_the_time_of_the_commit(made):
    assert made[1][0].filename == "mimetype"
    assert made[1][0].compress_type == ZIP_STORED
    assert {info.date_time for info in made[1]} == {(2001, 9, 9, 1, 46, 40)}


def test_each_page_of_the_epub_is_xml_in_a_language_and_runs_nothing(made):
    for name, data in made[2].items():
        assert not name.endswith(".js")
        if name.endswith(".xhtml"):
            assert ET.fromstring(data).get("lang") == "en"
            assert b"<script" not in data
    assert b'href="page.xhtml" media-type="application/xhtml+xml" properties="mathml svg"' in made[2]["content.opf"]


def test_the_style_of_a_fraction_stands_around_it():
    half = '<mfrac displaystyle="false"><mn>1</mn><mn>2</mn></mfrac>.'
    mended = re.sub("<math.*</math>", mend_formula, f'<math xmlns="http://www.w3.org/1998/Math/MathML">{half}</math>')
    assert '<mstyle displaystyle="false"><mfrac><mn>1</mn><mn>2</mn></mfrac></mstyle>.' in mended


def test_a_page_is_mended_where_it_must_be_and_nowhere_else():
    page = '<html xmlns="x"><link rel="a" href="_static/mystnb.1.css" /><path id="space"/><path d="M1 2"/></html>'
    assert (
        mend_page(page, "en")
        == '<html lang="en" xml:lang="en" xmlns="x"><path d="M0 0" id="space"/><path d="M1 2"/></html>'
    )
    assert mend_page('<html lang="fr">', "en") == '<html lang="fr">'


def test_the_manifest_says_what_a_page_holds():
    line = '<item href="a.xhtml" media-type="application/xhtml+xml" />'
    assert 'properties="svg" />' in mend_manifest(line, {"a.xhtml": "<svg>"})
    assert mend_manifest(line, {"a.xhtml": "<p>"}) == line
