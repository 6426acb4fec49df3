// The dialog of "Merge into this one…". By delegation: the panel around it is replaced when the customer's facts change.

document.body.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  else if (event.target.matches("dialog.merge")) event.target.close(); // beside it
});
