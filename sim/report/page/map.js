// SPDX-License-Identifier: Apache-2.0
// The large map of one view: a panel a stack. Cells take the keyboard: arrows move within a panel and on to its
// neighbour, Enter keeps the cell.
const kLeft = Math.max(44, 12 + 6.8 * d3.max(axes.models, (model) => modelLabel(model.name).length));
const kTop = 4;

function panelSize() {
  return {width: Math.max(16, Math.min(70, 230 / batchCount)), height: Math.max(15, Math.min(42, 300 / modelCount))};
}

function hatch(svg) {
  const pattern = svg.append("defs").append("pattern").attr("id", "hatch").attr("width", 5).attr("height", 5)
    .attr("patternUnits", "userSpaceOnUse").attr("patternTransform", "rotate(45)");
  pattern.append("rect").attr("width", 5).attr("height", 5).attr("fill", "var(--hatch-ground)");
  pattern.append("rect").attr("width", 1.6).attr("height", 5).attr("fill", "var(--hatch)");
}

// Labels stand at the ratios of `labelled`.
function drawContours(g, field, size, id, ratios, labelled) {
  g.append("clipPath").attr("id", id).selectAll("rect").data([...field.valid].map((key) => key.split(",").map(Number)))
    .join("rect").attr("x", ([b]) => b * size.width).attr("y", ([, m]) => rowOf(m) * size.height)
    .attr("width", size.width).attr("height", size.height);
  const line = d3.line();
  const contours = contoursOf(field, size.width, size.height, ratios);
  g.append("g").attr("clip-path", `url(#${id})`).selectAll("path").data(contours).join("path")
    .attr("class", (c) => (c.ratio === 1 ? "contour equal" : "contour"))
    .attr("d", (c) => c.rings.map((ring) => line(ring) + "Z").join(""));
  g.selectAll(null).data(contours.filter((c) => c.label && labelled.includes(c.ratio))).join("text").attr("class", "contour-label")
    .attr("x", (c) => c.label[0]).attr("y", (c) => c.label[1] + 3.5)
    .text((c) => kSteps[c.ratio]);
}

function drawCriticalLine(g, critical, size) {
  const x = (dot) => (dot.b + 0.5) * size.width;
  const y = (position) => (modelCount - 0.5 - position) * size.height;
  const joined = critical.segments.map(([p, q]) => `M${x(p)},${y(p.y)}L${x(q)},${y(q.y)}`).join("");
  const banded = critical.segments.filter(([p, q]) => p.band && q.band);
  g.append("path").attr("class", "nstar-band").attr("d", banded.map(([p, q]) =>
    `M${x(p)},${y(p.band[0])}L${x(q)},${y(q.band[0])}L${x(q)},${y(q.band[1])}L${x(p)},${y(p.band[1])}Z`).join(""));
  g.append("path").attr("class", "nstar-whisker").attr("d", critical.dots.filter((dot) => dot.band)
    .map((dot) => `M${x(dot)},${y(dot.band[0])}V${y(dot.band[1])}`).join(""));
  if (joined) {
    g.append("path").attr("class", "nstar-halo").attr("d", joined);
    g.append("path").attr("class", "nstar").attr("d", joined);
  }
  g.selectAll(null).data(critical.dots).join("circle").attr("class", (dot) => (dot.row.share <= 0.5 ? "nstar-dot unsure" : "nstar-dot")).attr("r", 3.6)
    .attr("cx", x).attr("cy", (dot) => y(dot.y));
}

function drawAxes(svg, size, height) {
  const every = Math.ceil((8 + 7 * String(axes.batches[batchCount - 1]).length) / size.width);
  svg.selectAll(null).data(axes.batches).join("text").attr("class", "quiet").attr("text-anchor", "middle")
    .attr("x", (batch, b) => kLeft + (b + 0.5) * size.width).attr("y", kTop + height + 14).text((batch, b) => (b % every === 0 ? batch : ""));
  svg.selectAll(null).data(axes.models).join("text").attr("class", "quiet").attr("text-anchor", "end")
    .attr("x", kLeft - 5).attr("y", (model, m) => kTop + (rowOf(m) + 0.5) * size.height + 4).text((model) => modelLabel(model.name));
  svg.append("text").attr("class", "quiet").attr("text-anchor", "middle")
    .attr("x", kLeft + batchCount * size.width / 2).attr("y", kTop + height + 29).text("batch");
}

