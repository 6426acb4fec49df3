// The customer's panel stays as open as it was, keeps what is being typed, and lets the customer's clock go on.

import { isCommand } from "./composer.js";
import { locale } from "../frame/text.js";

const KEY = "customer panel";
const panel = () => document.getElementById("customer");
const remember = (state) => { try { localStorage.setItem(KEY, state); } catch { /* storage is blocked */ } };
const remembered = () => { try { return localStorage.getItem(KEY); } catch { return null; } };

const isWide = matchMedia("(min-width: 1400px)").matches;
const hasRoom = matchMedia("(min-width: 1180px)").matches;
if (hasRoom && (remembered() ?? (isWide ? "open" : "")) === "open") panel().open = true;

// Pressed by a person; `toggle` would also tell of our own openings. The key is the click's too.
document.body.addEventListener("click", (event) => {
  if (hasRoom && event.target.closest("#customer > summary")) remember(panel().open ? "closed" : "open");
});

const isChanged = (field) => field.matches("select")
  ? [...field.options].some((option) => option.selected !== option.defaultSelected) && field.selectedIndex > 0
  : field.value !== field.defaultValue;
const isEditing = () =>
  [...document.querySelectorAll("#contact-form input:not([type=hidden]), #address-form input:not([type=hidden]), #fields-form :is(input:not([type=hidden]), select)")].some(isChanged);

document.body.addEventListener("htmx:configRequest", (event) => {
  if (event.target.matches("#log, #composer")) {
    event.detail.parameters.case = document.getElementById("case").dataset.mark;
    event.detail.parameters.contact = isEditing() ? "editing" : panel().dataset.mark;
  }
});

let wasOpen = false;
const note = (event) => { if (event.detail.target.id === "customer") wasOpen = panel().open; };
const restore = () => { if (wasOpen) panel().open = true; };
document.body.addEventListener("htmx:oobBeforeSwap", note);
document.body.addEventListener("htmx:beforeSwap", note);
document.body.addEventListener("htmx:oobAfterSwap", restore);
document.body.addEventListener("htmx:afterSwap", restore);

const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
const fillZones = () => document.querySelectorAll("[data-zone-here]").forEach((field) => { field.value = here; });
document.body.addEventListener("htmx:oobAfterSwap", fillZones);
fillZones();

function tellTime() {
  for (const clock of document.querySelectorAll("[data-zone]")) {
    const options = { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: clock.dataset.zone };
    try {
      clock.textContent = new Intl.DateTimeFormat(locale, options).format(new Date());
    } catch { /* a zone the server knows and this browser doesn't: the server's time stays */ }
  }
}
setInterval(tellTime, 20000);
tellTime();

// C shows or hides the customer, L the labels, M the macros; S snoozes.
document.body.addEventListener("keydown", (event) => {
  if (!isCommand(event)) return;
  const summary = document.querySelector({ c: "#customer > summary", l: "#labels > summary", m: "#macros-button", s: "#snooze > summary" }[event.key] ?? "#no-key");
  if (!summary) return;
  event.preventDefault();
  summary.click();
  if (event.key !== "m") summary.focus(); // the list of macros takes the focus itself
});
