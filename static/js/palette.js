// The command palette: pages, actions of this page, saved views and cases, found by a few letters.
// A combobox with a listbox (WAI-ARIA APG): the focus stays in the field, aria-activedescendant names the option.
//   [data-opens=palette]   opens it; <dialog id="palette" data-source="…">, GET ?q= answers {"found": [{group, label, hint, href, first}]}
//   data-command="…"       an action that has no key, or that a closed menu holds

import { activate, isUsable } from "desk/keys";
import { keycap, keyOf, labelOf } from "desk/keymap";
import { isSignIn, signInAgain } from "desk/session";
import { gettext, interpolate } from "desk/words";

const palette = document.getElementById("palette");
const input = palette.querySelector("input");
const list = palette.querySelector("[role=listbox]");
const status = palette.querySelector("[role=status]");
const NOTHING = gettext("Nothing found. Try other words, or the id of a case.");
const PAUSE = 150;
const MOVES = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
let own = [];
let found = [];
let options = [];
let at = 0;
let asked = 0;
let pause;

/** What this page offers by itself: its links to pages, and its actions. */
function ownEntries() {
  const links = [...document.querySelectorAll(".rail a, .tabs a, #user-menu a")];
  const actions = [...document.querySelectorAll("[data-key], [data-command]")].filter(
    (element) => !element.closest("#palette, [data-offer][data-over]") && !element.matches("[data-opens=palette]") &&
      (isUsable(element) || (element.dataset.command && element.closest("[popover]"))),
  );
  const [labels, addresses] = [new Set(), new Set()];
  return [
    ...actions
      .map((element) => ({ group: gettext("Do"), label: labelOf(element), key: element.dataset.key && keyOf(element), run: () => activate(element) }))
      .filter(({ label }) => label && !labels.has(label) && labels.add(label)),
    ...links.filter(({ href }) => !addresses.has(href) && addresses.add(href)).map((link) => ({ group: gettext("Go to"), label: link.textContent.trim(), href: link.href })),
  ];
}

/** Each word that was typed begins a word of the label. */
function fits({ label }, words) {
  const text = ` ${label.toLowerCase()}`;
  return words.every((word) => text.includes(` ${word}`) || (word.length > 2 && text.includes(word)));
}

function draw() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const matching = own.filter((entry) => fits(entry, words));
  options = [...found.filter(({ first }) => first), ...matching, ...found.filter(({ first }) => !first)];
  at = 0;
  const groups = new Map();
  for (const [index, entry] of options.entries()) {
    if (!groups.has(entry.group)) groups.set(entry.group, newGroup(entry.group, groups.size));
    groups.get(entry.group).append(newOption(entry, index));
  }
  list.replaceChildren(...groups.values());
  status.textContent = options.length ? interpolate(gettext("%(count)s found"), { count: options.length }) : NOTHING;
  status.classList.toggle("visually-hidden", options.length > 0);
  mark();
}

function newGroup(title, number) {
  const [group, heading] = [document.createElement("div"), document.createElement("div")];
  group.role = "group";
  heading.id = `palette-group-${number}`;
  heading.className = "label";
  heading.role = "presentation";
  heading.textContent = title;
  group.setAttribute("aria-labelledby", heading.id);
  group.append(heading);
  return group;
}

function newOption({ label, hint, key }, index) {
  const option = document.createElement("div");
  const [name, more] = [document.createElement("span"), document.createElement("small")];
  option.role = "option";
  option.id = `palette-option-${index}`;
  name.className = "clip";
  name.textContent = label;
  more.className = "muted";
  more.textContent = hint ?? "";
  option.append(name, more);
  if (key) option.append(keycap(key));
  return option;
}

function mark() {
  for (const option of list.querySelectorAll("[role=option]")) option.ariaSelected = String(option.id === `palette-option-${at}`);
  const marked = document.getElementById(`palette-option-${at}`);
  marked?.scrollIntoView({ block: "nearest" });
  if (marked) input.setAttribute("aria-activedescendant", marked.id);
  else input.removeAttribute("aria-activedescendant");
}

function choose(entry) {
  if (!entry) return;
  palette.close();
  if (entry.href) location.assign(entry.href);
  else entry.run();
}

async function ask() {
  const mine = ++asked;
  const address = `${palette.dataset.source}?${new URLSearchParams({ q: input.value })}`;
  const answer = await fetch(address).catch(() => null);
  if (answer && isSignIn(answer.url)) return signInAgain();
  if (mine !== asked || !palette.open) return;
  found = answer?.ok ? (await answer.json()).found : [];
  draw();
}

function open() {
  own = ownEntries();
  found = [];
  input.value = "";
  palette.showModal();
  draw();
  ask();
}

input.addEventListener("input", () => {
  draw();
  clearTimeout(pause);
  pause = setTimeout(ask, PAUSE);
});
input.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "Enter") choose(options[at]);
  else if (event.key in MOVES) at = Math.min(Math.max(at + MOVES[event.key], 0), Math.max(options.length - 1, 0));
  else return;
  event.preventDefault();
  mark();
});
list.addEventListener("click", (event) => {
  const option = event.target.closest("[role=option]");
  if (option) choose(options[Number(option.id.split("-").at(-1))]);
});
document.addEventListener("click", (event) => event.target.closest("[data-opens=palette]") && open());
