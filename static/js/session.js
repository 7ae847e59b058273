// The signed-in session, for requests that htmx does not make.

/** The header that Django wants on each POST; the page holds the token in one place, on <body>. */
export const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"));

/** Whether an answer came from the sign-in page, where a request lands once the session has ended. */
export const isSignIn = (address) => new URL(address, location.href).pathname === document.body.dataset.loginUrl;

/** To the sign-in page, and back here afterwards. */
export function signInAgain() {
  const here = encodeURIComponent(location.pathname + location.search);
  location.assign(`${document.body.dataset.loginUrl}?next=${here}`);
}
