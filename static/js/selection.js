// Rows of the queue that are chosen, to do one thing with all of them.
//   input[data-pick] value=ID   chooses its row; with Shift, all rows from the one chosen before
//   [data-picks-row]            (key x) chooses the row where the focus is or was
// The choice is kept here by id, so it outlives every live update; a case that leaves the list leaves the choice.

import { interpolate, ngettext } from "desk/words";

const bar = document.getElementById("bulk-bar");
const dialog = document.getElementById("bulk-dialog");
const chosen = new Set();
let lastPick = null;
let lastRow = null;

const picks = () => [...document.querySelectorAll("[data-pick]")];

function show() {
  for (const pick of picks()) pick.checked = chosen.has(pick.value);
  bar.hidden = chosen.size === 0;
  document.getElementById("bulk-cases").value = [...chosen].join();
  document.getElementById("bulk-count").textContent = chosen.size ? interpolate(ngettext("%(count)s selected", "%(count)s selected", chosen.size), { count: chosen.size }) : "";
}

function set(pick, on) {
  if (on) chosen.add(pick.value);
  else chosen.delete(pick.value);
}

function choose(pick, range) {
  const all = picks();
  const [from, to] = [all.findIndex((one) => one.value === lastPick), all.indexOf(pick)];
  const on = pick.checked;
  if (range && from >= 0) all.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((one) => set(one, on));
  else set(pick, on);
  lastPick = pick.value;
  show();
}

function pickRow() {
  const row = document.activeElement.closest("[data-row]") ?? (lastRow && document.getElementById(lastRow));
  const pick = row?.querySelector("[data-pick]");
  if (!pick) return;
  pick.checked = !pick.checked;
  choose(pick, false);
}

function clear() {
  chosen.clear();
  show();
}

/** A case that somebody else finished meanwhile is no part of the choice. */
function follow() {
  const shown = new Set(picks().map((pick) => pick.value));
  for (const id of [...chosen]) if (!shown.has(id)) chosen.delete(id);
  show();
}

document.addEventListener("click", (event) => {
  if (event.target.matches("[data-pick]")) choose(event.target, event.shiftKey);
  else if (event.target.closest("[data-picks-row]")) pickRow();
  else if (event.target.closest("#bulk-clear")) clear();
  else if (event.target.closest("#bulk-all")) picks().forEach((pick) => set(pick, true)), show();
});
document.addEventListener("keydown", (event) => {
  const isElsewhere = document.querySelector("dialog[open], :popover-open") || event.target.matches("[type=search]");
  if (event.key === "Escape" && chosen.size && !isElsewhere) clear();
});
document.addEventListener("focusin", (event) => (lastRow = event.target.closest("[data-row]")?.id ?? lastRow));
document.addEventListener("handrail:morphed", (event) => event.target.id === "queue-list" && follow());
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "queue-list") follow();
  if (event.detail.target === dialog && !dialog.open) dialog.showModal();
});
document.body.addEventListener("handrail:bulk-done", () => {
  dialog.close();
  clear();
  // What opened the dialog may be gone. The browser settles where the focus is by the next frame.
  requestAnimationFrame(() => {
    const { activeElement } = document;
    if (activeElement === document.body || !activeElement.checkVisibility()) document.getElementById("main").focus({ preventScroll: true });
  });
});
