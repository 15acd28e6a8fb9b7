"use strict";
// Metrics over the commits: a section chooses a metric and its series, and names a commit.

// least: a smaller change is noise, and not listed as one.
const inMegabytes = { scale: 1e-6, write: (x) => `${short(x)} MB` };
const METRICS = {
  copies: { title: "copies", text: "copies of as many bytes", scale: 1, write: short, unity: true, least: 0.1 },
  instructions: { title: "instructions", text: "instructions a call", scale: 1, write: (x) => x.toLocaleString("en"),
                  least: 0.005 },
  size: { title: "size", text: "size in MB", ...inMegabytes, least: 0.005 },
  import: { title: "import", text: "import time, in NumPy's", scale: 1, write: short, unity: true, least: 0.1 },
  memory: { title: "peak memory", text: "peak memory of the process in MB", ...inMegabytes, least: 0.02 },
};
const AT_FIRST = 6;

function historySection(section, machine) {
  const parts = historyParts(section, machine);
  const series = () => machine.series[parts.metric.value];
  let shown = () => [];

  function fill() {
    const checked = (_, i) => parts.metric.value !== "copies" || i < AT_FIRST;
    shown = checkboxes(parts.fieldset, series().map((each) => each.name), checked, colour, redraw);
  }

  function redraw() {
    const metric = METRICS[parts.metric.value];
    const relative = parts.scale.value === "last";
    const names = shown();
    const traces = series().map((each, i) => historyTrace(machine.commits, each, i, metric, relative))
      .filter((each) => names.includes(each.name));
    draw(parts.chart, traces, historyLayout(machine.commits, traces, metric, relative)).then(() => {
      parts.chart.removeAllListeners("plotly_click");
      parts.chart.on("plotly_click", (event) => {
        parts.commit.value = String(event.points[0].x);
        explain();
      });
    });
  }

  function explain() {
    parts.says.replaceChildren(...explained(machine.commits, series(), METRICS[parts.metric.value],
                                            Number(parts.commit.value)));
  }

  parts.metric.addEventListener("change", () => { fill(); redraw(); explain(); });
  parts.scale.addEventListener("change", redraw);
  parts.commit.addEventListener("change", explain);
  fill();
  redraw();
  explain();
  return redraw;
}

// The section's controls, made anew for each machine.
function historyParts(section, machine) {
  section.querySelectorAll(".made").forEach((old) => old.remove());
  const part = (tag, name, className) => {
    const made = make(tag, undefined, { id: `${section.id}-${name}`, className: `${className} made` });
    section.append(made);
    return made;
  };
  const choice = (row, text, name, values) => {
    const label = make("label", text);
    const select = make("select", undefined, { id: `${section.id}-${name}` });
    choices(select, values);
    label.append(select);
    row.append(label);
    return select;
  };
  const controls = part("div", "controls", "controls");
  const metrics = section.dataset.metrics.split(" ").filter((name) => machine.series[name].length);
  const metric = choice(controls, "Show ", "metric", metrics.map((name) => [name, METRICS[name].title]));
  metric.parentElement.hidden = metrics.length === 1;
  const scale = choice(controls, "As ", "scale", [["values", "values"], ["last", "ratio to the last commit"]]);
  const fieldset = part("fieldset", "series", "series");
  fieldset.append(make("legend", section.dataset.series));
  const chart = part("div", "chart", "chart");
  chart.setAttribute("role", "img");
  chart.setAttribute("aria-label", section.querySelector("h2").textContent);
  const commit = choice(part("div", "choice", "controls commit-choice"), "What a commit changed ", "commit",
                        machine.commits.map((each, i) => [String(i), commitName(each)]).reverse());
  const says = part("div", "says", "commit");
  says.setAttribute("aria-live", "polite");
  return { metric, scale, fieldset, chart, commit, says };
}

function historyTrace(commits, { name, values }, i, { scale, write }, relative) {
  const last = values.filter((x) => x !== null).at(-1);
  const words = (x, j) => [`<b>${plain(name)}</b>: ${write(x * scale)}, ${short(x / last)} times the last`,
    wrapped(commitName(commits[j])), commitDate(commits[j])].join("<br>");
  return {
    name, type: "scatter", mode: "lines+markers", connectgaps: true, x: values.map((_, j) => j),
    y: values.map((x) => (x === null ? null : relative ? x / last : x * scale)),
    text: values.map((x, j) => (x === null ? "" : words(x, j))), hovertemplate: "%{text}<extra></extra>",
    line: { color: colour(i), dash: dash(i), width: 2 },
    marker: { color: colour(i), size: 7, symbol: MARKS[i % MARKS.length] },
  };
}

function historyLayout(commits, traces, { text, unity }, relative) {
  const spread = traces.flatMap((each) => each.y).filter((x) => x !== null);
  const log = Math.max(...spread) > 8 * Math.min(...spread);
  const every = Math.ceil(commits.length / (narrow() ? 8 : 24));
  const ticks = commits.map((_, i) => i).filter((i) => (commits.length - 1 - i) % every === 0);
  return {
    xaxis: axis("commits, the last one right", {
      tickmode: "array", tickvals: ticks, ticktext: ticks.map((i) => commits[i].hash.slice(0, 7)), tickangle: -60,
      range: [-0.4, commits.length - 0.6] }),
    yaxis: axis((relative ? "ratio to the last commit" : text) + (log ? " (log)" : ""), log
      ? { type: "log", dtick: "D2", exponentformat: "SI" } : { rangemode: relative ? "normal" : "tozero" }),
    shapes: relative || unity
      ? [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: 1, y1: 1, line: { color: ink("--ink"), width: 1.5 } }] : [],
  };
}
