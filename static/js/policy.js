// The form of a policy: Enter in a field must not bring half a policy into force.
//   form[data-policy]   saved by its button alone; Enter in a field only tries the rules (htmx hears the change)
//   [data-try]          tries them at once

document.addEventListener("keydown", (event) => {
  const field = event.target;
  const isPlain = event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.isComposing;
  if (!isPlain || !field.matches("form[data-policy] input")) return;
  event.preventDefault();
  field.dispatchEvent(new Event("change", { bubbles: true }));
});
document.addEventListener("click", (event) => event.target.closest("[data-try]") && htmx.trigger("#trial", "again"));
document.querySelector("form[data-policy] [aria-invalid=true]")?.focus();
