// The lease of the case in hand: it counts down, and goes on while its person touches the desk. The form is found
// anew each time, for htmx may exchange it.
//   form[data-case-form]  data-lease-expires  data-lease-seconds  data-heartbeat-url  data-idle-seconds
//   POST heartbeat (lease_token) → 200 {"lease_expires_at", "left_behind"} | 409 {"detail"}

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
  const body = new URLSearchParams({ lease_token: form.elements.lease_token.value });
  try {
    const answer = await fetch(form.dataset.heartbeatUrl, { method: "POST", body, headers: csrf() });
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

document.addEventListener("handrail:lease", (event) => event.detail.held || loseLease(event.detail.text));
document.addEventListener("htmx:load", countDown);
// Going away and coming back changes for how long a case is kept.
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.closest("#availability-menu, #stay")) nextBeat = 0;
});
setInterval(countDown, 1000);
countDown();
