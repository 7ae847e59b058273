"""How much work a JSON Schema makes of a value, counted before it is done.

Thirty lines of `allOf` and `$ref` can look at one value a billion times, and a schema that refers to itself
twice for the same part looks at it twice as often with each level. So what looks at what is followed here
first, and no further than a limit. The count errs upwards: it follows all branches and knows no patterns.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

_LISTS = ("allOf", "anyOf", "oneOf")
_ONES = ("not", "if", "then", "else")
_REFERENCES = ("$ref", "$dynamicRef")
_ANCHORS = ("$anchor", "$dynamicAnchor")
_MAPS = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")
_ALL_ONES = (
    *_ONES,
    *("additionalProperties", "unevaluatedProperties", "propertyNames"),
    *("items", "contains", "unevaluatedItems"),
)
_ALL_LISTS = (*_LISTS, "prefixItems")
# So many members of a list, or letters of a text, cost about as much as a look at a subschema.
_MEMBERS, _LETTERS = 8, 4

Look = tuple[Any, Any]


class Unusable(ValueError):
    """What is wrong with a schema; `pointer` says where in it."""

    def __init__(self, pointer: str, detail: str) -> None:
        self.pointer, self.detail = pointer, detail
        super().__init__(f"{pointer}: {detail}" if pointer else detail)


def targets(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What each reference in a schema leads to.

    Raises:
        Unusable: one leads out of the schema or nowhere, or a part of it has an `$id` of its own.
    """
    rules = list(_reachable(schema))
    anchors = {rule[name]: rule for rule, _ in rules for name in _ANCHORS if name in rule}
    return {
        rule[name]: _target(schema, anchors, rule[name], f"{pointer}/{name}")
        for rule, pointer in rules
        for name in _REFERENCES
        if name in rule
    }


def looks(schema: Mapping[str, Any], value: Any, at: Mapping[str, Any], *, limit: int) -> int:
    """About how often subschemas would look at parts of the value; `limit` if it is that or more.

    `at` is what `targets` says of the schema.
    """
    spent, left = 0, [(schema, value)]
    while left and spent < limit:
        rule, part = left.pop()
        spent += 1
        if isinstance(part, dict | list) and len(part) >= limit:
            return limit
        if isinstance(rule, dict):
            more = [look for keyword in rule for look in _looks(rule, keyword, part, at)]
            twice = "unevaluatedProperties" in rule or "unevaluatedItems" in rule
            left += more * 2 if twice else more
            spent += len(more) + _reading(rule, part)
    return min(spent, limit)


def _inside(rule: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The subschemas of a schema, each with its place in it."""
    for keyword, inner in rule.items():
        if keyword in _ALL_ONES:
            yield keyword, inner
        elif keyword in _ALL_LISTS and isinstance(inner, list):
            yield from ((f"{keyword}/{index}", one) for index, one in enumerate(inner))
        elif keyword in _MAPS and isinstance(inner, dict):
            yield from ((f"{keyword}/{escaped(name)}", one) for name, one in inner.items())


def _looks(rule: Mapping[str, Any], keyword: str, part: Any, at: Mapping[str, Any]) -> list[Look]:
    """What a keyword makes of a part: which subschemas look at what."""
    inner = rule[keyword]
    if keyword in _LISTS:
        return [(one, part) for one in inner]
    if keyword in _ONES:
        return [(inner, part)]
    if keyword in _REFERENCES:
        return [(at[inner], part)]
    if isinstance(part, dict):
        return _looks_in_object(rule, keyword, part)
    return _looks_in_list(rule, keyword, part) if isinstance(part, list) else []


def _looks_in_object(rule: Mapping[str, Any], keyword: str, part: dict[str, Any]) -> list[Look]:
    inner = rule[keyword]
    if keyword == "properties":
        return [(one, part[name]) for name, one in inner.items() if name in part]
    if keyword == "patternProperties":
        return [(one, value) for one in inner.values() for value in part.values()]
    if keyword == "additionalProperties":
        named = rule.get("properties", {})
        return [(inner, value) for name, value in part.items() if name not in named]
    if keyword == "unevaluatedProperties":
        return [(inner, value) for value in part.values()]
    if keyword == "propertyNames":
        return [(inner, name) for name in part]
    return [(one, part) for one in inner.values()] if keyword == "dependentSchemas" else []


def _looks_in_list(rule: Mapping[str, Any], keyword: str, part: list[Any]) -> list[Look]:
    inner = rule[keyword]
    if keyword == "prefixItems":
        return list(zip(inner, part, strict=False))
    if keyword == "items":
        return [(inner, value) for value in part[len(rule.get("prefixItems", ())) :]]
    return [(inner, value) for value in part] if keyword in ("contains", "unevaluatedItems") else []


def _reading(rule: Mapping[str, Any], part: Any) -> int:
    """What the keywords themselves cost: lists to go through, and a text to match."""
    spent = sum(len(inner) // _MEMBERS for inner in rule.values() if isinstance(inner, list | dict))
    if "pattern" in rule and isinstance(part, str):
        spent += len(part) // _LETTERS
    if "uniqueItems" in rule and isinstance(part, list):
        spent += len(part)
    return spent


def _reachable(schema: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """All subschemas that are objects, each with its place, and what references by place lead to."""
    left: list[tuple[Any, str]] = [(schema, "")]
    seen: set[int] = set()
    while left:
        rule, pointer = left.pop()
        if not isinstance(rule, dict) or id(rule) in seen:
            continue
        seen.add(id(rule))
        if "$id" in rule and pointer:
            raise Unusable(f"{pointer}/$id", "Only the whole schema may have an $id.")
        yield rule, pointer
        left += [(inner, f"{pointer}/{place}") for place, inner in _inside(rule)]
        for name in _REFERENCES:
            if _is_place(reference := rule.get(name, "")):
                left.append((_at(schema, reference, f"{pointer}/{name}"), reference[1:]))


def _is_place(reference: str) -> bool:
    return reference == "#" or reference.startswith("#/")


def _target(schema: Mapping[str, Any], anchors: Mapping[str, Any], reference: str, pointer: str) -> Any:
    if _is_place(reference):
        return _at(schema, reference, pointer)
    if not reference.startswith("#"):
        raise Unusable(pointer, "It leads out of the schema. Refer to a place in it, as in #/$defs/name.")
    if reference[1:] not in anchors:
        raise Unusable(pointer, "There is no such anchor in the schema.")
    return anchors[reference[1:]]


def _at(schema: Mapping[str, Any], reference: str, pointer: str) -> Any:
    place: Any = schema
    for step in unquote(reference[1:]).split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        try:
            place = place[int(name)] if isinstance(place, list) else place[name]
        except (KeyError, IndexError, TypeError, ValueError):
            raise Unusable(pointer, "There is nothing at this place of the schema.") from None
    return place


def escaped(name: str | int) -> str:
    """A step of a JSON Pointer (RFC 6901)."""
    return str(name).replace("~", "~0").replace("/", "~1")
