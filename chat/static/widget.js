/* Odziv: the chat on a company's website. This file is the loader, all that a page pays for before the chat is opened.
 *
 *   <script src="https://chat.example/widget.js" data-site="shop" async></script>
 *
 * It shows the bubble, keeps the page's calls (odziv("open"), …), and fetches the chat itself (widget/main.js) when it is
 * first opened, or when a conversation is under way. It sends and stores nothing.
 * Optional: data-name, data-language, data-color, data-theme (light|dark), data-questions ("one?|two?", to press).
 */
(() => {
  "use strict";

  const script = document.currentScript || document.querySelector('script[data-site][src*="widget.js"]');
  if (!script || customElements.get("odziv-chat")) return;

  const SERVER = new URL(".", script.src);
  const MODULES = "widget/0/"; // the server writes its version here: all modules come from the same one
  const LABELS = {
    sl: { open: "Odpri klepet", close: "Zapri klepet", unread: "Novih sporočil: {n}" },
    hr: { open: "Otvori razgovor", close: "Zatvori razgovor", unread: "Novih poruka: {n}" },
    pl: { open: "Otwórz czat", close: "Zamknij czat", unread: "Nowe wiadomości: {n}" },
    en: { open: "Open chat", close: "Close chat", unread: "New messages: {n}" },
  };

  function chooseLanguage() {
    const wishes = [document.documentElement.lang, script.dataset.language, navigator.language];
    const known = wishes.map((wish) => (wish || "").slice(0, 2).toLowerCase()).find((code) => LABELS[code]);
    return known || "en";
  }

  // ---------------------------------------------------------------- look

  const DARK = `--surface:#1b2320;--canvas:#141a18;--raised:#242e2a;--text:#e9eeeb;--muted:#a3b0a9;--line:#34403a;
    --strong:var(--accent-dark);--on-strong:var(--on-accent-dark);--danger:#ff9d8f;--warn:#3a3222;--warn-text:#f3d9a0;
    --shadow:0 12px 48px rgba(0,0,0,.5),0 2px 8px rgba(0,0,0,.4);color-scheme:dark;`;

  const STYLE = `
:host{all:initial!important;position:fixed!important;z-index:2147483000!important;display:block!important;
  --surface:#fff;--canvas:#f5f7f5;--raised:#fff;--text:#1a2420;--muted:#59655f;--line:#dfe5e1;
  --strong:var(--accent-light);--on-strong:var(--on-accent-light);--danger:#b3261e;--warn:#fdf3dc;--warn-text:#6a4a00;
  --shadow:0 12px 48px rgba(20,40,32,.18),0 2px 8px rgba(20,40,32,.1);--edge:20px;color-scheme:light;}
:host([data-theme=dark]){${DARK}}
@media (prefers-color-scheme:dark){:host(:not([data-theme=light])){${DARK}}}
*,*::before,*::after{box-sizing:border-box}
[hidden]{display:none!important}
.root{font:400 15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Helvetica Neue",Arial,sans-serif;
  color:var(--text);text-align:start;-webkit-text-size-adjust:100%;-webkit-font-smoothing:antialiased;overflow-wrap:anywhere}
button,textarea{font:inherit;color:inherit;margin:0}
button{background:none;border:0;padding:0;cursor:pointer;-webkit-tap-highlight-color:transparent}
:focus{outline:none}
:focus-visible{outline:3px solid var(--strong);outline-offset:2px}
svg{width:20px;height:20px;flex:none;fill:none;stroke:currentColor;stroke-width:1.9;stroke-linecap:round;stroke-linejoin:round}
.sr{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.bubble{position:fixed;inset-block-end:calc(var(--edge) + env(safe-area-inset-bottom));inset-inline-end:var(--edge);
  width:60px;height:60px;border-radius:50%;background:var(--accent);color:var(--on-accent);display:grid;place-items:center;
  box-shadow:0 6px 24px rgba(20,40,32,.28),0 1px 4px rgba(20,40,32,.2);transition:transform .16s ease}
.bubble:hover{transform:translateY(-2px)}
.bubble:focus-visible{box-shadow:0 0 0 3px var(--surface)}
.bubble svg{width:28px;height:28px}
.badge{position:absolute;inset-block-start:-3px;inset-inline-end:-3px;min-width:22px;height:22px;padding:0 6px;border-radius:11px;
  background:#c62f21;color:#fff;font-size:12px;font-weight:650;line-height:18px;border:2px solid #fff;text-align:center}
@media (max-width:520px),(max-height:480px){:host{--edge:16px}}
@media (forced-colors:active){.bubble{border:1px solid CanvasText}}
`;

  const PATHS = { chat: "M21 11.5a8.5 8.5 0 0 1-12.4 7.6L3 21l1.9-5.6A8.5 8.5 0 1 1 21 11.5ZM8.5 10h7M8.5 13.5h4.5", down: "m6 9 6 6 6-6" };

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
    const hex = pen.fillStyle[0] === "#" ? pen.fillStyle : usual;
    return [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
  }

  // ---------------------------------------------------------------- the element

  function make(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  function picture(name) {
    const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", PATHS[name]);
    svg.append(path);
    return svg;
  }

  /** The bubble, and what the modules find of the page: see the top of widget/main.js. */
  class OdzivChat extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return;
      const { dataset } = script;
      Object.assign(this, { site: dataset.site, options: dataset, language: chooseLanguage(), fire, tries: 0 });
      this.labels = LABELS[this.language];
      this.attachShadow({ mode: "open" });
      if (dataset.theme) this.dataset.theme = dataset.theme;
      this.dress(accentRules(parseColour(dataset.color)) + STYLE);
      this.build();
      if (this.hasConversation()) this.load().catch(() => {});
    }

    /** Adds rules. A constructed sheet passes a strict CSP; the <style> is for Safari before 16.4. */
    dress(css) {
      try {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(css);
        this.shadowRoot.adoptedStyleSheets = [...this.shadowRoot.adoptedStyleSheets, sheet];
      } catch (unsupported) {
        const style = make("style", script.nonce ? { nonce: script.nonce } : {});
        style.textContent = css;
        this.shadowRoot.append(style);
      }
    }

    build() {
      this.badge = make("span", { class: "badge", hidden: "", "aria-hidden": "true" });
      this.bubble = make("button", { class: "bubble", type: "button", "aria-expanded": "false", "aria-label": this.labels.open }, picture("chat"), this.badge);
      this.bubble.addEventListener("click", () => this.toggle());
      this.announcer = make("div", { class: "sr", role: "status", "aria-live": "polite" });
      this.root = make("div", { class: "root", lang: this.language }, this.bubble, this.announcer);
      this.shadowRoot.append(this.root);
    }

    hasConversation() {
      for (const name of ["localStorage", "sessionStorage"]) {
        try { if (window[name].getItem(`odziv:${this.site}`)) return true; } catch (refused) { /* switched off */ }
      }
      return false;
    }

    /** The chat itself. A module that could not be fetched is remembered by the browser, so each try has its own addresses. */
    load() {
      if (!this.loading) {
        const folder = new URL(MODULES.replace(/\/$/, this.tries ? `-${this.tries}/` : "/"), SERVER).href;
        const parts = ["main.js", `texts/${this.language}.js`].map((name) => import(folder + name));
        this.loading = Promise.all(parts).then(([main, texts]) => { this.widget = main.start(this, texts.default); });
        this.loading.catch((error) => this.onLoadFailure(error));
      }
      return this.loading;
    }

    onLoadFailure(error) {
      this.loading = null;
      this.tries += 1;
      console.error("odziv: the chat could not be loaded", error);
      fire("error", { code: "not_loaded" });
    }

    /** At once where the chat is there, else when it is. */
    open(options) {
      this.isWanted = true;
      if (this.widget) return void this.widget.open(options);
      return this.load().then(() => this.isWanted && this.widget.open(options), () => { this.isWanted = false; });
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
      this.bubble.replaceChild(picture(isOpen ? "down" : "chat"), this.bubble.firstChild);
    }

    showUnread(count, isOpen, news) {
      this.badge.hidden = !count;
      this.badge.textContent = count > 9 ? "9+" : count;
      const label = isOpen ? this.labels.close : this.labels.open;
      this.bubble.setAttribute("aria-label", count ? `${label}. ${news}` : label);
    }

    announce(text) {
      this.announcer.textContent = "";
      setTimeout(() => { this.announcer.textContent = text; }, 50);
    }
  }

  // ---------------------------------------------------------------- the page's API

  const listeners = new Map(); // event → functions
  const waiting = (window.odziv && window.odziv.q) || [];
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

  const COMMANDS = {
    open: () => chat.open(),
    close: () => chat.close(),
    toggle: () => chat.toggle(),
    on(event, listener) {
      listeners.set(event, [...(listeners.get(event) || []), listener]);
      return () => listeners.set(event, listeners.get(event).filter((other) => other !== listener));
    },
  };

  /** odziv("open" | "close" | "toggle"), odziv("on", event, listener) → a function that ends it. */
  function odziv(command, ...values) {
    if (!Object.prototype.hasOwnProperty.call(COMMANDS, command)) return console.warn(`odziv: there is no command "${command}"`);
    if (!chat && command !== "on") return void waiting.push([command, ...values]);
    return COMMANDS[command](...values);
  }

  function mount() {
    chat = document.createElement("odziv-chat");
    document.body.append(chat);
    waiting.splice(0).forEach((call) => odziv(...call));
    fire("ready");
  }

  customElements.define("odziv-chat", OdzivChat);
  window.odziv = odziv;
  if (!script.dataset.site) console.warn("odziv: the script tag needs data-site");
  else if (document.body) mount();
  else document.addEventListener("DOMContentLoaded", mount);
})();
