// Keeps an open desk page current: follows /desk/events, lets htmx fetch what changed, and looks after the composer.

import { locale, number, text, texts } from "./text.js";

const body = document.body;
const clockOffset = Number(body.dataset.now) - Date.now();
const title = document.title;
const marks = {
  queue: body.dataset.queue,
  inbox: body.dataset.inbox,
  conversation: body.dataset.conversation,
  team: body.dataset.team ?? "",
};
const byId = (id) => document.getElementById(id);
const newId = () => crypto.getRandomValues(new Uint32Array(4)).join("-");

// ---- Times, in the agent's own zone and counting on ---------------------------------------------------------

function elapsed(since) {
  const minutes = Math.max(0, Math.floor((Date.now() + clockOffset - since) / 60000));
  if (minutes < 1) return text("just now");
  if (minutes < 60) return text("%(minutes)s min", { minutes });
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours < 24) return rest ? text("%(hours)s h %(minutes)s min", { hours, minutes: rest }) : text("%(hours)s h", { hours });
  return texts("%(num)s day", "%(num)s days", Math.floor(hours / 24));
}

function showTimes() {
  for (const time of document.querySelectorAll("time[data-since]")) {
    const since = Number(time.dataset.since);
    const words = elapsed(since);
    if (time.textContent !== words) time.textContent = words;
    const minutes = (Date.now() + clockOffset - since) / 60000;
    if ("level" in time.dataset) time.dataset.level = minutes < 3 ? "fresh" : minutes < 10 ? "some" : "long";
  }
  const today = new Date().toDateString();
  for (const time of document.querySelectorAll("time[data-clock]")) {
    const moment = new Date(time.dateTime);
    const day = moment.toDateString() === today ? {} : { day: "numeric", month: "short" };
    if (moment.getFullYear() !== new Date().getFullYear()) day.year = "numeric";
    time.textContent = moment.toLocaleString(locale, { hour: "2-digit", minute: "2-digit", ...day });
    time.title = moment.toLocaleString(locale);
    time.removeAttribute("data-clock");
  }
}

// ---- The event stream -------------------------------------------------------------------------------------

const LOOK_EVERY = 4000; // ms; where there is no stream
const LOOKS = 5; // before a page whose stream went to another one asks for one again

let source;
addEventListener("pagehide", () => source?.close());

function connect() {
  source = new EventSource(body.dataset.events);
  source.addEventListener("open", () => showConnection(""));
  source.addEventListener("state", (event) => showState(JSON.parse(event.data)));
  source.addEventListener("typing", (event) => showTyping(JSON.parse(event.data).typing));
  source.addEventListener("customer", (event) => showOnPage(JSON.parse(event.data).on_page));
  source.addEventListener("colleagues", (event) => showColleagues(JSON.parse(event.data).names));
  source.addEventListener("colleague-typing", (event) => showColleagueTyping(JSON.parse(event.data)));
  source.addEventListener("signed-out", () => location.reload());
  source.addEventListener("busy", (event) => { event.target.close(); look(LOOKS); });
  source.addEventListener("error", (event) => {
    // After a refusal (a full or a restarting server) the browser gives up by itself; we don't.
    if (event.target.readyState === EventSource.CLOSED) look(1);
    else showConnection(text("Reconnecting…"));
  });
}

/** Without a stream: asks what has changed, so many times, and then for a stream again. */
async function look(times) {
  try {
    const answer = await fetch(body.dataset.state, { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(5000) });
    if (answer.type === "opaqueredirect") return location.reload(); // signed out
    if (!answer.ok) throw new Error(answer.status);
    const { colleagues: names, on_page: isOnPage, ...state } = await answer.json();
    showState(state);
    showOnPage(isOnPage);
    showColleagues(names);
    showConnection("");
  } catch {
    showConnection(text("Reconnecting…"));
  }
  setTimeout(() => (times > 1 ? look(times - 1) : connect()), LOOK_EVERY * (0.75 + Math.random() / 2));
}

function showConnection(words) {
  if (byId("connection").textContent !== words) byId("connection").textContent = words;
}

