"""The summary table is computed, and says what it computed."""

import numpy as np

from jacobians import summary


def test_the_letters_of_the_sizes_agree_with_the_shapes_and_with_each_other():
    meaning = {}
    for row in summary.rows():
        assert len(row.letters) == row.array.ndim
        for letter, length in zip(row.letters, row.array.shape, strict=True):
            assert meaning.setdefault(letter, length) == length
    assert meaning == {"d": 3, "m": 2, "n": 3}


def test_the_arrays_are_what_the_rows_say():
    gradient, J, vjp, volume = [row.array for row in summary.rows()]
    np.testing.assert_allclose(gradient, [2, 4, 6], atol=1e-8)
    np.testing.assert_allclose(J, [[2, 1, 0], [0, 3, 2]], atol=1e-8)
    np.testing.assert_allclose(vjp, [2, -2, -2], atol=1e-8)
    np.testing.assert_allclose(volume, 2.0)


def test_the_table_prints_the_shapes_of_those_arrays():
    assert [cells[2] for cells in summary.table().body] == ["(3,)", "(2, 3)", "(3,)", "()"]
    assert [cells[1] for cells in summary.table().body] == ["(d,)", "(m, n)", "(n,)", "scalar"]


def test_a_table_without_rows_is_a_line_of_text():
    assert summary.Table(["nothing", "yet"], [])._repr_markdown_() == "nothing | yet"


def test_a_bar_in_a_cell_does_not_end_it():
    markdown = summary.Table(["a", "b"], [["|det J|", "r"]])._repr_markdown_()
    assert markdown == "| a | b |\n| --- | --- |\n| \\|det J\\| | r |"


def test_counts_stand_flush_right_and_a_list_of_numbers_stays_on_its_line():
    markdown = summary.Table(["a", "b", "c"], [["64 10 1", "4,736", "1.5"], ["x 1", "", "2"]])._repr_markdown_()
    space = "\N{NO-BREAK SPACE}"
    assert markdown.splitlines()[1:] == [
        "| --- | ---: | --- |", f"| 64{space}10{space}1 | 4,736 | 1.5 |", "| x 1 |  | 2 |"
    ]  # fmt: skip
