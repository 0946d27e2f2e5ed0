/*
 * Draws the charts of a page with uPlot. The server puts a data block beside each chart's box:
 *
 *   <div class="chart h-chart" id="c1" role="img" tabindex="0" aria-label="…"><svg class="fig">…</svg></div>
 *   <script type="application/json" data-chart="c1">{…}</script>
 *
 *   kind     "lines" or "bars"
 *   zone     IANA name of the time zone to write times in; lang "ko" or "en"; unit "ms" or "count"
 *   from,to  the range in epoch seconds, which is the x scale
 *   step     nominal length of a bucket in seconds
 *   runs     starts of all buckets of the range, also of empty ones: [[first start, distance, how many]…] in epoch seconds
 *   open     the last bucket is not finished; cut: the range begins inside the first one
 *   log      logarithmic y scale
 *   stale    the data is old: everything in grey
 *   series   lines: [{name, style: "p50"|"p95"|"p99"|"compare", values: [number|null…], end: "p95 68 ms"}]
 *   stacks   bars, from the bottom up: [{name, style: "ok"|"failed", hatch, values: [number|null…]}]
 *   gaps     [{from, to, label}] where there is no data; partial: the same where some of it is missing
 *   zoom     address with {from} and {to}, which become 2026-11-22T09:40:00Z, for a range that is dragged
 *
 * null is a gap and never zero; lists that are empty may be left out. A bucket reaches from its start to
 * the next one's, so a day with a clock change may hold a longer one. Points of lines and bars alike belong to the middle of a bucket:
 * the cursor that all charts share then agrees.
 */
import uPlot from "uplot";

const LINE = {
  p50: { color: "--p50", label: "--ink-2", width: 1.5 },
  p95: { color: "--p95", label: "--p95", width: 2 },
  p99: { color: "--p99", label: "--p99", width: 1.5, dash: [6, 3], swatch: "dash" },
  compare: { color: "--compare", label: "--ink-3", width: 1.2, dash: [2, 3], swatch: "dot" },
};
const OPEN_DASH = [2, 3];
const PHONE = 768;         // narrower windows show fewer ticks
const SMALL = 160;         // lower charts have no room for labels above the plot
const END_LABELS = 560;    // narrower charts have no room for labels at the lines' ends
const DAY = 86_400;
const LADDER = [1, 3];     // ticks of a log scale: 1, 3, 10, 30, …

/** drawn maps a chart's element to {plot, script, size}. */
const drawn = new Map();
let send; // htmx, handed over by app.js

/** startCharts draws now and whenever the page, its theme or a chart's size changes. */
export function startCharts(htmx) {
  send = htmx;
  document.addEventListener("htmx:after:swap", (e) => {
    markZoom(e.detail.ctx);
    drawNew();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
  new MutationObserver(redrawAll).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  addEventListener("beforeprint", () => printing(true));
  addEventListener("afterprint", () => printing(false));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", drawNew);
  else drawNew();
}

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const d = drawn.get(target);
    if (d && d.size !== sizeOf(target)) requestAnimationFrame(() => drawn.has(target) && draw(target, d.script));
  }
});
const sizeOf = (el) => `${el.clientWidth}x${el.clientHeight}`;

function drawNew() {
  for (const [el, d] of drawn) if (!el.isConnected || !d.script.isConnected) forget(el);
  for (const script of document.querySelectorAll("script[data-chart]")) {
    const el = document.getElementById(script.dataset.chart);
    if (el && drawn.get(el)?.script !== script) draw(el, script);
  }
}

function redrawAll() {
  for (const [el, d] of [...drawn]) draw(el, d.script); // a copy, because drawing replaces the entry
}

function forget(el) {
  sizes.unobserve(el);
  drawn.get(el)?.plot.destroy();
  drawn.delete(el);
}

