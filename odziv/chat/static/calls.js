/* The page that shows each call of the widget's script API. The starter comes first, as on any page. */

window.odziv = window.odziv || function () { (window.odziv.q = window.odziv.q || []).push(arguments); };

const EVENTS = ["ready", "opened", "closed", "message", "handoff", "resolved", "error"];

function note(text) {
  const line = document.createElement("p");
  const time = document.createElement("time");
  time.textContent = new Date().toLocaleTimeString("en-GB");
  line.append(time, ` ${text}`);
  document.querySelector("#log").prepend(line);
}

function listen() {
  const ends = EVENTS.map((event) => window.odziv("on", event, (detail) => note(`${event} ${detail === undefined ? "" : JSON.stringify(detail)}`)));
  return () => ends.forEach((end) => end && end());
}

/** What stands in the button's data-call, which is a list of JSON values. */
function make(code) {
  note(`odziv(${code})`);
  window.odziv(...JSON.parse(`[${code}]`));
}

// The widget's script is async: it may be there before this, or after. Listeners kept by the starter return nothing yet.
document.addEventListener("DOMContentLoaded", () => {
  const whenReady = () => (window.odziv.q ? setTimeout(whenReady, 50) : begin());
  whenReady();
});

function begin() {
  let stop = listen();
  note("the script is here");
  document.querySelectorAll("[data-call]").forEach((button) => button.addEventListener("click", () => make(button.dataset.call)));
  document.querySelector("#clear").addEventListener("click", () => document.querySelector("#log").replaceChildren());
  document.querySelector("#stop").addEventListener("click", (event) => {
    if (stop) stop();
    stop = stop ? null : listen();
    event.target.textContent = stop ? "Stop listening" : "Listen again";
  });
}
