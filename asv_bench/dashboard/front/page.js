"use strict";
// Puts the page together.

function headline(machine) {
  const cards = [];
  if (DATA.comparison) {
    const cases = DATA.comparison.cases;
    const copies = cases.map(({ seconds }) => seconds.cypool / seconds.floor);
    const leads = cases.map(lead).filter((each) => each !== null);
    cards.push(["cases in the grid", cases.length], ["copies that a call takes, median", short(median(copies))]);
    if (leads.length) {
      const fastest = leads.filter((each) => each >= 1).length;
      cards.push(["fastest, of the cases that a peer has", `${fastest} of ${leads.length}`],
                 ["the best peer's time in cypool's, median", `${short(median(leads))}×`]);
    }
  }
  const last = (metric, name) => machine?.series[metric].find((each) => each.name === name)?.values
    .filter((each) => each !== null).at(-1);
  const [imported, wheel] = [last("import", "import"), last("size", "wheel")];
  if (imported) cards.push(["import, in NumPy's own", `${short(imported)}×`]);
  if (wheel) cards.push(["wheel", `${short(wheel * 1e-6)} MB`]);
  if (machine) cards.push(["last commit measured", machine.commits.at(-1).hash.slice(0, 7)]);
  element("headline").replaceChildren(...cards.map(([term, value]) => {
    const card = make("div");
    card.append(make("dt", term), make("dd", value));
    return card;
  }));
}

// What begin draws, or a note where there are no results.
function section(id, there, begin) {
  const parts = element(id).querySelectorAll(".controls, .series, .chart, .commit, details");
  parts.forEach((part) => { part.hidden = !there; });
  element(id).querySelectorAll(".note").forEach((old) => old.remove());
  if (there) return [begin()];
  element(id).append(make("p", "No results yet.", { className: "note" }));
  return [];
}

function ofMachine(machine) {
  headline(machine);
  const histories = [...document.querySelectorAll(".history")].flatMap((each) => {
    const there = machine && each.dataset.metrics.split(" ").some((name) => machine.series[name].length);
    return section(each.id, there, () => historySection(each, machine));
  });
  return [...histories, ...section("threads", machine?.threads, () => threadsChart(machine)),
          ...section("windows", machine?.windows, () => windowsChart(machine))];
}

const comparisonCharts = section("grid", DATA.comparison?.cases.length, () => gridChart(DATA.comparison));
let machineCharts = ofMachine(DATA.machines[0]);

element("machines").hidden = DATA.machines.length < 2;
choices(element("machine"), DATA.machines.map(({ machine, cpu }, i) => [String(i), `${machine} (${cpu})`]));
element("machine").addEventListener("change", () => {
  machineCharts = ofMachine(DATA.machines[element("machine").value]);
});
element("served").hidden = location.protocol !== "file:";

// Colours and sizes of text are drawn into the charts.
const redrawAll = () => [...comparisonCharts, ...machineCharts].forEach((redraw) => redraw());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
matchMedia("(max-width: 600px)").addEventListener("change", redrawAll);
