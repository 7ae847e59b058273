"""What the parts of the settings have in common."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from escalations.auditing import audit
from escalations.configuring.document import Path
from escalations.models import Operator

Found = TypeVar("Found", bound=Model)
# Each item of a section: where it stands in the section, its key, and what is wanted.
Items = Iterator[tuple[Path, str, Any]]


class Refused(Exception):
    """What the file wants cannot be; `path` is within the item."""

    def __init__(self, path: Path, detail: str) -> None:
        self.path, self.detail = path, detail
        super().__init__(detail)


@dataclass(frozen=True)
class Change:
    """One item to change: what is wanted of it, how it is now (None: it is new), and why."""

    key: str
    wanted: Any
    before: Any
    note: str


def by_name(value: Mapping[str, Any]) -> Items:
    """A map of items by their names."""
    return (((name,), name, wanted) for name, wanted in value.items())


def as_one(value: Any) -> Items:
    """A section that is one thing."""
    return iter([((), "", value)])


def nothing(value: Any) -> None:
    """Nothing needs to be there before."""


@dataclass(frozen=True)
class Section:
    """`present` gives each item by key, as a file has it, and `write` changes one.

    `prepare` makes what items name of each other. Within an item what a file names changes; of what is named
    in `whole` the rest goes.
    """

    name: str
    present: Callable[[], dict[str, Any]]
    write: Callable[[Change], None]
    items: Callable[[Any], Items] = by_name
    prepare: Callable[[Any], None] = nothing
    whole: frozenset[str] = field(default_factory=frozenset)


def cents(amount: float) -> float:
    """An amount as it is kept: what is finer would differ from what is there for ever."""
    return float(Decimal(str(amount)).quantize(Decimal("0.01"), ROUND_HALF_UP))


def noted(row: Model) -> None:
    """Leave an audit entry for a row that was changed."""
    audit.write(actor=audit.COMMAND, action="config.apply", target=f"{row._meta.model_name}:{row.pk}")


def named(rows: QuerySet[Found], name: str | None, what: str, path: Path) -> Found | None:
    """The row of that name; None for none.

    Raises:
        Refused: there is no such row.
    """
    if name is None:
        return None
    found = rows.filter(**{"username" if rows.model is Operator else "name": name}).first()
    if found is None:
        raise Refused(path, f"There is no {what} named {name}.")
    return found


def update(row: Model, wanted: Mapping[str, Any], names: Sequence[str]) -> None:
    """Set what of `names` is wanted, and save the row."""
    changed = [name for name in names if name in wanted]
    for name in changed:
        setattr(row, name, wanted[name])
    if row._state.adding:
        row.save()
    elif changed:
        row.save(update_fields=changed)
