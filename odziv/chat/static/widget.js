/* Odziv: the chat on a company's website. This file is the loader, all that a page pays for before the chat is opened.
 *
 *   <script src="https://chat.example/widget.js" data-site="shop" async></script>
 *
 * or, without data-site, `odziv("boot", { site: "shop" })`. It shows the bubble, keeps the page's calls, and fetches the
 * chat itself (widget/main.js) when it is first opened, or when a conversation is under way. It sends and stores nothing.
 * The calls and their options are typed in widget.d.ts; an option may also be an attribute of the tag: data-color, …
 * Three layers of options, the later winning: the site's look in config.yml, the tag's attributes, boot and update.
 */
(() => {
  "use strict";

  const script = document.currentScript || document.querySelector('script[src*="/widget.js"]');
  const earlier = customElements.get("odziv-chat");
  if (earlier) return void earlier.putBack();
  if (!script) return;

  const SERVER = new URL(".", script.src);
  const MODULES = "widget/0/"; // the server writes its version here: all modules come from the same one
  const SITES = {}; // and here how the sites want their bubble, from config.yml
  const LABELS = TEXTS.loader; // and here the words before it is opened, by language

  const OPTIONS = "site name language color theme position launcher questions".split(" ");

  function chooseLanguage({ language, languages, isSet }) {
    const wishes = [isSet && language, document.documentElement.lang, language, navigator.language, ...(languages || [])];
    const codes = wishes.map((wish) => (wish || "").slice(0, 2).toLowerCase());
    return codes.find((code) => LABELS[code] && (!languages || languages.includes(code))) || "en";
  }

  // ---------------------------------------------------------------- look

  const DARK = `--surface:#1b2320;--canvas:#141a18;--raised:#242e2a;--text:#e9eeeb;--muted:#a3b0a9;--line:#34403a;
    --strong:var(--accent-dark);--on-strong:var(--on-accent-dark);--danger:#ff9d8f;--warn:#3a3222;--warn-text:#f3d9a0;
    --shadow:0 12px 48px rgba(0,0,0,.5),0 2px 8px rgba(0,0,0,.4);color-scheme:dark!important;`;

  const STYLE = `
:host{all:initial!important;position:fixed!important;z-index:2147483000!important;display:block!important;
  --surface:#fff;--canvas:#f5f7f5;--raised:#fff;--text:#1a2420;--muted:#59655f;--line:#dfe5e1;
  --strong:var(--accent-light);--on-strong:var(--on-accent-light);--danger:#b3261e;--warn:#fdf3dc;--warn-text:#6a4a00;
  --shadow:0 12px 48px rgba(20,40,32,.18),0 2px 8px rgba(20,40,32,.1);--edge:20px;color-scheme:light!important;}
:host([data-theme=dark]){${DARK}}
@media (prefers-color-scheme:dark){:host(:not([data-theme=light])){${DARK}}}
*,*::before,*::after{box-sizing:border-box}
[hidden]{display:none!important}
.root{font:400 15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;
  color:var(--text);text-align:start;-webkit-text-size-adjust:100%;-webkit-font-smoothing:antialiased;overflow-wrap:anywhere}
button,textarea{font:inherit;color:inherit;margin:0}
button{background:none;border:0;padding:0;cursor:pointer;-webkit-tap-highlight-color:transparent}
:focus{outline:none}
:focus-visible{outline:3px solid var(--strong);outline-offset:2px}
svg{width:20px;height:20px;flex:none;fill:none;stroke:currentColor;stroke-width:1.9;stroke-linecap:round;stroke-linejoin:round}
.sr{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.bubble{position:fixed;inset-block-end:calc(var(--edge) + env(safe-area-inset-bottom));inset-inline-end:var(--edge);
  min-width:60px;height:60px;padding:0 16px;border-radius:30px;font-weight:600;grid-auto-flow:column;gap:10px;background:var(--accent);color:var(--on-accent);display:grid;place-items:center;
  box-shadow:0 6px 24px rgba(20,40,32,.28),0 1px 4px rgba(20,40,32,.2);transition:transform .16s ease}
:host([data-position=left]) :is(.bubble,.panel){left:var(--edge);right:auto}
:host([data-position=right]) :is(.bubble,.panel){right:var(--edge);left:auto}
.is-open .words,.words:empty{display:none}
.bubble:hover{transform:translateY(-2px)}
.bubble:focus-visible{box-shadow:0 0 0 3px var(--surface)}
.bubble svg{width:28px;height:28px}
.badge{position:absolute;inset-block-start:-3px;inset-inline-end:-3px;min-width:22px;height:22px;padding:0 6px;border-radius:11px;
  background:#c62f21;color:#fff;font-size:12px;font-weight:650;line-height:18px;border:2px solid #fff;text-align:center}
@media (max-width:520px),(max-height:480px){:host{--edge:16px}}
@media (prefers-reduced-motion:reduce){.bubble{transition:none}}
@media (forced-colors:active){.bubble{border:1px solid CanvasText}}
:host::backdrop{display:none!important}
@media print{:host{display:none!important}}
`;

  const CHAT = "M21 11.5a8.5 8.5 0 0 1-12.4 7.6L3 21l1.9-5.6A8.5 8.5 0 1 1 21 11.5ZM8.5 10h7M8.5 13.5h4.5";

  // Colours: WCAG 2.2 relative luminance and contrast ratio; channels 0–255.
  const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  function contrast(one, other) {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  }
  const WHITE = [255, 255, 255], INK = [12, 22, 18];
  const inkOn = (colour) => (contrast(colour, WHITE) >= 4.5 ? WHITE : contrast(colour, INK) >= 4.5 ? INK : [0, 0, 0]);

  /** `colour` moved towards `goal` until it reads well on `ground`. */
  function readable(colour, ground, goal, wanted = 4.5) {
    for (let part = 0; part < 1; part += 0.05) {
      const mixed = colour.map((value, i) => Math.round(value + (goal[i] - value) * part));
      if (contrast(mixed, ground) >= wanted) return mixed;
    }
    return goal;
  }

  function accentRules(accent) {
    const light = readable(accent, [245, 247, 245], [0, 0, 0]);
    const dark = readable(accent, [36, 46, 42], WHITE, 6.5);
    const pairs = { accent, "accent-light": light, "accent-dark": dark };
    const rules = Object.entries(pairs).map(([name, colour]) => `--${name}:rgb(${colour});--on-${name}:rgb(${inkOn(colour)})`);
    return `:host{${rules.join(";")}}`;
  }

  /** Any opaque CSS colour as [r, g, b]; else the default, a deep spruce green. A canvas reads them all. */
  function parseColour(text) {
    const pen = document.createElement("canvas").getContext("2d");
    pen.fillStyle = "#1f5c4a";
    const usual = pen.fillStyle;
    if (text) pen.fillStyle = text;
    const hex = pen.fillStyle[0] === "#" ? pen.fillStyle : usual; // half transparent ones come out as rgba(…)
    return [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
  }

  // ---------------------------------------------------------------- the element

  /** An element; attributes that are functions become listeners. */
  function el(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === "function") node.addEventListener(name, value);
      else if (value === true) node.setAttribute(name, "");
      else if (value !== false && value != null) node.setAttribute(name, value);
    }
    node.append(...children.filter((child) => child != null));
    return node;
  }

  /** A picture of one line on a field of 24 by 24. */
  function draw(line) {
    const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", line);
    svg.append(path);
    return svg;
  }

  /** The bubble, and what the modules find of the page: see the top of widget/main.js. */
  class OdzivChat extends HTMLElement {
    static get observedAttributes() { return ["inert", "aria-hidden"]; } // what a page's dialog gives all its neighbours
    attributeChangedCallback(name) { this.removeAttribute(name); }
    connectedCallback() { if (this !== chat) this.remove(); } // a copy, out of a page that was kept as HTML
    disconnectedCallback() { this.isOut = true; putBackLater(); }

    begin(options) {
      Object.assign(this, { fire, misuse, given: {}, facts: {}, sheets: [], tries: 0 });
      this.attachShadow({ mode: "open" });
      this.dress(STYLE);
      this.words = el("span", { class: "words" });
      this.badge = el("span", { class: "badge", hidden: true, "aria-hidden": "true" });
      this.bubble = el("button", { class: "bubble", type: "button", "aria-expanded": "false", 
        keydown: (event) => [" ", "Enter"].includes(event.key) && event.stopPropagation() }, draw(CHAT), this.words, this.badge);
      this.announcer = el("div", { class: "sr", role: "status", "aria-live": "polite" });
      this.root = el("div", { class: "root" }, this.bubble, this.announcer);
      this.shadowRoot.append(this.root);
      this.set(options);
      if (this.isStored(`odziv:${this.site}`)) this.load().catch(() => {});
      this.since = Date.now();
      const wait = this.options.proactive; // seconds until the first rule may fit
      if (wait && !this.isStored(`odziv:quiet:${this.site}`)) setTimeout(() => import(this.folder() + "nudge.js").then((late) => late.nudge(this)).catch(() => {}), wait * 900);
    }

    /** Takes over options, and shows what they mean. */
    set(options) {
      Object.assign(this.given, options);
      const { site } = this.given;
      this.options = { ...SITES[site], ...this.given };
      const { theme, position, color, launcher } = this.options;
      this.site = site;
      this.language = chooseLanguage(this.options);
      this.labels = LABELS[this.language];
      for (const [name, value, known] of [["theme", theme, "light dark"], ["position", position, "left right"]]) {
        if (known.split(" ").includes(value)) this.dataset[name] = value;
        else delete this.dataset[name];
      }
      this.colours = this.dress(accentRules(parseColour(color)), this.colours);
      this.root.lang = this.language;
      this.root.dir = /^(ar|fa|he|ur)/.test(this.language) ? "rtl" : "ltr";
      this.words.textContent = (launcher && (launcher[this.language] || (typeof launcher === "string" && launcher))) || "";
      this.showUnread(0, false, "");
    }

    /** Adds rules, or replaces `old` ones. A constructed sheet passes a strict CSP; <style> is for Safari before 16.4. */
    dress(css, old) {
      try {
        const sheet = old || new CSSStyleSheet();
        sheet.replaceSync(css);
        if (!old) this.shadowRoot.adoptedStyleSheets = this.sheets = [...this.sheets, sheet];
        return sheet;
      } catch (unsupported) {
        const style = old || el("style", { nonce: script.nonce || null });
        style.textContent = css;
        this.shadowRoot.append(style);
        return style;
      }
    }

    isStored(key) {
      for (const name of ["localStorage", "sessionStorage"]) {
        try { if (window[name].getItem(key)) return true; } catch (refused) { /* switched off */ }
      }
      return false;
    }

    folder() { return new URL(MODULES.replace(/\/$/, this.tries ? `-${this.tries}/` : "/"), SERVER).href; }

    /** The chat itself. A module that could not be fetched is remembered by the browser, so each try has its own addresses. */
    load() {
      if (!this.loading) {
        const folder = this.folder();
        const parts = ["main.js", `texts/${this.language}.js`].map((name) => import(folder + name));
        this.loading = Promise.all([...parts, this.askSite()]).then(([main, texts, site]) => {
          const before = this.widget && this.widget.stop();
          if (chat === this) this.widget = main.start(this, texts.default, site, before);
        });
        this.loading.catch((error) => this.onLoadFailure(error));
      }
      return this.loading;
    }

    /** What else the server says of the site; without it the chat does with what it has. */
    askSite() {
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 3000);
      return fetch(new URL(`api/v1/sites/${encodeURIComponent(this.site)}`, SERVER), { credentials: "omit", signal: stop.signal })
        .then((response) => (response.ok ? response.json() : {}), () => ({})).then(({ site }) => site || {}, () => ({}));
    }

    /** Options have changed: the chat is built anew in the new ones, with what was being written. */
    renew() {
      if (!this.loading) return null;
      return this.loading.then(() => { this.loading = null; return this.load(); }).catch(() => {});
    }

    onLoadFailure(error) {
      this.loading = null;
      this.tries += 1;
      console.error("odziv: the chat could not be loaded", error);
      fire("error", { code: "not_loaded" });
    }

    /** At once where the chat is there, else when it is. `article`, if any, is shown in it. */
    open(article) {
      this.isWanted = true;
      if (this.widget) return void this.widget.open({ article });
      return this.load().then(() => this.isWanted && this.widget.open({ article }), () => { this.isWanted = false; });
    }

    close() {
      this.isWanted = false;
      if (this.widget) this.widget.close();
    }

    toggle() {
      return (this.widget ? this.widget.isOpen : this.isWanted) ? this.close() : this.open();
    }

    showOpen(isOpen) {
      this.isWanted = isOpen;
      this.root.classList.toggle("is-open", isOpen);
      this.bubble.setAttribute("aria-expanded", String(isOpen));
      this.bubble.replaceChild(draw(isOpen ? "m6 9 6 6 6-6" : CHAT), this.bubble.firstChild);
    }

    showUnread(count, isOpen, news) {
      this.badge.hidden = !count;
      this.badge.textContent = count > 9 ? "9+" : count;
      const words = isOpen ? "" : this.words.textContent; // what is seen is part of the name
      const label = words + (words && ". ") + (isOpen ? this.labels.close : this.labels.open);
      this.bubble.setAttribute("aria-label", count ? `${label}. ${news}` : label);
    }

    announce(text) {
      this.announcer.textContent = "";
      setTimeout(() => { this.announcer.textContent = text; }, 50);
    }
  }

  // ---------------------------------------------------------------- the page's API

  const EVENTS = "ready opened closed message handoff resolved error proactive".split(" ");
  const listeners = new Map(); // event → functions
  const waiting = [...((window.odziv && window.odziv.q) || [])];
  let chat = null;

  function fire(event, detail) {
    for (const listener of listeners.get(event) || []) {
      try {
        listener(detail);
      } catch (error) {
        console.error("odziv: a listener of the page failed", error);
      }
    }
  }

  /** The page called us wrongly: it is told, and goes on. */
  function misuse(message) {
    console.error(`odziv: ${message}`);
    fire("error", { code: "wrong_call", message });
  }

  const isObject = (value) => Boolean(value) && typeof value === "object" && !Array.isArray(value);
  const COMMANDS = {
    boot(options = {}) {
      if (!isObject(options)) return misuse('"boot" takes an object, like { site: "shop" }');
      if (chat && (landmark.isConnected || (options.site || chat.site) !== chat.site)) return misuse('"boot" was called twice; use "update", or "shutdown" first');
      if (chat) return; // this is the next page, and has the call too
      const all = { ...attributes(), ...checked(options, "boot") };
      if (!all.site || typeof all.site !== "string") return misuse('which site? Give the script tag data-site="…", or boot { site: "…" }');
      if (document.body) mount(all);
      else document.addEventListener("DOMContentLoaded", () => chat || mount(all));
    },
    update(options) {
      if (!isObject(options)) return misuse('"update" takes an object, like { color: "#1f5c4a" }');
      const { site, ...rest } = checked(options, "update");
      if (site && site !== chat.site) return misuse('"update" can\'t change the site; call "shutdown", then "boot"');
      chat.set({ ...rest, ...(rest.language ? { isSet: true } : {}) });
      return chat.renew();
    },
    setLanguage(language) {
      if (!LABELS[language]) return misuse(`"setLanguage" takes one of ${Object.keys(LABELS).join(", ")}, not ${JSON.stringify(language)}`);
      return COMMANDS.update({ language });
    },
    show() { chat.bubble.hidden = false; },
    hide() { chat.close(); chat.bubble.hidden = true; },
    open(article) {
      if (article !== undefined && typeof article !== "string") return misuse('"open" takes the path of an article, like "orders/return", or nothing');
      return chat.open(article);
    },
    close: () => chat.close(),
    toggle: () => chat.toggle(),
    identify(token) {
      if (typeof token !== "string" || token.split(".").length !== 3) return misuse('"identify" takes a JWT signed by your server');
      chat.identity = token;
      if (chat.widget) chat.widget.identify();
    },
    setAttributes(values) {
      const isFlat = isObject(values) && Object.values(values).every((value) => ["string", "number", "boolean"].includes(typeof value));
      if (!isFlat) return misuse('"setAttributes" takes a flat object of texts, numbers, true and false');
      Object.assign(chat.facts, values);
      if (chat.widget) chat.widget.conversation.tell({ attributes: chat.facts });
    },
    on(event, listener) {
      if (!EVENTS.includes(event)) return misuse(`there is no event ${JSON.stringify(event)}; there are ${EVENTS.join(", ")}`);
      if (typeof listener !== "function") return misuse(`"on" takes a function for "${event}"`);
      listeners.set(event, [...(listeners.get(event) || []), listener]);
      return () => listeners.set(event, listeners.get(event).filter((other) => other !== listener));
    },
    shutdown() {
      chat.remove();
      if (chat.widget) chat.widget.stop();
      for (const name of ["localStorage", "sessionStorage"]) {
        try { [`odziv:${chat.site}`, "odziv:open"].forEach((key) => window[name].removeItem(key)); } catch (refused) { /* switched off */ }
      }
      chat = null;
    },
  };

  /** The options that are known; the others are told of. */
  function checked(options, command) {
    const unknown = Object.keys(options).filter((name) => !OPTIONS.includes(name));
    if (unknown.length) misuse(`"${command}" knows ${OPTIONS.join(", ")}; not ${unknown.join(", ")}`);
    return Object.fromEntries(Object.entries(options).filter(([name, value]) => OPTIONS.includes(name) && value !== undefined));
  }

  const attributes = () => Object.fromEntries(Object.entries(script.dataset).filter(([name]) => OPTIONS.includes(name)));

  /** See widget.d.ts. Calls before boot wait for it; whatever goes wrong here, the page goes on. */
  function odziv(command, ...values) {
    if (!Object.prototype.hasOwnProperty.call(COMMANDS, command)) {
      return misuse(`there is no command ${JSON.stringify(command)}; there are ${Object.keys(COMMANDS).join(", ")}`);
    }
    if (!chat && command === "shutdown") return;
    if (!chat && command !== "on" && command !== "boot") return void waiting.push([command, ...values]);
    putBack();
    try {
      return COMMANDS[command](...values);
    } catch (error) {
      console.error(error);
      return misuse(`"${command}" failed: ${error.message}`);
    }
  }

  function mount(options) {
    chat = document.createElement("odziv-chat");
    chat.begin(options);
    putBack();
    putBackAt = 0;
    landmark = document.body.firstElementChild || document.body;
    waiting.splice(0).forEach((call) => odziv(...call));
    fire("ready");
  }

  // ---------------------------------------------------------------- staying there

  let putBackAt; // ms
  let landmark; // of the page: once that is gone, this is another one
  let timer;
  const watcher = new MutationObserver(putBackLater);
  function putBackLater() {
    clearTimeout(timer);
    timer = setTimeout(putBack, putBackAt + 1000 - Date.now());
  }

  /** Many sites put a new <body>, or other content, in the place of the old one at each click (Turbo, htmx, pjax…). So
   * the chat hangs on <html>, where that doesn't touch it, and is put back where <html> itself is emptied or replaced: at
   * once, but at most once a second, since another script may watch as well, and want it gone. In the browser's top
   * layer, no transform of the page's moves it. */
  function putBack() {
    const [page] = document.children;
    if (!chat || !page) return;
    [document, page].forEach((node) => watcher.observe(node, { childList: true }));
    const place = chat.findDialog?.() || page;
    if (!chat.isOut && chat.parentNode === place) return;
    putBackAt = Date.now();
    place.append(chat);
    chat.isOut = false;
    chat.shadowRoot.adoptedStyleSheets = chat.sheets; // another document takes them off
    chat.popover = "manual";
    try { chat.showPopover(); } catch (unsupported) { /* browsers before 2024: a transform of <html> moves it */ }
    chat.bubble.onclick = () => chat.toggle(); // anew, since document.open() ends every listener
    if (chat.widget) chat.widget.recover();
  }

  Object.assign(OdzivChat, { el, draw, CHAT, putBack }); // the modules build with them too
  customElements.define("odziv-chat", OdzivChat);
  window.odziv = odziv;
  const isFirst = (name) => ([command]) => command === name;
  for (const name of ["on", "boot"]) waiting.filter(isFirst(name)).forEach((call) => { waiting.splice(waiting.indexOf(call), 1); odziv(...call); });
  if (!chat && script.dataset.site) odziv("boot");
})();
