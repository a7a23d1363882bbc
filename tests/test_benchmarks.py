"""The harness's arithmetic, held on contenders whose times are known because they move the clock themselves."""

import json
import re
from functools import partial

import numpy as np
import pytest
from scipy import sparse

from benchmarks import harness, record
from benchmarks.harness import Problem, measure, paired_ratio, relative_error
from jacobians import measure as one_call
from jacobians import measured


class Clock:
    """Time that passes only when a contender says so; the machine slows down by a tenth each round."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def contender(self, seconds, answer=1.0):
        def call():
            self.now += seconds * (1 + self.now)
            return answer

        return call


def result(ours=None, peers=None, **options):
    clock = Clock()
    ours = ours or {"ours": clock.contender(1e-3)}
    return measure(Problem("p", ours, peers(clock) if peers else {}, **options), 0.0, (5, 9), clock=clock)


def named(found, label):
    return next(one for one in found["contenders"] if one["label"] == label)


def test_the_ratio_survives_a_machine_that_slows_down():
    found = result(peers=lambda clock: {"peer": clock.contender(3e-3)})
    low, middle, high = named(found, "peer")["over"]["ours"]
    assert low <= middle <= high
    assert middle == pytest.approx(3, rel=0.02)
    assert named(found, "ours")["over"]["ours"] == [1, 1, 1]


def test_a_ratio_turned_upside_down_is_the_ratio_of_the_other_way():
    a, b = np.random.default_rng(237).uniform(1, 2, (2, 8))
    assert paired_ratio(a, b) == pytest.approx([1 / q for q in reversed(paired_ratio(b, a))], rel=1e-5)


def test_a_short_call_is_repeated_until_a_sample_lasts_long_enough():
    clock = Clock()
    found = measure(Problem("p", {"short": clock.contender(1e-6), "long": clock.contender(1e-3)}, {}), 0.0, clock=clock)
    assert named(found, "short")["repeats"] * 1e-6 >= harness.SAMPLE
    assert named(found, "long")["repeats"] == 1
    assert named(found, "short")["seconds"][1] == pytest.approx(1e-6, rel=0.1)


def test_the_order_of_each_round_is_random_and_the_seed_fixes_it():
    def order(seed):
        calls, clock = [], Clock()

        def contender(label):
            step = clock.contender(1e-3)
            return lambda: (calls.append(label), step())

        measure(Problem("p", {label: contender(label) for label in "abc"}, {}), 0.0, (6, 6), seed, clock)
        rounds = [tuple(calls[-18:][i : i + 3]) for i in range(0, 18, 3)]
        assert all(sorted(one) == ["a", "b", "c"] for one in rounds)
        return rounds

    assert order(1) == order(1) != order(2)
    assert len(set(order(1))) > 1


def test_a_contender_that_raises_is_shown_with_its_message_and_the_others_are_timed():
    def broken():
        raise ValueError("singular\nmatrix")

    found = result(peers=lambda clock: {"broken": broken, "peer": clock.contender(2e-3)})
    assert named(found, "broken") == {"label": "broken", "role": "peer", "failed": "ValueError: singular matrix"}
    assert named(found, "peer")["over"]["ours"][1] == pytest.approx(2, rel=0.02)
    assert measured.table(found).body[-1][0] == "broken: failed, ValueError: singular matrix"


def test_a_contender_that_raises_in_a_later_round_is_shown_as_failed():
    calls = []

    def tires(step):
        calls.append(1)
        step()
        if len(calls) > limit:
            raise RuntimeError("tired")

    limit = np.inf
    found = result(peers=lambda clock: {"tires": partial(tires, clock.contender(1e-3))})
    assert "seconds" in named(found, "tires")
    limit = 2 * len(calls) - 2  # its last round but one
    found = result(peers=lambda clock: {"tires": partial(tires, clock.contender(1e-3))})
    assert named(found, "tires")["failed"] == "RuntimeError: tired"
    assert found["rounds"] == 5
    assert "seconds" in named(found, "ours")


def test_an_answer_of_another_shape_is_a_failure():
    found = result(exact=np.zeros(2))
    assert named(found, "ours")["failed"] == "ValueError: the answer must have shape (2,); got ()"
    assert measured.reference(found) is None
    assert measured.table(found).body == [[f"ours, ours: failed, {named(found, 'ours')['failed']}"]]


def test_an_answer_that_is_not_computed_yet_is_waited_for():
    class Lazy(float):
        waited = 0

        def block_until_ready(self):
            Lazy.waited += 1
            return self

    clock = Clock()
    step = clock.contender(1e-3)
    found = measure(Problem("p", {"lazy": lambda: (step(), (Lazy(1.0),))}, {}), 0.0, (5, 5), clock=clock)
    assert "seconds" in named(found, "lazy")
    assert Lazy.waited >= 5


def test_the_error_is_relative_entry_by_entry_and_to_the_largest_where_an_entry_is_zero():
    exact = np.array([[100.0, 0.0], [1e-3, 1.0]])
    assert relative_error(exact, exact) == 0
    assert relative_error(exact + 1e-6 * (exact == 1e-3), exact) == pytest.approx(1e-3)
    assert relative_error(exact + 1e-6 * (exact == 0), exact) == pytest.approx(1e-8)
    assert relative_error(exact * [[1, 1], [1, np.nan]], exact) == np.inf
    assert relative_error((exact, exact + 1), (exact, exact)) == pytest.approx(1000)


def test_the_error_of_a_sparse_answer_is_that_of_the_dense_one():
    rng = np.random.default_rng(237)
    exact = np.where(rng.uniform(size=(6, 6)) < 0.4, rng.standard_normal((6, 6)), 0)
    got = np.where(rng.uniform(size=(6, 6)) < 0.6, exact, 1e-3)
    dense = relative_error(got, exact)
    assert dense > 0
    for answer, right in [(sparse.csc_array(got), sparse.coo_array(exact)), (sparse.csr_array(got), exact)]:
        assert relative_error(answer, right) == pytest.approx(dense, rel=1e-12)


def test_memory_is_the_larger_of_what_python_sees_and_what_the_process_takes():
    size, seen_by = harness.peak_memory(lambda: np.ones(4_000_000))
    assert seen_by in {"tracemalloc", "rss"}
    assert size >= 32_000_000
    assert harness.traced(lambda: None) < 10_000


def test_a_missing_peer_is_named_and_a_present_one_has_its_version(monkeypatch):
    monkeypatch.setattr(harness, "LOADED", {})
    monkeypatch.setattr(harness, "MISSING", {})
    assert harness.optional("no_such_peer") is None
    assert harness.MISSING == {"no_such_peer": "No module named 'no_such_peer'"}
    assert harness.optional("numpy.linalg") is np.linalg
    assert dict(harness.LOADED) == {"numpy": np.__version__}


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(ValueError, match=re.escape("labels of ours and of peers must differ; got ['a'] in both")):
        Problem("p", {"a": int}, {"a": int})
    with pytest.raises(ValueError, match=re.escape("evaluations and beside must name a contender; got ['b', 'c']")):
        Problem("p", {"a": int}, {}, evaluations={"b": 1}, beside="c")


def test_a_record_comes_back_from_its_file_and_other_stems_stay(tmp_path):
    found = result(peers=lambda clock: {"peer": clock.contender(3e-3)}, exact=1.0, evaluations={"peer": 7})
    file = tmp_path / "deep" / "measured.json"
    for stem in ["vjp", "jacobian", "vjp"]:
        record.keep(stem, record.run([found], "one thread each"), file)
    runs = measured.read(file)
    assert list(runs) == ["jacobian", "vjp"]
    assert runs["vjp"]["problems"] == [found]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", runs["vjp"]["date"])
    assert runs["vjp"]["versions"]["numpy"] == np.__version__


def test_nothing_is_written_half(tmp_path, monkeypatch):
    file = tmp_path / "measured.json"
    record.write(file, {"old": 1})
    with pytest.raises(TypeError):
        record.write(file, {"new": 1, "unwritable": object()})

    def stopped(self, *arguments, **options):
        with self.open("w") as half:
            half.write("{")
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.write_text", stopped)
    with pytest.raises(KeyboardInterrupt):
        record.write(file, {"new": 1})
    assert json.loads(file.read_bytes()) == {"old": 1}
    assert list(tmp_path.iterdir()) == [file]


def test_a_stop_by_the_keyboard_is_not_taken_for_a_failure_and_the_collector_runs_again():
    import gc

    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        result(peers=lambda clock: {"stop": stop})
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_the_tables_show_the_reference_as_one_and_leave_out_silent_columns():
    found = result(peers=lambda clock: {"peer": clock.contender(3e-3)}, beside="peer")
    table = measured.table(found)
    assert "f calls" not in table.head
    assert "Largest error" not in table.head
    ratios = {row[0]: row[table.head.index("Ratio")] for row in table.body}
    assert ratios["peer"] == "1.00"
    assert float(ratios["ours, ours"]) == pytest.approx(1 / 3, abs=0.02)


def test_the_page_is_made_when_a_stem_was_not_measured(tmp_path):
    file = tmp_path / "measured.json"
    with pytest.raises(FileNotFoundError, match=r"must stand in .*measured\.json; `make bench` writes it"):
        measured.read(file)
    record.write(file, {})
    assert repr(measured.tables("vjp", file)) == "vjp: not measured yet; `make bench` does it"


RUN = {"date": "2026-11-23", "machine": "an engine", "threads": "one thread each", "load": 0.5,
       "versions": {"numpy": "2.4", "jax": "0.10"}, "missing": ["torch", "cupy"]}  # fmt: skip
SAID = "Measured on 2026-11-23, on an engine; one thread each, at a load of 0.5; with jax 0.10, numpy 2.4."


def contender(label, role, seconds, **more):
    over = {} if "beside" not in more else {more.pop("beside"): [1.0, 2.0, 12.5]}
    quartiles = [seconds / 2, seconds, 3 * seconds if role == "ours" else 1.2 * seconds]
    return {"label": label, "role": role, "seconds": quartiles, "over": over, "seen_by": "tracemalloc"} | more


def problem(name, goal):
    ours = contender("ours", "ours", 1e-3, bytes=800, over={"ours": [1, 1, 1]}, evaluations=1200, error=0.0)
    peer = contender("peer", "peer", 2e-3, bytes=5e6, beside="ours", error=1.4e-8)
    return {"name": name, "goal": goal, "beside": None, "contenders": [peer, ours]}


def test_a_stem_is_shown_with_the_names_and_goals_of_its_problems_and_how_it_was_measured():
    shown = measured.Tables(
        RUN | {"missing": [], "problems": [problem("small", ""), problem("large", "twice as fast")]}
    )
    head = "Contender | Time | Ratio | Quartiles | Largest error | f calls | Peak memory"
    lines = [
        "ours, ours | 1.00 ms | 1.00 |  | 0 | 1,200 | 800 B",
        "peer | 2.00 ms | 2.00 | 1.00–12.5 | 1e-08 |  | 5.00 MB",
    ]
    table = "\n".join([head, *lines])
    assert repr(shown) == f"{SAID}\n\nsmall\n{table}\n\nlarge\n{table}"
    tied = [re.sub(r"(\d) (ms|B|MB)", "\\1\N{NO-BREAK SPACE}\\2", line) for line in lines]
    rules = " | ".join(["---"] * 5 + ["---:", "---"])  # whole numbers stand below each other
    rows = "\n".join(f"| {line} |" for line in [head, rules, *tied])
    assert shown._repr_markdown_() == (
        f"**small**\n\n{rows}\n\n**large**\n\nThe goal: twice as fast.\n\n{rows}\n\n{SAID}"
    )


def test_what_was_not_installed_is_named():
    assert measured.circumstances(RUN) == f"{SAID} Not installed: cupy, torch."


@pytest.mark.parametrize(
    ("seen_by", "count", "words"),
    [
        ("tracemalloc", 5e6, "5.00 MB"),
        ("rss", 5e6, "5.00 MB (process)"),
        ("rss", 4e6, "under 4 MB (process)"),
        ("rss", 100, "under 4 MB (process)"),
        ("answer", 5e6, "5.00 MB (answer)"),
    ],
)
def test_memory_is_told_as_well_as_it_was_seen(seen_by, count, words):
    assert measured.held({"seen_by": seen_by, "bytes": count}) == words


def test_digits_and_units_at_their_edges():
    assert [measured.ratio(value) for value in (0.5, 9.996, 10.0, 10.04, 999.4, 999.5, 999.6, 987654)] == [
        "0.50", "10.00", "10.0", "10.0", "999", "1000", "1000", "988000",
    ]  # fmt: skip
    assert [measured.duration(value) for value in (1e-10, 1e-9, 1e-6, 1e-3, 1.0, 120.0)] == [
        "0.100 ns", "1.00 ns", "1.00 µs", "1.00 ms", "1.00 s", "120 s",
    ]  # fmt: skip
    assert [measured.memory(value) for value in (0, 1, 999, 1000, 1e6, 1e9)] == [
        "0 B",
        "1 B",
        "999 B",
        "1.00 kB",
        "1.00 MB",
        "1.00 GB",
    ]


def test_where_the_reference_failed_no_ratio_is_told():
    found = problem("p", "") | {"beside": "broken"}
    found["contenders"].append({"label": "broken", "role": "peer", "failed": "ValueError: no"})
    table = measured.table(found)
    assert "Ratio" not in table.head
    assert "Quartiles" not in table.head
    assert [len(row) for row in table.body] == [len(table.head)] * 3
    assert measured.line(found["contenders"][-1], None) == ["broken: failed, ValueError: no", *[""] * 6]


def test_the_fastest_is_so_in_the_middle_and_numbers_are_tied_to_their_units():
    found = problem("p", "")
    slow = contender("slow", "ours", 1.2e-3, bytes=5e6, seen_by="rss", beside="ours") | {
        "seconds": [1e-3, 1.2e-3, 1.3e-3]
    }
    found["contenders"].insert(0, slow)
    assert measured.fastest(found) == "ours"
    table = measured.table(found)
    assert [row[0] for row in table.body] == ["ours, ours", "slow, ours", "peer"]
    assert [row[1] for row in table.body] == ["1.00 ms", "1.20 ms", "2.00 ms"]
    assert measured.unbroken(table).body[1][-1] == "5.00\N{NO-BREAK SPACE}MB (process)"


def test_a_table_leads_with_the_fastest_and_ends_with_what_failed():
    found = problem("p", "")
    found["contenders"].insert(0, {"label": "broken", "role": "ours", "failed": "ValueError: no"})
    assert [row[0] for row in measured.table(found).body] == [
        "ours, ours",
        "peer",
        "broken, ours: failed, ValueError: no",
    ]
    assert measured.fastest(found) == measured.reference(found) == "ours"
    assert measured.reference(found | {"beside": "peer"}) == "peer"
    assert measured.reference(found | {"beside": "broken"}) is None
    assert measured.fastest({"contenders": found["contenders"][:1]}) is None


def test_the_tables_of_a_stem_come_from_its_file(tmp_path):
    file = tmp_path / "measured.json"
    record.write(file, {"vjp": RUN | {"problems": [problem("p", "")]}})
    assert measured.tables("vjp", file).run["problems"][0]["name"] == "p"
    assert repr(measured.tables("polar", file)) == "polar: not measured yet; `make bench` does it"


# -- One call ---------------------------------------------------------------------------------------------------------


class Machine:
    """A clock and a counter of page faults; a call takes its seconds and 7 faults. Stands in for `resource`, too."""

    RUSAGE_SELF = "this process"

    def __init__(self, seconds):
        self.now, self.ru_minflt, self.calls, self.seconds = 100.0, 1000, 0, seconds

    def call(self):
        self.now += self.seconds(self.calls)
        self.ru_minflt += 7
        self.calls += 1

    def getrusage(self, who):
        return self if who == self.RUSAGE_SELF else None

    def cost(self, monkeypatch, **options):
        monkeypatch.setattr(one_call, "perf_counter", lambda: self.now)
        monkeypatch.setattr(one_call, "resource", self)
        return one_call.cost(1, self.call, **options)


def test_a_cost_is_the_median_of_the_times_and_the_mean_of_the_page_faults(monkeypatch):
    found = Machine(lambda k: [9.0, 9.0, 0.5, 0.25, 8.0][k]).cost(monkeypatch, repeats=3)
    assert found.seconds == 0.5
    assert found.faults == 7


@pytest.mark.parametrize(
    ("seconds", "options", "repeats"),
    [
        (1 / 1024, {}, 15),
        (1 / 16, {}, 4),
        (1.0, {}, 3),
        (1.0, {"budget": 5.0}, 5),
        (1.0, {"budget": 99.0, "repeats": 8}, 8),
        (1.0, {"repeats": 2}, 2),
    ],
)
def test_a_call_is_repeated_until_its_budget_is_spent_but_not_too_often(monkeypatch, seconds, options, repeats):
    machine = Machine(lambda k: seconds)
    machine.cost(monkeypatch, **options)
    assert machine.calls == 2 + repeats  # two to warm up


def test_where_page_faults_are_not_told_they_are_no_number(monkeypatch):
    assert one_call.page_faults() > 0
    monkeypatch.setattr(one_call, "resource", None)
    assert np.isnan(one_call.page_faults())


def test_the_slope_is_that_of_the_last_four_sizes():
    costs = [one_call.Cost(n, 2.0 if n == 1 else n**1.5, n**2) for n in (1, 10, 20, 40, 80)]
    assert one_call.slope(costs) == pytest.approx(1.5)
    assert one_call.slope([one_call.Cost(4, 4.0, 4), *costs[1:4]]) != pytest.approx(1.5, abs=0.1)


@pytest.mark.parametrize(
    ("cpuinfo", "processor", "name"),
    [
        (
            "processor\t: 0\nmodel name\t: Engine\u00ae 5000 @ 2 GHz\n\nmodel name\t: Other\n",
            "x86",
            "Engine® 5000 @ 2 GHz",
        ),
        ("processor\t: 0\n", "x86", "x86"),
        (None, "x86", "x86"),
        (None, "", "a machine"),
    ],
)
def test_the_machine_is_named_by_its_processor(monkeypatch, tmp_path, cpuinfo, processor, name):
    if cpuinfo:
        (tmp_path / "proc").mkdir()
        (tmp_path / "proc" / "cpuinfo").write_text(cpuinfo, encoding="utf-8")
    monkeypatch.setattr(one_call, "Path", lambda path: tmp_path / path.lstrip("/"))
    monkeypatch.setattr("platform.processor", lambda: processor)
    monkeypatch.setattr("platform.machine", lambda: "a machine")
    monkeypatch.setattr("platform.python_version", lambda: "3.99")
    monkeypatch.setattr("os.cpu_count", lambda: 6)
    assert one_call.machine() == f"{name}, 6 cores, Python 3.99, NumPy {np.__version__}"


@pytest.mark.parametrize(("value", "text"), [(np.float32(2.5), "2.5"), (7, "7.0"), ("an engine", "an engine")])
def test_a_value_is_kept_in_the_notebook_as_myst_nb_keeps_it(monkeypatch, value, text):
    def display(data, **options):
        shown.append((data, options))

    shown, kind = [], "application/papermill.record/"
    monkeypatch.setattr("IPython.display.display", display)
    one_call.glue("size", value)
    metadata = {"scrapbook": {"name": "size", "mime_prefix": kind}}
    assert shown == [({f"{kind}text/plain": text}, {"raw": True, "metadata": metadata})]
