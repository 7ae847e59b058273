"""Reads a file of settings, and knows on which line what stands.

The file is YAML with the types of JSON (the core schema of YAML 1.2): days, times and words like "on" are
texts.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs
import yaml

from escalations.configuring.schema import SCHEMA
from escalations.validation import schema_words

BYTES_MAX = 4 * 1024 * 1024
# A short file of aliases of aliases stands for millions.
PARTS_MAX = 200_000
Path = tuple[str | int, ...]


class Loader(yaml.SafeLoader):
    """Of what stands without quotes only numbers, true, false and null are no texts."""


Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)(?:[eE][-+]?[0-9]+)?$", "-+0123456789."),
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


@dataclass(frozen=True)
class Fault:
    """What is wrong, where it stands, and on which line that is."""

    path: Path
    detail: str
    line: int = 1

    def __str__(self) -> str:
        where = shown(self.path)
        return f"line {self.line}: {where}: {self.detail}" if where else f"line {self.line}: {self.detail}"


class Faulty(Exception):
    """The file cannot be applied; `faults` says why, and nothing was changed."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(map(str, faults)))


@dataclass(frozen=True)
class Document:
    """What the file says, and the line of each part of it."""

    content: dict[str, Any]
    lines: dict[Path, int] = field(default_factory=dict)

    def line_of(self, path: Path) -> int:
        """The line of a part of the file, or of what it is in."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read(text: str) -> Document:
    """The settings in a file.

    Raises:
        Faulty: it is no YAML, names something twice, or does not fit the schema.
    """
    if len(text.encode()) > BYTES_MAX:
        raise Faulty([Fault((), "The file has more than 4 MiB.")])
    loader = Loader(text)
    try:
        node = loader.get_single_node()
        content = {} if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Faulty([Fault((), f"This is no YAML: {error.problem}.", line)]) from None
    except yaml.YAMLError as error:
        raise Faulty([Fault((), f"This is no YAML: {error}.")]) from None
    finally:
        loader.dispose()
    lines: dict[Path, int] = {}
    faults: list[Fault] = []
    if node is not None:
        _note_lines(node, (), lines, faults, within=())
    document = Document(content, lines)
    faults = faults or _misfits(document)
    if faults:
        raise Faulty(faults)
    return document


def shown(path: Path) -> str:
    """A path as people read it: queues.support.sla, alerts[2]."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _misfits(document: Document) -> list[Fault]:
    found = []
    for error in jsonschema_rs.validator_for(SCHEMA).iter_errors(document.content):
        path = tuple(error.instance_path)
        unknown = getattr(error.kind, "unexpected", [])
        found += [_fault(document, (*path, name), "There is no such setting.") for name in unknown]
        if not unknown:
            found.append(_fault(document, path, schema_words.shown(error.message)))
    return sorted(found, key=lambda fault: fault.line)


def _fault(document: Document, path: Path, detail: str) -> Fault:
    return Fault(path, detail, document.line_of(path))


def _note_lines(
    node: yaml.Node, path: Path, lines: dict[Path, int], faults: list[Fault], *, within: tuple[yaml.Node, ...]
) -> None:
    """Note the line of each part; what is named twice, or stands for what it is `within`, is a fault.

    Raises:
        Faulty: there are too many parts.
    """
    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    if len(lines) > PARTS_MAX:
        raise Faulty([Fault((), f"With what its aliases stand for, it has more than {PARTS_MAX:,} parts.")])
    if node in within:
        faults.append(Fault(path, "It stands within itself.", lines[path]))
        return
    within = (*within, node)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*path, str(key.value))
            line = key.start_mark.line + 1
            if inner in lines:
                faults.append(Fault(inner, "It stands there twice.", line))
            lines[inner] = line
            _note_lines(value, inner, lines, faults, within=within)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            _note_lines(value, (*path, number), lines, faults, within=within)
