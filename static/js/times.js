// Times that go on counting. The server writes the first text; only what changed is written again,
// and figures are tabular, so nothing shifts.
//   <time datetime data-due data-total="600">   time left; amber under a fifth of data-total seconds, red when over
//   <time datetime data-relative>               how long ago

import { clockText, serverTime } from "desk/clock";

const AT_RISK = 0.2;

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function showDue(element, now) {
  const left = Date.parse(element.dateTime) - now;
  const total = Number(element.dataset.total) * 1000;
  setText(element, clockText(left));
  element.classList.toggle("bad", left <= 0);
  element.classList.toggle("warn", left > 0 && left < total * AT_RISK);
}

function agoText(milliseconds) {
  const minutes = Math.floor(milliseconds / 60000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min ago` : `${hours} h ago`;
  const days = Math.floor(hours / 24);
  return hours % 24 ? `${days} d ${hours % 24} h ago` : `${days} d ago`;
}

function showAll() {
  const now = serverTime();
  for (const element of document.querySelectorAll("time[data-due]")) showDue(element, now);
  for (const element of document.querySelectorAll("time[data-relative]")) {
    setText(element, agoText(now - Date.parse(element.dateTime)));
    element.title ||= new Date(element.dateTime).toLocaleString();
  }
}

function tick() {
  showAll();
  setTimeout(tick, 1000 - (serverTime() % 1000));
}

document.addEventListener("handrail:morphed", showAll);
document.addEventListener("htmx:afterSwap", showAll);
tick();
