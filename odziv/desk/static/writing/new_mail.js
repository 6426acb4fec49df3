// A new e-mail: who is known by what is typed is offered, and whoever is chosen brings their website and language. What
// is begun is kept on the server until it is sent.

import { text } from "../frame/text.js";
import { askWhich, beginningOf, makeKeeper } from "./keeper.js";

const form = document.getElementById("new-mail");
const to = form?.elements.to;
const list = document.getElementById("known");
const known = new Map(); // "Anna <anna@…>" → what is known of her
let asked = "";
let timer;

async function look() {
  const words = to.value.split(",").at(-1).trim();
  if (words.length < 2 || words === asked || known.has(words)) return;
  asked = words;
  try {
    const answer = await fetch(`${form.dataset.known}?q=${encodeURIComponent(words)}`);
    if (!answer.ok || words !== asked) return;
    const found = await answer.json();
    for (const each of found) known.set(each.to, each);
    list.replaceChildren(...found.map((each) => Object.assign(document.createElement("option"), { value: each.to })));
  } catch { /* the address can be typed */ }
}

function fill() {
  const chosen = known.get(to.value.trim());
  if (!chosen) return;
  if (!form.elements.name.value) form.elements.name.value = chosen.name ?? "";
  for (const field of ["site", "language"]) {
    const { options } = form.elements[field];
    if ([...(options ?? [])].some(({ value }) => value === chosen[field])) form.elements[field].value = chosen[field];
  }
}

// A mailbox belongs to a website.
form?.elements.mailbox?.addEventListener("change", ({ target }) => { form.elements.site.value = target.selectedOptions[0].dataset.site; });

to?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(look, 200);
  fill();
});

form?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("[value=send]"));
});

// ---- What is begun is kept -----------------------------------------------------------------------------------------

const FIELDS = ["to", "cc", "bcc", "name", "site", "language", "subject", "text", "mailbox", "client_id"];
const typed = () => Object.fromEntries(FIELDS.map((field) => [field, form.elements[field].value]));
let isSent = false;

const keeper = makeKeeper({
  form: () => (isSent ? null : form),
  typed,
  changed: ask,
  unsaved: () => JSON.stringify(typed()),
  was: (version) => { document.getElementById("forget").hidden = version === "0"; },
});

/** Something else is kept than this page began with: another window's, or another customer's. */
function ask(current) {
  const isEmpty = !["to", "cc", "bcc", "name", "subject", "text"].some((field) => form.elements[field].value.trim());
  const keepMine = () => { keeper.version = String(current.version); keeper.keep(); };
  if (!current.version && isEmpty) return keepMine();
  const words = beginningOf([current.to, current.subject, current.text].filter(Boolean).join(" – "));
  const told = current.version ? text("Another e-mail that you have begun is kept: “%(words)s”", { words }) : text("In another window this was sent, or deleted.");
  const use = () => {
    isSent = true; // nothing of this one is kept
    keeper.remember("");
    location.assign(form.dataset.begun);
  };
  askWhich(current.version, told, { mine: keepMine, use: current.version ? use : null, after: () => form.elements.text.focus() });
}

form?.addEventListener("submit", async (event) => {
  keeper.stop();
  if (keeper.underWay) { // it could come after the mail, and bring back what is sent
    event.preventDefault();
    await keeper.underWay;
    return form.requestSubmit(event.submitter);
  }
  keeper.remember("");
  isSent = true;
});

function begin() {
  keeper.version = form.dataset.draftVersion;
  keeper.kept = keeper.asText();
  const unsaved = JSON.parse(keeper.remembered() || "null");
  const isBlank = keeper.version === "0" && !form.elements.to.value;
  if (!unsaved || (unsaved.client_id !== form.elements.client_id.value && !isBlank)) return;
  for (const field of FIELDS) form.elements[field].value = unsaved[field];
  keeper.later();
}
if (form) begin();
