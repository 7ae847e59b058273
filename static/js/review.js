// The labels of a review as they are typed: a draft that is never lost.
//   form[data-review-form]   data-draft-url, data-kept-as
//   [data-reviews-kept]      the review that this person has, as its form's data-kept-as, or nothing

import { Draft, wholeForm } from "desk/drafts";
import { forgetOthers } from "desk/kept";

const form = () => document.querySelector("form[data-review-form]");
const draft = new Draft({ form, fields: wholeForm, status: "draft-status", name: "review" });

document.addEventListener("submit", (event) => event.target === form() && draft.drop());

// One has one review at a time: what was typed into another has been sent.
forgetOthers("review", document.querySelector("[data-reviews-kept]").dataset.reviewsKept);
