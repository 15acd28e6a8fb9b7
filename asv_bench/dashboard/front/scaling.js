"use strict";
// How time falls with threads and grows with the window, on the last commit that was measured.

function lines(points, label, place) {
  const found = new Map();
  for (const [parameters, seconds] of points) {
    const name = label(parameters);
    if (!found.has(name)) found.set(name, []);
    found.get(name).push([place(parameters), seconds]);
  }
  return [...found].map(([name, values]) => ({ name, values }));
}

function scalingChart(id, machine, series, trace, layout) {
  const chart = element(`${id}-chart`);
  const measured = machine.commits[machine[id].commit];
  element(`${id}-commit`).textContent =
    `Measured at ${measured.hash.slice(0, 8)} on ${machine.cpu}, ${machine.num_cpu} cores.`;
  const shown = checkboxes(element(`${id}-series`), series.map((each) => each.name), () => true, colour, redraw);

  function redraw() {
    const names = shown();
    const traces = series.map((each, i) => ({
      name: each.name, type: "scatter", mode: "lines+markers", ...trace(each), hovertemplate: "%{text}<extra></extra>",
      line: { color: colour(i), width: 2 }, marker: { color: colour(i), size: 8, symbol: MARKS[i % MARKS.length] },
    })).filter((each) => names.includes(each.name));
    draw(chart, traces, layout());
  }

  redraw();
  return redraw;
}

function threadsChart(machine) {
  const series = lines(machine.threads.values, ([name]) => name, ([, threads]) => threads);
  const most = Math.max(...series.flatMap((each) => each.values.map(([threads]) => threads)));
  const trace = ({ name, values }) => {
    const one = values.find(([threads]) => threads === 1)[1];
    return { x: values.map(([threads]) => threads), y: values.map(([, seconds]) => one / seconds),
             text: values.map(([threads, seconds]) => `<b>${plain(name)}</b>, threads: ${threads}<br>`
               + `${short(seconds * 1e6)} µs, ${short(one / seconds)} times as fast as on one`) };
  };
  const layout = () => ({
    xaxis: axis("threads", { type: "log", tickvals: [1, 2, 4, 8, 16], range: [-0.05, Math.log10(most) + 0.05] }),
    yaxis: axis("times as fast as one thread", { rangemode: "tozero" }),
    shapes: [{ type: "line", x0: 1, y0: 1, x1: most, y1: most, line: { color: ink("--quiet"), dash: "dot" } }],
  });
  return scalingChart("threads", machine, series, trace, layout);
}

function windowsChart(machine) {
  const series = lines(machine.windows.values, ([operation, dtype]) => `${operation} ${dtype}`, ([, , width]) => width);
  const widths = series[0].values.map(([width]) => width);
  // The benchmark has a million outputs.
  const trace = ({ name, values }) => ({
    x: values.map(([width]) => width), y: values.map(([, seconds]) => seconds * 1e3),
    text: values.map(([width, seconds]) => `<b>${plain(name)}</b>, ${width}×${width}<br>`
      + `${short(seconds * 1e3)} ns an output, ${short(seconds / values[0][1])} times the narrowest`),
  });
  const layout = () => ({
    xaxis: axis("window width and height (log)", { type: "log", tickvals: widths }),
    yaxis: axis("ns an output", { rangemode: "tozero" }),
  });
  return scalingChart("windows", machine, series, trace, layout);
}
