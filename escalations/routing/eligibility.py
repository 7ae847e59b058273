"""Who may be offered a case, the one reason why somebody is not, and how far the search has widened.

The rules are those of `sql/candidate_next.sql`, with which people take the next case by themselves, and of
`sql/able.sql`, from which agents are told the line. Tests hold them together.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from escalations.models import Availability, Escalation, Offer, OfferOutcome, Presence, Ring
from escalations.models.offers import OWN_QUEUE, PREFERRED
from escalations.routing.people import Person

# So many people are asked at once about a case that is at risk.
SEVERAL_AT_ONCE = 3
# Who missed an offer of a case is asked again after this, if nobody else took it.
PAUSE_AFTER_MISS = timedelta(seconds=30)


class WhyNot(models.TextChoices):
    """The one reason why somebody is not offered a case. The words go on from a person's name."""

    NONE = "", _("can be offered it")
    OFFERED = "offered", _("was offered it just now")
    NOT_IN_QUEUE = "not_in_queue", _("is not in the queue")
    LACKS_SKILL = "lacks_skill", _("lacks a skill")
    DECLINED = "declined", _("declined it")
    TOO_HEAVY = "too_heavy", _("may never hold so much")
    AWAY = "away", _("is away")
    WRAP_UP = "wrap_up", _("is wrapping up")
    NOT_CONNECTED = "not_connected", _("has no page open")
    KEPT = "kept", _("waits while it is kept for another person")
    AT_CAPACITY = "at_capacity", _("has no room for it")
    OTHER_OFFER = "other_offer", _("has another offer to answer")
    ROOM_KEPT = "room_kept", _("has room that is kept for a late case")
    MISSED = "missed", _("missed it a moment ago")


@dataclass(frozen=True)
class Reason:
    """`detail` names the skill that is lacking."""

    why: WhyNot
    detail: str = ""


@dataclass
class History:
    """What became of the offers of one case in this cycle: by person.

    `asker` is for whom a reply may be kept, if they are there to take it.
    """

    live: set[int] = field(default_factory=set)
    declined: set[int] = field(default_factory=set)
    missed: dict[int, datetime] = field(default_factory=dict)
    asker: int | None = None


def histories(cases: Collection[Escalation]) -> dict[object, History]:
    """The history of each of the cases."""
    found: dict[object, History] = {case.id: History() for case in cases}
    since = {case.id: case.clock_started_at for case in cases}
    offers = Offer.objects.filter(
        case__in=list(found), outcome__in=["", OfferOutcome.DECLINED, OfferOutcome.MISSED]
    )
    live = set(Offer.objects.live().filter(case__in=list(found)).values_list("id", flat=True))
    for offer in offers.order_by("id"):
        history = found[offer.case_id]
        if offer.pk in live:
            history.live.add(offer.operator_id)
        elif offer.outcome == OfferOutcome.DECLINED and offer.offered_at >= since[offer.case_id]:
            history.declined.add(offer.operator_id)
        elif offer.outcome == OfferOutcome.MISSED and offer.ended_at is not None:
            history.missed[offer.operator_id] = offer.ended_at
    _note_askers(cases, found)
    return found


def _note_askers(cases: Collection[Escalation], found: Mapping[object, History]) -> None:
    asked = {case.affinity_id for case in cases if case.affinity_until}
    if not asked:
        return
    there = set(Presence.objects.heard().filter(operator__in=asked).values_list("operator_id", flat=True))
    away = set(Presence.objects.away().filter(operator__in=there).values_list("operator_id", flat=True))
    for case in cases:
        if case.affinity_id in there - away:
            found[case.id].asker = case.affinity_id


def ring_by_time(case: Escalation, now: datetime) -> Ring:
    """How far the search may have widened by the clock alone."""
    if _is_late(case, now):
        return Ring.SEVERAL
    waited = now - case.clock_started_at
    if waited >= OWN_QUEUE:
        return Ring.OVERFLOW
    return Ring.REQUIRED if waited >= PREFERRED else Ring.EXACT


def _is_late(case: Escalation, now: datetime) -> bool:
    """Whether it is at risk: four fifths of the business time of a clock are over."""
    return case.at_risk_at is not None and case.at_risk_at <= now


def ring(
    case: Escalation, now: datetime, people: Iterable[Person], history: History
) -> tuple[Ring, list[Person]] | None:
    """The ring to search now and those in it who are ready, full or not; None if no ring has anybody.

    A ring without anybody who is ready is skipped at once.
    """
    there = [person for person in people if person.is_ready]
    first = ring_by_time(case, now)
    for one in Ring:
        if one >= first and (found := [p for p in there if not not_at_all(p, case, one, history).why]):
            return one, found
    return None


def not_at_all(person: Person, case: Escalation, in_ring: Ring, history: History) -> Reason:
    """Why the person could not be offered the case even with an empty desk."""
    queues = {case.queue_id, case.overflow_queue_id}
    if in_ring >= Ring.OVERFLOW:
        queues.add(case.queue.overflow_id)
    if not person.queues & queues:
        return Reason(WhyNot.NOT_IN_QUEUE)
    is_strict = in_ring == Ring.EXACT and person.id != case.affinity_id
    if lacking := {*case.skills, *(case.preferred_skills if is_strict else ())} - person.skills:
        return Reason(WhyNot.LACKS_SKILL, min(lacking))
    if case.weight > person.capacity:
        return Reason(WhyNot.TOO_HEAVY)
    if person.id in history.declined:
        return Reason(WhyNot.DECLINED)
    if person.availability != Availability.AVAILABLE:
        return Reason(WhyNot.WRAP_UP if person.availability == Availability.WRAP_UP else WhyNot.AWAY)
    return Reason(WhyNot.NONE if person.is_connected else WhyNot.NOT_CONNECTED)


def not_now(person: Person, case: Escalation, history: History, now: datetime) -> Reason:
    """Why somebody in the ring is not offered the case at this moment."""
    if person.id in history.live:
        return Reason(WhyNot.OFFERED)
    is_kept = history.asker and case.affinity_until and case.affinity_until > now
    if is_kept and history.asker != person.id:
        return Reason(WhyNot.KEPT)
    # Before their load: no room is kept for what they could not be offered anyway.
    missed_at = history.missed.get(person.id)
    if missed_at and missed_at > now - PAUSE_AFTER_MISS:
        return Reason(WhyNot.MISSED)
    if person.used + case.weight > person.capacity:
        return Reason(WhyNot.AT_CAPACITY)
    if person.is_offered:
        return Reason(WhyNot.OTHER_OFFER)
    return Reason(WhyNot.ROOM_KEPT if person.is_room_kept else WhyNot.NONE)


def missed_last(person: Person, history: History) -> bool:
    """Whether the case is what they were offered last, and missed: another one goes before it."""
    missed_at = history.missed.get(person.id)
    return bool(missed_at and person.last_offered_at and person.last_offered_at <= missed_at)


def in_order(people: Iterable[Person], case: Escalation, missed: Mapping[int, datetime]) -> list[Person]:
    """Whom to ask first: who had the case before, who has the preferred skills, who was asked longest ago,
    who has least to do. Who missed it comes last."""
    preferred = set(case.preferred_skills)

    def key(person: Person) -> tuple[bool, bool, int, float, float]:
        return (
            person.id in missed,
            person.id != case.affinity_id,
            len(preferred - person.skills),
            person.last_offered_at.timestamp() if person.last_offered_at else 0.0,
            person.used / person.capacity,
        )

    return sorted(people, key=key)