/** draw replaces whatever the element shows by the chart of the data block. */
function draw(el, script) {
  if (el.clientWidth === 0 || el.clientHeight === 0) return; // hidden: the observer calls again
  const spec = prepare(JSON.parse(script.textContent), el);
  forget(el);
  const plot = new uPlot(options(spec, el), data(spec), el);
  el.querySelector("svg.fig")?.remove();
  drawn.set(el, { plot, script, size: sizeOf(el) });
  listenToKeys(el);
  sizes.observe(el);
}

/** Paper is white: charts are drawn again in the light theme while the page is printed. */
let themeBefore;
function printing(start) {
  const root = document.documentElement;
  if (start) {
    themeBefore = root.dataset.theme;
    root.dataset.theme = "jikimi-light";
  } else if (themeBefore === undefined) {
    delete root.dataset.theme;
  } else {
    root.dataset.theme = themeBefore;
  }
  redrawAll();
}

/* ---- From the data block to uPlot ---- */

/** prepare adds what several steps need: bucket edges and middles, colours, the text's language. */
function prepare(spec, el) {
  const x = spec.runs.flatMap(([first, step, n]) => Array.from({ length: n }, (_, i) => first + i * step));
  const end = (i) => x[i + 1] ?? Math.max(spec.to, x[i] + 1);
  const start = (i) => Math.max(x[i], spec.from);
  const last = x.length - 1;
  const css = getComputedStyle(document.documentElement);
  return {
    ...spec,
    x,
    series: spec.series ?? [],
    stacks: spec.stacks ?? [],
    gaps: spec.gaps ?? [],
    partial: spec.partial ?? [],
    start,
    end,
    middle: x.map((t, i) => (start(i) + end(i)) / 2),
    incomplete: (i) => (spec.cut && i === 0) || (spec.open && i === last),
    color: (name) => css.getPropertyValue(name).trim(),
    family: getComputedStyle(el).fontFamily,
    ko: spec.lang === "ko",
    phone: innerWidth < PHONE,
    small: el.clientHeight < SMALL,
    endLabels: el.clientWidth >= END_LABELS,
    tz: (t) => uPlot.tzDate(new Date(t * 1000), spec.zone),
  };
}

/** data returns uPlot's columns; series() returns as many descriptions in the same order. */
function data(spec) {
  if (spec.kind === "bars") return [spec.middle, ...tops(spec)];
  const low = spec.log ? logRange(spec)[0] : -Infinity;
  const columns = spec.series.flatMap((s) => {
    const values = s.values.map((v) => (v === null ? null : Math.max(v, low))); // zero has no place on a log scale
    return isSplit(spec, s) ? [completePart(spec, values), incompletePart(spec, values)] : [values];
  });
  return [spec.middle, ...columns];
}

/** isSplit says whether a line is drawn as two: whole, and dotted towards incomplete buckets. */
const isSplit = (spec, s) => (spec.open || spec.cut) && s.style !== "compare";
const completePart = (spec, values) => values.map((v, i) => (spec.incomplete(i) ? null : v));
const incompletePart = (spec, values) => values.map((v, i) => ([i - 1, i, i + 1].some(spec.incomplete) ? v : null));

/** tops returns the upper edge of every stack's bars, bottom stack first. */
function tops(spec) {
  const sum = spec.x.map(() => 0);
  return spec.stacks.map((s) => s.values.map((v, i) => (v === null ? null : (sum[i] += v))));
}

function series(spec) {
  return [{}, ...(spec.kind === "bars" ? spec.stacks.map((s, k) => barSeries(spec, s, k)) : spec.series.flatMap((s) => lineSeries(spec, s)))];
}

function lineSeries(spec, s) {
  const { color, width, dash } = LINE[s.style];
  const stroke = spec.color(spec.stale ? "--stale" : color);
  const lone = { show: true, size: width * 2 + 1, fill: stroke, width: 0, filter: lonePoints };
  const closed = { stroke, width, dash, spanGaps: false, points: lone };
  if (!isSplit(spec, s)) return [closed];
  const rings = (u, si) => u.data[si].flatMap((v, i) => (v !== null && spec.incomplete(i) ? [i] : []));
  const ring = { show: true, size: 6, width: 1.5, fill: spec.color("--panel"), stroke, filter: rings };
  return [closed, { stroke, width, dash: OPEN_DASH, spanGaps: false, points: ring }];
}

