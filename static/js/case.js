// The case while it is held: the draft that is never lost, and the next one (the lease: lease.js). The form is
// found anew each time, for htmx may exchange it.
//   form[data-case-form]  data-draft-url
//   POST draft (the whole form)  → any 2xx; a draft outlives the lease

import { csrf, isSignIn } from "desk/session";
import { gettext } from "desk/words";

const RETRY = 5_000;
const TYPING_PAUSE = 600;
let dirty = false;
let saving = null;
let pause;

const currentForm = () => document.querySelector("form[data-case-form]");

function post(url, body, options = {}) {
  return fetch(url, { method: "POST", body, headers: csrf(), ...options });
}

// --- the draft ------------------------------------------------------------------------------

/** All that was typed, also in parts that the chosen decision hides. */
function wholeForm(form) {
  const fields = [...form.elements].filter((field) => field.name && !field.matches("button, fieldset"));
  const given = fields.filter((field) => !field.matches("[type=radio], [type=checkbox]") || field.checked);
  return new URLSearchParams(given.map((field) => [field.name, field.value]));
}

function tell(text, tone = "") {
  const status = document.getElementById("draft-status");
  if (!status) return;
  status.textContent = text;
  status.dataset.tone = tone;
}

async function save(options) {
  clearTimeout(pause);
  const form = currentForm();
  if (!form || !dirty) return;
  if (!options?.keepalive) await saving;
  dirty = false;
  tell(gettext("saving…"));
  saving = post(form.dataset.draftUrl, wholeForm(form), options).catch(() => null);
  const answer = await saving;
  if (answer?.ok && !isSignIn(answer.url)) return dirty || tell(gettext("draft saved"));
  dirty = true;
  tell(gettext("not saved"), "bad");
  pause = setTimeout(save, RETRY);
}

function changed() {
  dirty = true;
  tell(""); // "draft saved" is true no more
  clearTimeout(pause);
  pause = setTimeout(save, TYPING_PAUSE);
}

// --- the next case ---------------------------------------------------------------------------

/** A case begins at its question; focus that nothing has is lost to keyboard and screen reader. */
function arrive() {
  if (!document.activeElement || document.activeElement === document.body) {
    document.getElementById("ask")?.focus({ preventScroll: true });
  }
  if (!performance.getEntriesByName("decision sent").length) return;
  // After the next frame has been painted.
  requestAnimationFrame(() =>
    setTimeout(() => {
      performance.measure("next case painted", "decision sent");
      performance.clearMarks("decision sent");
    }),
  );
}

document.addEventListener("input", (event) => event.target.form === currentForm() && changed());
document.addEventListener("focusout", (event) => event.target.form === currentForm() && save());
document.addEventListener("submit", (event) => {
  if (event.target !== currentForm()) return;
  performance.mark("decision sent");
  // The decision itself is on its way: a draft sent after it would come back as a ghost.
  clearTimeout(pause);
  dirty = false;
});
for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failure, (event) => event.target === currentForm() && changed());
}
document.addEventListener("htmx:afterSwap", (event) => event.detail.target.id === "main" && arrive());
document.addEventListener("visibilitychange", () => document.hidden && save({ keepalive: true }));
window.addEventListener("pagehide", () => save({ keepalive: true }));
arrive();
