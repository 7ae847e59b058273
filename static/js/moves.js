// The small dialogs that move a case on.
//   <dialog id="move-dialog">   opens when a form comes into it
//   [data-move]                 asks for one; its menu closes

function opened({ detail: { target } }) {
  if (target.id !== "move-dialog" || !target.showModal) return;
  if (!target.open) target.showModal();
  (target.querySelector("[aria-invalid=true]") ?? target.querySelector("[autofocus]"))?.focus();
}

document.addEventListener("click", (event) => {
  event.target.closest("[data-move]")?.closest("[popover]")?.hidePopover();
});
document.addEventListener("htmx:afterSwap", opened);
