"""Every formula of the book becomes MathML, in characters that the shipped font draws."""

import re
import unicodedata
import xml.etree.ElementTree as ET
from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.utils import new_document
from fontTools.ttLib import TTFont
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from _ext import mathml
from _ext.mathfont import CHARACTERS, FONT
from conf import mathml_macros
from jacobians.layers import rules

ROOT = Path(__file__).parents[1]
MARKDOWN = MarkdownIt().enable("table").use(dollarmath_plugin)


def formulas(text):
    """Yield (LaTeX, displayed) for the formulas of a MyST text, those inside of its directives too."""
    for token in [child for parent in MARKDOWN.parse(text) for child in [parent, *(parent.children or [])]]:
        if token.type.startswith("math_"):
            yield token.content, token.type != "math_inline"
        elif token.type == "fence" and token.info.startswith("{math}"):
            yield re.sub(r"\A(:\w+:[^\n]*\n)*|^---\n.*?^---\n", "", token.content, flags=re.M | re.S), True
        elif token.type == "fence" and token.info.startswith("{") and not token.info.startswith("{code"):
            yield from formulas(token.content)


BOOK = [
    pytest.param(latex, display, id=f"{page.stem}-{i}")
    for page in sorted((ROOT / "book").glob("*.md"))
    for i, (latex, display) in enumerate(formulas(page.read_text(encoding="utf-8").replace(":::", "```")))
] + [
    pytest.param(rules.latex(formula).strip("$"), False, id=f"rules-{layer.name}-{i}")
    for layer, *formulas in rules.FORMULAS
    for i, formula in enumerate(formulas)
]


ITALIC = {unicodedata.normalize("NFKC", chr(c)): chr(c) for c in [*range(0x1D434, 0x1D468), *range(0x1D6FC, 0x1D715)]}
ITALIC["h"] = "ℎ"  # where Unicode had it already


def rendered(latex, display=False, macros=mathml_macros):
    """The MathML of a formula, as the site gets it."""
    writer = SimpleNamespace(
        config=SimpleNamespace(mathml_macros=macros), builder=SimpleNamespace(name="html"), encode=str
    )
    return mathml.convert(writer, nodes.math("", latex), display).replace("&ApplyFunction;", "\u2061")


def drawn(markup):
    """The characters that a browser draws for MathML: a lone letter of an <mi> is drawn as its italic."""
    for element in ET.fromstring(markup).iter():
        if element.tag == "annotation" or not element.text:
            continue
        italic = element.tag == "mi" and len(element.text) == 1 and element.get("mathvariant") != "normal"
        yield from (ITALIC.get(element.text, element.text) if italic else element.text.strip())


def test_the_book_has_formulas_of_both_kinds():
    assert len(BOOK) > 150
    assert sum(display for _, display in (param.values for param in BOOK)) >= 10
    assert r"\det J = r \cos^2\theta + r \sin^2\theta = r." in [param.values[0].strip() for param in BOOK]


@pytest.mark.parametrize(("latex", "display"), BOOK)
def test_each_formula_of_the_book_is_drawn_by_the_font_that_it_ships(latex, display):
    markup = rendered(latex, display)
    assert markup.startswith("<math"), markup
    assert not {f"U+{ord(c):04X} {c}" for c in drawn(markup) if ord(c) not in CHARACTERS}


def test_the_font_holds_what_it_says_and_stays_small():
    with TTFont(FONT) as font:
        missing = CHARACTERS - set(font.getBestCmap())
        variants = font["MATH"].table.MathVariants
        stretched = {*variants.VertGlyphCoverage.glyphs, *variants.HorizGlyphCoverage.glyphs}
        names = font.getBestCmap()
    assert not {hex(code) for code in missing if unicodedata.category(chr(code)) not in {"Cf", "Cn", "Zs", "Mn"}}
    assert {names[ord(c)] for c in "()[]{}|∥√⟨⟩⌊⌋⏞⏟→∑∫\u0302\u0303\u0305"} <= stretched
    assert FONT.stat().st_size <= 120 * 1024
    assert "SIL OPEN FONT LICENSE" in (FONT.parent / "stix-two-math.LICENSE.txt").read_text(encoding="utf-8")


def test_a_lone_letter_is_drawn_as_its_italic():
    assert "".join(drawn(rendered(r"x h \theta \Gamma \sin 2"))) == "𝑥ℎ𝜃Γsin\u20612"


def test_a_copy_of_a_formula_needs_none_of_our_macros():
    assert mathml.portable(r"\R^n \Re \dd x", mathml_macros) == r"\mathbb{R}^n \Re \mathrm{d} x"
    assert r"\mathbb{R}^n" in rendered(r"\R^n")


@pytest.mark.parametrize(
    ("latex", "aligned"),
    [(r"a &= b \\ &= c", True), (r"J = \begin{bmatrix} a \\ b \end{bmatrix}", False), (r"a = b", False)],
)
def test_lines_are_aligned_where_the_formula_has_lines_of_its_own(latex, aligned):
    assert (r"\begin{aligned}" in rendered(latex, True)) is aligned


@pytest.mark.parametrize("latex", [r"\operatorname{diag}(x)", r"\tfrac12", r"\lVert t \rVert", r"\widehat{xyz}"])
def test_what_other_converters_get_wrong_is_right_here(latex):
    markup = rendered(latex)
    assert markup.startswith("<math")
    assert "&amp;" not in markup
    assert "operatorname*" not in re.sub(r"<annotation.*", "", markup)


def test_a_bar_keeps_off_its_letter_and_a_tall_line_off_det():
    assert '<mpadded height="0.85em"><mi>W</mi></mpadded>' in rendered(r"\overline W")
    tall = rendered(r"\left\lvert \det J \right\rvert")
    assert '<mo>|</mo><mrow><mrow><mspace width="0.1667em"/><mi>det</mi>' in tall


def test_a_number_stays_whole_at_the_minus_of_its_exponent():
    document = new_document("page")
    document += nodes.paragraph("", "", nodes.Text("from 1e-16, or 2.5e-3, to 1e3 and a-b"))
    mathml.Whole(document).run()
    assert [whole.astext() for whole in document.findall(nodes.inline)] == ["1e-16", "2.5e-3"]
    assert document.astext() == "from 1e-16, or 2.5e-3, to 1e3 and a-b"


def test_a_stop_or_a_bracket_stays_on_the_line_of_its_formula():
    document = new_document("page")
    x, y, z = (nodes.math("", letter) for letter in "xyz")
    said = nodes.literal("", "f"), nodes.Text(", "), nodes.literal("", "g")
    document += nodes.paragraph("", "", *said, nodes.Text(": "), x, nodes.Text(", "), y, nodes.Text(" is ("), z)
    mathml.Unbroken(document).run()
    assert [unbroken.astext() for unbroken in document.findall(nodes.inline)] == ["x,", "(z"]
    assert document.astext() == "f, g: x, y is (z"
