"""The settings as a file: written out, compared, applied, refused."""

from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from escalations.configuring import applying, document
from escalations.labels import taxonomy
from escalations.management.commands.export_config import as_yaml, schema_text
from escalations.models import (
    Agent,
    AlertRule,
    AuditEntry,
    Calendar,
    Guideline,
    Kept,
    Operator,
    Policy,
    Queue,
    RetentionRule,
    ReviewRates,
    Role,
    Skill,
    Taxonomy,
)
from escalations.retention import keeping
from tests.factories import make_admin, make_agent, make_operator, make_queue

pytestmark = pytest.mark.django_db

DESK = """\
skills:
  french: Speaks French
calendars:
  Office Berlin:
    timezone: Europe/Berlin
    hours:
      monday: [09:00-12:00, 13:00-24:00]
      sunday: []
    holidays: {2026-12-25: Christmas}
queues:
  returns:
    calendar: Office Berlin
    overflow: billing
    sla:
      urgent: {pickup_seconds: 60, resolution_seconds: 600}
  billing: {description: Invoices, aging_seconds: 300, overflow: returns}
agents:
  helper:
    default_queue: returns
    policy: {turns: 20, confidence: {"*": 0.7}}
    versions:
      "2.3": {policy: {turns: 30}}
    calibration: {alpha: 0.05, error_cost_usd: 120.5}
people:
  carla:
    role: reviewer
    email: carla@desk.example
    queues: [returns, billing]
    skills: [french]
    capacity: 6
    hourly_cost_usd: 41.5
taxonomy:
  modes: {cost: {title: Too dear, on: true}}
guidelines: |
  # How to label
  Look first.
alerts:
  - {kind: service_level, queue: returns, threshold: 0.75, hours: 2}
  - {kind: escalation_rate, agent: helper}
retention: {notices: 60, queues: {returns: 400, billing: null}}
review_rates: {right: 0.2}
"""


def apply(text, **options):
    return [str(one) for one in applying.apply(document.read(text), note="as written", **options)]


def test_a_file_makes_a_desk_and_twice_is_as_once():
    changed = apply(DESK)
    assert "+ queues.returns.sla.urgent.pickup_seconds: 60" in changed
    assert "~ retention.notices: 90 -> 60" in changed
    assert "+ guidelines: # How to label… (2 lines)" in changed
    queue = Queue.objects.get(name="returns")
    assert (queue.overflow.name, queue.calendar.hours.count(), queue.sla_targets.count()) == ("billing", 2, 1)
    assert Policy.objects.get(agent_version=None).note == "as written"
    assert Policy.objects.get(agent_version__name="2.3").rules == {"turns": 30}
    carla = Operator.objects.get(username="carla")
    assert (carla.role, carla.capacity, carla.has_usable_password()) == (Role.REVIEWER, 6, False)
    assert set(carla.queues.values_list("name", flat=True)) == {"returns", "billing"}
    assert AlertRule.objects.get(kind="service_level").threshold == 0.75
    assert keeping.rules()[Kept.CONVERSATIONS, queue.pk] == 400
    assert taxonomy.in_force().content["modes"]["cost"]["title"] == "Too dear"
    entries = AuditEntry.objects.count()
    assert apply(DESK) == []
    assert AuditEntry.objects.count() == entries
    assert Guideline.objects.count() == Policy.objects.filter(agent_version=None).count() == 1


def test_amounts_are_kept_to_the_cent_and_then_differ_no_more():
    finer = "  x: {hourly_cost_usd: 41.505}\n"
    agents = "agents:\n  y: {default_queue: a, calibration: {error_cost_usd: 0.125}}\n"
    text = f"queues: {{a: {{}}}}\npeople:\n{finer}{agents}"
    assert "+ people.x.hourly_cost_usd: 41.51" in apply(text)
    assert float(Operator.objects.get().hourly_cost_usd) == 41.51
    assert apply(text) == []


def test_what_is_written_out_changes_nothing_and_makes_the_same_desk_again():
    apply(DESK)
    make_agent("other", rules={"never": ["refunds"]})
    make_admin("boss", first_name="Ada")
    written = as_yaml(applying.present())
    assert apply(written) == []
    for model in (AlertRule, RetentionRule, ReviewRates, Agent, Operator, Guideline, Taxonomy):
        model.objects.all().delete()
    Queue.objects.update(overflow=None)
    for model in (Queue, Calendar, Skill):
        model.objects.all().delete()
    assert apply(written)
    assert as_yaml(applying.present()) == written


