"""How contenders are compared: called in turn in one process, and judged by medians of paired ratios.

One round calls everybody once, in a random order that the seed fixes. A slow second of the machine falls on all of
them alike, so the ratio within a round is steadier than any time. A call too short for the clock is repeated until a
sample lasts `SAMPLE` seconds.
"""

import gc
import importlib
import importlib.metadata
import random
import sys
import tracemalloc
import warnings
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from ctypes import CDLL
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import numpy as np
from scipy import sparse

SAMPLE = 200e-6  # seconds: a thousand times the clock's own cost
NOISE = 2**22  # bytes: two of the kernel's large pages
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
QUARTILES = [0.25, 0.5, 0.75]
LOADED, MISSING = {}, {}  # what `optional` found, name -> version, and what it did not, name -> why


@dataclass(frozen=True)
class Problem:
    """One task and those who do it.

    Args:
        name: what is computed, with its size: "Broyden tridiagonal, n = 100, dense".
        ours: label -> a call that returns the answer, an array (or a tuple of arrays); the harness warms it up.
        peers: the same for each peer; plans and compilations are made before, outside the call.
        exact: the answer to measure errors against, or None.
        evaluations: label -> points at which a call evaluates f, where that says something.
        goal: the bar, in words.
        beside: the label of the contender to which ratios are shown, where that is not the fastest of ours.
    """

    name: str
    ours: dict[str, Callable[[], object]]
    peers: dict[str, Callable[[], object]]
    exact: object | None = None
    evaluations: Mapping[str, int] = field(default_factory=dict)
    goal: str = ""
    beside: str = ""

    def __post_init__(self):
        if twice := self.ours.keys() & self.peers.keys():
            raise ValueError(f"labels of ours and of peers must differ; got {sorted(twice)} in both")
        if unknown := {*self.evaluations, *filter(None, [self.beside])} - self.ours.keys() - self.peers.keys():
            raise ValueError(f"evaluations and beside must name a contender; got {sorted(unknown)}")


def digits(n):
    """A size as the names of problems write it.

    >>> digits(1000), digits(9488), digits(100_000)
    ('1,000', '9,488', '10⁵')
    """
    zeros = str(n)[1:]
    return f"10{str(len(zeros)).translate(RAISED)}" if n >= 10_000 and n == 10 ** len(zeros) else f"{n:,}"


def optional(name):
    """The module of a peer, set to one thread and double precision, or None; the run names what is missing."""
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        MISSING[name] = str(error)
        return None
    package = sys.modules[name.partition(".")[0]]
    LOADED[package.__name__] = getattr(package, "__version__", None) or importlib.metadata.version(package.__name__)
    if package.__name__ == "torch":
        package.set_num_threads(1)
    if package.__name__ == "jax":
        package.config.update("jax_enable_x64", True)
    return module


# -- Errors -----------------------------------------------------------------------------------------------------------


def as_array(answer):
    """Any library's array as NumPy's, or as SciPy's in compressed rows where it is sparse."""
    if sparse.issparse(answer):
        return sparse.csr_array(answer)
    if type(answer).__name__ == "BCOO":  # JAX's sparse arrays
        return sparse.csr_array((np.asarray(answer.data), np.asarray(answer.indices).T), shape=answer.shape)
    return np.asarray(answer.detach() if hasattr(answer, "detach") else answer)


def relative_error(answer, exact):
    """The largest error, entry by entry over the exact entry; over the largest exact entry where that entry is 0.

    Args:
        answer: what a contender returned, an array of any library, or a tuple of them.
        exact: the same from theory.

    Returns:
        A float; infinite if the answer holds a NaN.

    Raises:
        ValueError: the shapes differ.

    >>> float(relative_error(np.array([2.0, 1e-9]), np.array([2.0, 0.0])))
    5e-10
    """
    if isinstance(exact, (tuple, list)):
        if len(answer) != len(exact):
            raise ValueError(f"the answer must have {len(exact)} parts; got {len(answer)}")
        return max(map(relative_error, answer, exact))
    got, exact = as_array(answer), as_array(exact)
    if got.shape != exact.shape:
        raise ValueError(f"the answer must have shape {exact.shape}; got {got.shape}")
    if sparse.issparse(got) or sparse.issparse(exact):
        return _sparse_error(sparse.csr_array(got), sparse.csr_array(exact))
    return _error(np.abs(got - exact), np.abs(exact))


def _sparse_error(got, exact):
    """The same on the union of both patterns."""
    entries = (abs(got) + abs(exact)).tocoo()
    at = entries.row, entries.col
    found, right = (np.asarray(matrix[at]).ravel() for matrix in (got, exact))
    return _error(np.abs(found - right), np.abs(right))


def _error(difference, size):
    if difference.size == 0:
        return 0.0
    scale = np.where(size > 0, size, size.max() or 1.0)
    return float(np.nan_to_num(np.max(difference / scale), nan=np.inf, posinf=np.inf))


# -- Memory -----------------------------------------------------------------------------------------------------------


