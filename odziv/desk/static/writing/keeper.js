// Keeps what is typed into a form on the server, a moment after it was typed, in place of the version that it was begun
// from; what the server doesn't have yet stays in this window.

import { text } from "../frame/text.js";

const PAUSE = 900; // ms without typing
const LONGEST_SHOWN = 200; // letters

/**
 * `form()` is the form, with `data-draft` where it is to be kept; `typed()` its fields; `changed(draft)` hears what is
 * kept there instead of the version that this window knows; `unsaved()` is what this window keeps by itself.
 */
export function makeKeeper({ form, typed, changed, unsaved, was = () => {} }) {
  const key = `unsaved ${location.pathname}`;
  const asText = () => JSON.stringify(typed());
  let timer;
  const keeper = { version: "0", kept: "", underWay: null, remember, remembered, keep, later, stop, asText };

  function remember(words) {
    try { if (words) sessionStorage.setItem(key, words); else sessionStorage.removeItem(key); } catch { /* storage is blocked */ }
  }

  function remembered() {
    try { return sessionStorage.getItem(key) ?? ""; } catch { return ""; }
  }

  function stop() {
    clearTimeout(timer);
  }

  function later() {
    stop();
    timer = setTimeout(keep, PAUSE);
  }

  function keep(options = {}) {
    stop();
    if (!form()?.dataset.draft || keeper.underWay || asText() === keeper.kept) return;
    keeper.underWay = send(options).finally(() => { keeper.underWay = null; });
  }

  async function send(options) {
    const fields = typed();
    const sent = JSON.stringify(fields);
    const body = new URLSearchParams({ ...fields, version: keeper.version, csrf_token: form().elements.csrf_token.value });
    try {
      const answer = await fetch(form().dataset.draft, { method: "POST", body, headers: { "HX-Request": "true" }, ...options });
      if (answer.ok) took((await answer.json()).version, sent);
      else if (answer.status === 409) changed((await answer.json()).draft);
    } catch { /* the server is away: it stays in this window, and is kept with the next letter */ }
    if (form() && asText() !== sent) later();
  }

  function took(version, sent) {
    keeper.version = String(version);
    keeper.kept = sent;
    if (form() && asText() === sent) remember("");
    was(keeper.version);
  }

  addEventListener("pagehide", () => keep({ keepalive: true }));
  document.addEventListener("visibilitychange", () => { if (document.hidden) keep({ keepalive: true }); });
  document.body.addEventListener("input", (event) => {
    if (!form()?.contains(event.target)) return;
    remember(unsaved());
    later();
  });
  document.body.addEventListener("change", (event) => { if (form()?.contains(event.target)) later(); });
  return keeper;
}

/** Asks once for each version which of two texts is to stay; `use` is missing where there is nothing else to use. */
export function askWhich(version, told, { mine, use, after }) {
  if (document.getElementById("draft-conflict")?.dataset.version === String(version)) return; // asked already
  const node = document.createElement("p");
  node.className = "alert";
  node.setAttribute("role", "alert");
  node.id = "draft-conflict";
  node.dataset.version = version;
  node.append(told, " ", button(text("Keep mine"), mine, after));
  if (use) node.append(" ", button(text("Use that"), use, after));
  document.getElementById("alerts").replaceChildren(node);
}

/** As much of a text as is told of it. */
export function beginningOf(words) {
  return words.length > LONGEST_SHOWN ? `${words.slice(0, LONGEST_SHOWN)}…` : words;
}

function button(words, act, after) {
  const node = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: words });
  node.addEventListener("click", () => { document.getElementById("draft-conflict")?.remove(); act(); after?.(); });
  return node;
}
