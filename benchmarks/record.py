"""What a run leaves: a file of JSON a stem, whole or not at all, with the machine, the versions and the date."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import numpy
import scipy

from benchmarks.harness import LOADED, MISSING
from jacobians import measure

ROOT = Path(__file__).parent.parent
BUILD = ROOT / "_build" / "bench"
COMMITTED = Path(__file__).parent / "measured.json"


def write(path, data):
    """Write ``data`` as JSON beside ``path``, then move it there: a reader finds the old file or the new one."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        half.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def run(problems, threads):
    """The record of one stem, from the results of `benchmarks.harness.measure`."""
    versions = {"numpy": numpy.__version__, "scipy": scipy.__version__} | LOADED
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": measure.machine(),
        "threads": threads,
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "versions": versions,
        "missing": dict(MISSING),
        "problems": problems,
    }


def keep(stem, record, path=COMMITTED):
    """Set one stem's record in the file that the page "Measured" reads; the other stems' stay."""
    path = Path(path)
    runs = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    write(path, dict(sorted((runs | {stem: record}).items())))
