/* The customer's menu: the transcript, what was said before, and "forget me". Fetched when used, with its own words. */

import { Api } from "./api.js";
import { attempt } from "./attempts.js";
import { draw, el, icon } from "./elements.js";

const TRAY = "M12 4v11M7.5 10.5 12 15l4.5-4.5M4.5 19.5h15";
const BIN = "M4 7h16M9.5 7V4.5h5V7M6 7l1 13h10l1-13M10 11v5M14 11v5";

const MENU_WORDS = TEXTS.menu;

const MENU_RULES = `
.menu{display:flex;flex-direction:column;gap:8px}
.menu p{margin:0 0 8px}
.menu button{min-height:48px;padding:10px 16px;border-radius:14px;display:flex;align-items:center;gap:12px;text-align:start;background:var(--raised);
  box-shadow:0 0 0 1px var(--line);font-weight:500}
.menu button:hover{box-shadow:0 0 0 1.5px var(--strong)}
.menu button.danger{background:var(--danger);color:var(--surface);box-shadow:none;justify-content:center}
.menu button.plain{justify-content:center}
@media (forced-colors:active){.menu button{border:1px solid}}
`;

export async function openMenu(widget) {
  const words = MENU_WORDS[widget.language];
  widget.host.menuRules = widget.host.dress(MENU_RULES, widget.host.menuRules);
  const items = [];
  if (widget.conversation.isKnown) items.push({ label: words.earlier, sign: icon("page"), run: () => openEarlier(widget, words.earlier) });
  if (widget.conversation.known.size) items.push({ label: words.keep, sign: draw(TRAY), run: () => keep(widget) });
  widget.emit("menu", items);
  items.push({ label: words.forget, sign: draw(BIN), run: () => askToForget(widget, words) });
  const buttons = items.map((item) => el("button", { type: "button", click: item.run }, item.sign, item.label));
  await widget.showScreen(words.title, el("div", { class: "menu" }, ...buttons));
}

async function keep(widget) {
  const { openTranscript } = await import("./transcript.js");
  return openTranscript(widget);
}

async function openEarlier(widget, title) {
  const { showEarlier } = await import("./earlier.js");
  return showEarlier(widget, title);
}

async function askToForget(widget, words) {
  const { conversation } = widget;
  const problem = el("p", { role: "alert" });
  const yes = el("button", { type: "button", class: "danger", click: () => {
    yes.disabled = true;
    forget(widget).then(() => sayDone(widget, words), () => { yes.disabled = false; problem.textContent = words.failed; });
  } }, words.yes);
  const no = el("button", { type: "button", class: "plain", click: () => close() }, words.no);
  const close = await widget.showScreen(words.forget, el("div", { class: "menu" }, el("p", {}, conversation.isKnown ? words.all : words.one), problem, yes, no), { replaces: true });
}

/** Deleted on the server first: a browser that has forgotten could not ask any more. */
async function forget({ conversation, host }) {
  const { id, token } = conversation;
  try {
    await new Api().json(`conversations/${id}`, { method: "DELETE", token });
  } catch (error) {
    if (!error.isGone) throw error; // gone already is just as well
  }
  conversation.wipe();
  attempt(() => localStorage.removeItem(`odziv:quiet:${host.site}`));
}

async function sayDone(widget, words) {
  widget.panel.showUnread(false);
  await widget.showScreen(words.forget, el("div", { class: "menu" }, el("p", {}, words.done)), { replaces: true });
  widget.announce(words.done);
}
