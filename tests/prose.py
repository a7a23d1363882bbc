"""Where does each number of the prose come from? A record, tests/numbers/PAGE.txt, says it: a number and its reason.

=============== ========================================================================================================
reason          what holds the number
=============== ========================================================================================================
``= CODE``      the code, evaluated here, must round to the digits written; the number itself is no code
``printed``     a cell under the same heading must print it, and is a doctest itself
``run``         a cell or a listing under the same heading must hold it; for an alt text, the module of the figure
``printed F``   a cell of the file F of book/ must print it: what another section or another page has shown
``run F``       a cell or a listing of the file F of book/, or else the module F of src/jacobians/, must hold it
``cited K``     the page must cite K of book/references.bib
``formula``     a coefficient, index or exponent of a formula: recorded, not computed
``said``        a name, a count or an assumption of the text: recorded, not computed
=============== ========================================================================================================

What is printed or run must round to the digits written; an integer, or a number of one digit, must be there itself.
The third column recalls the sentence. A number that differs from the record, or has no line there, fails the tests.
``python -m tests.prose`` writes the lines anew: it keeps the reasons of numbers that stayed, proposes those that it can
tell, and leaves a ``?`` for the others.
"""

import ast
import difflib
import inspect
import math
import pkgutil
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from _ext.listing import without_docstring

ROOT = Path(__file__).parents[1]
RECORDS = Path(__file__).parent / "numbers"
UNREAD = {"reference", "support"}  # made from docstrings, whose examples are run
FENCE = re.compile(r"^(?P<fence>```+)(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=fence)[ ]*$", re.M | re.S)
POWER = r"10\^(?:\{-?\d+\}|\d)"
MINUS = r"(?:(?<![\w)\]}])[-−](?=\d))?"  # a sign, not a difference
NUMBER = re.compile(
    rf"(?<=frac)\d|(?<=frac\d)\d|{MINUS}(?<![A-Za-z\d.])(?:\d+(?:\.\d+)?\s*\\cdot\s*)?{POWER}"
    rf"|{MINUS}(?<![A-Za-z\d])\d+(?:(?:\\,|,(?=\d{{3}}))\d{{3}})*(?:\.\d+)?(?:e-?\d+)?"
)
HIDDEN = re.compile(
    r"^:::\{exercise\} \S+|\{[\w:+-]+\}`[^`]*`|\]\([^)]*\)|^\([\w-]+\)=|^:\w+:.*$|<https?://[^>]*>", re.M
)
NAMES = {"EPS": np.finfo(float).eps, "np": np} | {name: getattr(math, name) for name in dir(math) if name[0] != "_"}


@dataclass(frozen=True)
class Number:
    """A number in the prose: how it is written, where in the text it begins, its line, and if it is in a formula."""

    text: str
    start: int
    line: int
    formula: bool

    @property
    def value(self):
        """The number that is written."""
        text = re.sub(r"\\,|,", "", self.text).replace("−", "-")
        mantissa, _, power = text.rpartition("10^") if "10^" in text else (text, "", "0")
        mantissa = re.sub(r"\s*\\cdot\s*", "", mantissa)
        return Decimal(mantissa if mantissa[-1:].isdigit() else mantissa + "1") * Decimal(10) ** int(power.strip("{}"))

    def is_rounded(self, exact):
        """True if ``exact`` rounds to what is written."""
        unit = 10.0 ** self.value.as_tuple().exponent
        return abs(float(exact) - float(self.value)) <= (0.5 + 1e-9) * unit


def blank(match):
    """As many spaces, and the same ends of lines: places stay."""
    return re.sub(r"[^\n]", " ", match[0])


@lru_cache
def prose_of(text):
    """A chapter with all but its prose blank: words, inline formulas, tables, captions."""

    def words(match):
        directive = re.match(r"\{([\w-]+)\}", match["info"])
        if directive and directive[1] in {"admonition", "note", "tip", "margin"}:
            return match[0]
        caption = re.search(r"^ *caption:[ ]*(.*)$", match[0], re.M)
        if not caption:
            return blank(match)
        start, end = caption.span(1)
        return blank([match[0][:start]]) + match[0][start:end] + blank([match[0][end:]])

    text = re.sub(r"\A---\n.*?^---\n", blank, text, flags=re.M | re.S)
    text = FENCE.sub(words, text)
    return HIDDEN.sub(blank, text)


def numbers_of(text):
    """The numbers in the prose of a chapter, in order."""
    prose = re.sub(r"\\(?!cdot|[cdt]?frac)[A-Za-z]+", blank, prose_of(text))  # \sqrt3 holds 3; \tfrac12 1 and 2
    formulas = [match.span() for match in re.finditer(r"\$[^$]+\$", prose)]
    return [
        Number(m[0], m.start(), text.count("\n", 0, m.start()) + 1, any(a <= m.start() < b for a, b in formulas))
        for m in NUMBER.finditer(prose)
    ]


def alts_of(source):
    """The Python source of figures with all blank but the words of their alt texts that are typed, not computed."""
    kept = [" " if c != "\n" else c for c in source]
    lines = np.cumsum([0, *[len(line) for line in source.splitlines(keepends=True)]])
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Assign) and isinstance(call.targets[0], ast.Name) and call.targets[0].id == "alt":
            start = lines[call.lineno - 1] + call.col_offset
            end = lines[call.end_lineno - 1] + len(
                source.splitlines()[call.end_lineno - 1].encode()[: call.end_col_offset].decode()
            )
            words = re.sub(r"(?<!\{)\{[^{}]*\}", blank, source[start:end])
            kept[start:end] = words
    return "".join(kept)


