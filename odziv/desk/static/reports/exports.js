// The page "Exports": while one is being made, the list is fetched again and again. Without this, a reload shows the same.

import { text } from "../frame/text.js";

const PAUSE = 1500; // milliseconds
const box = document.getElementById("exports");
const told = document.getElementById("exports-told");

const busy = () => Number(box.firstElementChild.dataset.busy);

async function refresh() {
  const before = busy();
  try {
    const answer = await fetch(box.dataset.address, { headers: { "HX-Request": "true" } });
    if (answer.ok && !answer.redirected) put(await answer.text());
  } catch {
    // The server is away for a moment: the next time.
  }
  if (busy() < before) told.textContent = text("An export has ended.");
  if (busy()) setTimeout(refresh, PAUSE);
}

// Whoever is on a button stays on it, unless it is gone.
function put(html) {
  const focused = box.contains(document.activeElement) ? document.activeElement.id : "";
  box.innerHTML = html;
  if (focused) document.getElementById(focused)?.focus();
}

if (busy()) setTimeout(refresh, PAUSE);
