"""Who said what of which gold item, and what of it was otherwise than is known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from escalations.models import GoldItem, Operator, Review, ReviewState
from escalations.reviews import gold
from escalations.reviews.comparing import differences
from operators import parameters
from operators.reviews.pages import meanings
from operators.reviews.words import Words

# People are scored by what they met in these days.
SCORED_WITHIN = timedelta(days=90)
_STATES = {"right": ReviewState.AGREED, "missed": ReviewState.MISSED}


@dataclass(frozen=True)
class Otherwise:
    """A label that somebody gave otherwise than it is known; one that decides makes them miss the item."""

    title: str | Promise
    known: str
    said: str
    decides: bool


@dataclass(frozen=True)
class Met:
    """One item as one person labelled it."""

    review: Review
    is_right: bool
    can_be_met: bool
    otherwise: Sequence[Otherwise]


@dataclass(frozen=True)
class Choice:
    """What the page is narrowed to: an item; a person, as far as they are scored by it; right or missed."""

    item: int | None = None
    person: int | None = None
    only: str = ""

    @classmethod
    def of(cls, params: Mapping[str, str]) -> "Choice":
        """What the address says; the senseless is left out."""
        only = params.get("only", "")
        return cls(
            item=parameters.number(params.get("item", "")),
            person=parameters.number(params.get("person", "")),
            only=only if only in _STATES else "",
        )

    @property
    def url(self) -> str:
        """Where the page is so narrowed."""
        said = {"item": self.item, "person": self.person, "only": self.only or None}
        narrowed = {name: value for name, value in said.items() if value is not None}
        return reverse("met_gold") + (f"?{urlencode(narrowed)}" if narrowed else "")

    @property
    def right_url(self) -> str:
        """Where of these the ones are that were labelled right."""
        return replace(self, only="right").url

    def met(self, now: datetime) -> QuerySet[Review]:
        """What it leaves, the newest first."""
        found = gold.met().order_by("-submitted_at")
        if self.item is not None:
            found = found.filter(gold=self.item)
        if self.person is not None:
            found = found.filter(reviewer=self.person, submitted_at__gte=now - SCORED_WITHIN)
        return found.filter(state=_STATES[self.only]) if self.only else found

    def choices(self) -> list[tuple[str, str, bool]]:
        """All, missed and right: address, words, and whether it is what the page shows."""
        named = {"": _("All"), "missed": _("Missed"), "right": _("Labelled right")}
        return [(replace(self, only=only).url, words, only == self.only) for only, words in named.items()]

    def words(self) -> str:
        """What it is narrowed to, as a sentence."""
        words = []
        item = GoldItem.objects.select_related("resolution__case").filter(pk=self.item or 0).first()
        if item is not None:
            words.append(item.resolution.case.headline)
        who = Operator.objects.filter(pk=self.person or 0).first()
        if who is not None:
            words += [str(who), _("Last %(days)s days") % {"days": SCORED_WITHIN.days}]
        return " · ".join(words) or _("All gold items")


def rows(found: Iterable[Review]) -> list[Met]:
    """What each of them labelled otherwise than is known."""
    words = Words([], meanings())
    return [
        Met(
            review=review,
            is_right=review.state == ReviewState.AGREED,
            can_be_met=gold.can_be_gold(review.resolution),
            otherwise=_otherwise(review, words),
        )
        for review in found
    ]


def _otherwise(review: Review, words: Words) -> list[Otherwise]:
    if review.compared is None or review.blind is None:
        raise ValueError("A review that was given has both labels.")
    known, said = review.compared, review.blind
    return [
        Otherwise(field.title, words.said(field, known), words.said(field, said), field.decides)
        for field in differences(known, said)
    ]
