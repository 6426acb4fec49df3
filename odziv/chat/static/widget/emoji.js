/* Two dozen emoji for the text field. Fetched when the button is pressed. A screen reader has a name for each already. */

import { el } from "./elements.js";

const FACES = "🙂 😀 😄 😉 😊 😍 🤔 😐 😕 😟 😢 😡 👍 👎 👋 🙏 👏 💪 ❤️ 🎉 ✅ ❌ ⭐ 📦".split(" ");
const COLUMNS = 8;
const EMOJI_RULES = `
.foot{position:relative}
.faces{position:absolute;inset-block-end:calc(100% + 6px);inset-inline-end:12px;display:grid;grid-template-columns:repeat(8,40px);padding:8px;border-radius:16px;
  background:var(--raised);box-shadow:var(--shadow),0 0 0 1px var(--line);z-index:1;max-width:calc(100% - 24px)}
.faces button{width:40px;height:40px;border-radius:10px;font-size:22px;line-height:1;font-family:"Apple Color Emoji","Segoe UI Emoji","Noto Color Emoji",system-ui,sans-serif}
.faces button:hover{background:color-mix(in srgb,var(--strong) 12%,transparent)}
.faces button:focus-visible{outline-offset:-3px}
@media (max-width:380px){.faces{grid-template-columns:repeat(6,40px)}}
@media (forced-colors:active){.faces{border:1px solid CanvasText}}
`;

export function toggleEmoji(widget, button) {
  const { composer, host, ended } = widget;
  if (composer.closeEmoji) return composer.closeEmoji();
  host.emojiRules = host.dress(EMOJI_RULES, host.emojiRules);
  const choices = FACES.map((face, i) => el("button", { type: "button", tabindex: i ? "-1" : "0", click: () => insert(composer, face) }, face));
  const faces = el("div", { class: "faces", role: "group", "aria-label": "Emoji", keydown: (event) => onKey(event, choices, composer) }, ...choices);
  const over = new AbortController();
  composer.closeEmoji = () => {
    composer.closeEmoji = null;
    over.abort();
    faces.remove();
    button.setAttribute("aria-expanded", "false");
  };
  ended.signal.addEventListener("abort", () => over.abort());
  host.shadowRoot.addEventListener("pointerdown", (event) => {
    if (!faces.contains(event.target) && !button.contains(event.target)) composer.closeEmoji();
  }, { signal: over.signal });
  composer.node.append(faces);
  button.setAttribute("aria-expanded", "true");
  choices[0].focus();
}

function onKey(event, choices, composer) {
  const now = choices.indexOf(event.target);
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[event.key];
  if (step && choices[now + step]) {
    choices.forEach((choice, i) => choice.setAttribute("tabindex", i === now + step ? "0" : "-1"));
    choices[now + step].focus();
  }
  if (event.key === "Escape" || event.key === "Tab") {
    composer.closeEmoji();
    composer.input.focus();
  }
  if (!step && event.key !== "Escape" && event.key !== "Tab") return;
  event.preventDefault();
  event.stopPropagation();
}

/** Where the cursor is; then the text goes on. */
function insert(composer, face) {
  const { input } = composer;
  input.setRangeText(face, input.selectionStart, input.selectionEnd, "end");
  composer.closeEmoji();
  composer.onInput();
  input.focus();
}
