"""What a file would change, and changing it: all or nothing, and twice is as once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connection, transaction

from escalations.configuring.document import Document, Fault, Faulty, Path, shown
from escalations.configuring.sections import SECTIONS
from escalations.configuring.sections.base import Change, Refused, Section

_NOTHING = object()


@dataclass(frozen=True)
class Difference:
    """One value that differs. `is_new` and `is_gone` say that there is none before or after."""

    path: Path
    before: Any
    after: Any
    is_new: bool = False
    is_gone: bool = False

    def __str__(self) -> str:
        if self.is_new:
            return f"+ {shown(self.path)}: {_said(self.after)}"
        if self.is_gone:
            return f"- {shown(self.path)}: {_said(self.before)}"
        return f"~ {shown(self.path)}: {_said(self.before)} -> {_said(self.after)}"


def present() -> dict[str, Any]:
    """All settings as they are, in the words of a file."""
    said: dict[str, Any] = {}
    for section in SECTIONS:
        items = section.present()
        if section.name == "alerts":
            said[section.name] = list(items.values())
        elif set(items) == {""}:
            said[section.name] = items[""]
        elif items or section.name not in ("taxonomy", "guidelines"):
            said[section.name] = items
    return said


def apply(document: Document, *, note: str, dry_run: bool = False) -> list[Difference]:
    """Change what differs, and give back what did. With `dry_run` everything is tried and taken back.

    Raises:
        Faulty: something cannot be; nothing was changed.
    """
    found: list[Difference] = []
    faults: list[Fault] = []
    with transaction.atomic():
        with connection.cursor() as cursor:  # two files at once would take each other for the present
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('settings from a file'))")
        for section in SECTIONS:
            if section.name in document.content:
                _apply_section(section, document, note, found, faults)
        if faults:
            raise Faulty(sorted(faults, key=lambda fault: fault.line))
        if dry_run:
            transaction.set_rollback(True)
    return found


def _apply_section(
    section: Section, document: Document, note: str, found: list[Difference], faults: list[Fault]
) -> None:
    value, before = document.content[section.name], section.present()
    section.prepare(value)
    seen: set[str] = set()
    for place, key, wanted in section.items(value):
        path = (section.name, *place)
        if key in seen:
            faults.append(Fault(path, "It stands there twice.", document.line_of(path)))
            continue
        seen.add(key)
        changed = list(_differences(path, before.get(key, _NOTHING), wanted, section.whole, last=""))
        if not changed:
            continue
        found += changed
        try:
            with transaction.atomic():
                section.write(Change(key, wanted, before.get(key), note))
        except Refused as error:
            inner = (*path, *error.path)
            faults.append(Fault(inner, error.detail, document.line_of(inner)))
        except DatabaseError as error:
            detail = str(error.__cause__ or error).splitlines()[0]
            faults.append(Fault(path, f"The database refuses it: {detail}", document.line_of(path)))


def _differences(
    path: Path, before: Any, after: Any, whole: frozenset[str], *, last: str, is_whole: bool = False
) -> Iterator[Difference]:
    """What of `after` is not so in `before`, value by value; within what is `whole` also what goes."""
    is_whole = is_whole or last in whole
    if isinstance(after, Mapping) and (after or is_whole or before is _NOTHING):
        known = before if isinstance(before, Mapping) else {}
        if not after and before is _NOTHING:
            yield Difference(path, None, after, is_new=True)
        for key, value in after.items():
            one = known.get(key, _NOTHING)
            yield from _differences((*path, key), one, value, whole, last=str(key), is_whole=is_whole)
        for key in [key for key in known if key not in after] if is_whole else ():
            yield from _gone((*path, key), known[key])
    elif before is _NOTHING:
        yield Difference(path, None, after, is_new=True)
    elif not isinstance(after, Mapping) and _comparable(before) != _comparable(after):
        yield Difference(path, before, after)


def _gone(path: Path, before: Any) -> Iterator[Difference]:
    if isinstance(before, Mapping) and before:
        for key, value in before.items():
            yield from _gone((*path, key), value)
    else:
        yield Difference(path, before, None, is_gone=True)


def _comparable(value: Any) -> Any:
    """Lists of names are sets of them."""
    is_names = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return sorted(value) if is_names else value


def _said(value: Any) -> str:
    text = str(value)
    lines = text.splitlines()
    return f"{lines[0][:60]}… ({len(lines)} lines)" if len(lines) > 1 else text[:120]
