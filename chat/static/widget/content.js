/* A message's HTML as elements: made safe once more, whatever the server sends. */

import { attempt } from "./attempts.js";
import { el } from "./elements.js";

const SERVER = new URL("../../", import.meta.url); // above widget/<version>/

// Sanitising, after the server's: known tags are rebuilt, all others unwrapped or dropped.
const KEPT = new Set("P BR STRONG B EM I S DEL CODE PRE UL OL LI A BLOCKQUOTE TABLE THEAD TBODY TR TH TD".split(" "));
const DROPPED = new Set("SCRIPT STYLE TEMPLATE IFRAME OBJECT EMBED NOSCRIPT SVG MATH TITLE TEXTAREA SELECT".split(" "));
// Without our policy in a page's Trusted Types, plain text is shown.
const trusted = attempt(() => window.trustedTypes.createPolicy("odziv", { createHTML: (html) => html }));

export function safeLink(href) {
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
