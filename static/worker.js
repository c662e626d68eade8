/* The service worker: shows what the box tells this device, and opens its page on a tap. */
"use strict";

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
