"""The keys of the pages, and changing them."""

import re
from pathlib import Path

import pytest
from django.urls import reverse

from operators import keymap
from tests.factories import make_operator

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
# What a template fills in from a list has no key of its own, and cannot be changed.
TAGS = {
    (action, key)
    for template in TEMPLATES.rglob("*.html")
    for tag in re.findall(r"<\w+ [^>]*data-key=[^>]*>", re.sub(r"{{.*?}}", "…", template.read_text()))
    for key in re.findall(r'data-key="([^"…]+)"', tag)
    for action in re.findall(r'\sdata-action="([^"]*)"', tag) or [""]
}


@pytest.mark.parametrize(("action", "key"), sorted(TAGS))
def test_a_control_with_a_key_names_an_action_whose_default_key_it_is(action, key):
    assert (action, key) in {(known.name, known.key) for known in keymap.ACTIONS}


def test_the_default_keys_collide_nowhere():
    assert keymap.faults({}) == {}


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        ({"take_next": "a"}, "“Approve”"),
        ({"accept_offer": "n"}, "“Take the next case”"),
        ({"take_next": "mod+w"}, "The browser needs"),
        ({"take_next": "banana"}, "is not a key"),
    ],
)
def test_a_key_that_cannot_be_is_refused_with_a_sentence(chosen, says):
    [sentence] = keymap.faults(chosen).values()
    assert says in sentence


def test_two_keys_may_change_places():
    assert keymap.faults({"decide_approve": "d", "decide_reject": "a"}) == {}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Ctrl+K", "mod+k"), ("X", "x"), (" shift+f4", "shift+F4"), ("f2", "F2"), ("?", "?")],
)
def test_keys_are_read_as_people_write_them(typed, kept):
    assert keymap.read(typed) == kept


@pytest.mark.django_db
class TestThePage:
    @pytest.fixture
    def noor(self, client):
        operator = make_operator("noor")
        client.force_login(operator)
        return operator

    def test_only_what_differs_is_kept(self, client, noor):
        answer = client.post(reverse("set_keys"), {"key-take_next": "x", "key-help": "?"})
        assert answer.status_code == 422  # x is the key of Cancel
        client.post(reverse("set_keys"), {"key-take_next": ";", "key-help": "?"})
        noor.refresh_from_db()
        assert noor.keymap == {"take_next": ";"}
        assert '"keymap": {"take_next": ";"}' in client.get("/").content.decode()

    def test_a_collision_changes_nothing_and_is_said_beside_the_field(self, client, noor):
        answer = client.post(reverse("set_keys"), {"key-take_next": "o"})
        assert answer.status_code == 422
        assert "is the key of “Accept the offer” already" in answer.content.decode()
        noor.refresh_from_db()
        assert noor.keymap == {}

    def test_the_default_keys_come_back(self, client, noor):
        client.post(reverse("set_keys"), {"key-take_next": ";"})
        client.post(reverse("set_keys"), {"reset": "all"})
        noor.refresh_from_db()
        assert noor.keymap == {}
