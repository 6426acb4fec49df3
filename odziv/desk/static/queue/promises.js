// What is promised changes with time: the words and colours of each promise count on, as _due.html has them.

const clockOffset = Number(document.body.dataset.now) - Date.now();
const words = { calm: "Answer due by", soon: "Due soon, by", missed: "Overdue, was due" };

function showPromises() {
  const now = Date.now() + clockOffset;
  for (const promise of document.querySelectorAll(".promise[data-due]")) {
    const { due, soon, level } = promise.dataset;
    const next = now >= Number(due) ? "missed" : now >= Number(soon) ? "soon" : "calm";
    if (next === level) continue;
    promise.dataset.level = next;
    promise.querySelector(".promise-word").textContent = words[next];
  }
}

showPromises();
setInterval(showPromises, 10000);
