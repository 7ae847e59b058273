// The labels of a decision: where the agent was right nothing went wrong, unless one says what did.
//   [name=agent_correct], [name=failure_primary]  in form[data-case-form]
// It is chosen where one sees it, and given up again with the answer that it came from.

function follow(answer) {
  const form = answer.closest("form[data-case-form]");
  const nothing = form?.querySelector("[name=failure_primary][value=none]");
  if (!nothing) return;
  const isRight = form.querySelector("[name=agent_correct]:checked")?.value === "yes";
  if (!isRight) nothing.checked = false;
  else if (!form.querySelector("[name=failure_primary]:checked")) nothing.checked = true;
}

document.addEventListener("change", (event) => event.target.name === "agent_correct" && follow(event.target));
