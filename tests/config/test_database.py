import pytest
from django.core.exceptions import ImproperlyConfigured

from config.database import postgresql


def test_everything_an_address_says_reaches_the_driver():
    settings = postgresql(
        "postgresql://desk:a%2Fb@db:6432/handrail?sslmode=require", pool_size=0, timeouts=True
    )
    assert settings["NAME"] == "handrail"
    assert settings["PASSWORD"] == "a/b"
    assert (settings["HOST"], settings["PORT"]) == ("db", "6432")
    assert settings["OPTIONS"]["sslmode"] == "require"
    assert "statement_timeout" in settings["OPTIONS"]["options"]


def test_a_folder_of_sockets_keeps_its_capital_letters():
    assert (
        postgresql("postgresql://me@/handrail?host=/Run/PG", pool_size=0, timeouts=True)["HOST"] == "/Run/PG"
    )


def test_an_address_of_something_else_is_refused_by_name():
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        postgresql("mysql://db/handrail", pool_size=0, timeouts=True)


def test_long_work_waits_for_no_lock_either():
    options = postgresql("postgresql://db/handrail", pool_size=0, timeouts=False)["OPTIONS"]["options"]
    assert "lock_timeout" in options
    assert "statement_timeout" not in options


def test_a_pool_is_bounded():
    assert (
        postgresql("postgresql://db/handrail", pool_size=4, timeouts=True)["OPTIONS"]["pool"]["max_size"] == 4
    )
