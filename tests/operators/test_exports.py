"""The exports page and its download, under both kinds of server."""

import json

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from escalations import decisions, transitions
from escalations.models import AuditEntry, Role
from tests import factories

PAGE, DOWNLOAD = "/exports/", "/exports/download/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client):
    operator = factories.make_admin("boss")
    client.force_login(operator)
    return operator


def edited(operator):
    case = factories.make_case()
    action = {**factories.REFUND["arguments"], "amount": 0}
    transitions.resolve(
        lease=factories.claim(case, operator),
        decision=transitions.DecisionInput(
            decision="edit",
            actions=[
                transitions.ActionDecision(
                    "call_1", "edit", action, digest_seen=decisions.digest(factories.REFUND["arguments"])
                )
            ],
        ),
        labels=transitions.Labels(disposition="edit", agent_correct="no", failure_primary="edge_case"),
    )


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.REVIEWER])
@pytest.mark.parametrize("address", [PAGE, DOWNLOAD])
def test_only_admins_export(role, address, client):
    client.force_login(factories.make_operator(role=role))

    assert client.get(address).status_code == 403
    assert not AuditEntry.objects.filter(action="export").exists()


def test_the_page_counts_rows_and_shows_three(boss, client):
    operator = factories.make_operator()
    for _ in range(4):
        factories.make_resolved(operator)
    edited(operator)

    sft = client.get(PAGE).context
    pairs = client.get(PAGE, {"format": "preference"}).context

    assert (sft["rows"], sft["decisions"], len(sft["preview"])) == (5, 5, 3)
    assert (pairs["rows"], len(pairs["preview"])) == (1, 1)
    assert json.loads(pairs["preview"][0])["chosen"]


def test_the_page_says_what_to_do_when_there_is_nothing(boss, client):
    page = client.get(PAGE).content.decode()

    assert "Nothing to export" in page
    assert DOWNLOAD not in page


@pytest.mark.parametrize(("format_name", "rows"), [("sft", 3), ("preference", 1)])
def test_the_download_has_the_rows_that_the_page_counted(format_name, rows, boss, client):
    operator = factories.make_operator()
    factories.make_resolved(operator)
    factories.make_resolved(operator)
    edited(operator)
    counted = client.get(PAGE, {"format": format_name}).context["rows"]

    answer = client.get(DOWNLOAD, {"format": format_name})

    assert f'filename="handrail-{format_name}-' in answer["Content-Disposition"]
    assert len([json.loads(line) for line in answer.getvalue().splitlines()]) == counted == rows
    assert AuditEntry.objects.get(action="export").target == f"export:{format_name}"


def test_the_download_keeps_to_the_filters(boss, client):
    factories.make_resolved()

    assert client.get(DOWNLOAD, {"agent": "support"}).getvalue().count(b"\n") == 1
    assert (
        client.get(DOWNLOAD, {"period": "custom", "end": "2020-01-01", "start": "2020-01-01"}).getvalue()
        == b""
    )


@pytest.mark.django_db(transaction=True)
async def test_the_download_streams_under_asgi_too():
    @sync_to_async
    def prepare():
        operator = factories.make_operator()
        for _ in range(3):
            factories.make_resolved(operator)
        return factories.make_admin()

    client = AsyncClient()
    await client.aforce_login(await prepare())

    answer = await client.get(DOWNLOAD)

    assert answer.is_async
    lots = [lot async for lot in answer.streaming_content]
    assert b"".join(lots).count(b"\n") == 3


def test_hostile_rows_are_text_in_the_preview(boss, client):
    factories.make_resolved(messages=[{"role": "user", "content": "</pre><script>alert(1)</script>"}])

    assert b"<script>alert" not in client.get(PAGE).content
