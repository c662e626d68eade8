/* The queue by keyboard: Enter accepts, with Shift it skips, with Ctrl there is no plate, with Alt nobody can read it. */
"use strict";

function answer(event) {
  if (event.key !== "Enter" || event.target.id !== "text") return;
  const key = event.shiftKey ? "#skip" : event.ctrlKey || event.metaKey ? "[data-key=ctrl]" : event.altKey ? "[data-key=alt]" : "";
  if (!key) return;
  event.preventDefault();
  document.querySelector(`#answer ${key}`).click();
}

function take(event) {
  const candidate = event.target.closest("[data-text]");
  const field = document.getElementById("text");
  if (!candidate || !field) return;
  field.value = candidate.dataset.text;
  field.focus();
}

function begin() {
  const field = document.getElementById("text");
  if (!field) return;
  field.focus();
  field.select();
}

/* What is typed replaces the suggestion from the very moment that the field has the focus. */
function choose(event) {
  if (event.target.id === "text") event.target.select();
}

document.addEventListener("focusin", choose);
document.addEventListener("keydown", answer);
document.addEventListener("click", take);
document.addEventListener("htmx:afterSettle", (event) => { if (event.target.id === "review" || event.target.querySelector("#review")) begin(); });
begin();
