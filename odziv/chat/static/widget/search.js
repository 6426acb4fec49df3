/* Search as one types: a combobox over the articles. Fetched when its field first gets the focus; nothing is stored. */

import { buildFinder, fillMost } from "./home.js";
import { el, fill, icon, seen } from "./elements.js";

const WAIT = 120; // ms between the last key and the question
const SAY_AFTER = 500; // ms; the number of hits is read out once a pause

const SEARCH_TEXTS = TEXTS.search;
const SEARCH_RULES = `
.hits{margin-top:12px}
.hits li{padding:10px 16px;min-height:48px;cursor:pointer;font-size:14.5px;line-height:1.35}
.hits li:hover{background:color-mix(in srgb,var(--strong) 9%,var(--raised))}
.hits li[aria-selected=true]{box-shadow:inset 3px 0 0 var(--strong)}
[dir=rtl] .hits li[aria-selected=true]{box-shadow:inset -3px 0 0 var(--strong)}
.hits b{display:block;font-weight:600}
.hits span{font-size:13px;color:var(--muted);overflow:hidden;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2}
.hits .ask{display:flex;align-items:center;gap:10px;color:var(--strong);font-weight:500}
.hits .ask svg{color:inherit}
.said{margin:12px 4px 0;font-size:14px;color:var(--muted)}
@media (forced-colors:active){.hits [aria-selected=true]{outline:2px solid Highlight;outline-offset:-2px}}
`;

let count = 0; // of lists, for their ids

class Search {
  constructor(widget, input, below) {
    Object.assign(this, { widget, input, below, texts: SEARCH_TEXTS[widget.language], active: -1 });
    this.id = `hits${(count += 1)}`;
    this.list = el("ul", { class: "rows hits", id: this.id, role: "listbox", "aria-label": widget.texts.find, hidden: true });
    this.said = el("p", { class: "said", hidden: true });
    below.before(this.said, this.list);
    input.setAttribute("aria-controls", this.id);
    input.addEventListener("input", () => this.later());
    input.addEventListener("keydown", (event) => this.onKey(event));
    this.later();
  }

  get query() { return seen(this.input.value); }

  later() {
    clearTimeout(this.timer);
    if (this.stop) this.stop.abort(); // its answer is no longer wanted
    if (!this.query) return this.show([], "");
    this.timer = setTimeout(() => this.ask(this.query), WAIT);
  }

  async ask(query) {
    const { conversation, language, host } = this.widget;
    const { signal } = (this.stop = new AbortController());
    const path = `articles?language=${language}&site=${encodeURIComponent(host.site)}&q=${encodeURIComponent(query)}`;
    try {
      const { articles } = await (await conversation.api.request(path, { signal })).json();
      if (!signal.aborted) this.show(articles, articles.length ? "" : fill(this.texts.none, { q: query }));
    } catch (error) {
      if (!signal.aborted) this.show([], this.texts.failed);
    }
  }

  /** The hits and, last, the way to ask it in the chat; `words` where there are none. */
  show(articles, words) {
    const { query, texts } = this;
    this.shown = query;
    this.choices = query ? [...articles.map((article) => () => this.open(article)), () => this.say(query)] : [];
    const rows = articles.map((article) => this.buildRow({ lang: article.language }, el("b", {}, article.title), el("span", {}, article.snippet || article.lead)));
    if (query) rows.push(this.buildRow({ class: "ask" }, icon("chat"), fill(texts.ask, { q: query })));
    rows.forEach((row, index) => {
      row.id = `${this.id}-${index}`;
      row.addEventListener("click", this.choices[index]);
    });
    this.list.replaceChildren(...rows);
    this.list.hidden = !query;
    this.said.textContent = words;
    this.said.hidden = !words;
    this.below.hidden = Boolean(query);
    this.input.setAttribute("aria-expanded", String(Boolean(query)));
    this.choose(-1);
    if (query && this.list.closest(".scroll")) this.rise();
    this.announce(words || (query ? fill(texts.hits, { n: articles.length }) : ""));
  }

  /** At home, hits want the room below the field. */
  rise() {
    const scroll = this.input.closest(".scroll");
    scroll.scrollTop += this.input.getBoundingClientRect().top - scroll.getBoundingClientRect().top - 14;
  }

  buildRow(attributes, ...children) {
    // A press would take the focus from the field.
    return el("li", { role: "option", "aria-selected": "false", mousedown: (event) => event.preventDefault(), ...attributes }, ...children);
  }

  announce(words) {
    clearTimeout(this.sayTimer);
    if (words) this.sayTimer = setTimeout(() => this.widget.announce(words), SAY_AFTER);
  }

  choose(index) {
    const rows = [...this.list.children];
    this.active = index;
    rows.forEach((row, i) => row.setAttribute("aria-selected", String(i === index)));
    if (index < 0) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", rows[index].id);
    rows[index].scrollIntoView({ block: "nearest" });
  }

  onKey(event) {
    const { length } = this.list.children;
    if (event.isComposing || !length || !this.query) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.choose((this.active + step + length + (this.active < 0 && step < 0 ? 1 : 0)) % length);
    else if (event.key === "Enter") this.take();
    else if (event.key === "Escape") this.clear();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** What is chosen, else the first; but nothing that was found for other words. */
  take() {
    if (this.active >= 0 || this.shown === this.query) this.choices[Math.max(this.active, 0)]();
  }

  clear() {
    this.input.value = "";
    this.later();
  }

  open({ article, language }) { this.widget.showArticle(article, language); }

  async say(query) {
    const { leaveScreens } = await import("./screen.js");
    leaveScreens(this.widget.panel);
    this.clear();
    this.widget.say(query);
  }
}

/** Gives the field its keys and hits, once. */
export function wire(widget, input, below) {
  if (input.search) return;
  widget.host.searchRules = widget.host.dress(SEARCH_RULES, widget.host.searchRules);
  input.search = new Search(widget, input, below);
}

/** The search over a conversation. */
export function openSearch(widget) {
  const most = el("div");
  const finder = buildFinder(widget, most);
  finder.querySelector("input").setAttribute("autofocus", "");
  fillMost(widget, most);
  return widget.showScreen(widget.texts.find, finder);
}
