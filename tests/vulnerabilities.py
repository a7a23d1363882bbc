"""Ask whether a pinned version has a known vulnerability: `make vulnerabilities`. With no network, a line says so."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCKS = [ROOT / "requirements.lock", *sorted(ROOT.glob("*/requirements.lock"))]


def asked(lock):
    """What pip-audit answers for a lock, and what it complains of."""
    command = [sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip", "--progress-spinner", "off"]
    command += ["--timeout", "15", "--format", "json", "--requirement", lock]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout, done.stderr


def found(answer):
    """Each known vulnerability of an answer of pip-audit, in a line; None if it is no answer."""
    try:
        packages = json.loads(answer)["dependencies"]
    except (ValueError, KeyError):
        return None
    lines = []
    for package in packages:
        for known in package.get("vulns", []):
            mended = ", ".join(known["fix_versions"]) or "no version yet"
            lines.append(f"{package['name']} {package['version']}: {known['id']}, mended in {mended}")
    return lines


def report(answers):
    """What to tell of the answers, by lock, and whether a vulnerability is known."""
    lines, wrong = [], False
    for lock, (answer, complaint) in answers.items():
        known = found(answer)
        if known is None:
            why = (complaint.strip().splitlines() or ["no answer"])[-1][:160]
            lines.append(f"{lock}: not checked, since the service of pip-audit does not answer here ({why}).")
        else:
            lines += [f"{lock}: {line}" for line in known] or [f"{lock}: no known vulnerability."]
            wrong = wrong or bool(known)
    if wrong:
        lines.append("Call 'make lock', which takes the newest versions, then 'make check'.")
    return "\n".join(lines), wrong


if __name__ == "__main__":
    told, wrong = report({str(lock.relative_to(ROOT)): asked(lock) for lock in LOCKS})
    print(told)
    sys.exit(wrong)
