// Who else has the page of this case open: everybody is drawn for everybody, and one's own pill is hidden here.

import { person } from "desk/keymap";

function hideOwn() {
  for (const pill of document.querySelectorAll("[data-looker]")) pill.hidden = Number(pill.dataset.looker) === person.id;
}

for (const renewed of ["handrail:morphed", "htmx:afterSwap"]) document.addEventListener(renewed, hideOwn);
hideOwn();
