/* Without a link: asks again every few seconds, and goes on where it was as soon as the box answers. */
"use strict";

async function look() {
  try {
    await fetch("/offline", { cache: "no-store" });
    location.reload();
  } catch {
    setTimeout(look, 3000);
  }
}

setTimeout(look, 3000);
