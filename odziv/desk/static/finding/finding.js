// All conversations: what is found appears while one types or chooses, and the address says what is shown.

import { texts } from "../frame/text.js";

const form = document.getElementById("find");
const found = document.getElementById("found");
const words = document.getElementById("found-words");
const WAIT = 180; // ms after a letter, in which the next one mostly comes

let waiting, request;

/** The address of what the form says, without what is empty. */
function address() {
  const filled = [...new FormData(form)].filter(([name, value]) => value && !(name === "order" && value === "activity"));
  return `${form.action}?${new URLSearchParams(filled)}`;
}

async function show() {
  request?.abort();
  request = new AbortController();
  const wanted = address();
  found.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(wanted, { headers: { "HX-Request": "true" }, signal: request.signal, redirect: "manual" });
    if (answer.type === "opaqueredirect") return location.reload(); // signed out
    if (!answer.ok) throw new Error(answer.status);
    replace(await answer.text());
    history.replaceState(null, "", wanted);
    document.getElementById("view-filters").value = new URL(wanted).search.slice(1);
    for (const link of document.querySelectorAll(".states a")) keepWords(link);
    document.dispatchEvent(new CustomEvent("desk:shown"));
    found.setAttribute("aria-busy", "false");
    showChosen();
  } catch (error) {
    if (error.name !== "AbortError") form.submit(); // whatever it was: the whole page says so
  }
}

/** What was found takes the old list's place; what was chosen meanwhile stays chosen, unless it has gone on since. */
function replace(html) {
  const chosen = new Set(boxes().filter((box) => box.checked).map((box) => box.value));
  const focused = found.contains(document.activeElement) ? document.activeElement : null;
  found.innerHTML = html;
  for (const box of boxes()) box.checked = chosen.has(box.value);
  if (!focused) return;
  const isSame = (control) => control.name === focused.name && control.value === focused.value && control.href === focused.href;
  ([...found.querySelectorAll("a, button, input, select")].find(isSame) ?? words).focus({ preventScroll: true });
}

/** A link to another state goes on with what was typed meanwhile. */
function keepWords(link) {
  const to = new URL(link.href);
  const now = new URL(address()).searchParams;
  const state = to.searchParams.get("state");
  now.delete("state");
  if (state) now.append("state", state);
  to.search = now;
  link.href = to;
}

form.addEventListener("input", (event) => {
  clearTimeout(waiting);
  waiting = setTimeout(show, event.target === words || event.target.type === "text" ? WAIT : 0);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(waiting);
  show();
});
words.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown") return;
  event.preventDefault();
  found.querySelector(".found-link")?.focus();
});
found.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const links = [...found.querySelectorAll(".found-link")];
  const at = links.indexOf(document.activeElement);
  if (!step || at < 0) return;
  event.preventDefault();
  (links[at + step] ?? (step < 0 ? words : links[at])).focus();
});

// ---- Several at once ----------------------------------------------------------------------------------------------

const boxes = () => [...found.querySelectorAll("[name=chosen]")];

/** How many are chosen, beside the box that chooses them all. */
function showChosen() {
  const all = document.getElementById("choose-all");
  if (!all) return;
  const chosen = boxes().filter((box) => box.checked).length;
  all.checked = chosen > 0 && chosen === boxes().length;
  all.indeterminate = chosen > 0 && !all.checked;
  all.parentElement.hidden = false;
  document.getElementById("chosen-count").textContent = chosen ? texts("%(num)s chosen", "%(num)s chosen", chosen) : "";
}

found.addEventListener("change", ({ target }) => {
  if (target.id === "choose-all") for (const box of boxes()) box.checked = target.checked;
  showChosen();
});
showChosen();
