// Charts by keyboard, and to take along.
//   [data-chart]       left and right go from point to point, up and down from line to line, Home and End to the
//                      ends; each is read out, and Enter follows it to its cases
//   [data-take="png"]  in the card of a chart: its picture, in the colours of the page
//   [data-take="csv"]  its table as a file: data-value of a cell where it has one, else its text
//   [data-print]       prints the page; charts.js draws the charts for paper

import { gettext, interpolate, locale } from "desk/words";

const places = new WeakMap();
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], Home: [0, -Infinity], End: [0, Infinity] };

const dataOf = (element) => JSON.parse(document.getElementById(element.dataset.chart).textContent);
const within = (number, length) => Math.min(Math.max(number, 0), length - 1);

function told(data, [line, point]) {
  const value = data.series[line].data[point];
  const number = value?.value ?? value;
  const text = number === null || number === undefined ? gettext("no data") : `${number.toLocaleString(locale)} ${data.unit ?? ""}`;
  return interpolate(gettext("%(where)s, %(line)s: %(value)s"), { where: data.x[point], line: data.series[line].name, value: text.trim() });
}

function move(element, [lines, points]) {
  const data = dataOf(element);
  if (!data.x.length || !data.series.length) return;
  const before = places.get(element);
  const [line, point] = before ?? [0, 0];
  const place = before ? [within(line + lines, data.series.length), within(point + points, data.x.length)] : [0, points > 1 ? data.x.length - 1 : 0];
  places.set(element, place);
  const chart = echarts.getInstanceByDom(element);
  chart.dispatchAction({ type: "downplay" });
  chart.dispatchAction({ type: "highlight", seriesIndex: place[0], dataIndex: place[1] });
  chart.dispatchAction({ type: "showTip", seriesIndex: place[0], dataIndex: place[1] });
  document.getElementById("calm").textContent = told(data, place);
}

function follow(element) {
  const [line, point] = places.get(element) ?? [];
  const href = line === undefined ? null : dataOf(element).series[line].data[point]?.href;
  if (href) location.assign(href);
}

function onKey(event) {
  const element = event.target.closest?.("[data-chart]");
  if (!element || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter") follow(element);
  else if (STEPS[event.key]) move(element, STEPS[event.key]);
  else return;
  event.preventDefault();
}

function forget(event) {
  const element = event.target.closest?.("[data-chart]");
  if (!element) return;
  places.delete(element);
  const chart = echarts.getInstanceByDom(element);
  chart?.dispatchAction({ type: "hideTip" });
  chart?.dispatchAction({ type: "downplay" });
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** As RFC 4180 has it; a text that a spreadsheet would run as a formula stays a text. */
function field(text) {
  const safe = /^[=+\-@\t]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function csv(table) {
  const words = (cell) => cell.dataset.value ?? cell.textContent.trim().replace(/\s+/g, " ");
  return [...table.rows].map((row) => [...row.cells].map((cell) => field(words(cell))).join(",")).join("\r\n") + "\r\n";
}

function take(button) {
  const card = button.closest(".chart-card");
  const name = button.dataset.name ?? card.querySelector("[data-chart]").dataset.chart;
  if (button.dataset.take === "csv") return save(new Blob(["\ufeff", csv(card.querySelector("table"))], { type: "text/csv" }), `${name}.csv`);
  const ground = getComputedStyle(card).backgroundColor;
  const picture = echarts.getInstanceByDom(card.querySelector("[data-chart]")).getRenderedCanvas({ pixelRatio: 2, backgroundColor: ground });
  picture.toBlob((blob) => save(blob, `${name}.png`));
}

document.addEventListener("keydown", onKey);
document.addEventListener("focusout", forget);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-take]");
  if (button) take(button);
  if (event.target.closest("[data-print]")) print();
});
