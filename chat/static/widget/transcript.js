/* The conversation as text, to keep: as a file, by e-mail where the server sends any, or to copy where the page or the
 * browser lets nothing be saved. */

import { el, fill } from "./elements.js";

const TRANSCRIPT_TEXTS = {
  sl: { title: "Vaš pogovor", save: "Shrani kot datoteko", copy: "Kopiraj", copied: "Kopirano.", saved: "Če se ne prenese nič, besedilo kopirajte.",
    failed: "Pogovora trenutno ni mogoče prikazati. Poskusite znova čez trenutek.", file: "pogovor",
    mail: "Pošlji po e-pošti", address: "E-poštni naslov", hint: "Naslov uporabimo samo za to sporočilo.", send: "Pošlji", sent: "Pogovor je na poti na {email}.",
    invalid: "Na ta naslov ne moremo poslati. Vpišite ga na primer tako: ana@primer.si.", held: "V zadnji uri je bilo poslanih že dovolj kopij. Poskusite pozneje.",
    lost: "Ni bilo mogoče poslati. Poskusite znova čez trenutek." },
  hr: { title: "Vaš razgovor", save: "Spremi kao datoteku", copy: "Kopiraj", copied: "Kopirano.", saved: "Ako se ništa ne preuzme, kopirajte tekst.",
    failed: "Razgovor se trenutačno ne može prikazati. Pokušajte ponovno za trenutak.", file: "razgovor",
    mail: "Pošalji e-poštom", address: "Adresa e-pošte", hint: "Adresu koristimo samo za ovu poruku.", send: "Pošalji", sent: "Razgovor je na putu na {email}.",
    invalid: "Na tu adresu ne možemo poslati. Upišite je na primer ovako: ana@primjer.hr.", held: "U zadnjih sat vremena poslano je već dovoljno kopija. Pokušajte kasnije.",
    lost: "Nije bilo moguće poslati. Pokušajte ponovno za trenutak." },
  pl: { title: "Państwa rozmowa", save: "Zapisz jako plik", copy: "Kopiuj", copied: "Skopiowano.", saved: "Jeśli nic się nie pobrało, można skopiować tekst.",
    failed: "Nie można teraz wyświetlić rozmowy. Prosimy spróbować za chwilę.", file: "rozmowa",
    mail: "Wyślij e-mailem", address: "Adres e-mail", hint: "Adresu użyjemy tylko do tej wiadomości.", send: "Wyślij", sent: "Rozmowa jest już w drodze na adres {email}.",
    invalid: "Na ten adres nie możemy nic wysłać. Prosimy wpisać adres na przykład tak: ana@przyklad.pl.", held: "W ciągu ostatniej godziny wysłano już wystarczająco wiele kopii. Prosimy spróbować później.",
    lost: "Nie udało się wysłać. Prosimy spróbować za chwilę." },
  en: { title: "Your conversation", save: "Save as a file", copy: "Copy", copied: "Copied.", saved: "If nothing was downloaded, copy the text.",
    failed: "The conversation can't be shown right now. Please try again in a moment.", file: "conversation",
    mail: "Send by e-mail", address: "E-mail address", hint: "The address is used for this e-mail only.", send: "Send", sent: "The conversation is on its way to {email}.",
    invalid: "We can't send to this address. It should look like ana@example.com.", held: "Enough copies were sent within the last hour. Please try again later.",
    lost: "It could not be sent. Please try again in a moment." },
};
const TRANSCRIPT_RULES = `
.transcript{display:flex;flex-direction:column;height:100%}
.transcript .choose{display:flex;flex-wrap:wrap;gap:8px}
.by-mail{margin-top:12px;padding:12px 16px 14px;border-radius:16px;background:var(--canvas);box-shadow:0 0 0 1px var(--line)}
.by-mail label{font-size:14px;font-weight:500}
.by-mail .small{margin:-4px 0 10px}
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
    if (isCopied) say(note, texts.copied);
  };
  const letter = el("div");
  const mail = widget.site.mail && el("button", { type: "button", class: "line", "aria-expanded": "false", click: () => toggleForm(widget, mail, letter, note) }, texts.mail);
  return widget.showScreen(texts.title, el("div", { class: "transcript" }, el("div", { class: "choose" },
    el("button", { type: "button", class: "line full", click: () => { save(text, texts.file); say(note, texts.saved); } }, texts.save),
    mail || null, el("button", { type: "button", class: "line", click: copy }, texts.copy)), letter, note, field));
}

function toggleForm(widget, button, place, note) {
  const isOpen = !place.firstChild;
  place.replaceChildren();
  button.setAttribute("aria-expanded", String(isOpen));
  say(note, "");
  if (!isOpen) return button.focus();
  const field = buildForm(widget, place, note, () => toggleForm(widget, button, place, note));
  field.focus();
}

/** The address is for this mail alone; it is kept nowhere in the browser. */
function buildForm(widget, place, note, close) {
  const texts = TRANSCRIPT_TEXTS[widget.language];
  let isSending = false;
  const send = async () => {
    if (isSending) return;
    isSending = true;
    const problem = await order(widget.conversation, field.value.trim());
    isSending = false;
    if (!field.isConnected) return;
    if (!problem) {
      const told = fill(texts.sent, { email: field.value.trim() });
      close();
      return say(note, told);
    }
    field.setAttribute("aria-invalid", String(problem === "invalid"));
    say(note, texts[problem], true);
    field.focus();
  };
  const field = el("input", { class: "field", type: "email", autocomplete: "email", inputmode: "email", maxlength: "320", enterkeyhint: "send",
    "aria-describedby": "letter-hint letter-note", keydown: (event) => { if (event.key === "Enter" && !event.isComposing) send(); } });
  note.id = "letter-note";
  place.append(el("div", { class: "by-mail" }, el("label", {}, texts.address, field), el("p", { class: "small", id: "letter-hint" }, texts.hint),
    el("button", { type: "button", class: "line full", click: send }, texts.send)));
  return field;
}

/** → what went wrong, as a key of the texts; nothing where it will be sent. */
async function order({ api, id, token }, email) {
  if (!/^[^\s@]+@\S+\.\S+$/.test(email)) return "invalid";
  try {
    await api.json(`conversations/${id}/transcript`, { method: "POST", token, body: { email } });
  } catch (error) {
    return { bad_request: "invalid", rate_limited: "held" }[error.code] || "lost";
  }
}

function say(note, words, isWrong = false) {
  note.textContent = words;
  note.classList.toggle("wrong", isWrong);
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