def traced(call):
    """The most memory in bytes that Python and NumPy held at once during ``call()``, by tracemalloc."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def resident(call):
    """By how many bytes the process grew at most during ``call()``, by the kernel's own mark; None outside Linux.

    It sees what tracemalloc cannot, the arrays of other libraries, but nothing below its own noise of some megabytes.
    """
    gc.collect()
    try:
        CDLL(None).malloc_trim(0)  # hand back what was freed, or it would be taken again unseen
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except (AttributeError, OSError):
        return None
    before = _status("VmRSS")
    call()
    return max(_status("VmHWM") - before, 0)


def _status(key):
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return 1024 * int(next(line.split()[1] for line in lines if line.startswith(key)))


def peak_memory(call, foreign=0):
    """(bytes, who saw them): tracemalloc's peak, or the process's where that is larger by more than its noise.

    Where the answer has ``foreign`` bytes, of a library that tracemalloc does not know, it is the process's anyway; or
    those bytes, if the process grew by less, since the library had kept memory of an earlier call.
    """
    inside, outside = traced(call), resident(call)
    if foreign > max(inside, outside or 0):
        return foreign, "answer"
    seen_more = outside is not None and (foreign or outside > 1.1 * inside + NOISE)
    return (outside, "rss") if seen_more else (inside, "tracemalloc")


# -- Time -------------------------------------------------------------------------------------------------------------


def parts(answer):
    """The arrays of an answer, which may be a tuple of tuples of them."""
    return [leaf for part in answer for leaf in parts(part)] if isinstance(answer, (tuple, list)) else [answer]


def known(part):
    """True for an array whose memory tracemalloc sees."""
    return isinstance(part, (np.ndarray, np.generic, float, int)) or sparse.issparse(part)


def waits(part):
    """True for an array that may be returned before it is computed, as JAX's are."""
    return hasattr(part, "block_until_ready")


class Contender:
    """One call with its label, and what is learnt of it: samples of its time in seconds, or why it failed."""

    def __init__(self, label, call, role):
        self.label, self.call, self.role = label, call, role
        self.repeats, self.samples, self.facts, self.failed = 1, [], {}, None

    def attempt(self, action):
        """What ``action(self)`` returns; an exception is kept as the reason of failure."""
        try:
            return action(self)
        except Exception as error:
            text = " ".join(str(error).split())
            self.failed = f"{type(error).__name__}: {text[:300]}"

    def begin(self, problem):
        """The first call, and the error of its answer."""
        answer = self.call()
        self.foreign = sum(getattr(part, "nbytes", 1) for part in parts(answer) if not known(part))
        if any(map(waits, parts(answer))):
            compute = self.call
            self.call = lambda: [part.block_until_ready() for part in parts(compute()) if waits(part)]
        if problem.exact is not None:
            self.facts["error"] = relative_error(answer, problem.exact)

    def settle(self, clock):
        """The memory of a warm call, and how many calls make a sample."""
        self.facts["bytes"], self.facts["seen_by"] = peak_memory(self.call, self.foreign)
        while self.time(clock) * self.repeats < SAMPLE and self.repeats < 2**20:
            self.repeats *= 2

    def time(self, clock):
        """Seconds a call, one sample."""
        calls, call = range(self.repeats), self.call
        start = clock()
        for _ in calls:
            call()
        return (clock() - start) / self.repeats


@contextmanager
def collected_between_rounds():
    """No garbage is collected within a sample, and none of what was there before: only cycles of a peer are left."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def measure(problem, budget=5.0, rounds=(5, 101), seed=237, clock=perf_counter, tick=lambda text: None):
    """What a run of ``problem`` found, as plain numbers and text, ready for JSON.

    Args:
        problem: a `Problem`.
        budget: seconds for the rounds; a problem has at least ``rounds[0]`` of them all the same.
        rounds: the least and the largest number of rounds.
        seed: fixes the order of calls within each round.
        clock: returns the time in seconds.
        tick: called with a text after each step, to show progress.

    Returns:
        A dict with name, goal, beside, rounds and contenders. A contender has its label, role ("ours" or "peer") and
        either ``failed``, with the reason, or ``seconds`` (quartiles of a call), ``over`` (label of ours, and of
        ``beside``, -> quartiles of the paired ratio), ``repeats``, ``error``, ``bytes``, ``seen_by``, ``evaluations``.
    """
    everybody = [Contender(label, call, "ours") for label, call in problem.ours.items()]
    everybody += [Contender(label, call, "peer") for label, call in problem.peers.items()]
    with warnings.catch_warnings(), collected_between_rounds():
        warnings.simplefilter("ignore")
        for one in everybody:
            tick(f"first call: {one.label}")
            one.attempt(lambda one: one.begin(problem))
        for one in everybody:
            tick(f"memory: {one.label}")
            if not one.failed:
                one.attempt(lambda one: one.settle(clock))
        running = [one for one in everybody if not one.failed]
        order, done, end = random.Random(seed), 0, clock() + budget
        while running and done < rounds[1] and (done < rounds[0] or clock() < end):
            for one in order.sample(running, len(running)):
                one.samples.append(one.attempt(lambda one: one.time(clock)))
            running = [one for one in running if not one.failed]
            done += 1
            tick(f"round {done}")
            gc.collect()
    contenders = [report(one, running, problem) for one in everybody]
    facts = {"name": problem.name, "goal": problem.goal, "beside": problem.beside}
    return facts | {"rounds": done, "contenders": contenders}


def report(one, running, problem):
    """A contender's line of the result."""
    line = {"label": one.label, "role": one.role}
    if one.failed:
        return line | {"failed": one.failed}
    over = {our.label: paired_ratio(one.samples, our.samples) for our in running
            if our.role == "ours" or our.label == problem.beside}  # fmt: skip
    evaluations = {"evaluations": problem.evaluations[one.label]} if one.label in problem.evaluations else {}
    seconds = [float(f"{q:.6g}") for q in np.quantile(one.samples, QUARTILES)]
    return line | {"seconds": seconds, "over": over, "repeats": one.repeats} | one.facts | evaluations


def paired_ratio(times, others):
    """Quartiles of the ratio within each round, on the logarithm: turned upside down, they are those of the inverse.

    >>> paired_ratio([2.0, 4.0, 8.0], [1.0, 1.0, 1.0])[1]
    4.0
    """
    logs = np.log(np.asarray(times) / np.asarray(others))
    return [float(f"{ratio:.6g}") for ratio in np.exp(np.quantile(logs, QUARTILES))]
