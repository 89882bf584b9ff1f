// What is known of the model: its curves on validation, its calibration, its card.

import { element } from "./viewer.js";

const WIDTH = 440;
const HEIGHT = 250;
const BOX = { left: 40, right: 430, top: 12, bottom: 210 };
const across = (value) => BOX.left + value * (BOX.right - BOX.left);
const down = (value) => BOX.bottom - value * (BOX.bottom - BOX.top);

export function modelLine(model) {
  const version = model.version ? `, version ${model.version}` : "";
  return `${model.name}${version}: ${model.detector}, bundle ${model.bundle.slice(0, 12)}`;
}

export function scoreName(model) {
  return model.calibrated ? "probability" : "score";
}

// What the threshold gave on validation, in words.
export function expectation(model, threshold) {
  const points = model.curve;
  const note = notes(model);
  if (!points.length) return `The model keeps no record of what thresholds gave on validation.${note}`;
  const reached = points.filter((each) => each.threshold >= threshold);
  if (!reached.length) return `On validation nothing scored so high.${note}`;
  const point = reached[reached.length - 1];
  const share = point.pd === null ? "" : `${percent(point.pd)} of the targets found, `;
  const alarms = point.false_alarms_per_frame;
  return (
    `On validation: ${share}${percent(point.precision)} of the detections real, ` +
    `${alarms < 0.001 && alarms > 0 ? "under 0.001" : Number(alarms.toPrecision(2))} false alarms a frame.${note}`
  );
}

function notes(model) {
  const range = model.value_range;
  const regions = model.least > 0 ? " Its detections are regions, which flow together below the model’s own threshold." : "";
  if (range === null) return regions;
  return `${regions} By itself the model also drops what lies ${Math.round(100 * range)} % below a frame’s strongest.`;
}

export function showModel(model) {
  const charts = [];
  if (model.curve.length) {
    charts.push(
      chart("Operating points on validation", `least ${scoreName(model)}`, [
        ["found of the targets", model.curve.map((each) => [each.threshold, each.pd ?? 0])],
        ["real of the detections", model.curve.map((each) => [each.threshold, each.precision])],
      ]),
    );
  }
  if (model.calibration) {
    const map = model.calibration.map((each) => [each.score, each.probability]);
    charts.push(chart("Calibration, fitted on validation", "the model’s own score", [["probability of a target", map]], false));
  }
  document.getElementById("charts").replaceChildren(...charts);
  document.getElementById("card").replaceChildren(...card(model.card));
}

export function moveThreshold(threshold) {
  for (const line of document.querySelectorAll("#charts .now")) {
    line.setAttribute("x1", across(threshold));
    line.setAttribute("x2", across(threshold));
  }
}

const percent = (share) => `${(100 * share).toFixed(share > 0.995 || share < 0.005 ? 1 : 0)} %`;

function chart(title, below, lines, moves = true) {
  const figure = document.createElement("figure");
  const names = lines.map(([name]) => name);
  const drawing = element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${title}: ${names.join(", ")} by ${below}` });
  for (const value of [0, 0.25, 0.5, 0.75, 1]) {
    drawing.append(element("line", { class: "grid", x1: BOX.left, x2: BOX.right, y1: down(value), y2: down(value) }));
    drawing.append(element("text", { x: BOX.left - 6, y: down(value) + 4, "text-anchor": "end" }, String(value)));
    drawing.append(element("text", { x: across(value), y: BOX.bottom + 16, "text-anchor": "middle" }, String(value)));
  }
  drawing.append(element("text", { x: across(0.5), y: BOX.bottom + 34, "text-anchor": "middle" }, below));
  lines.forEach(([, points], index) => {
    const path = points.map(([x, y]) => `${across(x).toFixed(1)},${down(y).toFixed(1)}`).join(" ");
    drawing.append(element("polyline", { class: index ? "second" : "first", points: path }));
  });
  if (moves) drawing.append(element("line", { class: "now", x1: 0, x2: 0, y1: BOX.top, y2: BOX.bottom }));
  const caption = document.createElement("figcaption");
  caption.append(`${title}. `);
  names.forEach((name, index) => {
    const part = document.createElement("span");
    part.className = index ? "key second-key" : "key first-key";
    part.textContent = name;
    caption.append(part, " ");
  });
  figure.append(caption, drawing);
  return figure;
}

// The card's Markdown: headings, lists, tables, paragraphs; nothing of it is read as HTML.
function card(text) {
  return text.trim().split(/\n\n+/).map((part) => {
    const lines = part.split("\n");
    if (part.startsWith("#")) return made("h3", part.replace(/^#+ /, ""));
    if (part.startsWith("- ")) return list(lines.map((line) => line.replace(/^- /, "")));
    if (part.startsWith("|")) return table(lines);
    return made("p", part);
  });
}

function list(items) {
  const all = document.createElement("ul");
  all.append(...items.map((item) => made("li", item)));
  return all;
}

function table(lines) {
  const all = document.createElement("table");
  lines
    .filter((line) => !/^[|-]+$/.test(line))
    .forEach((line, index) => {
      const row = document.createElement("tr");
      row.append(...line.split("|").slice(1, -1).map((each) => made(index ? "td" : "th", each.trim())));
      all.append(row);
    });
  return all;
}

function made(name, text) {
  const element = document.createElement(name);
  text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).forEach((part) => {
    if (/^`.+`$/.test(part)) element.append(made("code", part.slice(1, -1)));
    else if (/^\*\*.+\*\*$/.test(part)) element.append(made("strong", part.slice(2, -2)));
    else element.append(part);
  });
  return element;
}
