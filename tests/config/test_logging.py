import json
import logging
import sys

import structlog
from django.test import RequestFactory

from config.logging import LOGGING


def as_json(record: logging.LogRecord) -> dict:
    options = dict(LOGGING["formatters"]["json"])
    return json.loads(options.pop("()")(**options).format(record))


def make_record(message: str, **extra) -> logging.LogRecord:
    return logging.getLogger("shop").makeRecord(
        "shop", logging.WARNING, "x.py", 1, message, (), None, extra=extra
    )


def test_an_entry_is_one_object_with_its_request():
    with structlog.contextvars.bound_contextvars(request_id="checkout-42"):
        entry = as_json(make_record("sold out", queue="refunds"))
    assert entry | {"timestamp": ""} == {
        "event": "sold out",
        "queue": "refunds",
        "level": "warning",
        "logger": "shop",
        "request_id": "checkout-42",
        "timestamp": "",
    }


def test_django_names_a_request_by_its_id_and_not_by_its_address():
    request = RequestFactory().get("/cases/?q=jane@example.com")
    request.request_id = "checkout-42"
    entry = as_json(make_record("Not Found", request=request))
    assert entry["request_id"] == "checkout-42"
    assert "jane" not in json.dumps(entry)


def test_a_traceback_shows_no_values():
    password = "hunter2"
    try:
        raise ValueError(len(password))
    except ValueError:
        record = make_record("failed")
        record.exc_info = sys.exc_info()
    entry = as_json(record)
    assert "ValueError: 7" in entry["exception"]
    assert "hunter2" not in entry["exception"]
