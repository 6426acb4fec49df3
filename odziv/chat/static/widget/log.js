/* The log on the screen: one element a message, in the order of their numbers; below them, what waits to be sent. */

import { el, fill, icon, initials } from "./elements.js";

const TYPING_LASTS = 30000; // ms; a typing sign whose end was lost goes away by itself

export class Log {
  constructor(widget) {
    Object.assign(this, { widget, texts: widget.texts, conversation: widget.conversation });
    this.items = new Map(); // client id → the item's element, until it is acknowledged
    this.clock = new Intl.DateTimeFormat(widget.language, { hour: "numeric", minute: "2-digit" });
    this.calendar = new Intl.DateTimeFormat(widget.language, { weekday: "long", day: "numeric", month: "long" });
    this.build();
    for (const event of ["talk", "message", "outbox", "acknowledged", "typing", "loaded", "cleared", "forgotten", "status"]) {
      widget.on(event, (detail) => this[`on_${event}`](detail));
    }
  }

  build() {
    const { texts } = this;
    this.list = el("div", { class: "log", role: "log", "aria-live": "off", "aria-relevant": "additions", "aria-label": texts.log });
    this.typingText = el("span");
    this.typingSign = el("div", { class: "typing", hidden: true }, el("i", { "aria-hidden": "true" }, el("u")), el("span", { class: "sr" }, this.typingText));
    this.end = el("div", { class: "end", hidden: true });
    this.home = el("div", { class: "home" });
    this.scroll = el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": texts.log, scroll: () => this.onScroll() }, this.list, this.home, this.typingSign, this.end);
    this.newest = el("button", { type: "button", class: "newest", hidden: true, click: () => this.scrollDown() }, texts.newest);
    this.node = el("div", { class: "middle" }, this.scroll, this.newest);
    this.list.append(this.buildGreeting());
    const grown = new ResizeObserver(() => this.held && this.hold(this.held));
    for (const node of [this.scroll, ...this.scroll.children]) grown.observe(node);
  }

  /** Shown, never sent. */
  buildGreeting() {
    const questions = [].concat(this.widget.host.options.questions || []).join("|").split("|").map((question) => question.trim()).filter(Boolean);
    this.starters = el("div", { class: "starters" }, questions.length ? el("div", { class: "offers" }, ...questions.map((question) =>
      el("button", { type: "button", click: () => this.widget.say(question) }, question))) : null);
    const item = this.frame("bot", this.texts.assistant);
    const { greeting } = this.widget.site;
    const words = greeting && greeting[this.widget.language] ? [greeting[this.widget.language]] : [this.texts.greeting, this.texts.ask];
    item.querySelector(".body").append(...words.map((text) => el("p", {}, text)));
    item.append(this.starters);
    return item;
  }

  frame(sender, name) {
    const isOther = sender === "bot" || sender === "agent";
    const picture = isOther && el("span", { class: "mark", "aria-hidden": "true" }, sender === "bot" ? icon("spark") : initials(name));
    const label = sender === "customer" ? el("span", { class: "sr" }, `${this.texts.you}:`) : isOther ? el("span", { class: "by" }, name) : null;
    const kind = sender === "customer" ? "own" : sender;
    return el("div", { class: `msg ${kind} first last`, "data-from": `${kind} ${name || ""}` }, picture || null, label,
      el("div", { class: "body", dir: "auto" }), el("div", { class: "meta" }));
  }

  // -- messages

  /** What draws the others' messages is there before the first of them: see Conversation.fetchLine. */
  on_talk(talk) { this.talk = talk; }

  on_message({ message, isNews }) {
    const isAtEnd = this.isAtEnd();
    const node = this.items.get(message.client_id) || this.talk.buildMessage(this, message);
    this.items.delete(message.client_id);
    node.classList.remove("pending", "failed");
    node.dataset.seq = message.seq;
    node.dataset.day = new Date(message.created_at).toDateString();
    this.fillTime(node, message);
    this.widget.emit("rendered", { node, message, body: node.querySelector(".body") });
    this.place(node, message.seq);
    this.showOffers();
    if (message.sender !== "customer") this.onIncoming(message, node, isNews, isAtEnd);
    else if (isAtEnd) this.scrollDown();
    if (isNews) this.widget.host.fire("message", message);
  }

  onIncoming(message, node, isNews, isAtEnd) {
    if (message.sender !== "system") this.showTyping(false);
    if (isAtEnd || !isNews) this.hold(node);
    else this.newest.hidden = false;
    this.widget.panel.showUnread(isNews);
  }

  fillTime(node, message) {
    const moment = new Date(message.created_at);
    if (isNaN(moment)) return;
    node.querySelector(".meta").replaceChildren(el("time", { datetime: message.created_at }, this.clock.format(moment)));
  }

  /** Where its number says; moved only if it isn't there already, so that it is announced once. */
  place(node, seq) {
    const numbered = [...this.list.children].filter((other) => other !== node && other.dataset.seq);
    const after = numbered.filter((other) => Number(other.dataset.seq) < seq).pop();
    const next = numbered.find((other) => Number(other.dataset.seq) > seq) || [...this.items.values()].find((waiting) => waiting !== node) || null;
    const isPlaced = node.parentNode && (!next || node.compareDocumentPosition(next) & 4) && (!after || after.compareDocumentPosition(node) & 4);
    if (!isPlaced) this.list.insertBefore(node, next);
    this.markDay(node, after);
    this.group();
  }

