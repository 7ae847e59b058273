// The conversation with the user: what the operator sends, that the user is typing, and the scroll.
//   textarea#say[data-say-url]   Enter sends, also with Ctrl or Cmd, which elsewhere submits the decision;
//                                Shift Enter makes a new line. Its fields are part of the decision form's draft.
//   POST say_url (say, say_links, lease_token) → 200 html to morph in | 409, 422 {"detail"}
//   [data-keep-end]              a box that stays at its end while it grows, if it was there
//   [data-until]                 goes away at that time by the server's clock

import { serverTime } from "desk/clock";
import { morph } from "desk/morph";
import { csrf, isSignIn, signInAgain } from "desk/session";
import { gettext } from "desk/words";

const NO_ANSWER = gettext("No answer from the desk. See above whether it arrived before you send it again.");
let sending = false;
let typingTimer;

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
  const sent = { say: area.value, say_links: links.value };
  tell("");
  const answer = await post(area.dataset.sayUrl, { ...sent, lease_token: form.elements.lease_token.value });
  sending = false;
  // The next case may have come meanwhile: what was sent is no business of its page.
  if (composer() !== area) return;
  if (!answer) return tell(NO_ANSWER);
  if (isSignIn(answer.url)) return signInAgain();
  if (answer.ok) return done(await answer.text(), area, links, sent);
  const detail = answer.headers.get("Content-Type")?.includes("json") ? (await answer.json()).detail : NO_ANSWER;
  tell(detail);
  if (answer.status === 409) {
    document.dispatchEvent(new CustomEvent("handrail:lease", { detail: { held: false, text: detail } }));
  }
}

function post(url, fields) {
  const headers = { ...csrf(), "HX-Request": "true" };
  return fetch(url, { method: "POST", body: new URLSearchParams(fields), headers }).catch(() => null);
}

/** What was sent is gone from the composer, what was typed meanwhile stays. */
function done(html, area, links, sent) {
  if (area.value.startsWith(sent.say)) area.value = area.value.slice(sent.say.length).trimStart();
  if (links.value === sent.say_links) links.value = "";
  area.dispatchEvent(new Event("input", { bubbles: true })); // saves the draft without it
  const box = document.querySelector("[data-keep-end]");
  if (box) box.dataset.keepEnd = "yes";
  morph(html);
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
function refresh() {
  keepEnd();
  showTyping();
}

for (const change of ["handrail:morphed", "htmx:load"]) document.addEventListener(change, refresh);
refresh();