/** lonePoints finds values between two gaps, which a line cannot show. */
function lonePoints(u, si) {
  const values = u.data[si];
  return values.flatMap((v, i) => (v !== null && (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null ? [i] : []));
}

function barSeries(spec, s, k) {
  return { fill: (u) => barFill(u, spec, s), stroke: "transparent", width: 0, points: { show: false }, paths: (u, si) => barPath(u, spec, si, k) };
}

function barFill(u, spec, s) {
  if (spec.stale) return spec.color(s.style === "failed" ? "--stale" : "--line-2");
  if (s.hatch) return hatch(u.ctx, spec.color("--panel"), spec.color("--c4xx"));
  return spec.color(s.style === "failed" ? "--c5xx" : "--c2xx");
}

/** barPath draws each bucket as wide as it is, on top of the stacks below. */
function barPath(u, spec, si, k) {
  const fill = new Path2D();
  u.data[si].forEach((top, i) => {
    const value = spec.stacks[k].values[i];
    if (top === null || value === 0) return;
    const { left, width } = bucketBox(u, spec, i);
    const base = u.valToPos(top - value, "y", true);
    const height = Math.max(1.5 * devicePixelRatio, base - u.valToPos(top, "y", true)); // one failure in 10,000 stays visible
    fill.rect(left, base - height, width, height);
  });
  return { fill, stroke: null, clip: null, flags: 1 };
}

/** bucketBox is a bucket's place in canvas pixels, less a hairline where there is room for one. */
function bucketBox(u, spec, i) {
  const left = Math.round(u.valToPos(spec.start(i), "x", true));
  const right = Math.round(u.valToPos(spec.end(i), "x", true));
  const hairline = right - left > 4 * devicePixelRatio ? Math.round(devicePixelRatio) : 0;
  return { left, width: Math.max(1, right - left - hairline) };
}

function options(spec, el) {
  const labelled = !spec.small && spec.gaps.length + spec.partial.length > 0;
  return {
    width: el.clientWidth,
    height: el.clientHeight,
    tzDate: spec.tz,
    padding: [labelled ? 20 : 8, rightPadding(spec), 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: "page", setSeries: false, filters: { pub: (type) => type === "mousemove" || type === "mouseleave" } },
      drag: { x: true, y: false, setScale: false },
      points: { show: spec.kind === "lines", size: 6 },
      bind: { dblclick: () => leaveZoom },
    },
    scales: { x: { time: true, range: () => [spec.from, spec.to] }, y: yScale(spec) },
    axes: [xAxis(spec), yAxis(spec)],
    series: series(spec),
    hooks: {
      drawClear: [(u) => drawPartial(u, spec, "--hatch")],
      draw: [(u) => drawOver(u, spec)],
      ready: [() => el.setAttribute("data-drawn", "")],
      setCursor: [(u) => showReadout(u, spec, el)],
      setSelect: [(u) => zoom(u, spec)],
    },
  };
}

/* ---- Scales and axes ---- */

const lineValues = (spec) => spec.series.flatMap((s) => s.values).filter((v) => v !== null);

function yScale(spec) {
  if (spec.log) return { distr: 3, log: 10, range: () => logRange(spec) };
  return { range: (u, min, max) => [0, max > 0 ? max * 1.12 : 1] };
}

/** logRange reaches to the rungs of the ladder 1, 3, 10, … around the data, but not far beyond it. */
function logRange(spec) {
  const values = lineValues(spec).filter((v) => v > 0);
  if (values.length === 0) return [1, 1000];
  const [min, max] = [Math.min(...values), Math.max(...values)];
  const rungs = ladder(min * 0.9, max * 1.2);
  return [Math.max(rungs[0] * 0.9, min / 2), Math.min(rungs.at(-1), max * 2)];
}

