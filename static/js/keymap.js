// What each key is called and which key a person chose for what.
//   <script type="application/json" id="person">   {"single_keys": true, "keymap": {"take_next": "x"}, …}
//   data-key="n"          the key that a control has by default: "n", "shift+o", "mod+enter" (Ctrl or Cmd), "F2"
//   data-action="…"       the name under which a person may have chosen another
//   data-key-label="…"    what help and palette call it

import { gettext } from "desk/words";

export const person = JSON.parse(document.getElementById("person")?.textContent ?? "{}");
const keymap = person.keymap ?? {};
const CONTROL = gettext("Ctrl");
const SIGNS = {
  mod: navigator.platform.startsWith("Mac") ? "⌘" : CONTROL,
  shift: "⇧",
  enter: "↵",
  Enter: gettext("Enter"),
  Escape: gettext("Esc"),
};

/** The name of the key that was pressed; null for what is not ours to read. */
export function keyName(event) {
  if (event.altKey || event.isComposing || event.getModifierState?.("AltGraph")) return null;
  if (["Control", "Shift", "Meta", "Alt"].includes(event.key)) return null;
  const isLetter = /^\p{L}$/u.test(event.key);
  const key = isLetter ? event.key.toLowerCase() : event.key === "Enter" ? "enter" : event.key;
  const mod = event.ctrlKey || event.metaKey ? "mod+" : "";
  const shift = event.shiftKey && (isLetter || key.length > 1) ? "shift+" : "";
  return mod + shift + key;
}

/** Keys that no field needs: they work everywhere, also while one types and with single letters off. */
export const worksEverywhere = (name) => /^(mod\+|(shift\+)?F\d)/.test(name);

/** The key of an action by the person's own choice. */
export const keyFor = (action, standard) => keymap[action] ?? standard;

export const keyOf = (element) => keyFor(element.dataset.action, element.dataset.key);

/** A key as one reads it: "Ctrl K", "⇧o". */
export function shown(name) {
  const isMod = name.startsWith("mod+");
  const parts = name === "+" ? [name] : name.split("+").map((part) => SIGNS[part] ?? (isMod ? part.toUpperCase() : part));
  return parts.join(parts[0] === CONTROL ? " " : "");
}

export function labelOf(element) {
  const { keyLabel, command } = element.dataset;
  if (keyLabel ?? command) return keyLabel ?? command;
  const copy = element.cloneNode(true);
  copy.querySelectorAll("kbd").forEach((key) => key.remove());
  return element.ariaLabel ?? copy.textContent.trim();
}

export function keycap(name) {
  const cap = document.createElement("kbd");
  cap.textContent = shown(name);
  return cap;
}

/** Controls show the key that they have for this person. */
export function showKeys() {
  if (!Object.keys(keymap).length) return;
  for (const element of document.querySelectorAll("[data-action][data-key]")) {
    const cap = element.dataset.action in keymap && element.querySelector("kbd.key");
    if (!cap) continue;
    cap.classList.remove("mod");
    cap.textContent = shown(keyOf(element));
  }
}
