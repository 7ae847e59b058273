// The decision form shows what belongs to the chosen decision, and says whether edited JSON can be sent.
//   [data-for="edit respond"]  the decisions a part of the form belongs to (a fieldset, to be disabled, too)
//   textarea[data-json]        JSON, told in #ID-state; data-json="object" wants an object,
//                              data-original holds what was proposed
//   Escape in a field goes back to the chosen decision, where single letters are keys again; in a fold with keys of
//   its own first to its heading, where these are
//   [data-fold]                folds the sheet that the form is on a phone

import { gettext, interpolate, ngettext } from "desk/words";

function showFieldsOf(form) {
  const decision = form.querySelector("[name=decision]:checked")?.value;
  for (const part of form.querySelectorAll("[data-for]")) {
    const belongs = part.dataset.for.split(" ").includes(decision);
    part.hidden = !belongs;
    part.disabled = !belongs;
  }
}

function jsonState(area) {
  let value;
  try {
    value = JSON.parse(area.value);
  } catch (error) {
    return [interpolate(gettext("Not JSON: %(reason)s"), { reason: error.message }), false];
  }
  if (area.dataset.json === "object" && (value === null || Array.isArray(value) || typeof value !== "object")) {
    return [gettext("Not a JSON object"), false];
  }
  const before = area.dataset.original ? JSON.parse(area.dataset.original) : value;
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(value ?? {})]);
  const count = [...names].filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(value?.[name])).length;
  if (count === 0) return [gettext("as proposed"), true];
  const text = ngettext("%(count)s argument changed, valid JSON", "%(count)s arguments changed, valid JSON", count);
  return [interpolate(text, { count }), true];
}

function checkJson(area) {
  const [text, valid] = jsonState(area);
  const state = document.getElementById(`${area.id}-state`);
  area.setCustomValidity(valid ? "" : text);
  area.ariaInvalid = String(!valid);
  state.textContent = text;
  state.className = valid ? "valid" : "error";
}

function prepare() {
  const form = document.querySelector("form[data-case-form]");
  if (!form) return;
  showFieldsOf(form);
  form.querySelectorAll("textarea[data-json]").forEach(checkJson);
}

function onInput(event) {
  const form = event.target.closest("form[data-case-form]");
  if (!form) return;
  if (event.target.matches("textarea[data-json]")) checkJson(event.target);
  if (event.target.name === "decision") {
    showFieldsOf(form);
    form.dataset.open = "";
  }
}

function leaveField(event) {
  const form = event.target.form ?? event.target.closest("form");
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || form?.id !== "decide") return;
  const part = event.target.closest("[data-keys-first]");
  const heading = part && form.querySelector(`details[data-keys-first="${part.dataset.keysFirst}"] > summary`);
  if (heading && heading !== event.target) return heading.focus();
  if (!heading && !event.target.matches("textarea, select, input:not([type=radio])")) return;
  // A form without a decision has only labels.
  const places = ["[name=decision]:checked", "[name=decision]", "[type=radio]"].map((choice) => form.querySelector(choice));
  places.find(Boolean)?.focus({ preventScroll: true });
}

document.addEventListener("input", onInput);
document.addEventListener("keydown", leaveField);
document.addEventListener("click", (event) => {
  event.target.closest("[data-fold]")?.form.toggleAttribute("data-open");
});
// A field that must be filled cannot be shown as missing while the sheet hides it.
document.addEventListener("invalid", (event) => event.target.form?.setAttribute("data-open", ""), true);
document.addEventListener("htmx:load", (event) => {
  // Not for a part of the form: what the server says of an argument must stand.
  if (event.target.matches("form[data-case-form]") || event.target.querySelector("form[data-case-form]")) prepare();
});
prepare();
