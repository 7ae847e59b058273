"""The environment of the frameworks is the one that is pinned."""

import re
import subprocess
from pathlib import Path

from tests.frameworks.conftest import ROOT

_FRAMEWORKS = ("a2a", "ag-ui", "inspect-ai", "lang", "mcp", "openai", "pydantic-ai")
_LIST = """
from importlib import metadata
import handrail_client
print(*(f"{package.name}=={package.version}" for package in metadata.distributions()))
"""


def test_the_environment_has_the_pinned_frameworks_and_the_client(frameworks_python: Path) -> None:
    lock = (ROOT / "requirements-frameworks.txt").read_text()
    pinned = {pin for pin in re.findall(r"^([\w-]+==\S+)", lock, flags=re.M) if pin.startswith(_FRAMEWORKS)}
    listed = subprocess.run([frameworks_python, "-c", _LIST], capture_output=True, text=True, check=True)
    installed = {package.replace("_", "-").lower() for package in listed.stdout.split()}
    assert len(pinned) > len(_FRAMEWORKS)
    assert pinned - installed == set(), "`rm -r .venv-frameworks`, and `make test` makes it anew"
