"""The page "How this book is checked" shows what the record holds, which has no survivor without a reason."""

import json

import pytest

from jacobians import checked, forward, jacobian, layers, polar, vjp
from tests.mutants import SURVIVORS, UNREASONED


def test_every_digit_that_was_changed_was_noticed():
    for name in checked.DIGITS:
        planted, caught = checked.read()[name]
        assert planted == caught > 0


def test_the_tables_show_the_counts_and_their_sum(tmp_path):
    file = tmp_path / "mutated.json"
    counts = {name: [2000 + i, 2000] for i, name in enumerate(checked.DIGITS)}
    file.write_text(json.dumps(counts | {"code": {"vjp": [10, 9], "polar": [1000, 1000]}}))
    assert checked.digits(file).head == ["What was changed", "Planted", "Caught"]
    assert [row[1:] for row in checked.digits(file).body] == [[f"2,00{i}", "2,000"] for i in range(4)]
    assert checked.code(file).head == ["Module", "Planted", "Caught"]
    assert checked.code(file).body == [["`vjp`", "10", "9"], ["`polar`", "1,000", "1,000"], ["all", "1,010", "1,009"]]


def test_the_modules_of_a_package_are_counted_together(tmp_path):
    counts = {"duals.dual": [10, 9], "duals.sums": [20, 20], "polar": [5, 4]}
    (tmp_path / "mutated.json").write_text(json.dumps({"code": counts}))
    table = checked.code(tmp_path / "mutated.json")
    assert table.body == [["`duals`", "30", "29"], ["`polar`", "5", "4"], ["all", "35", "33"]]


def test_the_cases_of_each_module_and_peer_are_added_up(tmp_path):
    cases = {"vjp.relu": {"JAX": 1000, "autograd": 200, "SymPy": 7}, "vjp.relu_vjp": {"JAX": 300, "autograd": 400},
             "flows.Flow.inverse": {"JAX": 200, "autograd": 201}}  # fmt: skip
    (tmp_path / "mutated.json").write_text(json.dumps({"answers": cases}))
    table = checked.answers(tmp_path / "mutated.json")
    assert table.head == ["Module", "Routines", "JAX", "autograd", "SymPy"]
    assert table.body == [
        ["`flows`", "1", "200", "201", "0"],
        ["`vjp`", "2", "1,300", "600", "7"],
        ["all", "3", "1,500", "801", "7"],
    ]
    assert checked.fewest(tmp_path / "mutated.json") == 200


def test_every_routine_that_differentiates_was_compared_in_hundreds_of_cases():
    cases = checked.read()["answers"]
    assert checked.fewest() >= 200
    for name in layers.LAYERS:
        assert {f"layers.{name}.{one}" for one in ("forward", "jacobian", "jvp", "vjp", "pullback")} <= set(cases)
    for module in (jacobian, forward, vjp, polar):
        own = {name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__}
        own = {f"{module.__name__.split('.')[1]}.{name}" for name in own if not name.startswith("_")}
        assert own - {"polar.shoelace", "polar.polar_cell"} <= set(cases)


def test_a_module_alone_needs_no_sum(tmp_path):
    (tmp_path / "mutated.json").write_text(json.dumps({"code": {"vjp": [10, 9]}}))
    assert checked.code(tmp_path / "mutated.json").body == [["`vjp`", "10", "9"]]


def test_the_page_is_made_before_any_code_was_changed(tmp_path):
    (tmp_path / "mutated.json").write_text("{}")
    assert repr(checked.code(tmp_path / "mutated.json")) == "No code was changed yet; `make mutants` does it"


def test_what_was_never_planted_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="`make mutate` writes it"):
        checked.read(tmp_path / "none.json")


def test_at_least_95_of_100_changes_of_the_code_are_noticed_and_each_other_one_has_a_reason():
    for module, (planted, caught) in checked.read()["code"].items():
        assert caught >= 0.95 * planted, module
    for line in SURVIVORS.read_text(encoding="utf-8").splitlines():
        assert not line.endswith(f"\t{UNREASONED}"), line
