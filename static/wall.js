/* Live pictures: each figure[data-live] asks for its newest picture while it is in sight, and only then. */
"use strict";

const FASTEST = 1000 / 6; // the server makes no more than six a second
const ALL_TOGETHER = 1000 / 18; // a wall of many asks less often for each
const PATIENCE = 8000;

const inSight = new WeakSet();
const sight = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting) inSight.add(entry.target);
    else inSight.delete(entry.target);
  }
}, { rootMargin: "200px" });

const later = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function pause() {
  return Math.max(FASTEST, ALL_TOGETHER * document.querySelectorAll("[data-live]").length);
}

/* The first picture comes with the page as an image; a canvas takes its place, which changes without a flicker. */
function canvasOf(figure) {
  const known = figure.querySelector("canvas");
  if (known) return known;
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", figure.dataset.name);
  canvas.hidden = true;
  figure.querySelector("img, .unseen").after(canvas);
  return canvas;
}

function show(figure, bitmap) {
  const canvas = canvasOf(figure);
  if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
  }
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  bitmap.close();
  if (!canvas.hidden) return;
  canvas.hidden = false;
  figure.querySelector("img, .unseen").hidden = true;
}

async function refresh(figure) {
  const headers = figure.dataset.etag ? { "If-None-Match": figure.dataset.etag } : {};
  const answer = await fetch(figure.dataset.live, { headers, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
  if (answer.status !== 200) return;
  show(figure, await createImageBitmap(await answer.blob()));
  figure.dataset.etag = answer.headers.get("ETag");
}

async function keepFresh(figure) {
  let waits = 0;
  while (figure.isConnected) {
    const started = performance.now();
    if (!document.hidden && inSight.has(figure)) {
      try {
        await refresh(figure);
        waits = 0;
      } catch {
        waits = Math.min(waits + 1, 10); // the link is lost or the picture broken: ask less often until it is back
      }
    }
    await later(Math.max(20, pause() * (1 + waits) - (performance.now() - started)));
  }
  sight.unobserve(figure);
  delete figure.dataset.kept;
}

function findFigures() {
  for (const figure of document.querySelectorAll("[data-live]:not([data-kept])")) {
    figure.dataset.kept = "yes";
    sight.observe(figure);
    keepFresh(figure);
  }
}

for (const button of document.querySelectorAll("[data-full]")) {
  const shown = document.querySelector(button.dataset.full);
  button.hidden = !document.fullscreenEnabled || !shown;
  button.addEventListener("click", () => shown.requestFullscreen());
}
document.addEventListener("htmx:afterSettle", findFigures);
findFigures();
