/* What a customer has to agree to before the first message is sent, on sites that ask. Fetched when it is needed. */

import { el, seen } from "./elements.js";

const CONSENT_WORDS = TEXTS.consent;

const CONSENT_RULES = `
.consent{padding:12px 14px;border-radius:16px;background:var(--canvas);box-shadow:0 0 0 1px var(--line);font-size:14px}
.consent h3{margin:0 0 8px;font-size:15px;font-weight:650}
.consent .terms{max-height:min(30vh,220px);overflow-y:auto;white-space:pre-line}
.consent a{color:var(--strong);display:inline-block;padding-block:8px}
.consent .offers{margin-top:6px}
.consent .offers .yes{background:var(--strong);color:var(--on-strong);border-color:var(--strong);font-weight:600}
`;

/** Shows the text above the text field. `draft` is what to send once they agree; without it, what was refused goes: `isFile`, files. */
export async function askConsent(widget, draft, isFile) {
  const { host, composer } = widget;
  if (widget.consent) return widget.consent.focus();
  const site = widget.site.consent ? widget.site : await askSite(widget); // what was fetched before may be older
  if (!site.consent) return widget.announce(widget.texts.unavailable);
  widget.site = { ...widget.site, consent: site.consent };
  host.consentRules = host.dress(CONSENT_RULES, host.consentRules);
  const card = build(widget, site.consent, draft, isFile);
  if (draft && !composer.input.value) fillIn(composer, draft.text); // seen, not lost, and still theirs to change
  if (widget.panel.closeScreen) widget.panel.closeScreen();
  widget.place("over", card);
  widget.consent = card.querySelector("h3");
  widget.consent.focus();
}

const askSite = ({ conversation, host }) =>
  conversation.api.json(`sites/${encodeURIComponent(host.site)}`).then(({ site }) => site, () => ({}));

function build(widget, consent, draft, isFile) {
  const words = CONSENT_WORDS[widget.language];
  const { texts } = widget;
  const away = (link) => el("a", { href: link, target: "_blank", rel: "noopener" }, words.link, el("span", { class: "sr" }, ` (${texts.newTab})`));
  const card = el("section", { class: "consent", "aria-labelledby": "consent" }, el("h3", { id: "consent", tabindex: "-1" }, words.title),
    el("div", { class: "terms", tabindex: "0", role: "group", "aria-labelledby": "consent" }, consent.text[widget.language]), consent.link ? away(consent.link) : null,
    el("div", { class: "offers" },
      el("button", { type: "button", class: "yes", click: () => agree(widget, card, consent.versions[widget.language], draft) }, isFile ? words.agree : words.yes),
      el("button", { type: "button", click: () => refuse(widget, card, words.not) }, words.no)));
  return card;
}

async function agree(widget, card, version, draft) {
  const { conversation, composer } = widget;
  conversation.shelf.change((record) => { record.consent = version; });
  if (conversation.token) await tellServer(conversation, version);
  takeAway(widget, card);
  widget.emit("agreed");
  conversation.outbox.filter((item) => item.state === "failed").forEach((item) => conversation.retry(item));
  if (!draft) return composer.input.focus();
  const text = seen(composer.input.value) || draft.text;
  fillIn(composer, "");
  widget.say(text, text === draft.text ? draft : {});
}

/** Of a conversation from before the site asked. Refused or lost: the message is refused then, and asks again. */
function tellServer({ api, id, token }, consent) {
  return api.json(`conversations/${id}`, { method: "PATCH", token, body: { consent } }).catch(() => {});
}

function refuse(widget, card, words) {
  takeAway(widget, card);
  widget.announce(words);
  widget.composer.input.focus();
}

function takeAway(widget, card) {
  card.remove();
  widget.consent = null;
  const { over } = widget.panel.places;
  over.hidden = ![...over.children].some((other) => !other.hidden);
}

function fillIn(composer, text) {
  composer.input.value = text;
  composer.onInput();
}
