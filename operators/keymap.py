"""The keys of the pages: what they do, where, and how a person may change them.

A control names its action in `data-action`, its default key in `data-key`. `Operator.keymap` holds only what
differs: action to key. Keys are written as `static/js/keymap.js` reads them: "n", "shift+o", "mod+k" (Ctrl or
Cmd), "F2".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

EVERYWHERE = "Everywhere"
PAGES = "Queue and case"
CASE = "Case"
QUEUE = "Queue"
NOTICES = "Notices"
MACROS = "Macros"
LISTS = "Lists"

_KEY = re.compile(r"(mod\+)?(shift\+)?(\S|enter|F([1-9]|1[0-2]))")
# What browsers, systems and screen readers need for themselves, and what moves in lists and forms.
_TAKEN = {
    *(f"mod+{key}" for key in "acfhjlmnopqrtvwxyz+-0123456789"),
    *(f"mod+shift+{key}" for key in "cijnpqrtw"),
    *("F1", "F3", "F5", "F6", "F7", "F10", "F11", "F12"),
}


@dataclass(frozen=True)
class Action:
    """Something a key does. Keys of one page differ, and those of `EVERYWHERE` and `LISTS` from all."""

    name: str
    page: str
    label: str
    key: str
    # These never stand on a page together, so they may share a key.
    never_with: tuple[str, ...] = ()


ACTIONS = (
    Action("palette", EVERYWHERE, "Go to or do anything", "mod+k"),
    Action("help", EVERYWHERE, "Show these keys", "?"),
    Action("availability", EVERYWHERE, "Change your availability", "shift+a"),
    Action("notices", EVERYWHERE, "Show notices", "shift+n"),
    Action("goto_offer", EVERYWHERE, "Go to the offer, also while you type", "F2"),
    Action("accept_offer", EVERYWHERE, "Accept the offer", "o"),
    Action("decline_offer", EVERYWHERE, "Decline the offer, with a reason", "shift+o"),
    Action("next_row", LISTS, "Next row", "j"),
    Action("previous_row", LISTS, "Previous row", "k"),
    Action("take_next", PAGES, "Take the next case", "n"),
    Action("undo", PAGES, "Undo the decision just made", "z"),
    Action("search", QUEUE, "Search", "/"),
    Action("filter", QUEUE, "Filter the list", "f"),
    Action("previous_view", QUEUE, "Previous view", ","),
    Action("next_view", QUEUE, "Next view", "."),
    Action("save_view", QUEUE, "Save this view", "s"),
    Action("select_row", QUEUE, "Select the row", "x"),
    Action("select_all", QUEUE, "Select all rows shown", "shift+x"),
    Action("bulk_claim", QUEUE, "Claim the selected cases", "shift+c"),
    Action("bulk_assign", QUEUE, "Give the selected cases to somebody", "shift+g"),
    Action("bulk_priority", QUEUE, "Change the priority of the selected cases", "p"),
    Action("bulk_snooze", QUEUE, "Snooze the selected cases", "shift+s"),
    Action("bulk_resolve", QUEUE, "Resolve the selected cases alike", "shift+r"),
    Action("new_macro", MACROS, "Write a new macro", "m"),
    Action("mark_all_read", NOTICES, "Mark all as read", "m"),
    Action("claim", CASE, "Claim this case", "c"),
    Action("decide_approve", CASE, "Approve", "a"),
    Action("decide_edit", CASE, "Edit and approve", "e"),
    Action("decide_reject", CASE, "Deny", "d"),
    Action("decide_respond", CASE, "Answer", "w"),
    Action("decide_takeover", CASE, "Take over", "t"),
    Action("decide_cancel", CASE, "Cancel", "x"),
    Action("write_user", CASE, "Write to the customer", "i"),
    Action("write_note", CASE, "Write a note", "m"),
    Action("moves", CASE, "Show more moves", "shift+m"),
    Action("transfer", CASE, "Pass the case on", "g"),
    Action("ask_agent", CASE, "Ask the agent", "q"),
    Action("ask_user", CASE, "Ask the customer and wait", "shift+q"),
    Action("snooze", CASE, "Snooze the case", "shift+s"),
    Action("take_back", CASE, "Take the case back now", "b"),
    Action("take_over", CASE, "Take over the case of somebody", "shift+t"),
    Action("assign", CASE, "Give the case to somebody", "shift+g"),
    Action("priority", CASE, "Change the priority", "p"),
    Action("submit", CASE, "Submit and next", "mod+enter"),
    Action("macros", CASE, "Choose a macro", "y"),
    Action("reuse", CASE, "Reuse the answer of a case like it", "u"),
    Action("put_back", CASE, "Put the case back", "r", never_with=("reopen",)),
    Action("reopen", CASE, "Reopen this case", "r", never_with=("put_back",)),
)
_BY_NAME = {action.name: action for action in ACTIONS}
_WHERE_ALL = (EVERYWHERE, LISTS, PAGES)


def keys_of(keymap: Mapping[str, str]) -> dict[str, str]:
    """The key of every action under a person's own choices."""
    return {action.name: keymap.get(action.name, action.key) for action in ACTIONS}


def differing(keys: Mapping[str, str]) -> dict[str, str]:
    """What of `keys` a person's keymap has to hold; an empty key means the default one."""
    return {name: key for name, key in keys.items() if name in _BY_NAME and key and key != _BY_NAME[name].key}


def faults(keymap: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with a keymap: a sentence for each action that cannot have its key."""
    keys = keys_of(keymap)
    found = {}
    for action in ACTIONS:
        key = keys[action.name]
        other = next((one for one in ACTIONS if _collide(action, one) and keys[one.name] == key), None)
        if not _KEY.fullmatch(key):
            found[action.name] = f"“{key}” is not a key. Press the key in the field."
        elif key in _TAKEN:
            found[action.name] = f"The browser needs {shown(key)} for itself. Choose another key."
        elif other and (action.name in keymap or other.name not in keymap):
            found[action.name] = f"{shown(key)} is the key of “{other.label}” already. Choose another key."
    return found


def written(key: str) -> str:
    """A key as it stands in a field: "ctrl+k" where "mod+k" is kept."""
    return key.replace("mod+", "ctrl+")


def read(text: str) -> str:
    """What a field holds, as it is kept."""
    text = text.strip()
    if "+" in text or len(text) == 1:
        text = re.sub(r"^(ctrl|cmd|⌘)\+", "mod+", text.lower())
    return re.sub(r"\bf(\d+)$", r"F\1", text)


def shown(key: str) -> str:
    """A key as people read it: "Ctrl/⌘ K"."""
    words = {"mod": "Ctrl/⌘", "shift": "⇧", "enter": "Enter"}
    return " ".join(words.get(part, part) for part in key.split("+") if part) or key


def _collide(action: Action, other: Action) -> bool:
    same_page = action.page == other.page or action.page in _WHERE_ALL or other.page in _WHERE_ALL
    return same_page and action.name != other.name and other.name not in action.never_with
