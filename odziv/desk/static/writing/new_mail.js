// A new e-mail: who is known by what is typed is offered, and whoever is chosen brings their website and language.

const form = document.getElementById("new-mail");
const to = form?.elements.to;
const list = document.getElementById("known");
const known = new Map(); // "Anna <anna@…>" → what is known of her
let asked = "";
let timer;

async function look() {
  const words = to.value.split(",").at(-1).trim();
  if (words.length < 2 || words === asked || known.has(words)) return;
  asked = words;
  try {
    const answer = await fetch(`${form.dataset.known}?q=${encodeURIComponent(words)}`);
    if (!answer.ok || words !== asked) return;
    const found = await answer.json();
    for (const each of found) known.set(each.to, each);
    list.replaceChildren(...found.map((each) => Object.assign(document.createElement("option"), { value: each.to })));
  } catch { /* the address can be typed */ }
}

function fill() {
  const chosen = known.get(to.value.trim());
  if (!chosen) return;
  if (!form.elements.name.value) form.elements.name.value = chosen.name ?? "";
  for (const field of ["site", "language"]) {
    const { options } = form.elements[field];
    if ([...(options ?? [])].some(({ value }) => value === chosen[field])) form.elements[field].value = chosen[field];
  }
}

to?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(look, 200);
  fill();
});

form?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("[value=send]"));
});
