"""What comes from elsewhere: the locks agree with pyproject.toml and with each other, and the site asks for nothing."""

import json
import re
import subprocess
import sys
import tomllib
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.origins import foreign
from tests.small_book import ROOT
from tests.vulnerabilities import LOCKS, found, report

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKED = {  # the groups of each lock, as `make lock` names them
    name: re.findall(r"--group (\w+)", words)
    for name, words in re.findall(r"call lock,(\S+?),(.*)\)$", (ROOT / "Makefile").read_text("utf-8"), re.M)
}


def pins(text):
    """The versions that a lock pins, by name, and the names that pyproject.toml itself asks for."""
    versions, asked = {}, set()
    for name, version, rest in re.findall(r"^([a-z0-9][\w.-]*)==(\S+)(.*\n(?: .*\n)*)", text, re.M):
        versions.setdefault(canonicalize_name(name), set()).add(version)
        if "jacobians (pyproject.toml" in rest:
            asked.add(canonicalize_name(name))
    return versions, asked


def wanted(project, groups):
    """The requirements of the package and of these groups, by name."""
    lines = project["project"]["dependencies"] + [
        line for group in groups for line in project["dependency-groups"][group]
    ]
    return [Requirement(line) for line in lines]


def disagreements(project, groups, text):
    """Yield each way in which a lock does not agree with pyproject.toml."""
    versions, asked = pins(text)
    named = {canonicalize_name(requirement.name) for requirement in wanted(project, groups)}
    yield from (f"{name} is asked for and not pinned" for name in sorted(named - set(versions)))
    yield from (f"{name} is pinned as asked for, and nothing asks for it" for name in sorted(asked - named))
    for requirement in wanted(project, groups):
        name = canonicalize_name(requirement.name)
        for version in versions.get(name, ()):
            if not requirement.specifier.contains(version, prereleases=True):
                yield f"{name} is pinned at {version}, and {requirement.specifier} is asked for"
        yield from (f"{name}[{extra}] needs {needed}, which is not pinned" for extra in requirement.extras
                    for needed in additional(name, extra) if needed not in versions)  # fmt: skip


def additional(name, extra):
    """What an extra of an installed package needs."""
    for line in metadata.requires(name) or []:
        needed = Requirement(line)
        if needed.marker and needed.marker.evaluate({"extra": extra}) and not needed.marker.evaluate({"extra": ""}):
            yield canonicalize_name(needed.name)


def test_every_lock_is_made_by_one_command_and_no_group_is_left_out():
    assert set(LOCKED) == {str(lock.relative_to(ROOT)) for lock in LOCKS}
    assert {group for groups in LOCKED.values() for group in groups} == set(PROJECT["dependency-groups"])


@pytest.mark.parametrize("lock", LOCKED)
def test_a_lock_agrees_with_pyproject(lock):
    wrong = list(disagreements(PROJECT, LOCKED[lock], (ROOT / lock).read_text("utf-8")))
    assert not wrong, f"{lock} no longer agrees with pyproject.toml: {'; '.join(wrong)}. Call 'make lock'."


@pytest.mark.parametrize("lock", [name for name in LOCKED if name != "requirements.lock"])
def test_the_locks_agree_with_each_other(lock):
    first, _ = pins((ROOT / "requirements.lock").read_text("utf-8"))
    other, _ = pins((ROOT / lock).read_text("utf-8"))
    assert not {name: (first[name], other[name]) for name in first.keys() & other if not other[name] <= first[name]}


@pytest.mark.parametrize(
    ("dependencies", "told"),
    [
        (["numpy>=99"], "numpy is pinned at 2.4.6, and >=99 is asked for"),
        (["numpy>=1.26", "absent"], "absent is asked for and not pinned"),
        ([], "numpy is pinned as asked for, and nothing asks for it"),
        (["numpy>=1.26", "dask[distributed]"], "dask[distributed] needs distributed, which is not pinned"),
    ],
)
def test_a_lock_that_no_longer_agrees_is_told(dependencies, told):
    lock = "dask==2026.1.0 \\\n    # via other\nnumpy==2.4.6 \\\n    --hash=sha256:0\n    # via\n"
    lock += "    #   contourpy\n    #   jacobians (pyproject.toml)\n"
    assert told in list(disagreements({"project": {"dependencies": dependencies}}, [], lock))


