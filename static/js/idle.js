// How long nobody has touched the desk. Input in any of its tabs counts: people look things up in another one.

const LAST = "handrail.input";
const NOTED_EACH = 5_000;
let last = Date.now();
let noted = 0;

/** Milliseconds since the last input. */
export const idleFor = () => Date.now() - Math.max(last, Number(localStorage.getItem(LAST) ?? 0));

function touched() {
  last = Date.now();
  if (last - noted < NOTED_EACH) return;
  noted = last;
  localStorage.setItem(LAST, String(last));
}

for (const input of ["keydown", "pointerdown", "pointermove", "wheel", "touchstart", "focus"]) {
  window.addEventListener(input, touched, { capture: true, passive: true });
}
