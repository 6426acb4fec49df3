// Replies that can still be taken back: how long yet, and Undo, by button and key.

import { box, byId, isCommand } from "./composer.js";

const clockOffset = Number(document.body.dataset.now) - Date.now();
const newestUndo = () => [...document.querySelectorAll("#held form.undo")].at(-1);

function countDown() {
  for (const place of document.querySelectorAll("#held [data-send-at]")) {
    const seconds = Math.ceil((Number(place.dataset.sendAt) - Date.now() - clockOffset) / 1000);
    const text = seconds > 0 ? ` in ${seconds} s` : "…";
    if (place.textContent !== text) place.textContent = text;
  }
}

function putBack() {
  const undone = byId("undone");
  if (!undone || !box()) return;
  byId("kind-reply")?.click();
  const begun = box().value.trim();
  box().value = begun ? `${undone.value}\n\n${box().value}` : undone.value;
  undone.remove();
  box().focus();
  box().dispatchEvent(new Event("input", { bubbles: true }));
}

function onKey(event) {
  const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
  const isInEmptyBox = event.target === box() && isUndo && !box().value;
  const isByLetter = event.key === "u" && isCommand(event);
  if ((!isInEmptyBox && !isByLetter) || !newestUndo()) return;
  event.preventDefault();
  newestUndo().requestSubmit();
}

export function listen(body) {
  body.addEventListener("keydown", onKey);
  for (const name of ["htmx:afterSwap", "htmx:oobAfterSwap"]) {
    body.addEventListener(name, () => {
      countDown();
      putBack();
    });
  }
  countDown();
  setInterval(countDown, 250);
}
