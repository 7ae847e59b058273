// The live connection of each element with data-live-url; another address in it is another connection. The server
// read data-live-cursor before it rendered the element; the socket sends what came after. Commands are POSTs.
//   {type: "html", generation, cursor, html}   morph; what is older than what is shown is dropped. With rows,
//                                              html names each row, and rows has those that changed
//   {type: "resync"}                           too much was missed: one GET of data-live-refresh
//   {type: "ping"}                             answered with pong; 60 s of silence means a dead line
//   {type: "lease", …}                         told to the page as the event handrail:lease

import { isBefore } from "desk/cursors";
import { morph, morphUnlessOlder } from "desk/morph";
import { isSignIn, signInAgain } from "desk/session";
import { gettext, language } from "desk/words";

const [SILENCE, BASE, CAP] = [60_000, 500, 15_000];
const [SIGNED_OUT, REFUSED] = [4401, 4403];
const WORDS = { refused: gettext("no access"), down: gettext("not live"), connecting: gettext("connecting"), live: gettext("live") };
const NAMED_ROW = /<!--row (\S+)-->/g;
const links = [];

/** Full jitter: 500 desks that lose their server at once do not come back at once. */
const delay = (attempt) => Math.random() * Math.min(CAP, BASE * 2 ** attempt);

function showBadge() {
  const badge = document.getElementById("live-badge");
  const states = links.map((link) => link.state);
  const state = ["refused", "down", "connecting"].find((worse) => states.includes(worse)) ?? "live";
  if (!badge || badge.dataset.state === state) return;
  badge.hidden = false;
  badge.dataset.state = state;
  badge.lastElementChild.textContent = WORDS[state];
}

class Link {
  state = "connecting";
  attempt = 0;

  constructor(id) {
    this.id = id;
    this.connect();
  }

  get element() {
    return document.getElementById(this.id);
  }

  become(state) {
    this.state = state;
    showBadge();
  }

  connect() {
    clearTimeout(this.timer);
    if (!this.element) return;
    this.shown = this.element.dataset.liveUrl;
    const address = new URL(this.shown, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    address.searchParams.set("language", language);
    address.searchParams.set("cursor", this.element.dataset.liveCursor);
    [this.generation, this.rows] = [-1, new Map()];
    this.socket = new WebSocket(address);
    this.socket.onopen = () => this.become("live");
    this.socket.onmessage = (event) => this.receive(JSON.parse(event.data));
    this.socket.onclose = (event) => this.lost(event.code);
    this.expectNoise();
  }

  /** A line that says nothing for too long is dead, whatever the browser believes. */
  expectNoise() {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.lost(0), SILENCE);
  }

  hangUp() {
    clearTimeout(this.silence);
    this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
    this.socket.close();
  }

  lost(code) {
    this.hangUp();
    if (code === SIGNED_OUT) return signInAgain();
    if (code === REFUSED) return this.become("refused");
    this.become("down");
    this.timer = setTimeout(() => this.connect(), delay(this.attempt++));
  }

  receive(message) {
    this.expectNoise();
    // A refresh that fails closes the line again: it must not come back at full speed for ever.
    if (message.type !== "resync") this.attempt = 0;
    if (message.type === "ping") this.socket.send('{"type": "pong"}');
    else if (message.type === "html") this.show({ ...message, html: this.whole(message) });
    else if (message.type === "resync") this.resync();
    else if (message.type === "lease") document.dispatchEvent(new CustomEvent("handrail:lease", { detail: message }));
  }

  /** The markup of a message with all its rows; those that did not change came over this line before. */
  whole({ html, rows }) {
    if (!rows) return html;
    const before = this.rows;
    this.rows = new Map([...html.matchAll(NAMED_ROW)].map(([, id]) => [id, rows[id] ?? before.get(id)]));
    return html.replace(NAMED_ROW, (_, id) => this.rows.get(id));
  }

  show({ generation, cursor, html }) {
    const shown = this.element.dataset.liveCursor;
    // Generations are counted by one server process: they only order what has the same cursor.
    if (isBefore(cursor, shown) || (cursor === shown && generation < this.generation)) return;
    this.generation = generation;
    morph(html);
    this.element.dataset.liveCursor = cursor;
  }

  async resync() {
    try {
      const answer = await fetch(this.element.dataset.liveRefresh, { headers: { "HX-Request": "true" } });
      if (isSignIn(answer.url)) return signInAgain();
      if (!answer.ok) throw new Error(`refresh answered ${answer.status}`);
      // A message that came meanwhile may know more than this answer.
      morphUnlessOlder(await answer.text(), this.id);
    } catch {
      this.lost(0);
    }
  }
}

function start() {
  for (const gone of links.filter((link) => !link.element)) {
    gone.hangUp();
    links.splice(links.indexOf(gone), 1);
  }
  for (const element of document.querySelectorAll("[data-live-url]")) {
    const link = links.find((known) => known.id === element.id);
    if (!link) links.push(new Link(element.id));
    else if (link.shown !== element.dataset.liveUrl) link.hangUp(), link.connect();
  }
}

function reconnectNow() {
  for (const link of links) if (link.state === "down") link.connect();
}

document.addEventListener("htmx:load", start);
window.addEventListener("online", reconnectNow);
document.addEventListener("visibilitychange", () => document.hidden || reconnectNow());
// Leaving the page closes the sockets; nobody needs to read "not live" for that.
window.addEventListener("pagehide", () => links.forEach((link) => (link.socket.onclose = null)));
window.addEventListener("pageshow", (event) => event.persisted && links.forEach((link) => link.lost(0)));
start();