/** ladder returns the rungs from the last one below min to the first one above max. */
function ladder(min, max) {
  const all = [];
  for (let e = -3; e < 9; e++) for (const m of LADDER) all.push(m * 10 ** e);
  const first = all.findLastIndex((r) => r <= min);
  const last = all.findIndex((r) => r >= max);
  return all.slice(Math.max(first, 0), last < 0 ? undefined : last + 1);
}

function axisStyle(spec) {
  return { stroke: spec.color("--axis"), font: `11px ${spec.family}`, ticks: { show: false } };
}

function xAxis(spec) {
  return {
    ...axisStyle(spec),
    grid: { show: false },
    size: 24,
    gap: 6,
    space: spec.phone ? 64 : 80,
    values: (u, splits, axis, space, incr) => splits.map((t) => tick(spec, t, incr)),
  };
}

function yAxis(spec) {
  const [low, high] = spec.log ? logRange(spec) : [];
  const rungs = spec.log && ladder(low, high).filter((r) => r >= low && r <= high);
  return {
    ...axisStyle(spec),
    grid: { stroke: spec.color("--grid"), width: 1 },
    gap: 8,
    space: spec.small ? 22 : 34,
    size: (u, values) => Math.max(spec.phone ? 46 : 56, ...(values ?? []).map((v) => textWidth(u, spec, v) + 14)),
    values: (u, splits) => splits.map((v) => (v === null ? "" : shortNumber(v, spec))),
    ...(spec.unit === "count" ? { incrs: wholeSteps } : {}),
    ...(rungs ? { splits: () => rungs, filter: (u, splits) => thinRungs(u, splits) } : {}),
  };
}

/** Counts have no halves: 1, 2, 5, 10, 20, … */
const wholeSteps = Array.from({ length: 36 }, (_, i) => [1, 2, 5][i % 3] * 10 ** Math.floor(i / 3));

/** thinRungs drops the labels of the threes where the rungs stand too close. */
function thinRungs(u, splits) {
  const apart = u.valToPos(splits[0], "y") - u.valToPos(splits[1] ?? splits[0], "y");
  if (apart >= 14 || splits.length < 3) return splits;
  return splits.map((v) => (Math.abs(Math.log10(v) % 1) < 1e-6 ? v : null));
}

function textWidth(u, spec, text, weight = 400) {
  u.ctx.save();
  u.ctx.font = `${weight} 11px ${spec.family}`;
  const { width } = u.ctx.measureText(text);
  u.ctx.restore();
  return Math.ceil(width);
}

/** rightPadding makes room for the labels at the lines' ends, or for half of the last tick. */
function rightPadding(spec) {
  if (spec.kind !== "lines" || !spec.endLabels || !spec.series.some((s) => s.end)) return 24;
  const c = document.createElement("canvas").getContext("2d");
  c.font = `600 11px ${spec.family}`;
  return Math.ceil(Math.max(...spec.series.map((s) => c.measureText(s.end ?? "").width))) + 16;
}

/* ---- Words and numbers ---- */

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const WEEKDAYS = { ko: [..."일월화수목금토"], en: "Sun Mon Tue Wed Thu Fri Sat".split(" ") };
const pad = (n) => String(n).padStart(2, "0");

function tick(spec, t, incr) {
  const d = spec.tz(t);
  if (incr >= 28 * DAY) return spec.ko ? `${d.getFullYear()}.${d.getMonth() + 1}` : `${MONTHS[d.getMonth()]} ${d.getFullYear()}`;
  const midnight = d.getHours() + d.getMinutes() + d.getSeconds() === 0;
  if (incr >= DAY || midnight) return spec.ko ? `${d.getMonth() + 1}.${d.getDate()}` : `${d.getDate()} ${MONTHS[d.getMonth()]}`;
  return clock(d, incr < 60);
}

const clock = (d, seconds) => `${pad(d.getHours())}:${pad(d.getMinutes())}${seconds ? `:${pad(d.getSeconds())}` : ""}`;

