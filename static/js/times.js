// Times that go on counting. The server writes the first text; only what changed is written again,
// and figures are tabular, so nothing shifts.
//   <time datetime data-due="(time, or none)">   time left; amber from that time on, red when over
//   <time datetime data-relative>                how long ago
//   <time datetime data-since>                   how long it lasts by now
//   [data-shown-until="(time)"], [data-shown-from="…"]  shown until then, and from then on

import { clockText, serverTime } from "desk/clock";
import { person } from "desk/keymap";
import { gettext, interpolate, locale } from "desk/words";

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function showDue(element, now) {
  const left = Date.parse(element.dateTime) - now;
  setText(element, clockText(left));
  element.classList.toggle("bad", left <= 0);
  element.classList.toggle("warn", left > 0 && now >= Date.parse(element.dataset.due));
}

function agoText(milliseconds) {
  const minutes = Math.floor(milliseconds / 60000);
  if (minutes < 1) return gettext("just now");
  if (minutes < 60) return interpolate(gettext("%(minutes)s min ago"), { minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 48) {
    const text = minutes % 60 ? gettext("%(hours)s h %(minutes)s min ago") : gettext("%(hours)s h ago");
    return interpolate(text, { hours, minutes: minutes % 60 });
  }
  const days = Math.floor(hours / 24);
  const text = hours % 24 ? gettext("%(days)s d %(hours)s h ago") : gettext("%(days)s d ago");
  return interpolate(text, { days, hours: hours % 24 });
}

/** By the clock of the person's own time zone, whatever this browser's is, and with its name. */
function exactly(moment) {
  const parts = { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return new Date(moment).toLocaleString(locale, { ...parts, timeZone: person.timezone, timeZoneName: "short" });
}

function showAll() {
  const now = serverTime();
  for (const element of document.querySelectorAll("[data-shown-until]")) element.hidden = now >= Date.parse(element.dataset.shownUntil);
  for (const element of document.querySelectorAll("[data-shown-from]")) element.hidden = now < Date.parse(element.dataset.shownFrom);
  for (const element of document.querySelectorAll("time[data-due]")) showDue(element, now);
  for (const element of document.querySelectorAll("time[data-since]")) setText(element, clockText(now - Date.parse(element.dateTime)));
  for (const element of document.querySelectorAll("time[data-relative]")) {
    setText(element, agoText(now - Date.parse(element.dateTime)));
    element.title ||= exactly(element.dateTime);
  }
}

function tick() {
  showAll();
  setTimeout(tick, 1000 - (serverTime() % 1000));
}

document.addEventListener("handrail:morphed", showAll);
document.addEventListener("htmx:afterSwap", showAll);
tick();
