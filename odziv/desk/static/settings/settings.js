/** The preview beside a site's form: the chat itself, with what is typed and not saved yet. */

const form = document.querySelector("form[data-preview]");
const frame = document.getElementById("preview");
const PAUSE_MS = 400;
let waiting = 0;

function address() {
  const found = new URL(form.dataset.preview, location.href);
  for (const name of ["name", "color", "theme", "position"]) {
    const field = [...form.elements].find((each) => each.id.endsWith(`-${name}`));
    if (field) found.searchParams.set(name, field.value.trim());
  }
  return found.href;
}

function refresh() {
  const wanted = address();
  if (frame.src !== wanted) frame.src = wanted;
}

if (form && frame) {
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(refresh, PAUSE_MS);
  });
}
