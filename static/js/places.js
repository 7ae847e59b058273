// Where the offers stand. The page has a place for them, but outside of an open modal dialog nothing can be reached
// or heard, so they go into it, with the words for screen readers.
//   [data-offer-slot]   the place: in the page (else the frame has one), or in a sheet that covers a narrow page

const NARROW = matchMedia("(max-width: 999px)");
const words = ["urgent", "calm"].map((id) => document.getElementById(id));
let section = document.getElementById("offers");

function place() {
  const sheet = NARROW.matches && document.querySelector("[data-sheet][open] [data-offer-slot]");
  return sheet || (document.querySelector("#main [data-offer-slot]") ?? document.querySelector(".frame"));
}

function settle() {
  section = document.getElementById("offers") ?? section;
  if (!section) return;
  const dialog = document.querySelector("dialog:modal");
  move(section, dialog ?? place());
  for (const word of words) move(word, dialog ?? document.body);
}

/** Focus and animations live on where the browser can move without taking out. */
function move(element, to) {
  if (element.parentElement === to) return;
  if (to.moveBefore && element.isConnected) to.moveBefore(element, null);
  else to.append(element);
}

document.addEventListener("toggle", ({ target }) => target.matches("dialog") && settle(), true);
document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  // What comes in their place must not take them away.
  if (section && target !== section && target.contains(section)) [section, ...words].forEach((one) => move(one, document.body));
});
for (const change of ["htmx:afterSwap", "handrail:morphed"]) document.addEventListener(change, settle);
NARROW.addEventListener("change", settle);
settle();
