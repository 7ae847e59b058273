// What reaches a person who looks elsewhere: a notification of the browser while the tab is hidden, where they
// allowed it in the preferences, and a short tone, where they switched sounds on. Each thing once in all tabs.
// Listens to handrail:alert {text, tag}; a newer number in #bell data-newest is an alert, too.

import { person } from "desk/keymap";
import { gettext } from "desk/words";

const ALERTED = "handrail.alerted";
const NOTIFY = "handrail.notify";
const bell = () => document.getElementById("bell");
let newest = Number(bell()?.dataset.newest ?? 0);

/** The first tab that comes by takes it. A lock makes that one tab, however many wake at once. */
function once(tag, act) {
  const take = () => {
    const alerted = JSON.parse(localStorage.getItem(ALERTED) ?? "[]");
    if (alerted.includes(tag)) return;
    localStorage.setItem(ALERTED, JSON.stringify([...alerted, tag].slice(-50)));
    act();
  };
  if (navigator.locks) navigator.locks.request(ALERTED, take);
  else take();
}

/** Two tones made here: there is no file to fetch. Browsers keep silent until the page was clicked once. */
function beep() {
  const audio = new AudioContext();
  const volume = audio.createGain();
  volume.connect(audio.destination);
  volume.gain.setValueAtTime(0.08, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.35);
  for (const [start, hertz] of [[0, 660], [0.12, 880]]) {
    const tone = audio.createOscillator();
    tone.frequency.value = hertz;
    tone.connect(volume);
    tone.start(audio.currentTime + start);
    tone.stop(audio.currentTime + 0.35);
  }
  setTimeout(() => audio.close(), 500);
}

function notify(text, tag) {
  if (!document.hidden || localStorage.getItem(NOTIFY) !== "on") return;
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const notification = new Notification("Handrail", { body: text, tag });
  // It leads here and does nothing else.
  notification.onclick = () => {
    window.focus();
    notification.close();
  };
}

document.addEventListener("handrail:alert", ({ detail }) =>
  once(detail.tag, () => {
    notify(detail.text, detail.tag);
    if (person.sounds) beep();
  }),
);
document.addEventListener("handrail:try-sound", beep);
document.addEventListener("handrail:morphed", () => {
  const now = Number(bell()?.dataset.newest ?? 0);
  if (now <= newest) return;
  newest = now;
  const detail = { text: gettext("You have a new notice."), tag: `notice-${now}` };
  document.dispatchEvent(new CustomEvent("handrail:alert", { detail }));
});