function date(spec, d) {
  if (spec.ko) return `${d.getMonth() + 1}.${d.getDate()}(${WEEKDAYS.ko[d.getDay()]})`;
  return `${WEEKDAYS.en[d.getDay()]} ${d.getDate()} ${MONTHS[d.getMonth()]}`;
}

/** bucketTime says when a bucket was: with its date if the range is longer than a day. */
function bucketTime(spec, i) {
  const from = spec.tz(spec.x[i]);
  if (spec.step >= DAY) return date(spec, from);
  const day = spec.to - spec.from > DAY ? `${date(spec, from)} ` : "";
  const seconds = spec.step < 60;
  return `${day}${clock(from, seconds)}–${clock(spec.tz(spec.end(i)), seconds)}`;
}

/** shortNumber labels the axis: 300 ms, 1.2초; 4,200, 4.2만, 42k. */
function shortNumber(v, spec) {
  const round = (n) => String(+n.toFixed(1));
  if (spec.unit === "ms") return v >= 1000 ? `${round(v / 1000)}${spec.ko ? "초" : " s"}` : `${+v.toPrecision(3)} ms`;
  if (v < 10_000) return v.toLocaleString("en-US");
  if (spec.ko) return v >= 1e8 ? `${round(v / 1e8)}억` : `${round(v / 1e4)}만`;
  return v >= 1e6 ? `${round(v / 1e6)}M` : `${round(v / 1e3)}k`;
}

/** fullNumber writes a value for the read-out. */
function fullNumber(v, spec) {
  if (v === null) return spec.ko ? "자료 없음" : "no data";
  if (spec.unit !== "ms") return `${v.toLocaleString("en-US")}${spec.ko ? "건" : ""}`;
  if (v >= 1000) return `${(v / 1000).toFixed(2)}${spec.ko ? "초" : " s"}`;
  return `${v < 10 ? v.toFixed(1) : Math.round(v)} ms`;
}

/* ---- What is drawn besides uPlot's own lines ---- */

/** hatch is a pattern of diagonal lines, on a background if one is given. */
function hatch(ctx, line, background) {
  const s = Math.round(6 * devicePixelRatio);
  const tile = document.createElement("canvas");
  tile.width = tile.height = s;
  const c = tile.getContext("2d");
  if (background) {
    c.fillStyle = background;
    c.fillRect(0, 0, s, s);
  }
  c.strokeStyle = line;
  c.lineWidth = 1.2 * devicePixelRatio;
  c.beginPath();
  for (const shift of [-s, 0, s]) {
    c.moveTo(shift - 1, s + 1);
    c.lineTo(shift + s + 1, -1);
  }
  c.stroke();
  return ctx.createPattern(tile, "repeat");
}

function drawPartial(u, spec, color) {
  const { top, height } = u.bbox;
  u.ctx.save();
  clipToPlot(u);
  u.ctx.fillStyle = hatch(u.ctx, spec.color(color));
  for (const p of spec.partial) {
    const left = u.valToPos(p.from, "x", true);
    u.ctx.fillRect(left, top, Math.max(2, u.valToPos(p.to, "x", true) - left), height);
  }
  u.ctx.restore();
}

function clipToPlot(u) {
  const { left, top, width, height } = u.bbox;
  u.ctx.beginPath();
  u.ctx.rect(left, top, width, height);
  u.ctx.clip();
}

function drawOver(u, spec) {
  if (spec.kind === "bars") {
    drawPartial(u, spec, "--panel"); // cuts stripes out of the bars
    spec.x.forEach((_, i) => { if (spec.incomplete(i)) veilBar(u, spec, i); });
  }
  if (!spec.small) drawBandLabels(u, spec);
  if (spec.kind === "lines" && spec.endLabels) drawEndLabels(u, spec);
}