function showState(state) {
  document.dispatchEvent(new CustomEvent("desk:state")); // alerts.js listens
  showCount("count-queue", state.waiting);
  showCount("count-inbox", state.mine);
  showCount("count-mentions", state.unread);
  document.title = state.waiting ? `(${state.waiting}) ${title}` : title;
  const list = byId("list");
  if (marks.conversation && state.marks.conversation === null) showGone();
  const changed = Object.keys(marks).filter((part) => (state.marks[part] ?? "") !== marks[part]);
  for (const part of changed) marks[part] = state.marks[part] ?? "";
  if (list && changed.includes(list.dataset.which)) htmx.trigger(list, "refresh");
  if (changed.includes("team")) document.dispatchEvent(new CustomEvent("desk:team")); // team.js listens
  if (changed.includes("conversation") && byId("log")) htmx.trigger(byId("log"), "refresh");
}

/** It was deleted, as its customer wished: nothing of it stays on the screen either. */
function showGone() {
  document.dispatchEvent(new CustomEvent("desk:gone")); // drafts.js listens
  const words = [
    text("This conversation has been deleted, at the customer’s wish or by an administrator."),
    text("Nothing of it is left."),
  ];
  const gone = document.createElement("div");
  gone.className = "empty";
  gone.setAttribute("role", "status");
  gone.append(...words.map((words) => Object.assign(document.createElement("p"), { textContent: words })));
  byId("main").replaceChildren(gone);
}

function showCount(id, count) {
  byId(id).textContent = count;
  byId(id).dataset.count = count;
}

let typingEnds;
function showTyping(isTyping) {
  if (!byId("typing")) return;
  byId("typing").textContent = isTyping ? text("The customer is typing…") : "";
  clearTimeout(typingEnds);
  if (isTyping) typingEnds = setTimeout(() => showTyping(false), 8000);
}

/** Whether the customer has the chat's page open; who waits has a mark of their own for it. */
function showOnPage(isOnPage) {
  if (byId("on-page")) byId("on-page").hidden = !isOnPage;
}

// ---- Colleagues who have the same conversation open ---------------------------------------------------------

let colleagues = [];
const typingColleagues = new Map(); // name → when it times out

function showColleagues(names = colleagues) {
  colleagues = names;
  if (!byId("colleagues")) return;
  const now = Date.now();
  const words = names.map((name) =>
    typingColleagues.get(name) > now ? text("%(name)s is typing…", { name }) : text("%(name)s is looking at this too", { name }));
  const shown = words.join(" · ");
  if (byId("colleagues").textContent !== shown) byId("colleagues").textContent = shown;
}

function showColleagueTyping({ name, typing }) {
  typingColleagues.set(name, typing ? Date.now() + 8000 : 0);
  showColleagues();
  if (typing) setTimeout(showColleagues, 8100);
}

// ---- The log: asked for from the last number on, each message once, in order ---------------------------------

const entries = () => [...document.querySelectorAll("#log > [data-seq]")];
const lastSeq = () => Math.max(0, ...entries().map((entry) => Number(entry.dataset.seq)));

function putInOrder() {
  const seen = new Set();
  let highest = 0;
  for (const entry of entries()) {
    const seq = Number(entry.dataset.seq);
    if (seen.has(seq)) entry.remove();
    else if (seq < highest) entries().find((other) => Number(other.dataset.seq) > seq).before(entry);
    seen.add(seq);
    highest = Math.max(highest, seq);
  }
}

const LITTLE_ROOM = 240; // px
const NEAR = 80; // px from the end that still count as the end
let kept = "newest"; // what stays in sight: what the customer wrote last, "end", or "" for where the reader is
let placedAt = NaN; // px from the top, where we scrolled to; NaN once the reader has scrolled

/** To the end; where there is little room, rather to what the customer wrote last than to the notices below it. */
function place(what) {
  const log = byId("log");
  kept = what;
  if (!log) return;
  log.scrollTop = log.scrollHeight;
  const said = what === "newest" && log.clientHeight <= LITTLE_ROOM && findLastSaid(log);
  if (said) log.scrollTop += distance(said.getBoundingClientRect(), log.getBoundingClientRect());
  placedAt = log.scrollTop;
}

/** The customer's last message, unless an answer came after it. */
function findLastSaid(log) {
  const answers = byId("foot")?.dataset.mode === "bot" ? ".agent, .bot" : ".agent";
  const last = [...log.querySelectorAll(`:scope > :is(.customer, ${answers})`)].at(-1);
  return last?.matches(".customer") && last;
}

/** How far to scroll from the end (px, 0 or less), so that a message is in sight; of a high one its end. */
const distance = (said, log) => (said.height > log.height ? Math.min(0, said.bottom - log.bottom) : Math.min(0, said.top - log.top));

