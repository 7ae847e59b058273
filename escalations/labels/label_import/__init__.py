"""Labels that were made elsewhere, read from JSON Lines: `docs/labels.schema.json` has what a line says."""

from escalations.labels.label_import.lines import BODY_MAX, LINES_MAX
from escalations.labels.label_import.reading import read_waiting
from escalations.labels.label_import.refusals import told
from escalations.labels.label_import.schema import SCHEMA
from escalations.labels.label_import.starting import UnusableFile, start

__all__ = ["BODY_MAX", "LINES_MAX", "SCHEMA", "UnusableFile", "read_waiting", "start", "told"]