/** veilBar pales an incomplete bucket and gives it a dashed edge. */
function veilBar(u, spec, i) {
  const total = spec.stacks.reduce((sum, s) => sum + (s.values[i] ?? 0), 0);
  if (total === 0) return;
  const { ctx } = u;
  const { left, width } = bucketBox(u, spec, i);
  const top = u.valToPos(total, "y", true);
  const height = u.bbox.top + u.bbox.height - top;
  const wide = Math.max(width, 3 * devicePixelRatio);
  ctx.save();
  ctx.globalAlpha = 0.6;
  ctx.fillStyle = spec.color("--panel");
  ctx.fillRect(left, top, wide, height);
  ctx.globalAlpha = 1;
  ctx.strokeStyle = spec.color("--ink-3");
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([2 * devicePixelRatio, 2 * devicePixelRatio]);
  ctx.strokeRect(left + 0.5, top, wide - 1, height);
  ctx.restore();
}

/** drawBandLabels names gaps and partial stretches above the plot, leaving out what would overlap. */
function drawBandLabels(u, spec) {
  const { ctx } = u;
  const dpr = devicePixelRatio;
  const plotRight = u.bbox.left + u.bbox.width;
  ctx.save();
  ctx.font = `500 ${11 * dpr}px ${spec.family}`;
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  ctx.fillStyle = spec.color("--ink-2");
  let free = u.bbox.left;
  for (const band of [...spec.gaps, ...spec.partial].sort((a, b) => a.from - b.from)) {
    const width = ctx.measureText(band.label).width;
    const middle = u.valToPos((Math.max(band.from, spec.from) + Math.min(band.to, spec.to)) / 2, "x", true);
    const left = Math.min(Math.max(middle - width / 2, u.bbox.left), plotRight - width);
    if (left < free) continue;
    ctx.fillText(band.label, left, u.bbox.top - 9 * dpr);
    free = left + width + 8 * dpr;
  }
  ctx.restore();
}

/** drawEndLabels writes name and last value at each line's end, pushed apart where they would touch. */
function drawEndLabels(u, spec) {
  const { ctx } = u;
  const dpr = devicePixelRatio;
  const gap = 15 * dpr;
  const bottom = u.bbox.top + u.bbox.height - 4 * dpr;
  const labels = spec.series.flatMap((s) => {
    const last = s.values.findLast((v) => v !== null);
    return s.end && last !== undefined ? [{ text: s.end, style: LINE[s.style], y: u.valToPos(last, "y", true) }] : [];
  }).sort((a, b) => a.y - b.y);
  for (let i = 1; i < labels.length; i++) labels[i].y = Math.max(labels[i].y, labels[i - 1].y + gap);
  for (let i = labels.length - 1, limit = bottom; i >= 0; i--, limit -= gap) labels[i].y = Math.min(labels[i].y, limit);
  ctx.save();
  ctx.font = `600 ${11 * dpr}px ${spec.family}`;
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  for (const l of labels) {
    ctx.fillStyle = spec.color(spec.stale ? "--stale" : l.style.label);
    ctx.fillText(l.text, u.bbox.left + u.bbox.width + 8 * dpr, l.y);
  }
  ctx.restore();
}

/* ---- Read-out ---- */

/** showReadout lists the values under the cursor; called by the mouse, the keys and other charts' cursors. */
function showReadout(u, spec, el) {
  const i = u.cursor.left < 0 ? null : bucketAt(spec, u.posToVal(u.cursor.left, "x"));
  const box = el.querySelector(".readout") ?? el.appendChild(make("div", "readout"));
  box.hidden = i === null;
  if (i === null) return;
  const items = spec.kind === "bars" ? spec.stacks.toReversed() : spec.series;
  box.replaceChildren(make("div", "when", bucketTime(spec, i)), ...items.map((s) => readoutRow(spec, s, i)));
  place(box, el, u, spec, i);
}

/** bucketAt finds the bucket that holds a moment. */
function bucketAt(spec, t) {
  const i = spec.x.findLastIndex((start) => start <= t);
  return i < 0 ? null : i;
}

