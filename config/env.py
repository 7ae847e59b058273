"""The only reader of the environment. Every setting a deployment may choose is named here.

Raises:
    ImproperlyConfigured: a required variable is missing or has the wrong form.
"""

from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

_ROOT = Path(__file__).resolve().parent.parent
_env = environ.Env()
# What `make run` chose, so that `manage.py` in the same folder works on the same data. An environment
# that names a database is complete in itself.
if not _env.str("DATABASE_URL", default="") and (_ROOT / "var" / "env").exists():
    environ.Env.read_env(_ROOT / "var" / "env")


def _required(name: str, meaning: str) -> str:
    value = _env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set: {meaning}")
    return str(value)


def _number(name: str, default: int) -> int:
    value = _env.str(name, default=str(default))
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be a whole number.")
    return int(value)


def _choice(name: str, default: str, *others: str) -> str:
    value = _env.str(name, default=default)
    if value not in (default, *others):
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be one of {', '.join((default, *others))}.")
    return str(value)


DEBUG: bool = _env.bool("DEBUG", default=False)
SECRET_KEY = _required("SECRET_KEY", "a long random string that signs sessions.")
API_KEY_PEPPER = _required("API_KEY_PEPPER", "a long random string that agents' keys are hashed with.")
DATABASE_URL = _required("DATABASE_URL", "for example postgresql://handrail:secret@db:5432/handrail.")
REDIS_URL = _required("REDIS_URL", "for example redis://valkey:6379/0.")

ALLOWED_HOSTS: list[str] = _env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
TRUSTED_ORIGINS: list[str] = _env.list("TRUSTED_ORIGINS", default=[])
PUBLIC_URL: str = _env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
# Proxies that add to X-Forwarded-For; sign-in attempts are limited by the address that the first of them saw.
TRUSTED_PROXIES: int = _number("TRUSTED_PROXIES", 0)
HTTPS: bool = PUBLIC_URL.startswith("https://")

# For example smtp+tls://user:secret@mail.example.com:587. Without it the desk sends no mail.
EMAIL: dict[str, Any] = _env.email_url("EMAIL_URL", default="dummymail://")
SENDS_MAIL: bool = bool(_env.str("EMAIL_URL", default=""))
MAIL_FROM: str = _env.str("MAIL_FROM", default="handrail@localhost")

# Connections that one process may open; 0 opens one for each thread and keeps none.
DATABASE_POOL_SIZE: int = _number("DATABASE_POOL_SIZE", 16)
# Off for migrations, exports and other work that takes longer than a request may.
DATABASE_TIMEOUTS: bool = _env.bool("DATABASE_TIMEOUTS", default=True)
# For so long a decision can be undone before the agent gets it; 0 sends it at once.
UNDO_SECONDS: int = _number("UNDO_SECONDS", 5)
# The service level is the share of cases that were claimed within so long.
SERVICE_LEVEL_SECONDS: int = _number("SERVICE_LEVEL_SECONDS", 120)
# Webhook receivers on private addresses are refused unless a deployment says otherwise.
WEBHOOKS_MAY_REACH_PRIVATE_ADDRESSES: bool = _env.bool("WEBHOOKS_MAY_REACH_PRIVATE_ADDRESSES", default=False)
# What one API key may make, on average over ten seconds; an agent can be given another number. 0 is no limit.
REQUESTS_PER_SECOND: int = _number("REQUESTS_PER_SECOND", 2_000)
# So long are finished runs and checkpoints kept that have no case; 0 keeps them for ever. What a draft of a
# policy would have done is asked of the last 30 days.
RUNS_KEPT_DAYS: int = _number("RUNS_KEPT_DAYS", 90)
LOG_LEVEL: str = _choice("LOG_LEVEL", "INFO", "DEBUG", "WARNING", "ERROR", "CRITICAL")
# "json" for machines, one object a line; "console" for people.
LOG_FORMAT: str = _choice("LOG_FORMAT", "json", "console")
# Whoever sends this token may read /metrics without signing in; without it only admins may.
METRICS_TOKEN: str = _env.str("METRICS_TOKEN", default="")
STATIC_ROOT = Path(_env.str("STATIC_ROOT", default=str(_ROOT / "var" / "static")))
# Where the files of datasets lie; processes that serve pages and those that work share it.
DATASETS_DIR = Path(_env.str("DATASETS_DIR", default=str(_ROOT / "var" / "datasets")))
