"""Every form in which labelled decisions leave the desk; each has a module that makes its rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from escalations.datasets.formats import (
    inspect_evaluation,
    openai_preference,
    openai_sft,
    parquet,
    trl_kto,
    trl_preference,
    trl_stepwise,
)
from escalations.datasets.formats.example import Example
from escalations.datasets.formats.jsonl import Layout, NumberedRows, lines
from escalations.models import Decision, Disposition

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Row = dict[str, Any]
Rows = Callable[[], NumberedRows]

_CORRECTED = Q(disposition__in=[Disposition.EDIT, Disposition.REPLACE])
_PAIRS = Q(decision__in=[Decision.EDIT, Decision.RESPOND]) & _CORRECTED
_TAUGHT = Q(decision=Decision.APPROVE, overrode__isnull=False) | Q(
    decision__in=[Decision.EDIT, Decision.RESPOND]
)


@dataclass(frozen=True)
class Format:
    """An export format: `row` makes one row, or None; `may_give_rows` spares reading those that cannot.

    `chunks` makes the bytes of a file out of rows with the ids of their resolutions, without ever holding
    them all. It may ask for the rows twice; the same rows give the same bytes.
    """

    name: str
    title: "StrOrPromise"
    meaning: "StrOrPromise"
    row: Callable[[Example], Row | None]
    may_give_rows: Q
    chunks: Callable[[Rows], Iterator[bytes]]
    suffix: str = "jsonl"
    media_type: str = "application/jsonl"


def _jsonl(layout: Layout) -> Callable[[Rows], Iterator[bytes]]:
    return partial(lines, layout=layout)


FORMATS = {
    known.name: known
    for known in [
        Format(
            "sft",
            _("OpenAI-style SFT"),
            _("Each conversation with the turn that was approved, corrected or answered by a person."),
            openai_sft.row,
            _TAUGHT,
            _jsonl(openai_sft.LAYOUT),
        ),
        Format(
            "preference",
            _("TRL preference"),
            _("Each correction as a pair: the corrected turn is chosen, the proposed one rejected."),
            trl_preference.row,
            _PAIRS,
            _jsonl(trl_preference.LAYOUT),
        ),
        Format(
            "kto",
            _("TRL KTO"),
            _("Each proposed turn with a label: true if a person approved it, false if they corrected it."),
            trl_kto.row,
            Q(decision=Decision.APPROVE, overrode__isnull=False) | _CORRECTED,
            _jsonl(trl_kto.LAYOUT),
        ),
        Format(
            "stepwise",
            _("TRL stepwise"),
            _("The steps of each run up to the first wrong one, each with true or false."),
            trl_stepwise.row,
            Q(first_error_index__isnull=False),
            _jsonl(trl_stepwise.LAYOUT),
        ),
        Format(
            "openai_preference",
            _("OpenAI-style preference"),
            _("The pairs of TRL preference in the form that OpenAI takes."),
            openai_preference.row,
            _PAIRS,
            _jsonl(openai_preference.LAYOUT),
        ),
        Format(
            "inspect",
            _("Evaluation set (Inspect)"),
            _("Each conversation with the turn that would be right, and what must and must not happen."),
            inspect_evaluation.row,
            Q(),
            _jsonl(inspect_evaluation.LAYOUT),
        ),
        Format(
            "parquet",
            _("Parquet"),
            _("Each decision with its case and all labels, for analysis; nested parts are JSON text."),
            parquet.row,
            Q(),
            parquet.chunks,
            suffix="parquet",
            media_type="application/vnd.apache.parquet",
        ),
    ]
}
