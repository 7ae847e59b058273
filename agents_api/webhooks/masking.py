"""What receivers answer, without what must not stay on record: our own words, and what is personal.

An answer may echo the webhook. What it holds of a person would outlive the case's erasure in nobody's sight,
so an echo is left out, as are the values at the handoff's `sensitive_paths`, what it tells under the keys of
a person, and what looks like an address, an account or a telephone number.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

from agents_api.webhooks.outbox import Claimed, Outcome
from escalations.models import Handoff
from escalations.redaction.paths import UnreadablePath, leaves, values_at
from escalations.redaction.told import is_common, is_telling, told

GAP = "[…]"
# So many characters in a row that are in our body, too, are an echo. Half of them lie on one of the probes.
_ECHO = 24
_PROBE = _ECHO // 2
# A shorter value is a part of too many words to be taken out of them.
_SHORTEST_VALUE = 4
_PERSONAL = [
    re.compile(r"[\w.+-]+@[\w.-]+"),  # e-mail
    re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b"),  # IBAN
    # Numbers of cards and telephones; a date is none.
    re.compile(r"(?<![\w.-])(?!\d{4}-\d\d-\d\d)\+?\(?\d(?:[ ()./-]{0,2}\d){6,18}(?![\w-])"),
]


def masked(claimed: Claimed, outcome: Outcome) -> Outcome:
    """The outcome with what may stay on record of the receiver's words."""
    if not outcome.excerpt and not outcome.error:
        return outcome
    hidden = sensitive_values(claimed.case_id)

    def mask(text: str) -> str:
        return without_personal(without_echo(text, claimed.body), hidden)

    return replace(outcome, excerpt=mask(outcome.excerpt), error=mask(outcome.error))


def without_echo(text: str, body: str) -> str:
    """The text with a gap for each stretch that is in the webhook, too, as it was sent or decoded."""
    ours = "\n".join([body, *(_on_one_line(leaf) for leaf in leaves(json.loads(body)))])
    kept, at, probe = "", 0, 0
    while probe + _PROBE <= len(text):
        start, end = _stretch(text, probe, ours, at)
        if end - start >= _ECHO:
            kept, at = kept + text[at:start] + GAP, end
        probe = max(probe + _PROBE, at)
    return kept + text[at:]


def without_personal(text: str, hidden: Sequence[str] | None) -> str:
    """The text with a gap for each value that is `hidden`, and for what looks personal by itself.

    Nothing is left if what to hide is not known (None).
    """
    if hidden is None:
        return GAP if text else ""
    lowered = text.lower()
    # A handoff may tell of thousands of people: most of them are known not to be there by their beginning.
    for value in (value for value in hidden if value[:_SHORTEST_VALUE].lower() in lowered):
        text = re.sub(re.escape(value), GAP, text, flags=re.IGNORECASE)
        # What was cut off at the end of an excerpt may be the beginning of a value.
        cut = next((n for n in range(len(value) - 1, _SHORTEST_VALUE - 1, -1) if text.endswith(value[:n])), 0)
        text = text[: len(text) - cut] + GAP if cut else text
    for pattern in _PERSONAL:
        text = pattern.sub(GAP, text)
    return text


def sensitive_values(case_id: UUID | None) -> list[str] | None:
    """What stands at the handoff's `sensitive_paths` or under the keys of a person, longest first.

    None if a path cannot be read.
    """
    body = Handoff.objects.filter(case_id=case_id).values_list("body", flat=True).first() if case_id else None
    if body is None:
        return []
    payload = json.loads(body)
    try:
        named = [values_at(payload, path) for path in payload.get("sensitive_paths", [])]
    except UnreadablePath:
        return None
    # Names that are words as well would leave gaps in what says what went wrong.
    people = (text for text in told(payload) if is_telling(text) and not is_common(text))
    texts = {_on_one_line(text) for text in [*leaves(named), *people]}
    found = texts | {json.dumps(text)[1:-1] for text in texts}
    return sorted((text for text in found if len(text) >= _SHORTEST_VALUE), key=len, reverse=True)


def _stretch(text: str, probe: int, ours: str, least: int) -> tuple[int, int]:
    """Where in `text`, from `least` on, what is around the probe is all in `ours`; empty if it is not."""
    if text[probe : probe + _PROBE] not in ours:
        return probe, probe
    end = _last(probe + _PROBE, len(text), lambda end: text[probe:end] in ours)
    back = _last(0, probe - least, lambda back: text[probe - back : end] in ours)
    return probe - back, end


def _last(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The largest number up to `high` for which it holds; it holds for `low`, and up to some number."""
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def _on_one_line(text: str) -> str:
    """As an excerpt is kept: printable, and with single spaces."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split())
