"""Brings tables, static files and demo data up to date. A program of its own, for its memory's sake."""

import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError


def main() -> None:
    """Exit with 1 and one line if a setting is wrong or the database refuses."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_TIMEOUTS": "false"}
    try:
        django.setup()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("load_demo")
    except (ImproperlyConfigured, CommandError, DatabaseError) as error:
        sys.exit(f"handrail: {' '.join(str(error).split())}")


if __name__ == "__main__":
    main()
