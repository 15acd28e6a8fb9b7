"use strict";
// What a commit is, and what it changed.

const commitName = ({ hash, subject }) => `${hash.slice(0, 8)} ${subject}`.trim();
const commitDate = ({ date }) => new Date(date).toISOString().slice(0, 10);

function wrapped(text, width = 48) {
  return plain(text).replace(new RegExp(`(.{1,${width}})(\\s|$)`, "g"), "$1<br>").replace(/<br>$/, "");
}

// Against the commit that was measured before it, since not every commit is.
function explained(commits, series, { scale, write, least }, here) {
  const title = make("p");
  title.append(make("code", commits[here].hash.slice(0, 12)), ` of ${commitDate(commits[here])}: `,
               make("strong", commits[here].subject || "not in this clone"));
  if (here === 0) return [title, make("p", "The first commit that was measured.")];
  const before = commits[here - 1].hash.slice(0, 8);
  const rows = series.map(({ name, values }) => ({ name, was: values[here - 1], is: values[here] }))
    .filter(({ was, is }) => was !== null && is !== null && Math.abs(is / was - 1) >= least)
    .sort((a, b) => b.is / b.was - a.is / a.was);
  const since = make("p", `Since ${before}, which was measured before it (`);
  since.append(make("code", `git log ${before}..${commits[here].hash.slice(0, 8)}`), " lists what lies between): ",
               `${rows.length ? "changes" : "no changes"} of ${100 * least} % and more.`);
  if (!rows.length) return [title, since];
  const scroll = make("div", undefined, { className: "scroll" });
  const percent = (x) => `${x > 0 ? "+" : "−"}${Math.abs(100 * x).toFixed(1)} %`;
  scroll.append(table(["", "before", "here", "change"], rows.map(({ name, was, is }) => [
    name, write(was * scale), write(is * scale), percent(is / was - 1)])));
  return [title, since, scroll];
}
