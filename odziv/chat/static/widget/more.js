/* The button to the customer's menu: fetched once something of theirs is kept. The menu itself is fetched when used. */

import { draw, el } from "./elements.js";

const MORE_WORDS = TEXTS.more;
const DOTS = "M12 4.6a.9.9 0 1 0 .01 0M12 11.1a.9.9 0 1 0 .01 0M12 17.6a.9.9 0 1 0 .01 0";

const MORE_RULES = ".head-tools{margin-inline-end:-12px}";

export function installMenu(widget) {
  widget.host.moreRules = widget.host.dress(MORE_RULES, widget.host.moreRules);
  const button = el("button", { type: "button", "aria-label": MORE_WORDS[widget.language].more,
    click: () => widget.late("menu", ({ openMenu }) => openMenu(widget)) }, draw(DOTS));
  const show = () => { button.hidden = !widget.conversation.token; };
  for (const event of ["status", "cleared"]) widget.on(event, show);
  widget.place("head", button);
  show();
}
