// What surrounds every page: toasts, the loading bar, failures told in words, the theme, side sheets.

import "desk/kept"; // forgets, on each page, what may stay in this browser no longer
import { csrf, isSignIn, signInAgain } from "desk/session";
import { gettext, interpolate } from "desk/words";

const toasts = document.getElementById("toasts");
const loading = document.getElementById("loading");
const FAILURES = {
  0: gettext("No connection. Nothing was changed; try again."),
  403: gettext("You are not allowed to do that, or the page is too old. Reload it."),
  404: gettext("That is not there any more."),
  429: gettext("Too many requests at once. Wait a moment."),
};
const RETRY = 3_000;
let requests = 0;

/** Say something at the foot of the page. What went wrong stays until it is dismissed. */
function toast({ tone = "good", text }) {
  const element = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  element.classList.add(tone);
  element.querySelector("span").textContent = text;
  toasts.append(element);
  if (tone === "good") fadeLater(element);
}

function fadeLater(element) {
  setTimeout(() => (element.matches(":hover, :focus-within") ? fadeLater(element) : element.remove()), 8000);
}

/** What the server said with the page. */
function fadeTold() {
  for (const told of toasts.querySelectorAll(".success, .info")) fadeLater(told);
}

/** What comes after its page (hx-trigger="load, again") asks again by itself: nobody pressed anything. */
function onFailure(event) {
  const part = event.target;
  const status = event.detail.xhr.status;
  const isForNow = !status || status >= 500;
  if (isForNow && part.matches("[hx-trigger$=again]")) return setTimeout(() => htmx.trigger(part, "again"), RETRY);
  toast({ tone: "bad", text: FAILURES[status] ?? gettext("The desk did not answer. Nothing was changed; try again.") });
}

function count(change) {
  requests = Math.max(0, requests + change);
  loading.classList.toggle("on", requests > 0);
}

async function chooseTheme(event) {
  const { name, value } = event.submitter ?? {};
  if (name !== "theme") return;
  event.preventDefault();
  const form = event.target;
  const body = new FormData(form, event.submitter);
  if (value === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = value;
  for (const button of form.elements) {
    if (button.name === "theme") button.ariaPressed = String(button.value === value);
  }
  document.dispatchEvent(new CustomEvent("handrail:theme"));
  const headers = { ...csrf(), "HX-Request": "true" };
  const answer = await fetch(form.action, { method: "POST", body, headers }).catch(() => null);
  if (!answer?.ok) toast({ tone: "bad", text: gettext("The theme holds for this page, but could not be saved.") });
}

/** Times in words are the server's: offer this browser's time zone where the person has another. */
function offerTimezone() {
  const button = document.querySelector("[data-timezone]");
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!button || !here || here === button.dataset.timezone) return;
  button.value = here;
  button.querySelector("span").textContent = interpolate(gettext("Times of %(place)s"), { place: here.replaceAll("_", " ") });
  button.hidden = false;
}

function openSheet(sheet) {
  if (!sheet.contains(document.activeElement)) sheet.returnTo = document.activeElement;
  markRow(sheet.returnTo.closest("[data-row]"));
  sheet.show();
  sheet.tabIndex = -1;
  sheet.focus({ preventScroll: true });
}

/** The row that the sheet is about stays marked while it is open. */
function markRow(row) {
  document.querySelector("[data-peeked]")?.removeAttribute("data-peeked");
  row?.setAttribute("data-peeked", "");
}

function closeSheet(sheet) {
  sheet.close();
  markRow(null);
  if (sheet.returnTo?.isConnected) sheet.returnTo.focus();
}

document.body.addEventListener("handrail:toast", (event) => toast(event.detail));
document.body.addEventListener("htmx:responseError", onFailure);
document.body.addEventListener("htmx:sendError", onFailure);
document.body.addEventListener("htmx:beforeRequest", () => count(1));
document.body.addEventListener("htmx:afterRequest", () => count(-1));
document.body.addEventListener("htmx:beforeSwap", (event) => {
  // A session that ended answers with the sign-in page: that belongs in the window, not in a part of it.
  const address = event.detail.xhr.responseURL;
  if (address && isSignIn(address)) {
    event.detail.shouldSwap = false;
    signInAgain();
  }
});
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.matches("dialog[data-sheet]")) openSheet(event.detail.target);
});
document.body.addEventListener("htmx:oobAfterSwap", (event) => event.detail.target === toasts && fadeTold());
document.addEventListener("submit", (event) => event.target.matches("[data-theme-form]") && chooseTheme(event));
document.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss]")?.closest(".toast").remove();
  const sheet = event.target.closest("[data-close]")?.closest("dialog");
  if (sheet) closeSheet(sheet);
});
document.addEventListener("keydown", (event) => {
  const sheet = event.key === "Escape" && !document.querySelector("dialog:modal") && document.querySelector("[data-sheet][open]");
  if (sheet) closeSheet(sheet);
});
offerTimezone();
fadeTold();
