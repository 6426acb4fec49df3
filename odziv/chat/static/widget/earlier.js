/* What a customer the site verified has asked before, to read. Fetched when used. */

import { el, icon } from "./elements.js";

const EARLIER_WORDS = TEXTS.earlier;

const EARLIER_RULES = `
.past{display:flex;flex-direction:column;gap:12px}
.past .body{white-space:normal}
.past .body.mine{align-self:flex-end;background:var(--accent);color:var(--on-accent);box-shadow:none;white-space:pre-wrap}
.past small{color:var(--muted)}
`;

export async function showEarlier(widget, title) {
  const { conversation, host, language } = widget;
  host.pastRules = host.dress(EARLIER_RULES, host.pastRules);
  const words = EARLIER_WORDS[language];
  const talk = await import("./talk.js?1");
  const date = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  const ask = (path) => conversation.api.json(path, { token: conversation.token });
  const show = (name, ...nodes) => widget.showScreen(name, el("div", { class: "menu past" }, ...nodes));
  const fail = () => show(title, el("p", {}, words.failed));
  const all = (one, said = []) => ask(`conversations/${one.id}/earlier?after=${said.length ? said.at(-1).seq : 0}`).then(({ messages, more }) => (more ? all(one, said.concat(messages)) : said.concat(messages)));
  const read = (one, when) => all(one).then((messages) => show(when, ...messages.map((message) => draw(widget, talk, message))), fail);

  return ask("conversations").then(({ conversations }) => {
    const past = conversations.filter(({ id }) => id !== conversation.id);
    const buttons = past.map((one) => {
      const when = date.format(new Date(one.created_at));
      return el("button", { type: "button", click: () => read(one, when) }, icon("page"), el("span", {}, el("span", { lang: one.language }, one.said), el("br"), el("small", {}, when)));
    });
    return show(title, ...(buttons.length ? buttons : [el("p", {}, words.none)]));
  }, fail);
}

function draw(widget, talk, message) {
  const { sender, agent, author } = message;
  const name = author || (sender === "customer" ? widget.texts.you : sender === "bot" ? widget.texts.assistant : (agent && agent.name) || widget.texts.person);
  const body = el("div", { class: sender === "customer" && !author ? "body mine" : "body", dir: "auto" });
  body.append(sender === "system" ? "" : el("span", { class: "sr" }, `${name}: `), talk.content(sender === "customer" ? { text: message.text } : message, widget.texts));
  return body;
}
