/* The gate: the newest vehicle is shown by itself, except while somebody types, decides or holds the screen; what comes
   meanwhile waits. The link to the server is made anew for ever: a kiosk outlives restarts. */

const PARTS = ["gate-state", "decision", "waiting", "earlier"];
const PICTURES = 120; // milliseconds that a new picture may take before it is shown bit by bit
const RETRY = 2000;
const STEP = 4000; // who came while somebody was busy is shown one after the other
const CALM = 45000; // with nobody at the keys, an earlier vehicle gives way to the newest
const EVERY = 60000;
const SPEECH = "alpr-speech";
const TONES = { denied: [440, 330, 440, 330], watch: [660, 550], unknown: [550], unread: [550, 550], allowed: [990] };

const view = document.getElementById("gate-view");
const asking = document.getElementById("ask");
const part = (id) => document.getElementById(id);
const heard = new Map(); // read id: the verdict that was last sounded

let held = false; // by the button
let touched = 0; // when somebody last did something
let browsing = false; // somebody looks at earlier vehicles
let link = null;

const shownRead = () => part("decision").dataset.read || "";
const follows = () => "follows" in part("decision").dataset;

function busy() {
  const typing = document.activeElement.closest("input, textarea, select") !== null;
  const deciding = document.querySelector("dialog[open], details.menu[open], [data-open] .holding, [data-open][data-busy]");
  return held || typing || deciding !== null;
}

function addressOf(read) {
  const said = new URLSearchParams();
  if (read) said.set("read", read);
  if ("kiosk" in view.dataset) said.set("kiosk", "1");
  return `${view.dataset.url}${said.size ? `?${said}` : ""}`;
}

/* A picture is there before it is shown, so that nothing flickers, but nobody waits for it. */
function pictures(made) {
  const loads = [...made.querySelectorAll("#decision img")].map((image) => {
    const early = new Image();
    early.src = image.getAttribute("src");
    return early.decode();
  });
  return Promise.race([Promise.allSettled(loads), new Promise((done) => setTimeout(done, PICTURES))]);
}

function put(made, { keep }) {
  for (const id of PARTS) {
    const fresh = made.getElementById(id);
    const old = part(id);
    if (!fresh || !old || (keep && id === "decision")) continue;
    if (id === "waiting" && !keep) continue; // stands within the decision
    old.replaceWith(document.importNode(fresh, true));
  }
  document.dispatchEvent(new CustomEvent("htmx:afterSettle"));
}

let turn = 0;

/* Load the screen of a read, the newest when none is named; `keep` leaves the vehicle that is shown, and so does
   somebody who has begun to do something meanwhile, unless it was asked for by hand. */
async function load(read, { keep = false, asked = false } = {}) {
  const mine = ++turn;
  const answer = await fetch(addressOf(read), { headers: { "HX-Request": "true" }, cache: "no-store" });
  if (answer.status === 401 || answer.redirected) { location.reload(); return; }
  if (!answer.ok) throw new Error(`refused (${answer.status})`);
  await show(await answer.text(), mine, { keep, asked });
}

async function show(screen, mine, { keep = false, asked = false } = {}) {
  const made = new DOMParser().parseFromString(screen, "text/html");
  if (!keep) await pictures(made);
  if (mine !== turn) return; // something newer is on its way
  const other = made.getElementById("decision").dataset.read !== shownRead();
  put(made, { keep: keep || (!asked && other && busy()) });
}

/* The newest screen came with the news; whoever looks at another vehicle, or is busy, learns only of what waits. */
function goOnWith(screen) {
  if (busy() || !follows()) goOn();
  else show(screen, ++turn);
}

async function goOn() {
  const stays = busy() || !follows();
  try {
    await load(stays ? shownRead() : "", { keep: busy() });
  } catch {
    lost();
  }
}

async function go(read) {
  touched = Date.now();
  try {
    await load(read, { asked: true });
    history.replaceState(null, "", follows() ? addressOf("") : addressOf(shownRead()));
  } catch {
    location.href = addressOf(read);
  }
}

function lost() {
  part("stale").hidden = false;
}

/* What is heard: once for each read, and once more when its verdict has changed. */
function sound(said) {
  if (!said.verdict || heard.get(said.id) === said.verdict) return;
  heard.set(said.id, said.verdict);
  if (heard.size > 50) heard.delete(heard.keys().next().value);
  part("heard").textContent = said.words;
  if (isOn()) ring(TONES[said.verdict] || []);
  if (localStorage.getItem(SPEECH) !== "on" || !("speechSynthesis" in window)) return;
  const words = new SpeechSynthesisUtterance(said.words);
  words.lang = document.documentElement.lang;
  speechSynthesis.cancel();
  speechSynthesis.speak(words);
}

