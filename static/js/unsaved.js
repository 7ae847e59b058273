// Words that this browser kept and the desk did not get (kept.js) are offered back: nothing is written over.
//   [data-unsaved]   data-kept-as  data-saved-at (of the draft on the server)  data-draft-url; hidden until needed.
//                    [data-unsaved-at], [data-unsaved-words] tell what it is, [data-use] takes it, [data-leave] not

import { copiesOf, forget } from "desk/kept";
import { csrf, isSignIn, signInAgain } from "desk/session";
import { gettext, locale } from "desk/words";

// What was typed at the same time as a save may carry the earlier time: clocks are read apart.
const LAG = 30_000;
// Not words: choices, and what a form says to itself.
const SILENT = new Set([
  ...["decision", "agent_correct", "failure_primary", "first_error_index", "disposition", "training_allowed", "resume", "say_key", "begun"],
  ...["revision", "seen", "opened"],
  ...["failure_modes", "external_codes", "responsible", "root_cause_index", "fault_kind", "escalation_needed", "category_correct", "preference_strength"],
]);
const isSilent = (name) => SILENT.has(name) || /^(step|pick|other)-/.test(name);
const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });

// Each page has its own.
const OF_THE_PAGE = ["say_key", "opened"];
const typed = ([name]) => !OF_THE_PAGE.includes(name);
const pairs = (fields) => [...new URLSearchParams(fields)].filter(typed).map((pair) => pair.join("=")).sort().join("\n");

/** Offer in `place` the newest copy that is neither in the form (`current`, its fields, if there is one) nor older. */
export function offerBack(place, current) {
  const savedAt = Date.parse(place.dataset.savedAt) || 0;
  const [first] = copiesOf(place.dataset.keptAs).filter((copy) => {
    const isNews = copy.at + LAG > savedAt && (!current || pairs(copy.fields) !== pairs(current));
    if (!isNews) forget(copy.key);
    return isNews;
  });
  place.hidden = !first;
  if (!first) return;
  place.copy = first;
  place.querySelector("[data-unsaved-at]").textContent = moment.format(first.at);
  place.querySelector("[data-unsaved-words]").textContent = words(first.fields, current);
}

function words(fields, current) {
  const now = new Set([...new URLSearchParams(current)].map((pair) => pair.join("=")));
  const news = [...new URLSearchParams(fields)].filter(([name, value]) => value && !isSilent(name) && !now.has(`${name}=${value}`));
  return news.map(([, value]) => value).join(" · ").slice(0, 300) || gettext("only what you chose");
}

/** Make the copy the draft on the server, and the page anew from that; false if it could not be saved. */
export async function takeBack(place) {
  const { key, fields } = place.copy;
  const request = { method: "POST", body: new URLSearchParams(fields), headers: csrf() };
  const answer = await fetch(place.dataset.draftUrl, request).catch(() => null);
  if (answer && isSignIn(answer.url)) return signInAgain();
  if (!answer?.ok) {
    place.querySelector("[data-unsaved-at]").textContent = gettext("not saved");
    return;
  }
  forget(key);
  location.reload();
}
