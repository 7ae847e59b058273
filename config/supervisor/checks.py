"""What must be true before anything is started. Each refusal is one line that says what to do."""

import socket
from collections.abc import Mapping

import psycopg
from psycopg.conninfo import conninfo_to_dict

_REACH_SECONDS = 3


class Refused(Exception):
    """Handrail cannot start; the message is one line for the person who started it."""


def port_number(environment: Mapping[str, str]) -> int:
    """The port to serve: PORT, or 8000.

    Raises:
        Refused: PORT is no port number.
    """
    given = environment.get("PORT") or "8000"
    if not given.isdecimal() or not 1 <= int(given) <= 65535:
        raise Refused(f"PORT is {given!r}; it must be a number from 1 to 65535.")
    return int(given)


def check_port_is_free(port: int) -> None:
    """Raises Refused if another program listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Refused(
                f"port {port} cannot be used ({error.strerror}); choose another one: PORT=8001 make run"
            ) from None


def free_port() -> int:
    """A port of 127.0.0.1 that no program listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def check_database(url: str) -> None:
    """Raises Refused if DATABASE_URL leads nowhere; the message never has its password."""
    try:
        place = conninfo_to_dict(url)
        psycopg.connect(url, connect_timeout=_REACH_SECONDS).close()
    except psycopg.ProgrammingError:
        raise Refused(
            "DATABASE_URL is not an address of PostgreSQL: postgresql://user:secret@host:5432/name"
        ) from None
    except psycopg.OperationalError as error:
        where = f"{place.get('host', 'localhost')}:{place.get('port', 5432)}"
        raise Refused(
            f"the database of DATABASE_URL at {where} cannot be reached: {_one_line(error)}"
        ) from None


def check_broker(url: str) -> None:
    """Raises Refused if REDIS_URL leads nowhere; the message never has its password."""
    # A third of a second, and memory for ever, that only this check needs.
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    options = {"socket_connect_timeout": _REACH_SECONDS, "socket_timeout": _REACH_SECONDS}
    try:
        with redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), **options) as client:
            client.ping()
    except ValueError:
        raise Refused("REDIS_URL is not an address of Valkey or Redis: redis://host:6379/0") from None
    except redis.RedisError as error:
        raise Refused(f"the broker of REDIS_URL cannot be reached: {_one_line(error)}") from None


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
