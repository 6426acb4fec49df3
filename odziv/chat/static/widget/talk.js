/* What the assistant and people say, and how a conversation looks: fetched with the first message or article, there
 * before the first answer. A message's HTML is made safe once more, whatever the server sends. */

import { attempt } from "./attempts.js";
import { el, icon } from "./elements.js";

const TALK_RULES = `
.day{align-self:center;margin:14px 0 4px;font-size:12.5px;color:var(--muted)}
.system>.body{background:color-mix(in srgb,var(--strong) 9%,var(--canvas));box-shadow:none;border-radius:14px!important;padding:9px 16px;font-size:14px;
  text-align:center;text-wrap:balance}
.system>.meta{display:none!important}
.failed>.meta{color:var(--danger);font-size:13px;flex-wrap:wrap;justify-content:flex-end}
.meta button{min-height:44px;margin-block:-8px;padding:0 6px;font-weight:600;text-decoration:underline}
.body ul,.body ol{margin:0 0 9px;padding-inline-start:20px}
.body li{margin:3px 0}.body li::marker{color:var(--muted)}
.body h3{font-size:15px;font-weight:650;margin:12px 0 4px}
.body strong{font-weight:650}
.body a{color:var(--strong);text-underline-offset:2px}
.body code{font:13px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:var(--canvas);padding:1px 5px;border-radius:5px}
.body pre{overflow-x:auto;margin:0 0 9px}
.body blockquote{margin:0 0 9px;padding-inline-start:12px;border-inline-start:3px solid var(--line);color:var(--muted)}
.body table{border-collapse:collapse;display:block;overflow-x:auto;margin:0 0 9px;font-size:14px}
.body th,.body td{border-bottom:1px solid var(--line);padding-block:5px;padding-inline-end:10px;text-align:start}
.card{display:flex;align-items:center;gap:10px;margin-top:6px;min-height:48px;padding:8px 14px;border-radius:14px;max-width:100%;
  background:var(--raised);box-shadow:0 0 0 1px var(--line);color:var(--text);text-decoration:none;font-size:14px;line-height:1.35}
.card:hover{box-shadow:0 0 0 1.5px var(--strong)}
.card svg{width:18px;height:18px;color:var(--strong)}
.card b{display:block;font-weight:600}.card small{font-size:12.5px;color:var(--muted)}
.offers .helped,.offers .human,.offers .go_on{border-color:var(--line);color:var(--text)}
.typing{display:flex;align-items:center;gap:10px;margin:14px 0 0;color:var(--muted);font-size:13px}
.typing i{display:flex;gap:4px;padding:13px 14px;border-radius:16px;background:var(--raised);box-shadow:0 0 0 1px var(--line);margin-inline-start:38px}
.typing i::before,.typing i::after,.typing u{content:"";width:7px;height:7px;border-radius:50%;background:var(--muted);animation:blink 1.2s infinite}
.typing u{animation-delay:.18s}.typing i::after{animation-delay:.36s}
@keyframes blink{0%,60%,100%{opacity:.3;transform:none}30%{opacity:1;transform:translateY(-3px)}}
.face canvas,.mark canvas{width:100%;height:100%;border-radius:50%}
.newest{position:absolute;inset-block-end:12px;inset-inline:0;margin:auto;width:max-content;min-height:44px;padding:8px 18px;border-radius:22px;
  background:var(--strong);color:var(--on-strong);font-size:14px;font-weight:600;box-shadow:var(--shadow)}
@media (forced-colors:active){.card{border:1px solid CanvasText}}
`;

export function dressTalk(widget) {
  widget.host.talkRules = widget.host.dress(TALK_RULES, widget.host.talkRules);
  widget.portray = portray;
  widget.panel.showState(); // now with the picture
}

const portraits = {}; // by address: pictures that were fetched

/** Somebody's picture in place of what stands there. It is drawn, so that no page's policy keeps it out. */
function portray(agent, place) {
  const { picture } = agent || {};
  if (!picture) return;
  const before = place.firstChild;
  portraits[picture] ||= fetch(new URL(picture, SERVER), { credentials: "omit" })
    .then((answer) => (answer.ok ? answer.blob() : Promise.reject(answer.status)))
    .then((blob) => createImageBitmap(blob));
  portraits[picture].then((drawn) => {
    const canvas = el("canvas", { width: drawn.width, height: drawn.height });
    canvas.getContext("2d").drawImage(drawn, 0, 0);
    if (place.firstChild === before) place.replaceChildren(canvas);
  }, () => { delete portraits[picture]; }); // the initials stay
}

// -- a message

const OFFER_ICONS = { helped: "check", human: "person" };

export function buildMessage(log, message) {
  const { sender, agent, answer, author } = message;
  const { texts } = log;
  const name = author || (sender === "agent" ? (agent && agent.name) || texts.person : sender === "bot" ? texts.assistant : "");
  const node = log.frame(author ? "agent" : sender, name); // who has the e-mails in copy stands with the others
  const mark = node.querySelector(".mark");
  if (mark) portray(agent, mark);
  const body = node.querySelector(".body");
  body.append(content(sender === "customer" ? { text: message.text } : message, texts));
  if (answer && answer.language) body.lang = answer.language;
  const url = answer && answer.url && safeLink(answer.url);
  if (url && ![...body.querySelectorAll("a")].some((a) => a.href === url)) body.after(buildCard(log.widget, answer, url));
  node.offers = { seq: message.seq, buttons: message.buttons || [] };
  return node;
}

function buildCard(widget, answer, url) {
  const read = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // they want it in a tab of its own
    event.preventDefault();
    widget.showArticle(answer.article, answer.language);
  };
  return el("a", { class: "card", href: url, target: "_blank", rel: "noopener", lang: answer.language, click: read }, icon("page"),
    el("span", {}, el("b", {}, answer.title), el("small", { lang: widget.language }, widget.texts.article)));
}

export function buildOffers({ widget }, { seq, buttons }) {
  const pressable = buttons.map((button, index) => ({ ...button, index })).filter(({ kind }) => kind !== "human" || widget.offersPerson);
  return el("div", { class: "offers choices" }, ...pressable.map(({ title, kind, index }) =>
    el("button", { type: "button", class: kind, click: () => widget.say(title, { button: { seq, index } }) }, OFFER_ICONS[kind] ? icon(OFFER_ICONS[kind]) : null, title)));
}

// -- its HTML

const SERVER = new URL("../../", import.meta.url); // above widget/<version>/

// Sanitising, after the server's: known tags are rebuilt, all others unwrapped or dropped.
const KEPT = new Set("P BR STRONG B EM I S DEL CODE PRE UL OL LI A BLOCKQUOTE TABLE THEAD TBODY TR TH TD".split(" "));
const DROPPED = new Set("SCRIPT STYLE TEMPLATE IFRAME OBJECT EMBED NOSCRIPT SVG MATH TITLE TEXTAREA SELECT".split(" "));
// Without our policy in a page's Trusted Types, plain text is shown. A page allows its name once: a second try of this file finds it.
const chat = customElements.get("odziv-chat");
const trusted = chat.policy || (chat.policy = attempt(() => window.trustedTypes.createPolicy("odziv", { createHTML: (html) => html })));

function safeLink(href) {
  const url = attempt(() => new URL(href, SERVER));
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

export function content({ html, text }, texts) {
  const fragment = document.createDocumentFragment();
  const parsed = html && attempt(() => new DOMParser().parseFromString(trusted ? trusted.createHTML(html) : html, "text/html"));
  if (parsed) return rebuild(parsed.body, fragment, texts);
  fragment.append(text || "");
  return fragment;
}
