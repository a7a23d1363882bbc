"""Make an edition whole, or leave the old one where it is: ``python -m _ext.build html``.

Sphinx works in a folder beside the edition. Only a site that it finished without a warning takes the old one's place;
a PDF or an EPUB does so in the Makefile, when TeX or EPUBCheck has passed it.
While Sphinx works, its doctrees have another name. So a build that failed or was stopped leaves none, and the next one
begins afresh: from old doctrees Sphinx would not repeat its warnings, and would pass.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from _ext.watched import digest

ROOT = Path.cwd()
BUILD = ROOT / "_build"
SPHINX = ["-m", "sphinx", "--conf-dir", ".", "--fail-on-warning", "--keep-going", "--nitpicky", "--quiet"]
EDITIONS = {  # what is made: the builder, the folder where Sphinx works, and what comes of it
    "html": ("html", "making-html", "html"),
    "epub": ("epub", "making-epub", "epub/jacobians.epub"),
    "pdf": ("latex", "latex", "pdf/jacobians.pdf"),
}
LOCKED = "Nothing can be written in {} ({}): make that folder writable, or remove it, and call 'make {}' again."
BUSY = "Another build is at work in this folder; this one begins when that has ended."
ROOM = 16 << 20  # bytes that a build should leave free


def clear(*folders):
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def alone(name):
    """Wait for any other build in this folder. The lock ends with the process, however that ends."""
    try:
        BUILD.mkdir(exist_ok=True)
        lock = (BUILD / ".lock").open("w")
    except OSError as error:
        sys.exit(LOCKED.format(BUILD, error.strerror, name))
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(BUSY, flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock


def sphinx(name, work, lock):
    """True if Sphinx made an edition without a warning. It holds the lock too, should this process be killed."""
    kept = BUILD / "doctrees" / name
    trees, seen = kept.with_name(f"{name}-unfinished"), kept / "seen"
    state = "\n".join([digest(ROOT), *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("book/**/*"))])
    clear(trees)
    if seen.exists() and seen.read_text("utf-8") == state:
        kept.rename(trees)
    else:  # a file of the book was added or removed, or all chapters must run: nothing old may stay
        clear(kept, work)
    command = [sys.executable, *SPHINX, "--doctree-dir", trees, "-b", EDITIONS[name][0], "book", work]
    paths = os.pathsep.join(filter(None, [str(ROOT / "_ext/offline"), os.environ.get("PYTHONPATH")]))
    if subprocess.run(command, pass_fds=[lock.fileno()], env=os.environ | {"PYTHONPATH": paths}).returncode:
        return False
    (trees / "seen").write_text(state, "utf-8")
    trees.rename(kept)
    return True


def publish(work, place):
    """Put a copy of what was made in the place of the old one, in one step."""
    new, old = (place.with_name(f".{place.name}-{word}") for word in ("new", "old"))
    clear(new)
    shutil.copytree(work, new).touch()
    if place.exists():
        place.rename(old)
    new.rename(place)
    clear(old)


def repair(place):
    """Bring back what `publish` had put aside, if it was stopped between its two steps."""
    old = place.with_name(f".{place.name}-old")
    if old.exists() and not place.exists():
        old.rename(place)
    clear(old)


def verdict(name, place):
    """That there is no new edition, what to do, and which one is there."""
    free = shutil.disk_usage(BUILD).free
    told = f"The disk of {BUILD} has {free >> 20} MB left: make room," if free < ROOM else "Mend what is named above,"
    when = f"{datetime.fromtimestamp(place.stat().st_mtime):%d %B %Y, %H:%M}" if place.exists() else ""
    left = f"{place.relative_to(ROOT)} is the old one, of {when}." if when else "There is none from before."
    return f"No new edition was made. {told} and call 'make {name}' again. {left}"


def main(name):
    work, place = (BUILD / path for path in EDITIONS[name][1:])
    with alone(name) as lock:
        repair(place)
        done = False
        try:
            done = sphinx(name, work, lock)
            if done and name == "html":
                publish(work, place)
        except KeyboardInterrupt:
            done = False
        except OSError as error:
            done = print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        if not done:
            told = verdict(name, place)
            clear(work, BUILD / "doctrees" / f"{name}-unfinished", place.with_name(f".{place.name}-new"))
            sys.exit(told)


if __name__ == "__main__":
    main(sys.argv[1])
