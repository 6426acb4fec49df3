// Macros beside Send: the list, what one would do, and running it, without leaving what is being written.

import { box, byId } from "../conversation/composer.js";
import { text } from "../frame/text.js";

const panel = () => byId("macros-panel");
const button = () => byId("macros-button");
const isOpen = () => panel()?.classList.contains("is-open");

function open() {
  panel().classList.add("is-open");
  panel().classList.remove("is-shown");
  button().setAttribute("aria-expanded", "true");
  byId("macro-shown").replaceChildren();
  panel().querySelector("a")?.focus();
}

function close() {
  panel().classList.remove("is-open", "is-shown");
  button().setAttribute("aria-expanded", "false");
  byId("macro-shown").replaceChildren();
}

function show(html) {
  byId("macro-shown").innerHTML = html;
  panel().classList.add("is-open", "is-shown");
  button().setAttribute("aria-expanded", "true");
  (panel().querySelector(".macro-run .primary") ?? panel().querySelector(".macro-back") ?? panel()).focus();
}

const BACK = `<p class="row"><a class="button macro-back" href="">${text("Back")}</a></p>`;

async function fetchPart(address, options = {}) {
  try {
    const answer = await fetch(address, { ...options, headers: { "HX-Request": "true" }, redirect: "error" });
    return { isOk: answer.ok, html: await answer.text() };
  } catch {
    return { isOk: false, html: `<p class="alert" role="alert">${text("The server can’t be reached. Nothing was done.")}</p>` };
  }
}

async function preview(link) {
  const { isOk, html } = await fetchPart(link.href);
  show(isOk ? html : html + BACK); // the server's own words, as it wrote them
}

async function run(form) {
  const submit = form.querySelector("button");
  submit.disabled = true;
  const { isOk, html } = await fetchPart(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (!isOk) {
    submit.disabled = false;
    const problem = new DOMParser().parseFromString(html, "text/html").querySelector(".alert");
    form.parentElement.querySelector(".alert")?.remove();
    if (problem) form.before(problem);
    return;
  }
  close();
  box()?.focus();
  htmx.trigger(byId("log"), "refresh");
}

document.body.addEventListener("click", (event) => {
  const target = event.target.closest("#macros-button, .macros-panel .macro-link, .macros-panel .macro-back");
  if (!target || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (target.matches(".macro-link")) preview(target);
  else if (target.matches("#macros-button") && isOpen()) { close(); target.focus(); } else open();
});
document.body.addEventListener("submit", (event) => {
  if (!event.target.matches(".macros-panel .macro-run")) return;
  event.preventDefault();
  run(event.target);
});
document.body.addEventListener("keydown", (event) => {
  if (event.key === " " && event.target.id === "macros-button") { // it says that it is a button
    event.preventDefault();
    event.target.click();
  }
  if (!isOpen() || !panel().contains(event.target)) return;
  const links = [...panel().querySelectorAll(".macro-link")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const at = links.indexOf(document.activeElement);
  if (step && at >= 0) {
    event.preventDefault();
    links[(at + step + links.length) % links.length].focus();
  } else if (event.key === "Escape") {
    event.stopPropagation();
    close();
    button().focus();
  }
});
