/* Where the customer writes, and the way to a person below it. */

import { el, icon, seen } from "./elements.js";

const LONGEST = 2000; // characters; the server refuses more
const COUNT_FROM = 1800; // from here on it is counted

export class Composer {
  constructor(widget) {
    Object.assign(this, { widget, texts: widget.texts, files: () => [] }); // the ids of what goes along
    this.build();
    for (const event of ["status", "cleared"]) widget.on(event, () => { this.person.hidden = !widget.offersPerson; });
  }

  build() {
    const { texts } = this;
    this.input = el("textarea", { rows: "1", placeholder: texts.placeholder, "aria-label": texts.placeholder, enterkeyhint: "send", autocomplete: "off",
      input: () => this.onInput(), keydown: (event) => this.onKey(event) });
    this.send = el("button", { type: "button", class: "send", "aria-label": texts.send, "aria-disabled": "true", click: () => this.submit() }, icon("send"));
    this.person = el("button", { type: "button", class: "person", hidden: !this.widget.offersPerson, click: () => this.widget.say(texts.humanText) }, icon("person"), texts.human);
    this.count = el("span", { class: "count", hidden: true });
    this.over = el("div", { class: "over", hidden: true });
    this.tools = el("div", { class: "tools", hidden: true });
    this.under = el("div", { class: "extras", hidden: true });
    this.node = el("div", { class: "foot" }, this.over, el("div", { class: "box" }, this.input, this.tools, this.send),
      el("div", { class: "under" }, this.person, this.under, this.count));
  }

  submit() {
    const text = seen(this.input.value);
    const isTooLong = [...text].length > LONGEST;
    if (isTooLong) this.widget.announce(this.texts.tooLong);
    const attachments = this.files();
    if (!(text || attachments.length) || isTooLong) return this.input.focus();
    this.input.value = "";
    this.onInput();
    this.widget.say(text, attachments.length ? { attachments } : {});
    this.input.focus();
  }

  onInput() {
    const { input } = this;
    const length = [...seen(input.value)].length;
    input.style.height = "auto";
    input.style.height = `${Math.max(44, Math.min(132, input.scrollHeight))}px`;
    this.count.hidden = length < COUNT_FROM;
    this.count.textContent = `${length} / ${LONGEST}`;
    const isOver = length > LONGEST;
    if (isOver && !this.count.classList.contains("too-long")) this.widget.announce(this.texts.tooLong);
    this.count.classList.toggle("too-long", isOver);
    this.send.setAttribute("aria-disabled", String(!(length || this.files().length) || isOver));
    if (length) this.widget.conversation.line?.tellTyping();
  }

  onKey(event) {
    const isComposing = event.isComposing || event.keyCode === 229; // 229: Safari ends a composition with Enter
    if (event.key !== "Enter" || event.shiftKey || isComposing) return;
    event.preventDefault();
    this.submit();
  }
}