def test_what_a_file_does_not_name_stays_and_targets_of_a_queue_are_replaced():
    make_queue("support", sla={0: (60, 900), 1: (300, 3600)})
    changed = apply("queues:\n  support:\n    sla: {high: {pickup_seconds: 200, resolution_seconds: 3600}}\n")
    assert set(changed) == {
        "~ queues.support.sla.high.pickup_seconds: 300 -> 200",
        "- queues.support.sla.urgent.pickup_seconds: 60",
        "- queues.support.sla.urgent.resolution_seconds: 900",
        "- queues.support.sla.urgent.response_seconds: None",
    }
    assert Queue.objects.get().sla_targets.get().pickup_seconds == 200
    assert Queue.objects.get().aging_seconds == 600


def test_a_dry_run_says_the_same_and_changes_nothing():
    told = apply(DESK, dry_run=True)
    assert not Queue.objects.exists()
    assert not AuditEntry.objects.exists()
    assert told == apply(DESK)


# Each stands for four of the one before.
_ALIASES_OF_ALIASES = "a: &a {}\n" + "".join(
    f"{one}: &{one} {{1: *{before}, 2: *{before}, 3: *{before}, 4: *{before}}}\n"
    for before, one in pairwise("abcdefghijklmn")
)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("queues: [", "line 1: This is no YAML"),
        ("queues:\n  a: {}\n  a: {}\n", "line 3: queues.a: It stands there twice."),
        (_ALIASES_OF_ALIASES, "it has more than 200,000 parts."),
        ("skills: &all\n  french: *all\n", "line 2: skills.french: It stands within itself."),
        ("alerts:\n- {kind: cost}\n- {kind: cost, hours: 2}\n", "line 3: alerts[1]: It stands there twice."),
        ("skills:\n  french: 7\n", "line 2: skills.french: "),
        ("queues:\n  a:\n    colour: red\n", "line 3: queues.a.colour: There is no such setting."),
        ("queues:\n  a:\n    calendar: Nowhere\n", "line 3: queues.a.calendar: There is no calendar named"),
        ("queues:\n  a: {overflow: a}\n", "line 2: queues.a.overflow: A queue cannot help itself out."),
        ("agents:\n  a: {description: x}\n", "line 2: agents.a: A new agent needs a default_queue."),
        ("agents:\n  a: {policy: {turns: -1}}\n", "line 2: agents.a.policy.turns: "),
        ("people:\n  anna:\n    skills:\n    - latin\n", "line 4: people.anna.skills[0]: There is no skill"),
        ("people:\n  boss: {is_active: false}\n", "line 2: people.boss: This would leave the desk without"),
        ("calendars:\n  x:\n    hours: {monday: ['12:00-09:00']}\n", "line 3: calendars.x.hours.monday[0]: "),
        ("alerts:\n- {kind: cost}\n- {kind: escalation_rate}\n", "line 3: alerts[1].kind: This kind of"),
        (
            "alerts:\n- {kind: override, threshold: 4}\n",
            "line 2: alerts[0].threshold: A limit of",
        ),
        ("alerts:\n- {kind: oldest_case, hours: 3}\n", "line 2: alerts[0].hours: "),
        ("retention:\n  stays: 3\n", "line 2: retention.stays: At least 8 days"),
    ],
)
def test_what_cannot_be_is_refused_with_line_and_path_and_nothing_is_changed(text, says):
    make_admin("boss")
    before = applying.present()
    with pytest.raises(document.Faulty) as refused:
        apply(f"{text}")
    assert says in str(refused.value)
    assert applying.present() == before


def test_every_fault_is_told_at_once_and_what_was_right_is_taken_back():
    with pytest.raises(document.Faulty) as refused:
        apply("skills: {french: ''}\nqueues:\n  a: {calendar: x}\n  b: {calendar: y}\n")
    assert [fault.line for fault in refused.value.faults] == [3, 4]
    assert not Skill.objects.exists()


def test_the_commands_write_compare_and_apply(tmp_path, capsys):
    make_operator("carla", queues=[make_queue("support")])
    file = tmp_path / "desk.yaml"
    call_command("export_config", out=file)
    call_command("apply_config", file)
    assert "Nothing differs from the file." in capsys.readouterr().err
    file.write_text(file.read_text().replace("aging_seconds: 600", "aging_seconds: 900"))
    call_command("apply_config", file, dry_run=True)
    told = capsys.readouterr()
    assert told.out == "~ queues.support.aging_seconds: 600 -> 900\n"
    assert "1 value would be changed; nothing was." in told.err
    call_command("apply_config", file)
    assert Queue.objects.get().aging_seconds == 900
    assert AuditEntry.objects.get(action="config.apply").actor == "command"
    file.write_text("queues: {x: 1}")
    with pytest.raises(CommandError, match=r"Nothing was changed.*desk.yaml:\nline 1: queues.x: "):
        call_command("apply_config", file)


def test_the_published_schema_is_the_one_in_use():
    published = Path(__file__).parents[3] / "docs" / "desk.schema.json"
    assert published.read_text() == schema_text()
