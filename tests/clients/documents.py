"""Follows documents: pastes their Python into a real one, as a reader would."""

import os
import re
import subprocess
import sys
from pathlib import Path
from threading import Thread
from typing import Self

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "clients" / "python" / "src"


def blocks(document: str) -> list[str]:
    """The Python blocks of a document, by its path from the root."""
    return re.findall(r"```python\n(.*?)```", (ROOT / document).read_text(), flags=re.S)


def environment() -> dict[str, str]:
    """What a program needs to find the client, and nothing of the tests' own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"PYTHONPATH": str(CLIENT), "PYTHONUNBUFFERED": "1"}


class Prompt:
    """An interactive Python in a folder. What is pasted runs line by line; an error does not end it."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-i", "-q", "-W", "error"],
            cwd=folder,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._said = ["", ""]
        streams = enumerate((self._process.stdout, self._process.stderr))
        self._readers = [Thread(target=self._read, args=each, daemon=True) for each in streams]

    def __enter__(self) -> Self:
        for reader in self._readers:
            reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream:
                stream.close()

    @property
    def printed(self) -> list[str]:
        """The lines printed so far."""
        return self._said[0].splitlines()

    @property
    def errors(self) -> str:
        """What went wrong so far; Python's own prompts left out."""
        return re.sub(r"(>>> |\.\.\. )+", "", self._said[1]).strip()

    def paste(self, code: str) -> None:
        """Paste a block; it may wait for something that happens elsewhere."""
        assert self._process.stdin
        self._process.stdin.write(code + "\n")
        self._process.stdin.flush()

    def leave(self, seconds: float = 60) -> None:
        """Wait until all is done, and close it."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(seconds)
        for reader in self._readers:
            reader.join()

    def _read(self, number: int, stream: object) -> None:
        for line in iter(stream.readline, ""):  # type: ignore[attr-defined]  # one of the process's own
            self._said[number] += line
