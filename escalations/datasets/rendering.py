"""The second half of a build: a second look at the rows, then a file for each format and split."""

import csv
import io
import pickle
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from escalations.datasets import folders, splits
from escalations.datasets.formats.example import Example
from escalations.datasets.formats.registry import FORMATS, Format
from escalations.datasets.frozen import thaw
from escalations.datasets.selecting import KEPT
from escalations.models import DatasetFile, DatasetRow, DatasetVersion
from escalations.redaction import hits

# So many places are told at most, which is more than anybody reads.
HITS_MAX = 50
ROWS = "rows.csv"
STAGED = "staged"
_PREFIX = re.compile(rb'\{"position": (\d+), "split": "(\w+)"')


@dataclass(frozen=True)
class Place:
    """A line of the kept rows, and what its beginning says of it."""

    position: int
    split: str
    line: bytes


def places(folder: Path, without: frozenset[int] = frozenset()) -> Iterator[Place]:
    """The kept rows in their order, but for the positions in `without`."""
    with (folder / KEPT).open("rb") as kept:
        for line in kept:
            prefix = _PREFIX.match(line)
            if prefix is None:
                raise ValueError(f"{folder / KEPT} holds a line that is none of ours.")
            place = Place(int(prefix[1]), prefix[2].decode(), line)
            if place.position not in without:
                yield place


def copy_kept(old: Path, new: Path, without: frozenset[int], *, tick: Callable[[], None]) -> None:
    """Copy the kept rows into another folder, but for some."""
    with (new / KEPT).open("wb") as kept:
        for place in places(old, without):
            tick()
            kept.write(place.line)


def stage(folder: Path, progress: Callable[[], None]) -> list[dict[str, Any]]:
    """Make the rows of all formats, and look through each again, read back from the disk and made to leave.

    Returns where there still are personal data. The rows wait in `STAGED` for `render`.
    """
    (folder / STAGED).mkdir()
    found: list[dict[str, Any]] = []
    with ExitStack() as open_files:
        staged: dict[str, BinaryIO] = {}
        for place in places(folder):
            progress()
            example = thaw(place.line)
            for format_ in FORMATS.values():
                row = format_.row(example)
                if row is None:
                    continue
                found += _hits(example, format_, row)
                name = f"{format_.name}-{place.split}"
                if name not in staged:
                    staged[name] = open_files.enter_context((folder / STAGED / name).open("wb"))
                pickle.dump((example.resolution.id, row), staged[name])
            if len(found) >= HITS_MAX:
                break
    return found[:HITS_MAX]


def _hits(example: Example, format_: Format, row: dict[str, Any]) -> list[dict[str, Any]]:
    case = str(example.resolution.case.id)
    return [
        {"case": case, "format": format_.name, "pointer": hit.pointer, "kind": hit.kind} for hit in hits(row)
    ]


@dataclass(frozen=True)
class Rendered:
    """A file as it was written, and the names of its columns."""

    file: DatasetFile
    columns: tuple[str, ...]


def render(version: DatasetVersion, folder: str, progress: Callable[[], None]) -> Iterator[Rendered]:
    """Write the files of all formats, and tell of each. Without rows of a split there is no file."""
    staged = folders.root() / folder / STAGED
    for format_ in FORMATS.values():
        for split in splits.SPLITS:
            rows = _Rows(staged / f"{format_.name}-{split}", progress)
            if not rows.path.exists():
                continue
            name = f"{format_.name}/{split}.{format_.suffix}"
            written = folders.write(folder, name, format_.chunks(rows.read))
            file = DatasetFile(
                version=version,
                format=format_.name,
                split=split,
                name=name,
                rows=rows.count,
                bytes=written.bytes,
                sha256=written.sha256,
            )
            yield Rendered(file, rows.columns)
    shutil.rmtree(staged)


def row_list(version: DatasetVersion) -> Iterator[bytes]:
    """The rows as CSV: which decision, which revision of its labels, under which hash, in which split."""
    yield b"resolution,revision,sha256,split,group,erased\n"
    rows = DatasetRow.objects.filter(version=version).order_by("position")
    for row in rows.iterator(chunk_size=5_000):
        text = io.StringIO()
        erased = "" if row.tombstoned_at is None else "yes"
        csv.writer(text, lineterminator="\n").writerow(
            [row.resolution, row.revision, row.sha256, row.split, row.group, erased]
        )
        yield text.getvalue().encode()


class _Rows:
    """The staged rows of a format and split, as often as they are asked for; `count` is of the last time."""

    def __init__(self, path: Path, progress: Callable[[], None]) -> None:
        self.path = path
        self._progress = progress
        self.count = 0
        self.columns: tuple[str, ...] = ()

    def read(self) -> Iterator[tuple[UUID, dict[str, Any]]]:
        self.count = 0
        size = self.path.stat().st_size
        with self.path.open("rb") as file:
            while file.tell() < size:
                number, row = pickle.load(file)  # noqa: S301  what this build wrote itself
                self._progress()
                self.count += 1
                self.columns = self.columns or tuple(row)
                yield number, row
