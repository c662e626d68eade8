/* Alarms that are heard: only where somebody has switched sound on, for browsers play nothing unasked. */
"use strict";

const SOUND = "alpr-sound";
const HEARD = "alpr-heard";
const TONES = [880, 660, 880, 660, 880, 660]; // Hz, a quarter of a second each

let speaker = null;

function isOn() {
  return localStorage.getItem(SOUND) === "on";
}

function wake() {
  speaker = speaker || new AudioContext();
  return speaker.resume();
}

async function ring(tones) {
  await wake();
  tones.forEach((hertz, turn) => {
    const begin = speaker.currentTime + turn / 4;
    const tone = speaker.createOscillator();
    const volume = speaker.createGain();
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.0001, begin);
    volume.gain.exponentialRampToValueAtTime(0.4, begin + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, begin + 0.24);
    tone.connect(volume).connect(speaker.destination);
    tone.start(begin);
    tone.stop(begin + 0.25);
  });
}

/* The bell carries the number of the newest alarm that is to be heard; each number is heard once. */
function listen() {
  const bell = document.getElementById("bell");
  const number = Number(bell ? bell.dataset.sounding : 0);
  if (!isOn() || number <= Number(localStorage.getItem(HEARD) || 0)) return;
  localStorage.setItem(HEARD, number);
  ring(TONES);
}

function showSwitch() {
  const button = document.getElementById("sound");
  if (!button) return;
  button.hidden = !("AudioContext" in window);
  button.setAttribute("aria-pressed", isOn() ? "true" : "false");
  const words = button.querySelector("span");
  if (words) words.textContent = inWords(isOn() ? "Sound is on here" : "Sound is off here");
}

document.addEventListener("click", (event) => {
  if (event.target.closest("#sound")) {
    localStorage.setItem(SOUND, isOn() ? "off" : "on");
    showSwitch();
    if (isOn()) ring([660, 880]);
  } else if (isOn()) {
    wake(); // after a reload the browser waits for the first click
  }
});
document.addEventListener("htmx:afterSettle", listen);
showSwitch();
listen();
