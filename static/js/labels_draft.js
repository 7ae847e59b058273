// The labels of a review, of a correction or of a gold item as they are typed: a draft that is never lost.
//   form[data-labels-form]   data-draft-url, data-kept-as
//   form[data-discard-draft] forgets what was kept
//   [data-reviews-kept]      the review that this person has, as its form's data-kept-as, or nothing

import { Draft, wholeForm } from "desk/drafts";
import { forgetOthers } from "desk/kept";

// A desk that does not answer keeps nobody from sending.
const PATIENCE = 3_000;

const form = () => document.querySelector("form[data-labels-form]");
const draft = new Draft({ form, fields: wholeForm, status: "draft-status", name: "labels" });
let isReady = false;

const patiently = (done) => Promise.race([done, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);

/** Once the desk has it, no copy is left in this browser, and no late draft comes after what was sent. */
async function settle(target) {
  if (target === form()) return patiently(draft.arrived());
  await patiently(draft.drop());
  draft.sent();
}

document.addEventListener("submit", async (event) => {
  const { target, submitter } = event;
  if (isReady || (target !== form() && !target.matches("[data-discard-draft]"))) return;
  event.preventDefault();
  await settle(target);
  isReady = true;
  target.requestSubmit(submitter);
  isReady = false;
});

// One has one review at a time: what was typed into another has been sent.
const kept = document.querySelector("[data-reviews-kept]");
if (kept) forgetOthers("review", kept.dataset.reviewsKept);
