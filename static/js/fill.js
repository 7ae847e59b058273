// Fills the decision form as if one had typed it. Nothing is sent; Ctrl or Cmd Z takes all of it back.
//   [data-fill='{"decision": "reject", …}']  clicked: these fields get these values; data-fill-name says from what
//   #filled                                  tells what was filled, with a button [data-unfill]
//   [data-opens=macros]                      opens #macro-dialog: a combobox over its options (WAI-ARIA APG)

import { gettext, interpolate } from "desk/words";

const MARK = /\[(customer|agent|case\.headline|argument\.[\w-]+|me)\?\]/;
const FOLDED = ["note", "responsible", "escalation_needed", "deterministic_rule"];
const MOVES = { ArrowDown: 1, ArrowUp: -1 };
let before = null;

const form = () => document.getElementById("decide");
const dialog = () => document.getElementById("macro-dialog");
const input = () => dialog().querySelector("[role=combobox]");
const shown = () => [...dialog().querySelectorAll("[role=option]:not([hidden])")];

// --- the form -------------------------------------------------------------------------------

const valueOf = (name) => {
  const field = form().querySelector(`[name="${CSS.escape(name)}"]:is(:checked, :not([type=radio]))`);
  return field?.value ?? "";
};

function put(name, value) {
  const fields = [...form().querySelectorAll(`[name="${CSS.escape(name)}"]`)];
  if (!fields.length) return;
  const isChoice = fields[0].type === "radio";
  if (isChoice) for (const radio of fields) radio.checked = radio.value === value;
  else fields[0].value = value;
  const told = fields.find((radio) => radio.checked) ?? fields[0];
  for (const kind of ["input", "change"]) told.dispatchEvent(new Event(kind, { bubbles: true }));
}

function fill(fields, name) {
  if (!form()) return;
  before = Object.fromEntries(Object.keys(fields).map((field) => [field, valueOf(field)]));
  Object.entries(fields).forEach(([field, value]) => put(field, value));
  // What is filled stands before one's eyes.
  if (FOLDED.some((field) => fields[field])) form().elements.note.closest("details").open = true;
  tell(name);
  const message = form().elements.message;
  const mark = MARK.exec(message.value);
  if (mark && message.checkVisibility()) {
    message.focus();
    message.setSelectionRange(mark.index, mark.index + mark[0].length);
  } else {
    (form().querySelector("[name=decision]:checked") ?? message).focus({ preventScroll: true });
  }
}

function unfill() {
  if (!before || !form()) return;
  const fields = before;
  before = null;
  Object.entries(fields).forEach(([field, value]) => put(field, value));
  tell("");
  (form().querySelector("[name=decision]:checked") ?? form().querySelector("[name=decision]")).focus({ preventScroll: true });
}

function tell(name) {
  const line = document.getElementById("filled");
  line.hidden = !name;
  line.querySelector("span").textContent = name ? interpolate(gettext("Filled from %(name)s."), { name }) : "";
}

// --- the macros -----------------------------------------------------------------------------

function open() {
  if (!dialog()) return;
  dialog().showModal();
  if (!input()) return;
  input().value = "";
  draw();
}

function draw() {
  const words = input().value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const option of dialog().querySelectorAll("[role=option]")) {
    const text = option.textContent.toLowerCase();
    option.hidden = !words.every((word) => text.includes(word));
  }
  mark(shown()[0]);
}

function mark(option) {
  for (const each of dialog().querySelectorAll("[role=option]")) {
    each.ariaSelected = String(each === option);
    document.getElementById(each.id.replace("macro", "preview")).hidden = each !== option;
  }
  if (!option) return input().removeAttribute("aria-activedescendant");
  input().setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function onMacroKey(event) {
  if (event.target !== input()) return;
  const at = shown().findIndex((option) => option.ariaSelected === "true");
  if (MOVES[event.key]) mark(shown()[Math.min(Math.max(at + MOVES[event.key], 0), shown().length - 1)]);
  else if (event.key === "Enter") shown()[at]?.click();
  else return;
  event.preventDefault();
}

document.addEventListener("click", (event) => {
  const source = event.target.closest("[data-fill]");
  if (source) {
    if (dialog()?.open) dialog().close();
    fill(JSON.parse(source.dataset.fill), source.dataset.fillName);
  }
  if (event.target.closest("[data-unfill]")) unfill();
  if (event.target.closest("[data-opens=macros]")) open();
});
document.addEventListener("input", (event) => {
  if (dialog() && event.target === input()) draw();
  // What one types oneself is taken back by the browser, a word at a time.
  else if (event.isTrusted && event.target.form === form()) before = null;
});
document.addEventListener("keydown", (event) => {
  if (dialog()?.open) return onMacroKey(event);
  const isUndo = event.key === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
  if (isUndo && before) {
    event.preventDefault();
    unfill();
  }
});
document.addEventListener("htmx:afterSwap", () => before && !document.contains(form()) && (before = null));
