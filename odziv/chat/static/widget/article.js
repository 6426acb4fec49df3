/* A whole article over the conversation: fetched when odziv("open", "orders/return"), a hit or a card asks for it. */

import { el, icon } from "./elements.js";

const ARTICLE_TEXTS = TEXTS.article;
const REASONS = { not_answered: "not_answered", unclear: "unclear", wrong: "wrong", other: "reason_other" };
const ARTICLE_RULES = `
.foreign{margin:0 0 14px;padding:9px 14px;border-radius:12px;background:var(--warn);color:var(--warn-text);font-size:13.5px}
.page-link{display:inline-flex;align-items:center;gap:8px;min-height:44px;margin-top:8px;color:var(--strong);font-size:14.5px}
.verdict{margin-top:14px;padding-top:16px;border-top:1px solid var(--line)}
.verdict h4,.related h4{margin:0 0 8px;font-size:15px;font-weight:650}
.choose+h4{margin-top:18px}
.verdict .choose{display:flex;flex-wrap:wrap;gap:8px}
.verdict label{display:block;margin-top:14px;font-size:14px}
.verdict .small+.line{margin-top:10px}
.related{margin-top:22px}
`;
const HELP = new RegExp(`/help/(${Object.keys(ARTICLE_TEXTS).join("|")})/([a-z0-9-]+/[a-z0-9-]+)/?$`);

const pathOf = (name) => name.split("/").map(encodeURIComponent).join("/");

class Verdict {
  constructor(widget, { article, language }) {
    Object.assign(this, { widget, language, article, texts: ARTICLE_TEXTS[widget.language] });
    this.votes = widget.host.votes = widget.host.votes || {}; // in memory only: a vote isn't writing
    this.note = el("p", { class: "small", role: "status" });
    this.node = el("section", { class: "verdict", "aria-label": this.texts.helpful });
    this.show();
  }

  get vote() { return this.votes[`${this.language}/${this.article}`] || {}; }

  show() {
    const { texts, vote } = this;
    const button = (value, words) => el("button", { type: "button", class: "line", "aria-pressed": String(vote.helpful === value), click: () => this.choose({ helpful: value }, value) }, words);
    this.node.replaceChildren(el("h4", {}, texts.helpful), el("div", { class: "choose" }, button(true, texts.yes), button(false, texts.no)),
      ...(vote.helpful === false && !vote.isSaid ? this.buildWhy() : []), this.note);
  }

  buildWhy() {
    const { texts, vote } = this;
    const reasons = Object.entries(REASONS).map(([reason, words]) => el("button", { type: "button", class: "line", "aria-pressed": String(vote.reason === reason),
      click: () => this.choose({ helpful: false, reason }, reason) }, texts[words]));
    this.words = el("textarea", { class: "field", maxlength: "1000", input: () => { vote.words = this.words.value; } });
    this.words.value = vote.words || "";
    const send = el("button", { type: "button", class: "line full", click: () => this.sendWords() }, texts.send);
    return [el("h4", {}, texts.why), el("div", { class: "choose", role: "group", "aria-label": texts.why }, ...reasons),
      el("label", {}, texts.words, this.words), el("p", { class: "small" }, texts.hint), send];
  }

  /** One tap is a vote; `pressed` says which button has the focus afterwards. */
  async choose(change, pressed) {
    const { votes, language, article, vote } = this;
    votes[`${language}/${article}`] = { ...vote, isSaid: false, ...change };
    this.note.textContent = "";
    this.show();
    const order = [true, false, ...Object.keys(REASONS)];
    this.node.querySelectorAll(".choose button")[order.indexOf(pressed)].focus();
    if (await this.send() && this.vote.helpful) this.note.textContent = this.texts.thanks;
  }

  async sendWords() {
    if (!(await this.send())) return;
    this.vote.isSaid = true;
    this.show();
    this.note.textContent = this.texts.sent;
    this.node.querySelectorAll(".choose button")[1].focus();
  }

  async send() {
    const { conversation, host } = this.widget;
    const { helpful, reason, words } = this.vote;
    const body = { helpful, site: host.site, reason: (!helpful && reason) || null, words: (!helpful && words && words.trim()) || null };
    try {
      await conversation.api.json(`articles/${this.language}/${pathOf(this.article)}/feedback`, { method: "POST", body });
      this.note.classList.remove("wrong");
      return true;
    } catch (error) {
      this.note.classList.add("wrong");
      this.note.textContent = this.texts.failed;
      return false;
    }
  }
}

function buildArticle(widget, talk, article, wanted) {
  const { language } = widget;
  const texts = ARTICLE_TEXTS[language];
  const newTab = () => el("span", { class: "sr" }, ` (${widget.texts.newTab})`);
  const parts = [el("article", { class: "body", lang: article.language, click: (event) => follow(widget, event) }, talk.content(article, widget.texts))];
  if (article.language !== wanted && wanted === language) parts.unshift(el("p", { class: "foreign" }, texts.other));
  if (article.url) parts.push(el("a", { class: "page-link", href: article.url, target: "_blank", rel: "noopener" }, icon("page"), texts.page, newTab()));
  if (article.article) parts.push(new Verdict(widget, article).node);
  if ((article.related || []).length) {
    parts.push(el("section", { class: "related" }, el("h4", {}, texts.related), el("ul", { class: "rows" }, ...article.related.map((other) =>
      el("li", { lang: other.language }, el("button", { type: "button", click: () => widget.showArticle(other.article, other.language) }, other.title, icon("go")))))));
  }
  return el("div", {}, ...parts);
}

/** A link to another article of ours leads there inside. */
function follow(widget, event) {
  const link = event.target.closest("a");
  const found = link && link.origin === new URL(import.meta.url).origin && HELP.exec(link.pathname);
  if (!found || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  widget.showArticle(found[2], found[1]);
}

export async function openArticle(widget, path, wanted = widget.language) {
  const { texts, language, host, conversation } = widget;
  const ask = ARTICLE_TEXTS[language].ask;
  const talk = await import("./talk.js?1");
  talk.dressTalk(widget);
  host.articleRules = host.dress(ARTICLE_RULES, host.articleRules);
  try {
    const { article } = await conversation.api.json(`articles/${wanted}/${pathOf(path)}?site=${encodeURIComponent(host.site)}`);
    await widget.showScreen(article.title, buildArticle(widget, talk, article, wanted), { ask, draft: `${article.title}: ` });
  } catch (error) {
    host.fire("error", { code: error.code || "not_loaded", article: path });
    const address = new URL(`../../help/${wanted}/${pathOf(path)}`, import.meta.url).href;
    const link = el("a", { href: address, target: "_blank", rel: "noopener" }, texts.article, el("span", { class: "sr" }, ` (${texts.newTab})`));
    await widget.showScreen(texts.noArticle, el("article", { class: "body" }, el("p", {}, link)));
  }
}
