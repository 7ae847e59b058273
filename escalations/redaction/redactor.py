"""Puts placeholders in place of what is personal, the same one for the same entity wherever it stands."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from escalations.redaction.paths import leaves, values_at
from escalations.redaction.recognisers import PLACEHOLDER, Found, find, whole
from escalations.redaction.told import (
    Fits,
    document,
    is_common,
    is_nobody,
    is_of_many,
    is_schema,
    is_telling,
    objects,
    personal_keys,
    told,
)

# A shorter value is a part of too many words to be taken out of them: only where it stands alone.
_SHORTEST = 4
# What agents tell of a customer under these names is taken for private, whatever it looks like.
_KNOWN_KEYS = ("customer_name", "user_name", "customer", "customer_ref")
PRIVATE = "PRIVATE"
# Letters and digits; what is found begins and ends with whole ones.
_WORD = re.compile(r"[^\W_]+")


class Redactor:
    """Redacts the parts of one case. `key` decides the placeholders; who has it can tell what they stand for.

    `others` is what was said and decided since the handoff: it may tell more about the people.

    Raises:
        UnreadablePath: one of the handoff's `sensitive_paths` cannot be read, so what to hide is not known.
    """

    def __init__(self, key: bytes, payload: Mapping[str, Any], *others: Any) -> None:
        self._key = key
        named = _named(payload)
        found = {text for each in (payload, *others) for text in told(each) if is_telling(text)}
        self._values = frozenset(map(_folded, named | found))
        long_ones = {text: _anyhow(text) for text in named if len(text) >= _SHORTEST}
        self._by_word: dict[str, dict[str, str]] = {}
        for text, pattern in ({text: _capitalised(text) for text in found} | long_ones).items():
            self._by_word.setdefault(_first_word(text), {})[text] = pattern

    def text(self, text: str) -> str:
        """The text with placeholders. JSON in it is read, so that it stays JSON."""
        if (inner := document(text)) is not None:
            redacted = self.value(inner)
            return text if redacted == inner else json.dumps(redacted, ensure_ascii=False)
        for place, inner in reversed(objects(text).items()):
            if (redacted := self.value(inner)) != inner:
                told_of = json.dumps(redacted, ensure_ascii=False)
                text = text[: place.start] + told_of + text[place.stop :]
        return self._plain(text)

    def value(self, value: Any, above: str = "") -> Any:
        """A JSON value with placeholders in its texts and keys, and in place of numbers that are private.

        `above` is the key that it stands under.
        """
        if isinstance(value, str):
            return self._of_named(value) if self._is_named(value) else self.text(value)
        if isinstance(value, dict):
            kinds = {} if is_schema(above) else personal_keys(value, above)
            return {
                self._plain(key): self._hidden(inner, kinds[key]) if key in kinds else self.value(inner, key)
                for key, inner in value.items()
            }
        if isinstance(value, list):
            return [self.value(inner, above) for inner in value]
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._number(value)
        return value

    def _hidden(self, value: Any, fits: Fits) -> Any:
        """What stands under a key that names a person or their place: however short, nothing of it stays."""
        if isinstance(value, dict):
            return {
                self._plain(key): self.value(inner, key) if is_of_many(key) else self._hidden(inner, fits)
                for key, inner in value.items()
            }
        if isinstance(value, list):
            return [self._hidden(inner, fits) for inner in value]
        if isinstance(value, str) and (inner := document(value)) is not None:
            return json.dumps(self._hidden(inner, fits), ensure_ascii=False)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and fits(str(value).strip()):
            return self._of_named(str(value))
        return self.value(value)

    def _number(self, number: float) -> Any:
        text = str(number)
        if self._is_named(text):
            return self._of_named(text)
        found = whole(text)
        return self._of(found) if found else number

    def _is_named(self, text: str) -> bool:
        return _folded(text) in self._values

    def _plain(self, text: str) -> str:
        """The text with a placeholder for each stretch that is personal, by the longest of what overlaps."""
        for stretch in reversed(_stretches([*find(text), *self._named(text)])):
            longest = max(stretch, key=lambda found: found.end - found.start)
            end = max(found.end for found in stretch)
            text = text[: stretch[0].start] + self._of(longest) + text[end:]
        return text

    def _named(self, text: str) -> Iterator[Found]:
        """Where in the text stands what was named or told; looked for by the first word of it."""
        words = {"", *_WORD.findall(text.casefold())} if self._by_word else ()
        there = {phrase: pattern for word in words for phrase, pattern in self._by_word.get(word, {}).items()}
        if not there:
            return
        alternatives = "|".join(there[phrase] for phrase in sorted(there, key=len, reverse=True))
        # Not inside a longer word or number, nor in a placeholder; an underscore parts words.
        found = re.finditer(rf"{PLACEHOLDER.pattern}|(?<![^\W_])(?P<word>{alternatives})(?![^\W_])", text)
        yield from (self._found(match[0], match.start()) for match in found if match["word"])

    def _found(self, text: str, start: int) -> Found:
        """As a recogniser names it, if it knows such a thing: elsewhere it may be spelt otherwise."""
        known = whole(text)
        kind, entity = (known.kind, known.entity) if known else (PRIVATE, _folded(text))
        return Found(start, start + len(text), kind, entity)

    def _of_named(self, text: str) -> str:
        return self._of(self._found(text.strip(), 0))

    def _of(self, found: Found) -> str:
        content = f"{found.kind}:{found.entity}".encode(errors="replace")
        return f"[{found.kind}_{hmac.new(self._key, content, hashlib.sha256).hexdigest()[:10]}]"


def _stretches(found: list[Found]) -> list[list[Found]]:
    """Those that overlap together, from left to right."""
    stretches: list[list[Found]] = []
    end = -1
    for each in sorted(found, key=lambda found: found.start):
        if each.start < end:
            stretches[-1].append(each)
        else:
            stretches.append([each])
        end = max(end, each.end)
    return stretches


def _named(payload: Mapping[str, Any]) -> set[str]:
    """What the agent named, and what it told under names that say whose it is."""
    paths = payload.get("sensitive_paths") or []
    named = [leaf for path in paths for leaf in leaves(values_at(payload, path))]
    facts = (payload.get("context") or {}).get("facts") or {}
    known = _known(facts, payload.get("metadata") or {})
    telling = [leaf for leaf in known if len(leaf) >= _SHORTEST and not is_nobody(leaf)]
    return {text for leaf in [*named, *telling] if (text := leaf.strip())}


def _known(*places: Mapping[str, Any]) -> Iterable[str]:
    for place in places:
        for key in _KNOWN_KEYS:
            value = place.get(key)
            if isinstance(value, str | int) and not isinstance(value, bool):
                yield str(value)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _first_word(text: str) -> str:
    """Case-folded; nothing where there is none."""
    word = _WORD.search(text.casefold())
    return word[0] if word else ""


def _capitalised(text: str) -> str:
    """How a text is found in others: anyhow, but for what is a word as well, which has to be capitalised."""
    return f"{text.capitalize()}|{text.upper()}" if is_common(text) else _anyhow(text)


def _anyhow(text: str) -> str:
    """In capitals or not, with any spaces between its words."""
    spelt = {r"\s+".join(map(re.escape, each.split())) for each in (text, text.casefold())}
    return f"(?i:{'|'.join(sorted(spelt))})"
