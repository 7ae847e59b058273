"""Calls that could not be sent, on disk: whole or not at all, in order, for nobody else to read."""

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from stat import S_ISDIR
from typing import Any

from . import calls
from .calls import Call
from .errors import NotKept

if sys.platform != "win32":
    import fcntl

_PRIVATE_FILE, _PRIVATE_FOLDER = 0o600, 0o700
_ENTRY = re.compile(r"\d{12}\.json")
# A key names itself by its eight characters behind the scheme; the secret is in the rest.
_KEY = re.compile(r"hr_live_([0-9A-Za-z]{8})[0-9A-Za-z]{38}")


@dataclass(frozen=True)
class Spool:
    """A folder where what could not be sent waits. Several processes may share it.

    In it each desk and key have a folder of their own, unless `name` gives one: so what waits outlives a
    change of the key. A desk that is back is sent what waits before the next call; with `replay_seconds`, a
    thread (or task) looks that often by itself.
    """

    folder: str | os.PathLike[str]
    max_bytes: int = 64 * 1024 * 1024
    replay_seconds: float | None = None
    name: str = ""

    def queue(self, url: str, key: str) -> "Queue":
        """What waits for this desk, with this key.

        Raises:
            NotImplementedError: the system has no locks among processes that end with them.
        """
        if sys.platform == "win32":
            raise NotImplementedError("a spool needs flock, which Windows has not")
        shape = _KEY.fullmatch(key)
        named = shape[1] if shape else sha256(key.encode()).hexdigest()[:8]
        desk = sha256(url.rstrip("/").encode()).hexdigest()[:16]
        folder = Path(self.folder).expanduser().absolute()
        return Queue(folder / (self.name or f"{desk}-{named}"), self.max_bytes)


@dataclass(frozen=True)
class Entry:
    """A call that waits. `reviews` are the full states of runs in it, should the desk draw them."""

    call: Call[Any]
    reviews: Mapping[str, str] = field(default_factory=dict)
    name: str = ""

    def review(self, run_id: str) -> bytes | None:
        body = self.reviews.get(run_id)
        return None if body is None else body.encode()


class Queue:
    """The calls that wait for one desk, oldest first."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.folder = folder
        self._aside = folder / "set-aside"
        self._max_bytes = max_bytes

    def is_empty(self) -> bool:
        return not self._names()

    def size(self) -> int:
        """How many wait."""
        return len(self._names())

    def add(self, entry: Entry) -> None:
        """Put it behind the others; it is on the disk when this returns.

        Raises:
            NotKept: there is no room for it, or the disk fails.
        """
        written = _written(entry)
        try:
            self._make_folders()
            with _locked(self.folder / "write.lock"):
                self._make_room(len(written))
                names = self._names()
                number = int(names[-1][:12]) + 1 if names else 1
                self._write(self.folder / f"{number:012}.json", written)
        except OSError as error:
            raise NotKept(f"the spool {self.folder} cannot be written: {error}") from error

    def first(self) -> Entry | None:
        """The oldest, None if there is none. What nobody could send is set aside."""
        for name in self._names():
            try:
                return _read(name, (self.folder / name).read_bytes())
            except FileNotFoundError:
                continue
            except ValueError as error:
                self._put_aside(name, {"unreadable": str(error)})
        return None

    def remove(self, entry: Entry) -> None:
        """It has been sent."""
        (self.folder / entry.name).unlink(missing_ok=True)
        _sync(self.folder)

    def set_aside(self, entry: Entry, error: str) -> Path:
        """Let it hold up the others no longer; it stays to be looked at, with what the desk said."""
        refused = {"refused": error, "at": datetime.now(UTC).isoformat()}
        return self._put_aside(entry.name, json.loads((self.folder / entry.name).read_bytes()) | refused)

    def try_lock(self) -> "Lock | None":
        """The right to send; None while another process or thread has it."""
        self._make_folders()
        lock = Lock(self.folder / "replay.lock")
        return lock if lock.is_held else None

    def _names(self) -> list[str]:
        try:
            return sorted(file.name for file in self.folder.iterdir() if _ENTRY.fullmatch(file.name))
        except FileNotFoundError:
            return []

    def _put_aside(self, name: str, document: Mapping[str, Any]) -> Path:
        number = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{name}"
        self._write(self._aside / number, json.dumps(document).encode())
        (self.folder / name).unlink(missing_ok=True)
        return self._aside / number

    def _make_folders(self) -> None:
        if not self._aside.exists():
            self._aside.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
            _sync(self.folder)
            _sync(self.folder.parent)
        for folder in (self.folder, self._aside):
            found = folder.lstat()
            if not S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
                raise PermissionError(f"{folder} is a link, or belongs to somebody else")
            if found.st_mode & 0o077:
                folder.chmod(_PRIVATE_FOLDER)

    def _make_room(self, wanted: int) -> None:
        for rest in self.folder.glob("*.part"):  # of a writer that was killed
            rest.unlink()
        files = [*self.folder.iterdir(), *self._aside.iterdir()]
        used = sum(file.lstat().st_size for file in files if file.suffix == ".json" and file.exists())
        if used + wanted > self._max_bytes:
            raise NotKept(
                f"the spool {self.folder} is full: {used} of {self._max_bytes} bytes wait or are set aside"
            )

    def _write(self, path: Path, written: bytes) -> None:
        part = path.with_suffix(".part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, _PRIVATE_FILE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(written)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _sync(path.parent)


class Lock:
    """A lock among processes and threads, which ends with its process. `is_held` says who got it."""

    def __init__(self, path: Path, *, waits: bool = False) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, _PRIVATE_FILE)
        self.is_held = False
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
            self.is_held = True
        except BlockingIOError:
            os.close(self._descriptor)
        except BaseException:
            os.close(self._descriptor)
            raise

    def release(self) -> None:
        # Closing is not enough: a process that was forked meanwhile has the file open, too.
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        os.close(self._descriptor)
        self.is_held = False


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    lock = Lock(path, waits=True)
    try:
        yield
    finally:
        lock.release()


def _written(entry: Entry) -> bytes:
    call = entry.call
    document = {
        "kind": call.kind,
        "path": call.path,
        "key": call.headers.get("Idempotency-Key", ""),
        "body": call.body.decode(),
        "reviews": dict(entry.reviews),
        "kept_at": datetime.now(UTC).isoformat(),
    }
    return json.dumps(document).encode()


def _read(name: str, written: bytes) -> Entry:
    """The entry in a file. ValueError: none that could be sent."""
    try:
        document = json.loads(written)
        call = calls.restored(
            document["kind"], document["path"], document["body"].encode(), key=document["key"]
        )
        return Entry(call, document["reviews"], name)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no entry of a spool: {error!r}") from error


def _sync(folder: Path) -> None:
    """Names are on the disk only when their folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems cannot, and do not need to
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