function drawCells(g, view, s, measure, size) {
  const cells = cellsOf(view, [s]);
  const tabbed = Math.max(0, cells.findIndex((c) => c.m === state.model && c.b === state.batch));
  g.attr("role", "grid").attr("aria-label", `${axes.stacks[s].name}: batch across, model size up`);
  const rows = g.selectAll("g").data(d3.range(modelCount).reverse()).join("g").attr("role", "row");
  rows.selectAll("rect").data((m) => cells.filter((c) => c.m === m)).join("rect")
    .attr("role", "gridcell").attr("tabindex", (c) => (c === cells[tabbed] ? 0 : -1))
    .attr("class", (c) => `cell ${cellClass(c, measure)}`).attr("data-cell", (c) => `${c.s},${c.m},${c.b}`)
    .attr("x", (c) => c.b * size.width).attr("y", (c) => rowOf(c.m) * size.height)
    .attr("width", size.width).attr("height", size.height)
    .attr("aria-label", (c) => `${modelLabel(axes.models[c.m].name)}, batch ${axes.batches[c.b]}: ${kVerdicts[c.verdict]}, ${verdictWords(c)}`)
    .on("mouseenter focus", (c) => show(c)).on("mouseleave", () => show(state.kept))
    .on("click", (c) => keep(c)).on("keydown", moveFrom);
  const marked = cells.filter((c) => markOf(c, measure));
  g.selectAll(null).data(marked).join("text").attr("class", (c) => `mark t${colourOf(measure.ratio(c))}`)
    .attr("x", (c) => (c.b + 0.5) * size.width).attr("y", (c) => (rowOf(c.m) + 0.5) * size.height + 3.5)
    .text((c) => markOf(c, measure));
  g.selectAll(null).data(cells.filter((c) => ratioOf(c, measure) && !c.anchorFits)).join("path").attr("class", "corner")
    .attr("fill", (c) => `var(--t${colourOf(measure.ratio(c))})`)
    .attr("d", (c) => `M${(c.b + 1) * size.width - 8.5},${rowOf(c.m) * size.height + 1.5}h7v7z`);
  return cells;
}

function moveFrom(cell) {
  const step = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1], Home: [-batchCount, 0], End: [batchCount, 0]}[d3.event.key];
  if (d3.event.key === "Enter" || d3.event.key === " ") {
    keep(cell);
  } else if (d3.event.key === "Escape") {
    keep(null);
  } else if (!step) {
    return;
  } else {
    focusCell(cell, step);
  }
  d3.event.preventDefault();
}

// Past the left and right edge lies the neighbouring panel.
function focusCell(cell, [across, up]) {
  let [s, b] = [cell.s, cell.b + across];
  if (Math.abs(across) > 1) b = Math.max(0, Math.min(batchCount - 1, b));
  if (b < 0 || b >= batchCount) {
    const other = lowStacks[lowStacks.indexOf(s) + across];
    if (other === undefined) return;
    [s, b] = [other, b < 0 ? batchCount - 1 : 0];
  }
  const m = Math.max(0, Math.min(modelCount - 1, cell.m + up));
  const target = document.querySelector(`[data-cell="${s},${m},${b}"]`);
  if (!target) return;
  for (const one of target.closest("[role=grid]").querySelectorAll("[tabindex='0']")) one.setAttribute("tabindex", -1);
  target.setAttribute("tabindex", 0);
  target.focus();
}

function drawPanel(container, view, s, measure) {
  const size = panelSize();
  const width = batchCount * size.width;
  const height = modelCount * size.height;
  const panel = container.append("div").attr("class", "panel");
  panel.append("h3").text(axes.stacks[s].name).append("small").text(`against ${axes.stacks[s].versus}`);
  const svg = panel.append("svg").attr("viewBox", `0 0 ${kLeft + width + 4} ${kTop + height + 34}`)
    .style("max-width", `${1.2 * (kLeft + width + 4)}px`);
  drawAxes(svg, size, height);
  const g = svg.append("g").attr("transform", `translate(${kLeft},${kTop})`);
  drawHatched(g, cellsOf(view, [s]), size, measure);
  const cells = drawCells(g.append("g"), view, s, measure, size);
  const field = ratioField(view, s, measure);
  const critical = criticalLine(view, s, measure);
  if (field.any) drawContours(g, field, size, `clip-${s}`, kLevels, kLevels.filter((r) => r !== 1 || critical.dots.length === 0));
  drawCriticalLine(g, critical, size);
  if (!field.any && cells.length > 0) {
    g.append("text").attr("class", "contour-label").attr("x", width / 2).attr("y", height / 2)
      .text(cells.every((c) => c.verdict === "U") ? "no such kernels on this GPU" : "nothing to compare");
  }
  g.append("rect").attr("class", "cursor").attr("data-stack", s).attr("width", size.width).attr("height", size.height)
    .attr("visibility", "hidden");
}

// The same place in every panel.
function moveCursors(cell) {
  const size = panelSize();
  d3.selectAll("#panels .cursor").attr("visibility", cell ? "visible" : "hidden")
    .attr("x", cell ? cell.b * size.width : 0).attr("y", cell ? rowOf(cell.m) * size.height : 0);
}

function drawMap() {
  const view = currentView();
  const measure = kMeasures[state.measure];
  const gpu = axes.gpus[view.gpu];
  const [label, chain] = [capital(measure.label), axes.chains[view.chain]];
  document.getElementById("map-h").textContent = `The trap map of ${gpuTitle(gpu)}`;
  document.getElementById("map-caption").textContent =
    `${label} against 16 bit under the same framework; one cell is ${chainTitle(chain)} at one model size and batch` +
    (axes.varied.length ? `, with ${variedText(view)}` : "") +
    ". Point at a cell, or reach it with Tab and the arrow keys, for its numbers; a click or Enter keeps it.";
  legendOf(measure);
  const panels = d3.select("#panels");
  panels.html("");
  lowStacks.forEach((s) => drawPanel(panels, view, s, measure));
}
