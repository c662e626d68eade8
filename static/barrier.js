/* Opening a barrier: the button, or the key o, is held for a second. A short press opens nothing. */
"use strict";

const HOLD = 1000; // milliseconds, as long as the button takes to fill
const SHOWN = 6000;

let holding = null; // { form, timer }

function begin(form) {
  if (holding || form.dataset.busy) return;
  const button = form.querySelector("button");
  button.classList.add("holding");
  holding = { form, timer: setTimeout(() => { finish(); send(form); }, HOLD) };
}

function finish() {
  if (!holding) return;
  clearTimeout(holding.timer);
  holding.form.querySelector("button").classList.remove("holding");
  holding = null;
}

function say(form, words) {
  const outcome = form.querySelector(".outcome");
  outcome.textContent = words;
  clearTimeout(form.fading);
  form.fading = setTimeout(() => { outcome.textContent = ""; }, SHOWN);
}

async function send(form) {
  form.dataset.busy = "yes";
  say(form, inWords("Opening …"));
  const body = new URLSearchParams(new FormData(form));
  body.set("csrf", form.dataset.csrf);
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
    say(form, answer.ok ? (await answer.text()).trim() : inWords("Refused: reload the page and try again"));
  } catch {
    say(form, inWords("No answer: it may have opened, look before you try again"));
  } finally {
    delete form.dataset.busy;
  }
}

const formOf = (event) => event.target.closest("[data-open]");
const isPress = (key) => key === "Enter" || key === " ";

document.addEventListener("pointerdown", (event) => {
  if (event.target.closest("[data-open] button") && event.button === 0) begin(formOf(event));
});
for (const end of ["pointerup", "pointercancel", "blur"]) window.addEventListener(end, finish);
document.addEventListener("pointerout", (event) => { if (event.target.closest("[data-open] button")) finish(); });
document.addEventListener("contextmenu", (event) => { if (formOf(event)) event.preventDefault(); });
document.addEventListener("submit", (event) => {
  if (!formOf(event)) return;
  event.preventDefault();
  say(formOf(event), inWords("Hold the button for a second"));
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
  const own = event.target.closest("[data-open] button") && isPress(event.key);
  const first = event.key === "o" ? [...document.querySelectorAll("[data-open]")].find((one) => one.offsetParent) : null;
  const form = own ? formOf(event) : first;
  if (!form) return;
  event.preventDefault();
  if (!event.repeat) begin(form);
});
document.addEventListener("keyup", (event) => { if (event.key === "o" || isPress(event.key)) finish(); });

/* With script the button says that it is held. */
function nameHolding() {
  for (const words of document.querySelectorAll("[data-open] [data-words]:not([data-held])")) {
    words.dataset.held = "";
    words.textContent = inWords("Hold to open %(name)s", { name: words.dataset.words });
  }
}

document.addEventListener("htmx:afterSettle", nameHolding);
nameHolding();
