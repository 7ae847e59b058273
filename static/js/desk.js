// The desk of the person in the top bar: availability and notices. Live updates renew its elements, so each is
// found anew; what the menus hold stays outside of them.
//   #availability-menu   its buttons show which availability is on; closes once the choice is made
//   #away-held           asks what becomes of one's cases; only there while #availability data-holds some
//   #notices-menu        data-source: what it shows, fetched anew each time that it opens

import { csrf } from "desk/session";

const availability = document.getElementById("availability-menu");
const notices = document.getElementById("notices-menu");

/** Which availability is on, told on its button when the menu opens. */
function markAvailability() {
  const now = document.getElementById("availability")?.dataset.availability;
  for (const button of availability.querySelectorAll("[name=availability], [data-value]")) {
    if (button.matches("button")) button.ariaPressed = String((button.dataset.value ?? button.value) === now);
  }
}

/** Who goes away with cases in hand is asked what becomes of them. */
function askAboutHeld() {
  const asked = document.getElementById("away-held");
  asked.hidden = asked.disabled = !Number(document.getElementById("availability")?.dataset.holds);
}

function closeAvailability(event) {
  if (!event.detail.successful) return;
  const hadFocus = availability.contains(document.activeElement) || document.activeElement === document.body;
  for (const form of availability.querySelectorAll("form")) form.reset();
  availability.hidePopover();
  if (hadFocus) document.getElementById("availability")?.focus({ preventScroll: true });
}

/** Before it opens, not once it did: who types ahead must not meet questions that are about to go. */
function prepare(event) {
  if (event.newState !== "open") return;
  if (event.target === availability) {
    markAvailability();
    askAboutHeld();
  }
  if (event.target === notices) htmx.ajax("GET", notices.dataset.source, { target: notices, swap: "innerHTML" });
}

for (const menu of [availability, notices]) menu?.addEventListener("beforetoggle", prepare);
availability?.addEventListener("htmx:afterRequest", closeAvailability);
// Whoever opened it by key waits in the menu itself.
notices?.addEventListener("htmx:afterSwap", () => document.activeElement === notices && notices.querySelector("a")?.focus());

/** Who follows a notice has read it. That is told beside the link, which itself changes nothing. */
function tellRead(event) {
  const link = event.target.closest("a[data-notice]");
  if (!link) return;
  const body = new URLSearchParams({ notice: link.dataset.notice });
  fetch("/notices/read/", { method: "POST", body, headers: { ...csrf(), "HX-Request": "true" }, keepalive: true }).catch(() => null);
}

document.addEventListener("click", tellRead);
document.addEventListener("auxclick", tellRead);
