/* The button to the customer's menu: fetched once something of theirs is kept. The menu itself is fetched when used. */

import { draw, el } from "./elements.js";

const MORE_WORDS = { sl: "Več možnosti", hr: "Više mogućnosti", pl: "Więcej opcji", en: "More options" };
const DOTS = "M12 5.5h.01M12 12h.01M12 18.5h.01";

export function installMenu(widget) {
  const button = el("button", { type: "button", "aria-label": MORE_WORDS[widget.language],
    click: () => widget.late("menu", ({ openMenu }) => openMenu(widget)) }, draw(DOTS));
  const show = () => { button.hidden = !widget.conversation.token; };
  for (const event of ["status", "cleared"]) widget.on(event, show);
  widget.place("head", button);
  show();
}
