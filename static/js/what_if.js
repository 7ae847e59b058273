// What another threshold would do.
//   [data-what-if="ID"]  names a <script type="application/json" id="ID"> of [{threshold, share, caught, missed}],
//                        each a share of all runs; its range chooses one of them, [data-told] tell of it

import { gettext, interpolate, locale } from "desk/words";

const RUNS = 1000;

const digits = (value, least, most) => value.toLocaleString(locale, { minimumFractionDigits: least, maximumFractionDigits: most });
const percent = (share) => interpolate(gettext("%(number)s%"), { number: digits(100 * share, 1, 1) });
const dollars = (amount) => amount.toLocaleString(locale, { style: "currency", currency: "USD", maximumFractionDigits: 0 });
const amountOf = (id) => Number(document.getElementById(id).value) || 0;

function cost(row) {
  const people = (row.share * RUNS * amountOf("what-if-minutes") * amountOf("what-if-hourly")) / 60;
  return people + row.missed * RUNS * amountOf("what-if-error");
}

function tell(section) {
  const rows = JSON.parse(document.getElementById(section.dataset.whatIf).textContent);
  const slider = section.querySelector("[type=range]");
  const row = rows[slider.value];
  const told = {
    threshold: digits(row.threshold, 2, 4),
    share: percent(row.share),
    caught: digits(row.caught * RUNS, 0, 1),
    missed: digits(row.missed * RUNS, 0, 1),
    cost: dollars(cost(row)),
  };
  for (const [name, text] of Object.entries(told)) {
    const place = section.querySelector(`[data-told="${name}"]`);
    if (place.textContent !== text) place.textContent = text;
  }
  slider.setAttribute("aria-valuetext", interpolate(gettext("%(threshold)s: %(share)s to people, %(missed)s errors missed"), told));
}

const tellAll = () => document.querySelectorAll("[data-what-if]").forEach(tell);

document.addEventListener("input", (event) => {
  const section = event.target.closest("[data-what-if]");
  if (section) tell(section);
});
document.addEventListener("htmx:afterSettle", tellAll);
tellAll();
