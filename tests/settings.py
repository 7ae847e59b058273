"""The settings for tools that only read the code: they need values, and no servers behind them."""

import os

for _name, _value in {
    "SECRET_KEY": "unused",
    "API_KEY_PEPPER": "unused",
    "DATABASE_URL": "postgresql://unused",
    "REDIS_URL": "redis://unused",
}.items():
    os.environ.setdefault(_name, _value)

from config.settings import *  # as these settings are those, and one app more
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]
