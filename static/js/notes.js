// Private notes: sent without leaving the page (their @mentions: mentions.js).
//   form[data-note-form]   POST action (body, key) → 200 html to morph in | 422 {"detail"}; Ctrl or Cmd Enter sends it,
//                          which elsewhere submits the decision
//   data-draft-url         keeps what is typed (drafts.js)

import { Draft } from "desk/drafts";
import { morphUnlessOlder } from "desk/morph";
import { newKey, persistently } from "desk/send";
import { isSignIn, signInAgain } from "desk/session";
import { gettext } from "desk/words";

const NO_ANSWER = gettext("No answer from the desk. Your note is still here; try again.");
const TRYING = gettext("No answer from the desk yet. Trying again…");

const field = () => document.getElementById("note-body");

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

const keyName = (form) => `handrail.note.${form.dataset.keptAs}`;

/** The key of the note that is being written, the same after a reload: a note that did arrive is added once. */
function keyFor(form) {
  const name = keyName(form);
  if (!sessionStorage.getItem(name)) sessionStorage.setItem(name, newKey());
  return sessionStorage.getItem(name);
}

async function add(form) {
  const area = field();
  const body = area.value;
  tell("");
  await draft.drop();
  const answer = await persistently(
    form.action,
    { body, key: keyFor(form) },
    { isWanted: () => field() === area, onPause: () => tell(TRYING) },
  );
  if (answer?.ok) sessionStorage.removeItem(keyName(form));
  // The next case may have come meanwhile: this note is no business of its page.
  if (field() !== area) return;
  tell("");
  if (!answer?.ok || area.value !== body) draft.changed();
  if (!answer) return tell(NO_ANSWER);
  if (isSignIn(answer.url)) return signInAgain();
  if (answer.status === 422) return tell(JSON.parse(answer.text).detail);
  if (!answer.ok) return tell(NO_ANSWER);
  if (area.value === body) {
    area.value = "";
    draft.sent();
  }
  morphUnlessOlder(answer.text, "case-status");
}

document.addEventListener(
  "keydown",
  (event) => {
    const isSending = event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing;
    if (event.target !== field() || !isSending) return;
    event.preventDefault();
    event.stopPropagation();
    field().form.requestSubmit();
  },
  true,
);
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-note-form]")) return;
  event.preventDefault();
  add(event.target);
});
