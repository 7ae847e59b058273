// The help: a table of all keys that can be pressed on this page now, read from the controls themselves, and
// the switch for single letters, which holds for the person on every device.

import { keyed } from "desk/keys";
import { keycap, keyFor, keyOf, labelOf, person } from "desk/keymap";
import { csrf } from "desk/session";
import { gettext } from "desk/words";

const help = document.getElementById("help");
const list = help.querySelector("[data-key-list]");
const toggle = help.querySelector("[data-keys-switch]");
const FRAME = ".top, .rail, .offers";

function row(label, ...keys) {
  const line = document.createElement("tr");
  const [meaning, cell] = [document.createElement("th"), document.createElement("td")];
  meaning.scope = "row";
  meaning.textContent = label;
  for (const key of keys) cell.append(keycap(key), " ");
  line.append(meaning, cell);
  return line;
}

function group(title, rows) {
  const body = document.createElement("tbody");
  const head = document.createElement("tr");
  const heading = document.createElement("th");
  heading.colSpan = 2;
  heading.scope = "rowgroup";
  heading.textContent = title;
  head.append(heading);
  body.append(head, ...rows);
  return body;
}

/** Rows by label, each once: what stands on the page twice needs no two lines. */
function rowsOf(elements) {
  const keys = new Map(elements.map((element) => [labelOf(element), keyOf(element)]));
  return [...keys].map(([label, key]) => row(label, key));
}

function lists() {
  const rows = [row(gettext("Next or previous row"), keyFor("next_row", "j"), keyFor("previous_row", "k"), "↓", "↑")];
  return [...rows, row(gettext("Look at the row"), "Enter"), row(gettext("Leave the field, close what is open"), "Escape")];
}

export function showHelp() {
  const elements = keyed();
  const [frame, page] = [true, false].map((of) => elements.filter((element) => Boolean(element.closest(FRAME)) === of));
  const selected = [...document.querySelectorAll("#bulk-bar[hidden] [data-key]:not([data-key-always])")];
  const parts = [[gettext("On this page"), rowsOf(page)], [gettext("Once rows are selected"), rowsOf(selected)], [gettext("Everywhere"), rowsOf(frame)], [gettext("In lists"), lists()]];
  list.replaceChildren(...parts.filter(([, rows]) => rows.length).map(([title, rows]) => group(title, rows)));
  help.showModal();
}

async function switchLetters() {
  person.single_keys = toggle.checked;
  document.documentElement.dataset.keys = toggle.checked ? "on" : "off";
  const body = new URLSearchParams({ single_keys: toggle.checked ? "on" : "off" });
  const headers = { ...csrf(), "HX-Request": "true" };
  const answer = await fetch(toggle.dataset.url, { method: "POST", body, headers }).catch(() => null);
  if (answer?.ok) return;
  const detail = { tone: "bad", text: gettext("The choice holds for this page, but could not be saved.") };
  document.body.dispatchEvent(new CustomEvent("handrail:toast", { detail }));
}

document.addEventListener("click", (event) => event.target.closest("[data-opens=help]") && showHelp());
toggle.addEventListener("change", switchLetters);
toggle.checked = person.single_keys;
