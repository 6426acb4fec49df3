// The list that opens in the composer: saved replies after a slash that begins a line, colleagues after an @ in a note.

import { box, byId, isNote, put, say } from "./composer.js";
import { text } from "../frame/text.js";

const LISTS = {
  replies: { sign: "/", label: text("Saved replies"), none: text("No saved reply fits."), begins: /(^|\n)$/, isFor: () => !isNote() },
  colleagues: { sign: "@", label: text("Mention"), none: text("Nobody of that name."), begins: /(^|[\s(])$/, isFor: isNote },
};
const MOST = 50;
const STROKES = { ł: "l", đ: "d", ø: "o", ß: "ss", æ: "ae", œ: "oe", ı: "i" };
const fold = (words) => words.toLowerCase().replace(/[łđøßæœı]/g, (c) => STROKES[c]).normalize("NFKD").replace(/\p{M}/gu, "");

let opened = null; // {kind, start, sign}: where in the text it was asked for, and by which sign
let all = []; // null while they are being fetched
let shown = [];
let active = 0;

// ---- Opening and closing ------------------------------------------------------------------------------------

async function open(kind, start, sign) {
  opened = { kind, start, sign };
  all = null;
  byId("picker").hidden = false;
  byId("picker").dataset.kind = kind;
  byId("picker-label").textContent = LISTS[kind].label;
  byId("picker-words").value = "";
  byId("picker-words").focus();
  const asked = opened;
  show(text("Looking…"));
  const found = await fetchList(byId("picker").dataset[kind]);
  if (opened !== asked) return;
  all = found ?? [];
  show(found ? LISTS[kind].none : text("The list can’t be reached just now."));
  if (isText()) close();
}

async function fetchList(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" }, redirect: "error" });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

// What was typed into the list's field goes back into the text: it may have been meant for it.
function close({ keepsSign = true, takesFocus = true } = {}) {
  if (!opened) return;
  const { start, sign } = opened;
  const typed = sign && keepsSign ? byId("picker-words").value : "";
  opened = null;
  byId("picker").hidden = true;
  if (!takesFocus) {
    if (typed) box().setRangeText(typed, start + sign.length, start + sign.length);
    return;
  }
  box().focus();
  if (typed) put(typed, start + sign.length, start + sign.length);
  else if (!keepsSign) put("", start, start + sign.length);
  else box().setSelectionRange(start + sign.length, start + sign.length);
}

function choose(option) {
  const { kind, start, sign } = opened;
  opened = null;
  byId("picker").hidden = true;
  if (kind === "colleagues") return put(`@${option.name} `, start, start + sign.length);
  if (option.text) put(option.text, start, start + sign.length);
  else box().focus();
  if (!option.text) say(text("Nothing to insert: all of it is about something that isn’t known here."));
  else say(option.other_language ? text("Inserted in another language (%(language)s): it doesn’t exist in the customer’s.", { language: option.other_language }) : "");
}

// ---- The list -----------------------------------------------------------------------------------------------

function show(whenEmpty) {
  const query = fold(byId("picker-words").value).trim();
  const words = query.split(/\s+/);
  const rank = (option) => [option.shortcut, fold(option.name)].some((name) => name?.startsWith(query)) ? 0 : 1;
  shown = (all ?? []).filter((option) => words.every((word) => option.search.includes(word)));
  shown = shown.sort((a, b) => rank(a) - rank(b)).slice(0, MOST);
  byId("picker-list").replaceChildren(...shown.map(draw));
  byId("picker-list").hidden = !shown.length;
  byId("picker-state").textContent = shown.length ? "" : whenEmpty;
  byId("picker-words").setAttribute("aria-expanded", String(shown.length > 0));
  activate(0);
}

function draw(option, index) {
  const item = document.createElement("li");
  Object.assign(item, { id: `pick-${index}`, className: "pick" });
  item.setAttribute("role", "option");
  item.dataset.index = index;
  item.append(piece("strong", option.name));
  if (option.shortcut) item.append(piece("code", `/${option.shortcut}`));
  if (option.other_language) item.append(piece("span", option.other_language, "tag"));
  if (option.text !== undefined) item.append(piece("span", option.text.slice(0, 200), "pick-text", option.language));
  return item;
}

function piece(tag, words, className = "", lang = "") {
  const element = document.createElement(tag);
  element.textContent = words;
  if (className) element.className = className;
  if (lang) element.lang = lang;
  return element;
}

function activate(index) {
  active = shown.length ? (index + shown.length) % shown.length : 0;
  for (const item of byId("picker-list").children) {
    item.setAttribute("aria-selected", String(Number(item.dataset.index) === active));
  }
  const chosen = byId(`pick-${active}`);
  chosen?.scrollIntoView({ block: "nearest" });
  if (chosen) byId("picker-words").setAttribute("aria-activedescendant", chosen.id);
  else byId("picker-words").removeAttribute("aria-activedescendant");
}

// ---- Keys and pointers --------------------------------------------------------------------------------------

const KEYS = {
  ArrowDown: () => activate(active + 1),
  ArrowUp: () => activate(active - 1),
  Enter: () => shown[active] && choose(shown[active]),
  Escape: () => close(),
};

function onKey(event) {
  const isEmpty = byId("picker-words").value === "";
  if (event.isComposing) return;
  if (KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key]();
  } else if (event.key === "Backspace" && isEmpty) {
    event.preventDefault();
    close({ keepsSign: false });
  }
  event.stopPropagation();
}

/** An @ with a space behind it, or with words that nobody is called, was not meant for the list: let them write on. */
function isText() {
  const words = byId("picker-words").value;
  if (opened.kind !== "colleagues" || !opened.sign || !/\s$/.test(words)) return false;
  return !words.trim() || Boolean(all && !shown.length);
}

function onInput(event) {
  if (event.target.id === "picker-words") {
    show(all ? LISTS[opened.kind].none : text("Looking…"));
    if (isText()) close();
    return;
  }
  if (event.target.id !== "text" || event.inputType?.startsWith("insertFrom") || !event.inputType?.startsWith("insert")) return;
  const { value, selectionStart: at } = event.target;
  const kind = Object.keys(LISTS).find((name) => LISTS[name].sign === value[at - 1] && LISTS[name].isFor());
  if (kind && LISTS[kind].begins.test(value.slice(0, at - 1))) open(kind, at - 1, LISTS[kind].sign);
}

export function listen(body) {
  body.addEventListener("input", onInput);
  body.addEventListener("keydown", (event) => { if (event.target.id === "picker-words") onKey(event); }, true);
  body.addEventListener("mousedown", (event) => { if (event.target.closest("#picker-list")) event.preventDefault(); });
  body.addEventListener("click", (event) => {
    const button = event.target.closest("[data-pick]");
    if (button) open(button.dataset.pick, box().selectionStart, "");
    const item = event.target.closest("#picker-list > li");
    if (item) choose(shown[Number(item.dataset.index)]);
    if (event.target.closest("#picker-close")) close();
  });
  body.addEventListener("focusout", (event) => {
    if (!event.target.closest("#picker") || event.relatedTarget?.closest("#picker")) return;
    if (event.relatedTarget) close({ takesFocus: false });
  });
}
