// The lease of the case in hand: it counts down, and goes on while its person touches the desk. The form is found
// anew each time, for htmx may exchange it.
//   form[data-case-form]  data-lease-expires  data-lease-seconds  data-heartbeat-url  data-idle-seconds
//   POST heartbeat (lease_token) → 200 {"lease_expires_at", "left_behind"} | 409 {"detail", "holder", "state"}

import { clockText, serverTime } from "desk/clock";
import { idleFor } from "desk/idle";
import { csrf, isSignIn, signInAgain } from "desk/session";

const HEARTBEAT = 30_000;
const RETRY = 5_000;
// Whoever is away is told at once for how long they keep the case.
let nextBeat = document.querySelector("#availability[data-availability=away]") ? 0 : Date.now() + HEARTBEAT;

const currentForm = () => document.querySelector("form[data-case-form]");

function countDown() {
  const form = currentForm();
  const end = Date.parse(form?.dataset.leaseExpires ?? "");
  if (Number.isNaN(end)) return;
  if ("lost" in form.dataset) {
    // No event tells of another person's lease that ran out.
    if (!mayClaim() && Date.now() >= nextBeat) beat(form);
    return;
  }
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
  const body = new URLSearchParams({ lease_token: form.elements.lease_token.value });
  try {
    const answer = await fetch(form.dataset.heartbeatUrl, { method: "POST", body, headers: csrf() });
    if (isSignIn(answer.url)) return signInAgain();
    if (!answer.ok && answer.status !== 409) throw new Error(`heartbeat answered ${answer.status}`);
    const told = await answer.json();
    // The next case may have come meanwhile, with a lease of its own.
    if (form !== currentForm()) return;
    if (!answer.ok) return loseLease(told);
    form.dataset.leaseExpires = told.lease_expires_at;
    document.getElementById("left-behind").hidden = !told.left_behind;
  } catch {
    nextBeat = Date.now() + RETRY;
  }
}

const claimAgain = () => document.querySelector("#lease-lost button");
const mayClaim = () => !claimAgain()?.hidden;

/** Someone else has the case: what was typed stays and is kept, only sending and moving it ends. */
function loseLease({ detail: text, holder, state }) {
  const form = currentForm();
  if (!form) return;
  const banner = document.getElementById("lease-lost");
  const line = banner.querySelector("[data-lease-lost-text]");
  if (text && line.textContent !== text) line.textContent = text;
  // Only a case that waits can be claimed again.
  if (state && claimAgain()) claimAgain().hidden = Boolean(holder) || !["queued", "claimed"].includes(state);
  if ("lost" in form.dataset) return;
  form.dataset.lost = "";
  banner.hidden = false;
  form.querySelector("[data-countdown]").textContent = "0:00";
  for (const warning of form.querySelectorAll("#still-there, #left-behind")) warning.hidden = true;
  for (const button of form.querySelectorAll("[data-submit], [data-for-holder]")) button.disabled = true;
  for (const move of document.querySelectorAll("#more-moves [data-move]")) move.ariaDisabled = "true";
  document.querySelector("#more-moves:popover-open")?.hidePopover();
}

document.addEventListener("handrail:lease", ({ detail }) => detail.held || loseLease({ ...detail, detail: detail.text }));
document.addEventListener("htmx:load", countDown);
// Going away and coming back changes for how long a case is kept.
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.closest("#availability-menu, #stay")) nextBeat = 0;
});
setInterval(countDown, 1000);
countDown();
