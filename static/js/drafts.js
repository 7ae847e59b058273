// What is typed into a form and not sent: kept while it is typed, on leaving a field, and on the way out.
//   data-draft-url   POST (the fields) → any 2xx; what failed is sent again
// The form is found anew each time, for htmx may exchange it.

import { csrf, isSignIn } from "desk/session";
import { gettext } from "desk/words";

const RETRY = 5_000;
const TYPING_PAUSE = 600;

export class Draft {
  dirty = false;
  saving = null;

  /** `form` finds the form, `fields` makes what is sent of it, `status` is the id of where it tells. */
  constructor({ form, fields, status }) {
    Object.assign(this, { form, fields, status });
    const isOwn = ({ target }) => form() && target.form === form();
    const leave = () => this.save({ keepalive: true });
    document.addEventListener("input", (event) => isOwn(event) && this.changed());
    document.addEventListener("focusout", (event) => isOwn(event) && this.save());
    document.addEventListener("visibilitychange", () => document.hidden && leave());
    document.addEventListener("htmx:beforeSwap", (event) => event.detail.target.id === "main" && leave());
    window.addEventListener("pagehide", leave);
  }

  changed() {
    this.dirty = true;
    this.tell(""); // "draft saved" is true no more
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.save(), TYPING_PAUSE);
  }

  /** What was typed is on its way by another road: a draft that is sent after it would come back as a ghost. */
  drop() {
    clearTimeout(this.pause);
    this.dirty = false;
    this.tell("");
    return this.saving;
  }

  async save(options) {
    clearTimeout(this.pause);
    if (!this.form() || !this.dirty) return;
    if (!options?.keepalive) await this.saving;
    const form = this.form();
    if (!form || !this.dirty) return;
    this.dirty = false;
    this.tell(gettext("saving…"));
    const request = { method: "POST", body: this.fields(form), headers: csrf(), ...options };
    this.saving = fetch(form.dataset.draftUrl, request).catch(() => null);
    const answer = await this.saving;
    if (this.form() !== form) return;
    if (answer?.ok && !isSignIn(answer.url)) return this.dirty || this.tell(gettext("draft saved"));
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
}
