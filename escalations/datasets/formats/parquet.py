"""All of a decision in one row: Parquet with zstd, for analysis. Nested parts are JSON text."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from escalations.datasets.formats.example import Example
from escalations.datasets.formats.jsonl import NumberedRows, as_json
from escalations.models import Guideline, Taxonomy

if TYPE_CHECKING:
    import pyarrow

Row = dict[str, Any]

# Each column with its type in Arrow, in the order of the file.
COLUMNS = {
    "resolution_id": "string",
    "revision": "int32",
    "revision_kind": "string",
    "taxonomy_version": "int32",
    "guideline_version": "int32",
    "pii_policy_version": "int32",
    "quality": "string",
    "case_id": "string",
    "agent": "string",
    "agent_version": "string",
    "queue": "string",
    "kind": "string",
    "reason": "string",
    "category": "string",
    "conversation_id": "string",
    "confidence": "double",
    "confidence_source": "string",
    "cost_usd": "double",
    "received_at": "timestamp",
    "decided_at": "timestamp",
    "decision": "string",
    "split": "string",
    "disposition": "string",
    "agent_correct": "string",
    "failure_primary": "string",
    "failure_modes": "string",
    "external_codes": "string",
    "responsible": "string",
    "first_error_index": "int32",
    "root_cause_index": "int32",
    "missed_checkpoint": "string",
    "step_labels": "string",
    "tool_fault": "string",
    "escalation_needed": "bool",
    "category_correct": "bool",
    "deterministic_rule": "string",
    "must": "string",
    "must_not": "string",
    "pair_at_index": "int32",
    "preference_strength": "int32",
    "note": "string",
    "active_seconds": "double",
    "prompt": "string",
    "proposal": "string",
    "taught": "string",
    "tools": "string",
    "steps": "string",
}
_OWN = (
    "resolution_id",
    "case_id",
    "conversation_id",
    "note",
    "prompt",
    "proposal",
    "taught",
    "tools",
    "steps",
)
_LABELS = (
    *("disposition", "agent_correct", "failure_primary", "responsible", "first_error_index"),
    *("root_cause_index", "missed_checkpoint", "escalation_needed", "category_correct", "deterministic_rule"),
    *("pair_at_index", "preference_strength", "note", "active_seconds", "pii_policy_version"),
)
_NESTED_LABELS = ("failure_modes", "external_codes", "step_labels", "tool_fault", "must", "must_not")
_CASE = ("kind", "reason", "category", "conversation_id", "confidence", "confidence_source", "received_at")
# What is written once in many rows is kept once; of texts of their own only their bytes.
_REPEATED = [name for name, kind in COLUMNS.items() if kind == "string" and name not in _OWN]
# By these a reader skips row groups; bounds of the others only fill the end of the file, which is in memory.
_BOUNDED = ["decided_at", "received_at", "confidence"]
# A row group ends with the first batch that makes it so large. One is in memory at a time, and what the end
# of the file says of those before it, some 50 kB each: smaller ones would take more for a million rows.
_GROUP_BYTES, _GROUP_ROWS = 8 * 2**20, 5_000
# Pages are put together in memory; for texts of some kB smaller ones compress as well as the usual 1 MiB.
_PAGE_BYTES = 64 * 2**10
# So many rows at most, and so many characters of texts unless one has more, are in memory as Python has them.
_BATCH_ROWS, _BATCH_LENGTH = 100, 2**20


def row(example: Example) -> Row | None:
    """The decision with its case, labels and texts, or None where the rules forbid that it leaves."""
    if not example.may_leave:
        return None
    return _facts(example) | _labels(example) | _texts(example)


def chunks(rows: Callable[[], NumberedRows]) -> Iterator[bytes]:
    """The file in pieces, one for each row group. The same rows give the same bytes."""
    from pyarrow import Table, default_memory_pool, parquet

    sink = _Pieces()
    schema = _schema()
    writer = parquet.ParquetWriter(
        sink,
        schema,
        compression="zstd",
        use_dictionary=_REPEATED,
        write_statistics=_BOUNDED,
        data_page_size=_PAGE_BYTES,
    )
    for group in _groups(_batches(rows(), schema)):
        writer.write_table(Table.from_batches(group))
        group.clear()  # or it would stay until the next is whole
        yield sink.taken()
        default_memory_pool().release_unused()
    writer.close()
    yield sink.taken()


def _facts(example: Example) -> Row:
    resolution, case = example.resolution, example.resolution.case
    return {
        "resolution_id": str(resolution.id),
        "revision": example.labels.number,
        "revision_kind": example.labels.kind,
        "taxonomy_version": _number(Taxonomy, example.labels.taxonomy_id),
        "guideline_version": _number(Guideline, example.labels.guideline_id),
        "quality": resolution.quality,
        "case_id": str(case.id),
        "agent": case.agent.name,
        "agent_version": case.agent_version.name,
        "queue": case.queue.name,
        "cost_usd": None if case.cost_usd is None else float(case.cost_usd),
        "decided_at": resolution.created_at,
        "decision": resolution.decision,
        "split": example.split,
    } | {name: getattr(case, name) for name in _CASE}


@cache
def _number(of: type[Taxonomy] | type[Guideline], row_id: int | None) -> int | None:
    """The number of a taxonomy or guideline, which is for good; None is what is built in."""
    return None if row_id is None else of.objects.values_list("number", flat=True).get(id=row_id)


def _labels(example: Example) -> Row:
    nested = {name: as_json(getattr(example.labels, name)) for name in _NESTED_LABELS}
    return {name: getattr(example.labels, name) for name in _LABELS} | nested


def _texts(example: Example) -> Row:
    return {
        "prompt": as_json(example.prompt),
        "proposal": as_json(example.proposal),
        "taught": as_json(example.taught),
        "tools": as_json(example.tools),
        "steps": as_json(example.trace.steps),
    }


def _batches(rows: NumberedRows, schema: "pyarrow.Schema") -> Iterator["pyarrow.RecordBatch"]:
    """The rows a few at a time, which Arrow holds in far less memory than Python does."""
    from pyarrow import RecordBatch

    batch: list[Row] = []
    length = 0
    for _, each in rows:
        batch.append(_loadable(each))
        length += sum(len(value) for value in each.values() if isinstance(value, str))
        if len(batch) >= _BATCH_ROWS or length >= _BATCH_LENGTH:
            yield RecordBatch.from_pylist(batch, schema=schema)
            batch, length = [], 0
    if batch:
        yield RecordBatch.from_pylist(batch, schema=schema)


def _groups(batches: Iterable["pyarrow.RecordBatch"]) -> Iterator[list["pyarrow.RecordBatch"]]:
    group: list[pyarrow.RecordBatch] = []
    for batch in batches:
        group.append(batch)
        length, count = sum(each.nbytes for each in group), sum(each.num_rows for each in group)
        if length >= _GROUP_BYTES or count >= _GROUP_ROWS:
            yield group
            group = []
    if group:
        yield group


def _schema() -> "pyarrow.Schema":
    import pyarrow

    types = {
        "string": pyarrow.string(),
        "int32": pyarrow.int32(),
        "double": pyarrow.float64(),
        "bool": pyarrow.bool_(),
        "timestamp": pyarrow.timestamp("us", tz="UTC"),
    }
    return pyarrow.schema([(name, types[kind]) for name, kind in COLUMNS.items()])


def _loadable(row: Row) -> Row:
    """Texts that UTF-8 can carry: lone surrogates become question marks."""
    return {name: _clean(value) if isinstance(value, str) else value for name, value in row.items()}


def _clean(text: str) -> str:
    return text if text.isascii() else text.encode(errors="replace").decode()


class _Pieces:
    """A file that is only written to; what was written is taken away piece by piece."""

    closed = False

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._written.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        piece, self._written = b"".join(self._written), []
        return piece

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass
