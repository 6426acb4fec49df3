/* The conversation as text, to keep: as a file, or to copy where the page or the browser lets nothing be saved. */

import { el } from "./elements.js";

const TRANSCRIPT_TEXTS = {
  sl: { title: "Vaš pogovor", save: "Shrani kot datoteko", copy: "Kopiraj", copied: "Kopirano.", saved: "Če se ne prenese nič, besedilo kopirajte.",
    failed: "Pogovora trenutno ni mogoče prikazati. Poskusite znova čez trenutek.", file: "pogovor" },
  hr: { title: "Vaš razgovor", save: "Spremi kao datoteku", copy: "Kopiraj", copied: "Kopirano.", saved: "Ako se ništa ne preuzme, kopirajte tekst.",
    failed: "Razgovor se trenutačno ne može prikazati. Pokušajte ponovno za trenutak.", file: "razgovor" },
  pl: { title: "Państwa rozmowa", save: "Zapisz jako plik", copy: "Kopiuj", copied: "Skopiowano.", saved: "Jeśli nic się nie pobrało, można skopiować tekst.",
    failed: "Nie można teraz wyświetlić rozmowy. Prosimy spróbować za chwilę.", file: "rozmowa" },
  en: { title: "Your conversation", save: "Save as a file", copy: "Copy", copied: "Copied.", saved: "If nothing was downloaded, copy the text.",
    failed: "The conversation can't be shown right now. Please try again in a moment.", file: "conversation" },
};
const TRANSCRIPT_RULES = `
.transcript{display:flex;flex-direction:column;height:100%}
.transcript .choose{display:flex;flex-wrap:wrap;gap:8px}
.transcript textarea.field{flex:1;height:auto;max-height:none;min-height:200px;font-size:14px;white-space:pre-wrap;resize:none}
`;

async function fetchTranscript({ api, id, token }) {
  const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone || "");
  return (await api.request(`conversations/${id}/transcript?timezone=${zone}`, { token, headers: { Accept: "text/plain" } })).text();
}

export async function openTranscript(widget) {
  const { host, conversation, language } = widget;
  const texts = TRANSCRIPT_TEXTS[language];
  host.transcriptRules = host.dress(TRANSCRIPT_RULES, host.transcriptRules);
  const note = el("p", { class: "small", role: "status" });
  const text = await fetchTranscript(conversation).catch(() => "");
  if (!text) return widget.showScreen(texts.title, el("p", {}, texts.failed));
  const field = el("textarea", { class: "field", readonly: true, "aria-label": texts.title });
  field.value = text;
  const copy = async () => {
    field.select();
    const isCopied = await navigator.clipboard.writeText(text).then(() => true, () => document.execCommand("copy"));
    if (isCopied) note.textContent = texts.copied;
  };
  return widget.showScreen(texts.title, el("div", { class: "transcript" }, el("div", { class: "choose" },
    el("button", { type: "button", class: "line full", click: () => { save(text, texts.file); note.textContent = texts.saved; } }, texts.save),
    el("button", { type: "button", class: "line", click: copy }, texts.copy)), note, field));
}

/** A blob: of this browser, so the token is in no address. Its link goes beside the page's content, for Firefox. */
function save(text, name) {
  const address = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/plain;charset=utf-8" })); // the mark tells Windows the encoding
  const link = el("a", { href: address, download: `${name}-${new Date().toISOString().slice(0, 10)}.txt`, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}
