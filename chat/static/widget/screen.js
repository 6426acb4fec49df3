/* Something over log and text field, with a way back and a way to a person: an article, a form. Fetched when used. */

import { el, icon } from "./elements.js";

const RULES = `
.screen{flex:1;min-height:0;display:flex;flex-direction:column;background:var(--surface)}
.screen-head{flex:none;display:flex;align-items:center;gap:4px;padding-block:6px;padding-inline:8px 16px;border-bottom:1px solid var(--line)}
.screen-head h3{margin:0;font-size:16px;font-weight:650;line-height:1.3}
.back{width:44px;height:44px;border-radius:12px;display:grid;place-items:center;flex:none}
[dir=rtl] .back svg{transform:scaleX(-1)}
.screen-body{flex:1;overflow-y:auto;overscroll-behavior:contain;padding:16px 18px}
.screen-body .body{padding:0;background:none;box-shadow:none}
.screen>.under{flex:none;padding:0 12px calc(2px + env(safe-area-inset-bottom));border-top:1px solid var(--line)}
`;

export function openScreen(widget, title, node) {
  const { panel, texts, host, log, composer } = widget;
  host.screenRules = host.dress(RULES, host.screenRules);
  if (panel.closeScreen) panel.closeScreen();
  const origin = host.shadowRoot.activeElement;
  const covered = [log.node, composer.node];
  const heading = el("h3", { tabindex: "-1" }, title);
  const person = widget.conversation.hasPerson ? null
    : el("button", { type: "button", class: "person", click: () => { close(); widget.say(texts.humanText); } }, icon("person"), texts.human);
  const screen = el("div", { class: "screen" },
    el("div", { class: "screen-head" }, el("button", { type: "button", class: "back", "aria-label": texts.back, click: () => close() }, icon("back")), heading),
    el("div", { class: "screen-body", tabindex: "0", role: "region", "aria-label": title }, node), el("div", { class: "under" }, person));
  const close = panel.closeScreen = () => {
    panel.closeScreen = null;
    screen.remove();
    covered.forEach((other) => { other.hidden = false; });
    (origin && origin.isConnected ? origin : panel.node).focus({ preventScroll: true });
  };
  covered.forEach((other) => { other.hidden = true; });
  panel.node.append(screen);
  if (panel.isOpen) heading.focus({ preventScroll: true });
  return () => { if (panel.closeScreen === close) close(); };
}
