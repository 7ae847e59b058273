"""In which language pages and agents are answered, whatever the thread of a request did before."""

import asyncio
from zoneinfo import ZoneInfo

import pytest
from django.test import AsyncClient, Client
from django.test.client import ClientHandler
from django.utils import dateformat, timezone, translation
from django.utils.translation import gettext

from config.handlers import for_agents
from escalations.models import CheckpointSchema, Role
from escalations.validation import checkpoints
from tests.factories import claim, decide, make_agent, make_case, make_key, make_operator

pytestmark = pytest.mark.django_db
GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}


def lang_of(answer) -> tuple[bool, str]:
    """Whether the page says that it is German, and what the header says."""
    return '<html lang="de"' in answer.content.decode(), answer.headers["Content-Language"]


def test_a_page_without_a_person_is_in_the_language_of_the_browser(client):
    answer = client.get("/accounts/login/", headers=GERMAN)
    assert lang_of(answer) == (True, "de")
    assert "Accept-Language" in answer.headers["Vary"]
    assert lang_of(client.get("/accounts/login/", headers={"Accept-Language": "fi"})) == (False, "en")


@pytest.mark.parametrize("path", ["/", "/preferences/", "/no-such-page/", "/cases/zzz/"])
def test_a_page_for_a_person_is_in_the_language_that_they_chose(client, path):
    client.force_login(make_operator(language="de"))
    assert lang_of(client.get(path, headers={"Accept-Language": "en"})) == (True, "de")
    client.force_login(make_operator(language="en"))
    assert lang_of(client.get(path, headers=GERMAN)) == (False, "en")


def test_who_chose_none_reads_the_language_of_the_browser(client):
    client.force_login(make_operator())
    assert lang_of(client.get("/", headers=GERMAN)) == (True, "de")


@pytest.mark.parametrize("path", ["/", "/no-such-page/", "/accounts/login/"])
def test_an_answer_leaves_no_language_behind(client, path):
    client.force_login(make_operator(language="de"))
    client.get(path, headers=GERMAN)
    assert translation.get_language() == "en"


async def test_under_asgi_each_page_has_its_own_language():
    async def ask(language: str) -> tuple[bool, str]:
        return lang_of(await AsyncClient().get("/accounts/login/", headers={"Accept-Language": language}))

    answers = await asyncio.gather(*[ask(language) for language in ("de", "en") * 4])
    assert answers == [(True, "de"), (False, "en")] * 4
    assert translation.get_language() == "en"


def handler_for_agents() -> ClientHandler:
    handler = ClientHandler(enforce_csrf_checks=False)
    handler.load_middleware()
    return handler


@pytest.mark.parametrize("make_handler", [lambda: for_agents(handler_for_agents), handler_for_agents])
def test_an_agent_is_answered_in_english_whatever_its_thread_spoke_before(make_handler):
    agent, case = make_agent(), make_case()
    decide(claim(case, make_operator()))
    caller = Client(
        headers=GERMAN | {"Authorization": f"Bearer {make_key(agent)}", "Idempotency-Key": "once"}
    )
    caller.handler = make_handler()
    with translation.override("de"):
        assert gettext("This case is resolved.") == "Dieser Fall ist abgeschlossen."
        answer = caller.post(f"/api/v1/handoffs/{case.id}/cancel", {}, content_type="application/json")
    assert (answer.status_code, answer.json()["detail"]) == (409, "This case is resolved.")


def test_pages_of_the_admin_tell_times_in_the_zone_that_the_person_chose(client):
    admin = make_operator(role=Role.ADMIN, timezone="Asia/Tokyo")
    client.force_login(admin)
    checkpoints.register(agent_id=make_agent().pk, step="order", schema={}, actor="agent:support")
    there = CheckpointSchema.objects.get().created_at.astimezone(ZoneInfo("Asia/Tokyo"))
    page = client.get("/admin/escalations/checkpointschema/").content.decode()
    assert dateformat.format(there, "P") in page
    assert timezone.get_current_timezone_name() == "UTC"  # the next request starts afresh
