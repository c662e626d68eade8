/* The switch on /push: lets this browser be told, or not any more. */
"use strict";

const button = document.getElementById("push-switch");
const state = document.getElementById("push-state");

function keyBytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

const keyText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function post(path, values) {
  const body = new URLSearchParams({ ...values, csrf: button.dataset.csrf });
  const answer = await fetch(path, { method: "POST", body, redirect: "manual" });
  if (answer.status >= 400) throw new Error(inWords("refused (%(status)s)", { status: answer.status }));
}

function show(subscription) {
  button.hidden = false;
  button.classList.toggle("main-action", !subscription);
  button.querySelector("span").textContent = inWords(subscription ? "Stop notifying this device" : "Notify this device");
  state.textContent = inWords(subscription ? "This device is notified." : "This device is not notified.");
}

async function subscribe(worker) {
  const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: keyBytes(button.dataset.key) });
  try {
    await post("/push", { endpoint: made.endpoint, p256dh: keyText(made.getKey("p256dh")), auth: keyText(made.getKey("auth")) });
  } catch (error) {
    await made.unsubscribe();
    throw error;
  }
}

async function unsubscribe(subscription) {
  await post("/push/remove", { endpoint: subscription.endpoint });
  await subscription.unsubscribe();
}

async function start() {
  if (!window.isSecureContext) return; // the sentence on the page says what is needed
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) {
    state.textContent = inWords("This browser cannot be notified. On an iPhone, put the page on the home screen first.");
    return;
  }
  const worker = await navigator.serviceWorker.register("/worker.js");
  show(await worker.pushManager.getSubscription());
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const known = await worker.pushManager.getSubscription();
      await (known ? unsubscribe(known) : subscribe(worker));
      location.reload();
    } catch (error) {
      state.textContent = Notification.permission === "denied"
        ? inWords("Notifications are blocked for this page: allow them in the browser's settings.")
        : inWords("That did not work: %(why)s", { why: error.message });
    }
    button.disabled = false;
  });
}

start();
