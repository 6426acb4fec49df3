// The list of the desk's keys: "?" opens it, on every page.

import { byId, isCommand } from "../conversation/composer.js";

const dialog = byId("keys");

document.body.addEventListener("keydown", (event) => {
  if (!isCommand(event)) return;
  if (event.key === "?") dialog?.showModal();
  else if (event.key.toLowerCase() === "f") find();
  else return;
  event.preventDefault();
});

/** To the field for words, on the page of all conversations. */
function find() {
  const field = byId("found-words");
  if (field) field.select();
  else byId("all-conversations")?.click();
}
byId("keys-button")?.addEventListener("click", () => dialog?.showModal());
dialog?.addEventListener("keydown", (event) => event.stopPropagation()); // no letter does anything behind it
dialog?.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
