"""`make test`: every check in order, the tests last. With arguments: only pytest, with those arguments."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import tests.environment  # starts the servers that all of these share
from tests.servers import BROWSERS, find_browser

_BIN = Path(sys.executable).parent
_MANAGE = [sys.executable, "manage.py"]
_OUR_APPS = ["escalations", "agents_api", "operators"]
# An initial migration meets no rows and no readers, so nothing in it can lock anyone out.
_LINT_OPTIONS = ["--settings", "tests.settings", "--ignore-initial-migrations", "--quiet", "ok", "ignore"]
_AT_ONCE = 2
# What Django's own checklist is asked about: an installation behind HTTPS.
_PRODUCTION = {"PUBLIC_URL": "https://desk.example.com", "ALLOWED_HOSTS": "desk.example.com"}

# The longest first: the others are done beside it.
_CHECKS: list[tuple[str, list[str], Mapping[str, str]]] = [
    ("types", [str(_BIN / "mypy")], {}),
    ("style", [str(_BIN / "ruff"), "check", "--quiet"], {}),
    ("format", [str(_BIN / "ruff"), "format", "--check", "--quiet"], {}),
    ("templates", [str(_BIN / "djlint"), "templates", "--lint", "--quiet"], {}),
    ("layers", [str(_BIN / "lint-imports"), "--no-logo"], {}),
    ("migrations made", [*_MANAGE, "makemigrations", "--check", "--dry-run"], {}),
    (
        "migrations safe",
        [*_MANAGE, "lintmigrations", *_LINT_OPTIONS, "--include-apps", *_OUR_APPS],
        {},
    ),
    ("deployment", [*_MANAGE, "check", "--deploy", "--fail-level", "WARNING"], _PRODUCTION),
]


def main(arguments: list[str]) -> int:
    """Exit status: 0 if all is well. What a check that fails has to say is above; no test runs then."""
    if arguments:
        return _pytest(*arguments)
    if not _ensure_browser():
        return 1
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        if not all(list(pool.map(lambda check: _passes(*check), _CHECKS))):
            return 1
    return _pytest("--numprocesses", str(_AT_ONCE), "--dist", "worksteal")


def _passes(name: str, command: list[str], extra: Mapping[str, str]) -> bool:
    started = time.monotonic()
    done = subprocess.run(command, env=os.environ | extra, capture_output=True, text=True, check=False)
    result = f"{'ok' if done.returncode == 0 else 'FAILED':<7}{name} ({time.monotonic() - started:.1f} s)\n"
    # In one piece, for others speak beside it.
    sys.stdout.write(result if done.returncode == 0 else f"{result}{done.stdout}\n{done.stderr}\n")
    sys.stdout.flush()
    return done.returncode == 0


def _ensure_browser() -> bool:
    """Find a browser, or install Debian's where that is possible: best the one without windows to draw."""
    if shutil.which(BROWSERS[0]) is None and shutil.which("apt-get") and os.geteuid() == 0:
        _install(BROWSERS[0])
        if find_browser() is None:
            _install("chromium")
    if find_browser() is None:
        print(
            "handrail: the browser tests need Chromium or Chrome: apt-get install chromium", file=sys.stderr
        )
        return False
    return True


def _install(package: str) -> None:
    print(f"Installing Debian's {package} for the browser tests", flush=True)
    quiet = {"stdout": subprocess.DEVNULL, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
    for command in (["update"], ["install", "-y", "--no-install-recommends", package]):
        subprocess.run(["apt-get", *command], check=False, **quiet)


def _pytest(*arguments: str) -> int:
    assert tests.environment.SERVERS.valkey.process.running()
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