  markDay(node, before) {
    const lastDay = before ? before.dataset.day : new Date().toDateString();
    const above = node.previousElementSibling;
    if (node.dataset.day === lastDay || (above && above.className === "day")) return;
    node.before(el("div", { class: "day", "aria-hidden": "true" }, this.calendar.format(new Date(node.dataset.day))));
  }

  group() {
    const all = [...this.list.children];
    all.forEach((node, i) => {
      const from = node.dataset.from;
      node.classList.toggle("first", !all[i - 1] || all[i - 1].dataset.from !== from);
      node.classList.toggle("last", !all[i + 1] || all[i + 1].dataset.from !== from);
    });
  }

  /** Buttons belong to the newest message only: after that the talk has moved on. */
  showOffers() {
    const nodes = this.list.querySelectorAll(".msg:not(.system)");
    for (const node of nodes) {
      const shown = node.querySelector(".choices");
      const wanted = node === nodes[nodes.length - 1] && node.offers && !this.items.size ? node.offers : null;
      if (shown && !wanted) shown.remove();
      if (!shown && wanted && wanted.buttons.length) node.querySelector(".meta").before(this.talk.buildOffers(this, wanted));
    }
    this.starters.hidden = this.home.hidden = nodes.length > 1;
  }

  // -- what waits to be sent

  on_outbox(item) {
    if (item.state === "failed") this.widget.announce(`${this.texts.failed} ${item.text}`);
    if (!this.conversation.outbox.includes(item)) return;
    let node = this.items.get(item.client_id);
    if (!node) {
      node = this.frame("customer");
      node.querySelector(".body").append(item.text);
      this.items.set(item.client_id, node);
      this.list.append(node);
      this.group();
      this.showOffers();
      this.scrollDown();
    }
    this.showItem(item, node);
  }

  showItem(item, node) {
    node.classList.toggle("failed", item.state === "failed");
    node.classList.toggle("pending", item.state !== "failed");
    if (node.dataset.state !== item.state) node.querySelector(".meta").replaceChildren(this.texts[item.state], ...(item.state === "failed" ? [
      el("button", { type: "button", click: () => { this.conversation.retry(item); this.widget.composer.input.focus(); } }, this.texts.retry)] : []));
    node.dataset.state = item.state;
  }

  /** The bot is about to think; unless it was faster than our own acknowledgement. */
  on_acknowledged({ seq }) {
    if (this.conversation.status === "bot" && this.conversation.newestSeq <= seq) this.showTyping(true, this.texts.assistant);
  }

  on_typing({ sender, typing }) {
    const { agent } = this.conversation.info || {};
    this.showTyping(typing, sender === "agent" ? (agent && agent.name) || this.texts.person : this.texts.assistant);
  }

  showTyping(isTyping, name) {
    clearTimeout(this.typingTimer);
    this.typingSign.hidden = !isTyping;
    if (!isTyping) return;
    this.typingText.textContent = fill(this.texts.typing, { name });
    this.typingTimer = setTimeout(() => this.showTyping(false), TYPING_LASTS);
  }

  // -- the conversation as a whole

  /** From now on what arrives is read out. */
  speakUp() { this.list.setAttribute("aria-live", "polite"); }

  on_loaded() {
    setTimeout(() => this.speakUp(), 300); // history is there to be read, not announced
    this.widget.panel.showUnread(false);
  }

  on_status({ before, now }) {
    this.showOffers();
    if (before !== now && now !== "bot") this.showTyping(false);
  }

  on_cleared() {
    const isEmpty = !this.conversation.outbox.length;
    if (isEmpty) this.items.clear();
    for (const node of [...this.list.children].slice(1)) if (isEmpty || !node.dataset.state || node.dataset.seq) node.remove();
    for (const node of this.items.values()) this.list.append(node);
    this.showTyping(false);
    this.group();
    this.showOffers();
  }

  on_forgotten() {
    const node = this.frame("system");
    node.querySelector(".body").append(this.texts.expired);
    this.list.children[0].after(node);
    this.widget.announce(this.texts.expired);
  }

  // -- scrolling

  isAtEnd() { return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < 80; }

  onScroll() {
    if (this.isAtEnd()) this.newest.hidden = true;
    if (this.scroll.scrollTop !== this.top) this.held = this.isAtEnd() && this.end;
  }

  scrollDown() { this.hold(this.end); }

  /** A message's beginning, or the end, stays in sight (at `top`) whatever opens around the log or grows in it, until the reader scrolls. */
  hold(node) {
    this.held = node;
    if (node !== this.end) this.scroll.scrollTop = node.offsetTop - 16;
    else if (this.home.hidden) this.scroll.scrollTop = this.scroll.scrollHeight; // home is read from its top
    this.top = this.scroll.scrollTop;
  }
}
