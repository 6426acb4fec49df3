/* The chat, fetched by the loader (../widget.js) when first opened or when a conversation is under way.
 *
 * Modules: api (HTTP), store (what the browser keeps), conversation (the log and the outbox, no DOM), log (messages on
 * the screen), composer (writing), panel (the frame around both), home (before the first message), late (fetches the
 * rest), texts/<language> (words). Late ones: apart (from the page), modal (over it), stream (news), talk (answers), search, article, screen, waiting, ending, transcript, emoji.
 *
 * A part of its own (attachments, articles, rating…) is a module beside this one with `export function
 * installAttachments(widget)`, imported and named in PARTS below. The server sends main.js and what it imports as one
 * file without imports, so: `import { a, b } from "./x.js";` on one line, and no two modules declare the same name. It
 * and the loader may weigh 20 KB compressed: what isn't needed in every conversation goes into a module of its own that
 * is fetched with `await import("./rare.js")` when used. Words that opening needs go at the end of the four
 * texts/*.js, those of a rare part into the part; rules to `widget.host.dress(css)`.
 * What a part finds:
 *
 *   widget.texts, widget.language    words of the page's language
 *   widget.conversation              send(text, button, more), status, id, token, api.json(path, {method, token, body});
 *                                    `more` goes into the body of the message's POST, and survives a reload
 *   widget.on(event, listener)       → a function that ends it. Events:
 *       opened, closed; shown: opened, or built anew while open
 *       rendered {node, message, body}   a message was put on the screen for the first time; add to `node` (below its
 *                                    text: body.after(…)) or to `body`
 *       message {message, isNews}    a message of the log arrived; isNews false for an earlier visit's
 *       outbox item                  a message waits to be sent: item.state is sending, waiting, held or failed
 *       acknowledged message         the server has it
 *       status {before, now}         bot, queued, open, resolved; widget.conversation.info has the rest
 *       connection, typing, loaded, cleared, forgotten, agreed (to the site's consent), error {code}
 *       menu items                   the customer's menu opens: push { label, sign: icon(…), run }
 *   widget.place(name, ...nodes)     adds to a place that is always there:
 *       head       buttons in the header, before the close button
 *       notice     a line below the header, for example "a person answers in about 5 minutes"
 *       greeting   below the greeting, in the log: gone once there is a message
 *       home       below the log, gone as well
 *       end        below the newest message
 *       over       above the text field, for example files to be sent
 *       tools      buttons in the text field, before the send button
 *       under      below the text field, after "talk to a person"
 *   widget.showScreen(title, node, more)   covers log and text field with something else (an article, a form), with a
 *                                    way back, into the chat and to a person; → a promise of a function that closes it.
 *                                    more: {ask} the words on the way into the chat, {draft} what it puts there
 *   widget.offersPerson              whether a person may be asked for: not where one is, or the site wants none
 *   widget.say(text, more)           as if the customer had written it
 *   widget.askConsent(draft)         where the site asks for one, before anything is stored; say() does it by itself
 *   widget.late(name, use)           fetches the module, then calls use(module)
 *   widget.announce(text)            read out once by screen readers
 *   widget.showArticle(path, language?)   the article orders/return, as a screen
 *   widget.host.options              what the page and config.yml want: name, color, …
 *   widget.site                      what GET /api/v1/sites/<key> says; {} where that failed
 *   widget.ended.signal              for addEventListener on window or document: the widget may be taken off the page
 *   widget.host.fire(event, detail)  to the page's own scripts
 *   el, icon, fill (elements.js), content (talk.js: HTML made safe), attempt (attempts.js)
 */

import { installAttachments } from "./attachments.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { installHome } from "./home.js";
import { installLate } from "./late.js";
import { Log } from "./log.js";
import { Panel } from "./panel.js";
import { Shelf, tab } from "./store.js";
import { isSmall, STYLE } from "./styles.js";

const PARTS = [installHome, installAttachments, installLate]; // functions that get the widget

class Widget {
  constructor(host, texts, site, shelf) {
    Object.assign(this, { host, site, language: host.language, texts: { ...host.labels, ...texts }, listeners: new Map() });
    this.ended = new AbortController();
    const about = () => ({ attributes: host.facts, identity: host.identity });
    this.conversation = new Conversation(shelf || new Shelf(host.site), host.language, about, (event, detail) => this.emit(event, detail));
    this.log = new Log(this);
    this.composer = new Composer(this);
    this.panel = new Panel(this);
  }

  on(event, listener) {
    const all = this.listeners.get(event) || [];
    this.listeners.set(event, [...all, listener]);
    return () => this.listeners.set(event, this.listeners.get(event).filter((other) => other !== listener));
  }

