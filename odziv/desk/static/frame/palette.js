// The commands: Ctrl+K opens a list of what this page and the desk's rail can do, narrowed by words.
// It presses what is there already, so it can do nothing that its agent may not do.

import { byId } from "../conversation/composer.js";
import { text } from "./text.js";

// What only opens something comes before what a customer is told of: Enter alone does no harm.
const SOURCES = [
  [text("This conversation"), "#customer > summary, #labels > summary, #transfer > summary, #assign > summary, details[name=case] > summary"],
  [text("This conversation"), "#macros-button"],
  [text("Macro"), ".macro-link"],
  [text("This conversation"), ".pane-actions button"],
  [text("Queue"), "#next button[type=submit]"],
  [text("List"), ".list-tabs a"],
  [text("Page"), ".rail-link[href], .rail-account, .tabs a"],
  [text("Conversation"), "#list .card-link"],
];
const MOST = 50;
const dialog = byId("palette");
const fold = (words) => words.normalize("NFKD").replace(/\p{M}/gu, "").replace(/ł/gi, "l").replace(/đ/gi, "d").toLowerCase();

let commands = [];
let chosen = 0;

function nameOf(element) {
  if (element.matches(".card-link")) return element.querySelector(".card-text")?.textContent ?? "";
  if (element.matches("#customer > summary")) return text("Customer");
  if (element.matches(".rail-account")) return text("Your account");
  const copy = element.cloneNode(true);
  copy.querySelectorAll(".count, .tab-count, .sr, .macro-own, kbd, svg").forEach((part) => part.remove());
  return copy.textContent;
}

function collect() {
  return SOURCES.flatMap(([kind, where]) => [...document.querySelectorAll(where)]
    .filter((element) => !element.closest("[hidden], dialog") && !element.disabled)
    .map((element) => ({ kind, name: nameOf(element).replace(/\s+/g, " ").trim(), run: () => press(element) })))
    .filter(({ name }) => name);
}

function press(element) {
  element.click();
  if (element.matches("summary")) element.focus();
}

function find(words) {
  const address = new URL(dialog.dataset.find, location.href);
  address.searchParams.set("q", words);
  return { kind: text("Search"), name: text("Find “%(words)s” in all conversations", { words }), run: () => location.assign(address) };
}

function listOf(words) {
  const wanted = fold(words).split(/\s+/).filter(Boolean);
  const fits = ({ kind, name }) => wanted.every((word) => fold(`${name} ${kind}`).includes(word));
  const found = commands.filter(fits).slice(0, MOST);
  return words.trim() ? [...found, find(words.trim())] : found;
}

function show() {
  const shown = listOf(byId("palette-words").value);
  chosen = Math.min(chosen, Math.max(0, shown.length - 1));
  byId("palette-list").replaceChildren(...shown.map(({ kind, name, run }, place) => {
    const item = document.createElement("li");
    item.id = `palette-${place}`;
    item.role = "option";
    item.ariaSelected = String(place === chosen);
    const label = document.createElement("span");
    label.textContent = name;
    const about = document.createElement("span");
    about.className = "palette-kind";
    about.textContent = kind;
    item.append(label, " ", about);
    item.addEventListener("click", () => { dialog.close(); run(); });
    return item;
  }));
  byId("palette-words").setAttribute("aria-activedescendant", shown.length ? `palette-${chosen}` : "");
  byId(`palette-${chosen}`)?.scrollIntoView({ block: "nearest" });
}

function open() {
  commands = collect();
  chosen = 0;
  byId("palette-words").value = "";
  dialog.showModal();
  show();
}

function onKey(event) {
  event.stopPropagation(); // no letter does anything behind it
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const count = byId("palette-list").children.length;
  if (step && count) {
    event.preventDefault();
    chosen = (chosen + step + count) % count;
    show();
  } else if (event.key === "Enter" && !event.isComposing) {
    event.preventDefault();
    byId(`palette-${chosen}`)?.click();
  }
}

if (dialog) {
  dialog.addEventListener("keydown", onKey);
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  byId("palette-words").addEventListener("input", () => { chosen = 0; show(); });
  byId("palette-button")?.addEventListener("click", open);
  document.body.addEventListener("keydown", (event) => {
    const isAsked = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
    // In the box for a reply it makes a link.
    if (!isAsked || event.target.id === "text" || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    open();
  });
}
