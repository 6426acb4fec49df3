/* Something over log and text field, with a way back, into the chat and to a person: an article, a search. Fetched when
 * used. One opened from another covers it: the way back leads there. */

import { el, icon } from "./elements.js";
import { isTouched } from "./panel.js";

const SCREEN_TEXTS = TEXTS.screen;
const SCREEN_RULES = `
.screen{flex:1;min-height:0;display:flex;flex-direction:column;background:var(--surface)}
.screen-head{flex:none;display:flex;align-items:center;gap:4px;padding-block:6px;padding-inline:8px 16px;border-bottom:1px solid var(--line)}
.screen-head h3{margin:0;font-size:16px;font-weight:650;line-height:1.3}
.back{width:44px;height:44px;border-radius:12px;display:grid;place-items:center;flex:none}
[dir=rtl] .back svg{transform:scaleX(-1)}
.screen-body{flex:1;overflow-y:auto;overscroll-behavior:contain;padding:16px 18px 22px}
.screen-body:focus-visible,.screen-head h3:focus-visible{outline-offset:-4px}
.screen-body article.body{padding:0;background:none;box-shadow:none}
.screen>.under{flex:none;gap:0 8px;padding:2px 12px calc(2px + env(safe-area-inset-bottom));border-top:1px solid var(--line)}
.line{min-height:44px;padding:8px 16px;border-radius:22px;border:1.5px solid color-mix(in srgb,var(--strong) 40%,var(--line));color:var(--strong);
  font-size:14.5px;font-weight:500;line-height:1.3;display:inline-flex;align-items:center;gap:8px;text-align:start}
.line:hover,.line[aria-pressed=true]{border-color:var(--strong);background:color-mix(in srgb,var(--strong) 10%,var(--raised))}
.line.full{background:var(--strong);color:var(--on-strong);border-color:var(--strong)}
.line svg{width:17px;height:17px}
.small{margin:8px 0 0;font-size:13px;line-height:1.45;color:var(--muted)}
.wrong{color:var(--danger)}
.field{display:block;width:100%;margin:6px 0 10px;padding:9px 14px;border:1.5px solid var(--line);border-radius:14px;background:var(--raised);font:inherit;font-size:16px;line-height:1.45;color:var(--text)}
textarea.field{height:76px;flex:none}
.field:focus-visible{outline:none;border-color:var(--strong);box-shadow:0 0 0 3px color-mix(in srgb,var(--strong) 20%,transparent)}
@media (forced-colors:active){.line,.field{border:1px solid CanvasText}}
`;

/** The rules of screens and their buttons and fields, for what looks like them elsewhere. */
export function dressScreens({ host }) {
  host.screenRules = host.dress(SCREEN_RULES, host.screenRules);
}

/** `ask` is written on the way into the chat, and `draft` put into an empty text field there; `replaces` those below. */
export function openScreen(widget, title, node, { ask = SCREEN_TEXTS[widget.language].ask, draft = "", replaces } = {}) {
  const { panel, texts, host, log, composer } = widget;
  dressScreens(widget);
  if (replaces) leaveScreens(panel);
  const below = panel.screen;
  const covered = below ? [below.node] : [log.node, composer.node];
  const origin = host.shadowRoot.activeElement;
  const heading = el("h3", { tabindex: "-1" }, title);
  const chat = () => {
    leaveScreens(panel);
    if (draft && !composer.input.value) composer.input.value = draft;
    composer.onInput();
    composer.input.focus();
  };
  const person = widget.offersPerson
    ? el("button", { type: "button", class: "person", click: () => { leaveScreens(panel); widget.say(texts.humanText); } }, icon("person"), texts.human) : null;
  const screen = { node: el("div", { class: "screen" },
    el("div", { class: "screen-head" }, el("button", { type: "button", class: "back", "aria-label": texts.back, click: () => close() }, icon("back")), heading),
    el("div", { class: "screen-body", tabindex: "0", role: "region", "aria-label": title }, node),
    el("div", { class: "under" }, el("button", { type: "button", class: "way", click: chat }, icon("chat"), ask), person)) };
  const close = () => {
    if (panel.screen !== screen) return;
    panel.screen = below;
    panel.closeScreen = below ? below.close : null;
    screen.node.remove();
    covered.forEach((other) => { other.hidden = false; });
    if (panel.isOpen) (origin && origin.isConnected ? origin : panel.node).focus({ preventScroll: true });
  };
  covered.forEach((other) => { other.hidden = true; });
  panel.node.append(screen.node);
  Object.assign(panel, { screen, closeScreen: close });
  screen.close = close;
  if (panel.isOpen) (node.querySelector("[autofocus]:not([hidden])") && !isTouched() ? node.querySelector("[autofocus]") : heading).focus({ preventScroll: true });
  return close;
}

/** Back to the chat, from however deep. */
export function leaveScreens(panel) {
  while (panel.screen) panel.screen.close();
}
