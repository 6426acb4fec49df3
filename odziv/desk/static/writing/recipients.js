// To whom a reply goes: "Reply to all" fills Cc, where it can be changed; what is changed stays until it is sent.

import { text } from "../frame/text.js";

const { body } = document;
const byId = (id) => document.getElementById(id);
const fields = () => [...document.querySelectorAll("#recipients-fields input")];
const isChanged = () => fields().some((field) => field.value !== field.defaultValue);

function tell() {
  const told = byId("recipients-told");
  if (!told) return;
  const [to, cc, bcc] = fields().map((field) => field.value.trim());
  told.textContent = [to, cc && `${text("Cc")} ${cc}`, bcc && `${text("Bcc")} ${bcc}`].filter(Boolean).join(" · ");
}

function dress() {
  byId("reply-to-all")?.removeAttribute("name"); // what stands in Cc counts, also with one of them taken out
}

function reset() {
  for (const field of fields()) field.value = field.defaultValue;
  if (byId("reply-to-all")) byId("reply-to-all").checked = false;
  if (byId("recipients-fields")) byId("recipients-fields").open = false;
  tell();
}

const listOf = (text) => text.split(/\s*,\s*/).filter(Boolean);

body.addEventListener("change", ({ target }) => {
  if (target.id !== "reply-to-all") return;
  const others = listOf(target.dataset.others);
  const kept = listOf(byId("recipients-cc").value).filter((each) => !others.includes(each));
  byId("recipients-cc").value = [...kept, ...(target.checked ? others : [])].join(", ");
  byId("recipients-fields").open = true;
  tell();
});

body.addEventListener("click", ({ target }) => { // one of the customer's other addresses
  const address = target.closest("[data-adds]")?.dataset.adds;
  if (!address) return;
  const to = byId("recipients-to");
  const there = listOf(to.value);
  if (!there.some((each) => each === address || each.endsWith(`<${address}>`))) to.value = [...there, address].join(", ");
  to.focus();
  tell();
});

body.addEventListener("input", ({ target }) => { if (target.closest("#recipients-fields")) tell(); });

body.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.closest("#recipients-fields input")) return;
  event.preventDefault(); // nothing is sent by a slip
  byId("text").focus();
});

body.addEventListener("htmx:configRequest", (event) => {
  if (!event.target.matches("#log, #composer") || !byId("recipients")) return;
  event.detail.parameters.recipients = isChanged() ? "editing" : byId("recipients").dataset.mark;
});

body.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt.id === "composer" && event.detail.successful && event.detail.requestConfig.parameters.kind !== "note") reset();
});

body.addEventListener("htmx:oobAfterSwap", () => { dress(); tell(); });

// Taken back: the reply's recipients are there again, too.
body.addEventListener("desk:undone", ({ detail }) => {
  const taken = [detail.to, detail.cc, detail.bcc];
  if (!taken.some(Boolean)) return;
  fields().forEach((field, place) => { field.value = taken[place] ?? ""; });
  tell();
});

dress();
