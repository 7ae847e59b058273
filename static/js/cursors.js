// Places in the event log, as the server writes them.

/** Whether cursor `a` lies before `b`; cursors are numbers, or several joined by any other sign. */
export function isBefore(a, b) {
  const [left, right] = [a, b].map((cursor) => (cursor.match(/\d+/g) ?? []).map(BigInt));
  const at = left.findIndex((part, index) => part !== right[index]);
  return at >= 0 && at < right.length && left[at] < right[at];
}

export function cursorIn(html, id) {
  return new DOMParser().parseFromString(html, "text/html").getElementById(id)?.dataset.liveCursor ?? "";
}
