// SPDX-License-Identifier: Apache-2.0
// One quantity over model size at the chosen batch, and over batch at the chosen size; both axes logarithmic. A
// curve ends where its stack no longer runs.
const kCurves = {
  correct: {label: "energy per right answer", unit: "J", equal: "energy_per_correct", value: (c) => c.j_per_correct},
  chain: {label: "energy of the chain", unit: "J", equal: "energy", value: (c) => c.energy_j},
  token: {label: "energy per token", unit: "J", value: (c) => c.energy_j / (c.latency_s * c.tokens_per_s)},
  time: {label: "time of the chain", unit: "s", equal: "latency", value: (c) => c.latency_s},
  tokens: {label: "tokens per second", unit: "/s", value: (c) => c.tokens_per_s},
};
const capital = (words) => words[0].toUpperCase() + words.slice(1);
const kChart = {width: 640, height: 380, left: 62, right: 132, top: 14, bottom: 40};

function powers(scale) {
  const [low, high] = scale.domain();
  const all = [];
  for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); ++e) {
    for (const step of [1, 2, 5]) all.push(step * 10 ** e);
  }
  const inside = all.filter((x) => x >= low && x <= high);
  return inside.length > 8 ? inside.filter((x) => /^1/.test(x.toExponential())) : inside;
}

// 16-bit stacks share a colour and differ in their dashes.
const dashes = (s) => ["7 4", "2.5 3", "9 3 2 3"][axes.stacks.map((stack, i) => i).filter((i) => !lowStacks.includes(i)).indexOf(s) % 3];

// Labels at line ends, moved apart.
function spreadLabels(ends) {
  ends.sort((p, q) => p.y - q.y);
  for (let i = 1; i < ends.length; ++i) ends[i].y = Math.max(ends[i].y, ends[i - 1].y + 14);
  const over = ends.length ? ends[ends.length - 1].y - (kChart.height - kChart.bottom) : 0;
  if (over > 0) {
    ends[ends.length - 1].y -= over;
    for (let i = ends.length - 2; i >= 0; --i) ends[i].y = Math.min(ends[i].y, ends[i + 1].y - 14);
  }
  return ends;
}

// Where a curve meets its 16 bit: N* or B* of the results, on the line between its neighbours.
function crossings(one, rows, value) {
  const out = [];
  for (const row of rows.filter((each) => each.stack === one.s)) {
    const i = one.points.findIndex((p, k) => k > 0 && p.x >= row.at && one.points[k - 1].x <= row.at);
    if (i > 0) {
      const [p, q] = [one.points[i - 1], one.points[i]];
      const part = Math.log(row.at / p.x) / Math.log(q.x / p.x);
      out.push({row, x: row.at, y: Math.exp((1 - part) * Math.log(value(p.c)) + part * Math.log(value(q.c)))});
    }
  }
  return out;
}

function crossingWords(s, row) {
  const write = row.kind === "B" ? (b) => plain(b) : sized;
  const band = row.low ? `; ${between([row.low, row.high], write)} in 9 of 10 draws of those that cross here, ${share(row.share)} of all` : "";
  const side = row.trap_below ? "less" : "more";
  return row.kind === "B" ? `${axes.stacks[s].name}: ${side} than 16 bit from batch ${write(row.at)} on${band}`
    : `${axes.stacks[s].name}: equal to 16 bit at ${write(row.at)}${band}`;
}

