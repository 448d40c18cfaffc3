"""Asks whether a locked library has a known weakness, where the network allows to ask."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

LOCKS = ("requirements.lock", "requirements-bench.lock")
SECONDS = 180
UNREACHABLE = ("ConnectionError", "ServiceError", "Timeout", "ConnectionRefused")


def main() -> int:
    """0 if nothing is known or nobody could be asked (which is said), 1 if something is known."""
    with TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        trouble = ask(answer)
        if answer.exists():
            return report(json.loads(answer.read_text()))
    if any(word in trouble for word in UNREACHABLE):
        return not_checked("no network")
    print(trouble, file=sys.stderr)
    return 1


def ask(answer: Path) -> str:
    """Runs pip-audit over the locks: its JSON goes to `answer`; returns what it complains of."""
    command = [sys.executable, "-m", "pip_audit", "--progress-spinner=off", "--timeout=10"]
    command += ["--disable-pip", "--require-hashes", "--format=json", f"--output={answer}"]
    command += [f"--requirement={lock}" for lock in LOCKS]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"Timeout after {SECONDS} s"
    return done.stderr


def report(answer: dict[str, list[dict[str, object]]]) -> int:
    """Prints each weakness found; libraries that the service does not know count as not asked."""
    known = [entry for entry in answer["dependencies"] if "vulns" in entry]
    if not known:
        return not_checked("the advisory service knows none of the libraries")
    weak = [entry for entry in known if entry["vulns"]]
    for entry in weak:
        print(f"{entry['name']} {entry['version']}: {json.dumps(entry['vulns'])}")
    print(f"{len(known)} of {len(answer['dependencies'])} libraries checked, {len(weak)} weak")
    return 1 if weak else 0


def not_checked(why: str) -> int:
    """Says that nobody could be asked; that is no failure."""
    print(f"Known weaknesses of the libraries: not checked: {why}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
