"""The keys of the pages: what they do, where, and how a person may change them.

A control names its action in `data-action`, its default key in `data-key`. `Operator.keymap` holds only what
differs: action to key. Keys are written as `static/js/keymap.js` reads them: "n", "shift+o", "mod+k" (Ctrl or
Cmd), "F2".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Page(models.TextChoices):
    """Where a key works."""

    EVERYWHERE = "everywhere", _("Everywhere")
    PAGES = "pages", _("Queue and case")
    CASE = "case", _("Case")
    STEPS = "steps", _("Steps of a case")
    LABELS = "labels", _("More labels of a case")
    QUEUE = "queue", _("Queue")
    DECLINING = "declining", _("Declining an offer")
    NOTICES = "notices", _("Notices")
    MACROS = "macros", _("Macros")
    POLICIES = "policies", _("Policies")
    REVIEWS = "reviews", _("Reviews")
    DATASETS = "datasets", _("Datasets")
    SETTINGS = "settings", _("Settings pages")
    FIGURES = "figures", _("Figures")
    LISTS = "lists", _("Lists")


_KEY = re.compile(r"(mod\+)?(shift\+)?(\S|enter|F([1-9]|1[0-2]))")
# What browsers, systems and screen readers need for themselves, and what moves in lists and forms.
_TAKEN = {
    *(f"mod+{key}" for key in "acfhjlmnopqrtvwxyz+-0123456789"),
    *(f"mod+shift+{key}" for key in "cijnpqrtw"),
    *("F1", "F3", "F5", "F6", "F7", "F10", "F11", "F12"),
}


@dataclass(frozen=True)
class Action:
    """Something a key does. Keys of one page differ, and those of everywhere and of lists from all."""

    name: str
    page: Page
    label: str | Promise
    key: str
    # These never stand on a page together, so they may share a key.
    never_with: tuple[str, ...] = ()


ACTIONS = (
    Action("palette", Page.EVERYWHERE, _("Go to or do anything"), "mod+k"),
    Action("help", Page.EVERYWHERE, _("Show these keys"), "?"),
    Action("availability", Page.EVERYWHERE, _("Change your availability"), "shift+a"),
    Action("notices", Page.EVERYWHERE, _("Show notices"), "shift+n"),
    Action("user_menu", Page.EVERYWHERE, _("Show the menu of your account"), "shift+y"),
    Action("goto_offer", Page.EVERYWHERE, _("Go to the offer, also while you type"), "F2"),
    Action("accept_offer", Page.EVERYWHERE, _("Accept the offer"), "o"),
    Action("decline_offer", Page.EVERYWHERE, _("Decline the offer, with a reason"), "shift+o"),
    Action("decline_skill", Page.DECLINING, _("Decline: not my skill"), "1"),
    Action("decline_conflict", Page.DECLINING, _("Decline: conflict of interest"), "2"),
    Action("decline_busy", Page.DECLINING, _("Decline: busy"), "3"),
    Action("decline_other", Page.DECLINING, _("Decline: write another reason"), "4"),
    Action("next_row", Page.LISTS, _("Next row"), "j"),
    Action("previous_row", Page.LISTS, _("Previous row"), "k"),
    Action("take_next", Page.PAGES, _("Take the next case"), "n", never_with=("next_review",)),
    Action("undo", Page.PAGES, _("Undo the decision just made"), "z"),
    Action("search", Page.QUEUE, _("Search"), "/"),
    Action("search_closed", Page.QUEUE, _("Search closed cases, too"), "i"),
    Action("filter", Page.QUEUE, _("Filter the list"), "f"),
    Action("clear_filters", Page.QUEUE, _("Clear filters"), "shift+f"),
    Action("previous_view", Page.QUEUE, _("Previous view"), ","),
    Action("next_view", Page.QUEUE, _("Next view"), "."),
    Action("save_view", Page.QUEUE, _("Save this view"), "s"),
    Action("rename_view", Page.QUEUE, _("Rename the view"), "e"),
    Action("delete_view", Page.QUEUE, _("Delete view"), "shift+d"),
    Action("show_new", Page.QUEUE, _("Show what is new"), "u"),
    Action("show_more", Page.QUEUE, _("Show more rows"), "m"),
    Action("open_case", Page.QUEUE, _("Open the case without claiming it"), "g"),
    Action("select_row", Page.QUEUE, _("Select the row"), "x"),
    Action("select_all", Page.QUEUE, _("Select all rows shown"), "shift+x"),
    Action("bulk_claim", Page.QUEUE, _("Claim the selected cases"), "shift+c"),
    Action("bulk_assign", Page.QUEUE, _("Give the selected cases to somebody"), "shift+g"),
    Action("bulk_priority", Page.QUEUE, _("Change the priority of the selected cases"), "p"),
    Action("bulk_snooze", Page.QUEUE, _("Snooze the selected cases"), "shift+s"),
    Action("bulk_resolve", Page.QUEUE, _("Resolve the selected cases alike"), "shift+r"),
    Action("new_macro", Page.MACROS, _("Write a new macro"), "m"),
    Action("try_policy", Page.POLICIES, _("See what it would have done"), "t"),
    Action("add_threshold", Page.POLICIES, _("Add a threshold"), "c"),
    Action("add_tool", Page.POLICIES, _("Add a tool"), "r"),
    Action("new_dataset", Page.DATASETS, _("Choose decisions for a new dataset"), "m"),
    Action("build_version", Page.DATASETS, _("Build the next version"), "b"),
    Action("edit_dataset", Page.DATASETS, _("Change what the next versions take"), "e"),
    Action("compare_versions", Page.DATASETS, _("Compare with another version"), "c"),
    Action("import_labels", Page.DATASETS, _("Import labels that were made elsewhere"), "i"),
    Action("download_refused", Page.DATASETS, _("Download what was refused as CSV"), "d"),
    Action("check_audit_log", Page.SETTINGS, _("Check the whole log now"), "c"),
    Action("add_alerts", Page.SETTINGS, _("Add the usual alerts"), "m"),
    Action("try_alert", Page.SETTINGS, _("See what would have fired"), "t", never_with=("dry_run",)),
    Action("dry_run", Page.SETTINGS, _("See what would be deleted"), "t", never_with=("try_alert",)),
    Action("download_csv", Page.SETTINGS, _("Download these rows as CSV"), "d"),
    Action("fill_screen", Page.FIGURES, _("Fill the screen"), "f"),
    Action("take_risky", Page.FIGURES, _("Take over the case of the row"), "t"),
    Action("look", Page.FIGURES, _("Look at what the audits found"), "i"),
    Action("draft_threshold", Page.FIGURES, _("Draft a policy with this threshold"), "d"),
    Action("what_if", Page.FIGURES, _("Try another threshold"), "w"),
    Action("next_review", Page.REVIEWS, _("Review the next one"), "n", never_with=("take_next",)),
    Action("next_to_settle", Page.REVIEWS, _("Settle the next one"), "t"),
    Action("put_review_back", Page.REVIEWS, _("Put the review back"), "r"),
    Action("settle_first", Page.REVIEWS, _("Settle on the first look"), "1"),
    Action("settle_second", Page.REVIEWS, _("Settle on the second look"), "2"),
    Action("settle_other", Page.REVIEWS, _("Settle on something else"), "3"),
    Action("mark_all_read", Page.NOTICES, _("Mark all as read"), "m"),
    Action("claim", Page.CASE, _("Claim this case"), "c"),
    Action("decide_approve", Page.CASE, _("Approve"), "a"),
    Action("decide_edit", Page.CASE, _("Edit and approve"), "e"),
    Action("decide_reject", Page.CASE, _("Deny"), "d"),
    Action("decide_respond", Page.CASE, _("Answer"), "w"),
    Action("decide_takeover", Page.CASE, _("Take over"), "t"),
    Action("decide_cancel", Page.CASE, _("Cancel"), "x"),
    Action("went_wrong", Page.CASE, _("Say what went wrong"), "f"),
    Action("first_error", Page.CASE, _("Say which step went wrong first"), "s"),
    Action("label_steps", Page.CASE, _("Label the steps"), "shift+e", never_with=("correct_labels",)),
    Action("guideline", Page.CASE, _("Show how to label"), "shift+h"),
    Action("correct_labels", Page.CASE, _("Correct the labels"), "shift+e", never_with=("label_steps",)),
    Action("step_good", Page.STEPS, _("This step was good"), "g"),
    Action("step_bad", Page.STEPS, _("This step was bad"), "b"),
    Action("step_neutral", Page.STEPS, _("This step was neither"), "e"),
    Action("step_first_error", Page.STEPS, _("This step was the first error"), "f"),
    Action("step_root_cause", Page.STEPS, _("This step was the root cause"), "r"),
    Action("label_disposition", Page.LABELS, _("Say the disposition"), "d"),
    Action("label_modes", Page.LABELS, _("Say what else went wrong"), "m"),
    Action("label_tool", Page.LABELS, _("Say which tool was faulty"), "t"),
    Action("label_responsible", Page.LABELS, _("Say whose fault it was"), "r"),
    Action("label_root_cause", Page.LABELS, _("Say where it began"), "c"),
    Action("label_missed", Page.LABELS, _("Name a checkpoint that was missing"), "q"),
    Action("label_codes", Page.LABELS, _("Choose codes of published taxonomies"), "x"),
    Action("label_needed", Page.LABELS, _("Say whether a person was needed"), "e"),
    Action("label_category", Page.LABELS, _("Say whether the category was right"), "g"),
    Action("label_rule", Page.LABELS, _("Say what code could do"), "b"),
    Action("label_must", Page.LABELS, _("Say what a right answer must do"), "i"),
    Action("label_must_not", Page.LABELS, _("Say what a right answer must not do"), "shift+i"),
    Action("label_pair", Page.LABELS, _("Say what your answer is better than"), "a"),
    Action("label_strength", Page.LABELS, _("Say how much better your answer is"), "p"),
    Action("restart", Page.CASE, _("Show what the agent restarts from"), "shift+f"),
    Action("more_labels", Page.CASE, _("Show more labels"), "shift+d"),
    Action("write_user", Page.CASE, _("Write to the customer"), "i"),
    Action("send_links", Page.CASE, _("Send links along"), "shift+i"),
    Action("write_note", Page.CASE, _("Write a note"), "m"),
    Action("moves", Page.CASE, _("Show more moves"), "shift+m"),
    Action("transfer", Page.CASE, _("Pass the case on"), "g"),
    Action("ask_agent", Page.CASE, _("Ask the agent"), "q"),
    Action("ask_user", Page.CASE, _("Ask the customer and wait"), "shift+q"),
    Action("snooze", Page.CASE, _("Snooze the case"), "shift+s"),
    Action("take_back", Page.CASE, _("Take the case back now"), "b"),
    Action("take_over", Page.CASE, _("Take over the case of somebody"), "shift+t"),
    Action("assign", Page.CASE, _("Give the case to somebody"), "shift+g"),
    Action("priority", Page.CASE, _("Change the priority"), "p"),
    Action("submit", Page.CASE, _("Submit and next"), "mod+enter"),
    Action("submit_stay", Page.CASE, _("Submit and stay"), "mod+shift+enter"),
    Action("why_waiting", Page.CASE, _("Why is it not moving?"), "shift+w"),
    Action("macros", Page.CASE, _("Choose a macro"), "y"),
    Action("reuse", Page.CASE, _("Reuse the answer of a case like it"), "u"),
    Action("reuse_second", Page.CASE, _("Reuse the second answer"), "shift+u"),
    Action("reuse_third", Page.CASE, _("Reuse the third answer"), "shift+l"),
    Action("put_back", Page.CASE, _("Put the case back"), "r", never_with=("reopen",)),
    Action("reopen", Page.CASE, _("Reopen this case"), "r", never_with=("put_back",)),
)
_BY_NAME = {action.name: action for action in ACTIONS}
_WHERE_ALL = (Page.EVERYWHERE, Page.LISTS, Page.PAGES)


def action(name: str) -> Action:
    """The action of that name."""
    return _BY_NAME[name]


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
            found[action.name] = gettext("“%(key)s” is not a key. Press the key in the field.") % {"key": key}
        elif key in _TAKEN:
            found[action.name] = gettext("The browser needs %(key)s for itself. Choose another key.") % {
                "key": shown(key)
            }
        elif other and (action.name in keymap or other.name not in keymap):
            found[action.name] = gettext(
                "%(key)s is the key of “%(action)s” already. Choose another key."
            ) % {"key": shown(key), "action": other.label}
    return found


def on_case(keymap: Mapping[str, str], key: str) -> Action | None:
    """The action that has `key` where a case is decided, under a person's own choices."""
    keys = keys_of(keymap)
    return next((one for one in ACTIONS if is_on_case(one) and keys[one.name] == key), None)


def is_on_case(action: Action) -> bool:
    """Whether its key works on the page of a case, where macros have theirs, too."""
    return action.page == Page.CASE or action.page in _WHERE_ALL


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
    words = {"mod": gettext("Ctrl/⌘"), "shift": "⇧", "enter": gettext("Enter")}
    return " ".join(words.get(part, part) for part in key.split("+") if part) or key


def _collide(action: Action, other: Action) -> bool:
    same_page = action.page == other.page or action.page in _WHERE_ALL or other.page in _WHERE_ALL
    return same_page and action.name != other.name and other.name not in action.never_with
