// How much of the foot of the window has a use of its own, so that toasts stand above it: --foot on the root.
//   [data-foot]   lies along the foot where it ends at it, or at another one that does, under the middle of the toasts

const toasts = document.getElementById("toasts");
const style = document.documentElement.style;
const watch = new ResizeObserver(measure);
let watched = [];

function measure() {
  const place = toasts.getBoundingClientRect();
  const middle = (place.left + place.right) / 2;
  const boxes = watched.map((one) => one.getBoundingClientRect()).filter((box) => box.height > 0 && box.left < middle && middle < box.right);
  let top = innerHeight;
  for (const box of boxes.sort((one, other) => other.bottom - one.bottom)) {
    if (box.bottom >= top - 2) top = Math.min(top, box.top);
  }
  style.setProperty("--foot", `${Math.max(0, Math.round(innerHeight - top))}px`);
}

function start() {
  const now = [...document.querySelectorAll("[data-foot], #offers")];
  if (now.length === watched.length && now.every((one, at) => one === watched[at])) return measure();
  watch.disconnect();
  watched = now;
  for (const one of watched) watch.observe(one);
}

for (const change of ["htmx:afterSwap", "handrail:morphed"]) document.addEventListener(change, start);
window.addEventListener("resize", measure);
start();
