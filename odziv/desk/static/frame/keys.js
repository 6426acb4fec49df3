// The list of the desk's keys: "?" opens it, on every page.

import { byId, isCommand } from "../conversation/composer.js";

const dialog = byId("keys");

document.body.addEventListener("keydown", (event) => {
  if (event.key !== "?" || !isCommand(event)) return;
  event.preventDefault();
  dialog?.showModal();
});
byId("keys-button")?.addEventListener("click", () => dialog?.showModal());
dialog?.addEventListener("keydown", (event) => event.stopPropagation()); // no letter does anything behind it
dialog?.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
