// The page: frames come in, detections are shown, the slider chooses among them.

import { framesOf } from "./frames.js";
import { expectation, modelLine, moveThreshold, scoreName, showModel } from "./model.js";
import * as server from "./server.js";
import { many, mark, show } from "./viewer.js";

const AT_ONCE = 2; // requests
const PLAY_MS = 200;
const byId = (id) => document.getElementById(id);
const say = (line) => (byId("status").textContent = line);

let model = null;
let frames = []; // in their order; null while one is searched
let at = 0; // place of the shown one among those that are ready
let current = null; // the shown one
let moved = false; // away from the first, by hand
let batch = 0; // a newer one ends the older
let playing = 0;

const threshold = () => Number(byId("threshold").value);
const ready = () => frames.filter(Boolean);

async function start() {
  try {
    takeModel(await server.model());
    byId("token-form").hidden = true;
  } catch (fault) {
    if (fault.status === 401) byId("token-form").hidden = false;
    else say(fault.message);
    return fault;
  }
  return null;
}

function takeModel(told) {
  model = told;
  byId("model-line").textContent = modelLine(model);
  byId("unit").textContent = `Least ${scoreName(model)}`;
  byId("score-head").textContent = scoreName(model);
  byId("card-note").hidden = !model.calibrated;
  for (const id of ["threshold", "threshold-number"]) byId(id).min = model.least;
  showModel(model);
  setThreshold(model.threshold);
}

function setThreshold(value) {
  const kept = Math.min(Math.max(Number(value) || 0, model?.least ?? 0), 1);
  byId("threshold").value = kept;
  byId("threshold-number").value = kept.toFixed(3);
  byId("threshold").setAttribute("aria-valuetext", kept.toFixed(3));
  byId("expect").textContent = model ? expectation(model, kept) : "";
  moveThreshold(kept);
  mark(kept);
}

async function take(files) {
  const mine = ++batch;
  stop();
  byId("faults").replaceChildren();
  let chosen;
  try {
    chosen = await framesOf(files, say);
  } catch (fault) {
    say("");
    addFault(fault.message);
    return;
  }
  if (mine !== batch || !chosen.length) return;
  frames = chosen.map(() => null);
  current = null;
  moved = false;
  const progress = byId("progress");
  Object.assign(progress, { max: chosen.length, value: 0, hidden: false });
  let next = 0;
  const one = async () => {
    const index = next++;
    await search(chosen[index], index, mine);
    if (mine !== batch) return;
    progress.value += 1;
    if (progress.value < chosen.length) say(`${progress.value} of ${chosen.length} frames searched`);
  };
  const work = async () => {
    while (next < chosen.length && mine === batch) await one();
  };
  await one(); // the first frame is seen first
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (mine !== batch) return;
  progress.hidden = true;
  tell();
}

async function search(file, index, mine) {
  try {
    const found = await server.detect(file, model?.least ?? 0);
    if (mine !== batch) return;
    frames[index] = found;
    if (found.bundle !== model?.bundle) await start(); // a new champion has taken over
    if (!current || (!moved && ready()[0] === found)) await showAt(0);
    else showPosition();
  } catch (fault) {
    if (fault.status === 401) byId("token-form").hidden = false;
    addFault(fault.message.includes(file.name) ? fault.message : `${file.name}: ${fault.message}`);
  }
}

function addFault(line) {
  const item = document.createElement("li");
  item.textContent = line;
  byId("faults").append(item);
}

async function showAt(index) {
  const all = ready();
  if (!all.length) return;
  current = all[(index + all.length) % all.length];
  byId("work").hidden = false;
  byId("clear").hidden = false;
  await show(current, byId("stretch").checked);
  mark(threshold());
  showPosition();
}

function move(index) {
  moved = true;
  return showAt(index);
}

function showPosition() {
  const all = ready();
  at = Math.max(all.indexOf(current), 0);
  byId("player").hidden = all.length < 2;
  byId("position").max = all.length;
  byId("position").value = at + 1;
  byId("position-told").textContent = `${at + 1} of ${all.length}`;
  byId("position").setAttribute("aria-valuetext", `${at + 1} of ${all.length}: ${all[at]?.name ?? ""}`);
}

// Say what is seen now; a reader of the screen hears it.
function tell() {
  const all = ready();
  if (!all.length) return say("no frame could be searched");
  const kept = (frame) => frame.detections.filter((each) => each.score >= threshold()).length;
  const here = `${all[at].name}: ${many(kept(all[at]))} at ${threshold().toFixed(3)}`;
  const sum = all.reduce((count, frame) => count + kept(frame), 0);
  return say(all.length === 1 ? here : `${here}; ${many(sum)} in ${all.length} frames`);
}

function stop() {
  clearInterval(playing);
  playing = 0;
  byId("play").textContent = "Play";
  byId("play").setAttribute("aria-pressed", "false");
}

function play() {
  if (playing) {
    stop();
    tell();
    return;
  }
  playing = setInterval(() => move(at + 1), PLAY_MS);
  byId("play").textContent = "Stop";
  byId("play").setAttribute("aria-pressed", "true");
}

function clear() {
  batch += 1;
  stop();
  frames = [];
  for (const id of ["work", "clear", "progress"]) byId(id).hidden = true;
  byId("faults").replaceChildren();
  say("cleared");
  byId("files").focus();
}

function save() {
  const quoted = (name) => (/[",\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);
  const rows = ready().flatMap((frame) =>
    frame.detections
      .filter((each) => each.score >= threshold())
      .map((each) => `${quoted(frame.name)},${each.x.toFixed(3)},${each.y.toFixed(3)},${each.score.toFixed(4)}`),
  );
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([["frame,x,y,score", ...rows, ""].join("\n")], { type: "text/csv" }));
  link.download = "detections.csv";
  link.click();
  URL.revokeObjectURL(link.href);
}

function wire() {
  const on = (id, name, work) => byId(id).addEventListener(name, work);
  on("files", "change", (event) => take([...event.target.files]).then(() => (event.target.value = "")));
  on("threshold", "input", (event) => setThreshold(event.target.value));
  on("threshold", "change", tell);
  on("threshold-number", "change", (event) => (setThreshold(event.target.value), tell()));
  on("reset", "click", () => (setThreshold(model.threshold), tell()));
  on("position", "input", (event) => move(event.target.value - 1));
  on("position", "change", tell);
  on("previous", "click", () => move(at - 1).then(tell));
  on("next", "click", () => move(at + 1).then(tell));
  on("play", "click", play);
  on("stretch", "change", () => showAt(at));
  on("clear", "click", clear);
  on("download", "click", save);
  on("token-form", "submit", async (event) => {
    event.preventDefault();
    server.useToken(byId("token").value);
    byId("token-fault").textContent = (await start())?.message ?? "";
  });
  const drop = byId("drop");
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragenter" || name === "dragover");
      if (name === "drop") take([...event.dataTransfer.files]);
    });
  }
  new ResizeObserver(() => mark(threshold())).observe(byId("stage"));
}

wire();
start();
