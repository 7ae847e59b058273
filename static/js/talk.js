// The conversation with the user: what the operator sends, that the user is typing, and the scroll.
//   textarea#say[data-say-url]   Enter sends, also with Ctrl or Cmd, which elsewhere submits the decision;
//                                Shift Enter makes a new line. Its fields are part of the decision form's draft.
//   POST say_url (say, say_links, say_key, lease_token) → 200 html to morph in | 409, 422 {"detail"}; without an
//                                answer it is sent again, for the same words under one key are said once
//   [data-keep-end]              a box that stays at its end while it grows, if it was there
//   [data-until]                 goes away at that time by the server's clock

import { serverTime } from "desk/clock";
import { morphUnlessOlder } from "desk/morph";
import { newKey, persistently } from "desk/send";
import { isSignIn, signInAgain } from "desk/session";
import { gettext } from "desk/words";

const NO_ANSWER = gettext("No answer from the desk. Send it again: what has arrived is not sent twice.");
const TRYING = gettext("No answer from the desk yet. Trying again…");
let sending = false;
let typingTimer;
let heard = 0;

const newest = () => Number([...document.querySelectorAll(".bubble.user")].at(-1)?.id.replace("said-", "") ?? 0);
const composer = () => document.getElementById("say");

function tell(text) {
  document.getElementById("say-error").textContent = text;
  composer().ariaInvalid = text ? "true" : "false";
}

async function send() {
  const area = composer();
  const form = area.form;
  if (sending || !form) return;
  if ("lost" in form.dataset) return tell(gettext("Your claim has ended. Claim the case again; your words are kept."));
  sending = true;
  const links = document.getElementById("say-links");
  const key = document.getElementById("say-key");
  const sent = { say: area.value, say_links: links.value, say_key: key.value };
  tell("");
  const answer = await persistently(
    area.dataset.sayUrl,
    { ...sent, lease_token: form.elements.lease_token.value },
    { isWanted: () => composer() === area, onPause: () => tell(TRYING) },
  );
  sending = false;
  // The next case may have come meanwhile: what was sent is no business of its page.
  if (composer() !== area) return;
  if (!answer) return tell(NO_ANSWER);
  if (isSignIn(answer.url)) return signInAgain();
  if (answer.ok) return done(answer.text, area, links, key, sent);
  const detail = answer.type?.includes("json") ? JSON.parse(answer.text).detail : NO_ANSWER;
  tell(detail);
  if (answer.status === 409) {
    document.dispatchEvent(new CustomEvent("handrail:lease", { detail: { held: false, text: detail } }));
  }
}

/** What was sent is gone from the composer, what was typed meanwhile stays. */
function done(html, area, links, key, sent) {
  tell("");
  key.value = newKey();
  if (area.value.startsWith(sent.say)) area.value = area.value.slice(sent.say.length).trimStart();
  if (links.value === sent.say_links) links.value = "";
  area.dispatchEvent(new Event("input", { bubbles: true })); // saves the draft without it
  const box = document.querySelector("[data-keep-end]");
  if (box) box.dataset.keepEnd = "yes";
  morphUnlessOlder(html, "case-status");
}

function onKey(event) {
  if (event.key !== "Enter" || event.target !== composer() || event.isComposing || event.shiftKey) return;
  event.preventDefault();
  event.stopPropagation();
  if (!event.repeat) send();
}

function showTyping() {
  clearTimeout(typingTimer);
  const hint = document.querySelector("#user-typing [data-until]");
  if (!hint) return;
  const left = Date.parse(hint.dataset.until) - serverTime();
  if (left <= 0) hint.remove();
  else typingTimer = setTimeout(showTyping, left + 50);
}

/** Who has the case and looks at another tab hears of the user as of a notice. */
function tellNew() {
  const last = newest();
  if (last > heard && document.hidden && composer()) {
    document.dispatchEvent(new CustomEvent("handrail:alert", { detail: { text: gettext("The user wrote to you."), tag: `turn-${last}` } }));
  }
  heard = last;
}

const isAtEnd = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < 24;

function keepEnd() {
  for (const box of document.querySelectorAll("[data-keep-end]")) {
    if (box.dataset.keepEnd !== "no") box.scrollTop = box.scrollHeight;
  }
}

/** Keys bring the focus without the scroll: a field to write in must be seen whole. */
function showWhole(event) {
  event.target.closest(".composer, .note-form")?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", onKey, true);
document.addEventListener("focusin", showWhole);
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-say]")) return;
  event.preventDefault();
  send();
});
document.addEventListener(
  "scroll",
  ({ target }) => target.matches?.("[data-keep-end]") && (target.dataset.keepEnd = isAtEnd(target) ? "yes" : "no"),
  true,
);
function refresh(event) {
  keepEnd();
  if (event?.type === "handrail:morphed") tellNew();
  else heard = newest();
  showTyping();
}

for (const change of ["handrail:morphed", "htmx:load"]) document.addEventListener(change, refresh);
refresh();
