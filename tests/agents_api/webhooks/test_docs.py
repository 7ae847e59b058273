"""The receiver that the documentation shows works on what the desk sends."""

import re
from pathlib import Path

import pytest

from agents_api.webhooks import delivery, replay
from tests.agents_api.webhooks.conftest import decided

pytestmark = pytest.mark.django_db(transaction=True)
DOCS = Path(__file__).parents[3] / "docs" / "webhooks.md"


def test_the_documented_receiver_takes_each_webhook_once_and_refuses_forgeries(receiver, endpoint):
    [code] = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    went_on = []
    shown = {"go_on": went_on.append}
    exec(code.replace("whsec_…", endpoint.secret), shown)
    case, webhook = decided()
    delivery.deliver_due()
    replay.one(webhook.id)
    delivery.deliver_due()
    answers = [shown["receive"](one.body, one.headers) for one in receiver.received]
    forged = shown["receive"](receiver.received[0].body + b" ", receiver.received[0].headers)
    assert (answers, forged) == ([204, 204], 401)
    assert [told["handoff_id"] for told in went_on] == [str(case.id)]
