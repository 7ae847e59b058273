"""What the validator of JSON Schema says, in the language of whoever reads it.

It speaks English alone, in sentences of a few forms; what it says in another form stays as it is.
"""

import json
import re
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

# Stands in a sentence for the value that it is about, where that is not to be told.
VALUE = _("The value")
# A sentence may hold the whole value that it is about; such a long one is not read again.
_LONGEST = 2_000
_FORMS = [
    _("%(name)s is a required property"),
    _("%(value)s is not of type %(type)s"),
    _("%(value)s is not of types %(types)s"),
    _("%(value)s is not one of %(values)s"),
    _("%(value)s was expected"),
    _("%(value)s is less than the minimum of %(least)s"),
    _("%(value)s is greater than the maximum of %(most)s"),
    _("%(value)s is less than or equal to the minimum of %(least)s"),
    _("%(value)s is greater than or equal to the maximum of %(most)s"),
    _("%(value)s is not a multiple of %(step)s"),
    _("%(value)s is shorter than %(count)s character"),
    _("%(value)s is shorter than %(count)s characters"),
    _("%(value)s is longer than %(count)s character"),
    _("%(value)s is longer than %(count)s characters"),
    _("%(value)s does not match %(pattern)s"),
    _("%(value)s is not a %(format)s"),
    _("%(value)s has less than %(count)s item"),
    _("%(value)s has less than %(count)s items"),
    _("%(value)s has more than %(count)s item"),
    _("%(value)s has more than %(count)s items"),
    _("%(value)s has less than %(count)s property"),
    _("%(value)s has less than %(count)s properties"),
    _("%(value)s has more than %(count)s property"),
    _("%(value)s has more than %(count)s properties"),
    _("%(value)s has non-unique elements"),
    _("Additional properties are not allowed (%(name)s was unexpected)"),
    _("Additional properties are not allowed (%(names)s were unexpected)"),
    _("%(value)s is not valid under any of the schemas listed in the '%(keyword)s' keyword"),
    _("%(value)s is valid under more than one of the schemas listed in the '%(keyword)s' keyword"),
]


def _pattern(form: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+)", re.escape(form)), re.DOTALL)


_PATTERNS = [(_pattern(form), form) for form in _FORMS]


def shown(message: str) -> str:
    """What the validator said, as the language that is spoken now says it."""
    said = form_of(message)
    if said is None:
        return message
    form, words = said
    return gettext(form) % {name: gettext(word) if word == VALUE else word for name, word in words.items()}


def told(error: Any) -> str:
    """An error of a checkpoint in words: where and what, or what the agent wrote itself."""
    if isinstance(error, str):
        return error
    if not isinstance(error, dict) or not isinstance(error.get("detail"), str):
        return json.dumps(error, ensure_ascii=False)
    detail = shown(error["detail"])
    return f"{error['pointer']}: {detail}" if error.get("pointer") else detail


def form_of(message: str) -> tuple[str, dict[str, str]] | None:
    """The form of a sentence and what it is filled with; None if it is none that is known."""
    if len(message) > _LONGEST:
        return None
    matches = ((form, match) for pattern, form in _PATTERNS if (match := pattern.fullmatch(message)))
    return next(((form, match.groupdict()) for form, match in matches), None)