function keepInSight() { // whatever opens above or below, what was in sight stays there
  const log = byId("log");
  if (!log) return;
  const sizeOf = () => `${log.clientWidth} ${log.clientHeight}`;
  let size = sizeOf();
  log.addEventListener("scroll", () => {
    // A scroll by ourselves may be told of when the log is smaller, or holds more, already.
    if (sizeOf() !== size || Math.abs(log.scrollTop - placedAt) < 2) return;
    kept = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR ? "end" : "";
    placedAt = NaN;
  });
  new ResizeObserver(() => {
    size = sizeOf();
    if (kept) place(kept);
  }).observe(log);
  log.addEventListener("load", () => { if (kept) place(kept); }, true); // a picture is as high as it is once it is there
}

/** The desk ends where an on-screen keyboard begins: some cover the page without making it smaller. */
function fitKeyboard() {
  const { height, offsetTop, scale } = window.visualViewport;
  if (scale > 1.01) return; // zoomed in by the reader, not a keyboard
  body.style.setProperty("--height", `${height}px`);
  body.style.setProperty("--top", `${offsetTop}px`);
  if (document.activeElement.closest("main details form")) document.activeElement.scrollIntoView({ block: "nearest" });
}

/** A message that the address names is brought into sight; else the newest. */
function scrollToStart() {
  const wanted = /^#m\d+$/.test(location.hash) && byId(location.hash.slice(1));
  if (!wanted) return place("newest");
  kept = "";
  wanted.scrollIntoView({ block: "center" });
}

// ---- What the agent has seen: nobody reads a message in the moment it comes ------------------------------------

const SEEN_AFTER = 600; // ms on the screen
let seen = lastSeq();

function noteSeen() {
  const newest = lastSeq();
  setTimeout(() => { if (!document.hidden) seen = Math.max(seen, newest); }, SEEN_AFTER);
}

document.addEventListener("visibilitychange", noteSeen);
document.addEventListener("submit", ({ target, submitter }) => {
  // "Send anyway" knows of what it was asked about.
  if (target.elements.seen) target.elements.seen.value = Math.max(seen, Number(submitter?.dataset.seen ?? 0));
}, true);

// ---- A long log: more of it takes the place of a gap, and what was in sight stays where it was ----------------

let gapLeft = null; // how far from the log's end one was looking, while more comes before its beginning
body.addEventListener("htmx:beforeSwap", (event) => {
  const log = byId("log");
  if (!event.detail.target.matches(".gap")) return;
  const isStart = event.detail.target === log.firstElementChild;
  gapLeft = { fromEnd: isStart ? log.scrollHeight - log.scrollTop : null, top: log.scrollTop };
  log.setAttribute("aria-live", "off"); // two hundred old messages are not news
});
body.addEventListener("htmx:afterSettle", () => {
  if (!gapLeft) return;
  const log = byId("log");
  log.scrollTop = gapLeft.fromEnd === null ? gapLeft.top : log.scrollHeight - gapLeft.fromEnd;
  log.focus({ preventScroll: true });
  gapLeft = null;
  setTimeout(() => log.setAttribute("aria-live", "polite"), 1000);
});

// What the page fetches by itself and could not have says nothing where an agent's own step was answered, until it has
// failed several times.
const MOST_FAILURES = 3;
const failures = { log: 0, list: 0 };
body.addEventListener("htmx:beforeSwap", (event) => {
  const { isError, xhr, requestConfig: { elt } } = event.detail;
  const isTriedAgain = xhr.status >= 500 && failures[elt.id] < MOST_FAILURES;
  if (isError && (elt.id === "found" || isTriedAgain)) event.detail.shouldSwap = false;
});

body.addEventListener("htmx:configRequest", (event) => {
  if (!event.target.matches("#log, #composer")) return;
  event.detail.parameters.after = lastSeq();
  event.detail.parameters.mode = byId("foot").dataset.mode;
});

let unsent = "";
body.addEventListener("htmx:oobBeforeSwap", () => { unsent = byId("text")?.value ?? ""; });
body.addEventListener("htmx:oobAfterSwap", () => {
  if (byId("text") && !byId("text").value) byId("text").value = unsent;
});

body.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "log") {
    putInOrder();
    noteSeen();
    showTyping(false);
    if (kept) place("newest");
  }
  showTimes();
});

let sentText = "";
body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id !== "composer") return;
  byId("alerts").textContent = "";
  sentText = byId("text").value;
});

