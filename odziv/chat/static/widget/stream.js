/* News from the server: a stream, or polling where streams are blocked. */

import { ApiError } from "./api.js";

const QUIET_LIMIT = 40000; // ms; the server sends a heartbeat at least every 15 s
const MUTE_LIMIT = 18000; // ms; a stream that has said nothing by then is being held back
const POLL_EVERY = 3000; // ms; where streaming is blocked

/** Server-Sent Events out of a fetched body: EventSource cannot send a token. */
class EventReader {
  constructor(onEvent) {
    this.onEvent = onEvent;
    this.rest = "";
    this.clear();
  }

  clear() {
    this.event = "message";
    this.data = [];
  }

  feed(chunk) {
    const lines = (this.rest + chunk).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop();
    lines.forEach((line) => this.line(line));
  }

  line(line) {
    if (line === "") {
      if (this.data.length) this.onEvent({ event: this.event, data: this.data.join("\n"), id: this.id });
      return this.clear();
    }
    const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
    if (field === "event") this.event = value;
    if (field === "data") this.data.push(value);
    if (field === "id") this.id = value;
  }
}

/** Streams, reconnects, and polls where streams are blocked. */
export class Line {
  constructor(conversation) {
    this.conversation = conversation;
    this.failures = 0; // streams that ended, since the last that worked
    this.blocked = 0; // of them, those that ended though the network was there
    this.isRunning = false;
  }

  async start() {
    this.hurry();
    if (this.isRunning) return;
    this.isRunning = true;
    try {
      while (this.conversation.isWanted()) await this.round();
    } finally {
      this.isRunning = false;
    }
  }

  /** The messages behind `read`, up to `seq`, were on the screen: agents like to know it of theirs. */
  tellRead(read, seq) {
    const { conversation } = this;
    const isAgents = (message) => message.sender === "agent" && message.seq > read && message.seq <= seq;
    if ([...conversation.known.values()].some(isAgents)) this.hint("seen", { seq });
  }

  /** The customer is typing. */
  tellTyping() {
    if (!this.conversation.hasPerson || Date.now() - (this.typedAt || 0) < 4000) return;
    this.typedAt = Date.now();
    this.hint("typing", {});
  }

  /** Tells what need not arrive. */
  hint(name, body) {
    const { api, id, token } = this.conversation;
    api.json(`conversations/${id}/${name}`, { method: "POST", token, body }).catch(() => {});
  }

  /** Don't wait out the pause. */
  hurry() {
    if (this.wake) this.wake();
  }

  stop() {
    if (this.abort) this.abort.abort();
  }

  /** After sleep or another network, a stream that has been quiet may be dead without knowing. */
  doubt() {
    if (Date.now() - this.heard > 16000) this.stop();
  }

  async round() {
    const { conversation } = this;
    const token = conversation.token;
    try {
      if (this.blocked < 3 || this.failures % 10 === 0) await this.stream(token);
      else await conversation.catchUp();
      this.failures += 1;
    } catch (error) {
      this.failures += 1;
      if (error.isGone) return conversation.forget(token);
      await this.lookOnce(token);
    }
    if (conversation.isWanted()) await this.pause(this.delay());
  }

  /** Asking the plain way tells "streaming is blocked" from "no network". */
  async lookOnce(token) {
    try {
      if (this.failures === 1) return;
      await this.conversation.catchUp();
      this.blocked += 1;
    } catch (error) {
      if (error.isGone) return this.conversation.forget(token);
      this.conversation.setConnected(false);
    }
  }

  /** First retry at once (a dropped line is common), then half a second doubling to 20 s; always jittered. */
  delay() {
    const jitter = 0.5 + Math.random() / 2;
    if (this.blocked >= 3 && this.conversation.isConnected) return POLL_EVERY;
    if (this.failures <= 1 || this.conversation.isConnected) return 400 * jitter;
    return Math.min(20000, 400 * 2 ** Math.min(this.failures - 1, 6)) * jitter;
  }

  pause(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => { clearTimeout(timer); resolve(); };
    }).then(() => { this.wake = null; });
  }

  async stream(token) {
    const { conversation } = this;
    const abort = (this.abort = new AbortController());
    const opened = (this.heard = Date.now());
    let [isMute, isLost] = [true, false];
    const watch = setInterval(() => {
      const isSilent = Date.now() - this.heard > (isMute ? MUTE_LIMIT : QUIET_LIMIT);
      if (isSilent || !conversation.isWanted() || conversation.token !== token) abort.abort();
      else if (isMute) conversation.catchUp().catch(() => {}); // a proxy may be holding the stream back
    }, 3000);
    try {
      const response = await conversation.openStream(token, abort.signal);
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      const events = new EventReader((event) => {
        if (event.event === "busy") isLost = true; // newer pages of this conversation took its place
        else if (conversation.token === token) conversation.onEvent(event);
      });
      for (let part; !(part = await reader.read()).done; ) {
        isMute = false;
        this.heard = Date.now();
        events.feed(decoder.decode(part.value, { stream: true }));
        this.failures = Math.min(this.failures, 1);
        if (events.id || this.heard - opened > 3000) this.failures = this.blocked = 0;
      }
    } catch (error) {
      if (error instanceof ApiError) throw error; // a body that breaks off is an ordinary end: reconnect
    } finally {
      clearInterval(watch);
    }
    if (isMute) this.blocked += 1;
    if (isLost) [this.blocked, this.failures] = [3, 1]; // asks for a while, so that pages don't take turns every second
  }
}
