/* A few words beside the button for customers who have not asked yet, by the site's rules. Fetched by the loader when
 * the first rule may fit; imports nothing, so that the chat itself stays where it is.
 *
 * Nothing is stored for it before the customer does something: that a rule fitted on the page before is seen by the
 * page's referrer. Closing one is an act of theirs, and is kept as one flag; from then on there are none.
 */

const { el, draw } = customElements.get("odziv-chat");

const PAUSE = 7 * 24 * 3600 * 1000; // ms between two, for customers of whom something is stored anyway
const NUDGE_TEXTS = TEXTS.nudge;

const NUDGE_RULES = `
.nudge{position:fixed;inset-block-end:calc(var(--edge) + 74px + env(safe-area-inset-bottom));inset-inline-end:var(--edge);display:flex;align-items:flex-start;
  width:max-content;max-width:min(300px,calc(100vw - 2*var(--edge)));background:var(--raised);color:var(--text);border-radius:18px 18px 6px 18px;
  box-shadow:var(--shadow);animation:nudge .25s ease-out}
:host([data-position=left]) .nudge{left:var(--edge);right:auto;border-radius:18px 18px 18px 6px}
:host([data-position=right]) .nudge{right:var(--edge);left:auto}
.nudge .say{text-align:start;min-height:48px;padding-block:13px;padding-inline:16px 0;border-radius:inherit}
.nudge .off{width:44px;height:48px;display:grid;place-items:center;flex:none;color:var(--muted);border-radius:14px}
.nudge .off svg{width:16px;height:16px}
.nudge button:hover{color:var(--strong)}
.is-open .nudge{display:none}
@keyframes nudge{from{opacity:0;transform:translateY(8px)}}
@media (prefers-reduced-motion:reduce){.nudge{animation:none}}
@media (forced-colors:active){.nudge{border:1px solid CanvasText}}
`;

const tried = (work) => { try { return work(); } catch (refused) { return null; } };
const matches = (glob, path) => new RegExp(`^${glob.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*")}$`).test(path);

/** The path the customer came from, when it was a page of this site; "" when they came from elsewhere. */
function cameFrom() {
  const before = tried(() => new URL(document.referrer));
  return before && before.origin === location.origin ? before.pathname : "";
}

class Nudge {
  constructor(host, rules) {
    Object.assign(this, { host, rules, shown: new Set(), path: location.pathname });
    const [visit] = performance.getEntriesByType("navigation");
    this.before = visit && visit.type !== "navigate" ? location.pathname : cameFrom(); // a reload is no arrival
    this.seconds = Math.round((Date.now() - host.since) / 1000);
    host.nudgeRules = host.dress(NUDGE_RULES, host.nudgeRules);
    this.clock = setInterval(() => this.tick(), 1000);
  }

  get record() { return tried(() => JSON.parse(localStorage.getItem(`odziv:${this.host.site}`))) || {}; }

  tick() {
    const { host } = this;
    if (!host.isConnected) return this.end();
    if (location.pathname !== this.path) this.turnPage(); // without a reload
    if (host.isWanted || host.bubble.hidden) return this.hide();
    if (document.hidden) return;
    this.seconds += 1;
    const rule = this.node || this.wasShown || this.isBusy() ? null : this.rules.find((one) => this.fits(one));
    if (rule) this.show(rule);
  }

  turnPage() {
    Object.assign(this, { before: this.path, path: location.pathname, seconds: 0, wasShown: false });
    this.hide();
  }

  fits({ id, text, page, after_seconds: after, languages, returning }) {
    const { language } = this.host;
    const isReturning = Boolean(this.record.token);
    return !this.shown.has(id) && text[language] && (!languages.length || languages.includes(language)) && this.seconds >= after
      && matches(page, this.path) && !(this.before && matches(page, this.before)) && (returning === undefined || returning === isReturning);
  }

  /** A conversation is going on, or there was a message of this kind not long ago. */
  isBusy() {
    const { conversation } = this.host.widget || {};
    const { nudged = 0 } = this.record;
    return Date.now() - nudged < PAUSE || Boolean(conversation && (conversation.hasPerson || conversation.unread));
  }

  show(rule) {
    const { host } = this;
    const words = rule.text[host.language];
    const close = el("button", { type: "button", class: "off", "aria-label": NUDGE_TEXTS[host.language].close, click: () => this.dismiss(rule) }, draw("M6 6l12 12M18 6 6 18"));
    this.node = el("div", { class: "nudge", keydown: (event) => event.key === "Escape" && this.dismiss(rule) },
      el("button", { type: "button", class: "say", click: () => this.take(rule, words) }, words), close);
    host.root.insertBefore(this.node, host.bubble);
    host.announce(words);
    this.shown.add(rule.id);
    this.wasShown = true;
    if (this.record.token) this.note();
    this.tell(rule, "shown");
  }

  /** Only beside what is stored already. */
  note() {
    tried(() => localStorage.setItem(`odziv:${this.host.site}`, JSON.stringify({ ...this.record, nudged: Date.now() })));
  }

  take(rule, words) {
    const { host } = this;
    const answer = host.askSite().then((site) => ({ ...site, greeting: { ...site.greeting, [host.language]: words } }));
    host.askSite = () => answer; // the chat begins with it
    this.hide();
    this.tell(rule, "opened");
    host.open();
  }

  dismiss(rule) {
    tried(() => localStorage.setItem(`odziv:quiet:${this.host.site}`, "1"));
    this.host.bubble.focus();
    this.tell(rule, "dismissed");
    this.end();
  }

  tell({ id }, action) { this.host.fire("proactive", { id, action }); }

  hide() {
    if (this.node) this.node.remove();
    this.node = null;
  }

  end() {
    clearInterval(this.clock);
    this.hide();
  }
}

export async function nudge(host) {
  const { proactive } = await host.askSite();
  if (proactive && proactive.length) new Nudge(host, proactive);
}
