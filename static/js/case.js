// The case while it is held: the lease that counts down and the draft that is never lost. The form is
// found anew each time, for htmx may exchange it.
//   form[data-case-form]  data-lease-expires  data-lease-seconds  data-heartbeat-url  data-draft-url  data-idle-seconds
//   POST heartbeat (lease_token) → 200 {"lease_expires_at", "left_behind"} | 409 {"detail"}
//   POST draft (the whole form)  → any 2xx; a draft outlives the lease

import { clockText, serverTime } from "desk/clock";
import { idleFor } from "desk/idle";
import { csrf, isSignIn, signInAgain } from "desk/session";
import { gettext } from "desk/words";

const HEARTBEAT = 30_000;
const RETRY = 5_000;
const TYPING_PAUSE = 600;
// Whoever is away is told at once for how long they keep the case.
let nextBeat = document.querySelector("#availability[data-availability=away]") ? 0 : Date.now() + HEARTBEAT;
let dirty = false;
let saving = null;
let pause;

const currentForm = () => document.querySelector("form[data-case-form]");

function post(url, body, options = {}) {
  return fetch(url, { method: "POST", body, headers: csrf(), ...options });
}

// --- the lease ------------------------------------------------------------------------------

function countDown() {
  const form = currentForm();
  const end = Date.parse(form?.dataset.leaseExpires ?? "");
  if (Number.isNaN(end) || "lost" in form.dataset) return;
  const left = end - serverTime();
  const total = Number(form.dataset.leaseSeconds ?? 120) * 1000;
  form.querySelector("[data-countdown]").textContent = clockText(Math.max(left, 0));
  form.querySelector(".lease").dataset.tone = left <= 0 ? "bad" : left < total / 5 ? "warn" : "";
  const isIdle = idleFor() >= Number(form.dataset.idleSeconds) * 1000;
  askWhetherThere(form, isIdle);
  if (!isIdle && Date.now() >= nextBeat) beat(form);
}

/** Nobody keeps a case by leaving its page open. Any input says that they are there, and the lease goes on. */
function askWhetherThere(form, isIdle) {
  const question = document.getElementById("still-there");
  if (question.hidden !== isIdle) return;
  question.hidden = !isIdle;
  if (!isIdle) return;
  const detail = { text: question.textContent.trim(), tag: `idle-${form.dataset.leaseExpires}` };
  document.dispatchEvent(new CustomEvent("handrail:alert", { detail }));
}

async function beat(form) {
  nextBeat = Date.now() + HEARTBEAT;
  try {
    const answer = await post(form.dataset.heartbeatUrl, new URLSearchParams({ lease_token: form.elements.lease_token.value }));
    if (isSignIn(answer.url)) return signInAgain();
    if (answer.status === 409) return loseLease((await answer.json()).detail);
    if (!answer.ok) throw new Error(`heartbeat answered ${answer.status}`);
    const told = await answer.json();
    form.dataset.leaseExpires = told.lease_expires_at;
    document.getElementById("left-behind").hidden = !told.left_behind;
  } catch {
    nextBeat = Date.now() + RETRY;
  }
}

/** Someone else has the case: what was typed stays and is kept, only sending it ends. */
function loseLease(text) {
  const form = currentForm();
  if (!form || "lost" in form.dataset) return;
  form.dataset.lost = "";
  const banner = document.getElementById("lease-lost");
  banner.hidden = false;
  if (text) banner.querySelector("[data-lease-lost-text]").textContent = text;
  form.querySelector("[data-countdown]").textContent = "0:00";
  for (const warning of form.querySelectorAll("#still-there, #left-behind")) warning.hidden = true;
  for (const button of form.querySelectorAll("[data-submit]")) button.disabled = true;
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
document.addEventListener("handrail:lease", (event) => event.detail.held || loseLease(event.detail.text));
document.addEventListener("htmx:load", countDown);
// Going away and coming back changes for how long a case is kept.
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.closest("#availability-menu, #stay")) nextBeat = 0;
});
document.addEventListener("htmx:afterSwap", (event) => event.detail.target.id === "main" && arrive());
document.addEventListener("visibilitychange", () => document.hidden && save({ keepalive: true }));
window.addEventListener("pagehide", () => save({ keepalive: true }));
setInterval(countDown, 1000);
countDown();
arrive();
