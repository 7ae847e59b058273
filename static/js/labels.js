// The labels of a decision: where the agent was right nothing went wrong, unless one says what did.
//   [name=agent_correct], [name=failure_primary], [name=failure_modes], [name=first_error_index]  in #decide
// It is chosen where one sees it, and given up again with the answer that it came from. Where one says that nothing
// went wrong, what else did and what did first is given up.

function follow(form) {
  const nothing = form.querySelector("[name=failure_primary][value=none]");
  if (!nothing) return;
  const isRight = form.querySelector("[name=agent_correct]:checked")?.value === "yes";
  if (!isRight) nothing.checked = false;
  else if (!form.querySelector("[name=failure_primary]:checked")) nothing.checked = true;
}

function nothingWentWrong(form) {
  for (const mode of form.querySelectorAll("[name=failure_modes]:checked")) mode.checked = false;
  const none = form.querySelector("[name=first_error_index][value='']");
  if (!none || none.checked) return;
  none.checked = true;
  none.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("change", ({ target }) => {
  const form = target.closest("#decide");
  if (form && target.name === "agent_correct") follow(form);
  if (form && target.name === "failure_primary" && target.value === "none") nothingWentWrong(form);
});
