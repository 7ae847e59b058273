"""Passwords and API keys of the demo desk.

The database has only hashes, so the plain text is kept in one file that its owner alone may read. What the
file does not have, or has wrong, is made anew, and what it replaces stops working.
"""

import json
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models.functions import Now

from agents_api import auth
from config.supervisor.keys import write_private
from demo import desk
from escalations.models import Agent, ApiKey, Operator

_KEY_NAME = "demo"
_WORDS = """
    amber anchor apple arrow badge basil beach birch bloom brook cedar chalk cloud clover coral crane daisy
    delta ember fable fern field flute forest garden ginger glade grain harbor hazel heron honey island ivory
    juniper kettle lagoon lantern lemon linen maple meadow mint moss nectar north oasis olive orchid otter
    paper pearl pebble pine plum quartz rain reed river robin saffron sage sand
"""


def keep(path: Path) -> None:
    """Make the file and the database agree, and write the file (mode 0600)."""
    kept = _read(path)
    with transaction.atomic():
        password = _keep_password(desk.people(), str(kept.get("password", "")))
        keys = {
            plan.name: _keep_key(plan.name, kept.get("api_keys", {}).get(plan.name, ""))
            for plan in desk.AGENTS
        }
    users = [
        {"username": plan.username, "password": password, "role": plan.role.value} for plan in desk.PEOPLE
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {"url": settings.PUBLIC_URL, "api_keys": keys, "users": users}
    write_private(path, json.dumps(document, indent=2) + "\n")


def _read(path: Path) -> dict[str, Any]:
    """What the file says, as far as it can be read, with the one password of all users on top."""
    try:
        kept: dict[str, Any] = json.loads(path.read_text())
        return kept | {"password": kept["users"][0]["password"]}
    except (OSError, ValueError, LookupError, TypeError):
        return {}


def _keep_password(people: list[Operator], password: str) -> str:
    """The password of all demo users. One check stands for all: they were always set together."""
    if password and people[0].password and people[0].check_password(password):
        return password
    password = password or "-".join(secrets.choice(_WORDS.split()) for _ in range(4))
    # Hashing is slow on purpose, and one password needs one hash.
    Operator.objects.filter(id__in=[person.pk for person in people]).update(password=make_password(password))
    return password


def _keep_key(agent_name: str, plaintext: str) -> str:
    found = auth.parse(plaintext)
    ours = ApiKey.objects.valid().filter(agent__name=agent_name, name=_KEY_NAME)
    if found and ours.filter(prefix=found.prefix, digest=found.digest).exists():
        return plaintext
    ours.update(revoked_at=Now())
    key = auth.new_key()
    agent = Agent.objects.get(name=agent_name)
    ApiKey.objects.create(agent=agent, name=_KEY_NAME, prefix=key.prefix, digest=key.digest)
    return key.plaintext
