/* Reads by keyboard: e goes to the text, or opens the read that has the focus. */
"use strict";

function edit() {
  const field = document.getElementById("fix");
  if (field) {
    field.focus();
    field.select();
    return;
  }
  const link = document.activeElement.closest(".reads a.over");
  if (link) location.href = `${link.href}#fix`;
}

document.addEventListener("keydown", (event) => {
  const free = !event.target.closest("input, textarea, select, dialog") && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!free || event.key !== "e") return;
  event.preventDefault();
  edit();
});

if (location.hash === "#fix") edit();
