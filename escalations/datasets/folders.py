"""Where the files of versions lie. A folder is written aside and shown as a whole, or not at all."""

import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from escalations.models import DatasetVersion


@dataclass(frozen=True)
class Written:
    """A file as it was written."""

    name: str
    bytes: int
    sha256: str


def root() -> Path:
    """The folder of all datasets; see the setting `DATASETS_DIR`."""
    return Path(settings.DATASETS_DIR)


def new_folder(version: DatasetVersion) -> str:
    """The name of an empty folder for the files that the present builder makes.

    What earlier builders left that died goes: it may hold what was erased since.
    """
    for token in range(version.lease_token):
        left = _folder(version, token)
        if left != version.folder:
            remove(left)
    name = _folder(version, version.lease_token)
    (root() / name).mkdir(parents=True)
    return name


def _folder(version: DatasetVersion, token: int) -> str:
    return f"{version.dataset_id}/{version.number}-{token}"


def remove(folder: str) -> None:
    """Remove a folder with all that is in it, if it is there."""
    if folder:
        shutil.rmtree(root() / folder, ignore_errors=True)


def write(folder: str, name: str, chunks: Iterable[bytes]) -> Written:
    """Write a file, to the disk before it is told of."""
    path = root() / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return Written(name, size, digest.hexdigest())
