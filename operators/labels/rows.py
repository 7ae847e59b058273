"""The labels beyond the first few, as rows of the form: each with its legend, key and way to enter it."""

from dataclasses import dataclass

from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from operators.keymap import Action, action
from operators.labels.forms.labels import LabelsForm

CHIPS, CODES, SELECT, LINE, AREA, FAULT = "chips", "codes", "select", "line", "area", "fault"


@dataclass(frozen=True)
class Row:
    """One label: its field, how it is entered, and the action whose key leads to it."""

    field: BoundField
    kind: str
    legend: str | Promise
    action: Action
    hint: str | Promise = ""

    @property
    def cap(self) -> str:
        """The key as it stands on the page."""
        return self.action.key.replace("shift+", "⇧")


# Field, kind, legend, action and hint, in the order of the page.
_ROWS: tuple[tuple[str, str, Promise, str, Promise | str], ...] = (
    ("failure_modes", CHIPS, _("What else went wrong"), "label_modes", ""),
    ("fault_tool", FAULT, _("Faulty tool"), "label_tool", ""),
    ("responsible", CHIPS, _("Whose fault it was"), "label_responsible", ""),
    (
        "root_cause_index",
        SELECT,
        _("Root cause"),
        "label_root_cause",
        _("Where it began."),
    ),
    ("missed_checkpoint", LINE, _("Checkpoint that was missing"), "label_missed", ""),
    ("external_codes", CODES, _("Codes of published taxonomies"), "label_codes", ""),
    ("escalation_needed", CHIPS, _("Was a person needed?"), "label_needed", ""),
    ("category_correct", CHIPS, _("Was the category right?"), "label_category", ""),
    (
        "deterministic_rule",
        AREA,
        _("Could be code: the rule"),
        "label_rule",
        _("Where plain code could do it, write what it would do."),
    ),
    ("must", AREA, _("A right answer must"), "label_must", _("One sentence a line. Tests are made of them.")),
    ("must_not", AREA, _("A right answer must not"), "label_must_not", ""),
    (
        "pair_at_index",
        SELECT,
        _("What your answer is better than"),
        "label_pair",
        _("The turn in whose place it should stand."),
    ),
    ("preference_strength", CHIPS, _("How much better your answer is"), "label_strength", ""),
)


def suggested(form: LabelsForm) -> list[Row]:
    """The rows that stand before everybody's eyes, because something is suggested in them."""
    return [row for row in _rows(form) if row.field.name in form.shown_early]


def folded(form: LabelsForm) -> list[Row]:
    """The other rows."""
    return [row for row in _rows(form) if row.field.name not in form.shown_early]


def _rows(form: LabelsForm) -> list[Row]:
    rows = [Row(form[name], kind, legend, action(does), hint) for name, kind, legend, does, hint in _ROWS]
    # Without steps there is no root cause, and without turns nothing but the proposal to be better than.
    return [row for row in rows if row.kind != SELECT or len(list(row.field)) > 1]
