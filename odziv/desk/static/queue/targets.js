// A target comes closer with time: the words and colours of each one count on, as _due.html has them.

import { text } from "../frame/text.js";

const clockOffset = Number(document.body.dataset.now) - Date.now();
const words = { calm: text("Answer due by"), soon: text("Due soon, by"), missed: text("Overdue, was due") };

function showTargets() {
  const now = Date.now() + clockOffset;
  for (const target of document.querySelectorAll(".target[data-due]")) {
    const { due, soon, level } = target.dataset;
    const next = now >= Number(due) ? "missed" : now >= Number(soon) ? "soon" : "calm";
    if (next === level) continue;
    target.dataset.level = next;
    target.querySelector(".target-word").textContent = words[next];
  }
}

showTargets();
setInterval(showTargets, 10000);
