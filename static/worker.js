/* The service worker: shows what the box tells this device and opens its page on a tap; says so when there is no link.
   Nothing else is kept: what a page shows is as it is now, or not at all. */
"use strict";

const KEPT = `offline ${STATIC}`; // STATIC, the version, is put in by the server
const FILES = ["/offline", `${STATIC}/app.css`, `${STATIC}/favicon.svg`, `${STATIC}/offline.js`];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name))));
  event.waitUntil(old);
});

async function withoutLink(request) {
  const cache = await caches.open(KEPT);
  return (await cache.match(request.mode === "navigate" ? "/offline" : request)) || Response.error();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const file = FILES.slice(1).includes(new URL(request.url).pathname);
  if (request.method !== "GET" || (request.mode !== "navigate" && !file)) return;
  event.respondWith(fetch(request).catch(() => withoutLink(request)));
});

self.addEventListener("push", (event) => {
  const told = event.data ? event.data.json() : {};
  const options = { body: told.body || "", tag: told.tag || "alpr", data: { url: told.url || "/alarms" } };
  event.waitUntil(self.registration.showNotification(told.title || "alpr", options));
});

async function open(url) {
  const target = new URL(url, self.location.origin);
  if (target.origin !== self.location.origin) return;
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const open = windows.find((one) => new URL(one.url).pathname === target.pathname);
  if (open) await open.focus();
  else await self.clients.openWindow(target.href);
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.url));
});
