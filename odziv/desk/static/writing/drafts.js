// What is begun in the composer is kept on the server, a moment after it was typed; what another window changed is told.

import { text } from "../frame/text.js";

const PAUSE = 900; // ms without typing
const byId = (id) => document.getElementById(id);
const form = () => byId("composer");
const key = `unsaved ${location.pathname}`;
const remember = (unsaved) => { try { if (unsaved) sessionStorage.setItem(key, unsaved); else sessionStorage.removeItem(key); } catch { /* storage is blocked */ } };
const remembered = () => { try { return sessionStorage.getItem(key) ?? ""; } catch { return ""; } };

let version = form()?.dataset.draftVersion ?? "0";
let timer;
let underWay = null; // what is being kept
let isJustSent = false; // while something was being kept
let kept = ""; // as it was when it was kept last

const typed = () => {
  const { text: words, kind, to, cc, bcc, offered_to: offered } = form().elements;
  const fields = { text: words.value, kind: kind.value };
  for (const [name, field] of Object.entries({ to, cc, bcc, offered_to: offered })) if (field) fields[name] = field.value;
  return fields;
};
const asText = () => JSON.stringify(typed());

function keep(options = {}) {
  clearTimeout(timer);
  if (!form()?.dataset.draft || underWay || asText() === kept) return;
  underWay = send(options).finally(() => { underWay = null; });
}

async function send(options) {
  const fields = typed();
  const sent = JSON.stringify(fields);
  const body = new URLSearchParams({ ...fields, version, csrf_token: form().elements.csrf_token.value });
  try {
    const answer = await fetch(form().dataset.draft, { method: "POST", body, headers: { "HX-Request": "true" }, ...options });
    if (answer.ok) took((await answer.json()).version, sent);
    else if (answer.status === 409) ask((await answer.json()).draft);
  } catch { /* the server is away: it stays in this window, and is kept with the next letter */ }
  if (form() && asText() !== sent) later();
}

function took(newVersion, sent) {
  version = String(newVersion);
  kept = sent;
  if (form() && asText() === sent) remember("");
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(keep, PAUSE);
}

// ---- Another window was quicker --------------------------------------------------------------------------------

function ask(current) {
  const box = byId("text");
  const isSent = !current.version && (isJustSent || !box?.value.trim()); // here, or there
  isJustSent = false;
  if (!box || isSent || box.value === current.text) {
    version = String(current.version);
    return;
  }
  if (byId("draft-conflict")?.dataset.version === String(current.version)) return; // asked already
  const told = document.createElement("p");
  told.className = "alert";
  told.setAttribute("role", "alert");
  told.id = "draft-conflict";
  told.dataset.version = current.version;
  const words = current.text.length > 200 ? `${current.text.slice(0, 200)}…` : current.text;
  told.append(current.version ? text("In another window there is another text: “%(words)s”", { words }) : text("In another window this was sent, or deleted."));
  told.append(" ", button(text("Keep mine"), () => { version = String(current.version); keep(); }));
  if (current.version) told.append(" ", button(text("Use that"), () => use(current)));
  byId("alerts").replaceChildren(told);
}

function button(words, act) {
  const node = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: words });
  node.addEventListener("click", () => { byId("draft-conflict")?.remove(); act(); byId("text")?.focus(); });
  return node;
}

function use(draft) {
  version = String(draft.version);
  byId("text").value = draft.text;
  fill(draft);
  kept = asText();
  byId("text").dispatchEvent(new Event("input", { bubbles: true }));
}

function fill({ kind, recipients }) {
  byId(`kind-${kind}`)?.click();
  if (recipients) document.body.dispatchEvent(new CustomEvent("desk:undone", { detail: recipients }));
}

// ---- When ---------------------------------------------------------------------------------------------------------

document.body.addEventListener("input", (event) => {
  if (!event.target.closest("#composer")) return;
  remember(byId("text").value);
  later();
});
document.body.addEventListener("change", (event) => { if (event.target.closest("#composer")) later(); });
addEventListener("pagehide", () => keep({ keepalive: true }));
document.addEventListener("visibilitychange", () => { if (document.hidden) keep({ keepalive: true }); });

document.addEventListener("desk:gone", () => { clearTimeout(timer); remember(""); });

// What is under way would bring back what is just being sent.
document.body.addEventListener("htmx:beforeRequest", (event) => { if (event.detail.elt.id === "composer") clearTimeout(timer); });
document.body.addEventListener("htmx:afterRequest", async (event) => {
  if (event.detail.elt.id !== "composer") return;
  if (!event.detail.successful) return later();
  isJustSent = Boolean(underWay);
  if (underWay) await underWay; // it may have come after the message: then it is emptied
  else version = "0";
  kept = "";
  remember("");
  if (isJustSent || byId("text")?.value) later(); // or typed meanwhile
});

function begin() {
  if (!form()?.dataset.draft) return;
  const draft = JSON.parse(form().dataset.kept || "null");
  if (draft) fill(draft);
  kept = asText();
  const unsaved = remembered();
  if (!unsaved || unsaved === byId("text").value) return;
  byId("text").value = unsaved;
  byId("text").dispatchEvent(new Event("input", { bubbles: true }));
}
begin();
