"""Brings tables, static files and demo data up to date. A program of its own for its memory's sake."""

import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError


def main() -> None:
    """Exit with 1 and one line if a setting is wrong or the database refuses."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_TIMEOUTS": "false"}
    try:
        django.setup()
        call_command("migrate", interactive=False, verbosity=0)
        if _static_files_changed():
            call_command("collectstatic", interactive=False, verbosity=0)
        call_command("load_demo")
    except (ImproperlyConfigured, CommandError, DatabaseError) as error:
        sys.exit(f"handrail: {' '.join(str(error).split())}")


def _static_files_changed() -> bool:
    """Whether a file is newer than the last collection, which takes a second that most starts can save."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    files = (Path(storage.path(name)) for finder in get_finders() for name, storage in finder.list([]))
    return not manifest.exists() or max(file.stat().st_mtime for file in files) > manifest.stat().st_mtime


if __name__ == "__main__":
    main()
