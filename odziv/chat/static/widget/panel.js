/* The dialog: header, banner, log, composer, screens over them; its focus, and what it says about the conversation. */

import { el, fill, icon, initials } from "./elements.js";
import { tab } from "./store.js";
import { isSmall } from "./styles.js";

export const isTouched = () => matchMedia("(pointer:coarse)").matches; // a phone's keyboard stays down until asked for

// What is typed, pasted, dropped and scrolled in the chat is none of the page's business: see also apart.js.
const KEPT_IN = "keydown keypress keyup beforeinput input paste copy cut compositionstart compositionupdate compositionend dragenter dragover drop wheel touchmove focusin focusout".split(" ");

export class Panel {
  constructor(widget) {
    Object.assign(this, { widget, texts: widget.texts, host: widget.host, conversation: widget.conversation });
    this.build();
    widget.on("status", (change) => this.onStatus(change));
    widget.on("error", (error) => this.onError(error));
    for (const event of ["connection", "cleared"]) widget.on(event, () => this.showState());
    if (window.visualViewport) {
      for (const event of ["resize", "scroll"]) window.visualViewport.addEventListener(event, () => this.fitKeyboard(), { signal: widget.ended.signal });
    }
    this.showState();
  }

  build() {
    const { log, composer } = this.widget;
    this.banner = el("p", { class: "banner", role: "status", hidden: true });
    this.notice = el("div", { class: "notice", hidden: true });
    this.node = el("section", { class: "panel", id: "panel", role: "dialog", "aria-labelledby": "name", tabindex: "-1", hidden: true,
      keydown: (event) => this.onKey(event) }, this.buildHead(), this.banner, this.notice, log.node, composer.node);
    KEPT_IN.forEach((type) => this.node.addEventListener(type, (event) => event.stopPropagation()));
    this.host.root.prepend(this.node);
    this.host.bubble.setAttribute("aria-controls", "panel");
    this.places = { head: this.headTools, notice: this.notice, greeting: log.starters, home: log.home, end: log.end, over: composer.over, tools: composer.tools, under: composer.under };
  }

  buildHead() {
    this.face = el("span", { class: "face", "aria-hidden": "true" }, icon("chat"));
    this.dot = el("span", { class: "dot", "aria-hidden": "true" });
    this.statusText = el("span");
    this.headTools = el("span", { class: "head-tools", hidden: true });
    return el("div", { class: "head" }, this.face,
      el("div", { class: "who" }, el("h2", { class: "name", id: "name" }, this.host.options.name || this.widget.site.name || this.texts.support), el("p", { class: "status" }, this.dot, this.statusText)),
      this.headTools, el("button", { type: "button", class: "close", "aria-label": this.texts.close, click: () => this.close() }, icon("close")));
  }

  // -- state

  onStatus({ before, now }) {
    this.showState();
    if (before === now) return;
    this.widget.announce(this.statusText.textContent);
    if (now === "queued") this.host.fire("handoff");
    if (now === "resolved") this.host.fire("resolved");
  }

  onError({ code }) {
    if (code === "identity_refused") this.host.identity = null;
    this.isUnavailable = code === "unknown_site" || code === "origin_not_allowed";
    if (this.isUnavailable) console.warn(`odziv: ${code}; check data-site and the site's origins (Settings, or config.yml)`);
    this.showState();
    this.host.fire("error", { code });
  }

  showState() {
    const { texts, conversation } = this;
    const { status, info } = conversation;
    const agent = status === "open" && info.agent?.name;
    this.statusText.textContent = status === "open" ? fill(texts.openWith, { name: agent || texts.person }) : status === "bot" && conversation.token ? texts.assistant : texts[status]; // short, beside the menu
    this.dot.className = `dot ${status}`;
    this.face.replaceChildren(agent ? initials(agent) : icon("chat"));
    this.widget.portray?.(agent && info.agent, this.face);
    const warning = this.isUnavailable ? texts.unavailable : !navigator.onLine ? texts.offline : conversation.isConnected ? "" : texts.reconnecting;
    this.banner.hidden = !warning;
    if (this.banner.textContent !== warning) this.banner.replaceChildren(icon("off"), warning);
  }

  showUnread(isNews) {
    const { conversation } = this;
    if (this.isOpen && !document.hidden) conversation.markRead();
    const count = this.isOpen ? 0 : conversation.unread;
    const news = fill(this.texts.unread, { n: count });
    this.host.showUnread(count, this.isOpen, news);
    if (count && isNews) this.widget.announce(news);
  }

  // -- opening, closing, focus

  get isOpen() { return !this.node.hidden; }

  hasFocus() { return this.node.contains(this.host.shadowRoot.activeElement); }

  /** `isQuiet`: it was open already, in another language or look. */
  open({ focus = true, isQuiet = false } = {}) {
    if (this.isOpen) return;
    this.cameFrom = document.activeElement;
    this.show(true);
    this.widget.log.scrollDown();
    if (focus) (isTouched() ? this.node : this.widget.composer.input).focus({ preventScroll: true });
    if (isQuiet) return;
    this.widget.emit("opened");
    this.host.fire("opened");
  }

  close() {
    if (!this.isOpen) return;
    this.show(false);
    const origin = this.cameFrom;
    if (origin && origin !== this.host && origin !== document.body && origin.isConnected) origin.focus();
    else this.host.bubble.focus();
    this.widget.emit("closed");
    this.host.fire("closed");
  }

  show(isOpen) {
    this.node.hidden = !isOpen;
    this.node.setAttribute("aria-modal", String(isSmall()));
    this.host.showOpen(isOpen);
    if (isOpen) this.widget.emit("shown");
    this.conversation.isPanelOpen = isOpen;
    this.conversation.activeAt = Date.now();
    if (this.conversation.token) tab.set(isOpen);
    this.showUnread(false);
    this.conversation.refresh();
  }

  focusAfterSending() {
    if (isTouched()) this.node.focus({ preventScroll: true });
    else this.widget.composer.input.focus();
  }

  onKey(event) {
    if (event.key === "Escape" && !event.isComposing) {
      event.preventDefault(); // else it would close the page's own dialog too
      if (this.closeScreen) this.closeScreen();
      else this.close();
    }
    if (event.key === "Tab" && isSmall()) this.keepFocus(event);
  }

  /** Full screen, the page is covered. */
  keepFocus(event) {
    const stops = [...this.node.querySelectorAll("button,textarea,input,select,a[href],[tabindex='0']")].filter((stop) => stop.offsetParent);
    const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
    const active = this.host.shadowRoot.activeElement;
    if (active !== edge && !(event.shiftKey && active === this.node)) return;
    event.preventDefault();
    (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus();
  }

  /** On a phone the panel ends where the on-screen keyboard begins. */
  fitKeyboard() {
    const { height, offsetTop, scale } = window.visualViewport;
    if (scale > 1.01) return; // zoomed in by the reader, not a keyboard
    this.host.style.setProperty("--height", `${height}px`);
    this.host.style.setProperty("--top", `${offsetTop}px`);
  }
}
