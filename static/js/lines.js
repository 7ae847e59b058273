// Rows of a form that can be added and removed: what the agent restarts from.
//   [data-lines] holds rows (.line), a <template> of an empty one and [data-add-line];
//   [data-drop-line] in a row removes it. The form hears of both as of typing, so that the draft follows.

function tellForm(zone) {
  // Any field of the form will do: its draft is saved as a whole.
  zone.closest("form").elements.resume.dispatchEvent(new Event("input", { bubbles: true }));
}

function addLine(zone) {
  const template = zone.querySelector("template");
  template.before(template.content.firstElementChild.cloneNode(true));
  template.previousElementSibling.querySelector("input, textarea").focus();
}

function dropLine(line) {
  const zone = line.closest("[data-lines]");
  const next = line.nextElementSibling?.querySelector("[data-drop-line]") ?? zone.querySelector("[data-add-line]");
  line.remove();
  next.focus();
  tellForm(zone);
}

document.addEventListener("click", (event) => {
  const add = event.target.closest("[data-add-line]");
  const drop = event.target.closest("[data-drop-line]");
  if (add) addLine(add.closest("[data-lines]"));
  if (drop) dropLine(drop.closest(".line"));
});
// Whoever takes over hands back in the end: what the agent goes on with belongs before their eyes.
document.addEventListener("input", ({ target }) => {
  if (target.name === "decision" && target.value === "takeover") document.getElementById("resume").open = true;
});
