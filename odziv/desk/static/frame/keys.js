// The list of the desk's keys: "?" opens it, on every page.

import { byId, isCommand } from "../conversation/composer.js";

const dialog = byId("keys");

document.body.addEventListener("keydown", (event) => {
  if (!isCommand(event)) return;
  if (event.key === "?") dialog?.showModal();
  else if (event.key.toLowerCase() === "f") find();
  else if (event.key.toLowerCase() === "j") step(event.shiftKey ? -1 : 1);
  else if (!press(PRESSED[event.shiftKey ? `Shift ${event.key.toUpperCase()}` : event.key])) return;
  event.preventDefault();
});

// What can't be taken back with a key needs two.
const PRESSED = {
  q: ".rail-link[href$='/queue']",
  i: ".rail-link[href$='/inbox']",
  w: "#write-mail",
  "Shift E": ".pane-actions button[name=status][value=resolved]",
  "Shift B": ".pane-actions button[name=status][value=bot]",
};

function press(where) {
  const element = where && document.querySelector(where);
  element?.click();
  return Boolean(element);
}

/** To the conversation after, or before, the one that is open in the list; to the first, or last, where none is. */
function step(by) {
  const links = [...document.querySelectorAll("#list .card-link")];
  const open = links.findIndex((link) => link.getAttribute("aria-current"));
  const next = open < 0 ? links.at(by > 0 ? 0 : -1) : links[open + by];
  next?.click();
}

/** To the field for words, on the page of all conversations. */
function find() {
  const field = byId("found-words");
  if (field) field.select();
  else byId("all-conversations")?.click();
}
byId("keys-button")?.addEventListener("click", () => dialog?.showModal());
dialog?.addEventListener("keydown", (event) => event.stopPropagation()); // no letter does anything behind it
dialog?.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
