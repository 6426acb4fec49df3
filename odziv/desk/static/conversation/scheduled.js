// Replies that can still be taken back: how long yet, and Undo, by button and key.

import { box, byId, isCommand } from "./composer.js";
import { text } from "../frame/text.js";

const clockOffset = Number(document.body.dataset.now) - Date.now();
const newestUndo = () => [...document.querySelectorAll("#scheduled form.undo")].at(-1);

function countDown() {
  for (const place of document.querySelectorAll("#scheduled [data-send-at]")) {
    const seconds = Math.round((Number(place.dataset.sendAt) - Date.now() - clockOffset) / 1000);
    const words = seconds > 0 ? ` ${text("in %(seconds)s s", { seconds })}` : "…";
    if (place.textContent !== words) place.textContent = words;
  }
}

// ---- Undo -----------------------------------------------------------------------------------------------------

// Not by htmx: the part of the page this form stands in may be exchanged at any moment, and with it the answer's place.
const underWay = new Set();
async function undo(form) {
  const { action } = form;
  if (underWay.has(action)) return;
  underWay.add(action);
  const html = await ask(action, new URLSearchParams(new FormData(form)));
  underWay.delete(action);
  const answer = new DOMParser().parseFromString(html, "text/html");
  const [scheduled, undone, problem] = ["#scheduled", "#undone", ".alert"].map((part) => answer.querySelector(part));
  if (undone) {
    putBack(undone.value);
    document.body.dispatchEvent(new CustomEvent("desk:undone", { detail: { ...undone.dataset } }));
  }
  undone?.remove();
  if (scheduled && byId("scheduled")) byId("scheduled").replaceWith(scheduled);
  if (problem) byId("alerts").replaceChildren(problem);
}

// Asked again when the answer doesn't come: the server gives the text back as often as it is asked.
async function ask(address, body, tries = 5) {
  try {
    const answer = await fetch(address, { method: "POST", body, headers: { "HX-Request": "true" } });
    if (answer.status < 500) return await answer.text();
  } catch { /* the next try may get through */ }
  if (tries === 1) return `<p class="alert">${text("The server can’t be reached. If nothing was undone, the reply is sent.")}</p>`;
  await new Promise((done) => { setTimeout(done, 800); });
  return ask(address, body, tries - 1);
}

function putBack(reply) {
  if (!box()) return;
  byId("kind-reply")?.click();
  const begun = box().value.trim();
  box().value = begun ? `${reply}\n\n${box().value}` : reply;
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
  body.addEventListener("submit", (event) => {
    if (!event.target.matches("form.undo")) return;
    event.preventDefault();
    undo(event.target);
  });
  for (const name of ["htmx:afterSwap", "htmx:oobAfterSwap"]) {
    body.addEventListener(name, countDown);
  }
  countDown();
  setInterval(countDown, 250);
}
