// The knowledge base beside the reply box: kept to what the customer wrote last, searched, and inserted from.

import { byId, isCommand, putParagraph, say } from "../conversation/composer.js";
import { text } from "../frame/text.js";

const KEPT = "knowledge is closed";
const keep = (isClosed) => { try { localStorage.setItem(KEPT, isClosed ? "1" : ""); } catch { /* storage is blocked */ } };
const isKeptClosed = () => { try { return localStorage.getItem(KEPT) === "1"; } catch { return false; } };
const refresh = () => byId("found") && htmx.trigger(byId("found"), "refresh");
const newestAsked = () => Math.max(0, ...[...document.querySelectorAll("#log > .customer")].map((m) => Number(m.dataset.seq)));

const isPhone = matchMedia("(max-width: 760px), (max-width: 960px) and (max-height: 480px)").matches;

let asked = newestAsked();
function follow() {
  if (newestAsked() === asked) return;
  asked = newestAsked();
  if (!byId("knowledge-words")?.value) refresh(); // whoever looks for something else goes on doing so
}

function insert(button) {
  putParagraph(button.dataset.insert);
  say(text("Inserted, with a link to the article."));
}

// Said where the passages would be, and not above the conversation, where a refusal may stand.
const UNFOUND = `<li class="found-nothing">${text("The articles can’t be searched right now.")} <button class="button small" type="button" data-search-again>${text("Try again")}</button></li>`;
const showUnfound = (event) => { if (event.detail.elt.id === "found") byId("found").innerHTML = UNFOUND; };

function search() {
  if (!byId("knowledge")) return;
  byId("knowledge").open = true;
  byId("knowledge").style.display = "block"; // in little room it is there only while it is used
  byId("knowledge-words").focus();
  byId("knowledge").style.display = "";
}

function onKey(event) {
  const number = event.altKey && !event.ctrlKey && !event.metaKey && /^Digit([1-3])$/.exec(event.code)?.[1];
  const button = number && document.querySelectorAll("#found [data-insert]")[number - 1];
  if (button && button.checkVisibility() && byId("knowledge").open) {
    event.preventDefault();
    insert(button);
  } else if (event.key === "k" && isCommand(event) && byId("knowledge")) {
    event.preventDefault();
    search();
  }
}

let wait;
export function listen(body) {
  if (byId("knowledge")) byId("knowledge").open = !isKeptClosed() && !isPhone;
  body.addEventListener("keydown", onKey);
  body.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (button) insert(button);
    if (event.target.closest("[data-search-again]")) refresh();
    if (event.target.closest("#knowledge > summary")) keep(byId("knowledge").open);
  });
  body.addEventListener("input", (event) => {
    if (event.target.id !== "knowledge-words") return;
    clearTimeout(wait);
    wait = setTimeout(refresh, 250);
  });
  body.addEventListener("submit", (event) => {
    if (event.target.id !== "knowledge-search") return;
    event.preventDefault();
    refresh();
  });
  for (const failure of ["htmx:responseError", "htmx:sendError"]) body.addEventListener(failure, showUnfound);
  body.addEventListener("htmx:afterSwap", (event) => { if (event.target.id === "log") follow(); });
}
