// The case while it is held: the draft that is never lost, and the next one (the lease: lease.js). The form is
// found anew each time, for htmx may exchange it.
//   form[data-case-form]  data-draft-url
//   POST draft (the whole form)  → any 2xx; a draft outlives the lease

import { Draft, wholeForm } from "desk/drafts";
import { isSignIn } from "desk/session";

const currentForm = () => document.querySelector("form[data-case-form]");

// --- the draft ------------------------------------------------------------------------------

const draft = new Draft({ form: currentForm, fields: wholeForm, status: "draft-status", name: "decision" });

// --- the next case ---------------------------------------------------------------------------

/**
 * A case begins at its question; focus that nothing has is lost to keyboard and screen reader. Nor may it be in a
 * field of the next case: htmx gives it to whatever has the id of the field that one typed in.
 */
function arrive({ swapped = false } = {}) {
  const { activeElement, body } = document;
  const isOfTheLast = swapped && activeElement?.closest("#main");
  if (!activeElement || activeElement === body || isOfTheLast) document.getElementById("ask")?.focus({ preventScroll: true });
  if (!performance.getEntriesByName("decision sent").length) return;
  // After the next frame has been painted.
  requestAnimationFrame(() =>
    setTimeout(() => {
      performance.measure("next case painted", "decision sent");
      performance.clearMarks("decision sent");
    }),
  );
}

document.addEventListener("submit", (event) => {
  if (event.target !== currentForm()) return;
  performance.mark("decision sent");
  draft.drop();
});
for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failure, (event) => event.target === currentForm() && draft.changed());
}
// Done, or refused: then the desk has kept what was sent.
document.addEventListener("htmx:beforeOnLoad", ({ target, detail: { xhr } }) => {
  const isKept = xhr.status < 400 || xhr.status === 409 || xhr.status === 422;
  if (target === currentForm() && isKept && !isSignIn(xhr.responseURL)) draft.sent();
});
document.addEventListener("htmx:afterSwap", (event) => event.detail.target.id === "main" && arrive({ swapped: true }));
arrive();
