// Names are completed behind an @ in a private note.
//   #note-body; its form's data-people-url?q=…   options (li[role=option][data-username]) for #mentionable; arrows
//                                                choose, Enter or Tab takes, Escape closes

import { isSignIn } from "desk/session";

const BEHIND_AN_AT = /(?<![\w@.+-])@([\w.+-]*)$/;
let pause;
let asked = 0;

const field = () => document.getElementById("note-body");
const list = () => document.getElementById("mentionable");
const options = () => [...list().children];

const typed = () => field().value.slice(0, field().selectionStart).match(BEHIND_AN_AT)?.[1];

async function complete() {
  const name = typed();
  if (name === undefined) return close();
  const number = ++asked;
  const address = `${field().form.dataset.peopleUrl}?q=${encodeURIComponent(name)}`;
  const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || isSignIn(answer.url) || number !== asked || typed() !== name) return;
  list().innerHTML = await answer.text();
  if (!options().length) return close();
  list().hidden = false;
  list().scrollIntoView({ block: "nearest" });
  choose(0);
}

function close() {
  asked++;
  clearTimeout(pause);
  list().hidden = true;
  field().removeAttribute("aria-activedescendant");
}

function choose(index) {
  const all = options();
  const chosen = all.at(index % all.length);
  for (const option of all) option.ariaSelected = String(option === chosen);
  chosen.scrollIntoView({ block: "nearest" });
  field().setAttribute("aria-activedescendant", chosen.id);
}

function take(option) {
  const area = field();
  const end = area.selectionStart;
  const start = end - typed().length;
  area.setRangeText(`${option.dataset.username} `, start, end, "end");
  close();
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}

function onKey(event) {
  if (event.target !== field() || event.isComposing || list().hidden) return;
  const at = options().findIndex((option) => option.ariaSelected === "true");
  const act = {
    ArrowDown: () => choose(at + 1),
    ArrowUp: () => choose(at - 1),
    Enter: () => take(options()[at]),
    Tab: () => take(options()[at]),
    Escape: close,
  }[event.key];
  if (!act || event.shiftKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

document.addEventListener("keydown", onKey, true);
document.addEventListener("input", (event) => {
  if (event.target !== field()) return;
  clearTimeout(pause);
  pause = setTimeout(complete, 120);
});
document.addEventListener("focusout", (event) => event.target === field() && close());
// Before the field loses the focus.
document.addEventListener("pointerdown", (event) => {
  const option = event.target.closest("#mentionable [role=option]");
  if (!option) return;
  event.preventDefault();
  take(option);
});
document.addEventListener("submit", (event) => event.target.matches("[data-note-form]") && close());
