/* Odziv: the chat widget customers see.
 *
 *   <script src="https://chat.example/widget.js" data-site="shop" async></script>
 *
 * One file on purpose: one request, no build step, no dependency. Read it in this order:
 * texts, look, small pieces, storage, HTTP, the event stream, the conversation (no DOM), the element, the page's API.
 * It stores and sends nothing before the customer first writes.
 * Optional: data-name, data-language, data-color, data-theme (light|dark), data-questions ("one?|two?", to press).
 */
(() => {
  "use strict";

  const script = document.currentScript || document.querySelector('script[data-site][src*="widget.js"]');
  if (!script || customElements.get("odziv-chat")) return;

  const LONGEST = 2000; // characters; the server refuses more
  const COUNT_FROM = 1800; // from here on it is counted
  const TYPING_LASTS = 30000; // ms; a typing sign whose end was lost goes away by itself
  const QUIET_LIMIT = 40000; // ms; the server sends a heartbeat at least every 15 s
  const MUTE_LIMIT = 18000; // ms; a stream that has said nothing by then is being held back
  const POLL_EVERY = 3000; // ms; where streaming is blocked
  const IDLE_AFTER = 60000; // ms

  // ---------------------------------------------------------------- texts

  const TEXTS = {
    sl: {
      support: "Podpora", open: "Odpri klepet", close: "Zapri klepet", unread: "Novih sporočil: {n}",
      log: "Pogovor", you: "Vaše sporočilo", assistant: "Digitalni pomočnik", person: "sodelavec",
      bot: "Digitalni pomočnik, odgovori takoj", queued: "Čakate na sodelavca", openWith: "Z vami je {name}",
      resolved: "Pogovor je zaključen",
      offline: "Ni povezave. Sporočila pošljemo, takoj ko se vrne.", reconnecting: "Znova vzpostavljamo povezavo …",
      greeting: "Dober dan! Sem digitalni pomočnik. Odgovorim takoj; če česa ne vem, vas povežem s sodelavcem.",
      ask: "Kako vam lahko pomagam?", placeholder: "Napišite sporočilo …", send: "Pošlji",
      human: "Pogovor s sodelavcem", humanText: "Prosim, povežite me s sodelavcem.",
      typing: "{name} piše …", sending: "Pošiljanje …", waiting: "Čaka na povezavo",
      held: "Poslano bo čez trenutek", failed: "Ni poslano.", retry: "Poskusite znova",
      tooLong: "Sporočilo je predolgo.", article: "Preberite cel članek", newTab: "odpre se v novem zavihku",
      expired: "Prejšnji pogovor je potekel, zato začenjamo novega.",
      unavailable: "Klepet trenutno ni na voljo.", newest: "Nova sporočila",
    },
    hr: {
      support: "Podrška", open: "Otvori razgovor", close: "Zatvori razgovor", unread: "Novih poruka: {n}",
      log: "Razgovor", you: "Vaša poruka", assistant: "Digitalni asistent", person: "djelatnik",
      bot: "Digitalni asistent, odgovara odmah", queued: "Čekate djelatnika", openWith: "S vama je {name}",
      resolved: "Razgovor je završen",
      offline: "Nema veze. Poruke šaljemo čim se vrati.", reconnecting: "Ponovno uspostavljamo vezu…",
      greeting: "Dobar dan! Ja sam digitalni asistent. Odgovaram odmah, a ako nešto ne znam, povezat ću vas s djelatnikom.",
      ask: "Kako vam mogu pomoći?", placeholder: "Napišite poruku…", send: "Pošalji",
      human: "Razgovor s djelatnikom", humanText: "Molim vas, povežite me s djelatnikom.",
      typing: "{name} piše…", sending: "Slanje…", waiting: "Čeka vezu",
      held: "Bit će poslano za trenutak", failed: "Nije poslano.", retry: "Pokušajte ponovno",
      tooLong: "Poruka je preduga.", article: "Pročitajte cijeli članak", newTab: "otvara se u novoj kartici",
      expired: "Prethodni je razgovor istekao, pa započinjemo novi.",
      unavailable: "Razgovor trenutačno nije dostupan.", newest: "Nove poruke",
    },
    pl: {
      support: "Pomoc", open: "Otwórz czat", close: "Zamknij czat", unread: "Nowe wiadomości: {n}",
      log: "Rozmowa", you: "Państwa wiadomość", assistant: "Wirtualny asystent", person: "konsultant",
      bot: "Wirtualny asystent, odpowiada od razu", queued: "Oczekiwanie na konsultanta",
      openWith: "Rozmawia z Państwem {name}", resolved: "Rozmowa zakończona",
      offline: "Brak połączenia. Wiadomości wyślemy, gdy tylko wróci.", reconnecting: "Ponowne łączenie…",
      greeting: "Dzień dobry! Jestem wirtualnym asystentem. Odpowiadam od razu, a jeśli czegoś nie wiem, połączę Państwa z konsultantem.",
      ask: "W czym mogę pomóc?", placeholder: "Napisz wiadomość…", send: "Wyślij",
      human: "Rozmowa z konsultantem", humanText: "Proszę o połączenie z konsultantem.",
      typing: "{name} pisze…", sending: "Wysyłanie…", waiting: "Czeka na połączenie",
      held: "Zostanie wysłana za chwilę", failed: "Nie wysłano.", retry: "Spróbuj ponownie",
      tooLong: "Wiadomość jest za długa.", article: "Przeczytaj cały artykuł", newTab: "otwiera się w nowej karcie",
      expired: "Poprzednia rozmowa wygasła, więc zaczynamy nową.",
      unavailable: "Czat jest chwilowo niedostępny.", newest: "Nowe wiadomości",
    },
    en: {
      support: "Support", open: "Open chat", close: "Close chat", unread: "New messages: {n}",
      log: "Conversation", you: "Your message", assistant: "Digital assistant", person: "our colleague",
      bot: "Digital assistant, answers right away", queued: "Waiting for a person", openWith: "{name} is with you",
      resolved: "Conversation closed",
      offline: "You are offline. Your messages go out as soon as you are back.", reconnecting: "Reconnecting…",
      greeting: "Hello! I'm the digital assistant. I answer right away, and if I don't know something, I bring in a person.",
      ask: "How can I help you?", placeholder: "Write a message…", send: "Send",
      human: "Talk to a person", humanText: "I'd like to talk to a person, please.",
      typing: "{name} is typing…", sending: "Sending…", waiting: "Waiting for connection",
      held: "Goes out in a moment", failed: "Not sent.", retry: "Try again",
      tooLong: "The message is too long.", article: "Read the whole article", newTab: "opens in a new tab",
      expired: "Your earlier conversation has expired, so we are starting a new one.",
      unavailable: "The chat is not available right now.", newest: "New messages",
    },
  };

  function chooseLanguage() {
    const wishes = [document.documentElement.lang, script.dataset.language, navigator.language];
    const known = wishes.map((wish) => (wish || "").slice(0, 2).toLowerCase()).find((code) => TEXTS[code]);
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

.panel{position:fixed;inset-block-end:calc(var(--edge) + 76px + env(safe-area-inset-bottom));inset-inline-end:var(--edge);
  width:392px;max-width:calc(100vw - 2*var(--edge));height:660px;max-height:calc(100vh - 116px);max-height:calc(100dvh - 116px);
  display:flex;flex-direction:column;background:var(--surface);border-radius:20px;overflow:hidden;box-shadow:var(--shadow);
  animation:rise .2s cubic-bezier(.2,.8,.3,1)}
@keyframes rise{from{opacity:0;transform:translateY(14px)}}

.head{display:flex;align-items:center;gap:12px;padding:14px 10px 14px 18px;background:var(--accent);color:var(--on-accent);flex:none}
.face{width:40px;height:40px;border-radius:50%;display:grid;place-items:center;flex:none;font-weight:650;font-size:15px;position:relative;
  background:var(--on-accent);color:var(--accent)}
.face svg{width:22px;height:22px}
.who{flex:1;min-width:0}
.name{margin:0;font-size:16.5px;font-weight:650;line-height:1.25;letter-spacing:-.01em;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.status{margin:1px 0 0;font-size:13px;line-height:1.35;display:flex;align-items:center;gap:7px}
.dot{width:8px;height:8px;border-radius:50%;background:#7fe0a8;flex:none;box-shadow:0 0 0 2px rgba(0,0,0,.14)}
.dot.queued{background:#ffcf5c;animation:pulse 1.6s ease-in-out infinite}
.dot.resolved{background:#c3ccc7}
@keyframes pulse{50%{opacity:.35}}
.head button{width:44px;height:44px;border-radius:12px;display:grid;place-items:center;flex:none}
.head button:hover{background:color-mix(in srgb,currentColor 14%,transparent)}
.head :focus-visible{outline-color:var(--on-accent);outline-offset:-4px}

.banner{flex:none;margin:0;padding:9px 18px;font-size:13.5px;line-height:1.4;background:var(--warn);color:var(--warn-text);
  display:flex;gap:9px;align-items:center}
.banner svg{width:17px;height:17px}

.middle{position:relative;flex:1;min-height:0;display:flex}
.scroll{flex:1;overflow-y:auto;overscroll-behavior:contain;background:var(--canvas);padding:20px 16px 14px}
.scroll:focus-visible{outline-offset:-4px}
.log{display:flex;flex-direction:column}
.day{align-self:center;margin:14px 0 4px;font-size:12.5px;color:var(--muted)}
.msg{display:flex;flex-direction:column;align-items:flex-start;max-width:94%;margin-top:3px;position:relative;padding-inline-start:38px}
.msg.first{margin-top:14px}
.msg:first-child{margin-top:0}
.msg.own{align-self:flex-end;align-items:flex-end;padding:0;max-width:84%}
.msg.system{align-self:center;align-items:center;padding:0;max-width:92%;margin:16px 0 4px}
.by{font-size:12.5px;color:var(--muted);margin:0 0 4px 2px;display:none}
.msg.first>.by{display:block}
.mark{position:absolute;inset-inline-start:0;inset-block-start:1px;width:28px;height:28px;border-radius:50%;display:none;place-items:center;
  background:var(--accent);color:var(--on-accent);font-size:11px;font-weight:650}
.mark svg{width:16px;height:16px}
.msg.first>.mark{display:grid}
.body{padding:10px 14px;border-radius:6px 16px 16px 6px;background:var(--raised);box-shadow:0 0 0 1px var(--line);max-width:100%}
.msg.first>.body{border-start-start-radius:16px;border-end-start-radius:6px}
.msg.last>.body{border-end-start-radius:16px}
.own>.body{background:var(--accent);color:var(--on-accent);box-shadow:none;border-radius:16px 6px 6px 16px;white-space:pre-wrap}
.own.first>.body{border-radius:16px 16px 6px 16px}
.own.last>.body{border-radius:16px 6px 16px 16px}
.own.first.last>.body{border-radius:16px 16px 6px 16px}
.own.pending>.body{opacity:.86}
.system>.body{background:color-mix(in srgb,var(--strong) 9%,var(--canvas));box-shadow:none;border-radius:14px!important;padding:9px 16px;font-size:14px;
  text-align:center;text-wrap:balance}
.system>.meta{display:none!important}
.meta{font-size:12px;line-height:1.4;color:var(--muted);margin:4px 2px 0;display:none;align-items:center;gap:4px}
.msg.last>.meta,.pending>.meta,.failed>.meta{display:flex}
.failed>.meta{color:var(--danger);font-size:13px;flex-wrap:wrap;justify-content:flex-end}
.meta button{min-height:44px;margin-block:-8px;padding:0 6px;font-weight:600;text-decoration:underline}
.body>:first-child{margin-top:0}.body>:last-child{margin-bottom:0}
.body p{margin:0 0 9px}
.body ul,.body ol{margin:0 0 9px;padding-inline-start:20px}
.body li{margin:3px 0}.body li::marker{color:var(--muted)}
.body h3{font-size:15px;font-weight:650;margin:12px 0 4px}
.body strong{font-weight:650}
.body a{color:var(--strong);text-underline-offset:2px}
.body code{font:13px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:var(--canvas);padding:1px 5px;border-radius:5px}
.body pre{overflow-x:auto;margin:0 0 9px}
.body blockquote{margin:0 0 9px;padding-inline-start:12px;border-inline-start:3px solid var(--line);color:var(--muted)}
.body table{border-collapse:collapse;display:block;overflow-x:auto;margin:0 0 9px;font-size:14px}
.body th,.body td{border-bottom:1px solid var(--line);padding:5px 10px 5px 0;text-align:start}

.card{display:flex;align-items:center;gap:10px;margin-top:6px;min-height:48px;padding:8px 14px;border-radius:14px;max-width:100%;
  background:var(--raised);box-shadow:0 0 0 1px var(--line);color:var(--text);text-decoration:none;font-size:14px;line-height:1.35}
.card:hover{box-shadow:0 0 0 1.5px var(--strong)}
.card svg{width:18px;height:18px;color:var(--strong)}
.card b{display:block;font-weight:600}.card small{font-size:12.5px;color:var(--muted)}
.offers{display:flex;flex-wrap:wrap;gap:8px;margin-top:10px}
.offers button{min-height:44px;padding:9px 16px;border-radius:22px;border:1.5px solid color-mix(in srgb,var(--strong) 40%,var(--line));
  background:var(--raised);color:var(--strong);font-size:14.5px;font-weight:500;line-height:1.3;text-align:start;
  display:inline-flex;align-items:center;gap:8px}
.offers button:hover{border-color:var(--strong);background:color-mix(in srgb,var(--strong) 8%,var(--raised))}
.offers svg{width:17px;height:17px}
.offers .helped,.offers .human{border-color:var(--line);color:var(--text)}

.typing{display:flex;align-items:center;gap:10px;margin:14px 0 0;color:var(--muted);font-size:13px}
.typing i{display:flex;gap:4px;padding:13px 14px;border-radius:16px;background:var(--raised);box-shadow:0 0 0 1px var(--line);margin-inline-start:38px}
.typing i::before,.typing i::after,.typing u{content:"";width:7px;height:7px;border-radius:50%;background:var(--muted);animation:blink 1.2s infinite}
.typing u{animation-delay:.18s}.typing i::after{animation-delay:.36s}
@keyframes blink{0%,60%,100%{opacity:.3;transform:none}30%{opacity:1;transform:translateY(-3px)}}
.newest{position:absolute;inset-block-end:12px;inset-inline:0;margin:auto;width:max-content;min-height:44px;padding:8px 18px;border-radius:22px;
  background:var(--strong);color:var(--on-strong);font-size:14px;font-weight:600;box-shadow:var(--shadow)}

.foot{flex:none;padding:10px 12px calc(2px + env(safe-area-inset-bottom));background:var(--surface);border-top:1px solid var(--line)}
.box{display:flex;align-items:flex-end;gap:4px;border:1.5px solid var(--line);border-radius:24px;padding:2px 2px 2px 16px}
.box:hover{border-color:color-mix(in srgb,var(--strong) 45%,var(--line))}
.box:focus-within{border-color:var(--strong);box-shadow:0 0 0 3px color-mix(in srgb,var(--strong) 20%,transparent)}
textarea{flex:1;min-width:0;border:0;background:none;resize:none;padding:10px 0;height:44px;max-height:132px;font-size:16px;line-height:24px;overflow-y:auto}
textarea:focus-visible{outline:none}
textarea::placeholder{color:var(--muted);opacity:1}
.send{width:44px;height:44px;border-radius:50%;display:grid;place-items:center;flex:none;background:var(--strong);color:var(--on-strong)}
.send[aria-disabled=true]{background:var(--canvas);color:var(--muted);cursor:default}
.under{display:flex;align-items:center;min-height:8px}
.person{display:inline-flex;align-items:center;gap:8px;min-height:44px;padding:0 10px 0 8px;border-radius:12px;font-size:14px;font-weight:500;color:var(--muted)}
.person:hover{color:var(--strong)}
.person svg{width:18px;height:18px}
.count{font-size:13px;font-variant-numeric:tabular-nums;color:var(--muted);margin-inline:auto 10px}
.count.over{color:var(--danger);font-weight:650}

@media (max-width:520px),(max-height:480px){
  .panel{inset:var(--top,0) 0 auto;width:auto;max-width:none;height:var(--height,100dvh);max-height:none;border-radius:0}
  .head{padding-top:calc(12px + env(safe-area-inset-top))}
  .is-open .bubble{display:none}
  :host{--edge:16px}
}
@media (prefers-reduced-motion:reduce){*,*::before,*::after{animation:none!important;transition:none!important;scroll-behavior:auto!important}}
@media (forced-colors:active){.bubble,.panel,.body,.card,.send,.head{border:1px solid CanvasText}.dot{forced-color-adjust:none}}
`;

  const ICONS = {
    chat: "M21 11.5a8.5 8.5 0 0 1-12.4 7.6L3 21l1.9-5.6A8.5 8.5 0 1 1 21 11.5ZM8.5 10h7M8.5 13.5h4.5",
    down: "m6 9 6 6 6-6",
    close: "M6 6l12 12M18 6 6 18",
    send: "M12 19V5M5.5 11.5 12 5l6.5 6.5",
    person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5c.8-3.4 3.8-5.5 7.5-5.5s6.7 2.1 7.5 5.5",
    page: "M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8l-5-5Zm0 0v5h5M9 13h6M9 17h4",
    check: "m5 12.5 4.5 4.5L19 7.5",
    off: "M4 3l16 18M8.5 16a5 5 0 0 1 7 0M5 12.5a10 10 0 0 1 14 0M2 9a14 14 0 0 1 20 0M12 19.5h.01",
    spark: "M12 3.5c.9 4.6 3.4 7.1 8 8-4.6.9-7.1 3.4-8 8-.9-4.6-3.4-7.1-8-8 4.6-.9 7.1-3.4 8-8Z",
  };

  // ---------------------------------------------------------------- small pieces

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

  function icon(name) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", ICONS[name]);
    svg.append(path);
    return svg;
  }

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const initials = (name) => name.trim().split(/\s+/).slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();

  /** What `work` returns, or null where it throws. */
  function attempt(work) {
    try { return work(); } catch (refused) { return null; }
  }

  function newId() {
    if (crypto.randomUUID) return crypto.randomUUID(); // only in secure contexts
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** Not while another tab does; where Web Locks are missing, client ids still prevent doubles. */
  function exclusively(name, work) {
    return navigator.locks ? navigator.locks.request(name, work) : work();
  }

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

  // Sanitising, after the server's: known tags are rebuilt, all others unwrapped or dropped.
  const KEPT = new Set("P BR STRONG B EM I S DEL CODE PRE UL OL LI A BLOCKQUOTE TABLE THEAD TBODY TR TH TD".split(" "));
  const DROPPED = new Set("SCRIPT STYLE TEMPLATE IFRAME OBJECT EMBED NOSCRIPT SVG MATH TITLE TEXTAREA SELECT".split(" "));
  const server = new URL(".", script.src);
  // Without our policy in a page's Trusted Types, plain text is shown.
  const trusted = attempt(() => window.trustedTypes.createPolicy("odziv", { createHTML: (html) => html }));

  function safeLink(href) {
    const url = attempt(() => new URL(href, server));
    return url && /^(https?|mailto|tel):$/.test(url.protocol) ? url.href : null;
  }

  function rebuild(from, to, texts) {
    for (const node of from.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) to.append(node.data);
      if (node.nodeType !== Node.ELEMENT_NODE || DROPPED.has(node.nodeName.toUpperCase())) continue;
      const heading = /^H[1-6]$/.test(node.nodeName);
      const isKept = heading || (KEPT.has(node.nodeName) && node.namespaceURI === "http://www.w3.org/1999/xhtml");
      let copy = isKept ? el(heading ? "h3" : node.nodeName.toLowerCase()) : to;
      if (node.nodeName === "A") copy = link(node.getAttribute("href"), texts) || to;
      if (node.nodeName === "OL" && /^\d+$/.test(node.getAttribute("start"))) copy.setAttribute("start", node.getAttribute("start"));
      rebuild(node, copy, texts);
      if (copy !== to) to.append(copy);
    }
    return to;
  }

  function link(href, texts) {
    const safe = href && safeLink(href);
    return safe && el("a", { href: safe, target: "_blank", rel: "noopener", title: texts.newTab });
  }

  function content({ html, text }, texts) {
    const fragment = document.createDocumentFragment();
    const parsed = html && attempt(() => new DOMParser().parseFromString(trusted ? trusted.createHTML(html) : html, "text/html"));
    if (parsed) return rebuild(parsed.body, fragment, texts);
    fragment.append(text || "");
    return fragment;
  }

  // ---------------------------------------------------------------- storage

  /** What outlives a page: conversation id, token, last read message, unsent messages. One record a site. */
  class Shelf {
    constructor(site) {
      this.key = `odziv:${site}`;
      this.memory = null;
    }

    /** localStorage, else sessionStorage, else nothing: either may be switched off. */
    place() {
      return ["localStorage", "sessionStorage"].map((name) => attempt(() => window[name])).find(Boolean);
    }

    read() {
      return attempt(() => (this.place() ? JSON.parse(this.place().getItem(this.key)) : this.memory)) || {};
    }

    /** Read, change, write again without a pause, so that tabs don't overwrite each other. */
    change(edit) {
      const record = this.read();
      edit(record);
      this.memory = record; // has it for as long as the page lives, where nothing can be stored
      attempt(() => this.place().setItem(this.key, JSON.stringify(record)));
    }
  }

  /** Whether this tab's panel was open; kept only once there is a conversation. */
  const tab = {
    set: (isOpen) => attempt(() => sessionStorage.setItem("odziv:open", isOpen ? "1" : "")),
    wasOpen: () => attempt(() => sessionStorage.getItem("odziv:open")) === "1",
  };

  // ---------------------------------------------------------------- HTTP

  /** `status` 0 means that no answer came at all; `wait` is Retry-After in ms. */
  class ApiError extends Error {
    constructor(status, code, wait = 0) {
      super(`${status} ${code}`);
      Object.assign(this, { status, code, wait });
    }

    /** The token or the conversation has expired. */
    get isGone() {
      return this.status === 401 || (this.status === 404 && this.code !== "unknown_site");
    }
  }

  class Api {
    constructor() {
      this.root = new URL("api/v1/", server).href;
    }

    async request(path, { method = "GET", token, body, headers, signal } = {}) {
      const options = { method, signal, headers: { Accept: "application/json", ...headers }, credentials: "omit", cache: "no-store" };
      if (token) options.headers.Authorization = `Bearer ${token}`;
      if (body) Object.assign(options, { body: JSON.stringify(body) }).headers["Content-Type"] = "application/json";
      const response = await fetch(this.root + path, options).catch((cause) => {
        throw new ApiError(0, cause.name);
      });
      if (!response.ok) throw await this.explain(response);
      return response;
    }

    async explain(response) {
      const { error = {} } = await response.json().catch(() => ({}));
      const wait = Number(response.headers.get("Retry-After")) || 5;
      return new ApiError(response.status, error.code || "unknown", wait * 1000);
    }

    async json(path, options) {
      const stop = new AbortController();
      const alarm = setTimeout(() => stop.abort(), 15000);
      try {
        const response = await this.request(path, { ...options, signal: stop.signal });
        return response.status === 204 ? null : await response.json();
      } catch (error) {
        throw error instanceof ApiError ? error : new ApiError(0, "unreadable");
      } finally {
        clearTimeout(alarm);
      }
    }
  }

  // ---------------------------------------------------------------- the event stream

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
  class Line {
    constructor(conversation) {
      this.conversation = conversation;
      this.failures = 0;
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
        if (this.failures < 3 || this.failures % 10 === 0) await this.stream(token);
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
        if (this.failures > 1) await this.conversation.catchUp();
      } catch (error) {
        if (error.isGone) return this.conversation.forget(token);
        this.conversation.setConnected(false);
      }
    }

    /** First retry at once (a dropped line is common), then 2 s doubling to 20 s; always jittered. */
    delay() {
      const jitter = 0.5 + Math.random() / 2;
      if (this.failures <= 1) return 400 * jitter;
      if (this.failures >= 3 && this.conversation.isConnected) return POLL_EVERY;
      return Math.min(20000, 1000 * 2 ** Math.min(this.failures - 1, 6)) * jitter;
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
      let isMute = true;
      const watch = setInterval(() => {
        const isLost = Date.now() - this.heard > (isMute ? MUTE_LIMIT : QUIET_LIMIT);
        if (isLost || !conversation.isWanted() || conversation.token !== token) abort.abort();
        else if (isMute) conversation.catchUp().catch(() => {}); // a proxy may be holding the stream back
      }, 3000);
      try {
        const response = await conversation.openStream(token, abort.signal);
        const reader = response.body.getReader();
        const decoder = new TextDecoder();
        const events = new EventReader((event) => conversation.token === token && conversation.onEvent(event));
        for (let part; !(part = await reader.read()).done; ) {
          isMute = false;
          this.heard = Date.now();
          events.feed(decoder.decode(part.value, { stream: true }));
          this.failures = events.id || this.heard - opened > 3000 ? 0 : Math.min(this.failures, 1);
        }
      } catch (error) {
        if (error instanceof ApiError) throw error; // a body that breaks off is an ordinary end: reconnect
      } finally {
        clearInterval(watch);
      }
    }
  }

  // ---------------------------------------------------------------- the conversation

  /** The log as this tab knows it, and what waits to be sent. Tells the view through `notify(event, detail)`. */
  class Conversation {
    constructor(site, language, notify) {
      Object.assign(this, { site, language, notify });
      this.api = new Api();
      this.shelf = new Shelf(site);
      this.line = new Line(this);
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
        if (!isKnown && !isSent) this.enqueue({ ...stored });
      }
    }

    resume() {
      this.adopt();
      this.flush();
      this.refresh();
    }

    /** Hidden pages and forgotten chats give their stream back. */
    isWanted() {
      if (!this.token) return false;
      if (this.hasPerson) return true;
      const isIdle = Date.now() - this.activeAt > IDLE_AFTER;
      return document.hidden ? !isIdle : this.isPanelOpen || this.outbox.length > 0 || !isIdle;
    }

    refresh() {
      if (this.isWanted()) this.line.start();
    }

    // -- sending

    send(text, button) {
      const item = { client_id: newId(), text, button };
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
      this.line.hurry();
      if (this.wakeFlush) this.wakeFlush();
      if (this.isFlushing) return;
      this.isFlushing = true;
      try {
        for (let item; (item = this.outbox.find((waiting) => waiting.state !== "failed")); ) {
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
      const { client_id, text, button } = item;
      if (!(this.shelf.read().outbox || []).some((stored) => stored.client_id === client_id)) {
        this.settle(client_id); // another tab has sent it; the stream brings it
        this.refresh();
        return 0;
      }
      try {
        if (!this.token) await this.begin();
        const path = `conversations/${this.id}/messages`;
        const { message } = await this.api.json(path, { method: "POST", token: this.token, body: { client_id, text, button } });
        this.setConnected(true);
        this.receive({ ...message, client_id });
        this.refresh();
        this.notify("acknowledged", message);
        return 0;
      } catch (error) {
        return this.afterFailure(item, error);
      }
    }

    async begin() {
      const body = { site: this.site, language: this.language, page: location.origin + location.pathname };
      const { conversation, token } = await this.api.json("conversations", { method: "POST", body });
      this.shelf.change((record) => Object.assign(record, { id: conversation.id, token, read: 0 }));
      Object.assign(this, { id: conversation.id, token, isLoaded: true });
      this.setInfo(conversation);
    }

    afterFailure(item, error) {
      if (!(error instanceof ApiError)) throw error;
      item.tries += 1;
      let [state, wait] = ["failed", 0];
      if (error.isGone && item.refusals < 2) {
        item.refusals += 1; // twice with fresh tokens is not an expiry: then it fails
        this.forget(this.token);
        state = "sending";
      } else if (error.status === 429) {
        [state, wait, this.isHeld] = ["held", error.wait, true];
      } else if (error.status === 0 || (error.status >= 500 && item.tries < 4)) {
        [state, wait] = ["waiting", Math.min(15000, 500 * 2 ** item.tries) * (0.5 + Math.random() / 2)];
      }
      if (error.status === 0) this.setConnected(false);
      if (this.outbox.includes(item)) Object.assign(item, { state });
      this.notify("outbox", item);
      if (state === "failed") this.notify("error", error);
      return wait;
    }

    typing() {
      if (!this.hasPerson || Date.now() - (this.typedAt || 0) < 4000) return;
      this.typedAt = Date.now();
      this.api.json(`conversations/${this.id}/typing`, { method: "POST", token: this.token, body: {} }).catch(() => {});
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
      if (token && this.newestSeq > read) this.shelf.change((record) => { record.read = this.newestSeq; });
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

    clear() {
      this.line.stop();
      this.reset();
      this.notify("cleared");
      this.outbox.forEach((item) => this.notify("outbox", item));
    }
  }

  // ---------------------------------------------------------------- the element

  const SMALL = "(max-width:520px),(max-height:480px)"; // where the panel fills the screen, as in STYLE
  const OFFER_ICONS = { helped: "check", human: "person" };

  class OdzivChat extends HTMLElement {
    constructor() {
      super();
      this.language = chooseLanguage();
      this.texts = TEXTS[this.language];
      this.items = new Map(); // client id → the item's list element, until it is acknowledged
      this.clock = new Intl.DateTimeFormat(this.language, { hour: "2-digit", minute: "2-digit" });
      this.calendar = new Intl.DateTimeFormat(this.language, { weekday: "long", day: "numeric", month: "long" });
    }

    connectedCallback() {
      if (this.shadowRoot) return;
      this.dress(this.attachShadow({ mode: "open" }));
      this.build();
      this.conversation = new Conversation(script.dataset.site, this.language, (event, detail) => this[`on_${event}`](detail));
      this.listen();
      this.showState();
      this.conversation.resume();
      if (this.conversation.token && tab.wasOpen() && !matchMedia(SMALL).matches) this.open({ focus: false });
    }

    /** A constructed sheet passes a strict CSP; the <style> is for Safari before 16.4. */
    dress(root) {
      const css = accentRules(parseColour(script.dataset.color)) + STYLE;
      if (script.dataset.theme) this.dataset.theme = script.dataset.theme;
      try {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(css);
        root.adoptedStyleSheets = [sheet];
      } catch (unsupported) {
        const style = el("style", { nonce: script.nonce || null });
        style.textContent = css;
        root.append(style);
      }
    }

    // -- building

    build() {
      const { texts } = this;
      this.badge = el("span", { class: "badge", hidden: true, "aria-hidden": "true" });
      this.bubble = el("button", { class: "bubble", type: "button", "aria-expanded": "false", "aria-controls": "panel",
        click: () => this.toggle() }, icon("chat"), this.badge);
      this.panel = el("section", { class: "panel", id: "panel", role: "dialog", "aria-labelledby": "name", tabindex: "-1", hidden: true,
        keydown: (event) => this.onKey(event) }, this.buildHead(), this.buildMiddle());
      this.banner = el("p", { class: "banner", role: "status", hidden: true });
      this.panel.insertBefore(this.banner, this.panel.lastChild);
      this.panel.append(this.buildFoot());
      this.announcer = el("div", { class: "sr", role: "status", "aria-live": "polite" });
      this.root = el("div", { class: "root", lang: this.language }, this.panel, this.bubble, this.announcer);
      this.shadowRoot.append(this.root);
      this.log.append(this.buildGreeting());
      this.bubble.setAttribute("aria-label", texts.open);
    }

    buildHead() {
      this.face = el("span", { class: "face", "aria-hidden": "true" }, icon("chat"));
      this.dot = el("span", { class: "dot", "aria-hidden": "true" });
      this.statusText = el("span");
      return el("div", { class: "head" }, this.face,
        el("div", { class: "who" }, el("h2", { class: "name", id: "name" }, script.dataset.name || this.texts.support), el("p", { class: "status" }, this.dot, this.statusText)),
        el("button", { type: "button", class: "close", "aria-label": this.texts.close, click: () => this.close() }, icon("close")));
    }

    buildMiddle() {
      this.log = el("div", { class: "log", role: "log", "aria-live": "off", "aria-relevant": "additions", "aria-label": this.texts.log });
      this.typingText = el("span");
      this.typingSign = el("div", { class: "typing", hidden: true }, el("i", { "aria-hidden": "true" }, el("u")), el("span", { class: "sr" }, this.typingText));
      this.scroll = el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": this.texts.log, scroll: () => this.onScroll() }, this.log, this.typingSign);
      this.newest = el("button", { type: "button", class: "newest", hidden: true, click: () => this.scrollDown() }, this.texts.newest);
      return el("div", { class: "middle" }, this.scroll, this.newest);
    }

    buildFoot() {
      const { texts } = this;
      this.input = el("textarea", { rows: "1", placeholder: texts.placeholder, "aria-label": texts.placeholder, enterkeyhint: "send", autocomplete: "off",
        input: () => this.onInput(), keydown: (event) => this.onInputKey(event) });
      this.sendButton = el("button", { type: "button", class: "send", "aria-label": texts.send, "aria-disabled": "true", click: () => this.submit() }, icon("send"));
      this.person = el("button", { type: "button", class: "person", click: () => this.askForPerson() }, icon("person"), texts.human);
      this.count = el("span", { class: "count", hidden: true });
      return el("div", { class: "foot" }, el("div", { class: "box" }, this.input, this.sendButton), el("div", { class: "under" }, this.person, this.count));
    }

    /** Shown, never sent. */
    buildGreeting() {
      const questions = (script.dataset.questions || "").split("|").map((question) => question.trim()).filter(Boolean);
      this.starters = questions.length ? el("div", { class: "offers" }, ...questions.map((question) =>
        el("button", { type: "button", click: () => this.say(question) }, question))) : null;
      const item = this.frame("bot", this.texts.assistant);
      item.querySelector(".body").append(el("p", {}, this.texts.greeting), el("p", {}, this.texts.ask));
      if (this.starters) item.append(this.starters);
      return item;
    }

    frame(sender, name) {
      const isOther = sender === "bot" || sender === "agent";
      const picture = isOther && el("span", { class: "mark", "aria-hidden": "true" }, sender === "bot" ? icon("spark") : initials(name));
      const label = sender === "customer" ? el("span", { class: "sr" }, `${this.texts.you}:`) : isOther ? el("span", { class: "by" }, name) : null;
      const kind = sender === "customer" ? "own" : sender;
      const item = el("div", { class: `msg ${kind} first last`, "data-from": `${kind} ${name || ""}` }, picture || null, label,
        el("div", { class: "body", dir: "auto" }), el("div", { class: "meta" }));
      return item;
    }

    // -- messages

    on_message({ message, isNews }) {
      const isAtEnd = this.isAtEnd();
      const node = this.items.get(message.client_id) || this.buildMessage(message);
      this.items.delete(message.client_id);
      node.classList.remove("pending", "failed");
      node.dataset.seq = message.seq;
      node.dataset.day = new Date(message.created_at).toDateString();
      this.fillTime(node, message);
      this.place(node, message.seq);
      this.showOffers();
      if (message.sender !== "customer") this.onIncoming(message, node, isNews, isAtEnd);
      else if (isAtEnd) this.scrollDown();
      if (isNews) fire("message", message);
    }

    onIncoming(message, node, isNews, isAtEnd) {
      if (message.sender !== "system") this.showTyping(false);
      if (isAtEnd || !isNews) this.scrollTo(node);
      else this.newest.hidden = false;
      this.showUnread(isNews);
    }

    buildMessage(message) {
      const { sender, agent, answer } = message;
      const name = sender === "agent" ? (agent && agent.name) || this.texts.person : sender === "bot" ? this.texts.assistant : "";
      const node = this.frame(sender, name);
      const body = node.querySelector(".body");
      body.append(content(sender === "customer" ? { text: message.text } : message, this.texts));
      if (answer && answer.language) body.lang = answer.language;
      const url = answer && answer.url && safeLink(answer.url);
      if (url && ![...body.querySelectorAll("a")].some((a) => a.href === url)) body.after(this.buildCard(answer, url));
      node.offers = { seq: message.seq, buttons: message.buttons || [] };
      return node;
    }

    buildCard(answer, url) {
      return el("a", { class: "card", href: url, target: "_blank", rel: "noopener", lang: answer.language }, icon("page"),
        el("span", {}, el("b", {}, answer.title), el("small", { lang: this.language }, this.texts.article, el("span", { class: "sr" }, ` (${this.texts.newTab})`))));
    }

    fillTime(node, message) {
      const moment = new Date(message.created_at);
      if (isNaN(moment)) return;
      node.querySelector(".meta").replaceChildren(el("time", { datetime: message.created_at }, this.clock.format(moment)));
    }

    /** Where its number says; moved only if it isn't there already, so that it is announced once. */
    place(node, seq) {
      const numbered = [...this.log.children].filter((other) => other !== node && other.dataset.seq);
      const after = numbered.filter((other) => Number(other.dataset.seq) < seq).pop();
      const next = numbered.find((other) => Number(other.dataset.seq) > seq) || [...this.items.values()].find((waiting) => waiting !== node) || null;
      const isPlaced = node.parentNode && (!next || node.compareDocumentPosition(next) & 4) && (!after || after.compareDocumentPosition(node) & 4);
      if (!isPlaced) this.log.insertBefore(node, next);
      this.markDay(node, after);
      this.group();
    }

    markDay(node, before) {
      const lastDay = before ? before.dataset.day : new Date().toDateString();
      const isMarked = node.previousElementSibling && node.previousElementSibling.className === "day";
      if (node.dataset.day === lastDay || isMarked) return;
      node.before(el("div", { class: "day", "aria-hidden": "true" }, this.calendar.format(new Date(node.dataset.day))));
    }

    group() {
      const all = [...this.log.children];
      all.forEach((node, i) => {
        const from = node.dataset.from;
        node.classList.toggle("first", !all[i - 1] || all[i - 1].dataset.from !== from);
        node.classList.toggle("last", !all[i + 1] || all[i + 1].dataset.from !== from);
      });
    }

    /** Buttons belong to the newest message only: after that the talk has moved on. */
    showOffers() {
      const nodes = [...this.log.querySelectorAll(".msg")].filter((node) => !node.classList.contains("system"));
      const newest = nodes[nodes.length - 1];
      for (const node of nodes) {
        const shown = node.querySelector(".choices");
        const wanted = node === newest && node.offers && !this.items.size ? node.offers : null;
        if (shown && !wanted) shown.remove();
        if (!shown && wanted && wanted.buttons.length) node.querySelector(".meta").before(this.buildOffers(wanted));
      }
      if (this.starters) this.starters.hidden = nodes.length > 1;
    }

    buildOffers({ seq, buttons }) {
      const pressable = buttons.map((button, index) => ({ ...button, index })).filter(({ kind }) => kind !== "human" || !this.conversation.hasPerson);
      return el("div", { class: "offers choices" }, ...pressable.map(({ title, kind, index }) =>
        el("button", { type: "button", class: kind, click: () => this.say(title, { seq, index }) }, OFFER_ICONS[kind] ? icon(OFFER_ICONS[kind]) : null, title)));
    }

    // -- what waits to be sent

    on_outbox(item) {
      if (item.state === "failed") this.announce(`${this.texts.failed} ${item.text}`);
      if (!this.conversation.outbox.includes(item)) return;
      let node = this.items.get(item.client_id);
      if (!node) {
        node = this.frame("customer");
        node.querySelector(".body").append(item.text);
        this.items.set(item.client_id, node);
        this.log.append(node);
        this.group();
        this.showOffers();
        this.scrollDown();
      }
      this.showItem(item, node);
    }

    showItem(item, node) {
      node.classList.toggle("failed", item.state === "failed");
      node.classList.toggle("pending", item.state !== "failed");
      const retry = () => el("button", { type: "button", click: () => { this.conversation.retry(item); this.input.focus(); } }, this.texts.retry);
      const state = node.dataset.state;
      node.dataset.state = item.state;
      if (state !== item.state) node.querySelector(".meta").replaceChildren(this.texts[item.state], ...(item.state === "failed" ? [retry()] : []));
      if (state !== item.state && this.isAtEnd()) this.scrollDown();
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
      const isAtEnd = this.isAtEnd();
      this.typingSign.hidden = !isTyping;
      if (!isTyping) return;
      this.typingText.textContent = fill(this.texts.typing, { name });
      this.typingTimer = setTimeout(() => this.showTyping(false), TYPING_LASTS);
      if (isAtEnd) this.scrollDown();
    }

    // -- state

    on_loaded() {
      setTimeout(() => this.log.setAttribute("aria-live", "polite"), 300); // history is there to be read, not announced
      this.showUnread(false);
    }

    on_status({ before, now }) {
      this.showState();
      this.showOffers();
      if (before === now) return;
      this.announce(this.statusText.textContent);
      if (now !== "bot") this.showTyping(false);
      if (now === "queued") fire("handoff");
      if (now === "resolved") fire("resolved");
    }

    on_connection() { this.showState(); }

    on_cleared() {
      for (const node of [...this.log.children].slice(1)) if (!node.dataset.state || node.dataset.seq) node.remove();
      for (const node of this.items.values()) this.log.append(node);
      this.showTyping(false);
      this.showState();
      this.group();
    }

    on_forgotten() {
      const node = this.frame("system");
      node.querySelector(".body").append(this.texts.expired);
      this.log.children[0].after(node);
      this.announce(this.texts.expired);
    }

    on_error({ code }) {
      this.isUnavailable = code === "unknown_site" || code === "origin_not_allowed";
      if (this.isUnavailable) console.warn(`odziv: ${code}; check data-site and the site's origins in config.yml`);
      this.showState();
      fire("error", { code });
    }

    showState() {
      const { texts, conversation } = this;
      const { status, info } = conversation;
      const isAtEnd = this.isAtEnd();
      const agent = status === "open" && info.agent && info.agent.name;
      this.statusText.textContent = status === "open" ? fill(texts.openWith, { name: agent || texts.person }) : texts[status];
      this.dot.className = `dot ${status}`;
      this.face.replaceChildren(agent ? initials(agent) : icon("chat"));
      this.person.hidden = conversation.hasPerson;
      const warning = this.isUnavailable ? texts.unavailable : !navigator.onLine ? texts.offline : conversation.isConnected ? "" : texts.reconnecting;
      this.banner.hidden = !warning;
      if (this.banner.textContent !== warning) this.banner.replaceChildren(icon("off"), warning);
      if (isAtEnd) this.scrollDown(); // what is above and below the log may have grown
    }

    showUnread(isNews) {
      const { conversation } = this;
      if (this.isOpen && !document.hidden) conversation.markRead();
      const count = this.isOpen ? 0 : conversation.unread;
      this.badge.hidden = !count;
      this.badge.textContent = count > 9 ? "9+" : count;
      const label = this.isOpen ? this.texts.close : this.texts.open;
      const news = fill(this.texts.unread, { n: count });
      this.bubble.setAttribute("aria-label", count ? `${label}. ${news}` : label);
      if (count && isNews) this.announce(news);
    }

    announce(text) {
      this.announcer.textContent = "";
      setTimeout(() => { this.announcer.textContent = text; }, 50);
    }

    // -- writing

    say(text, button) {
      tab.set(this.isOpen);
      this.log.setAttribute("aria-live", "polite");
      this.conversation.send(text, button);
      if (!matchMedia("(pointer:coarse)").matches) this.input.focus(); // a phone's keyboard stays down
      else this.panel.focus({ preventScroll: true });
    }

    submit() {
      const text = this.input.value.trim();
      const isTooLong = [...text].length > LONGEST;
      if (isTooLong) this.announce(this.texts.tooLong);
      if (!text || isTooLong) return this.input.focus();
      this.input.value = "";
      this.onInput();
      this.say(text);
      this.input.focus();
    }

    askForPerson() { this.say(this.texts.humanText); }

    onInput() {
      const { input } = this;
      const length = [...input.value.trim()].length;
      input.style.height = "auto";
      input.style.height = `${Math.max(44, Math.min(132, input.scrollHeight))}px`;
      this.count.hidden = length < COUNT_FROM;
      this.count.textContent = `${length} / ${LONGEST}`;
      const isOver = length > LONGEST;
      if (isOver && !this.count.classList.contains("over")) this.announce(this.texts.tooLong);
      this.count.classList.toggle("over", isOver);
      this.sendButton.setAttribute("aria-disabled", String(!length || isOver));
      if (length) this.conversation.typing();
    }

    onInputKey(event) {
      const isComposing = event.isComposing || event.keyCode === 229; // 229: Safari ends a composition with Enter
      if (event.key !== "Enter" || event.shiftKey || isComposing) return;
      event.preventDefault();
      this.submit();
    }

    onKey(event) {
      if (event.key === "Escape" && !event.isComposing) {
        event.stopPropagation();
        this.close();
      }
      if (event.key === "Tab" && matchMedia(SMALL).matches) this.keepFocus(event);
    }

    /** Full screen, the page is covered. */
    keepFocus(event) {
      const stops = [...this.panel.querySelectorAll("button,textarea,a[href],[tabindex='0']")].filter((stop) => stop.offsetParent);
      const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
      const active = this.shadowRoot.activeElement;
      if (active !== edge && !(event.shiftKey && active === this.panel)) return;
      event.preventDefault();
      (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus();
    }

    // -- opening, closing, scrolling

    get isOpen() { return !this.panel.hidden; }

    open({ focus = true } = {}) {
      if (this.isOpen) return;
      this.cameFrom = document.activeElement;
      this.showPanel(true);
      this.scrollDown();
      if (focus) (matchMedia("(pointer:coarse)").matches ? this.panel : this.input).focus({ preventScroll: true });
      fire("opened");
    }

    close() {
      if (!this.isOpen) return;
      this.showPanel(false);
      const origin = this.cameFrom;
      if (origin && origin !== this && origin !== document.body && origin.isConnected) origin.focus();
      else this.bubble.focus();
      fire("closed");
    }

    toggle() { if (this.isOpen) this.close(); else this.open(); }

    showPanel(isOpen) {
      this.panel.hidden = !isOpen;
      this.panel.setAttribute("aria-modal", String(matchMedia(SMALL).matches));
      this.root.classList.toggle("is-open", isOpen);
      this.bubble.setAttribute("aria-expanded", String(isOpen));
      this.bubble.replaceChild(icon(isOpen ? "down" : "chat"), this.bubble.firstChild);
      this.conversation.isPanelOpen = isOpen;
      this.conversation.activeAt = Date.now();
      if (this.conversation.token) tab.set(isOpen);
      this.showUnread(false);
      this.conversation.refresh();
    }

    isAtEnd() { return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < 80; }

    onScroll() { if (this.isAtEnd()) this.newest.hidden = true; }

    scrollDown() {
      this.scroll.scrollTop = this.scroll.scrollHeight;
      this.newest.hidden = true;
    }

    scrollTo(node) { this.scroll.scrollTop = Math.min(this.scroll.scrollHeight, node.offsetTop - 16); }

    // -- the world around

    listen() {
      const { conversation } = this;
      const wake = () => { conversation.line.doubt(); conversation.flush(); conversation.refresh(); this.showState(); };
      window.addEventListener("online", () => { conversation.line.stop(); wake(); });
      window.addEventListener("offline", () => this.showState());
      window.addEventListener("pageshow", (event) => event.persisted && wake());
      window.addEventListener("pagehide", () => conversation.line.stop()); // else no back/forward cache
      window.addEventListener("storage", (event) => {
        if (event.key !== conversation.shelf.key) return;
        conversation.resume();
        this.showUnread(false);
      });
      document.addEventListener("visibilitychange", () => {
        if (document.hidden) return;
        conversation.activeAt = Date.now();
        this.showUnread(false);
        wake();
      });
      if (window.visualViewport) window.visualViewport.addEventListener("resize", () => this.fitKeyboard());
    }

    /** On a phone the panel ends where the on-screen keyboard begins. */
    fitKeyboard() {
      const { height, offsetTop, scale } = window.visualViewport;
      if (scale > 1.01) return; // zoomed in by the reader, not a keyboard
      this.style.setProperty("--height", `${height}px`);
      this.style.setProperty("--top", `${offsetTop}px`);
      if (this.isOpen) this.scrollDown();
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
    const element = document.createElement("odziv-chat");
    document.body.append(element);
    chat = element;
    waiting.splice(0).forEach((call) => odziv(...call));
    fire("ready");
  }

  customElements.define("odziv-chat", OdzivChat);
  window.odziv = odziv;
  if (!script.dataset.site) console.warn("odziv: the script tag needs data-site");
  else if (document.body) mount();
  else document.addEventListener("DOMContentLoaded", mount);
})();
