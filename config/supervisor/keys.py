"""The secrets of this installation, made once."""

import json
import os
import secrets
from pathlib import Path

_NAMES = ("SECRET_KEY", "API_KEY_PEPPER")


def kept_secrets(path: Path) -> dict[str, str]:
    """The secrets in the file `path`, which only its owner may read; those that are missing are made."""
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = {name: secrets.token_urlsafe(48) for name in _NAMES if name not in kept}
    if missing:
        kept |= missing
        write_private(path, json.dumps(kept, indent=2) + "\n")
    return kept


def write_private(path: Path, text: str) -> None:
    """Replace the file at once, readable by its owner alone from its first byte."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
