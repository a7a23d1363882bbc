"""What a result can depend on, in one word: executed chapters are kept under it, so that no page shows an old one."""

import hashlib
import platform
import sys

DATA = ("benchmarks/*.json", "tests/*.json", "requirements.lock", "conf.py", "_ext/**/*.py")  # JSON: what pages show


def files(root):
    """The files of a book's folder that a result can depend on: all of the package, and what runs it."""
    found = {path for pattern in ("src/**/*", *DATA) for path in root.glob(pattern)}
    return sorted(path for path in found if path.is_file() and "__pycache__" not in path.parts)


def digest(root):
    """Changes with each of these files, its name too, with the Python and with the machine."""
    parts = [sys.version.encode(), platform.node().encode()]
    for path in files(root):
        content = path.read_bytes()
        parts.append(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode() + content)
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]
