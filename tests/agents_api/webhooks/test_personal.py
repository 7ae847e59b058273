"""What is seeded in a handoff is in no log, no problem, no attempt and no file of a dataset."""

import json
import logging

import pytest

from agents_api.models import WebhookAttempt
from agents_api.webhooks import delivery
from escalations.datasets import building, folders, versions
from escalations.models import Dataset, DatasetVersion, Escalation
from tests.agents_api.webhooks.conftest import make_endpoint
from tests.agents_api.webhooks.test_masking import CARD, MAIL, PHONE, Echoing
from tests.factories import claim, decide, handoff, make_operator

NAMES = ["Ingeborg", "Wåhlström"]
SAID = f"{' '.join(NAMES)} here: {MAIL}, {PHONE}, {CARD}."
SEEDED = [MAIL, CARD, PHONE, *NAMES]


def problems(caller, body):
    """The handoff as it is, and in every way in which it is refused: what was answered."""
    key = {"Idempotency-Key": "k-1"}
    accepted = caller.post("/api/v1/handoffs", body, **key)
    assert accepted.status_code == 201
    wrong = {"kind": SAID, "summary": [SAID], "confidence": MAIL, "steps": [{"name": {"a": CARD}}]}
    refused = [
        caller.post("/api/v1/handoffs", body | {"summary": SAID + "!"}, **key),
        *(caller.post("/api/v1/handoffs", body | {name: value}) for name, value in wrong.items()),
        caller.post(f"/api/v1/handoffs/{accepted.json()['id']}/ack", {"outcome": SAID}),
    ]
    assert {response.status_code for response in refused} == {422}
    return [response.content.decode() for response in refused]


def dataset_files():
    versions.start(Dataset.objects.create(name="all"), actor="test")
    building.build_waiting()
    version = DatasetVersion.objects.get()
    assert version.row_count == 1, version.problem
    return [
        path.read_bytes().decode(errors="replace") for path in folders.root().rglob("*") if path.is_file()
    ]


@pytest.mark.django_db(transaction=True)
def test_what_is_personal_is_in_no_log_problem_attempt_or_file(caller, caplog, settings, tmp_path):
    caplog.set_level(logging.DEBUG)
    settings.DATASETS_DIR = tmp_path
    passenger = dict(zip(("first_name", "last_name"), NAMES, strict=True))
    context = {"facts": {"passenger": passenger}}
    body = handoff(caller.agent, context=context, messages=[{"role": "user", "content": SAID}])
    answered = problems(caller, body)
    with Echoing() as receiver:
        receiver.code, receiver.shape = 500, lambda sent: f"No such customer: {SAID}"
        make_endpoint(receiver.url)
        decide(claim(Escalation.objects.get(), make_operator()), message=SAID)
        assert delivery.deliver_due() == 1
    attempt = WebhookAttempt.objects.get()
    files = dataset_files()

    assert "No such customer" in attempt.excerpt
    kept = "\n".join([*answered, attempt.excerpt, attempt.error, *files, caplog.text]).casefold()
    assert not [one for one in SEEDED for form in (one, json.dumps(one)[1:-1]) if form.casefold() in kept]
