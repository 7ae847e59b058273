import importlib

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


@pytest.fixture
def reread(monkeypatch):
    """Read the environment again, with changes that are undone after the test."""

    def read(**changes: str) -> None:
        for name, value in changes.items():
            monkeypatch.setenv(name, value)
        importlib.reload(env)

    yield read
    monkeypatch.undo()
    importlib.reload(env)


@pytest.mark.parametrize("name", ["SECRET_KEY", "API_KEY_PEPPER", "REDIS_URL"])
def test_a_missing_setting_is_named_with_its_meaning(reread, name):
    with pytest.raises(ImproperlyConfigured, match=f"^{name} is not set: .+"):
        reread(**{name: ""})


@pytest.mark.parametrize("name", ["LOG_LEVEL", "LOG_FORMAT", "DATABASE_POOL_SIZE", "TRUSTED_PROXIES"])
def test_a_setting_of_the_wrong_form_is_named_with_its_value(reread, name):
    with pytest.raises(ImproperlyConfigured, match=f"^{name} is 'loud'"):
        reread(**{name: "loud"})


def test_https_follows_from_the_public_address(reread):
    reread(PUBLIC_URL="https://desk.example.com/")
    assert env.HTTPS
    assert env.PUBLIC_URL == "https://desk.example.com"
