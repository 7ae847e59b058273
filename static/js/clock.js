// The server's clock. The browser's own may be wrong by hours, and leases count in seconds.

import { gettext, interpolate } from "desk/words";

const atLoad = Date.parse(document.body.dataset.serverNow ?? "");
const offset = Number.isNaN(atLoad) ? 0 : atLoad - Date.now();

/** The server's time in milliseconds, as far as this page knows. */
export const serverTime = () => Date.now() + offset;

/** Time left as the server's `clock` filter writes it: "4:40", "1 h 04", "3 d", "−0:12". */
export function clockText(milliseconds) {
  const left = Math.trunc(milliseconds / 1000);
  const sign = left < 0 ? "−" : "";
  const seconds = Math.abs(left);
  const two = (number) => String(number).padStart(2, "0");
  if (seconds < 3600) return `${sign}${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
  if (seconds < 172800) {
    const parts = { hours: Math.floor(seconds / 3600), minutes: two(Math.floor((seconds % 3600) / 60)) };
    return sign + interpolate(gettext("%(hours)s h %(minutes)s"), parts);
  }
  return sign + interpolate(gettext("%(days)s d"), { days: Math.floor(seconds / 86400) });
}
