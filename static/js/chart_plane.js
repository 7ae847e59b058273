// Charts whose horizontal axis is a number: {type: "plane", unit, x: [what a point is called], at: [where it is],
//   names: [of the axes], max, diagonal: true, levels: [{y, name}], marks: [{x, name}],
//   series: [{name, tone, data: [y | {value, href}], low: [y], high: [y], line: true, dash: "dashed" | "dotted"}]}
// A series with `low` and `high` has an interval at each point.

// What a level is called stands beside its end, where no curve runs: about so many pixels a letter, and some around.
const LETTER = 6;
const AROUND = 12;

const PLAIN = { silent: true, symbol: "none", animation: false };

function intervals(data, given, colour) {
  if (!given.low) return [];
  return data.at.map((x, place) => [
    { coord: [x, given.low[place]], lineStyle: { color: colour, type: "solid", width: 1.5 }, label: { show: false } },
    { coord: [x, given.high[place]] },
  ]);
}

/** Lines that are no data: the diagonal, a level, a mark. */
function guides(data, colours) {
  const style = { lineStyle: { color: colours.faint, type: "dashed", width: 1 } };
  const named = (name, position) => ({ ...style, label: { show: true, formatter: name, position, color: colours.faint, fontSize: 11 } });
  return [
    ...(data.diagonal ? [[{ coord: [0, 0], ...style, label: { show: false } }, { coord: [data.max, data.max] }]] : []),
    ...(data.levels ?? []).map(({ y, name }) => ({ yAxis: y, ...named(name, "end") })),
    ...(data.marks ?? []).map(({ x, name }) => ({ xAxis: x, ...named(name, "insideEndTop") })),
  ];
}

function seriesOf(data, colours) {
  return data.series.map((given, index) => {
    const colour = colours[given.tone];
    return {
      name: given.name,
      type: given.line ? "line" : "scatter",
      data: given.data.map((y, place) => ({ value: [data.at[place], y?.value ?? y], href: y?.href })),
      itemStyle: { color: colour },
      lineStyle: { color: colour, width: given.dash ? 1.25 : 2, type: given.dash ?? "solid" },
      symbol: "circle",
      symbolSize: given.line ? 5 : 8,
      showSymbol: !given.line,
      emphasis: { scale: 1.5 },
      markLine: { ...PLAIN, data: [...intervals(data, given, colour), ...(index ? [] : guides(data, colours))] },
    };
  });
}

function axis(base, name, gap) {
  return { ...base, type: "value", min: 0, name, nameLocation: "middle", nameGap: gap, nameTextStyle: { color: base.axisLabel.color, fontSize: 11 } };
}

/** The options of such a chart, from those that all charts share. */
export function plane(data, shared, colours, number) {
  const legend = data.series.length > 1;
  const beside = (data.levels ?? []).map(({ name }) => LETTER * name.length + AROUND);
  // Lines of one colour are told apart by their dashes.
  const strokes = data.series.some((given) => given.dash) ? { icon: undefined, itemWidth: 22 } : {};
  return {
    ...shared,
    grid: { ...shared.grid, left: 22, right: Math.max(18, ...beside), bottom: 22, top: legend ? 30 : 14 },
    legend: { ...shared.legend, ...strokes, show: legend },
    xAxis: { ...axis(shared.yAxis, data.names[0], 26), max: 100, interval: 20, axisLabel: { ...shared.yAxis.axisLabel, formatter: (value) => number(value, data.unit) } },
    yAxis: { ...axis(shared.yAxis, data.names[1], 40), max: data.max, interval: data.max ? data.max / 5 : undefined, axisLabel: { ...shared.yAxis.axisLabel, formatter: (value) => number(value, data.unit) } },
    series: seriesOf(data, colours),
  };
}
