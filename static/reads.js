/* Reads by keyboard: e corrects, x picks; picked reads are counted; the address follows what is on the screen. */
"use strict";

const picks = () => [...document.querySelectorAll(".pick input")];

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

function pick() {
  const row = document.activeElement.closest("tr.go");
  const box = row && row.querySelector(".pick input");
  if (box) box.click();
}

function count() {
  const shown = document.querySelector("#picks [data-count]");
  if (shown) shown.textContent = picks().filter((one) => one.checked).length;
}

/* Shift and a click pick all between. */
let last = null;

function pickUpTo(event) {
  const box = event.target.closest(".pick input");
  if (!box) return;
  const all = picks();
  if (event.shiftKey && last && all.includes(last)) {
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    for (const one of all.slice(from, to + 1)) one.checked = box.checked;
  }
  last = box;
  count();
}

/* Older reads have come in below: remember where they began, so that the address can lead back to them. */
function markPart(event) {
  const body = document.getElementById("rows");
  const asked = event.detail.pathInfo && event.detail.pathInfo.requestPath;
  if (!body || event.detail.target !== body || !asked) return;
  const first = body.children[Number(body.dataset.before)];
  if (first) first.dataset.address = asked;
}

let waiting = false;

function followAddress() {
  waiting = false;
  const body = document.getElementById("rows");
  if (!body || !body.dataset.address) return;
  const above = [...body.querySelectorAll("tr[data-address]")].filter((row) => row.getBoundingClientRect().top < innerHeight / 2);
  const address = (above.pop() || body).dataset.address;
  if (address !== location.pathname + location.search) history.replaceState(null, "", address);
}

document.addEventListener("keydown", (event) => {
  const free = !event.target.closest("input:not([type=checkbox]), textarea, select, dialog") && !event.ctrlKey && !event.metaKey && !event.altKey;
  const deed = { e: edit, x: pick }[event.key];
  if (!free || !deed) return;
  event.preventDefault();
  deed();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
  pickUpTo(event);
});
document.addEventListener("change", count);
document.addEventListener("reset", () => setTimeout(count));
document.addEventListener("htmx:beforeSwap", (event) => {
  const body = document.getElementById("rows");
  if (body && event.detail.target === body) body.dataset.before = body.children.length;
});
document.addEventListener("htmx:afterSwap", markPart);
document.addEventListener("scroll", () => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(followAddress);
}, { passive: true });

count();
if (location.hash === "#fix") edit();
