// Offers on screen: the time that is left, the way to them by keyboard, and the word to screen readers.
// They come and go with the live updates; nothing here decides whether an offer still stands.
//   [data-offer="7"] data-expires      one offer; [data-accept] is its first button
//   [data-offer-over="7"]              what became of one, in [data-became]; it leaves after a few seconds
//   [data-goto-offer]                  goes to the first offer; Escape goes back to where one was
//   [data-unfold]                      on a phone an offer is a line, which this opens and folds
// Tells the page handrail:alert {text, tag} for each offer that is new in this tab.

import { serverTime } from "desk/clock";
import { gettext, interpolate, ngettext } from "desk/words";

const TOLD = "handrail.offers";
const TOLD_OVER = "handrail.offers.over";
const CARD = "[data-offer], [data-offer-over]";
const urgent = document.getElementById("urgent");
const calm = document.getElementById("calm");
let cameFrom = null;
let inside = null; // the id of the card that holds the focus

const offers = () => [...document.querySelectorAll("[data-offer]")];
const secondsLeft = (offer) => Math.max(0, Math.ceil((Date.parse(offer.dataset.expires) - serverTime()) / 1000));

function countDown() {
  for (const offer of offers()) {
    const bar = offer.querySelector("[data-countdown-bar]");
    const left = Math.min(secondsLeft(offer), bar.max);
    bar.value = left;
    offer.querySelector("[data-countdown-text]").textContent = interpolate(gettext("%(seconds)s s"), { seconds: left });
    offer.toggleAttribute("data-over", left === 0);
  }
}

/** Each offer is told once, also when the person changes the page meanwhile. */
function tellNew() {
  const told = JSON.parse(sessionStorage.getItem(TOLD) ?? "[]");
  const fresh = offers().filter((offer) => !told.includes(offer.dataset.offer));
  if (!fresh.length) return;
  sessionStorage.setItem(TOLD, JSON.stringify([...told, ...fresh.map((offer) => offer.dataset.offer)].slice(-50)));
  for (const offer of fresh) {
    const title = offer.querySelector("h2").textContent;
    const text = interpolate(gettext("Offer: %(title)s"), { title });
    const seconds = secondsLeft(offer);
    const left = interpolate(ngettext("%(seconds)s second.", "%(seconds)s seconds.", seconds), { seconds });
    urgent.textContent = `${text}. ${left} ${hint(offer)}`;
    document.dispatchEvent(new CustomEvent("handrail:alert", { detail: { text, tag: `offer-${offer.dataset.offer}` } }));
  }
}

/** That one is over is no reason to interrupt: it is said when there is silence. */
function tellOver() {
  const told = JSON.parse(sessionStorage.getItem(TOLD_OVER) ?? "[]");
  const fresh = [...document.querySelectorAll("[data-offer-over]")].filter((card) => !told.includes(card.id));
  if (!fresh.length) return;
  sessionStorage.setItem(TOLD_OVER, JSON.stringify([...told, ...fresh.map((card) => card.id)].slice(-50)));
  const say = (card) => `${card.querySelector("h2").textContent}: ${card.querySelector("[data-became]").textContent.trim()}`;
  calm.textContent = fresh.map(say).join(" ");
}

function hint(offer) {
  const key = offer.querySelector("[data-goto-offer] kbd")?.textContent;
  return key ? interpolate(gettext("Press %(key)s to go to it."), { key }) : "";
}

function refresh() {
  countDown();
  tellNew();
  tellOver();
  if (inside && document.activeElement === document.body) keepFocus();
}

/** Where the focus was in an offer that is over it stays on its card; with that, it goes back to where it came from. */
function keepFocus() {
  const over = document.getElementById(inside);
  if (over) over.focus({ preventScroll: true });
  else goBack();
}

function goTo() {
  const offer = offers()[0];
  if (!offer) return false;
  if (!offer.contains(document.activeElement)) cameFrom = document.activeElement;
  offer.querySelector("[data-accept]").focus();
  return true;
}

function goBack() {
  const to = cameFrom?.isConnected && cameFrom !== document.body ? cameFrom : document.getElementById("main");
  cameFrom = inside = null;
  to?.focus({ preventScroll: true });
}

function unfold(button) {
  const isOpen = button.closest(CARD).toggleAttribute("data-open");
  button.ariaExpanded = String(isOpen);
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-goto-offer]")) goTo();
  const button = event.target.closest("[data-unfold]");
  if (button) unfold(button);
});
document.addEventListener("focusin", (event) => {
  const card = event.target.closest(CARD);
  if (card && !inside) cameFrom ??= event.relatedTarget;
  inside = card?.id ?? null;
  if (!card) cameFrom = null;
});
document.addEventListener("pointerdown", (event) => event.target.closest(CARD) || (inside = null));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && cameFrom && document.activeElement.closest(CARD)) {
    // It is not meant for a dialog that may be open.
    event.stopPropagation();
    event.preventDefault();
    document.activeElement.closest(".decline")?.removeAttribute("open");
    goBack();
  }
}, true);
document.addEventListener("handrail:morphed", refresh);
document.addEventListener("toggle", ({ target }) => {
  // Who opened it by key is in it already, perhaps further on.
  if (target.matches(".decline[open]") && !target.querySelector("form").contains(document.activeElement)) target.querySelector("[name=reason]").focus();
}, true);
setInterval(countDown, 250);
refresh();
