// How long somebody works on a case: while its page is in sight, the form is there, and they touch the desk. It goes
// with the decision; the desk takes no more than the time for which the case was held.
//   input[data-active-for]   its value is set; what it is about, so that a page that is loaded again goes on counting

import { idleFor } from "desk/idle";

const COUNTED = "handrail.active";
const IDLE = 60_000;
const EACH = 1_000;
let last = performance.now();

function count() {
  const passed = Math.min(performance.now() - last, 2 * EACH);
  last = performance.now();
  const field = document.querySelector("input[data-active-for]");
  if (!field || document.hidden || idleFor() > IDLE) return;
  const about = field.dataset.activeFor;
  const kept = JSON.parse(sessionStorage.getItem(COUNTED) ?? "{}");
  const seconds = (kept.about === about ? kept.seconds : 0) + passed / 1000;
  sessionStorage.setItem(COUNTED, JSON.stringify({ about, seconds }));
  field.value = seconds.toFixed(1);
}

setInterval(count, EACH);
// What has passed since the last tick counts, too.
document.addEventListener("submit", count, true);
