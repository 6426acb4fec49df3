/* While a person is wanted: the place in the queue, how long it usually takes, the way back to the assistant, and a field
 * for where else to answer. When nobody is there, the log says so, and when somebody will be: not said again here. */

import { el, fill, icon } from "./elements.js";
import { dressed } from "./late.js";

const WAITING_TEXTS = TEXTS.waiting;
const WAITING_RULES = `
.wait{margin:0}
.wait+.wait{color:var(--muted)}
.notice .line{margin-block:8px 2px}
.notice>:empty+.line{margin-block:2px}
.notice .wrong{margin:2px 0 0}
.ask-card{margin:16px 0 4px;padding:14px 16px;border-radius:16px;background:var(--raised);box-shadow:0 0 0 1px var(--line)}
.ask-card label{display:block;font-size:14px;font-weight:500}
.ask-card .choose{display:flex;flex-wrap:wrap;gap:8px}
@media (forced-colors:active){.ask-card{border:1px solid CanvasText}}
`;

/** What a wait means, as sentences: the first the most important. */
function describe({ place, estimate, ticket }, texts) {
  if (ticket) return [];
  return [place > 1 ? fill(texts.place, { place }) : texts.next, ...(estimate ? [fill(texts[estimate.words], estimate)] : [])];
}

class Waiting {
  constructor(widget) {
    Object.assign(this, { widget, texts: WAITING_TEXTS[widget.language], said: null });
    this.lines = el("div");
    this.back = el("button", { type: "button", class: "line", click: () => this.goBack() }, icon("spark"), this.texts.back);
    this.trouble = el("p", { class: "wrong", role: "status", hidden: true });
    this.form = el("div");
    widget.place("notice", this.lines, this.back, this.trouble);
    widget.place("end", this.form);
  }

  show() {
    const { widget, texts } = this;
    const { status, info } = widget.conversation;
    const wait = status === "queued" && info.wait;
    const words = wait ? describe(wait, texts) : [];
    this.lines.replaceChildren(...words.map((text) => el("p", { class: "wait" }, text)));
    if (!wait) this.endBack();
    widget.panel.notice.hidden = !wait;
    if (words[0] && words[0] !== this.said) widget.announce(words[0]); // the place; not each change of the estimate
    this.said = words[0];
    if (!wait || !wait.asks_email) this.endForm();
    else if (!this.isDone && !this.form.firstChild) this.showForm();
    widget.panel.showState();
  }

  /** Somebody may have come at this very moment: then the server says so, and who it is. */
  async goBack() {
    const { conversation } = this.widget;
    if (this.isGoing) return;
    this.isGoing = true;
    this.trouble.hidden = true;
    const { statusCount } = conversation;
    try {
      const answer = await conversation.api.json(`conversations/${conversation.id}/back`, { method: "POST", token: conversation.token });
      if (statusCount === conversation.statusCount) conversation.setInfo(answer.conversation); // else the stream has newer news
    } catch (error) {
      if (error.code === "not_waiting") await conversation.catchUp().catch(() => {});
      else this.sayTrouble(this.texts[error.code === "rate_limited" ? "held" : "stuck"]);
    }
    this.isGoing = false;
  }

  sayTrouble(words) {
    this.trouble.hidden = false;
    this.trouble.textContent = words;
    this.widget.panel.showState(); // the log has become shorter
  }

  /** The button goes with the wait; whoever was on it writes on. */
  endBack() {
    this.trouble.hidden = true;
    if (this.back === this.widget.host.shadowRoot.activeElement) this.widget.panel.focusAfterSending();
  }

  showForm() {
    const { texts, widget } = this;
    this.field = el("input", { class: "field", type: "email", autocomplete: "email", inputmode: "email", maxlength: "320", "aria-describedby": "email-note",
      keydown: (event) => { if (event.key === "Enter" && !event.isComposing) this.keep(); } });
    this.note = el("p", { class: "small", id: "email-note", role: "status" });
    this.form.replaceChildren(el("section", { class: "ask-card", "aria-label": texts.email }, el("label", {}, texts.email, this.field),
      el("div", { class: "choose" },
        el("button", { type: "button", class: "line full", click: () => this.keep() }, texts.keep),
        el("button", { type: "button", class: "line", click: () => this.send(null, texts.declined) }, texts.decline)), this.note));
    widget.log.scrollDown();
  }

  keep() {
    const email = this.field.value.trim();
    if (!/^\S+@\S+\.\S+$/.test(email)) return this.refuse(this.texts.invalid);
    return this.send(email, this.texts.kept);
  }

  /** `email` null: the customer would rather give none. */
  async send(email, thanks) {
    const { conversation } = this.widget;
    try {
      const answer = await conversation.api.json(`conversations/${conversation.id}/contact`, { method: "POST", token: conversation.token, body: { email } });
      this.isDone = true;
      this.endForm();
      this.widget.announce(thanks);
      conversation.setInfo(answer.conversation);
    } catch (error) {
      this.refuse(this.texts[{ email_invalid: "invalid", rate_limited: "held" }[error.code] || "failed"], error.code === "email_invalid");
    }
  }

  refuse(words) {
    this.note.textContent = words;
    this.note.classList.add("wrong");
    this.field.setAttribute("aria-invalid", "true");
    this.field.focus();
    this.widget.log.scrollDown();
  }

  endForm() {
    const hadFocus = this.form.contains(this.widget.host.shadowRoot.activeElement);
    this.form.replaceChildren();
    if (hadFocus) this.widget.panel.focusAfterSending();
  }
}

export async function showWait(widget) {
  if (!widget.waiting) {
    await dressed(widget, "waitRules", WAITING_RULES);
    widget.waiting = widget.waiting || new Waiting(widget);
    widget.on("cleared", () => { widget.waiting.isDone = false; widget.waiting.show(); });
  }
  widget.waiting.show();
}
