// Sends what must arrive once, again where no answer comes: the desk knows it by its key.

import { csrf } from "desk/session";

const PATIENCE = 10_000;
const PAUSES = [1_000, 2_000, 4_000];

/** A key that nobody else has. */
export const newKey = () => [...crypto.getRandomValues(new Uint32Array(4))].join("-");

/** The answer of the desk to a POST of `fields`, asked for a few times while `isWanted`; `onPause` hears of each. */
export async function persistently(url, fields, { isWanted, onPause }) {
  for (const pause of [...PAUSES, 0]) {
    const answer = await post(url, fields);
    const isOfADesk = answer && ![502, 503, 504].includes(answer.status);
    if (isOfADesk || !pause || !isWanted()) return answer;
    onPause();
    await new Promise((resume) => setTimeout(resume, pause));
  }
}

/** An answer with all of its text; null where it did not come, or not whole. */
async function post(url, fields) {
  const headers = { ...csrf(), "HX-Request": "true" };
  const signal = AbortSignal.timeout(PATIENCE);
  try {
    const answer = await fetch(url, { method: "POST", body: new URLSearchParams(fields), headers, signal });
    return { ok: answer.ok, status: answer.status, url: answer.url, type: answer.headers.get("Content-Type"), text: await answer.text() };
  } catch {
    return null;
  }
}
