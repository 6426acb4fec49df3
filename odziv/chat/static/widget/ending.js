/* The end of a conversation: a rating for the assistant and for the person, the transcript, a new beginning. */

import { draw, el, fill } from "./elements.js";
import { dressed } from "./late.js";

const STAR = "m12 3.6 2.6 5.3 5.8.8-4.2 4.1 1 5.8-5.2-2.7-5.2 2.7 1-5.8L3.6 9.7l5.8-.8L12 3.6Z";
const ENDING_TEXTS = TEXTS.ending;
const ENDING_RULES = `
.ending{margin:16px 0 4px}
.ending>p{margin:0 0 10px;text-align:center;font-size:13.5px;color:var(--muted)}
.rate{margin-bottom:10px;padding:14px 16px;border-radius:16px;background:var(--raised);box-shadow:0 0 0 1px var(--line)}
.rate h3{margin:0 0 4px;font-size:15px;font-weight:650;line-height:1.35}
.stars{display:flex;margin-inline-start:-8px}
.stars button{width:44px;height:44px;border-radius:12px;display:grid;place-items:center;color:var(--muted)}
.stars svg{width:26px;height:26px;stroke-width:1.6}
.stars .on{color:var(--strong)}
.stars .on svg{fill:currentColor}
.stars:hover button{color:var(--strong)}
.rate label{display:block;margin-top:8px;font-size:14px}
.choose{display:flex;flex-wrap:wrap;gap:8px}
@media (forced-colors:active){.rate{border:1px solid CanvasText}}
`;

/** One of the two that are rated: one tap, then words if they like. */
class Rating {
  constructor(widget, about, title) {
    Object.assign(this, { widget, about, score: 0, texts: ENDING_TEXTS[widget.language] });
    this.stars = [1, 2, 3, 4, 5].map((score) => el("button", { type: "button", "aria-pressed": "false", "aria-label": fill(this.texts.score, { n: score }), click: () => this.tap(score) }, draw(STAR)));
    this.more = el("div");
    this.note = el("p", { class: "small", role: "status" });
    this.node = el("section", { class: "rate", "aria-label": title }, el("h3", {}, title), el("div", { class: "stars", role: "group", "aria-label": title }, ...this.stars), this.more, this.note);
  }

  async tap(score) {
    if (!(await this.send({ score }))) return;
    this.score = score;
    this.stars.forEach((star, i) => {
      star.classList.toggle("on", i < score);
      star.setAttribute("aria-pressed", String(i === score - 1));
    });
    if (!this.isSaid && !this.more.firstChild) this.askWords();
    this.say(this.texts.thanks);
  }

  askWords() {
    const words = el("textarea", { class: "field", maxlength: "1000" });
    const send = async () => {
      if (!words.value.trim() || !(await this.send({ score: this.score, words: words.value.trim() }))) return words.focus();
      this.isSaid = true;
      this.more.replaceChildren();
      this.say(this.texts.kept);
      this.stars[this.score - 1].focus();
    };
    this.more.append(el("label", {}, this.texts.words, words), el("button", { type: "button", class: "line full", click: send }, this.texts.send));
  }

  async send(body) {
    const { conversation } = this.widget;
    try {
      await conversation.api.json(`conversations/${conversation.id}/rating`, { method: "POST", token: conversation.token, body: { about: this.about, ...body } });
      return true;
    } catch (error) {
      this.say(this.texts[error.code === "rating_closed" ? "closed" : "failed"], true);
      return false;
    }
  }

  say(words, isWrong = false) {
    this.note.textContent = words;
    this.note.classList.toggle("wrong", isWrong);
    this.widget.log.scrollDown();
  }
}

class Ending {
  constructor(widget) {
    Object.assign(this, { widget, texts: ENDING_TEXTS[widget.language] });
    this.node = el("section", { class: "ending", "aria-label": this.texts.ended });
    widget.place("end", this.node);
    for (const event of ["outbox", "cleared"]) widget.on(event, () => this.clear()); // the talk goes on
    widget.on("status", ({ before, now }) => before !== now && now !== "resolved" && this.clear());
  }

  clear() {
    this.isOver = false;
    this.node.replaceChildren();
  }

  /** Each is asked about once in a conversation, in whatever tab; never about one who said nothing. */
  ratings(abouts) {
    const { conversation } = this.widget;
    const said = [...conversation.known.values()];
    const { asked } = conversation.shelf.read();
    const already = asked && asked.id === conversation.id ? asked.about : [];
    const wanted = abouts.filter((about) => !already.includes(about) && said.some(({ sender }) => sender === (about === "bot" ? "bot" : "agent")));
    if (wanted.length) conversation.shelf.change((record) => { record.asked = { id: conversation.id, about: [...already, ...wanted] }; });
    return wanted.map((about) => new Rating(this.widget, about, this.title(about, said)).node);
  }

  title(about, said) {
    const names = new Set(said.filter(({ agent }) => agent).map(({ agent }) => agent.name));
    return about === "person" && names.size === 1 ? fill(this.texts.agent, { name: [...names][0] }) : this.texts[about];
  }

  show(abouts, isOver) {
    const { texts, widget } = this;
    this.isOver = isOver;
    const ratings = [...this.node.querySelectorAll(".rate"), ...this.ratings(abouts)]; // one may be under way
    if (!isOver && !ratings.length) return;
    const button = (words, work) => el("button", { type: "button", class: "line", click: work }, words);
    const ways = [button(texts.transcript, async () => (await import("./transcript.js")).openTranscript(widget))];
    if (isOver) ways.push(button(texts.anew, () => this.beginAnew()));
    this.node.replaceChildren(...(isOver && !this.isTold() ? [el("p", {}, texts.ended)] : []), ...ratings, el("div", { class: "choose" }, ...ways));
    widget.log.scrollDown();
  }

  /** The notice that closed it says so, and is read just above. */
  isTold() {
    const { known, newestSeq } = this.widget.conversation;
    return known.get(newestSeq)?.sender === "system";
  }

  /** The next message begins another conversation; what was said stays on the server. */
  beginAnew() {
    const { conversation, panel } = this.widget;
    conversation.shelf.change((record) => { record.id = record.token = record.read = record.asked = undefined; });
    conversation.clear();
    conversation.notify("status", { before: "bot", now: "bot" });
    panel.show(true);
    panel.focusAfterSending();
    this.widget.announce(this.texts.begun);
  }
}

async function ending(widget) {
  if (!widget.ending) {
    await dressed(widget, "endRules", ENDING_RULES);
    widget.ending = widget.ending || new Ending(widget);
  }
  return widget.ending;
}

/** A person has closed it. */
export async function showEnding(widget) {
  const found = await ending(widget);
  if (widget.conversation.status === "resolved" && !found.isOver) found.show(["person", "bot"], true);
}

/** The customer has said that message `seq` helped: after the bot's reply, which may be here already, how well? */
export async function showThanks(widget, seq) {
  const { conversation } = widget;
  const found = await ending(widget);
  const stop = widget.on("message", look);
  look();

  function look() {
    const isAnswered = [...conversation.known.values()].some((message) => message.sender !== "customer" && message.seq > seq + 1);
    if (!isAnswered) return;
    stop();
    if (conversation.status === "bot") found.show(["bot"], false);
  }
}
