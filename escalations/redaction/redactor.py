"""Puts placeholders in place of what is personal, the same one for the same entity wherever it stands."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from escalations.redaction.paths import leaves, values_at
from escalations.redaction.recognisers import Found, find, whole

# A shorter value is a part of too many words to be taken out of them: only where it stands alone.
_SHORTEST = 4
# What agents tell of a customer under these names is taken for private, named or not.
_KNOWN_KEYS = ("customer_name", "user_name", "customer", "customer_ref")


class Redactor:
    """Redacts the parts of one case. `key` decides the placeholders; who has it can tell what they stand for.

    Raises:
        UnreadablePath: one of the handoff's `sensitive_paths` cannot be read, so what to hide is not known.
    """

    def __init__(self, key: bytes, payload: Mapping[str, Any]) -> None:
        self._key = key
        self._values = _private(payload)
        long_ones = sorted(
            (value for value in self._values if len(value) >= _SHORTEST), key=len, reverse=True
        )
        alternatives = "|".join(map(re.escape, long_ones))
        # Not inside a longer word or number.
        self._named = re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE) if long_ones else None

    def text(self, text: str) -> str:
        """The text with placeholders. JSON in it is read, so that it stays JSON."""
        if text[:1] in ("{", "[") and (document := _document(text)) is not None:
            redacted = self.value(document)
            return text if redacted == document else json.dumps(redacted, ensure_ascii=False)
        return self._plain(text)

    def value(self, value: Any) -> Any:
        """A JSON value with placeholders in its texts and keys, and in place of numbers that are private."""
        if isinstance(value, str):
            return self._of_named(value) if self._is_named(value) else self.text(value)
        if isinstance(value, dict):
            return {self._plain(key): self.value(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.value(inner) for inner in value]
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._number(value)
        return value

    def _number(self, number: float) -> Any:
        text = str(number)
        if self._is_named(text):
            return self._of_named(text)
        found = whole(text)
        return self._of(found) if found else number

    def _is_named(self, text: str) -> bool:
        return text.strip().casefold() in self._values

    def _plain(self, text: str) -> str:
        if self._named:
            text = self._named.sub(lambda match: self._of_named(match[0]), text)
        for found in reversed(find(text)):
            text = text[: found.start] + self._of(found) + text[found.end :]
        return text

    def _of_named(self, text: str) -> str:
        """As a recogniser names it, if it knows such a thing: elsewhere it may be spelt otherwise."""
        found = whole(text)
        return self._of(found) if found else self._placeholder("PRIVATE", text.strip().casefold())

    def _of(self, found: Found) -> str:
        return self._placeholder(found.kind, found.entity)

    def _placeholder(self, kind: str, entity: str) -> str:
        digest = hmac.new(self._key, f"{kind}:{entity}".encode(errors="replace"), hashlib.sha256).hexdigest()
        return f"[{kind}_{digest[:10]}]"


def _private(payload: Mapping[str, Any]) -> frozenset[str]:
    """What the agent named, and what it told under names that say whose it is; case-folded."""
    named = [
        leaf for path in payload.get("sensitive_paths") or [] for leaf in leaves(values_at(payload, path))
    ]
    facts = (payload.get("context") or {}).get("facts") or {}
    known = [leaf for leaf in _known(facts, payload.get("metadata") or {}) if len(leaf) >= _SHORTEST]
    return frozenset(text.casefold() for leaf in [*named, *known] if (text := leaf.strip()))


def _known(*places: Mapping[str, Any]) -> Iterable[str]:
    for place in places:
        for key in _KNOWN_KEYS:
            value = place.get(key)
            if isinstance(value, str | int) and not isinstance(value, bool):
                yield str(value)


def _document(text: str) -> Any:
    """The object or list that a text holds, or None."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
