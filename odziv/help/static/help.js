// The help centre: suggestions while typing, and feedback without leaving the page. Both work without this script too.

const WAIT = 120; // ms after the last key
const LEAST = 2; // characters

for (const form of document.querySelectorAll("form[data-search]")) suggest(form);
for (const section of document.querySelectorAll("[data-feedback]")) listen(section);

/* A combobox (ARIA 1.2): the field keeps the focus, arrows choose, Enter opens, Escape closes. */
function suggest(form) {
  const field = form.querySelector("input");
  const status = form.querySelector("[role=status]");
  const list = document.createElement("ul");
  let hits = [], chosen = -1, timer = 0, asked = 0;
  list.className = "suggestions";
  list.id = `${field.id}-suggestions`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.labels[0].textContent);
  list.hidden = true;
  form.append(list);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" })) {
    field.setAttribute(name, value);
  }

  const close = () => {
    list.hidden = true;
    chosen = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };

  const choose = (number) => {
    chosen = number;
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === number)));
    if (number < 0) field.removeAttribute("aria-activedescendant");
    else field.setAttribute("aria-activedescendant", list.children[number].id);
  };

  const show = (query) => {
    list.replaceChildren(...hits.map((hit, at) => {
      const item = document.createElement("li");
      const title = document.createElement("b"), snippet = document.createElement("small");
      item.id = `${list.id}-${at}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.lang = hit.language;
      title.textContent = hit.title;
      snippet.textContent = hit.snippet;
      item.append(title, snippet);
      item.addEventListener("mousedown", (event) => event.preventDefault());
      item.addEventListener("click", () => location.assign(own(hit.url)));
      return item;
    }));
    list.hidden = !hits.length;
    chosen = -1;
    field.removeAttribute("aria-activedescendant");
    field.setAttribute("aria-expanded", String(!list.hidden));
    status.textContent = hits.length ? form.dataset.hint.replace("{n}", hits.length) : form.dataset.none.replace("{q}", query);
  };

  const ask = async () => {
    const query = field.value.trim(), number = ++asked;
    if (query.length < LEAST) return close();
    try {
      const answer = await fetch(`${form.dataset.search}&q=${encodeURIComponent(query)}`);
      if (!answer.ok) return;
      const found = (await answer.json()).articles;
      if (number !== asked || document.activeElement !== field) return; // a later one is on its way
      hits = found;
      show(query);
    } catch { close(); } // no network: Enter still asks the server
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  field.addEventListener("blur", () => { asked += 1; close(); });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) { event.preventDefault(); close(); }
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1, all = hits.length + 1; // one place is the field itself
      choose(((chosen + 1 + step + all) % all) - 1);
    }
    if (event.key === "Enter" && chosen >= 0) { event.preventDefault(); location.assign(own(hits[chosen].url)); }
  });
}

/* Addresses come with the public name of the server; here we may be under another. */
function own(url) {
  return new URL(url, location.href).pathname;
}

function listen(section) {
  const { dataset } = section;
  const [verdict, why] = section.querySelectorAll("form");
  const said = section.querySelector(".said");
  const send = async (body) => {
    try {
      const answer = await fetch(dataset.feedback, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ ...body, site: dataset.site }),
      });
      said.textContent = answer.status === 429 ? dataset.often : answer.ok ? "" : dataset.failed;
      return answer.ok;
    } catch {
      said.textContent = dataset.failed;
      return false;
    }
  };
  verdict.addEventListener("submit", async (event) => {
    event.preventDefault();
    const helpful = event.submitter.value === "yes";
    if (!(await send({ helpful }))) return;
    verdict.hidden = true;
    said.textContent = helpful ? dataset.thanks : dataset.thanksNo;
    if (helpful) return;
    why.hidden = false;
    why.querySelector("input[type=radio]").focus();
  });
  why.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = new FormData(why);
    const body = { helpful: false };
    if (given.get("reason")) body.reason = given.get("reason");
    if (given.get("words").trim()) body.words = given.get("words").trim();
    if ((body.reason || body.words) && !(await send(body))) return;
    why.hidden = true;
    said.textContent = dataset.sent;
  });
}
