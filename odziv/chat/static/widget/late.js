/* What a conversation needs only sometimes, fetched when it does: words on the wait, the end, emoji. */

import { el, icon } from "./elements.js";
import { isTouched } from "./panel.js";

export function installLate(widget) {
  const { conversation } = widget;
  const call = (module, work) => module.then(work, () => {}); // each can be done without
  const dress = ({ dressTalk }) => dressTalk(widget);
  widget.on("outbox", () => call(import("./talk.js?1"), dress)); // the address of the conversation's first try
  widget.on("talk", dress);
  widget.on("status", ({ before, now }) => {
    if (now === "queued" || before === "queued") call(import("./waiting.js"), ({ showWait }) => showWait(widget));
    if (now === "resolved") call(import("./ending.js"), ({ showEnding }) => showEnding(widget));
  });
  widget.on("outbox", ({ button, state }) => {
    const offer = button && state === "sending" && conversation.known.get(button.seq);
    if (offer && offer.buttons[button.index].kind === "helped") call(import("./ending.js"), ({ showThanks }) => showThanks(widget, button.seq));
  });
  if (isTouched()) return; // there the keyboard has its own
  const smile = el("button", { type: "button", "aria-label": "Emoji", title: "Emoji", "aria-expanded": "false",
    click: () => call(import("./emoji.js"), ({ toggleEmoji }) => toggleEmoji(widget, smile)) }, icon("smile"));
  widget.place("tools", smile);
}

/** Rules of a late part, with those of the buttons and fields it shares with screens. */
export async function dressed(widget, name, rules) {
  const { dressScreens } = await import("./screen.js");
  dressScreens(widget);
  widget.host[name] = widget.host.dress(rules, widget.host[name]);
}
