"""A file of a version as it is downloaded: whole, or from where an earlier download stopped (RFC 9110, 14).

What is sent is settled here; how it is sent, each door knows itself.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

# What is read at a time: few turns of an event loop for a large file, little memory for many at once.
PIECE = 256 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True)
class Download:
    """A file that is open: the headers of the answer, and which bytes are wanted."""

    is_part: bool
    headers: dict[str, str]
    file: BinaryIO
    wanted: range

    def pieces(self) -> Iterator[bytes]:
        """The bytes, some at a time; the file is closed when they end."""
        with self.file:
            self.file.seek(self.wanted.start)
            left = len(self.wanted)
            while left and (piece := self.file.read(min(left, PIECE))):
                left -= len(piece)
                yield piece


class BehindTheEnd(Exception):
    """A part was asked for that the file does not have; `headers` say how long it is."""

    def __init__(self, size: int) -> None:
        super().__init__(f"The file has {size} bytes.")
        self.headers = {"Content-Range": f"bytes */{size}"}


def begin(path: Path, *, sha256: str, asked: Mapping[str, str]) -> Download:
    """The file, or the part of it that the headers `asked` name: `Range`, and `If-Range` with its ETag.

    Of a file that became another one meanwhile (`If-Range`) all comes.

    Raises:
        FileNotFoundError: it is gone.
        BehindTheEnd: the part lies behind its end.
    """
    etag = f'"{sha256}"'
    is_same = asked.get("If-Range", etag) == etag
    file = path.open("rb")
    size = os.fstat(file.fileno()).st_size
    try:
        part = range_of(asked.get("Range", ""), size) if is_same else None
    except ValueError:
        file.close()
        raise BehindTheEnd(size) from None
    wanted = range(size) if part is None else part
    headers = {"ETag": etag, "Accept-Ranges": "bytes", "Content-Length": str(len(wanted))}
    if part is not None:
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    return Download(is_part=part is not None, headers=headers, file=file, wanted=wanted)


def range_of(header: str, size: int) -> range | None:
    """The bytes that a header `Range` asks for; None for all: none, several or unreadable ones.

    Raises:
        ValueError: it asks for what lies behind the end.
    """
    asked = _RANGE.fullmatch(header.strip())
    if asked is None or not (asked[1] or asked[2]):
        return None
    if not asked[1]:
        start, stop = max(size - int(asked[2]), 0), size
    else:
        start, stop = int(asked[1]), min(int(asked[2]) + 1, size) if asked[2] else size
    if asked[1] and asked[2] and int(asked[2]) < int(asked[1]):
        return None
    if start >= size or start >= stop:
        raise ValueError(header)
    return range(start, stop)
