// What was typed and has not been saved is kept in this browser until it is: the session may end, the line break or
// the browser crash meanwhile.
//   localStorage "handrail.typed.PERSON.SUBJECT.FORM"  {"at": server's time in ms, "fields": as a form is sent};
//                                                      SUBJECT is the form's data-kept-as: the case and its cycle,
//                                                      the review, or the labels that are changed
// Nothing is kept longer than a week, nor once somebody else has signed in here.

import { serverTime } from "desk/clock";
import { person } from "desk/keymap";

const KEPT = "handrail.typed.";
const OWN = `${KEPT}${person.id}.`;
const WEEK = 7 * 24 * 3_600_000;
const page = [...crypto.getRandomValues(new Uint32Array(2))].join("");
const writing = new Map(); // subject → the form that is written in now, and its key
let forms = 0;

/** Under which key `form` keeps its copy: one for each form, so that two tabs do not write over each other. */
export function keyOf(form) {
  const subject = form.dataset.keptAs;
  if (writing.get(subject)?.form !== form) writing.set(subject, { form, key: `${OWN}${subject}.${page}-${forms++}` });
  return writing.get(subject).key;
}

/** Keep `fields` under `key`; the text that stands there now. */
export function keep(key, fields) {
  const text = JSON.stringify({ at: serverTime(), fields: String(fields) });
  try {
    localStorage.setItem(key, text);
  } catch {
    // The store is full or closed: the draft on the server must do.
  }
  return text;
}

/** Forget a copy; with `text`, only if nothing was typed into it since. */
export function forget(key, text) {
  if (text === undefined || localStorage.getItem(key) === text) localStorage.removeItem(key);
}

/** Forget all copies whose subject begins with `kind`, but for those of `subject`. */
export function forgetOthers(kind, subject) {
  const isOther = (key) => key.startsWith(`${OWN}${kind}.`) && !(subject && key.startsWith(`${OWN}${subject}.`));
  kept().filter(isOther).forEach((key) => localStorage.removeItem(key));
}

/** The copies of a subject that no form on this page writes any more, newest first: {key, at, fields}. */
export function copiesOf(subject) {
  const now = writing.get(subject);
  const inUse = now && document.contains(now.form) ? now.key : "";
  const keys = kept().filter((key) => key.startsWith(`${OWN}${subject}.`) && key !== inUse);
  return keys.map((key) => ({ key, ...read(key) })).sort((a, b) => b.at - a.at);
}

const kept = () => Object.keys(localStorage).filter((key) => key.startsWith(KEPT));

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? {};
  } catch {
    return {};
  }
}

/** Whoever was here before does not leave their words to the next, and nobody's stay for ever. */
function tidy() {
  for (const key of kept()) {
    if (!key.startsWith(OWN) || !(Math.abs(serverTime() - read(key).at) < WEEK)) localStorage.removeItem(key);
  }
}

tidy();
