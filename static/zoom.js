/* The frame of a read up close: the window filled, moved by dragging, enlarged by wheel, keys or buttons. */
"use strict";

const STEPS = [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6];

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/* The sheet is the frame at its scale; the point of the frame under (x, y) of the window stays where it is. */
function scaleTo(view, scale, x = view.pan.clientWidth / 2, y = view.pan.clientHeight / 2) {
  const { pan, sheet, image } = view;
  const before = sheet.getBoundingClientRect();
  const [fx, fy] = [(x - before.left) / view.scale, (y - before.top) / view.scale];
  view.scale = scale;
  sheet.style.width = `${image.naturalWidth * scale}px`;
  sheet.style.height = `${image.naturalHeight * scale}px`;
  const after = sheet.getBoundingClientRect();
  pan.scrollBy(after.left + fx * scale - x, after.top + fy * scale - y);
  const said = inWords(scale > 1 ? "enlarged, pixels are made up" : scale === 1 ? "true size" : "made smaller");
  view.output.textContent = `${Math.round(scale * 100)} %, ${said}`;
}

function step(view, direction, x, y) {
  const steps = direction > 0 ? STEPS : [...STEPS].reverse();
  const next = steps.find((one) => direction * (one - view.scale) > 0.001);
  if (next) scaleTo(view, next, x, y);
}

function centre(view, fx, fy) {
  view.pan.scrollTo(fx * view.scale - view.pan.clientWidth / 2, fy * view.scale - view.pan.clientHeight / 2);
}

function drag(pan) {
  pan.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" || event.button) return; // fingers scroll by themselves
    pan.setPointerCapture(event.pointerId);
  });
  pan.addEventListener("pointermove", (event) => {
    if (pan.hasPointerCapture(event.pointerId)) pan.scrollBy(-event.movementX, -event.movementY);
  });
}

function open(figure, href) {
  const image = make("img", { src: href, alt: figure.querySelector("img").alt, draggable: false });
  const sheet = make("div", { className: "sheet" }, image, figure.querySelector("svg.boxes").cloneNode(true));
  const pan = make("div", { className: "pan", tabIndex: 0, ariaLabel: inWords("Frame, move with the arrow keys") }, sheet);
  const output = make("output");
  const buttons = [["−", inWords("Smaller")], ["+", inWords("Larger")], [inWords("Close"), inWords("Close")]].map(([textContent, ariaLabel]) =>
    make("button", { type: "button", className: "btn", textContent, ariaLabel }));
  const dialog = make("dialog", { className: "zoom", ariaLabel: inWords("Frame up close") }, pan, make("footer", {}, output, ...buttons));
  const view = { pan, sheet, image, output, scale: 1 };
  buttons[0].addEventListener("click", () => step(view, -1));
  buttons[1].addEventListener("click", () => step(view, 1));
  buttons[2].addEventListener("click", () => dialog.close());
  pan.addEventListener("wheel", (event) => {
    event.preventDefault();
    step(view, event.deltaY < 0 ? 1 : -1, event.clientX, event.clientY);
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "+" || event.key === "-") step(view, event.key === "+" ? 1 : -1);
  });
  dialog.addEventListener("close", () => dialog.remove());
  drag(pan);
  document.body.append(dialog);
  dialog.showModal();
  image.decode().then(() => {
    const whole = Math.min(pan.clientWidth / image.naturalWidth, pan.clientHeight / image.naturalHeight);
    scaleTo(view, Math.max(whole, 2));
    centre(view, ...figure.dataset.zoom.split(" ").map(Number));
    pan.focus();
  }, () => dialog.close());
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("#zoom");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(link.closest("figure"), link.href);
});
