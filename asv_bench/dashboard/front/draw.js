"use strict";
// What every chart of the page shares: colours, numbers, controls and the plain layout.

const COLOURS = ["#1f77d0", "#e07b00", "#2e9e5b", "#c8453b", "#8a63c9", "#9a6b4f", "#d45fa6", "#7d868f", "#a3a300",
                 "#17a2b8"];
const DASHES = ["solid", "dash", "dot", "dashdot"];
const MARKS = ["circle", "square", "triangle-up", "cross", "star", "pentagon", "triangle-down", "hexagon", "x",
               "bowtie"];

const element = (id) => document.getElementById(id);
const colour = (i) => COLOURS[i % COLOURS.length];
const dash = (i) => DASHES[Math.floor(i / COLOURS.length) % DASHES.length];
const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const narrow = () => window.innerWidth < 600;
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
// Plotly reads tags in its labels.
const plain = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;");

function short(x) {
  return x >= 100 ? x.toFixed(0) : x.toPrecision(x >= 1 ? 3 : 2);
}

function make(tag, text, attributes = {}) {
  const made = Object.assign(document.createElement(tag), attributes);
  if (text !== undefined) made.textContent = text;
  return made;
}

function choices(select, values) {
  select.replaceChildren(...values.map(([value, text]) => make("option", text, { value })));
}

// A checkbox for each series, with the colour of its line, and buttons for all and none; draws again on each change.
function checkboxes(fieldset, names, checked, swatch, redraw) {
  fieldset.querySelectorAll("label, button").forEach((old) => old.remove());
  const boxes = names.map((name, i) => {
    const box = make("input", undefined, { type: "checkbox", checked: checked(name, i), value: name });
    const mark = make("span", undefined, { className: "swatch" });
    mark.style.background = swatch(i);
    const label = make("label");
    label.append(box, mark, name);
    box.addEventListener("change", redraw);
    fieldset.append(label);
    return box;
  });
  for (const [text, state] of [["all", true], ["none", false]]) {
    const button = make("button", text, { type: "button" });
    button.setAttribute("aria-label", `${text} of: ${fieldset.querySelector("legend").textContent}`);
    button.addEventListener("click", () => {
      boxes.forEach((box) => { box.checked = state; });
      redraw();
    });
    fieldset.append(button);
  }
  return () => boxes.filter((box) => box.checked).map((box) => box.value);
}

function axis(title, more = {}) {
  return { title: { text: title, standoff: 8 }, gridcolor: ink("--line"), zeroline: false, fixedrange: true,
           automargin: true, ...more };
}

// Drags are left to the page, so that a finger scrolls it.
function draw(chart, traces, layout) {
  const base = {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false, hovermode: "closest",
    dragmode: false, font: { color: ink("--ink"), size: narrow() ? 11 : 12, family: "system-ui, sans-serif" },
    margin: { l: 8, r: 12, t: 12, b: 8 }, height: 420, hoverlabel: { align: "left" },
  };
  return Plotly.react(chart, traces, { ...base, ...layout }, { responsive: true, displayModeBar: false });
}

function table(head, rows) {
  const made = make("table");
  const line = (cells, tag) => {
    const row = make("tr");
    row.append(...cells.map((cell) => make(tag, cell)));
    return row;
  };
  made.append(make("thead"), make("tbody"));
  made.tHead.append(line(head, "th"));
  made.tBodies[0].append(...rows.map((row) => line(row, "td")));
  return made;
}
