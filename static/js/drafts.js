// What is typed into a form and not sent: kept while it is typed, on leaving a field, and on the way out; in this
// browser too until the desk has it (kept.js), and offered back where it never came there (unsaved.js).
//   data-draft-url   POST (the fields) → any 2xx; 409 once the form is of no use any more; else it is sent again
// The form is found anew each time, for htmx may exchange it.

import { forget, keep, keyOf } from "desk/kept";
import { csrf, isSignIn } from "desk/session";
import { offerBack, takeBack } from "desk/unsaved";
import { gettext } from "desk/words";

const RETRY = 5_000;
const TYPING_PAUSE = 600;

const OF_THE_SESSION = ["csrfmiddlewaretoken", "lease_token", "active_seconds"];

/** All that was typed into a form, also in parts of it that are hidden for now. */
export function wholeForm(form) {
  const isTyped = (field) => field.name && !OF_THE_SESSION.includes(field.name) && !field.matches("button, fieldset");
  const fields = [...form.elements].filter(isTyped);
  const given = fields.filter((field) => !field.matches("[type=radio], [type=checkbox]") || field.checked);
  return new URLSearchParams(given.map((field) => [field.name, field.value]));
}

export class Draft {
  dirty = false;
  saving = null;

  /** `form` finds the form, `fields` makes what is sent of it, `status` is the id of where it tells; `name` is that
   *  of the place where words are offered back. */
  constructor({ form, fields, status, name }) {
    Object.assign(this, { form, fields, status, name });
    const isOwn = ({ target }) => form() && target.form === form();
    const leave = () => this.save({ keepalive: true });
    document.addEventListener("input", (event) => isOwn(event) && this.changed());
    document.addEventListener("focusout", (event) => isOwn(event) && this.save());
    document.addEventListener("visibilitychange", () => document.hidden && leave());
    document.addEventListener("htmx:beforeSwap", (event) => event.detail.target.id === "main" && leave());
    document.addEventListener("htmx:load", () => this.offerBack());
    document.addEventListener("click", (event) => this.onClick(event));
    window.addEventListener("pagehide", leave);
    this.offerBack();
  }

  changed() {
    this.dirty = true;
    this.copy();
    this.tell(""); // "draft saved" is true no more
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.save(), TYPING_PAUSE);
  }

  copy() {
    const form = this.form();
    if (!form) return;
    this.key = keyOf(form);
    this.text = keep(this.key, this.fields(form));
  }

  /** What was typed is on its way by another road: a draft that is sent after it would come back as a ghost. */
  drop() {
    clearTimeout(this.pause);
    this.dirty = false;
    this.tell("");
    return this.saving;
  }

  /** All that was typed is there as a draft, or could not be saved. */
  async arrived() {
    await this.saving;
    await this.save();
  }

  /** What was on its way has arrived. */
  sent() {
    if (this.key) forget(this.key, this.text);
  }

  async save(options) {
    clearTimeout(this.pause);
    if (!this.form() || !this.dirty) return;
    if (!options?.keepalive) await this.saving;
    const form = this.form();
    if (!form || !this.dirty) return;
    this.dirty = false;
    this.tell(gettext("saving…"));
    const [key, text] = [this.key, this.text];
    const request = { method: "POST", body: this.fields(form), headers: csrf(), ...options };
    this.saving = fetch(form.dataset.draftUrl, request).catch(() => null);
    const answer = await this.saving;
    const isSaved = answer?.ok && !isSignIn(answer.url);
    if (isSaved || answer?.status === 409) forget(key, text);
    if (this.form() !== form) return;
    if (isSaved) return this.dirty || this.tell(gettext("draft saved"));
    this.dirty = true;
    this.tell(gettext("not saved"), "bad");
    this.pause = setTimeout(() => this.save(), RETRY);
  }

  tell(text, tone = "") {
    const status = document.getElementById(this.status);
    if (!status) return;
    status.textContent = text;
    status.dataset.tone = tone;
  }

  // --- words that never arrived -------------------------------------------------------------

  get place() {
    return document.querySelector(`[data-unsaved=${this.name}]`);
  }

  offerBack() {
    const form = this.form();
    if (this.place) offerBack(this.place, form && this.fields(form));
  }

  async onClick({ target }) {
    const place = this.place;
    if (!place?.contains(target)) return;
    if (target.closest("[data-leave]")) {
      forget(place.copy.key);
      this.offerBack();
    } else if (target.closest("[data-use]")) {
      // What was typed here meanwhile gives way, and is offered back in its turn.
      if (this.key) this.copy();
      await this.drop();
      await takeBack(place);
    }
  }
}
