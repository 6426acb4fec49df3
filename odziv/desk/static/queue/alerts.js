// Notifications and sound for what happens while the agent looks elsewhere, where they turned them on. Per browser.

import { text, texts } from "../frame/text.js";

const { news: NEWS, agent: AGENT } = document.querySelector("script[data-news]").dataset;
const KEY = `odziv-alerts-${AGENT}`;
const FRONT = "odziv-desk-in-front";
const byId = (id) => document.getElementById(id);
// Both need https (or localhost), as browsers have it.
const canAlert = isSecureContext && "Notification" in window && "locks" in navigator;

// ---- What is on, and what was told already: shared by all tabs ------------------------------------------------

function read() {
  try { return JSON.parse(localStorage.getItem(KEY)) ?? {}; } catch { return {}; }
}

function keep(changes) {
  try { localStorage.setItem(KEY, JSON.stringify({ ...read(), ...changes })); } catch { /* storage is blocked */ }
}

const wantsDesktop = () => Boolean(read().desktop) && Notification.permission === "granted";
const wantsSound = () => Boolean(read().sound);

// ---- Whether any page of the desk is in front: it holds a lock for as long, which ends even if the tab crashes ---

let leaveFront = null;
function comeToFront() {
  if (leaveFront || !document.hasFocus()) return;
  const left = new Promise((leave) => { leaveFront = leave; });
  navigator.locks.request(FRONT, { mode: "shared" }, () => left);
}

function goBehind() {
  leaveFront?.();
  leaveFront = null;
}

async function isInFront() {
  if (document.hasFocus()) return true;
  return (await navigator.locks.query()).held.some((lock) => lock.name === FRONT);
}

// ---- What is new ------------------------------------------------------------------------------------------------

async function look() {
  if (!wantsDesktop() && !wantsSound()) return;
  // One tab at a time, from asking to noting down: so each thing is told by one of them only.
  await navigator.locks.request(KEY, async () => {
    const answer = await fetch(NEWS, { cache: "no-store", redirect: "error", signal: AbortSignal.timeout(5000) });
    if (!answer.ok) return;
    const now = await answer.json();
    const fresh = compare(read(), now);
    keep({
      handoffs: now.handoffs.map((handoff) => handoff.id),
      messages: Object.fromEntries(now.messages.map((message) => [message.conversation, message.seq])),
      mentions: now.mentions.map((mention) => mention.id),
    });
    if (fresh.count && !(await isInFront())) tell(fresh);
  }).catch(() => { /* not reached; the next change asks again */ });
}

function compare(before, now) {
  if (!before.handoffs) return { count: 0 }; // the first look only notes what is there
  const waiting = now.handoffs.filter((handoff) => !before.handoffs.includes(handoff.id));
  const written = now.messages.filter((message) => message.seq > (before.messages[message.conversation] ?? 0));
  const mentions = now.mentions.filter((mention) => before.mentions && !before.mentions.includes(mention.id));
  return { count: waiting.length + written.length + mentions.length, waiting, written, mentions };
}

// ---- Telling ----------------------------------------------------------------------------------------------------

function tell({ waiting, written, mentions }) {
  if (wantsSound()) play();
  if (!wantsDesktop()) return;
  if (waiting.length) notify("handoff", wordWaiting(waiting), waiting[0].words, waiting[0].url);
  if (written.length) notify("message", wordWritten(written), "", written[0].url);
  if (mentions.length) notify("mention", wordMentions(mentions), "", mentions[0].url);
}

const wordWaiting = (all) => texts("A customer is waiting", "%(num)s customers are waiting", all.length);
const wordWritten = (all) => texts("Your customer has written", "%(num)s of your customers have written", all.length);
const wordMentions = (all) => texts("A new mention for you", "%(num)s new mentions for you", all.length);

function notify(tag, title, words, url) {
  const notification = new Notification(title, { body: words, tag: `odziv-${tag}`, renotify: true, silent: wantsSound() });
  notification.onclick = () => {
    notification.close();
    window.focus();
    location.assign(url);
  };
}

let audio;
function wakeAudio() {
  // Browsers let a page sound only after it was clicked or typed into.
  if (wantsSound()) (audio ??= new AudioContext()).resume();
}

function play() {
  audio ??= new AudioContext();
  if (audio.state !== "running") return;
  for (const [start, pitch] of [[0, 660], [0.16, 880]]) {
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    const at = audio.currentTime + start;
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0, at);
    loudness.gain.linearRampToValueAtTime(0.16, at + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.001, at + 0.5);
    tone.connect(loudness).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.55);
  }
}

// ---- The switches, on the account's page --------------------------------------------------------------------------

const BLOCKED = text("Your browser blocks notifications from this address. Allow them in its settings, beside the address, and try again.");

function showSwitches() {
  if (!byId("alert-switches")) return;
  if (!canAlert) {
    byId("alert-problem").textContent = text("They need an address that begins with https.");
    return;
  }
  byId("alert-switches").hidden = false;
  byId("alert-desktop").checked = wantsDesktop();
  byId("alert-sound").checked = wantsSound();
  byId("alert-desktop").addEventListener("change", switchDesktop);
  byId("alert-sound").addEventListener("change", switchSound);
  byId("alert-try").addEventListener("click", tryIt);
}

async function switchDesktop({ target }) {
  const isAllowed = !target.checked || (await Notification.requestPermission()) === "granted";
  byId("alert-problem").textContent = isAllowed ? "" : BLOCKED;
  target.checked &&= isAllowed;
  begin({ desktop: target.checked });
}

function switchSound({ target }) {
  begin({ sound: target.checked });
  wakeAudio();
}

/** From here on: what is there already is old. */
function begin(changes) {
  keep({ ...changes, ...(wantsDesktop() || wantsSound() ? {} : { handoffs: null, messages: null, mentions: null }) });
  look();
}

async function tryIt() {
  const isOn = wantsDesktop() || wantsSound();
  byId("alert-problem").textContent = isOn ? "" : text("Turn one of them on first.");
  if (wantsSound()) {
    wakeAudio();
    await audio.resume();
    play();
  }
  if (wantsDesktop()) notify("try", text("This is how it looks"), text("Press it to come back to the desk."), location.pathname);
}

// ---- Start ----------------------------------------------------------------------------------------------------------

let isDue = false;
function lookSoon() {
  if (isDue) return;
  isDue = true; // however much happens, once a second
  setTimeout(() => { isDue = false; look(); }, 1000);
}

showSwitches();
if (canAlert) {
  comeToFront();
  addEventListener("focus", comeToFront);
  addEventListener("blur", goBehind);
  for (const sign of ["pointerdown", "keydown"]) addEventListener(sign, wakeAudio, { passive: true });
  document.addEventListener("desk:state", lookSoon);
}
