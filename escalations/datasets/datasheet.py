"""The datasheet of a version, for people who are about to train with it.

Source: Gebru et al., Datasheets for Datasets, Communications of the ACM 64 (2021), its seven headings.
"""

from typing import Any

_LEFT_OUT = {
    # Versions built by older releases do not tell these apart.
    "not_allowed": "labelled unsure or unresolvable, not to be trained on, an audit, or decided by no person",
    "nobody": "decided by no person",
    "audit": "an audit, by which the agent is measured",
    "forbidden": "labelled as not to be trained on",
    "unresolvable": "labelled unresolvable",
    "unsure": "nobody was sure whether the agent was right",
    "changed": "allowed under newer rules of redaction than were in use, or changed during the build",
    "paths": "what its agent wants hidden could not be told (an unreadable path in `sensitive_paths`)",
    "duplicate": "it says exactly what an earlier row says",
    "near": "it nearly says what an earlier row says (Jaccard index of 0.85 or more)",
    "time": "it is from the time of the forward test, but of somebody known before, or the other way round",
}


def text(manifest: dict[str, Any]) -> str:
    """The datasheet in Markdown, out of the manifest."""
    parts = [
        _head(manifest),
        _MOTIVATION,
        _composition(manifest),
        _COLLECTION,
        _preprocessing(manifest),
        _USES,
        _DISTRIBUTION,
        _maintenance(manifest),
    ]
    return "\n\n".join(parts) + "\n"


_MOTIVATION = """## Motivation

Decisions that people made on cases which AI agents handed to them, as training and evaluation data for the
next version of these agents. Made by the people of the desk in their daily work."""

_COLLECTION = """## Collection process

Agents handed the cases off with their conversation and what they proposed. A person decided each one and
labelled it; some were reviewed blind by a second person, and disagreements adjudicated (`quality` says
which). The cases are those that agents were not sure of, or not allowed to do: they are no uniform sample of
the traffic."""

_USES = """## Uses

For supervised fine-tuning, preference learning, process rewards and evaluation of the agents that handed
off. Not for measuring how often an agent is wrong: these are its hard cases; the calibration of the desk, by
audits of a random sample, is for that. Not for anything about the customers themselves."""

_DISTRIBUTION = """## Distribution

For use inside the organisation that runs the desk. Files are named with their SHA-256 in `manifest.json`."""


_MAINTENANCE = """## Maintenance

A version never changes, with one exception: where a person's data are erased at the desk, their rows leave,
and the files are made again without them. Training should start from the newest version."""


def _head(manifest: dict[str, Any]) -> str:
    said = [manifest["description"], manifest["note"]]
    return "\n\n".join([f"# {manifest['dataset']}, version {manifest['version']}", *filter(None, said)])


def _composition(manifest: dict[str, Any]) -> str:
    counts = manifest["counts"]
    lines = [
        "## Composition",
        "",
        "One row is one decided case. Rows by split:",
        "",
        "| Split | Rows |",
        "|---|---:|",
    ]
    lines += [f"| {split} | {rows} |" for split, rows in counts["rows"].items()]
    lines += ["", "| File | Rows | Bytes |", "|---|---:|---:|"]
    lines += [f"| {file['name']} | {file['rows']} | {file['bytes']} |" for file in manifest["files"]]
    if counts["left_out"]:
        lines += ["", "Left out, and why:", ""]
        lines += [f"- {rows}: {_LEFT_OUT[why]}" for why, rows in counts["left_out"].items()]
    if counts["erased"]:
        lines += [
            "",
            f"{counts['erased']} rows were erased later, with the data of the people they were about.",
        ]
    return "\n".join([*lines, "", "Filter:", "", *_filter(manifest["filter"])])


def _filter(kept: dict[str, Any]) -> list[str]:
    if not kept:
        return ["- none: all decisions"]
    shown = {name: ", ".join(value) if isinstance(value, list) else value for name, value in kept.items()}
    return [f"- {name.replace('_', ' ')}: {value}" for name, value in shown.items()]


def _preprocessing(manifest: dict[str, Any]) -> str:
    split = manifest["splits"]
    near = manifest["deduplication"]["near"]
    train = 100 - split["validation_percent"] - split["test_percent"]
    forward = (
        f" Groups first seen from {split['test_from']} on are the forward test." if split["test_from"] else ""
    )
    return f"""## Preprocessing, cleaning, labelling

**Redaction**, rules of version {manifest["redaction"]["version"]}: what agents named in `sensitive_paths` and
the names they gave of customers; what stood under keys that name people or where they live, wherever else it
was said in the same case; then e-mail addresses, telephone numbers, cards, accounts (IBAN), social security
numbers, IP addresses, dates of birth, keys and passwords, and files in data URLs. One entity has one
placeholder in all of the dataset, such as `[EMAIL_0123456789]`. All rows were searched again after that, and
nothing was found. **Names and postal addresses that stand in free text alone are not found**, nor are
nicknames and misspellings.

**Duplicates**: exact ones by hash{"; near ones by MinHash" if near else "; near ones were kept"}.

**Splits** go by customer, else by task, else by conversation, never by row: {train}% train,
{split["validation_percent"]}% validation, {split["test_percent"]}% test of the groups. They never
change.{forward}

**Labels** go by: {_meanings(manifest)}."""


def _meanings(manifest: dict[str, Any]) -> str:
    def named(kind: str, number: int | None) -> str:
        return f"{kind} {number}" if number else f"the built-in {kind}"

    return "; ".join(
        f"{named('taxonomy', each['taxonomy'])} and {named('guideline', each['guideline'])}"
        f" ({each['rows']} rows)"
        for each in manifest["labels"]
    )


def _maintenance(manifest: dict[str, Any]) -> str:
    if not (lineage := manifest["lineage"]):
        return _MAINTENANCE
    return f"""{_MAINTENANCE}

Since version {lineage["parent"]}: {lineage["added"]} rows came, {lineage["removed"]} went,
{lineage["changed"]} are labelled or said otherwise, {lineage["same"]} are the same."""
