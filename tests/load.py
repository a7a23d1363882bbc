"""Call the routines very often and from many threads at once: `make load` does so a million times each.

They hold no memory from call to call, and give each thread the same answer, on a free-threaded Python too.
"""

import gc
import shutil
import subprocess
import sys
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np

from jacobians import differences, layers, polar, vjp, volume
from jacobians.forward import jacobian_forward, jvp
from jacobians.jacobian import f_vec, jacobian_analytical, jacobian_numerical
from tests.versions import by_pyenv

ROOT = Path(__file__).parents[1]
ROOM = 1 << 15  # bytes that caches of NumPy and SciPy may hold, however many calls there are
POINT, TANGENT, WIDE = np.array([1.5, 2.0]), np.array([0.5, -1.0]), np.linspace(-2, 2, 8)
BANDED = np.abs(np.subtract.outer(np.arange(8), np.arange(8))) < 2


def smooth(x):
    """A map of as many values as entries, whose Jacobian is banded."""
    return np.sin(x) + np.concatenate([x[1:], [0.0]]) * x


ROUTINES = {
    "jacobian_analytical": lambda: jacobian_analytical(POINT),
    "jacobian_numerical": lambda: jacobian_numerical(f_vec, POINT),
    "jvp": lambda: jvp(lambda p: np.sin(p) * p[0], POINT, TANGENT),
    "jacobian_forward": lambda: jacobian_forward(lambda p: np.sin(p) * p[0], POINT),
    "relu_vjp": lambda: vjp.relu_vjp(WIDE, WIDE),
    "relu_jacobian": lambda: vjp.relu_jacobian(WIDE),
    "polar_jacobian": lambda: polar.polar_jacobian(1.5, 0.5),
    "polar_cell": lambda: polar.polar_cell(1.5, 0.1, 0.5, 0.1, points=10),
    "differences.jacobian": lambda: differences.jacobian(smooth, WIDE),
    "differences.jacobian, complex": lambda: differences.jacobian(np.sin, WIDE, method="complex"),
    "differences.jacobian, sparse": lambda: differences.jacobian(smooth, WIDE, sparsity=BANDED).toarray(),
    "volume.Spherical": lambda: volume.Spherical().determinant(1.0, 0.5, 0.3),
    "softmax.vjp": lambda: layers.softmax.vjp(WIDE, WIDE),
    "tanh.pullback": lambda: layers.tanh.pullback(WIDE)[1](WIDE),
}


def growth(call, calls):
    """How many bytes more are held after many calls than after the first few."""
    tracemalloc.start()
    try:
        for _ in range(max(200, calls // 10)):
            call()
        gc.collect()  # what only refers to itself is no loss
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(calls):
            call()
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


def together(call, threads=8, calls=50):
    """The answers of threads that begin at the same moment, each after many calls."""
    start = Barrier(threads)

    def work(_):
        start.wait()
        return [call() for _ in range(calls)]

    with ThreadPoolExecutor(threads) as pool:
        return [answer for answers in pool.map(work, range(threads)) for answer in answers]


def unequal(call, **how):
    """How many of the answers of many threads are not, bit for bit, the answer of one."""
    alone = call()
    return sum(not np.array_equal(np.asarray(answer), np.asarray(alone)) for answer in together(call, **how))


def free_threaded():
    """The Pythons here that run threads at once."""
    named = [shutil.which(f"python3.{minor}t") for minor in range(13, 16)]
    return list(filter(None, [*named, *by_pyenv("3.*t")]))


def main(calls):
    wrong = False
    print(f"Python {sys.version.split()[0]}, {calls} calls of each, then 8 threads at once:")
    for name, call in ROUTINES.items():
        begun = time.perf_counter()
        held, apart = growth(call, calls), unequal(call)
        bad = held > ROOM or apart > 0
        print(
            f"  {name:30} {held:7} bytes more, {apart} answers differ, {time.perf_counter() - begun:5.0f} s", flush=True
        )
        wrong = wrong or bad
    for python in free_threaded():
        script = "import runpy; runpy.run_path('tests/load.py', run_name='__main__')"
        wrong = subprocess.run([python, "-c", script, "1000"], cwd=ROOT).returncode != 0 or wrong
    if not free_threaded():
        print("No free-threaded Python is here (python3.13t or newer): threads took turns.")
    sys.exit(wrong)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10**6)
