"""Runs the programs of `examples/`, each as a process of its own, in the environment of the frameworks."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from escalations.models import Agent
from tests.factories import make_agent, make_key
from tests.servers import Server

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-frameworks" / "bin" / "python"
# Nothing but the desk may be asked: the proxy that all else would go through is not there.
_OFFLINE = {
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "ALL_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "127.0.0.1",
}
_SECONDS = 120


@dataclass(frozen=True)
class Frameworks:
    """An agent of the desk at `url`, written with one of the frameworks; it keeps its files in `folder`."""

    url: str
    key: str
    agent: Agent
    folder: Path

    def run(self, program: str, *arguments: str) -> str:
        """What the program (a path from the root) printed on its standard output; it must end well."""
        done = subprocess.run(
            [PYTHON, ROOT / program, *arguments],
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{program} {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def start(self, program: str, *arguments: str) -> subprocess.Popen[str]:
        """The same program while it runs."""
        return subprocess.Popen(
            [PYTHON, ROOT / program, *arguments],
            cwd=self.folder,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _environment(self) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return inherited | _OFFLINE | {"HANDRAIL_URL": self.url, "HANDRAIL_KEY": self.key}


@pytest.fixture(scope="session")
def frameworks_python() -> Path:
    """The Python that has the frameworks."""
    if not PYTHON.exists():
        pytest.fail(f"{PYTHON} is not there: `make .venv-frameworks/installed` makes it.", pytrace=False)
    return PYTHON


@pytest.fixture
def frameworks(live_server: Server, frameworks_python: Path, tmp_path: Path) -> Frameworks:
    """Runs programs as the agent `support` of the live desk."""
    agent = make_agent("support")
    return Frameworks(live_server.url, make_key(agent), agent, tmp_path)
