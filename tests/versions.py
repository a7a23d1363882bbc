"""Run the tests on each Python here, with the oldest NumPy, SciPy and Matplotlib and the newest: `make versions`.

The doctests of the book and of the package run again without the processor's vector instructions, so what is printed
is the same on all. Each pair has an environment in `_build/versions/`, with a log of its tests beside it.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLACE = ROOT / "_build/versions"
PYTHONS = ["3.11", "3.12", "3.13"]
ENDS = {"oldest": "lowest-direct", "newest": "highest"}
CORE = ("numpy", "scipy", "matplotlib")
GROUPS = ["--group", "build", "--group", "book", "--group", "test"]
VECTORS = """
try:
    from numpy._core import _multiarray_umath as core
except ImportError:  # NumPy 1
    from numpy.core import _multiarray_umath as core
print(*(name for name in core.__cpu_dispatch__ if core.__cpu_features__.get(name)))
"""


def uv(*words):
    """What uv prints, asked so."""
    command = [Path(sys.executable).with_name("uv"), "--quiet", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))}\n{done.stderr}")
    return done.stdout


def by_pyenv(version):
    """The Pythons of a version, which may be a pattern, that pyenv keeps, wherever it keeps them."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    return sorted(root.glob(f"versions/{version}/bin/python"))


def found(python):
    """The path of a Python of this version, by its name or among those of pyenv; None if there is none here."""
    for binary in filter(None, [shutil.which(f"python{python}"), *by_pyenv(f"{python}.*")]):
        told = subprocess.run([binary, "-c", "import sys; print(sys.executable)"], capture_output=True, text=True)
        if told.returncode == 0:  # a name of pyenv's may lead nowhere
            return told.stdout.strip()
    return None


def pins(python, end):
    """The oldest or the newest versions that pyproject.toml admits of what computes and draws, if they have wheels."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = "\n".join(line for line in project["dependencies"] if re.match("|".join(CORE), line))
    given = PLACE / "core.in"
    given.write_text(asked + "\n", "utf-8")
    told = uv("pip", "compile", "--resolution", ENDS[end], "--only-binary", ":all:", "--python-version", python,
              "--no-header", "--no-annotate", "--no-emit-index-url", given)  # fmt: skip
    return [line for line in told.splitlines() if line.split("==")[0] in CORE]


def environment(python, end):
    """The Python of an environment with these versions, and their pins."""
    home, constraints = PLACE / f"{python}-{end}", PLACE / f"{python}-{end}.in"
    chosen = pins(python, end)
    constraints.write_text("\n".join(chosen) + "\n", "utf-8")
    uv("venv", "--clear", "--python", found(python), home)
    into = ["pip", "install", "--python", home / "bin/python"]
    uv(*into, "--only-binary", ":all:", "--constraint", constraints, *GROUPS, "--requirements", "pyproject.toml")
    uv(*into, "--no-deps", "--no-build-isolation", "--editable", ".")
    return home / "bin/python", chosen


def tested(python, log, *words, **without):
    """The last line of pytest, and whether it passed; what it says goes into a file."""
    command = [python, "-m", "pytest", "-q", *words]
    with log.open("w", encoding="utf-8") as file:
        code = subprocess.run(command, cwd=ROOT, env=os.environ | without, stdout=file, stderr=file).returncode
    return log.read_text("utf-8").strip().splitlines()[-1], code == 0


def run(python, end):
    """Test one pair; True if all passed."""
    binary, chosen = environment(python, end)
    vectors = subprocess.run([binary, "-c", VECTORS], capture_output=True, text=True, check=True).stdout.split()
    plain = {"NPY_DISABLE_CPU_FEATURES": " ".join(vectors), "OPENBLAS_CORETYPE": "Nehalem"}
    print(f"Python {python}, {end}: {', '.join(chosen)}", flush=True)
    passed = True
    for told, words, without in [
        ("with vector instructions", [], {}),
        (f"without {' '.join(vectors) or 'any'}", ["src", "book"], plain),
    ]:
        log = PLACE / f"{python}-{end}{'-plain' if without else ''}.txt"
        line, right = tested(binary, log, *words, **without)
        print(f"  {told}: {line}{'' if right else f'; see {log.relative_to(ROOT)}'}", flush=True)
        passed = passed and right
    return passed


if __name__ == "__main__":
    PLACE.mkdir(parents=True, exist_ok=True)
    named = sys.argv[1:] or [f"{python}-{end}" for python in PYTHONS for end in ENDS]
    passed = True
    for pair in named:
        python, _, end = pair.partition("-")
        if found(python):
            passed = run(python, end or "newest") and passed
        else:
            print(f"Python {python} is not here.")
    sys.exit(not passed)
