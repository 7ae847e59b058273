// "Why is it not moving?" follows its case while it is open and in sight: at each change of the case, and at times, for
// people come and go without one.
//   details[hx-get] with #routing, once it was opened

import { morph } from "desk/morph";
import { isSignIn } from "desk/session";

const PAUSE = 15_000;
let asked = 0;

const account = () => document.getElementById("routing")?.closest("details[open]");

async function follow() {
  const shown = account();
  if (!shown || document.hidden) return;
  const number = ++asked;
  const answer = await fetch(shown.getAttribute("hx-get"), { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || isSignIn(answer.url)) return;
  const html = await answer.text();
  if (number === asked && account() === shown) morph(html);
}

document.addEventListener("handrail:morphed", ({ target }) => target.id === "case-status" && follow());
document.addEventListener("toggle", ({ target }) => target === account() && follow(), true);
setInterval(follow, PAUSE);
