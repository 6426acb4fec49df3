// What was asked for, for several conversations at once: how long it can be undone, and what came of it.

import { text } from "../frame/text.js";

const clockOffset = Number(document.body.dataset.now) - Date.now();
const state = () => document.getElementById("several-state");
const address = location.pathname.replace(/\/$/, "") + "/several";

function countDown() {
  for (const place of state().querySelectorAll("[data-due-at]")) {
    const seconds = Math.round((Number(place.dataset.dueAt) - Date.now() - clockOffset) / 1000);
    place.textContent = seconds > 0 ? ` ${text("in %(seconds)s s", { seconds })}` : "…";
  }
}

async function renew(from, options = {}) {
  const wasWaiting = "waits" in state().dataset;
  try {
    const answer = await fetch(from, { ...options, headers: { "HX-Request": "true" }, redirect: "error" });
    const part = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("several-state");
    if (part) {
      const hadFocus = state().contains(document.activeElement);
      state().replaceWith(part);
      if (hadFocus) (state().querySelector("button") ?? document.getElementById("found-words")).focus();
    } else if (options.method) {
      await renew(address); // too late: what came of it says so
    }
  } catch { /* the next look may get through */ }
  countDown();
  if (wasWaiting && !("waits" in state().dataset)) document.getElementById("find").requestSubmit(); // the list is another
}

let looks = 0;
setInterval(() => {
  countDown();
  if ("waits" in state().dataset && ++looks % 4 === 0) renew(address);
}, 250);
countDown();

document.body.addEventListener("submit", (event) => {
  if (!event.target.matches(".several-undo")) return;
  event.preventDefault();
  renew(event.target.action, { method: "POST", body: new URLSearchParams(new FormData(event.target)) });
});
