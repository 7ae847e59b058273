// Keyboard first. Each control names its own key (see keymap.js), so that the help can never be out of date.
//   data-key="n"           pressed outside of text fields, clicks the element; "mod+…" and "F2" work everywhere
//   data-then="#message"   what gets the focus after that, where it is seen: of radio buttons the chosen one
//   [data-keys-first]      its keys come before the same ones elsewhere while the focus is inside; parts of one name,
//                          [data-keys-first=labels], count as one
//   Escape leaves a field, so that single letters are keys again; dialogs and menus close by themselves
//   [data-key-always]      its key works while the element is hidden, too
//   [data-key-inside]      its key works only while the focus is inside its part with [data-keys-first], else its form
//   [popovertarget]        the focus goes into the menu that its key opens, and back from it
//   [data-rows] [data-row] j, k and, inside the list, the arrows move between rows
// Single letters can be switched off (WCAG 2.1.4) in the help, and every key changed in the preferences.

import { keyFor, keyName, keyOf, person, showKeys, worksEverywhere } from "desk/keymap";

const TYPING = "textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=submit], [type=button])";
const MOVES = { [keyFor("next_row", "j")]: 1, [keyFor("previous_row", "k")]: -1 };
const ARROWS = { ArrowDown: 1, ArrowUp: -1 };
let lastRow = null;
let isRenewed = false;

/** What can be pressed now: seen, enabled, and inside the modal dialog if one is open; first what the focus is in. */
export function keyed() {
  const scope = document.querySelector("dialog:modal") ?? document;
  const near = partsAround(document.activeElement);
  const all = [...scope.querySelectorAll("[data-key]")].filter(isUsable);
  return [...all.filter((element) => near.some((part) => part.contains(element))), ...all];
}

/** The part with keys of its own in which an element is, with those of the same name. */
function partsAround(element) {
  const part = element.closest("[data-keys-first]");
  const name = part?.dataset.keysFirst;
  if (!name) return part ? [part] : [];
  return [...document.querySelectorAll(`[data-keys-first="${name}"]`)];
}

/** A closed menu with data-keys lends its keys to the page. */
export function isUsable(element) {
  const control = element.control ?? element;
  const isThere = element.checkVisibility() || element.closest("[popover][data-keys]") || element.matches("[data-key-always]");
  return Boolean(isThere) && isInside(element) && !control.matches(":disabled, [aria-disabled=true]");
}

function isInside(element) {
  if (!element.matches("[data-key-inside]")) return true;
  const parts = partsAround(element);
  return (parts.length ? parts : [element.form]).some((part) => part.contains(document.activeElement));
}

export function activate(element) {
  const menu = element.popoverTargetElement;
  // A menu gives the focus back to what had it as it opened.
  (menu ? element : element.control)?.focus({ preventScroll: true });
  // Into what is open already, rather than closing it.
  const fold = element.matches("summary[data-then]") ? element.parentElement : null;
  if (!fold?.open || fold.contains(document.activeElement)) element.click();
  if (menu?.matches(":popover-open")) enter(menu);
  if (!element.dataset.then) return;
  const next = [...document.querySelectorAll(element.dataset.then)].filter((one) => one.checkVisibility() && !one.disabled);
  (next.find((one) => one.checked) ?? next[0])?.focus();
}

/** The first thing in a menu; the menu itself while what it shows is on its way. */
function enter(menu) {
  const first = [...menu.querySelectorAll("a, button")].find((one) => one.checkVisibility() && !one.disabled);
  (first ?? menu).focus({ preventScroll: true });
}

function press(name) {
  const element = keyed().find((candidate) => keyOf(candidate) === name);
  if (element) activate(element);
  return Boolean(element);
}

function move(step) {
  const list = document.activeElement.closest("[data-rows]") ?? document.querySelector("[data-rows]");
  const rows = list ? [...list.querySelectorAll("[data-row]")] : [];
  if (!rows.length) return false;
  const here = document.activeElement.closest("[data-row]") ?? usedRow() ?? list.querySelector("[data-row]:has([aria-current])");
  const at = rows.indexOf(here);
  const next = rows[at < 0 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1)];
  const link = next.querySelector("a, button") ?? next;
  link.focus();
  // An open peek follows the row.
  if (document.querySelector("[data-sheet][open]")) link.click();
  return true;
}

/** The row last used; where its list was drawn anew, what took its place, or the first row if nothing did. */
function usedRow() {
  if (!lastRow || lastRow.isConnected) return lastRow;
  return document.getElementById(lastRow.id) ?? document.querySelector("[data-rows] [data-row]");
}

/** A list that is drawn anew takes no focus away. */
function keepRow() {
  if (isRenewed && document.activeElement === document.body) (usedRow()?.querySelector("a, button") ?? document.getElementById("main")).focus();
  isRenewed = false;
}

/** To the question of the case, or to the row last used. The decision form has a place of its own (fields.js). */
function leave(field) {
  if (field.form?.id === "decide" || field.closest("dialog, :popover-open") || document.querySelector("[data-sheet][open]")) return false;
  const row = usedRow();
  const link = row?.checkVisibility() ? row.querySelector("a, button") : null;
  const place = document.getElementById("ask") ?? link ?? document.getElementById("main");
  place?.focus();
  return Boolean(place);
}

function onEscape(event) {
  const field = event.defaultPrevented || event.isComposing ? null : event.target.closest(TYPING);
  // Prevented, for the browser would empty a search box.
  if (field && leave(field)) event.preventDefault();
}

function onKey(event) {
  if (event.key === "Escape") return onEscape(event);
  const name = event.defaultPrevented ? null : keyName(event);
  if (!name) return;
  if (worksEverywhere(name)) {
    if (!event.repeat && press(name)) event.preventDefault();
    return;
  }
  // A field of a dialog that was just closed keeps the focus until the next frame, but nobody types there.
  const field = event.target.closest(TYPING);
  if (!person.single_keys || field?.checkVisibility()) return;
  const step = MOVES[name] ?? (event.target.closest("[data-rows]") && ARROWS[name]);
  const isLetter = /^(shift\+)?.$/u.test(name);
  if (step ? move(step) : isLetter && !event.repeat && press(name)) event.preventDefault();
}

document.addEventListener("keydown", onKey);
document.addEventListener("focusin", (event) => (lastRow = event.target.closest("[data-row]") ?? lastRow));
document.addEventListener("htmx:beforeSwap", ({ detail }) => (isRenewed = Boolean(document.activeElement.closest("[data-row]") && detail.target.contains(document.activeElement))));
document.addEventListener("htmx:afterSwap", keepRow);
for (const renewed of ["htmx:afterSwap", "handrail:morphed"]) document.addEventListener(renewed, showKeys);
// What was refused has the focus, unless its page gave it to something else.
if (document.activeElement === document.body) document.querySelector("main form:not([data-case-form], [data-labels-form]) [aria-invalid=true]")?.focus();
document.documentElement.dataset.os = navigator.platform.startsWith("Mac") ? "mac" : "other";
showKeys();
