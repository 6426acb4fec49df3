/* Before the first message: a search over the articles, and what the site is asked most. Nothing of it is stored. */

import { el, icon } from "./elements.js";

const MOST_ASKED = 5;

/** The field; its keys and hits are in search.js, fetched when it gets the focus. `below` is what hits take the place of. */
export function buildFinder(widget, below) {
  const { find } = widget.texts;
  const wire = async () => (await import("./search.js")).wire(widget, finder, below);
  const finder = el("input", { type: "text", role: "combobox", "aria-label": find, "aria-expanded": "false", "aria-autocomplete": "list",
    placeholder: find, maxlength: "200", autocomplete: "off", enterkeyhint: "search", focus: () => wire().catch(() => {}) });
  return el("div", { class: "finder" }, el("div", { class: "find" }, icon("search"), finder), below);
}

export async function fillMost(widget, node) {
  if (node.firstChild) return;
  const { conversation, language, host, texts } = widget;
  const path = `articles/top?language=${language}&site=${encodeURIComponent(host.site)}`;
  const { articles = [] } = await conversation.api.json(path).catch(() => ({}));
  const rows = articles.slice(0, MOST_ASKED).map((article) => el("li", { lang: article.language }, el("button", { type: "button",
    click: () => widget.showArticle(article.article, article.language) }, article.title, icon("go"))));
  if (rows.length && !node.firstChild) node.append(el("p", { class: "label" }, texts.most), el("ul", { class: "rows" }, ...rows));
}

export function installHome(widget) {
  const { log, texts } = widget;
  const most = el("div");
  const search = el("button", { type: "button", class: "way", hidden: true, click: async () => (await import("./search.js")).openSearch(widget) },
    icon("search"), texts.find);
  widget.place("home", buildFinder(widget, most));
  widget.place("under", search);
  widget.on("shown", () => log.home.hidden || fillMost(widget, most));
  for (const event of ["rendered", "outbox", "cleared"]) widget.on(event, () => { search.hidden = !log.home.hidden; });
}
