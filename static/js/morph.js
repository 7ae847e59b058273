// Fresh markup into the page without losing focus, scroll, selection or what is open.
//   data-version="7"     an element never goes back to an older version
//   data-hold            in here, rows of [data-rows] keep their places while the pointer or focus is inside;
//                        what is new waits behind #new-pill

import { cursorIn, isBefore } from "desk/cursors";
import { interpolate, ngettext } from "desk/words";

const waiting = new Map(); // id of a held zone → its newest markup

const isHeld = (zone) => zone.matches(":hover") || zone.contains(document.activeElement);

const callbacks = {
  beforeNodeMorphed(old, fresh) {
    // The pill tells what waits in this browser: the server's copy knows nothing of it.
    if (old.id === "new-pill") return false;
    const [had, has] = [old.dataset?.version, fresh.dataset?.version];
    return !(had && has && old.id === fresh.id && Number(has) < Number(had));
  },
  beforeAttributeUpdated(name, element) {
    if (name === "checked" && element.matches("[data-pick]")) return false;
    if (name === "aria-expanded" && element.matches("[data-unfold]")) return false;
    return !(["data-peeked", "data-keep-end", "data-open"].includes(name) || (name === "open" && element.matches("details, dialog")));
  },
  afterNodeAdded(node) {
    if (node.matches?.("[data-row], [data-fade]")) fadeIn(node);
  },
};

function fadeIn(element) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  element.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 400, easing: "ease-out" });
}

/** Morph each top-level element of `html` into the element of the page with the same id. */
export function morph(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  for (const fresh of [...template.content.children]) {
    const old = fresh.id && document.getElementById(fresh.id);
    if (!old) continue;
    if (old.matches("[data-hold]") && isHeld(old)) hold(old, fresh);
    else release(old);
    put(old, fresh);
  }
}

/** Morph an answer that may have been overtaken: `id` is the element whose data-live-cursor tells what is shown. */
export function morphUnlessOlder(html, id) {
  if (!isBefore(cursorIn(html, id), document.getElementById(id)?.dataset.liveCursor ?? "")) morph(html);
}

function put(old, fresh) {
  // For what is being typed, and only there: Idiomorph would leave a focused button or link as it is, too.
  const ignoreActiveValue = document.activeElement.matches("input, textarea, select, [contenteditable]");
  Idiomorph.morph(old, fresh, { morphStyle: "outerHTML", ignoreActiveValue, callbacks });
  const now = document.getElementById(fresh.id);
  htmx.process(now);
  now.dispatchEvent(new CustomEvent("handrail:morphed", { bubbles: true }));
}

/** Rearrange `fresh` so that the rows on screen stay where they are; remember it as it was. */
function hold(zone, fresh) {
  const [list, incoming] = [zone, fresh].map((tree) => tree.querySelector("[data-rows]"));
  if (!list || !incoming) return release(zone);
  const rows = new Map([...incoming.children].map((row) => [row.id, row]));
  const shown = [...list.children];
  const places = shown.map((row) => row.id).join();
  if (places === [...rows.keys()].join()) return release(zone);
  waiting.set(zone.id, fresh.outerHTML);
  const added = [...rows.keys()].filter((id) => !shown.some((row) => row.id === id)).length;
  incoming.replaceChildren(...shown.map((row) => rows.get(row.id) ?? gone(row)));
  showPill(zone, added);
}

function gone(row) {
  const copy = row.cloneNode(true);
  copy.dataset.gone = "";
  return copy;
}

function showPill(zone, added) {
  const pill = zone.querySelector("#new-pill");
  if (!pill) return;
  pill.hidden = added === 0;
  (pill.querySelector("span") ?? pill).textContent = interpolate(ngettext("%(count)s new", "%(count)s new", added), { count: added });
}

function release(zone) {
  if (waiting.delete(zone.id)) showPill(zone, 0);
}

/** Show what waited in `zone`. */
function apply(zone) {
  const template = document.createElement("template");
  template.innerHTML = waiting.get(zone.id);
  const hadFocus = document.activeElement.id === "new-pill";
  release(zone);
  put(zone, template.content.firstElementChild);
  if (hadFocus) document.getElementById(zone.id).querySelector("[data-row] a")?.focus();
}

/** Once neither pointer nor focus is in a held zone, nothing needs to wait there. */
function applyWhatIsFree() {
  for (const id of [...waiting.keys()]) {
    const zone = document.getElementById(id);
    if (!zone) waiting.delete(id);
    else if (!isHeld(zone)) apply(zone);
  }
}

// Whoever asked for other rows wants to see them, and nothing of the ones before.
document.addEventListener("htmx:afterSwap", (event) => waiting.delete(event.detail.target.id));
document.addEventListener("click", (event) => {
  const zone = event.target.closest("#new-pill")?.closest("[data-hold]");
  if (zone && waiting.has(zone.id)) apply(zone);
});
for (const left of ["pointerout", "focusout"]) {
  document.addEventListener(left, () => waiting.size && requestAnimationFrame(applyWhatIsFree));
}
