// Pages without a conversation: times in the agent's own zone, and links that are copied.

for (const time of document.querySelectorAll("time[data-clock]")) {
  const moment = new Date(time.dateTime);
  time.title = moment.toLocaleString();
  time.textContent = moment.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  field.select();
  if (!navigator.clipboard) continue; // without https there is none; the field is selected
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value);
    button.textContent = "Copied";
  });
}
