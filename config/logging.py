"""Structured logs on stderr: JSON for machines, coloured lines for people.

Both `structlog.get_logger()` and the standard `logging` end here, and every entry made while a
request is served carries its `request_id`.
"""

from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from config import env


def _without_colour_twin(_: Any, __: str, entry: EventDict) -> EventDict:
    """Drop uvicorn's second copy of its messages."""
    entry.pop("color_message", None)
    return entry


_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    _without_colour_twin,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
_RENDER: list[Processor] = (
    # Plain tracebacks: the default prints local variables, and with them what users wrote.
    [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    if env.LOG_FORMAT == "console"
    else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
)

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
        "structured": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _SHARED,
            "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_RENDER],
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {"handlers": ["stderr"], "level": env.LOG_LEVEL},
    "loggers": {
        **{name: {"handlers": [], "propagate": True, "level": env.LOG_LEVEL} for name in _PASSED_ON},
        "httpx": {"level": "WARNING"},  # each request with its address, which may hold a receiver's secret
        # A traceback each second while Valkey is away; those who use it say so once.
        "channels_redis.pubsub": {"level": "CRITICAL"},
    },
}
