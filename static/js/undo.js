// For a few seconds a decision can be undone. What says so counts them down and goes away with them.
//   form[data-undo-until]   ends at that time by the server's clock; [data-undo-left] shows the seconds left

import { serverTime } from "desk/clock";

function showLeft(form) {
  const left = Math.ceil((Date.parse(form.dataset.undoUntil) - serverTime()) / 1000);
  const shown = form.querySelector("[data-undo-left]");
  if (left > 0) {
    // Two clocks may differ by a little: it never counts up.
    if (left < Number(shown.textContent)) shown.textContent = left;
    return;
  }
  leave(form);
  // A toast that tells of something else, too, stays without the form.
  (form.closest(".toast.success") ?? form).remove();
}

function leave(element) {
  if (element.contains(document.activeElement)) document.querySelector("#ask, #main")?.focus({ preventScroll: true });
}

const showAll = () => document.querySelectorAll("form[data-undo-until]").forEach(showLeft);

document.addEventListener("submit", (event) => {
  // It is on its way, and counts no more.
  if (event.target.matches("form[data-undo-until]")) event.target.removeAttribute("data-undo-until");
});
document.addEventListener("htmx:beforeSwap", (event) => event.detail.elt.matches("form.undo") && leave(event.detail.target));
setInterval(showAll, 250);
showAll();
