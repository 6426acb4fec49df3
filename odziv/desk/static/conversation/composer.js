// The composer as its helpers see it: what is being written, and putting something into it.

export const byId = (id) => document.getElementById(id);
export const box = () => byId("text");
export const isNote = () => byId("composer")?.elements.kind.value === "note";

// Whether a key is free to be a command: no text is being written, nothing is held down with it, no dialog is open.
export function isCommand(event) {
  const isPlain = !(event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing);
  const isWriting = event.target.matches("input:not([type=radio]), textarea, select") || event.target.isContentEditable;
  return isPlain && !isWriting && !document.querySelector("dialog[open]");
}

// Puts text in place of a part of the box, so that the browser's own undo can take it out again.
export function put(text, start, end) {
  const field = box();
  field.focus();
  field.setSelectionRange(start, end);
  if (!text && start === end) return;
  if (text ? document.execCommand("insertText", false, text) : document.execCommand("delete")) return;
  field.setRangeText(text, start, end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// Puts a paragraph where the caret is, with an empty line to what stands around it.
export function putParagraph(text) {
  const { value, selectionStart: start, selectionEnd: end } = box();
  const before = value.slice(0, start).trimEnd();
  const after = value.slice(end).trimStart();
  put((before ? "\n\n" : "") + text + (after ? "\n\n" : ""), before.length, value.length - after.length);
}

export function say(text) {
  if (byId("written")) byId("written").textContent = text;
}
