"""No number of the prose stands without a reason: it is printed, run, computed from its record, cited, or said."""

import re

import pytest

from tests.prose import complaint, complaints, numbers_of, pages, prose_of, record

TEXT = """# A page of 1

(label-2)=
The root $\\tfrac12 \\cdot 3$ is about $1.50 \\cdot 10^{-3}$, in f4 and {eq}`eq-5` of 12,000 and `6.5`.

```python
>>> print(7)
7
```

```{code-cell} python
---
mystnb:
  figure:
    caption: The eighth of 8.
---
draw(9)
```
"""


def test_the_numbers_of_words_formulas_and_captions_are_read_and_those_of_code_and_names_are_not():
    found = numbers_of(TEXT)
    assert [number.text for number in found] == ["1", "1", "2", "3", "1.50 \\cdot 10^{-3}", "12,000", "6.5", "8"]
    assert [number.formula for number in found] == [False, True, True, True, True, False, False, False]
    assert [number.line for number in found] == [1, 4, 4, 4, 4, 4, 4, 15]
    assert len(prose_of(TEXT)) == len(TEXT)


def test_a_minus_is_part_of_a_number_and_a_difference_is_not():
    signed = numbers_of("From -2.2 to −1, $A^{-1}$, $n-1$, $3 - 4 = -1$, $(0, -0.5)$ and $-10^{-3}$")
    texts = ["-2.2", "−1", "-1", "1", "3", "4", "-1", "0", "-0.5", "-10^{-3}"]
    assert [number.text for number in signed] == texts
    assert [float(number.value) for number in signed] == [-2.2, -1, -1, 1, 3, 4, -1, 0, -0.5, -1e-3]
    assert complaint(signed[0], "= 2.2 * 1", "") == "2.2 * 1 is 2.2"
    assert complaint(signed[8], "= -1 / 2", "") is None


def test_a_reason_must_hold():
    one, half, _, three, small, large, *_ = numbers_of(TEXT)
    assert complaint(small, "= 3 / 2000", TEXT) is None
    assert complaint(small, "= 3 / 2001", TEXT) is None  # rounds to it
    assert complaint(small, "= 3 / 1990", TEXT) == f"3 / 1990 is {3 / 1990}"
    assert complaint(three, "printed", TEXT) == "no cell prints it there"
    assert complaint(three, "run", TEXT) == "no code holds it there"
    assert complaint(three, "cited knuth1984", TEXT) == "the page does not cite knuth1984"
    assert complaint(large, "?", TEXT) == "it has no reason"
    assert complaint(half, "formula", TEXT) is None
    assert complaint(one, "formula", TEXT) == "it stands in no formula"
    assert complaint(three, "= 3.0", TEXT) == "3.0 is no code"


SECTIONS = """## One
Of 7, 8, 1.4 and 1.5 we

```python
>>> print(7, 8.2, 1.4142)
7 8.2 1.4142
```

## Two
say 7, and of 207 and $10^{-5}$ something else.

```{listing} jacobians.jacobian.jacobian_numerical
```
"""


def test_what_is_printed_or_run_is_so_under_the_same_heading_unless_a_file_is_named_and_integers_are_there_themselves():
    seven, eight, root, half, again, cells, step = numbers_of(SECTIONS)
    assert [complaint(number, "printed", SECTIONS) for number in (seven, root)] == [None, None]
    for number in (eight, half, again, cells):
        assert complaint(number, "printed", SECTIONS) == "no cell prints it there"
    assert complaint(step, "run", SECTIONS) is None
    assert complaint(seven, "run", SECTIONS) is None
    assert complaint(again, "run", SECTIONS) == "no code holds it there"
    assert complaint(cells, "printed polar.md", SECTIONS) is None
    assert complaint(cells, "run backprop.py", SECTIONS) == "no code holds it there"
    assert complaint(half, "run figures/jacobian.py", SECTIONS) is None


@pytest.mark.parametrize("page", pages())
def test_each_number_of_the_prose_has_a_reason_that_holds(page):
    assert not complaints(page), "what changed is right? then `python -m tests.prose`, and a reason for each ?"


@pytest.mark.parametrize("page", pages())
def test_another_digit_in_the_prose_does_not_pass(page):
    path, reader = pages()[page]
    text = path.read_text(encoding="utf-8")
    assert len(numbers_of(reader(text))) == len(record(page))
    for number in numbers_of(reader(text))[::5]:  # all of them: make mutate
        place = number.start + re.search(r"\d", number.text).start()
        changed = text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :]
        assert complaints(page, changed)
