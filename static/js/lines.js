// Rows of a form that can be added and removed: what the agent restarts from, the rules of a policy.
//   [data-lines] holds rows (.line, or [data-line]), a <template> of an empty one and [data-add-line]; a row may hold
//   such rows of its own. [data-drop-line] in a row removes it. The form hears of it as of typing, so that the draft
//   follows, and as of a change.

function tellForm(zone) {
  // Any field of the form will do: its draft is saved as a whole.
  const { elements } = zone.closest("form");
  for (const kind of ["input", "change"]) (elements.resume ?? elements[0]).dispatchEvent(new Event(kind, { bubbles: true }));
}

function addLine(zone) {
  const template = zone.querySelector(":scope > template");
  template.before(template.content.firstElementChild.cloneNode(true));
  template.previousElementSibling.querySelector("input:not([type=hidden]), textarea").focus();
}

function dropLine(line) {
  const zone = line.closest("[data-lines]");
  const next = line.nextElementSibling?.querySelector("[data-drop-line]") ?? zone.querySelector(":scope > [data-add-line]");
  line.remove();
  next.focus();
  tellForm(zone);
}

document.addEventListener("click", (event) => {
  const add = event.target.closest("[data-add-line]");
  const drop = event.target.closest("[data-drop-line]");
  if (add) addLine(add.closest("[data-lines]"));
  if (drop) dropLine(drop.closest("[data-line], .resume .line"));
});
// Whoever takes over hands back in the end: what the agent goes on with belongs before their eyes.
document.addEventListener("input", ({ target }) => {
  if (target.name === "decision" && target.value === "takeover") document.getElementById("resume").open = true;
});
