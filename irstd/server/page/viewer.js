// A frame, the marks of its detections, their table, and a lens on one of them.

const SVG = "http://www.w3.org/2000/svg";
const RADIUS = 13; // of a mark, in px of the screen
const LENS = 33; // px of the frame
const byId = (id) => document.getElementById(id);

let shown = { frame: null, kept: [], chosen: 0, scale: 1 }; // `chosen` is under the lens: the strongest, or one looked at

export function element(name, attributes = {}, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

// Draw the picture of a frame; its detections come by `mark`.
export async function show(frame, stretch) {
  const bytes = Uint8Array.from(atob(frame.picture), (sign) => sign.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const canvas = byId("picture");
  canvas.width = picture.width;
  canvas.height = picture.height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(picture, 0, 0);
  if (stretch) stretchLevels(context, picture.width, picture.height);
  const title = byId("frame-title");
  title.textContent = `${frame.name} `;
  const size = document.createElement("small");
  size.textContent = `${frame.width} × ${frame.height} px, ${frame.bits} bit`;
  title.append(size);
  shown = { frame, kept: [], chosen: 0, scale: picture.width / frame.width };
  byId("marks").setAttribute("viewBox", `-0.5 -0.5 ${frame.width} ${frame.height}`);
}

// Spread the levels between the 0.5th and the 99.9th percentile.
function stretchLevels(context, width, height) {
  const image = context.getImageData(0, 0, width, height);
  const counts = new Uint32Array(256);
  for (let at = 0; at < image.data.length; at += 4) counts[image.data[at + 1]] += 1;
  const level = (share) => {
    let left = share * width * height;
    return counts.findIndex((many) => (left -= many) <= 0);
  };
  const low = level(0.005);
  const span = Math.max(level(0.999) - low, 1);
  for (let at = 0; at < image.data.length; at += 1) {
    if (at % 4 !== 3) image.data[at] = (255 * (image.data[at] - low)) / span;
  }
  context.putImageData(image, 0, 0);
}

// Mark and list the detections that reach the threshold.
export function mark(threshold) {
  if (!shown.frame) return;
  const kept = shown.frame.detections.filter((each) => each.score >= threshold);
  const before = shown.kept[shown.chosen];
  shown.kept = kept;
  shown.chosen = before ? kept.indexOf(before) : shown.chosen;
  const picture = byId("picture");
  picture.setAttribute("aria-label", `${shown.frame.name} with ${many(kept.length)}`);
  const radius = (RADIUS * shown.frame.width) / Math.max(picture.clientWidth, 1);
  byId("marks").replaceChildren(...kept.map((each, index) => ring(each, index, radius)));
  byId("found").replaceChildren(...(kept.length ? kept.map(row) : [emptyRow()]));
  byId("rug").replaceChildren(...shown.frame.detections.map((each) => tick(each.score, threshold)));
  choose(shown.chosen);
}

export function many(count) {
  return `${count} detection${count === 1 ? "" : "s"}`;
}

function ring(found, index, radius) {
  const group = element("g", { transform: `translate(${found.x} ${found.y})` });
  group.append(element("circle", { class: "hit", r: radius }));
  group.append(element("circle", { class: "halo", r: radius }), element("circle", { class: "ring", r: radius }));
  group.addEventListener("click", () => choose(index));
  return group;
}

function row(found, index) {
  const line = document.createElement("tr");
  const number = document.createElement("button");
  number.type = "button";
  number.textContent = index + 1;
  number.setAttribute("aria-label", `Detection ${index + 1}: look closer`);
  number.addEventListener("click", () => choose(index));
  number.addEventListener("focus", () => choose(index));
  line.append(cell(number), ...[found.x.toFixed(1), found.y.toFixed(1), found.score.toFixed(3)].map(cell));
  return line;
}

function emptyRow() {
  const line = document.createElement("tr");
  const only = cell("nothing reaches the threshold");
  only.colSpan = 4;
  only.className = "none";
  line.append(only);
  return line;
}

function cell(content) {
  const made = document.createElement("td");
  made.append(content);
  return made;
}

function tick(score, threshold) {
  const x = 1000 * score;
  return element("line", { x1: x, x2: x, y1: 3, y2: 21, class: score >= threshold ? "kept" : "" });
}

// Look at one detection through the lens; without any it is put away.
function choose(wanted) {
  const index = Math.max(wanted, 0);
  shown.chosen = index;
  [...byId("marks").children].forEach((each, at) => each.classList.toggle("chosen", at === index));
  [...byId("found").children].forEach((each, at) => each.classList.toggle("chosen", at === index));
  const found = shown.kept[index];
  byId("lens").hidden = !found;
  if (!found) return;
  const side = LENS * shown.scale;
  const corner = [found.x, found.y].map((at) => (Math.round(at) - (LENS - 1) / 2) * shown.scale);
  const lens = byId("lens-picture");
  const context = lens.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.clearRect(0, 0, LENS, LENS);
  context.drawImage(byId("picture"), ...corner, side, side, 0, 0, LENS, LENS);
  const told = `${LENS} × ${LENS} px round (${found.x.toFixed(1)}, ${found.y.toFixed(1)})`;
  lens.setAttribute("aria-label", told);
  byId("lens-told").textContent = `No. ${index + 1}, ${told}, ${byId("score-head").textContent} ${found.score.toFixed(3)}`;
}