function readoutRow(spec, s, i) {
  const row = make("div", "row");
  const swatch = make("span", `sw ${spec.kind === "bars" ? "box" : LINE[s.style].swatch ?? ""}`);
  swatch.style.color = spec.color(spec.stale ? "--stale" : swatchColor(spec, s));
  row.append(swatch, make("span", "", s.name), make("b", "", fullNumber(s.values[i], spec)));
  return row;
}

function swatchColor(spec, s) {
  if (spec.kind === "lines") return LINE[s.style].color;
  if (s.hatch) return "--c4xx";
  return s.style === "failed" ? "--c5xx" : "--c2xx";
}

/** place puts the box beside the cursor, on the side with more room. */
function place(box, el, u, spec, i) {
  const x = u.over.offsetLeft + u.valToPos(spec.middle[i], "x");
  const left = x > el.clientWidth / 2 ? x - box.offsetWidth - 12 : x + 12;
  box.style.left = `${Math.max(0, Math.min(left, el.clientWidth - box.offsetWidth))}px`;
}

function make(tag, className, text) {
  const el = document.createElement(tag);
  if (className) el.className = className;
  if (text) el.textContent = text;
  return el;
}

/* ---- Keyboard: left and right, Home and End, Escape ---- */

const withKeys = new WeakSet();

function listenToKeys(el) {
  if (withKeys.has(el)) return;
  withKeys.add(el);
  el.addEventListener("keydown", (e) => {
    const d = drawn.get(el);
    if (d) onKey(e, el, d.plot);
  });
}

function onKey(e, el, u) {
  const count = u.data[0].length;
  const at = u.cursor.idx;
  const to = {
    ArrowLeft: at == null ? count - 1 : Math.max(0, at - 1),
    ArrowRight: at == null ? 0 : Math.min(count - 1, at + 1),
    Home: 0,
    End: count - 1,
    Escape: null,
  }[e.key];
  if (to === undefined || e.ctrlKey || e.metaKey || e.altKey) return;
  e.preventDefault();
  u.setCursor(to === null ? { left: -10, top: -10 } : { left: u.valToPos(u.data[0][to], "x"), top: 0 }, true, true);
  announce(el);
}

/**
 * announce tells a screen reader what the keys have moved to; the mouse moves too fast for that. The text
 * stands after the chart, since a reader takes what is inside an image for part of the picture.
 */
function announce(el) {
  let live = el.nextElementSibling;
  if (!live?.matches("[aria-live]")) {
    live = make("div", "sr-only");
    live.setAttribute("aria-live", "polite");
    el.after(live);
  }
  const box = el.querySelector(".readout");
  live.textContent = box && !box.hidden ? [...box.children].map((c) => [...c.children].map((p) => p.textContent).join(" ") || c.textContent).join(", ") : "";
}

/* ---- Zoom ---- */

/** zoom asks for the range that was dragged, widened to whole buckets. Less than a bucket is a slip. */
function zoom(u, spec) {
  const { left, width } = u.select;
  if (width === 0) return;
  const from = u.posToVal(left, "x");
  const to = u.posToVal(left + width, "x");
  u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  const first = bucketAt(spec, from) ?? 0;
  const last = bucketAt(spec, to) ?? 0;
  if (!spec.zoom || to - from < spec.end(first) - spec.start(first)) return;
  const iso = (t) => encodeURIComponent(new Date(t * 1000).toISOString().replace(".000", ""));
  const url = spec.zoom.replaceAll("{from}", iso(spec.start(first))).replaceAll("{to}", iso(spec.end(last)));
  send.trigger(document.body, "htmx:abort"); // an earlier zoom that is still on its way
  send.ajax("GET", url, { target: "#panel", swap: "outerHTML", push: "true", zoom: true });
}

/** markZoom notes in the history entry that a zoom made it, so that a double click may leave it. */
function markZoom(ctx) {
  if (ctx.zoom && ctx.push) history.replaceState({ ...history.state, zoom: true }, "");
}

function leaveZoom() {
  if (history.state?.zoom) history.back();
}
