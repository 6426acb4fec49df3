/* A whole article over the conversation: fetched when odziv("open", "orders/return") or a part asks for it. */

import { content } from "./content.js";
import { el } from "./elements.js";

export async function openArticle(widget, path) {
  const { texts, language, host, conversation } = widget;
  const name = path.split("/").map(encodeURIComponent).join("/");
  try {
    const { article } = await conversation.api.json(`articles/${language}/${name}?site=${encodeURIComponent(host.site)}`);
    await widget.showScreen(article.title, el("article", { class: "body", lang: article.language }, content(article, texts)));
  } catch (error) {
    host.fire("error", { code: error.code || "not_loaded", article: path });
    const address = new URL(`../../help/${language}/${name}`, import.meta.url).href;
    const link = el("a", { href: address, target: "_blank", rel: "noopener" }, texts.article, el("span", { class: "sr" }, ` (${texts.newTab})`));
    await widget.showScreen(texts.noArticle, el("div", { class: "body" }, el("p", {}, link)));
  }
}
