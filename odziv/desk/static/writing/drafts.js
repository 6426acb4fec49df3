// What is begun in the composer is kept on the server, a moment after it was typed; what another window changed is told.

import { text } from "../frame/text.js";
import { askWhich, beginningOf, makeKeeper } from "./keeper.js";

const byId = (id) => document.getElementById(id);
const form = () => byId("composer");
const keeper = makeKeeper({ form, typed, changed: ask, unsaved: () => byId("text").value });
keeper.version = form()?.dataset.draftVersion ?? "0";
let isJustSent = false; // while something was being kept

function typed() {
  const { text: words, kind, to, cc, bcc, offered_to: offered } = form().elements;
  const fields = { text: words.value, kind: kind.value };
  for (const [name, field] of Object.entries({ to, cc, bcc, offered_to: offered })) if (field) fields[name] = field.value;
  return fields;
}

// ---- Another window was quicker --------------------------------------------------------------------------------

function ask(current) {
  const box = byId("text");
  const isSent = !current.version && (isJustSent || !box?.value.trim()); // here, or there
  isJustSent = false;
  if (!box || isSent || box.value === current.text) {
    keeper.version = String(current.version);
    return;
  }
  const words = beginningOf(current.text);
  const told = current.version ? text("In another window there is another text: “%(words)s”", { words }) : text("In another window this was sent, or deleted.");
  const mine = () => { keeper.version = String(current.version); keeper.keep(); };
  askWhich(current.version, told, { mine, use: current.version ? () => use(current) : null, after: () => byId("text")?.focus() });
}

function use(draft) {
  keeper.version = String(draft.version);
  byId("text").value = draft.text;
  fill(draft);
  keeper.kept = keeper.asText();
  byId("text").dispatchEvent(new Event("input", { bubbles: true }));
}

function fill({ kind, recipients }) {
  byId(`kind-${kind}`)?.click();
  if (recipients) document.body.dispatchEvent(new CustomEvent("desk:undone", { detail: recipients }));
}

// ---- When ---------------------------------------------------------------------------------------------------------

document.addEventListener("desk:gone", () => { keeper.stop(); keeper.remember(""); });

// What is under way would bring back what is just being sent.
document.body.addEventListener("htmx:beforeRequest", (event) => { if (event.detail.elt.id === "composer") keeper.stop(); });
document.body.addEventListener("htmx:afterRequest", async (event) => {
  if (event.detail.elt.id !== "composer") return;
  if (!event.detail.successful) return keeper.later();
  isJustSent = Boolean(keeper.underWay);
  if (keeper.underWay) await keeper.underWay; // it may have come after the message: then it is emptied
  else keeper.version = "0";
  keeper.kept = "";
  keeper.remember(byId("text")?.value ?? ""); // typed meanwhile
  if (isJustSent || byId("text")?.value) keeper.later();
});

function begin() {
  if (!byId("text")) return;
  const draft = JSON.parse(form().dataset.kept || "null");
  if (draft) fill(draft);
  keeper.kept = keeper.asText();
  const unsaved = keeper.remembered();
  if (!unsaved || unsaved === byId("text").value) return;
  byId("text").value = unsaved;
  byId("text").dispatchEvent(new Event("input", { bubbles: true }));
}
begin();
