"""What the labels mean: numbered, never changed, with what is built in where nothing else is said."""

from functools import partial

import pytest

from escalations.labels import guidelines, taxonomy
from escalations.models import AuditEntry, FailureMode, Taxonomy
from escalations.numbered import Outdated
from tests.factories import make_operator
from tests.threads import at_once

OWN = {"modes": {"cost": {"title": "Too dear", "examples": ["Nine searches"]}}, "codes": ["MAST-1.1"]}


def test_what_is_built_in_holds_until_something_else_is_said():
    built_in, own = taxonomy.said_by({}), taxonomy.said_by(OWN, number=3)
    assert [mode.value for mode in built_in.modes] == FailureMode.values
    assert all(mode.is_on and mode.meaning for mode in built_in.modes)
    assert (own.number, own.title("cost"), own.title("other")) == (3, "Too dear", "Other")
    assert [code.value for code in own.codes] == ["MAST-1.1"]


@pytest.mark.parametrize(
    "content",
    [
        {"modes": {"bad luck": {}}},
        {"modes": {"none": {"on": False}}},
        {"modes": {"cost": {"title": "x" * 61}}},
        {"codes": ["MAST-9.9"]},
        {"more": 1},
    ],
)
def test_content_that_is_no_taxonomy_is_refused(content):
    assert taxonomy.flaws(content)
    with pytest.raises(ValueError, match="Flaw"):
        taxonomy.save(content=content, note="", operator=None, based_on=0)


@pytest.mark.django_db
def test_a_change_is_a_new_number_over_nobody_elses():
    boss = make_operator()
    first = taxonomy.save(content=OWN, note="Start", operator=boss, based_on=0)
    assert (first.number, taxonomy.in_force(), taxonomy.flaws(OWN)) == (1, first, [])
    assert taxonomy.meanings(first.pk).title("cost") == "Too dear"
    [entry] = AuditEntry.objects.filter(target=f"taxonomy:{first.pk}")
    assert (entry.action, entry.actor) == ("taxonomy.save", f"operator:{boss.pk}")
    with pytest.raises(Outdated) as late:
        taxonomy.save(content={}, note="", operator=boss, based_on=0)
    assert late.value.now == first


@pytest.mark.django_db(transaction=True)
def test_of_many_who_save_at_once_one_wins():
    save = partial(guidelines.save, text="Look twice.", note="", operator=None, based_on=0)
    answers = at_once([save] * 5)
    assert sum(isinstance(answer, Outdated) for answer in answers) == 4
    assert guidelines.in_force().number == 1
    assert not Taxonomy.objects.exists()
