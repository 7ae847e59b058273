// Private notes: sent without leaving the page, with people's names completed behind an @.
//   form[data-note-form]   POST action (body) → 200 html to morph in | 422 {"detail"}; Ctrl or Cmd Enter sends it,
//                          which elsewhere submits the decision
//   data-draft-url         keeps what is typed (drafts.js)
//   data-people-url?q=…    options (li[role=option][data-username]) for #mentionable; arrows choose, Enter or Tab
//                          takes, Escape closes

import { Draft } from "desk/drafts";
import { morphUnlessOlder } from "desk/morph";
import { csrf, isSignIn, signInAgain } from "desk/session";
import { gettext } from "desk/words";

const NO_ANSWER = gettext("No answer from the desk. Your note is still here; try again.");
const BEHIND_AN_AT = /(?<![\w@.+-])@([\w.+-]*)$/;
let pause;
let asked = 0;

const field = () => document.getElementById("note-body");
const list = () => document.getElementById("mentionable");
const options = () => [...list().children];

const draft = new Draft({
  form: () => document.querySelector("[data-note-form]"),
  fields: () => new URLSearchParams({ body: field().value }),
  status: "note-status",
  name: "note",
});

function tell(text) {
  document.getElementById("note-error").textContent = text;
  field().ariaInvalid = text ? "true" : "false";
}

async function add(form) {
  const area = field();
  const body = area.value;
  tell("");
  close();
  await draft.drop();
  const headers = { ...csrf(), "HX-Request": "true" };
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams({ body }), headers }).catch(() => null);
  // The next case may have come meanwhile: this note is no business of its page.
  if (field() !== area) return;
  if (!answer?.ok || area.value !== body) draft.changed();
  if (!answer) return tell(NO_ANSWER);
  if (isSignIn(answer.url)) return signInAgain();
  if (answer.status === 422) return tell((await answer.json()).detail);
  if (!answer.ok) return tell(NO_ANSWER);
  if (area.value === body) {
    area.value = "";
    draft.sent();
  }
  morphUnlessOlder(await answer.text(), "case-status");
}

// --- mentions -------------------------------------------------------------------------------

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
  draft.changed();
  close();
  area.focus();
}

function onKey(event) {
  if (event.target !== field() || event.isComposing) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    event.stopPropagation();
    field().form.requestSubmit();
  } else if (!list().hidden) onKeyInList(event);
}

function onKeyInList(event) {
  const at = options().findIndex((option) => option.ariaSelected === "true");
  const act = {
    ArrowDown: () => choose(at + 1),
    ArrowUp: () => choose(at - 1),
    Enter: () => take(options()[at]),
    Tab: () => take(options()[at]),
    Escape: close,
  }[event.key];
  if (!act || event.shiftKey) return;
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
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-note-form]")) return;
  event.preventDefault();
  add(event.target);
});
