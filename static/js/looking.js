// Who has this case and who else has its page open: all is drawn for everybody, and what is of oneself is shown as
// one's own, or hidden, here.
// And what led here counts as read once the page is in sight: POST /notices/read/ (case), beside the page.

import { person } from "desk/keymap";
import { csrf } from "desk/session";

let told = -1;

function showOwn() {
  for (const pill of document.querySelectorAll("[data-holder]")) {
    const isOwn = Number(pill.dataset.holder) === person.id;
    pill.querySelector("[data-own]").hidden = !isOwn;
    pill.querySelector("[data-others]").hidden = isOwn;
  }
  for (const pill of document.querySelectorAll("[data-looker]")) pill.hidden = Number(pill.dataset.looker) === person.id;
}

/** Told when the case comes into sight, and when a notice comes while it is. */
function tellRead() {
  const bell = document.getElementById("bell")?.dataset;
  const status = document.getElementById("case-status");
  if (document.hidden || !status || !Number(bell?.unread) || told === Number(bell.newest)) return;
  told = Number(bell.newest);
  const body = new URLSearchParams({ case: status.dataset.case });
  fetch("/notices/read/", { method: "POST", body, headers: { ...csrf(), "HX-Request": "true" } }).catch(() => (told = -1));
}

function arrive() {
  showOwn();
  told = -1;
  tellRead();
}

document.addEventListener("handrail:morphed", ({ target }) => {
  showOwn();
  if (target.id === "bell") tellRead();
});
document.addEventListener("htmx:afterSwap", ({ detail }) => (detail.target.id === "main" ? arrive() : showOwn()));
document.addEventListener("visibilitychange", tellRead);
arrive();
