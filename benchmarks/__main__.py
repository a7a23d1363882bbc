"""``python -m benchmarks [--keep] [--budget SECONDS] [stem …]``: time the problems of each stem, one thread each.

It prints a table a problem and writes ``_build/bench/STEM.json``; with ``--keep`` also ``benchmarks/measured.json``,
from which the page "Measured" is made.
"""

import os
from ctypes import CDLL

SETTINGS = {  # read when the libraries are imported, so before that
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
    "JAX_ENABLE_X64": "1",
}
THREADS = "one thread each"
os.environ.update(SETTINGS)
if hasattr(os, "sched_setaffinity"):  # XLA makes as many threads as it may use processors
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    THREADS += ", all on one core"
if hasattr(CDLL(None), "mallopt"):
    CDLL(None).mallopt(-8, 1)  # M_ARENA_MAX: one heap, whose freed memory can be handed back and so be seen again

import argparse  # noqa: E402
import importlib  # noqa: E402
import sys  # noqa: E402
import traceback  # noqa: E402
from pathlib import Path  # noqa: E402

from threadpoolctl import threadpool_limits  # noqa: E402
from tqdm import tqdm  # noqa: E402

from benchmarks import record  # noqa: E402
from benchmarks.harness import LOADED, MISSING, measure  # noqa: E402
from jacobians import measured  # noqa: E402

STEMS = sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))


def aligned(table):
    """A table as text, its columns one under the other."""
    rows = [table.head, *table.body]
    widths = [
        max(len(row[j]) for row in rows if not row[1].startswith("failed") or j == 0) for j in range(len(table.head))
    ]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def time_stem(stem, budget):
    """The record of one stem; each problem is printed as soon as it is done."""
    results = []
    LOADED.clear()
    MISSING.clear()
    problems = importlib.import_module(f"benchmarks.bench_{stem}").problems()
    with threadpool_limits(1), tqdm(problems, desc=stem, unit=" problems", leave=False, disable=None) as bar:
        for problem in bar:
            bar.set_description(f"{stem}: {problem.name}")
            results.append(measure(problem, budget, tick=bar.set_postfix_str))
            bar.write(f"\n{problem.name}" + f"; the goal: {problem.goal}" * bool(problem.goal), file=sys.stdout)
            bar.write(aligned(measured.table(results[-1])), file=sys.stdout)
    return record.run(results, THREADS)


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.split("\n", 1)[0])
    parser.add_argument("stems", nargs="*", metavar="stem", help=f"one of {', '.join(STEMS)}; all, if none is named")
    parser.add_argument("--keep", action="store_true", help="write what the page Measured reads, too")
    parser.add_argument("--budget", type=float, default=5.0, help="seconds of rounds a problem (default 5)")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.stems) - set(STEMS)):
        parser.error(f"stem must be one of {', '.join(STEMS)}; got {', '.join(unknown)}")
    failed = []
    for stem in options.stems or STEMS:
        print(f"\n== {stem} ==")
        try:
            result = time_stem(stem, options.budget)
        except Exception:
            traceback.print_exc()
            failed.append(stem)
            continue
        print(f"\n{measured.circumstances(result)}")
        for name, why in MISSING.items():
            print(f"{name} is not installed, so it was not timed: {why}")
        record.write(record.BUILD / f"{stem}.json", result)
        if options.keep:
            record.keep(stem, result)
        failed += [f"{stem}: {one['label']}" for p in result["problems"] for one in p["contenders"]
                   if one["role"] == "ours" and "failed" in one]  # fmt: skip
    if failed:
        sys.exit(f"failed: {'; '.join(failed)}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("stopped; what was measured before stays, and nothing is written half")
