"use strict";
// The grid against the peers: a row for each case, a mark for each library.

// In the comparison's seconds beside the peers.
const NOT_PEERS = ["floor", "cypool", "fresh"];

function peersOf(result) {
  return Object.entries(result.seconds).filter(([name]) => !NOT_PEERS.includes(name)).sort((a, b) => a[1] - b[1]);
}

// Above 1: the best peer takes as many times as long as cypool; null where no peer has the case.
function lead(result) {
  const peers = peersOf(result);
  return peers.length ? peers[0][1] / result.seconds.cypool : null;
}

function gridChart(comparison) {
  const cases = comparison.cases;
  const libraries = ["cypool", ...new Set(cases.flatMap((each) => peersOf(each).map(([name]) => name)))];
  const copies = (each, name) => each.seconds[name] / each.seconds.floor;
  element("grid-machine").textContent = `${comparison.threads === 1 ? "One thread" : `${comparison.threads} threads`}, `
    + `${comparison.machine}, NumPy ${comparison.numpy}. `
    + `Peers: ${Object.entries(comparison.versions).map(([name, version]) => `${name} ${version}`).join(", ")}.`;
  for (const key of ["operation", "layout", "dtype"]) {
    const found = [...new Set(cases.map((each) => each[key]))].sort();
    choices(element(`grid-${key}`), [["", "all"], ...found.map((value) => [value, value])]);
    element(`grid-${key}`).addEventListener("change", redraw);
  }
  element("grid-order").addEventListener("change", redraw);
  element("grid-search").addEventListener("input", redraw);
  element("grid-search").form.addEventListener("submit", (event) => event.preventDefault());
  element("grid-numbers").addEventListener("toggle", redraw);
  const shown = checkboxes(element("grid-peers"), libraries, () => true, colour, redraw);

  function selected() {
    const wanted = ["operation", "layout", "dtype"].map((key) => [key, element(`grid-${key}`).value]);
    const text = element("grid-search").value.trim().toLowerCase();
    const rows = cases.filter((each) => wanted.every(([key, value]) => !value || each[key] === value)
      && each.case.toLowerCase().includes(text));
    const by = { slow: (each) => -copies(each, "cypool"), behind: (each) => lead(each) ?? Infinity };
    const key = by[element("grid-order").value];
    return key ? rows.sort((a, b) => key(a) - key(b)) : rows;
  }

  function words(each, name) {
    const seconds = each.seconds[name];
    const lines = [`<b>${plain(each.case)}</b>: ${name}`,
      `${short(seconds * 1e6)} µs, ${short(each.bytes / seconds / 1e9)} GB/s, ${short(copies(each, name))} copies`];
    if (name !== "cypool") lines.push(`${short(seconds / each.seconds.cypool)} times as long as cypool`);
    if (each.differs[name]) lines.push(plain(each.differs[name]));
    return lines.join("<br>");
  }

  function redraw() {
    const rows = selected();
    const names = shown();
    const fastest = rows.filter((each) => lead(each) >= 1).length;
    const compared = rows.filter((each) => lead(each) !== null).length;
    element("grid-count").textContent = `${rows.length} of ${cases.length} cases; a peer has ${compared} of them, `
      + `and cypool is fastest in ${fastest}.`;
    // cypool last, on top of the others.
    const traces = libraries.map((name, i) => ({ name, i })).reverse().filter(({ name }) => names.includes(name))
      .map(({ name, i }) => {
        const having = rows.filter((each) => name in each.seconds);
        return {
          name, type: "scatter", mode: "markers", y: having.map((each) => each.case),
          x: having.map((each) => copies(each, name)), text: having.map((each) => words(each, name)),
          hovertemplate: "%{text}<extra></extra>",
          marker: name === "cypool" ? { color: colour(i), size: 12, symbol: "diamond" }
            : { color: colour(i), size: 8, symbol: MARKS[i % MARKS.length], opacity: 0.8 },
        };
      });
    draw(element("grid-chart"), traces, {
      height: 90 + 21 * Math.max(2, rows.length),
      xaxis: axis("copies of as many bytes (log)", { type: "log", side: "top", dtick: 1, exponentformat: "none" }),
      yaxis: axis("", { type: "category", categoryarray: rows.map((each) => each.case), autorange: false,
                        range: [rows.length - 0.3, -0.7], tickmode: "array", tickvals: rows.map((each) => each.case),
                        ticktext: rows.map((each) => plain(each.case)), tickfont: { size: narrow() ? 10 : 12 } }),
      shapes: [{ type: "line", x0: 1, x1: 1, yref: "paper", y0: 0, y1: 1, line: { color: ink("--ink"), width: 1.5 } }],
    });
    if (element("grid-numbers").open) {
      const lines = rows.map((each) => {
        const [best] = peersOf(each);
        const mine = each.seconds.cypool;
        return [each.case, short(mine * 1e6), short(each.bytes / mine / 1e9), short(copies(each, "cypool")),
                best ? best[0] : "none", best ? short(best[1] / mine) : ""];
      });
      element("grid-numbers").querySelector(".scroll").replaceChildren(
        table(["case", "µs", "GB/s", "copies", "best peer", "its time / cypool's"], lines));
    }
  }

  redraw();
  return redraw;
}
