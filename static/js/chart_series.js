// What charts.js draws of lines and bars: their looks, the ends of their axis, and where their names stand.

const TONES = ["accent", "warn", "good", "bad", "soft"];
// Names at the ends of lines have so many pixels, about so many a letter; their lines end so far apart, as a share
// of the axis, and a chart that is less wide has a legend instead.
const END_ROOM = 70;
const LETTER = 6.5;
const NEAR = 0.07;
const NARROW = 360;

const valuesOf = (line) => line.data.map((given) => given?.value ?? given ?? null);

export function seriesOf(data, colours, legend) {
  return data.series.map((given, index) => {
    const colour = colours[given.tone ?? TONES[index % TONES.length]];
    const shared = { name: given.name, data: given.data, itemStyle: { color: colour }, cursor: "pointer" };
    if (data.type === "line") {
      const points = { symbol: "circle", symbolSize: 5, showSymbol: data.x.length <= 45, lineStyle: { width: 2 } };
      const endLabel = { show: data.series.length > 1 && !legend, formatter: given.name, color: colour, fontSize: 11, fontWeight: 600, distance: 6 };
      return { ...shared, ...points, type: "line", emphasis: { scale: 1.6 }, endLabel };
    }
    return { ...shared, type: "bar", stack: data.type === "stacked" ? "all" : undefined, barMaxWidth: 28, barMinHeight: data.type === "stacked" ? 0 : 1 };
  });
}

/** Lines are named at their ends where there is room, beside them and between them; all else in a legend. */
export function hasLegend(data, width) {
  const { series } = data;
  if (series.length < 2) return false;
  if (data.type !== "line" || series.length > 4 || width < NARROW) return true;
  if (series.some(({ name }) => LETTER * name.length > END_ROOM)) return true;
  const ends = series.map((line) => valuesOf(line).findLast((value) => value !== null) ?? 0).sort((one, other) => one - other);
  const axis = ending(data).max ?? 1.2 * highest(data);
  return ends.some((value, place) => place && value - ends[place - 1] < NEAR * axis);
}

/** The most that is drawn at one place. */
function highest(data) {
  if (data.type !== "stacked") return Math.max(0, ...data.series.flatMap(valuesOf));
  return Math.max(0, ...data.x.map((_, place) => data.series.reduce((sum, line) => sum + valuesOf(line)[place], 0)));
}

/** Shares that come near to all end at 100, in even steps. */
export function ending(data) {
  const max = data.max ?? (data.unit === "%" && highest(data) > 80 ? 100 : undefined);
  return max ? { max, interval: max / 5 } : { splitNumber: 4 };
}

/** All bars are named; what is too long for its place is broken. */
export function named(data, width) {
  if (data.type === "line" || data.x.length > 8) return {};
  return { interval: 0, hideOverlap: false, overflow: "break", width: Math.max(40, (width - 60) / data.x.length - 4) };
}

/** How high a legend is: its names break into lines where the chart is narrow. About 6 px a letter, 24 px around. */
export function heightOf(names, width) {
  const lines = names.reduce(
    ([count, used], name) => {
      const needed = 6 * name.length + 24;
      return used + needed > width ? [count + 1, needed] : [count, used + needed];
    },
    [1, 0],
  )[0];
  return 12 + 18 * lines;
}
