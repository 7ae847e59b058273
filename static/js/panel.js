// The decision side of a case follows the case: it is fetched anew once what it stands for is over.
//   #side[data-panel]   what it stands for, as #case-status[data-panel] tells of the case now; data-panel-url has it
// Who decides keeps the form and what they typed: that their claim has ended is told in it (case.js).

import { morph } from "desk/morph";
import { isSignIn } from "desk/session";

const side = () => document.getElementById("side");
const isOver = () => side() && !side().querySelector("form[data-case-form]") && side().dataset.panel !== document.getElementById("case-status")?.dataset.panel;

async function follow() {
  if (!isOver()) return;
  const before = side();
  const answer = await fetch(before.dataset.panelUrl, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || isSignIn(answer.url)) return;
  const html = await answer.text();
  // Another case, or a newer answer, may have come meanwhile.
  if (side() !== before || !isOver()) return;
  morph(html);
  htmx.trigger(side(), "htmx:load");
}

document.addEventListener("handrail:morphed", ({ target }) => target.id === "case-status" && follow());
