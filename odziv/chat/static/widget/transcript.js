/* The conversation as text, to keep: as a file, to copy where the page or the browser lets nothing be saved, or by e-mail
 * to an address that is known to be the customer's, or proves it by a code. */

import { el, fill } from "./elements.js";

const TRANSCRIPT_TEXTS = TEXTS.transcript;
const PRESSED = "pressed";
const TRANSCRIPT_RULES = `
.transcript{display:flex;flex-direction:column;height:100%}
.transcript .choose{display:flex;flex-wrap:wrap;gap:8px}
.transcript label{display:block;margin-top:10px;font-size:14px;font-weight:500}
.transcript textarea.field{flex:1;height:auto;max-height:none;min-height:200px;font-size:14px;white-space:pre-wrap;resize:none}
`;

async function fetchTranscript({ api, id, token }) {
  const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone || "");
  return (await api.request(`conversations/${id}/transcript?timezone=${zone}`, { token, headers: { Accept: "text/plain" } })).text();
}

/** Where it may be sent without a code: the site verified the customer's address, mail came from it, or a code did. */
async function findAddresses({ site, conversation: { api, id, token } }) {
  return site.mail ? (await api.json(`conversations/${id}/transcript/addresses`, { token })).emails : [];
}

export async function openTranscript(widget) {
  const { host, conversation, language } = widget;
  const texts = TRANSCRIPT_TEXTS[language];
  host.transcriptRules = host.dress(TRANSCRIPT_RULES, host.transcriptRules);
  const note = el("p", { class: "small", role: "status" });
  const [text, emails] = await Promise.all([fetchTranscript(conversation).catch(() => ""), findAddresses(widget).catch(() => null)]);
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
    el("button", { type: "button", class: "line", click: copy }, texts.copy), ...waysOut(widget, emails, texts, note)), note, field));
}

/** Buttons that send it; with no known address, one that asks for one. None where no mail goes out. */
function waysOut({ site, conversation }, emails, texts, note) {
  if (!site.mail || !emails) return [];
  if (emails.length) return emails.map((email) => buildSend(conversation, email, texts, note));
  const open = el("button", { type: "button", class: "line", click: () => new Proof(conversation, texts, note, open) }, texts.other);
  return [open];
}

/** An address that is to prove itself: it is typed, a code goes there, and the code is typed. */
class Proof {
  constructor(conversation, texts, note, open) {
    Object.assign(this, { conversation, texts, note, isSending: false });
    this.form = el("div", { role: "group", "aria-label": texts.other });
    open.parentNode.after(this.form);
    open.remove();
    this.askAddress();
  }

  askAddress() {
    const { texts } = this;
    this.field = this.input({ type: "email", autocomplete: "email", inputmode: "email", maxlength: "320" }, () => this.getCode());
    this.form.replaceChildren(el("label", {}, texts.email, this.field), el("p", { class: "small" }, texts.code_why),
      el("button", { type: "button", class: "line full", click: () => this.getCode() }, texts.get_code));
    this.field.focus();
  }

  askCode(email) {
    const { texts } = this;
    this.field = this.input({ type: "text", autocomplete: "one-time-code", inputmode: "numeric", maxlength: "20" }, () => this.sendIt(email));
    this.form.replaceChildren(el("label", {}, texts.code, this.field), el("div", { class: "choose" },
      el("button", { type: "button", class: "line full", click: () => this.sendIt(email) }, texts.with_code),
      el("button", { type: "button", class: "line", click: () => this.askAddress() }, texts.get_code)));
    say(this.note, fill(texts.code_sent, { email }));
    this.field.focus();
  }

  input(options, onEnter) {
    return el("input", { class: "field", ...options, keydown: (event) => { if (event.key === "Enter" && !event.isComposing) onEnter(); } });
  }

  async getCode() {
    const email = this.field.value.trim();
    const isAddress = /^\S+@\S+\.\S+$/.test(email);
    const problem = isAddress ? await this.ask("transcript/code", { email }) : "bad_request";
    if (!problem) return this.askCode(email);
    if (problem !== PRESSED) this.refuse({ bad_request: "email_wrong", rate_limited: "held" }[problem] || "code_lost");
  }

  async sendIt(email) {
    const code = this.field.value.trim();
    const problem = code ? await this.ask("transcript", { email, code }) : "code_wrong";
    if (problem === PRESSED) return;
    if (problem) return this.refuse({ code_wrong: "code_wrong", rate_limited: "held" }[problem] || "lost");
    this.form.remove();
    say(this.note, fill(this.texts.sent, { email }));
  }

  /** → the code of what went wrong; nothing where all is well; PRESSED while another press is under way. */
  async ask(path, body) {
    if (this.isSending) return PRESSED;
    this.isSending = true;
    say(this.note, "");
    try {
      await this.conversation.api.json(`conversations/${this.conversation.id}/${path}`, { method: "POST", token: this.conversation.token, body });
    } catch (error) {
      return error.code || "lost";
    } finally {
      this.isSending = false;
    }
  }

  refuse(key) {
    say(this.note, this.texts[key], true);
    this.field.setAttribute("aria-invalid", "true");
    this.field.focus();
  }
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