  emit(event, detail) {
    for (const listener of this.listeners.get(event) || []) listener(detail);
  }

  /** A module that isn't there yet, whose failing stops nothing. */
  late(name, use) { return import(`./${name}.js`).then(use, () => this.announce(this.texts.unavailable)); }

  place(name, ...nodes) {
    this.panel.places[name].append(...nodes);
    this.panel.places[name].hidden = false;
  }

  async showScreen(title, node, more) {
    const { openScreen } = await import("./screen.js");
    return openScreen(this, title, node, more);
  }

  get offersPerson() { return this.site.person !== false && !this.conversation.hasPerson; }

  announce(text) { this.host.announce(text); }

  say(text, { button, ...more } = {}) {
    if (this.needsConsent) return this.askConsent({ text, button, ...more });
    tab.set(this.isOpen);
    this.log.speakUp();
    this.conversation.send(text, button, more);
    this.panel.focusAfterSending();
  }

  /** The site asks for it, and nothing has been said or agreed to in this browser. */
  get needsConsent() {
    const { token, consent } = this.conversation.shelf.read();
    return this.host.options.consent && !token && !consent;
  }

  /** Before anything is stored or sent. `draft` is what is sent then; without one, what was refused: with `isFile`, files. */
  askConsent(draft, isFile) { this.late("consent", (late) => late.askConsent(this, draft, isFile)); }

  /** What the page says of who this is. */
  identify() {
    const { identity } = this.host;
    if (identity) this.late("known", (late) => late.identify(this.conversation, identity, this.isOpen));
  }

  get isOpen() { return this.panel.isOpen; }

  open({ article, ...options } = {}) {
    this.panel.open(options);
    if (article) this.showArticle(article);
  }

  /** `path` is its address below the language, like orders/return. */
  showArticle(path, language) {
    return this.late("article", ({ openArticle }) => openArticle(this, path, language));
  }

  close() { this.panel.close(); }

  /** Follows the server and the world around, and takes up an earlier conversation. */
  run() {
    const { conversation } = this;
    const { signal } = this.ended;
    this.host.addEventListener("odziv", () => { this.isDeaf = false; }, { signal });
    const wake = () => { conversation.line?.doubt(); conversation.flush(); conversation.refresh(); this.panel.showState(); };
    window.addEventListener("online", () => { conversation.line?.stop(); wake(); }, { signal });
    window.addEventListener("offline", () => this.panel.showState(), { signal });
    window.addEventListener("pageshow", (event) => event.persisted && wake(), { signal });
    window.addEventListener("pagehide", () => conversation.line?.stop(), { signal }); // else no back/forward cache
    window.addEventListener("storage", (event) => {
      if (event.key !== conversation.shelf.key) return;
      if (event.newValue) conversation.resume();
      else conversation.wipe(); // forgotten, or signed out, in another tab
      this.panel.showUnread(false);
    }, { signal });
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      conversation.activeAt = Date.now();
      this.panel.showUnread(false);
      wake();
    }, { signal });
    this.on("consent", () => this.askConsent());
    this.on("opened", () => this.identify());
    const stop = this.on("status", () => { stop(); this.late("more", (late) => late.installMenu(this)); }); // something is kept now
    import("./apart.js").then(({ keepApart }) => keepApart(this), () => {}); // it can be done without
    conversation.resume();
    this.identify();
  }

  /** It was out of the document, and is back: everything is scrolled to its top, and may have lost its listeners. */
  recover() {
    this.isDeaf = true;
    this.host.dispatchEvent(new Event("odziv"));
    if (this.isDeaf) this.host.renew();
    else this.log.scrollDown();
  }

  /** Takes it off the page; → what the next one needs to go on in its place. */
  stop() {
    this.ended.abort();
    this.conversation.end();
    const before = { isOpen: this.isOpen, draft: this.composer.input.value, shelf: this.conversation.shelf, focus: this.panel.hasFocus() };
    this.panel.node.remove();
    return before;
  }

  resume({ isOpen, draft, focus }) {
    this.composer.input.value = draft;
    this.composer.onInput();
    if (isOpen) this.panel.open({ focus, isQuiet: true });
  }
}

/** `host` is the loader's element, `texts` the words of its language, `site` the server's word on the site, `before` what stop() gave. */
export function start(host, texts, site, before) {
  host.panelRules = host.dress(STYLE, host.panelRules);
  const widget = new Widget(host, texts, site, before && before.shelf);
  PARTS.forEach((install) => install(widget));
  widget.run();
  if (site.allowed === false) widget.emit("error", { code: "origin_not_allowed" }); // the browser would only say "no network"
  if (before) widget.resume(before);
  else if (widget.conversation.token && tab.wasOpen() && !isSmall()) widget.open({ focus: false });
  return widget;
}
