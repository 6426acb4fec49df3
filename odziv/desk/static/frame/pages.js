// Pages without a conversation: links that are copied.

import { text } from "./text.js";

for (const button of document.querySelectorAll("button[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  field.select();
  if (!navigator.clipboard) continue; // without https there is none; the field is selected
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value);
    button.textContent = text("Copied");
  });
}
