// Steps are labelled where they stand, in the card of the steps and in the conversation; the form has the fields.
//   [data-step] holds radio buttons of the form; label[data-goes-on]: pressed by its key, the next step is next
//   [data-points=first_error_index]  a button that chooses its step in the field of the form so named, or gives it up
//   [data-calls=good]                a button in the conversation that clicks the radio button of its step

const form = () => document.getElementById("decide");
const stepOf = (element) => element.closest("[data-step]")?.dataset.step;
const marks = (step) => document.querySelector(`#steps [data-step="${step}"]`);

/** The value of a field of the form: of a select, or of radio buttons. */
function chosen(name) {
  const field = form()?.elements[name];
  return field?.value ?? "";
}

function choose(name, value) {
  const fields = [...(form()?.querySelectorAll(`[name="${name}"]`) ?? [])];
  const told = fields.find((one) => one.type === "radio" && one.value === value) ?? fields[0];
  if (!told) return;
  if (told.type === "radio") told.checked = true;
  else told.value = value;
  for (const kind of ["input", "change"]) told.dispatchEvent(new Event(kind, { bubbles: true }));
}

/** Whether the step stands chosen in the field only because it is suggested. From now on somebody chose it. */
function wasOnlySuggested(name, step) {
  const suggested = form()?.querySelector(`.guess:not([data-confirmed]) [name="${name}"]:checked`);
  suggested?.closest(".guess").toggleAttribute("data-confirmed", true);
  return suggested?.value === step;
}

function point(button) {
  const { points } = button.dataset;
  const step = stepOf(button);
  const isGivenUp = !wasOnlySuggested(points, step) && chosen(points) === step;
  choose(points, isGivenUp ? "" : step);
  // What went wrong first was not good.
  const good = marks(step)?.querySelector("[value=good]");
  if (points === "first_error_index" && !isGivenUp && good?.checked) marks(step).querySelector("[value=bad]").click();
}

function call(button) {
  const radio = marks(stepOf(button))?.querySelector(`[value="${button.dataset.calls}"]`);
  if (!radio) return;
  if (!radio.checked) return radio.click();
  radio.checked = false;
  radio.dispatchEvent(new Event("input", { bubbles: true }));
}

/** To the same choice at the next step; at the last one stays where it is. */
function goOn(label) {
  const rows = [...label.closest("[data-rows]").querySelectorAll("[data-row]")];
  const next = rows[rows.indexOf(label.closest("[data-row]")) + 1];
  (next?.querySelector("input:checked") ?? next?.querySelector("input"))?.focus();
  next?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** Every button shows what the fields of the form say. */
function draw() {
  for (const button of document.querySelectorAll("[data-points]")) button.ariaPressed = String(chosen(button.dataset.points) === stepOf(button));
  for (const button of document.querySelectorAll("[data-calls]")) {
    button.hidden = !form() || !marks(stepOf(button));
    button.ariaPressed = String(chosen(`step-${stepOf(button)}`) === button.dataset.calls);
  }
}

document.addEventListener("click", (event) => {
  const pointing = event.target.closest("[data-points]");
  if (pointing) point(pointing);
  const calling = event.target.closest("[data-calls]");
  if (calling) call(calling);
  // A key clicks the label; a pointer and the arrows of radio buttons click what is in it.
  const label = event.target;
  // Afterwards, for the click itself gives the focus to what was chosen.
  if (label.matches("label[data-goes-on]") && !event.detail) queueMicrotask(() => goOn(label));
});
document.addEventListener("input", (event) => event.target.form && event.target.form === form() && draw());
for (const renewed of ["htmx:load", "handrail:morphed"]) document.addEventListener(renewed, draw);
draw();
