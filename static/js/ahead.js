// The next case, rendered while somebody still decides: a GET, which claims nothing. The decision names the key of
// what was rendered; the answer says whether the claim of that very case was won, else it is a page of its own.
//   form[data-ahead-url]  GET → 204 | the page with the header Handrail-Ahead: key
//   with the decision     Handrail-Ahead: key → Handrail-Ahead: end of the claim | no such header

const HEADER = "Handrail-Ahead";
const FRESH = 5_000;
let [ahead, sent] = [null, null];

/** What comes next may change while one thinks: each step of a decision looks again. */
async function prepare(form) {
  if (ahead?.form === form && Date.now() - ahead.since < FRESH) return;
  const asked = (ahead = { form, since: Date.now() });
  const answer = await fetch(form.dataset.aheadUrl, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer?.status !== 200 || !answer.headers.has(HEADER)) return;
  asked.html = await answer.text();
  asked.key = answer.headers.get(HEADER);
}

function show(detail) {
  const end = detail.xhr.getResponseHeader(HEADER);
  if (!end) return;
  detail.serverResponse = sent.html.replace(/data-lease-expires="[^"]*"/, () => `data-lease-expires="${end}"`) + detail.serverResponse;
  ahead = sent = null;
}

document.addEventListener("change", ({ target }) => target.form?.dataset.aheadUrl && prepare(target.form));
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (!ahead?.key || detail.elt !== ahead.form) return;
  sent = ahead;
  detail.headers[HEADER] = sent.key;
});
document.addEventListener("htmx:beforeSwap", ({ detail }) => show(detail));
