// The preferences: keys are pressed instead of spelled, and the browser is asked for permission on a click only.
//   [data-capture-key="n"]       a field for a key; its value is the default one
//   [data-notifications]         asks, or switches off; [data-notifications-state] says how it stands

import { keyName } from "desk/keymap";
import { gettext } from "desk/words";

const NOTIFY = "handrail.notify";
const button = document.querySelector("[data-notifications]");
const state = document.querySelector("[data-notifications-state]");
const MOVING = ["Tab", "shift+Tab", "enter", "mod+enter", "Escape", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];

function capture(event) {
  const field = event.target.closest("[data-capture-key]");
  const name = field && keyName(event);
  if (!name || MOVING.includes(name)) return;
  event.preventDefault();
  event.stopPropagation();
  field.value = ["Backspace", "Delete"].includes(name) ? field.dataset.captureKey : name.replace("mod+", "ctrl+");
  field.removeAttribute("aria-invalid");
  field.select();
}

function showState() {
  const can = "Notification" in window;
  const on = can && Notification.permission === "granted" && localStorage.getItem(NOTIFY) === "on";
  const denied = can && Notification.permission === "denied";
  button.hidden = !can || denied;
  button.textContent = on ? gettext("Show no notifications") : gettext("Show notifications");
  if (!can) state.textContent = gettext("This browser cannot show notifications.");
  else if (denied) state.textContent = gettext("The browser refuses. Allow notifications in its settings for this site.");
  else state.textContent = on ? gettext("Notifications are on.") : gettext("Notifications are off.");
}

async function switchNotifications() {
  if (localStorage.getItem(NOTIFY) === "on") localStorage.setItem(NOTIFY, "off");
  else if ((await Notification.requestPermission()) === "granted") localStorage.setItem(NOTIFY, "on");
  showState();
}

document.addEventListener("keydown", capture, true);
button.addEventListener("click", switchNotifications);
document.querySelector("[data-try-sound]").addEventListener("click", () => document.dispatchEvent(new CustomEvent("handrail:try-sound")));
showState();
