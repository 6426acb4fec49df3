// A long list shows its beginning; "Show more" adds to it, and the keyboard goes on at the first that came.

let from = 0;

document.body.addEventListener("htmx:beforeRequest", (event) => {
  from = event.detail.elt.id === "more" ? Number(event.detail.elt.dataset.from) : 0;
});

document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "list" || !from) return;
  document.querySelectorAll("#list .card-link")[from]?.focus();
  from = 0;
});