function connect() {
  link = new EventSource(`${view.dataset.url}/events${"kiosk" in view.dataset ? "?kiosk=1" : ""}`);
  link.addEventListener("hello", (event) => {
    part("stale").hidden = true;
    if (event.data !== view.dataset.version && !busy()) { location.reload(); return; } // the box was updated
    goOn().then(() => { view.dataset.live = ""; });
  });
  link.addEventListener("read", (event) => {
    const said = JSON.parse(event.data);
    sound(said);
    goOnWith(said.screen);
  });
  link.addEventListener("bye", () => location.reload());
  link.addEventListener("error", () => {
    lost();
    if (link.readyState !== EventSource.CLOSED) return; // it tries again by itself
    setTimeout(connect, RETRY);
  });
}

/* Forms come into the dialog and stay there until they are right. */
async function ask(href) {
  const answer = await fetch(href, { headers: { "HX-Request": "true" } });
  if (!answer.ok) { location.href = href; return; }
  asking.innerHTML = await answer.text();
  asking.showModal();
  const first = asking.querySelector("[autofocus]");
  if (first) { first.focus(); if (first.select) first.select(); }
}

async function send(event) {
  event.preventDefault();
  const form = event.target;
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const button = event.submitter;
  if (button) button.disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
    if (answer.status === 401) { location.reload(); return; }
    asking.innerHTML = await answer.text();
  } catch {
    if (button) button.disabled = false;
    lost();
    return;
  }
  const done = asking.querySelector("[data-done]");
  if (!done) { const bad = asking.querySelector("[aria-invalid]"); if (bad) bad.focus(); return; }
  part("said").querySelector("span").textContent = done.textContent;
  part("said").hidden = false;
  setTimeout(() => { part("said").hidden = true; }, 8000);
  asking.close();
}

asking.addEventListener("submit", send);
asking.addEventListener("click", (event) => {
  if (event.target === asking || event.target.closest("[data-close]")) { event.preventDefault(); asking.close(); }
});
asking.addEventListener("close", () => { asking.replaceChildren(); touched = Date.now(); load(shownRead()).catch(lost); });

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const goes = event.target.closest("a[data-go]");
  if (goes) browsing = goes.closest("#earlier") !== null;
  const asks = event.target.closest("a[data-ask]");
  if (goes) { event.preventDefault(); go(new URL(goes.href).searchParams.get("read")); }
  if (asks) { event.preventDefault(); ask(asks.href); }
  if (event.target.closest("#hold-here")) hold();
  if (event.target.closest("#speech")) speak();
});

function hold() {
  held = !held;
  part("hold-here").setAttribute("aria-pressed", held);
  if (!held) goOn();
}

function speak() {
  localStorage.setItem(SPEECH, localStorage.getItem(SPEECH) === "on" ? "off" : "on");
  showSpeech();
}

function showSpeech() {
  part("speech").hidden = !("speechSynthesis" in window);
  part("speech").setAttribute("aria-pressed", localStorage.getItem(SPEECH) === "on");
}

function press(selector) {
  const found = document.querySelector(selector);
  if (found) found.click();
}

const GATE_KEYS = {
  e: () => press("#decision a[data-key=e]"),
  v: () => press("#decision a[data-key=v]"),
  m: () => press("#decision a[data-key=m]"),
  n: () => press("#waiting a[data-go=next]"),
  k: () => press("#waiting a[data-go=next]"),
  j: () => press("#earlier a"),
  h: hold,
};

document.addEventListener("keydown", (event) => {
  touched = Date.now();
  if (event.target.closest("input, textarea, select, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!GATE_KEYS[event.key]) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  GATE_KEYS[event.key]();
});
document.addEventListener("pointerdown", () => { touched = Date.now(); });

function clock() {
  part("clock").textContent = new Date().toLocaleTimeString(document.documentElement.lang, { hour12: false, timeZone: view.dataset.zone });
}

/* Nothing waits for ever: once nobody is busy any more the next one is shown, and after a while the newest. */
function step() {
  if (busy()) touched = Date.now();
  if (busy() || follows() || Date.now() - touched < (browsing ? CALM : STEP)) return;
  const next = document.querySelector("#waiting a[data-go=next]");
  go(next && !browsing ? new URL(next.href).searchParams.get("read") : "");
  browsing = false;
}

setInterval(goOn, EVERY);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  goOn();
  stayAwake();
});

/* A kiosk's screen does not go dark, where the browser lets a page say so. */
function stayAwake() {
  if ("kiosk" in view.dataset && navigator.wakeLock) navigator.wakeLock.request("screen").catch(() => {});
}

part("hold-here").hidden = false;
part("clock").hidden = false;
clock();
setInterval(() => { clock(); step(); }, 1000);
showSpeech();
stayAwake();
connect();
