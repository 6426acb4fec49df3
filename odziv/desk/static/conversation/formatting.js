// Markdown by key and button, and a look at what will be sent.

import { box, byId, isNote, put } from "./composer.js";
import { text } from "../frame/text.js";

const SIGNS = { bold: "**", italic: "*" };
const KEYS = { b: "bold", i: "italic", k: "link" };

function wrap(sign) {
  const { value, selectionStart: start, selectionEnd: end } = box();
  const chosen = value.slice(start, end);
  const isWrapped = value.slice(start - sign.length, start) === sign && value.slice(end, end + sign.length) === sign;
  if (isWrapped && chosen) {
    put(chosen, start - sign.length, end + sign.length);
    box().setSelectionRange(start - sign.length, end - sign.length);
    return;
  }
  put(sign + chosen + sign, start, end);
  box().setSelectionRange(start + sign.length, end + sign.length);
}

function link() {
  const { value, selectionStart: start, selectionEnd: end } = box();
  const chosen = value.slice(start, end);
  const isAddress = /^https?:\/\/\S+$/.test(chosen);
  const [words, address] = isAddress ? ["", chosen] : [chosen, "https://"];
  put(`[${words}](${address})`, start, end);
  const at = isAddress || !words ? start + 1 : start + words.length + 3;
  box().setSelectionRange(at, at + (isAddress || !words ? 0 : address.length));
}

function format(name) {
  closePreview();
  if (SIGNS[name]) wrap(SIGNS[name]);
  else link();
}

// ---- Preview --------------------------------------------------------------------------------------------------

const isPreviewed = () => byId("preview") && !byId("preview").hidden;

async function openPreview() {
  const { csrf_token: token } = byId("composer").elements;
  const fields = new URLSearchParams({ text: box().value, kind: isNote() ? "note" : "reply", csrf_token: token.value });
  if (!box().value.trim()) return box().focus();
  let html;
  try {
    const answer = await fetch(byId("preview-switch").dataset.preview, {
      method: "POST", body: fields, headers: { "HX-Request": "true" }, redirect: "error",
    });
    html = await answer.text(); // a refusal is one line, sanitised by the server like everything else
  } catch {
    html = `<p class="alert">${text("The preview can’t be reached just now.")}</p>`;
  }
  byId("preview").innerHTML = html;
  switchPreview(true);
  byId("preview").focus();
}

function closePreview() {
  if (!isPreviewed()) return;
  switchPreview(false);
  box().focus();
}

function switchPreview(isOn) {
  byId("preview").hidden = !isOn;
  byId("preview-switch").setAttribute("aria-pressed", String(isOn));
  box().hidden = isOn;
}

const turnPreview = () => (isPreviewed() ? closePreview() : openPreview());

// ---- Keys and buttons -----------------------------------------------------------------------------------------

function onKey(event) {
  if (!event.target.closest("#composer") || event.isComposing) return;
  const isControl = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  if (event.altKey && !event.ctrlKey && event.code === "KeyP") {
    event.preventDefault();
    turnPreview();
  } else if (isControl && KEYS[event.key.toLowerCase()] && event.target === box()) {
    event.preventDefault();
    format(KEYS[event.key.toLowerCase()]);
  } else if (isPreviewed() && event.key === "Escape") closePreview();
  else if (isPreviewed() && isControl && event.key === "Enter") byId("composer").requestSubmit();
}

// What the box says of itself while it is empty; a note is in no customer's language.
function nameBox() {
  const { forNote, forReply, language } = box().dataset;
  if (!forNote) return;
  box().placeholder = isNote() ? forNote : forReply;
  box().lang = isNote() ? "" : language;
}

export function listen(body) {
  body.addEventListener("keydown", onKey);
  body.addEventListener("click", (event) => {
    const button = event.target.closest("[data-format]");
    if (button) format(button.dataset.format);
    if (event.target.closest("#preview-switch")) turnPreview();
  });
  body.addEventListener("change", (event) => {
    if (event.target.name !== "kind") return;
    nameBox();
    closePreview();
  });
  body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt.id === "composer" && event.detail.successful) closePreview();
  });
}
