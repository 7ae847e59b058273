"""A form made from the JSON Schema of the answer that the agent wants.

Text, numbers, yes or no, choices and lists of text become fields, objects become their fields. A schema that
says more than that becomes one field for JSON. Whatever the form is, the answer is checked against the
whole schema in the end, so a field only has to help.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from operators.fields import json_text

Path = tuple[str, ...]

PREFIX = "response"
_FIELDS_MAX = 30
_NOTES = {"title", "description", "default", "examples", "$schema", "$id", "$comment"}
_OBJECT = {"type", "properties", "required", "additionalProperties"}
_TEXT = {"type", "enum", "const", "minLength", "maxLength", "pattern", "format"}
_NUMBER = {"type", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
_LIST = {"type", "items", "minItems", "maxItems", "uniqueItems"}
_LONG_TEXT = 120


class _TooMuch(Exception):
    """The schema says more than a form can show."""


@dataclass(frozen=True)
class Leaf:
    """A field of the answer: where it stands in it, and whether the schema requires it."""

    path: Path
    schema: Mapping[str, Any]
    required: bool

    @property
    def name(self) -> str:
        return "-".join((PREFIX, *self.path))

    @property
    def pointer(self) -> str:
        """Where it stands, as a JSON Pointer (RFC 6901)."""
        steps = (step.replace("~", "~0").replace("/", "~1") for step in (PREFIX, *self.path))
        return "".join(f"/{step}" for step in steps)


class ResponseFields:
    """The fields for one schema; `leaves` is empty where a single JSON field stands for everything."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        try:
            self.leaves = list(_leaves(schema, (), required=True))
        except _TooMuch:
            self.leaves = []
        if not len({leaf.name for leaf in self.leaves}) == len(self.leaves) <= _FIELDS_MAX:
            self.leaves = []

    def form_fields(self) -> dict[str, forms.Field]:
        """Django's fields by name, none of them required: only an answer needs an answer."""
        if not self.leaves:
            widget = forms.Textarea(attrs={"class": "json", "data-json": "", "spellcheck": "false"})
            return {PREFIX: forms.CharField(required=False, label=_("Answer as JSON"), widget=widget)}
        return {leaf.name: _field(leaf) for leaf in self.leaves}

    def read(self, cleaned: Mapping[str, Any]) -> tuple[Any, dict[str, str]]:
        """The answer as a JSON value, and by field name what is wrong with what was typed."""
        if not self.leaves:
            try:
                return json_text.parse(cleaned.get(PREFIX) or ""), {}
            except json_text.NotJson as error:
                return None, {PREFIX: _("Not JSON: %(error)s") % {"error": error}}
        answer: Any = {}
        wrong: dict[str, str] = {}
        for leaf in self.leaves:
            value = _value(leaf, cleaned.get(leaf.name))
            if value is None:
                if leaf.required:
                    wrong[leaf.name] = _("Fill this in.")
            elif not leaf.path:
                answer = value
            else:
                _put(answer, leaf.path, value)
        return answer, wrong

    def name_for(self, pointer: str) -> str:
        """The field that a flaw at `pointer` belongs to: its own, or the first."""
        if not self.leaves:
            return PREFIX
        own = [leaf for leaf in self.leaves if f"{pointer}/".startswith(f"{leaf.pointer}/")]
        return (own or self.leaves)[0].name


def _leaves(schema: Any, path: Path, *, required: bool) -> Iterator[Leaf]:
    if not isinstance(schema, Mapping):
        raise _TooMuch
    if schema.get("type") != "object":
        _check_leaf(schema)
        yield Leaf(path, schema, required)
        return
    properties = schema.get("properties") or {}
    if set(schema) - _OBJECT - _NOTES or not properties:
        raise _TooMuch
    needed = schema.get("required") or []
    for name, inner in properties.items():
        yield from _leaves(inner, (*path, name), required=required and name in needed)


def _check_leaf(schema: Mapping[str, Any]) -> None:
    known = {
        "string": _TEXT,
        "number": _NUMBER,
        "integer": _NUMBER,
        "boolean": {"type"},
        "array": _LIST,
    }.get(str(schema.get("type")))
    if known is None or set(schema) - known - _NOTES:
        raise _TooMuch
    if schema["type"] == "array":
        items = schema.get("items")
        if not isinstance(items, Mapping) or items.get("type") != "string" or set(items) - _TEXT - _NOTES:
            raise _TooMuch


def _field(leaf: Leaf) -> forms.Field:
    schema = leaf.schema
    label = str(schema.get("title") or " ".join(leaf.path).replace("_", " ").capitalize() or _("Answer"))
    common: dict[str, Any] = {
        "required": False,
        "label": label if leaf.required else _("%(label)s (optional)") % {"label": label},
        "help_text": str(schema.get("description") or ""),
        "initial": schema.get("default"),
    }
    kind = schema["type"]
    if kind == "boolean":
        common["initial"] = json.dumps(schema["default"]) if "default" in schema else ""
        return forms.ChoiceField(choices=[("", "—"), ("true", _("Yes")), ("false", _("No"))], **common)
    if kind == "array":
        return _list_field(schema, common)
    if "enum" in schema:
        choices = [("", "—"), *((str(value), str(value)) for value in schema["enum"])]
        return forms.ChoiceField(choices=choices, **common)
    if kind == "string":
        long = schema.get("maxLength", _LONG_TEXT + 1) > _LONG_TEXT and "format" not in schema
        return forms.CharField(widget=forms.Textarea if long else forms.TextInput, strip=False, **common)
    if kind == "integer":
        return forms.IntegerField(min_value=schema.get("minimum"), max_value=schema.get("maximum"), **common)
    return forms.FloatField(min_value=schema.get("minimum"), max_value=schema.get("maximum"), **common)


def _list_field(schema: Mapping[str, Any], common: dict[str, Any]) -> forms.Field:
    items = schema["items"]
    if "enum" in items:
        choices = [(str(value), str(value)) for value in items["enum"]]
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **common)
    common["initial"] = "\n".join(map(str, schema.get("default") or []))
    common["help_text"] = f"{common['help_text']} {_('One a line.')}".strip()
    return forms.CharField(widget=forms.Textarea, **common)


def _value(leaf: Leaf, cleaned: Any) -> Any:
    """The JSON value of a cleaned field; None where nothing was given."""
    kind = leaf.schema["type"]
    if kind == "array":
        given = cleaned if isinstance(cleaned, list) else str(cleaned or "").splitlines()
        values = [value for value in given if value.strip()]
        return values if values or leaf.required else None
    if cleaned in ("", None):
        return None
    if kind == "boolean":
        return cleaned == "true"
    if "enum" in leaf.schema:
        return next((value for value in leaf.schema["enum"] if str(value) == cleaned), None)
    return cleaned


def _put(answer: dict[str, Any], path: Path, value: Any) -> None:
    for step in path[:-1]:
        answer = answer.setdefault(step, {})
    answer[path[-1]] = value
