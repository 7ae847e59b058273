"""Rows for spreadsheets, which take some texts for formulas unless they are quoted.

Source: OWASP, "CSV Injection".
"""

import csv
import io
from collections.abc import Iterable

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def line(cells: Iterable[object]) -> bytes:
    """One row in the form of RFC 4180. A text that a spreadsheet might carry out gets a ' before it."""
    row = io.StringIO()
    csv.writer(row).writerow([harmless(cell) for cell in cells])
    return row.getvalue().encode()


def harmless(cell: object) -> object:
    """Numbers as they are, texts as texts."""
    if isinstance(cell, str) and cell.startswith(_STARTS_A_FORMULA):
        return f"'{cell}"
    return cell
