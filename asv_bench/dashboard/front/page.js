"use strict";
// Puts the page together.

function headline(machine) {
  const cards = [];
  if (DATA.comparison) {
    const cases = DATA.comparison.cases;
    const leads = cases.map(lead).filter((each) => each !== null);
    cards.push(["cases in the grid", cases.length],
               ["copies that a call takes, median", short(median(cases.map((each) => each.seconds.cypool / each.seconds.floor)))]);
    if (leads.length) {
      cards.push(["fastest, of the cases that a peer has", `${leads.filter((each) => each >= 1).length} of ${leads.length}`],
                 ["the best peer's time in cypool's, median", `${short(median(leads))}×`]);
    }
  }
  const last = (metric, name) => machine?.series[metric].find((each) => each.name === name)?.values
    .filter((each) => each !== null).at(-1);
  if (last("import", "")) cards.push(["import, in NumPy's own", `${short(last("import", ""))}×`]);
  if (last("size", "wheel")) cards.push(["wheel", `${short(last("size", "wheel") * 1e-6)} MB`]);
  if (machine) cards.push(["last commit measured", machine.commits.at(-1).hash.slice(0, 8)]);
  element("headline").replaceChildren(...cards.map(([term, value]) => {
    const card = make("div");
    card.append(make("dt", term), make("dd", value));
    return card;
  }));
}

// A section without results says so.
function section(id, there, begin) {
  if (there) return [begin()];
  element(id).querySelectorAll(".controls, .series, .chart, details").forEach((part) => { part.hidden = true; });
  element(id).append(make("p", "No results yet.", { className: "note made" }));
  return [];
}

function ofMachine(machine) {
  document.querySelectorAll("#threads .note, #windows .note").forEach((old) => old.remove());
  for (const id of ["threads", "windows"]) element(id).querySelectorAll(".series, .chart").forEach((part) => { part.hidden = false; });
  headline(machine);
  return [
    ...[...document.querySelectorAll(".history")].flatMap((each) => section(each.id,
      machine && each.dataset.metrics.split(" ").some((name) => machine.series[name].length),
      () => historySection(each, machine))),
    ...section("threads", machine?.threads, () => threadsChart(machine)),
    ...section("windows", machine?.windows, () => windowsChart(machine)),
  ];
}

const comparisonCharts = section("grid", DATA.comparison?.cases.length, () => gridChart(DATA.comparison));
let machineCharts = ofMachine(DATA.machines[0]);

element("machines").hidden = DATA.machines.length < 2;
choices(element("machine"), DATA.machines.map(({ machine, cpu }, i) => [String(i), `${machine} (${cpu})`]));
element("machine").addEventListener("change", () => { machineCharts = ofMachine(DATA.machines[element("machine").value]); });
element("served").hidden = location.protocol !== "file:";

// Colours and sizes of text are drawn into the charts.
const redrawAll = () => [...comparisonCharts, ...machineCharts].forEach((redraw) => redraw());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
matchMedia("(max-width: 600px)").addEventListener("change", redrawAll);
