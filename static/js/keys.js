// Keyboard first. Each control names its own key, so that the help can never be out of date:
//   data-key="n"           pressed outside of text fields, clicks the element; "mod+enter" (Ctrl or Cmd) works everywhere
//   data-key-label="…"     what the help calls it
//   [data-rows] [data-row] j, k and, inside the list, the arrows move between rows
// Single letters can be switched off (WCAG 2.1.4) in the help, which ? or the header's button opens.

const STORED = "handrail.keys";
const TYPING = "textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=submit], [type=button])";
const help = document.getElementById("help");
const lettersAreOn = () => localStorage.getItem(STORED) !== "off";
let lastRow = null;

function keyName(event) {
  const mod = event.ctrlKey || event.metaKey;
  if (mod) return event.key === "Enter" ? "mod+enter" : null;
  if (event.altKey || event.isComposing || event.defaultPrevented) return null;
  if (event.shiftKey && /^\p{L}$/u.test(event.key)) return null;
  return event.key;
}

/** What can be pressed now: seen, enabled, and inside the modal dialog if one is open. */
function keyed() {
  const scope = document.querySelector("dialog:modal") ?? document;
  return [...scope.querySelectorAll("[data-key]")].filter((element) => {
    const control = element.control ?? element;
    return element.checkVisibility() && !control.matches(":disabled, [aria-disabled=true]");
  });
}

function press(name) {
  const element = keyed().find((candidate) => candidate.dataset.key === name);
  if (!element) return false;
  element.control?.focus({ preventScroll: true });
  element.click();
  return true;
}

function move(step) {
  const list = document.activeElement.closest("[data-rows]") ?? document.querySelector("[data-rows]");
  const rows = list ? [...list.querySelectorAll("[data-row]")] : [];
  if (!rows.length) return false;
  const here = document.activeElement.closest("[data-row]") ?? lastRow ?? list.querySelector("[data-row]:has([aria-current])");
  const at = rows.indexOf(here);
  const next = rows[at < 0 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1)];
  const link = next.querySelector("a, button") ?? next;
  link.focus();
  // An open peek follows the row.
  if (document.querySelector("[data-sheet][open]")) link.click();
  return true;
}

function onKey(event) {
  const name = keyName(event);
  if (!name) return;
  if (name === "mod+enter") {
    if (press(name)) event.preventDefault();
    return;
  }
  if (!lettersAreOn() || event.target.closest(TYPING)) return;
  const inList = event.target.closest("[data-rows]");
  const step = { j: 1, k: -1, ArrowDown: inList && 1, ArrowUp: inList && -1 }[name];
  if (step ? move(step) : name.length === 1 && press(name)) event.preventDefault();
}

function labelOf(element) {
  if (element.dataset.keyLabel) return element.dataset.keyLabel;
  const copy = element.cloneNode(true);
  copy.querySelectorAll("kbd").forEach((key) => key.remove());
  return element.ariaLabel ?? copy.textContent.trim();
}

function keycap(name) {
  const cap = document.createElement("kbd");
  cap.className = name === "mod+enter" ? "mod" : "";
  cap.textContent = name === "mod+enter" ? "↵" : name;
  return cap;
}

function showHelp() {
  const entries = keyed().flatMap((element) => {
    const [term, meaning] = [document.createElement("dt"), document.createElement("dd")];
    term.append(keycap(element.dataset.key));
    meaning.textContent = labelOf(element);
    return [term, meaning];
  });
  help.querySelector("[data-key-list]").replaceChildren(...entries);
  help.showModal();
}

function switchLetters(on) {
  localStorage.setItem(STORED, on ? "on" : "off");
  document.documentElement.dataset.keys = on ? "on" : "off";
  help.querySelector("[data-keys-switch]").checked = on;
}

document.addEventListener("keydown", onKey);
document.addEventListener("focusin", (event) => (lastRow = event.target.closest("[data-row]") ?? lastRow));
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-opens=help]")) showHelp();
});
help.addEventListener("change", (event) => switchLetters(event.target.checked));
document.documentElement.dataset.os = navigator.platform.startsWith("Mac") ? "mac" : "other";
switchLetters(lettersAreOn());
