// The team's page: fetched anew when something changes, with what was open still open, and the focus where it was.

const team = document.getElementById("team");
let isFetching = false;
let isAskedAgain = false;

async function renew() {
  if (isFetching) { isAskedAgain = true; return; }
  isFetching = true;
  try {
    const answer = await fetch(team.dataset.from, { headers: { "HX-Request": "true" }, redirect: "error" });
    if (answer.ok) show(await answer.text());
  } catch { /* the next change, or the next look, brings it */ }
  isFetching = false;
  if (isAskedAgain) { isAskedAgain = false; renew(); }
}

function show(html) {
  const open = [...team.querySelectorAll("details[open]")].map(({ id }) => id);
  const at = document.activeElement.closest?.("#team details, #team a");
  const place = at && { id: at.closest("details")?.id, href: at.getAttribute("href") };
  team.innerHTML = html;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  document.dispatchEvent(new CustomEvent("desk:shown")); // desk.js writes times in the agent's own zone
  if (!place) return;
  const details = document.getElementById(place.id);
  const link = place.href && [...(details ?? team).querySelectorAll("a")].find((each) => each.getAttribute("href") === place.href);
  (link || details?.querySelector("summary"))?.focus({ preventScroll: true });
}

document.addEventListener("desk:team", renew);
setInterval(renew, 60_000); // who has gone home is told by nothing else
