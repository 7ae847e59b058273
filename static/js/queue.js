// The queue page around its rows: views, filters, and the dialog that names a view.
//   [data-step-view="1"]       goes to the next pill, "-1" to the one before
//   [data-dialog="ID"]         opens that dialog; data-address, data-title, data-name and data-shared fill it
//   #my-views[hx-get]          one person's pills: asked for again some seconds after the list changed

const REFRESH = 5_000;
let refreshing;

function stepView(step) {
  const pills = [...document.querySelectorAll(".views a.pill")];
  const at = pills.findIndex((pill) => pill.ariaCurrent === "true");
  const next = at < 0 ? (step > 0 ? 0 : pills.length - 1) : (at + step + pills.length) % pills.length;
  pills[next]?.click();
}

function nameView(button) {
  const dialog = document.getElementById(button.dataset.dialog);
  const form = dialog.querySelector("form[hx-post]");
  form.setAttribute("hx-post", button.dataset.address);
  htmx.process(form);
  dialog.querySelector("h2").textContent = button.dataset.title;
  form.elements.name.value = button.dataset.name;
  form.elements.is_shared.checked = button.dataset.shared === "true";
  dialog.showModal();
  form.elements.name.focus();
}

function onClick(event) {
  const step = event.target.closest("[data-step-view]");
  if (step) stepView(Number(step.dataset.stepView));
  const opener = event.target.closest("[data-dialog=view-dialog]");
  if (opener) nameView(opener);
  const fold = event.target.closest("#filter-fold");
  if (fold) fold.ariaExpanded = String(fold.ariaExpanded !== "true");
}

/** Counts that are drawn for one person alone follow the shared ones, but never at their pace. */
function refreshOwn() {
  if (refreshing || !document.querySelector("#my-views[hx-get]")) return;
  refreshing = setTimeout(() => {
    refreshing = 0;
    const own = document.querySelector("#my-views[hx-get]");
    if (own && !document.hidden) htmx.trigger(own, "refresh");
  }, REFRESH * (1 + Math.random() / 2));
}

document.addEventListener("click", onClick);
document.addEventListener("handrail:morphed", (event) => event.target.id === "queue-views" && refreshOwn());
