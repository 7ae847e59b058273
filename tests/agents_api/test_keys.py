"""Keys: their form, and the one answer to each that is not valid."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from agents_api import auth
from escalations.models import ApiKey


def test_a_key_has_prefix_secret_and_checksum():
    key = auth.new_key()
    assert re.fullmatch(r"hr_live_[0-9A-Za-z]{46}", key.plaintext)
    assert key.plaintext.startswith("hr_live_" + key.prefix)
    assert len(key.prefix) == 8
    assert re.fullmatch(r"[0-9a-f]{64}", key.digest)
    assert auth.parse(key.plaintext) == auth.Credentials(key.prefix, key.digest)


def test_keys_are_never_the_same():
    assert len({auth.new_key().plaintext for _ in range(100)}) == 100


def test_the_pepper_decides_the_digest(settings):
    key = auth.new_key()
    settings.API_KEY_PEPPER = "another"
    assert auth.digest_of(key.plaintext) != key.digest


@pytest.mark.parametrize("place", range(8, 54))
def test_one_wrong_character_is_seen_without_a_query(place):
    key = auth.new_key().plaintext
    wrong = "a" if key[place] != "a" else "b"
    assert auth.parse(key[:place] + wrong + key[place + 1 :]) is None


@pytest.mark.parametrize(
    "text", ["", "hr_live_", "sk-123", "hr_live_" + "ü" * 46, " " * 54, "hr_live_" + "0" * 46]
)
def test_other_texts_are_no_keys(text):
    assert auth.parse(text) is None


def refusals(key: str | None) -> list:
    headers = {"Idempotency-Key": "k"} | ({"Authorization": f"Bearer {key}"} if key is not None else {})
    client = Client()
    return [
        client.get("/api/v1/handoffs", headers=headers),
        client.get("/api/v1/handoffs/0192aaaa-0000-7000-8000-000000000000", headers=headers),
        client.post("/api/v1/handoffs", "not even JSON", content_type="application/json", headers=headers),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["none", "malformed", "unknown", "revoked", "expired", "agent off"])
def test_every_invalid_key_gets_the_same_answer(caller, fault):
    key = {"none": None, "malformed": "hr_live_x", "unknown": auth.new_key().plaintext}.get(fault, caller.key)
    row = ApiKey.objects.filter(prefix=caller.key[8:16])
    if fault == "revoked":
        row.update(revoked_at=timezone.now())
    if fault == "expired":
        row.update(expires_at=timezone.now() - timedelta(seconds=1))
    if fault == "agent off":
        caller.agent.is_active = False
        caller.agent.save()
    for response in refusals(key):
        answer = response.json()
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"] == "Bearer"
        assert answer.keys() == {"type", "title", "status", "detail", "instance", "request_id"}
        assert answer["detail"] == "The key is missing, malformed, unknown, revoked or expired."


@pytest.mark.django_db
def test_a_valid_handoff_under_a_revoked_key_is_refused(caller):
    ApiKey.objects.update(revoked_at=timezone.now())
    assert caller.hand_off().status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["Basic {}", "{}", "Bearer", "Bearer  {}", "Token {}"])
def test_other_schemes_are_refused(caller, header):
    headers = {"Authorization": header.format(caller.key)}
    assert Client().get("/api/v1/handoffs", headers=headers).status_code == 401


@pytest.mark.django_db
def test_the_scheme_is_read_in_any_case(caller):
    headers = {"Authorization": f"bearer {caller.key}"}
    assert Client().get("/api/v1/handoffs", headers=headers).status_code == 200
