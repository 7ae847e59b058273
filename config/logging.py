"""Structured logs on stderr: JSON for machines, coloured lines for people.

Both `structlog.get_logger()` and the standard `logging` end here, and every entry made while a
request is served carries its `request_id`.
"""

from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from config import env


def _request_by_id(_: Any, __: str, entry: EventDict) -> EventDict:
    """Put a request's id in place of its address, which may say more than a log should."""
    request = entry.pop("request", None)
    if hasattr(request, "request_id"):
        entry.setdefault("request_id", request.request_id)
    return entry


def _without_colour_twin(_: Any, __: str, entry: EventDict) -> EventDict:
    """Drop uvicorn's second copy of its messages."""
    entry.pop("color_message", None)
    return entry


_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    _request_by_id,
    _without_colour_twin,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
_RENDERERS: dict[str, list[Processor]] = {
    # Plain tracebacks: the default prints local variables, and with them what users wrote.
    "console": [
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    ],
    "json": [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
}

structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        *_SHARED,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)

# These bring handlers of their own, which would print everything a second time.
_PASSED_ON = ("django", "django.server", "uvicorn", "uvicorn.error", "celery", "_granian")

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        name: {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _SHARED,
            "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        }
        for name, renderer in _RENDERERS.items()
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": env.LOG_FORMAT}},
    "root": {"handlers": ["stderr"], "level": env.LOG_LEVEL},
    "loggers": {
        **{name: {"handlers": [], "propagate": True, "level": env.LOG_LEVEL} for name in _PASSED_ON},
        "uvicorn.access": {"handlers": [], "propagate": False},  # `config.middleware` logs each request
        # `config.middleware` logs each refused request; what fails is told here, with its traceback.
        "django.request": {"level": "ERROR"},
        "httpx": {"level": "WARNING"},  # each request with its address, which may hold a receiver's secret
        # A traceback each second while Valkey is away; those who use it say so once.
        "channels_redis.pubsub": {"level": "CRITICAL"},
    },
}
