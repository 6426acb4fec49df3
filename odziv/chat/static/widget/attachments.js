/* Files: the button, and what calls for files.js, which does the rest and is fetched only then. */

import { el, icon } from "./elements.js";

export function installAttachments(widget) {
  const { node } = widget.panel;
  let files;
  const call = (work) => {
    files = files || import("./files.js").then(({ Files }) => new Files(widget));
    files.then(work, () => { files = null; });
  };
  const take = (event, list) => {
    if (!list.length) return;
    event.preventDefault();
    const all = [...list]; // a file input forgets its own
    call((found) => found.add(all));
  };
  const input = el("input", { type: "file", multiple: true, hidden: true, accept: "image/*,.pdf",
    change: (event) => { take(event, input.files); input.value = ""; } });
  const { attach } = widget.texts;
  widget.place("tools", input, el("button", { type: "button", class: "attach", "aria-label": attach, title: attach, click: () => input.click() }, icon("clip")));
  for (const [type, source] of [["paste", "clipboardData"], ["drop", "dataTransfer"]]) node.addEventListener(type, (event) => take(event, event[source].files));
  node.addEventListener("dragover", (event) => event.preventDefault());
  widget.on("rendered", ({ message: { attachments }, body }) => attachments?.length && call((found) => found.show(attachments, body)));
  widget.on("outbox", (item) => item.more?.attachments && call((found) => found.showWaiting(item)));
}
