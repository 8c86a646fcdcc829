// Press: a photo is cut to the shape of a card on the device, before it is sent. Without this the
// server cuts it around its middle; it checks the size either way.

const words = document.querySelector("template[data-crop-words]");
const WIDTH = 413;
const HEIGHT = 579;

// How the picture lies under the frame: scale 1 just covers it, x and y are the middle, 0 to 1.
class Frame {
  constructor(canvas, image) {
    this.canvas = canvas;
    this.image = image;
    this.zoom = 1;
    this.x = 0.5;
    this.y = 0.5;
    canvas.width = WIDTH;
    canvas.height = HEIGHT;
    this.draw();
  }

  // What part of the picture is seen, in its own pixels; never beyond its edge.
  get part() {
    const { width, height } = this.image;
    const cover = Math.min(width / WIDTH, height / HEIGHT) / this.zoom;
    const w = WIDTH * cover;
    const h = HEIGHT * cover;
    const left = Math.min(Math.max(this.x * width - w / 2, 0), width - w);
    const top = Math.min(Math.max(this.y * height - h / 2, 0), height - h);
    return { left, top, w, h };
  }

  // No nearer than the pixels that the card needs.
  get nearest() {
    return Math.max(1, Math.min(this.image.width / WIDTH, this.image.height / HEIGHT));
  }

  move(dx, dy) {
    const { left, top, w, h } = this.part;
    this.x = (left + w / 2 - (dx / this.canvas.clientWidth) * w) / this.image.width;
    this.y = (top + h / 2 - (dy / this.canvas.clientHeight) * h) / this.image.height;
    this.draw();
  }

  set nearness(value) {
    const { left, top, w, h } = this.part;
    this.x = (left + w / 2) / this.image.width;
    this.y = (top + h / 2) / this.image.height;
    this.zoom = Math.min(Math.max(value, 1), this.nearest);
    this.draw();
  }

  draw(canvas = this.canvas) {
    const { left, top, w, h } = this.part;
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(this.image, left, top, w, h, 0, 0, canvas.width, canvas.height);
  }

  // The part that is seen, at most twice the size that the card needs.
  cut() {
    const { w } = this.part;
    const wide = Math.round(Math.min(Math.max(w, WIDTH), 2 * WIDTH));
    const canvas = document.createElement("canvas");
    canvas.width = wide;
    canvas.height = Math.ceil((wide * HEIGHT) / WIDTH);
    this.draw(canvas);
    return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
  }
}

function dialogFor(frameOf) {
  const dialog = words.content.querySelector("dialog").cloneNode(true);
  document.body.append(dialog);
  const canvas = dialog.querySelector("canvas");
  const range = dialog.querySelector("input[type=range]");
  const frame = frameOf(canvas);
  range.max = String(frame.nearest);
  range.disabled = frame.nearest <= 1;
  range.addEventListener("input", () => (frame.nearness = Number(range.value)));
  canvas.addEventListener("pointerdown", (event) => canvas.setPointerCapture(event.pointerId));
  canvas.addEventListener("pointermove", (event) => {
    if (canvas.hasPointerCapture(event.pointerId)) frame.move(event.movementX, event.movementY);
  });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    frame.nearness = frame.zoom * (event.deltaY < 0 ? 1.08 : 0.92);
    range.value = String(frame.zoom);
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [8, 0], ArrowRight: [-8, 0], ArrowUp: [0, 8], ArrowDown: [0, -8] }[event.key];
    if (!step) return;
    event.preventDefault();
    frame.move(...step);
  });
  return { dialog, frame };
}

function show(input, url) {
  let shown = input.parentElement.querySelector(".cropped");
  if (!shown) {
    shown = document.createElement("p");
    shown.className = "cropped";
    shown.setAttribute("role", "status");
    shown.append(new Image(), document.createElement("span"));
    input.after(shown);
  }
  shown.firstChild.src = url;
  shown.firstChild.alt = "";
  shown.lastChild.textContent = words.dataset.done;
}

async function crop(input) {
  const file = input.files[0];
  if (!file || !file.type.startsWith("image/")) return;
  let image;
  try {
    image = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return; // whatever it is, the server says so in words
  }
  if (image.width < WIDTH || image.height < HEIGHT) return; // too small: the server says how large
  const { dialog, frame } = dialogFor((canvas) => new Frame(canvas, image));
  dialog.addEventListener("close", async () => {
    dialog.remove();
    if (dialog.returnValue !== "use") {
      input.value = "";
      input.focus();
      return;
    }
    const blob = await frame.cut();
    const kept = new DataTransfer();
    kept.items.add(new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }));
    input.files = kept.files;
    show(input, URL.createObjectURL(blob));
    input.focus();
  });
  dialog.showModal();
  dialog.querySelector("canvas").focus();
}

for (const input of document.querySelectorAll("input[type=file][data-crop]")) {
  input.addEventListener("change", () => crop(input));
}

// Another row of a list: the last one, emptied, with the next number.
for (const button of document.querySelectorAll("button[data-more-rows]")) {
  const list = document.getElementById(button.dataset.moreRows);
  const most = Number(button.dataset.most);
  const look = () => (button.hidden = list.children.length >= most);
  look();
  button.addEventListener("click", () => {
    const number = list.children.length;
    const row = list.lastElementChild.cloneNode(true);
    for (const item of row.querySelectorAll("[id], [name], [for]")) {
      for (const name of ["id", "name", "for"]) {
        const value = item.getAttribute(name);
        if (value) item.setAttribute(name, value.replace(/-\d+-/, `-${number}-`));
      }
      if ("value" in item) item.value = "";
    }
    list.append(row);
    look();
    row.querySelector("input").focus();
  });
}
