/* The conversation, without any DOM: the log by number, the outbox, and what this tab shares with others. */

import { Api, ApiError } from "./api.js";
import { attempt, exclusively, newId } from "./attempts.js";

const IDLE_AFTER = 60000; // ms

const describeBrowser = () => ({
  time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  title: document.title.slice(0, 300),
  referrer: document.referrer.split(/[?#]/)[0].slice(0, 300),
});

/** The log as this tab knows it, and what waits to be sent. Tells the view through `notify(event, detail)`. */
export class Conversation {
  /** `about()` gives what the page says of the customer: attributes, identity (a JWT). */
  constructor(shelf, language, about, notify) {
    Object.assign(this, { shelf, language, about, notify, site: shelf.site });
    this.api = new Api();
    this.outbox = [];
    this.isConnected = true;
    this.isPanelOpen = false;
    this.activeAt = Date.now();
    this.reset();
  }

  reset() {
    this.id = this.token = this.info = null;
    this.known = new Map(); // seq → message
    this.cursor = 0; // all up to here came by stream or catch-up; an acknowledged message of ours may lie beyond
    this.isKnown = false; // the site has said who this is
    this.isLoaded = false; // until then messages are history, not news
    this.statusCount = 0;
  }

  get status() {
    return this.info ? this.info.status : "bot";
  }

  get hasPerson() {
    return this.status === "queued" || this.status === "open";
  }

  /** Take over what this or another tab has stored. */
  adopt() {
    const { id, token, outbox = [] } = this.shelf.read();
    if (token && token !== this.token) {
      if (this.token) this.clear();
      Object.assign(this, { id, token, activeAt: Date.now() });
    }
    for (const stored of outbox) {
      const isKnown = this.outbox.some((item) => item.client_id === stored.client_id);
      const isSent = [...this.known.values()].some((message) => message.client_id === stored.client_id);
      if (!isKnown && !isSent) this.enqueue({ ...stored, isAdopted: true });
    }
  }

  resume() {
    this.adopt();
    this.flush();
    this.refresh();
  }

  /** Hidden pages and forgotten chats give their stream back. */
  isWanted() {
    if (!this.token || this.isEnded) return false;
    if (this.hasPerson) return true;
    const isIdle = Date.now() - this.activeAt > IDLE_AFTER;
    return document.hidden ? !isIdle : this.isPanelOpen || this.outbox.length > 0 || !isIdle;
  }

  refresh() {
    if (!this.isWanted()) return;
    if (this.line) return void this.line.start();
    if (!this.lining) this.lining = this.fetchLine();
  }

  /** What brings the news comes once there may be some. Browsers remember a failed address, so each try has its own. */
  async fetchLine() {
    try {
      this.misses = (this.misses || 0) + 1;
      const [{ Line }, talk] = await Promise.all(["stream", "talk"].map((name) => import(`./${name}.js?${this.misses}`)));
      this.notify("talk", talk);
      this.line = new Line(this);
    } catch (error) {
      this.setConnected(false);
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
    this.lining = null;
    this.refresh();
  }

  // -- sending

  send(text, button, more = {}) {
    const item = { client_id: newId(), text, button, more };
    this.shelf.change((record) => { record.outbox = [...(record.outbox || []), { ...item }]; });
    this.activeAt = Date.now();
    this.enqueue(item);
    this.flush();
  }

  enqueue(item) {
    this.outbox.push(Object.assign(item, { state: "sending", tries: 0, refusals: 0 }));
    this.notify("outbox", item);
  }

  retry(item) {
    Object.assign(item, { state: "sending", tries: 0, refusals: 0 });
    this.notify("outbox", item);
    this.flush();
  }

  /** Send what waits, oldest first; one that failed for good lets the next ones pass. */
  async flush() {
    this.line?.hurry();
    if (this.wakeFlush) this.wakeFlush();
    if (this.isFlushing) return;
    this.isFlushing = true;
    try {
      for (let item; !this.isEnded && (item = this.outbox.find((waiting) => waiting.state !== "failed")); ) {
        const wait = await exclusively(this.shelf.key, () => this.attempt(item));
        if (wait) await this.rest(wait);
      }
    } finally {
      this.isFlushing = false;
    }
  }

  rest(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wakeFlush = () => { if (navigator.onLine && !this.isHeld) { clearTimeout(timer); resolve(); } };
    }).then(() => { this.wakeFlush = null; this.isHeld = false; });
  }

  /** One try at one message. Returns the ms to wait before the next, 0 when this one is settled. */
  async attempt(item) {
    this.adopt(); // another tab may have begun the conversation, or sent this message
    if (!this.outbox.includes(item)) return 0;
    const { client_id, text, button, more } = item;
    let token;
    // Only of another tab's message is that proof: two tabs that write at once overwrite each other's outbox, and ours
    // would be lost. Sent twice it is still one, by its id.
    if (item.isAdopted && !(this.shelf.read().outbox || []).some((stored) => stored.client_id === client_id)) {
      this.settle(client_id); // another tab has sent it; the stream brings it
      this.refresh();
      return 0;
    }
    try {
      if (!this.token) await this.begin();
      token = this.token;
      const path = `conversations/${this.id}/messages`;
      const { message } = await this.api.json(path, { method: "POST", token, body: { ...more, client_id, text, button } });
      if (token !== this.token) return 0; // deleted or signed in meanwhile: what still waits is tried again, and is one by its id
      this.setConnected(true);
      this.receive({ ...message, client_id });
      this.refresh();
      this.notify("acknowledged", message);
      return 0;
    } catch (error) {
      return this.afterFailure(item, error, token);
    }
  }

  async begin() {
    const { consent } = this.shelf.read();
    const about = this.about();
    const body = { site: this.site, language: this.language, page: location.origin + location.pathname, browser: describeBrowser(), consent, ...about };
    this.take(await this.api.json("conversations", { method: "POST", body }), about.identity);
  }

  /** `resumed`: it was begun elsewhere, and what was said comes by stream. */
  take({ conversation, token, resumed }, identity) {
    this.shelf.change((record) => Object.assign(record, { id: conversation.id, token, read: 0 }));
    Object.assign(this, { id: conversation.id, token, isLoaded: !resumed, isKnown: Boolean(identity) });
    this.setInfo(conversation);
    if (resumed) this.refresh();
  }

  /** What the page says of the customer, later than at the beginning. */
  tell(facts) {
    if (this.token) this.api.json(`conversations/${this.id}`, { method: "PATCH", token: this.token, body: facts }).catch(() => {});
  }

  afterFailure(item, error, token) {
    if (!(error instanceof ApiError)) throw error;
    item.tries += 1;
    let [state, wait] = ["failed", 0];
    const isUnknown = error.code === "identity_refused";
    if ((error.isGone || isUnknown) && item.refusals < 2) {
      item.refusals += 1; // twice with fresh tokens is not an expiry: then it fails
      if (isUnknown) this.notify("error", error); // they are helped all the same
      else this.forget(token); // unless it was replaced meanwhile
      state = "sending";
    } else if (error.status === 429) {
      [state, wait, this.isHeld] = ["held", error.wait, true];
    } else if (error.status === 0 || (error.status >= 500 && item.tries < 4)) {
      [state, wait] = ["waiting", Math.min(15000, 500 * 2 ** item.tries) * (0.5 + Math.random() / 2)];
    }
    if (error.status === 0) this.setConnected(false);
    if (this.outbox.includes(item)) Object.assign(item, { state });
    this.notify("outbox", item);
    if (state === "failed") this.notify(error.code === "consent_needed" ? "consent" : "error", error);
    return wait;
  }

  // -- receiving

  openStream(token, signal) {
    const headers = { Accept: "text/event-stream", "Last-Event-ID": String(this.cursor) };
    return this.api.request(`conversations/${this.id}/events`, { token, signal, headers });
  }

  async catchUp() {
    const { token, statusCount } = this;
    const answer = await this.api.json(`conversations/${this.id}/messages?after=${this.cursor}`, { token });
    if (token !== this.token) return;
    this.setConnected(true);
    answer.messages.forEach((message) => this.advance(message));
    if (answer.more) return this.catchUp();
    this.loaded();
    if (statusCount === this.statusCount) this.setInfo(answer.conversation); // else the stream has newer news
  }

  onEvent({ event, data }) {
    const detail = attempt(() => JSON.parse(data));
    if (!detail) return; // garbled on the way; the next catch-up brings it whole
    this.setConnected(true);
    if (event === "message") this.advance(detail);
    if (event === "typing") this.notify("typing", detail);
    if (event === "status") {
      this.statusCount += 1;
      this.loaded(); // a stream begins with what was missed, then the status
      this.setInfo(detail);
    }
  }

  loaded() {
    if (this.isLoaded) return;
    this.isLoaded = true;
    this.notify("loaded");
  }

  advance(message) {
    this.receive(message);
    this.cursor = Math.max(this.cursor, message.seq);
  }

  receive(message) {
    if (this.known.has(message.seq)) return;
    this.known.set(message.seq, message);
    this.activeAt = Date.now();
    if (message.client_id) this.settle(message.client_id);
    this.notify("message", { message, isNews: this.isLoaded });
  }

  settle(clientId) {
    this.outbox = this.outbox.filter((item) => item.client_id !== clientId);
    const { outbox = [] } = this.shelf.read();
    if (!outbox.some((item) => item.client_id === clientId)) return;
    this.shelf.change((record) => { record.outbox = outbox.filter((item) => item.client_id !== clientId); });
  }

  setInfo(info) {
    const before = this.status;
    this.info = info;
    this.notify("status", { before, now: this.status });
  }

  setConnected(isConnected) {
    if (this.isConnected === isConnected) return;
    this.isConnected = isConnected;
    if (isConnected && this.wakeFlush) this.wakeFlush();
    this.notify("connection");
  }

  get newestSeq() {
    return Math.max(0, ...this.known.keys());
  }

  get unread() {
    const { read = 0 } = this.shelf.read();
    return [...this.known.values()].filter(({ seq, sender }) => seq > read && sender !== "customer").length;
  }

  markRead() {
    const { token, read = 0 } = this.shelf.read();
    const seq = this.newestSeq;
    if (!token || seq <= read) return;
    this.shelf.change((record) => { record.read = seq; });
    this.line?.tellRead(read, seq);
  }

  // -- forgetting

  /** The token no longer works: start anew, unless another tab already has. Unsent messages stay. */
  forget(token) {
    if (token !== this.token) return;
    if (this.shelf.read().token === token) this.shelf.change((record) => { record.id = record.token = record.read = undefined; });
    this.clear();
    this.notify("forgotten");
    this.resume();
  }

  /** Nothing of it stays in this browser. */
  wipe() {
    this.outbox = [];
    this.shelf.remove();
    this.clear();
  }

  end() {
    this.isEnded = true;
    this.line?.stop();
    this.line?.hurry();
    if (this.wakeFlush) this.wakeFlush();
  }

  clear() {
    this.line?.stop();
    this.reset();
    this.notify("cleared");
    this.outbox.forEach((item) => this.notify("outbox", item));
  }
}