body.addEventListener("htmx:afterRequest", (event) => {
  const { elt: element, successful, xhr } = event.detail;
  const isUnreached = !successful && (xhr.status === 0 || xhr.status >= 500);
  if (element.id === "composer" && successful) clearComposer(element);
  if (element.id === "composer" && isUnreached) showUnsent();
  if (!element.matches("#log, #list")) return;
  failures[element.id] = isUnreached ? failures[element.id] + 1 : 0;
  if (isUnreached) setTimeout(() => htmx.trigger(element, "refresh"), 3000);
});

// ---- The composer -------------------------------------------------------------------------------------------

function clearComposer(form) {
  const text = form.elements.text.value;
  form.elements.text.value = text.startsWith(sentText) ? text.slice(sentText.length) : text; // typed meanwhile
  form.elements.client_id.value = newId();
  isUnsent = false;
  showLength(form.elements.text);
  isAnnounced = false;
  place("end");
}

let isUnsent = false;
function showUnsent() {
  // Sent again, it carries the same id, so that it can't arrive twice; once changed, it is another message.
  isUnsent = true;
  byId("alerts").innerHTML = `<p class="alert">${text("Not sent: the server can’t be reached. Your text is still here; send it again.")}</p>`;
}

function showLength(field) {
  const longest = Number(field.dataset.longest);
  const length = field.value.length;
  byId("length").textContent = length > longest * 0.9 ? text("%(length)s of %(longest)s", { length: number(length), longest: number(longest) }) : "";
  byId("length").classList.toggle("too-long", length > longest);
}

let isAnnounced = false;
let announcedAt = 0;
let announceEnds;
function announceTyping(form) {
  if (!form.dataset.announce) return;
  const isTyping = form.elements.text.value.trim() !== "";
  clearTimeout(announceEnds);
  if (isTyping) announceEnds = setTimeout(() => tellTyping(form, false), 6000);
  if (isTyping !== isAnnounced || (isTyping && Date.now() - announcedAt > 4000)) tellTyping(form, isTyping);
}

function tellTyping(form, isTyping) {
  if (!isTyping && !isAnnounced) return;
  isAnnounced = isTyping;
  announcedAt = Date.now();
  const { csrf_token: token, kind } = form.elements;
  const fields = new URLSearchParams({ typing: isTyping ? 1 : 0, kind: kind.value, csrf_token: token.value });
  fetch(form.dataset.announce, { method: "POST", body: fields }).catch(() => {});
}

body.addEventListener("input", (event) => {
  const form = event.target.closest("#composer");
  if (!form) return;
  if (isUnsent && event.target.id === "text") form.elements.client_id.value = newId();
  isUnsent = false;
  showLength(form.elements.text);
  announceTyping(form);
});

// ---- Keys -----------------------------------------------------------------------------------------------------

function write(kind) {
  byId(`kind-${kind}`)?.click();
  byId("text")?.focus();
}

function passOn() {
  const transfer = byId("transfer");
  if (!transfer || transfer.hidden) return;
  transfer.open = true;
  transfer.querySelector("select")?.focus();
}

const keys = {
  r: () => write("reply"),
  n: () => write("note"),
  t: () => byId("next")?.requestSubmit(),
  p: () => passOn(),
};

body.addEventListener("keydown", (event) => {
  if (event.target.id === "text") {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
      event.preventDefault();
      if (event.target.value.trim()) byId("composer").requestSubmit();
    } else if (event.key === "Escape") event.target.blur();
    return;
  }
  const isPlain = !(event.ctrlKey || event.metaKey || event.altKey || event.repeat);
  if (!isPlain || event.target.matches("input:not([type=radio]), textarea, select")) return;
  if (keys[event.key]) {
    event.preventDefault();
    keys[event.key]();
  }
});

// ---- Start ------------------------------------------------------------------------------------------------------

if (byId("text")) showLength(byId("text"));
showTimes();
keepInSight();
scrollToStart();
for (const event of ["resize", "scroll"]) window.visualViewport?.addEventListener(event, fitKeyboard);
setInterval(showTimes, 10000);
document.addEventListener("desk:shown", showTimes); // a part of the page was fetched
if (body.dataset.events) {
  // Not for those who have to turn two-factor on first; and not before htmx listens, or the first change is lost.
  if (document.readyState === "complete") connect();
  else addEventListener("DOMContentLoaded", connect, { once: true });
}
