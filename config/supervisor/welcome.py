"""What the person who started Handrail needs to know now."""

import json
import os
import sys
import webbrowser
from pathlib import Path


def welcome(address: str, demo: Path) -> None:
    """Print the address and who can sign in; open a browser if someone sits in front of this machine."""
    print(f"\nHandrail is at {address}\n", flush=True)
    if demo.exists():
        _print_users(json.loads(demo.read_text())["users"])
        print(f"\nKeys for agents: {demo}\nCtrl-C stops everything.\n", flush=True)
    if sys.stdin.isatty() and (
        sys.platform == "darwin" or "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ
    ):
        webbrowser.open(address)


def _print_users(users: list[dict[str, str]]) -> None:
    columns = ("username", "password", "role")
    widths = [max(len(column), *(len(user[column]) for user in users)) for column in columns]
    print("Sign in as one of:")
    for row in ({column: column for column in columns}, *users):
        print(
            "  "
            + "  ".join(
                row[column].ljust(width) for column, width in zip(columns, widths, strict=True)
            ).rstrip()
        )
