/* The conversation as text, to keep: as a file, to copy where the page or the browser lets nothing be saved, or by e-mail
 * to an address that is known to be the customer's. */

import { el, fill } from "./elements.js";

const TRANSCRIPT_TEXTS = TEXTS.transcript;
const TRANSCRIPT_RULES = `
.transcript{display:flex;flex-direction:column;height:100%}
.transcript .choose{display:flex;flex-wrap:wrap;gap:8px}
.transcript textarea.field{flex:1;height:auto;max-height:none;min-height:200px;font-size:14px;white-space:pre-wrap;resize:none}
`;

async function fetchTranscript({ api, id, token }) {
  const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone || "");
  return (await api.request(`conversations/${id}/transcript?timezone=${zone}`, { token, headers: { Accept: "text/plain" } })).text();
}

/** Where it may be sent: the site verified the customer's address, or mail came from it. Elsewhere nothing is offered. */
async function findAddresses({ site, conversation: { api, id, token } }) {
  return site.mail ? (await api.json(`conversations/${id}/transcript/addresses`, { token })).emails : [];
}

export async function openTranscript(widget) {
  const { host, conversation, language } = widget;
  const texts = TRANSCRIPT_TEXTS[language];
  host.transcriptRules = host.dress(TRANSCRIPT_RULES, host.transcriptRules);
  const note = el("p", { class: "small", role: "status" });
  const [text, emails] = await Promise.all([fetchTranscript(conversation).catch(() => ""), findAddresses(widget).catch(() => [])]);
  if (!text) return widget.showScreen(texts.title, el("p", {}, texts.failed));
  const field = el("textarea", { class: "field", readonly: true, "aria-label": texts.title });
  field.value = text;
  const copy = async () => {
    field.select();
    const isCopied = await navigator.clipboard.writeText(text).then(() => true, () => document.execCommand("copy"));
    if (isCopied) say(note, texts.copied);
  };
  return widget.showScreen(texts.title, el("div", { class: "transcript" }, el("div", { class: "choose" },
    el("button", { type: "button", class: "line full", click: () => { save(text, texts.file); say(note, texts.saved); } }, texts.save),
    el("button", { type: "button", class: "line", click: copy }, texts.copy), ...emails.map((email) => buildSend(conversation, email, texts, note))), note, field));
}

function buildSend(conversation, email, texts, note) {
  let isSending = false;
  const send = async () => {
    if (isSending) return;
    isSending = true;
    say(note, "");
    const problem = await order(conversation, email);
    isSending = false;
    say(note, problem ? texts[problem] : fill(texts.sent, { email }), Boolean(problem));
  };
  return el("button", { type: "button", class: "line", click: send }, fill(texts.mail, { email }));
}

/** → what went wrong, as a key of the texts; nothing where it will be sent. */
async function order({ api, id, token }, email) {
  try {
    await api.json(`conversations/${id}/transcript`, { method: "POST", token, body: { email } });
  } catch (error) {
    return error.code === "rate_limited" ? "held" : "lost";
  }
}

function say(note, words, isWrong = false) {
  note.textContent = words;
  note.classList.toggle("wrong", isWrong);
}

/** A blob: of this browser, so the token is in no address. Its link goes beside the page's content, for Firefox. */
function save(text, name) {
  const address = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/plain;charset=utf-8" })); // the mark tells Windows the encoding
  const now = new Date();
  const today = new Date(now - now.getTimezoneOffset() * 60000).toISOString().slice(0, 10); // here, not in Greenwich
  const link = el("a", { href: address, download: `${name}-${today}.txt`, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}