function drawChart(container, title, xs, xLabel, xText, cellAt, chosen, critical) {
  const curve = kCurves[state.curve];
  const series = axes.stacks.map((stack, s) => ({s, points: xs.map((x, i) => ({x, c: cellAt(s, i)})).filter((p) => p.c && p.c.runs && curve.value(p.c) > 0)}));
  const unknown = axes.stacks.filter((stack, s) => !series[s].points.length && xs.some((x, i) => (cellAt(s, i) || {}).runs)).map((stack) => stack.name);
  const all = series.flatMap((one) => one.points.map((p) => curve.value(p.c)));
  container.append("h3").text(title);
  if (!all.length) {
    container.append("p").text(unknown.length ? `Nobody measured the right answers of ${unknown.join(", ")}.` : "Nothing runs here.");
    return;
  }
  const x = d3.scaleLog().domain(xs.length > 1 ? d3.extent(xs) : [xs[0] / 2, xs[0] * 2]).range([kChart.left, kChart.width - kChart.right]);
  const y = d3.scaleLog().domain([d3.min(all) / 1.15, d3.max(all) * 1.15]).range([kChart.height - kChart.bottom, kChart.top]);
  const svg = container.append("svg").attr("viewBox", `0 0 ${kChart.width} ${kChart.height}`).attr("role", "img")
    .attr("aria-label", `${title}: ${curve.label} of ${series.filter((one) => one.points.length).length} stacks`);
  svg.selectAll(null).data(powers(y)).join("line").attr("class", "gridline").attr("x1", kChart.left).attr("x2", kChart.width - kChart.right).attr("y1", y).attr("y2", y);
  svg.append("g").attr("class", "axis").attr("transform", `translate(0,${kChart.height - kChart.bottom})`)
    .call(d3.axisBottom(x).tickValues(xs.filter((v, i) => xs.length < 10 || i % 2 === 0)).tickFormat(xText).tickSizeOuter(0));
  svg.append("g").attr("class", "axis").attr("transform", `translate(${kChart.left},0)`)
    .call(d3.axisLeft(y).tickValues(powers(y)).tickFormat((v) => quantity(v, curve.unit, plain)).tickSizeOuter(0));
  svg.append("text").attr("class", "quiet").attr("text-anchor", "middle").attr("x", (kChart.left + kChart.width - kChart.right) / 2).attr("y", kChart.height - 5).text(xLabel);
  svg.append("line").attr("class", "guide").attr("x1", x(chosen)).attr("x2", x(chosen)).attr("y1", kChart.top).attr("y2", kChart.height - kChart.bottom);
  const line = d3.line().x((p) => x(p.x)).y((p) => y(curve.value(p.c)));
  for (const one of series.filter((each) => each.points.length)) {
    const low = lowStacks.includes(one.s);
    svg.append("path").attr("class", low ? "series" : "series anchor").attr("stroke-dasharray", low ? null : dashes(one.s)).attr("stroke", stackColour(one.s)).attr("d", line(one.points));
    svg.append("g").selectAll("circle").data(one.points).join("circle").attr("class", "dot").attr("r", 3.6)
      .attr("fill", stackColour(one.s)).attr("cx", (p) => x(p.x)).attr("cy", (p) => y(curve.value(p.c)))
      .on("mouseenter", (p) => show(p.c)).on("mouseleave", () => show(state.kept)).on("click", (p) => keep(p.c))
      .append("title").text((p) => `${axes.stacks[one.s].name}, ${modelLabel(axes.models[p.c.m].name)}, batch ${axes.batches[p.c.b]}: ${quantity(curve.value(p.c), curve.unit)}`);
  }
  const [from, to] = x.domain();
  for (const one of series) {
    svg.append("g").selectAll("line").data(crossings(one, critical, curve.value).filter((at) => at.row.low)).join("line").attr("class", "crossing-band")
      .attr("stroke", stackColour(one.s)).attr("x1", (at) => x(Math.max(from, at.row.low))).attr("x2", (at) => x(Math.min(to, at.row.high))).attr("y1", (at) => y(at.y)).attr("y2", (at) => y(at.y));
    svg.append("g").selectAll("path").data(crossings(one, critical, curve.value)).join("path").attr("class", "crossing").attr("fill", stackColour(one.s))
      .attr("d", d3.symbol().type(d3.symbolDiamond).size(110)).attr("transform", (at) => `translate(${x(at.x)},${y(at.y)})`)
      .append("title").text((at) => crossingWords(one.s, at.row));
  }
  const ends = series.filter((one) => one.points.length).map((one) => {
    const last = one.points[one.points.length - 1];
    return {s: one.s, x: x(last.x), y: y(curve.value(last.c))};
  });
  svg.selectAll(null).data(spreadLabels(ends)).join("text").attr("class", "end").attr("x", kChart.width - kChart.right + 8).attr("y", (end) => end.y + 4)
    .style("fill", (end) => stackColour(end.s)).text((end) => axes.stacks[end.s].name);
  if (unknown.length) container.append("p").text(`Not drawn, as nobody measured their right answers: ${unknown.join(", ")}.`);
}


function drawCurves() {
  const view = currentView();
  const curve = kCurves[state.curve];
  const charts = d3.select("#charts");
  charts.html("");
  document.getElementById("curves-caption").textContent =
    `${capital(curve.label)} on ${gpuTitle(axes.gpus[view.gpu])}, ${chainTitle(axes.chains[view.chain])}` +
    (axes.varied.length ? `, with ${variedText(view)}` : "") + `. Dashed: 16 bit. A curve ends where its stack no longer fits. Diamonds: N*, where a stack costs as much as its 16 bit, and B*, from where on it costs more or less${data.draws ? "; beside them, where they lie in 9 of 10 draws" : ""}. Batch and size are those of the cell that is kept.`;
  const rows = view.critical.filter((row) => row.at && row.equal === curve.equal);
  const batch = axes.batches[state.batch];
  const model = axes.models[state.model];
  drawChart(charts.append("div"), `${capital(curve.label)} over model size, at batch ${batch}`, axes.models.map((m) => m.params), "parameters", sized,
    (s, i) => cellOf(view, s, i, state.batch), model.params, rows.filter((row) => row.kind === "N" && row.batch === batch));
  drawChart(charts.append("div"), `${capital(curve.label)} over batch, at ${modelLabel(model.name)}`, axes.batches, "batch", (b) => b,
    (s, i) => cellOf(view, s, state.model, i), batch, rows.filter((row) => row.kind === "B" && row.model === model.name));
}
