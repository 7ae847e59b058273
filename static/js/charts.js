// Charts with the tokens of the page, drawn by ECharts on canvas (the CSP allows no inline style, so the
// tooltip is drawn, too). <div class="chart" data-chart="ID"> names a <script type="application/json" id="ID">:
//   {type: "line" | "bar" | "stacked", x: [...], unit, zero: true, max, whole: true for counts,
//    series: [{name, tone, data: [number | null | {value, href}]}]}       tone: accent good warn bad soft
// A "plane" has numbers on both axes: chart_plane.js.
// A click on a point or bar follows its href: the cases behind the figure.

import { plane } from "desk/plane";
import { ending, hasLegend, heightOf, named, seriesOf } from "desk/series";
import { gettext, interpolate, locale } from "desk/words";

const charts = new Map();

/** Tokens are light-dark() expressions; only a computed colour is one that a canvas can paint. */
function palette() {
  const probe = document.body.appendChild(document.createElement("i"));
  const read = (token) => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const names = ["accent", "warn", "good", "bad", "soft", "ink", "faint", "line", "raised"];
  const colours = Object.fromEntries(names.map((name) => [name, read(name)]));
  probe.remove();
  return colours;
}

function number(value, unit) {
  if (value === null || value === undefined) return gettext("no data");
  const text = value.toLocaleString(locale, { maximumFractionDigits: 2 });
  return unit === "%" ? interpolate(gettext("%(number)s%"), { number: text }) : unit ? `${text} ${unit}` : text;
}

function axis(colours) {
  return {
    axisLabel: { color: colours.faint, fontSize: 11, lineHeight: 14, hideOverlap: true },
    axisLine: { lineStyle: { color: colours.line } },
    splitLine: { lineStyle: { color: colours.line } },
    axisTick: { show: false },
  };
}

function options(data, width) {
  const colours = palette();
  const several = data.series.length > 1;
  const legend = hasLegend(data, width);
  const top = legend ? heightOf(data.series.map((given) => given.name), width) : 12;
  const shared = {
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    animationDuration: 250,
    textStyle: { fontFamily: "Inter, system-ui, sans-serif", color: colours.ink },
    grid: { left: 4, right: several && !legend ? 76 : 12, top, bottom: 4, containLabel: true },
    legend: { show: legend, top: 0, left: 0, icon: "circle", itemWidth: 8, itemHeight: 8, textStyle: { color: colours.ink, fontSize: 11 } },
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      backgroundColor: colours.raised,
      borderColor: colours.line,
      textStyle: { color: colours.ink, fontSize: 12 },
      axisPointer: { type: data.type === "line" ? "line" : "shadow", lineStyle: { color: colours.faint } },
      valueFormatter: (value) => number(value, data.unit),
    },
    xAxis: { ...axis(colours), axisLabel: { ...axis(colours).axisLabel, ...named(data, width) }, type: "category", data: data.x, boundaryGap: data.type !== "line", splitLine: { show: false } },
    yAxis: { ...axis(colours), type: "value", scale: !(data.zero ?? true), axisLine: { show: false }, ...ending(data), minInterval: data.whole ? 1 : 0 },
    series: data.type === "plane" ? [] : seriesOf(data, colours, legend),
  };
  return data.type === "plane" ? plane(data, shared, colours, number) : shared;
}

/** On paper a chart has the colours of light and the shape of its column; the style sheet fits it in. */
function drawForPaper(element, chart) {
  chart.resize(element.closest(".wide") ? { width: 680, height: 180 } : { width: 330, height: 180 });
  chart.setOption({ ...options(dataOf(element), chart.getWidth()), animation: false }, true);
  chart.getZr().flush();
}

function drawForScreen(element, chart) {
  chart.resize({ width: "auto", height: "auto" });
  chart.setOption(options(dataOf(element), chart.getWidth()), true);
}

const dataOf = (element) => JSON.parse(document.getElementById(element.dataset.chart).textContent);

function draw(element) {
  const chart = charts.get(element) ?? echarts.init(element, null, { renderer: "canvas" });
  if (!charts.has(element)) {
    chart.on("click", (event) => event.data?.href && location.assign(event.data.href));
    // On paper its place follows its size, not the other way round.
    new ResizeObserver(() => document.documentElement.hasAttribute("data-paper") || chart.resize()).observe(element);
    charts.set(element, chart);
  }
  chart.setOption(options(dataOf(element), element.clientWidth), true);
}

function drawAll() {
  for (const element of [...charts.keys()]) {
    if (element.isConnected) continue;
    charts.get(element).dispose();
    charts.delete(element);
  }
  document.querySelectorAll("[data-chart]").forEach(draw);
}

function setOnPaper(isOnPaper) {
  document.documentElement.toggleAttribute("data-paper", isOnPaper);
  charts.forEach((chart, element) => (isOnPaper ? drawForPaper : drawForScreen)(element, chart));
}

addEventListener("beforeprint", () => setOnPaper(true));
addEventListener("afterprint", () => setOnPaper(false));
document.addEventListener("handrail:theme", drawAll);
document.addEventListener("htmx:afterSettle", drawAll);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
document.fonts.ready.then(drawAll);