def pages():
    """name -> (path, the reader of its prose): the pages of the book, and the modules that draw its figures."""
    found = {p.stem: (p, lambda t: t) for p in sorted((ROOT / "book").glob("*.md")) if p.stem not in UNREAD}
    drawn = sorted((ROOT / "src/jacobians/figures").glob("*.py"))
    return found | {f"figures-{p.stem}": (p, alts_of) for p in drawn if alts_of(p.read_text("utf-8")).strip()}


def record(name):
    """The lines of a page's record: (number, reason)."""
    path = RECORDS / f"{name}.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [tuple(line.split("\t")[:2]) for line in lines if line and not line.startswith("#")]


def section_of(text, place):
    """What stands under the same heading as a place of the text."""
    heads = [0, *[match.start() for match in re.finditer(r"^##+ ", prose_of(text), re.M)], len(text)]
    return next(text[a:b] for a, b in pairwise(heads) if place < b)


@lru_cache
def code_of(text):
    """What a page runs: (its code, what it prints), from its fences and the listings that it quotes."""
    code, printed = [], []
    for match in FENCE.finditer(text):
        if match["info"].strip() == "python":
            for line in match["body"].splitlines():
                (code if line.startswith((">>>", "...")) else printed).append(line)
        elif match["info"].startswith("{code-cell}"):
            code.append(match["body"])
        elif match["info"].startswith("{listing}"):
            code.append(without_docstring(inspect.getsource(pkgutil.resolve_name(match["info"].split()[1]))))
    return "\n".join(code), "\n".join(printed)


def constants_of(source):
    """The numbers of a module's code, and not those of its words."""
    text = (ast.unparse(node) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.UnaryOp | ast.Constant))
    return " ".join(one for one in text if re.fullmatch(r"-?[\d.e-]+", one))


def held_by(number, reason, text):
    """The (code, print) that a reason ``printed`` or ``run`` names: of the section, of a page, or of a module."""
    _, _, file = reason.partition(" ")
    if file:
        text = (ROOT / ("book" if file.endswith(".md") else "src/jacobians") / file).read_text(encoding="utf-8")
    if text.startswith('"""'):
        return constants_of(text), ""
    return code_of(text if file else section_of(text, number.start))


def _holds(number, text):
    text = re.sub(r"(?<=\d)_(?=\d)", "", text.replace("**", "^"))
    found = [float(one) for one in re.findall(rf"{MINUS}(?<![A-Za-z_\d.])\d+(?:\.\d*)?(?:e[-+]?\d+)?", text)]
    found += [float(a) ** int(b) for a, b in re.findall(r"([1-9][\d.]*)\^(-?\d+)", text)]
    value = number.value
    if value == value.to_integral_value() or len(value.as_tuple().digits) == 1:
        return float(value) in found
    return any(map(number.is_rounded, found))


def complaint(number, reason, text):
    """What is wrong with a number's reason, or None."""
    kind, _, rest = reason.partition(" ")
    if kind == "=":
        exact = eval(rest, dict(NAMES))
        if re.fullmatch(r"[\d.e+-]+", rest):
            return f"{rest} is no code"
        return None if number.is_rounded(exact) else f"{rest} is {exact}"
    if kind in {"printed", "run"}:
        code, printed = held_by(number, reason, text)
        if _holds(number, printed if kind == "printed" else code):
            return None
        return "no cell prints it there" if kind == "printed" else "no code holds it there"
    if kind == "cited":
        return None if re.search(rf"\{{cite:\w+\}}`[^`]*\b{rest}\b", text) else f"the page does not cite {rest}"
    if kind == "formula":
        return None if number.formula else "it stands in no formula"
    return None if kind == "said" else "it has no reason"


def complaints(name, text=None):
    """What the record does not hold of a page: a sentence for each number."""
    path, reader = pages()[name]
    text = path.read_text(encoding="utf-8") if text is None else text
    found, known = numbers_of(reader(text)), record(name)
    for number, (said, reason) in zip(found, known, strict=False):
        if number.text != said:
            return [f"{path.name}:{number.line}: {number.text} stands where tests/numbers/{name}.txt has {said}"]
        if wrong := complaint(number, reason, text):
            return [f"{path.name}:{number.line}: {number.text} ({reason}): {wrong}"]
    if len(found) != len(known):
        return [f"{path.name} has {len(found)} numbers in its prose, tests/numbers/{name}.txt has {len(known)}"]
    return []


def proposed(number, text):
    """A reason that holds, or ``?``: a single digit of a formula is too easily printed by chance."""
    digits = number.text.lstrip("-−")
    kinds = ["printed", "run"] if len(digits) > 1 else []
    kinds += ["formula"] if digits.isdigit() and len(digits) < 3 else []
    return next((kind for kind in kinds if not complaint(number, kind, text)), "?")


def renew(name):
    """Write the record of a page anew; the reasons of numbers that stayed stay."""
    path, reader = pages()[name]
    text = path.read_text(encoding="utf-8")
    found, known = numbers_of(reader(text)), record(name)
    reasons = {}
    matcher = difflib.SequenceMatcher(None, [n for n, _ in known], [n.text for n in found], autojunk=False)
    for block in matcher.get_matching_blocks():
        reasons |= {block.b + i: known[block.a + i][1] for i in range(block.size)}
    source = text.splitlines()
    lines = []
    for i, number in enumerate(found):
        reason = reasons.get(i, "?")
        if reason == "?" or complaint(number, reason, text):
            reason = proposed(number, text)
        lines.append(f"{number.text}\t{reason}\t{source[number.line - 1].strip()}")
    if lines:
        (RECORDS / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return sum(line.split("\t")[1] == "?" for line in lines), len(lines)


if __name__ == "__main__":
    for one in pages():
        print(one, "{} of {} without a reason".format(*renew(one)))
