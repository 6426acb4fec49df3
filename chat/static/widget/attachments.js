/* Files: the button, and what calls for files.js, which does the rest and is fetched only then. */

import { el, icon } from "./elements.js";

export function installAttachments(widget) {
  const { composer, panel } = widget;
  let files;
  const call = (work) => {
    files = files || import("./files.js").then(({ Files }) => new Files(widget));
    files.then(work, () => { files = null; });
  };
  const take = (event, list) => {
    if (!list || !list.length) return;
    event.preventDefault();
    const all = [...list]; // a file input forgets its own
    call((found) => found.add(all));
  };
  const input = el("input", { type: "file", multiple: true, hidden: true, accept: "image/png,image/jpeg,image/gif,image/webp,application/pdf",
    change: (event) => { take(event, input.files); input.value = ""; } });
  const { attach } = widget.texts;
  widget.place("tools", input, el("button", { type: "button", class: "attach", "aria-label": attach, title: attach, click: () => input.click() }, icon("clip")));
  composer.input.addEventListener("paste", (event) => take(event, event.clipboardData.files));
  panel.node.addEventListener("dragover", (event) => event.dataTransfer.types.includes("Files") && event.preventDefault());
  panel.node.addEventListener("drop", (event) => take(event, event.dataTransfer.files));
  widget.on("rendered", ({ message, body }) => (message.attachments || []).length && call((found) => found.show(message.attachments, body)));
  widget.on("outbox", (item) => (item.more || {}).attachments && call((found) => found.showWaiting(item)));
}
