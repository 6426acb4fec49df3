// Forwarding: each message of the conversation can be taken out of what is passed on, and put back where it was; its
// files go and come with it. What the agent has written into that text stays.

const text = document.getElementById("passed-on");
const files = document.getElementById("files");
const ticks = [...document.querySelectorAll("[data-part]")];

function put(tick) {
  const before = ticks.slice(0, ticks.indexOf(tick)).reverse().find((each) => each.checked && text.value.includes(each.dataset.part));
  const place = before ? text.value.indexOf(before.dataset.part) + before.dataset.part.length : 0;
  const [above, below] = [text.value.slice(0, place), text.value.slice(place).replace(/^\n+/, "")];
  text.value = [above, tick.dataset.part, below].filter(Boolean).join("\n\n");
}

function takeOut(tick) {
  const place = text.value.indexOf(tick.dataset.part);
  if (place < 0) return; // it was written anew by hand
  const above = text.value.slice(0, place).replace(/\n+$/, "");
  const below = text.value.slice(place + tick.dataset.part.length).replace(/^\n+/, "");
  text.value = [above, below].filter(Boolean).join("\n\n");
}

function follow(tick) {
  for (const file of document.querySelectorAll(`[data-of="${tick.value}"]`)) {
    file.closest("label").hidden = !tick.checked;
    if (!tick.checked) file.checked = false;
  }
  if (files) files.hidden = [...files.querySelectorAll("label")].every((label) => label.hidden);
}

function change(tick, isTicked) {
  if (tick.checked !== isTicked) tick.checked = isTicked;
  if (isTicked) put(tick); else takeOut(tick);
  follow(tick);
}

for (const tick of ticks) {
  tick.addEventListener("change", () => change(tick, tick.checked));
  follow(tick);
}
for (const button of document.querySelectorAll("[data-tick]")) {
  const isTicked = button.dataset.tick === "all";
  button.addEventListener("click", () => ticks.filter((tick) => tick.checked !== isTicked).forEach((tick) => change(tick, isTicked)));
}
const chooser = document.getElementById("said");
if (chooser) chooser.hidden = false; // without this script, the text itself is there to be shortened
