/* What the pages do beyond htmx: hold new reads back while somebody scrolls, catch up after a lost link, tick the
   clock, keys. */
"use strict";

const AT_TOP = 80; // pixels: the list counts as being at the top
const MOST_ROWS = 300; // a screen that runs all day stays light

const find = (id) => document.getElementById(id);

function catchUp() {
  for (const part of document.querySelectorAll("[data-follow]")) htmx.trigger(part, "catchup");
  if (find("list")) htmx.ajax("GET", location.href, { target: "#list", select: "#list", swap: "outerHTML" });
}

function showFresh() {
  const fresh = find("fresh");
  if (!fresh) return;
  fresh.hidden = false;
  find("news").hidden = true;
}

/* A read on its way in. One that is on the page already changes in its place; a new one waits out of sight while
   the list is not at the top, so nothing moves. */
function takeIn(event) {
  const fresh = event.target;
  if (fresh.id !== "fresh") return;
  const row = find(`read-${event.detail.lastEventId}`);
  if (row || event.detail.type === "update") {
    event.preventDefault();
    if (row) htmx.swap(row, event.detail.data, { swapStyle: "outerHTML" });
    return;
  }
  if (find("none")) find("none").hidden = true;
  find("table").hidden = false;
  if (window.scrollY <= AT_TOP) {
    showFresh();
  } else if (!fresh.hidden) {
    find("rows").prepend(...fresh.children);
    fresh.hidden = true;
  }
}

function countFresh(event) {
  const fresh = event.target;
  if (fresh.id !== "fresh") return;
  const link = find("news").querySelector("a");
  link.querySelector("b").textContent = fresh.children.length;
  find("news").hidden = !fresh.hidden;
  if (!fresh.hidden && fresh.children.length + find("rows").children.length > MOST_ROWS) catchUp();
}

let lost = false;

function linkLost() {
  lost = true;
  const notice = find("stale");
  if (notice) notice.hidden = false;
}

function linkBack() {
  if (lost) catchUp(); // whatever was committed meanwhile
  lost = false;
  const notice = find("stale");
  if (notice) notice.hidden = true;
}

function ago(seconds) {
  if (seconds < 45) return inWords("just now");
  if (seconds < 3600) return inWords("%(n)s min ago", { n: Math.max(1, Math.round(seconds / 60)) });
  if (seconds < 86400) return inWords("%(n)s h ago", { n: Math.round(seconds / 3600) });
  return inWords("%(n)s d ago", { n: Math.round(seconds / 86400) });
}

function tick() {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
    time.querySelector("[data-words]").textContent = ago(seconds);
  }
}

document.addEventListener("htmx:sseBeforeMessage", takeIn);
document.addEventListener("htmx:sseMessage", countFresh);
document.addEventListener("htmx:sseError", linkLost);
document.addEventListener("htmx:sseOpen", linkBack);
document.addEventListener("htmx:sseClose", (event) => {
  if (event.detail.type === "message") location.reload(); // the session ended: the server sends us to the login
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("#news a")) return;
  event.preventDefault();
  showFresh();
  window.scrollTo({ top: 0 });
});
document.addEventListener("scroll", () => { if (window.scrollY <= AT_TOP) showFresh(); }, { passive: true });

/* A search as you type has an address as well, the very one that the chips and the server give it. */
function keepAddress(event) {
  if (event.target.name !== "q" || !event.detail.successful) return;
  const said = new URLSearchParams([...new FormData(event.target.form)].filter(([, value]) => value.trim()));
  history.replaceState(null, "", said.size ? `/reads?${said}` : "/reads");
}

document.addEventListener("htmx:afterRequest", keepAddress);

/* Keys: / searches, j and k go down and up the list or from read to read, Enter opens, ? tells. */
function go(step) {
  const around = document.querySelector(step > 0 ? ".head a[rel=next]" : ".head a[rel=prev]");
  if (around) {
    around.click();
    return;
  }
  const links = [...document.querySelectorAll(".reads a.over")].filter((link) => link.offsetParent);
  const here = links.indexOf(document.activeElement);
  const next = links[here < 0 ? 0 : Math.min(Math.max(here + step, 0), links.length - 1)];
  if (!next) return;
  next.focus({ preventScroll: true });
  next.closest("tr").scrollIntoView({ block: "nearest" });
}

function search() {
  const box = [find("q"), find("find")].find((one) => one && one.offsetParent);
  if (!box) return;
  box.focus();
  box.select();
}

function showKeys() {
  find("keys").showModal();
}

const KEYS = { "?": showKeys, "/": search, j: () => go(1), k: () => go(-1) };

document.addEventListener("keydown", (event) => {
  const free = !event.target.closest("input, textarea, select, dialog") && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!free || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
});
/* Menus close when somebody clicks elsewhere or presses Escape. */
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
setInterval(tick, 15000);

/* As an app on the home screen it says when the box cannot be reached. */
if (window.isSecureContext && "serviceWorker" in navigator) {
  window.addEventListener("load", () => navigator.serviceWorker.register("/worker.js").catch(() => {}));
}