# -- The network ------------------------------------------------------------------------------------------------------

TRY = "import socket\ntry:\n    {}\nexcept PermissionError as error:\n    print(error)"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("socket.create_connection(('192.0.2.1', 80), 1)", "192.0.2.1 was asked for"),
        ("socket.socket().connect(('192.0.2.1', 80))", "192.0.2.1 was asked for"),
        ("socket.socket(socket.AF_INET6).connect(('2001:db8::1', 80))", "2001:db8::1 was asked for"),
        ("socket.getaddrinfo('book.example', 443)", "book.example was asked for"),
        ("socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))", "192.0.2.1 was asked for"),
        ("s = socket.create_server(('127.0.0.1', 0)); socket.create_connection(s.getsockname()); print('yes')", "yes"),
        ("socket.getaddrinfo('localhost', 80); socket.getaddrinfo(b'::1', 80); print('yes')", "yes"),
        ("a, b = socket.socketpair(); a.sendall(b'x'); print('yes')", "yes"),
    ],
)  # fmt: skip
def test_a_python_of_the_build_reaches_this_machine_and_no_other(asked, told):
    done = subprocess.run(
        [sys.executable, "-c", TRY.format(asked)], env={"PYTHONPATH": str(ROOT / "_ext/offline")},
        capture_output=True, text=True,
    )  # fmt: skip
    assert told in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("suffix", "text", "asked"),
    [
        (".html", '<script src="https://a.example/x.js"></script>', ["https://a.example/x.js"]),
        (".html", '<link rel="preload" href="//a.example/x.woff2">', ["//a.example/x.woff2"]),
        (".html", "<script>fetch('https://a.example/x')</script>", ["https://a.example/x"]),
        (".html", "<style>@import url(https://a.example/x.css)</style>", ["https://a.example/x.css"]),
        (".html", '<p style="background: url(//a.example/x.png)">', ["//a.example/x.png"]),
        (".html", '<p>See <a href="https://a.example/">https://a.example/</a>.</p>', []),
        (".html", '<svg xmlns="http://www.w3.org/2000/svg"></svg><img src="data:image/png;base64,AA//BB==">', []),
        (".css", "/* from https://a.example/ */ p { background: url(https://b.example/x) }", ["https://b.example/x"]),
        (".js", "// see https://a.example/\nimport('https://b.example/x')", ["https://b.example/x"]),
    ],
)
def test_what_a_file_of_the_site_would_ask_for_is_found(suffix, text, asked):
    assert foreign(suffix, text) == asked


# -- Known vulnerabilities --------------------------------------------------------------------------------------------

TWO = [{"name": "one", "version": "1.0", "vulns": []},
       {"name": "two", "version": "2.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"]}]}]  # fmt: skip
ANSWER = json.dumps({"dependencies": TWO})


def test_a_known_vulnerability_is_told_with_the_version_that_mends_it():
    assert found(ANSWER) == ["two 2.0: PYSEC-1, mended in 2.1"]
    told, wrong = report({"requirements.lock": (ANSWER, "")})
    assert wrong
    assert told.endswith("Call 'make lock', which takes the newest versions, then 'make check'.")


def test_without_a_network_one_line_says_that_nothing_was_checked_and_nothing_fails():
    told, wrong = report({"requirements.lock": ("", "WARNING: x\nERROR: cannot connect\n")})
    assert not wrong
    assert told == (
        "requirements.lock: not checked, since the service of pip-audit does not answer here (ERROR: cannot connect)."
    )
    told, wrong = report({"requirements.lock": (json.dumps({"dependencies": []}), "")})
    assert (told, wrong) == ("requirements.lock: no known vulnerability.", False)
