// The charts of one node, drawn by plotly from the node's lists. Colours come from the style sheet.
"use strict";

replenish.itemCharts = (() => {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  // Lists travel as whole numbers times a scale of the row; missing lists are empty.
  const list = (node, name) => (node[name] ?? []).map((value) => (value === null ? null : value / node.scale));

  const addDays = (text, days) => new Date(Date.parse(`${text}T00:00:00Z`) + days * 86400000).toISOString().slice(0, 10);

  // Demand belongs to the first day of its bucket, stock to the last: that is when it was counted.
  const dates = (days, calendar, first, count) => {
    const from = calendar.bucket_index.indexOf(first);
    return from < 0 ? [] : days.slice(from, from + count);
  };
  const starts = (calendar, first, count) => dates(calendar.bucket_start, calendar, first, count);
  const ends = (calendar, first, count) => dates(calendar.bucket_end, calendar, first, count);

  const line = (name, x, y, look, more = {}) => ({ type: "scatter", mode: "lines", name, x, y, line: look, hovertemplate: "%{y:,.4~g}", ...more });

  const band = (name, x, low, high, fill) => [
    line(name, x, low, { width: 0 }, { hoverinfo: "skip", hovertemplate: null, showlegend: false, legendgroup: name }),
    line(name, x, high, { width: 0 }, { hoverinfo: "skip", hovertemplate: null, fill: "tonexty", fillcolor: fill, legendgroup: name }),
  ];

  // Runs of the same letter as shaded stretches of time, from half a bucket before to half a bucket after: as bars stand.
  const stretches = (state, days, letter, fill) => {
    const half = days.length > 1 ? (Date.parse(days[days.length - 1]) - Date.parse(days[days.length - 2])) / 2 : 43200000;
    const moment = (day, shift) => new Date(Date.parse(day) + shift).toISOString().slice(0, 19);
    const shapes = [];
    for (let from = state.indexOf(letter); from >= 0; ) {
      let to = from;
      while (state[to + 1] === letter) to += 1;
      const [x0, x1] = [moment(days[from], -half), moment(days[to], half)];
      shapes.push({ type: "rect", layer: "below", xref: "x", yref: "paper", x0, x1, y0: 0, y1: 1, fillcolor: fill, line: { width: 0 } });
      from = state.indexOf(letter, to + 1);
    }
    return shapes;
  };

  const PAPER_WIDTH = 680; // of an upright sheet, in pixels of the screen

  const layout = (asOf, range, more = {}) => ({
    ...(document.documentElement.hasAttribute("data-paper") ? { width: PAPER_WIDTH } : { autosize: true }),
    margin: { l: 48, r: 12, t: 8, b: 32 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: colour("text") },
    hovermode: "x unified",
    hoverlabel: { bgcolor: colour("card"), bordercolor: colour("rule"), font: { color: colour("text") } },
    legend: { orientation: "h", y: -0.16, x: 0 },
    dragmode: false,
    xaxis: { range, spikethickness: 1, spikecolor: colour("quiet"), gridcolor: colour("rule"), linecolor: colour("rule"), fixedrange: true },
    yaxis: { rangemode: "tozero", gridcolor: colour("rule"), zerolinecolor: colour("rule"), fixedrange: true, separatethousands: true },
    ...more,
    shapes: [...(more.shapes ?? []), { type: "line", xref: "x", yref: "paper", x0: addDays(asOf, 1), x1: addDays(asOf, 1), y0: 0, y1: 1, line: { color: colour("quiet"), width: 1, dash: "dot" } }],
  });

  const options = { displayModeBar: false, responsive: true };

  const draw = (place, label, traces, look) => {
    const target = document.getElementById(place);
    target.setAttribute("aria-label", label);
    return window.Plotly.react(target, traces, look, options);
  };

  const timeShown = (asOf, days) => [addDays(asOf, -days), addDays(asOf, Math.min(days, 364) / 2)];

  const demand = (node, calendar, asOf, days) => {
    const state = node.state ?? "";
    const past = starts(calendar, node.history_index, state.length);
    const sales = list(node, "sales_qty");
    const missed = list(node, "estimate_qty");
    const ahead = starts(calendar, 0, Math.max(list(node, "forecast_qty").length, list(node, "need_qty").length));
    const need = list(node, "need_qty");
    const forecast = list(node, "forecast_qty");
    const traces = [
      { type: "bar", name: "sold", x: past, y: sales, marker: { color: colour("sold") }, hovertemplate: "%{y:,.4~g}" },
      { type: "scatter", mode: "markers", name: "would have sold", x: past, y: missed, marker: { symbol: "circle-open", color: colour("bad"), size: 6 }, hovertemplate: "%{y:,.4~g}" },
    ];
    if (forecast.length) {
      traces.push(...band("8 of 10 cases", ahead, list(node, "low_qty"), list(node, "high_qty"), colour("band")));
      traces.push(line("expected here", ahead, forecast, { color: colour("expected"), width: 2 }));
    }
    const events = list(node, "event_qty");
    if (events.some((value) => value)) {
      traces.push({ type: "bar", name: "of it from events", x: ahead, y: events, marker: { color: colour("band") }, hovertemplate: "%{y:,.4~g}" });
    }
    if (need.some((value, index) => value > (forecast[index] ?? 0) * 1.001 + 1e-9)) {
      traces.push(line("with orders and dependants", ahead, need, { color: colour("text"), width: 1.5, dash: "dash" }));
    }
    const shapes = [...stretches(state, past, "c", colour("shade")), ...stretches(state, past, "m", colour("shade-missing"))];
    const total = sales.reduce((sum, value) => sum + (value ?? 0), 0);
    const short = [...state].filter((letter) => letter === "c").length;
    const label = `Sales: ${replenish.quantity(total)} in ${past.length} periods, ${short} of them without stock; then the forecast`;
    return draw("demand-chart", label, traces, layout(asOf, timeShown(asOf, days), { shapes, bargap: 0.15 }));
  };

  const stock = (node, calendar, asOf, days) => {
    const past = ends(calendar, node.history_index, (node.stock_qty ?? []).length);
    const [first, last] = timeShown(asOf, days);
    const ahead = ends(calendar, 0, (node.stock_q50_qty ?? []).length).filter((end) => end <= last);  // the rest would stretch the axis
    const traces = [line("in the books", past, list(node, "stock_qty"), { color: colour("sold"), width: 1.5, shape: "hv" })];
    if (ahead.length) {
      traces.push(...band("8 of 10 cases", ahead, list(node, "stock_q10_qty"), list(node, "stock_q90_qty"), colour("band")));
      traces.push(line("projected", ahead, list(node, "stock_q50_qty"), { color: colour("expected"), width: 2 }));
      traces.push(line("open orders only", ahead, list(node, "stock_without_qty"), { color: colour("bad"), width: 1.5, dash: "dot" }));
    }
    const [from, to] = [past[0] ?? asOf, ahead[ahead.length - 1] ?? addDays(asOf, 1)];
    const policy = [["order up to", "order_up_to_qty", "dash"], ["reorder point", "reorder_point_qty", "dashdot"], ["safety stock", "safety_stock_qty", "longdash"]];
    for (const [name, field, dash] of policy) {
      const level = node[field];
      if (replenish.isGiven(level)) traces.push(line(name, [from, to], [level, level], { color: colour("quiet"), width: 1, dash }));
    }
    const lowest = Math.min(...list(node, "stock_q10_qty"), Infinity);
    const label = `Stock: ${replenish.quantity(node.recorded_on_hand_qty)} in the books` + (ahead.length ? `; in nine of ten cases it stays above ${replenish.quantity(lowest)}` : "");
    return draw("stock-chart", label, traces, layout(asOf, [first, last]));
  };

  const worth = (node) => {
    const values = node.pack_value ?? [];
    let ordered = node.order_qty ?? 0;
    const fills = (node.pack_qty ?? []).map((pack) => { ordered -= pack; return ordered > -pack / 2 ? colour("expected") : colour("band"); });
    const x = values.map((_, index) => index + 1);
    const trace = { type: "bar", x, y: values, marker: { color: fills }, customdata: node.pack_qty, hovertemplate: "pack %{x}, %{customdata:,.4~g} units: %{y:,.2f}<extra></extra>" };
    const look = layout("2000-01-01", undefined, { hovermode: "closest" });
    look.shapes = [];
    look.xaxis = { ...look.xaxis, range: undefined, title: { text: "pack" }, dtick: Math.max(1, Math.ceil(x.length / 20)) };
    const label = `Value of each of ${values.length} packs, falling from ${replenish.number(values[0], 2)}`;
    return draw("worth-chart", label, [trace], look);
  };

  return { demand, stock, worth };
})();
