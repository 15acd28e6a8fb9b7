"use strict";
// Metrics over the commits. A section chooses a metric and its series, and says what a commit changed.

const METRICS = {
  copies: { title: "copies", text: "copies of as many bytes", write: short },
  instructions: { title: "instructions", text: "instructions a call", write: (x) => x.toLocaleString("en") },
  size: { title: "size", text: "size in MB", scale: 1e-6, write: (x) => `${short(x)} MB` },
  import: { title: "import", text: "import time, in NumPy's", write: short },
  memory: { title: "peak memory", text: "peak memory of the process in MB", scale: 1e-6, write: (x) => `${short(x)} MB` },
};
const AT_FIRST = 6;

function historySection(section, machine) {
  const metrics = section.dataset.metrics.split(" ");
  section.querySelectorAll(".made").forEach((old) => old.remove());
  const id = section.id;
  const part = (tag, name, more = {}) => {
    const made = make(tag, undefined, { id: `${id}-${name}`, ...more });
    made.classList.add("made");
    section.append(made);
    return made;
  };
  const controls = part("div", "controls", { className: "controls" });
  const choice = (text, name, values) => {
    const label = make("label", text);
    const select = make("select", undefined, { id: `${id}-${name}` });
    choices(select, values);
    label.append(select);
    controls.append(label);
    return select;
  };
  const metric = choice("Show ", "metric", metrics.map((name) => [name, METRICS[name].title]));
  metric.parentElement.hidden = metrics.length === 1;
  const scale = choice("As ", "scale", [["values", "values"], ["last", "ratio to the last commit"]]);
  const fieldset = part("fieldset", "series", { className: "series" });
  fieldset.append(make("legend", metrics[0] === "instructions" ? "Calls" : "Cases"));
  const chart = part("div", "chart", { className: "chart" });
  chart.setAttribute("role", "img");
  chart.setAttribute("aria-label", section.querySelector("h2").textContent);
  const chosen = part("div", "choice", { className: "controls commit-choice" });
  const label = make("label", "What a commit changed ");
  const commit = make("select", undefined, { id: `${id}-commit` });
  label.append(commit);
  chosen.append(label);
  const says = part("div", "says", { className: "commit" });
  says.setAttribute("aria-live", "polite");

  const name = (i) => `${machine.commits[i].hash.slice(0, 8)} ${machine.commits[i].subject}`.trim();
  choices(commit, machine.commits.map((each, i) => [String(i), name(i)]).reverse());
  commit.addEventListener("change", explain);
  metric.addEventListener("change", () => { fill(); redraw(); explain(); });
  scale.addEventListener("change", redraw);
  let shown = () => [];

  function fill() {
    const names = machine.series[metric.value].map((each) => each.name || METRICS[metric.value].title);
    shown = checkboxes(fieldset, names, (_, i) => metric.value !== "copies" || i < AT_FIRST, colour, redraw);
  }

  function redraw() {
    const { text, write, scale: unit = 1 } = METRICS[metric.value];
    const names = shown();
    const relative = scale.value === "last";
    const traces = machine.series[metric.value].map((each, i) => ({ ...each, i }))
      .filter((each) => names.includes(each.name || METRICS[metric.value].title)).map((each) => {
        const values = each.values.map((x) => (x === null ? null : x * unit));
        const last = values.filter((x) => x !== null).at(-1);
        return {
          name: each.name, type: "scatter", mode: "lines+markers", x: values.map((_, j) => j), connectgaps: true,
          y: relative ? values.map((x) => (x === null ? null : x / last)) : values,
          text: values.map((x, j) => (x === null ? "" : `<b>${plain(each.name)}</b>: ${write(x)}, `
            + `${short(x / last)} times the last<br>${wrapped(name(j))}<br>${date(j)}`)),
          hovertemplate: "%{text}<extra></extra>", line: { color: colour(each.i), dash: dash(each.i), width: 2 },
          marker: { color: colour(each.i), size: 7, symbol: MARKS[each.i % MARKS.length] },
        };
      });
    const spread = traces.flatMap((each) => each.y).filter((x) => x !== null);
    const log = Math.max(...spread) > 8 * Math.min(...spread);
    const places = machine.commits.map((_, i) => i);
    const every = Math.ceil(places.length / (narrow() ? 8 : 24));
    const ticks = places.filter((i) => (places.length - 1 - i) % every === 0);
    draw(chart, traces, {
      xaxis: axis("commits, the last one right", { tickmode: "array", tickvals: ticks, tickangle: -60,
        ticktext: ticks.map((i) => machine.commits[i].hash.slice(0, 7)), range: [-0.4, places.length - 0.6] }),
      yaxis: axis((relative ? "ratio to the last commit" : text) + (log ? " (log)" : ""),
                  log ? { type: "log", dtick: 1, exponentformat: "SI" } : { rangemode: relative ? "normal" : "tozero" }),
      shapes: relative || metric.value === "copies" || metric.value === "import"
        ? [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: 1, y1: 1, line: { color: ink("--ink"), width: 1.5 } }] : [],
    }).then(() => {
      chart.removeAllListeners("plotly_click");
      chart.on("plotly_click", (event) => {
        commit.value = String(event.points[0].x);
        explain();
      });
    });
  }

  function date(i) {
    return new Date(machine.commits[i].date).toISOString().slice(0, 10);
  }

  // Against the commit that was measured before it; commits between the two were not.
  function explain() {
    const here = Number(commit.value);
    const { write, scale: unit = 1 } = METRICS[metric.value];
    const title = make("p");
    title.append(make("code", machine.commits[here].hash.slice(0, 12)), ` of ${date(here)}: `,
                 make("strong", machine.commits[here].subject || "not in this clone"));
    says.replaceChildren(title);
    if (here === 0) {
      says.append(make("p", "The first commit that was measured."));
      return;
    }
    const before = machine.commits[here - 1].hash.slice(0, 8);
    const rows = machine.series[metric.value]
      .map((each) => ({ name: each.name || METRICS[metric.value].title, was: each.values[here - 1], is: each.values[here] }))
      .filter(({ was, is }) => was !== null && is !== null && Math.abs(is / was - 1) >= 0.005)
      .sort((a, b) => b.is / b.was - a.is / a.was);
    const range = make("p", `Since ${before}, which was measured before it (`);
    range.append(make("code", `git log ${before}..${machine.commits[here].hash.slice(0, 8)}`), " lists what lies between): ",
                 rows.length ? "changes of half a per cent and more." : "no change of half a per cent or more.");
    says.append(range);
    if (rows.length) {
      const scroll = make("div", undefined, { className: "scroll" });
      scroll.append(table(["", "before", "here", "change"], rows.map(({ name: label, was, is }) => [
        label, write(was * unit), write(is * unit), `${is > was ? "+" : "−"}${Math.abs(100 * (is / was - 1)).toFixed(1)} %`])));
      says.append(scroll);
    }
  }

  fill();
  redraw();
  explain();
  return redraw;
}

function wrapped(text, width = 48) {
  return plain(text).replace(new RegExp(`(.{1,${width}})(\\s|$)`, "g"), "$1<br>").replace(/<br>$/, "");
}
