"""What a call costs on this machine: time, memory, and the machine's name. Serves the chapters that measure."""

import os
import platform
import statistics
import tracemalloc
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

try:
    import resource
except ImportError:  # Windows
    resource = None

from jacobians.vjp import relu_jacobian, relu_vjp


@dataclass(frozen=True)
class Cost:
    """What one call cost at size n.

    Args:
        n: the size.
        seconds: the median time of a call.
        bytes: the most memory that a call held at once.
        faults: the pages of memory that a call had to ask of the operating system (NaN where that is not told).
    """

    n: int
    seconds: float
    bytes: int
    faults: float = float("nan")


def cost(n, call, budget=0.2, repeats=15):
    """The `Cost` of ``call()``: one warm-up, which is measured for memory, then repeats until ``budget`` seconds."""
    tracemalloc.start()
    try:
        call()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    call()
    times, faults = [], page_faults()
    while len(times) < repeats and (len(times) < 3 or sum(times) < budget):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return Cost(n, statistics.median(times), peak, (page_faults() - faults) / len(times))


def page_faults():
    """How many pages this process has asked of the operating system so far; NaN where that is not told."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt if resource else float("nan")


@dataclass(frozen=True)
class ReluCosts:
    """The explicit product and the VJP of ReLU, a `Cost` a size; `refused` is the first size too large for it."""

    explicit: list
    vjp: list
    refused: int


def relu_costs(explicit_to=10**4, to=10**7, max_bytes=10**9):
    """Measure Jᵀv of ReLU with and without the matrix, which is made only while it fits in ``max_bytes``.

    Args:
        explicit_to: the largest n to try with the explicit matrix, if memory allows it.
        to: the largest n of the VJP.
        max_bytes: how large the explicit matrix may be, 8 n² bytes.

    Returns:
        `ReluCosts`, for n = 10, 20, 30, 50, 70, 100, … (seeded points and cotangents).
    """
    rng = np.random.default_rng(237)
    sizes = [n for k in range(1, len(str(to))) for n in (10**k * np.array([1, 2, 3, 5, 7])).tolist() if n <= to]
    explicit, vjp = [], []
    for n in sizes:
        x, v = rng.standard_normal(n), rng.standard_normal(n)
        vjp.append(cost(n, lambda x=x, v=v: relu_vjp(x, v)))
        if n <= explicit_to and 8 * n**2 <= max_bytes:
            explicit.append(cost(n, lambda x=x, v=v: relu_jacobian(x).T @ v))
    return ReluCosts(explicit, vjp, next((n for n in sizes if 8 * n**2 > max_bytes), 0))


def slope(costs, what="seconds", last=4):
    """The slope in a log-log plot of the ``last`` sizes, at least two, by least squares."""
    costs = costs[-last:]
    if len(costs) < 2:
        raise ValueError(f"a slope needs at least two sizes; got {len(costs)}")
    return float(np.polyfit(np.log([c.n for c in costs]), np.log([getattr(c, what) for c in costs]), 1)[0])


def machine():
    """The machine that measured, in words: processor, cores, Python, NumPy."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    name = models[0] if models else platform.processor() or platform.machine()
    return f"{name}, {os.cpu_count()} cores, Python {platform.python_version()}, NumPy {np.__version__}"


def glue(name, value):
    """Keep a measured value in the notebook, under a name by which the text takes it with the role ``glue:text``.

    MyST-NB's own ``glue``, without MyST-NB: a reader's notebook needs this package alone.
    """
    from IPython.display import display

    prefix = "application/papermill.record/"
    text = value if isinstance(value, str) else repr(float(value))
    display({f"{prefix}text/plain": text}, raw=True, metadata={"scrapbook": {"name": name, "mime_prefix": prefix}})
