// SPDX-License-Identifier: Apache-2.0
// What is chosen, and who draws what when that changes.
const state = {
  gpu: data.views[0].gpu, host: data.views[0].host, chain: data.views[0].chain, varied: data.views[0].varied,
  measure: "energy", curve: "correct", whole: "energy_j", model: 0, batch: 0, kept: null,
};

// The view of a choice; what a GPU does not have of it (its own host, say) is taken from its first.
function viewOf(choice) {
  const same = (view) => view.varied.every((x, i) => x === choice.varied[i]);
  const fits = [(v) => v.gpu === choice.gpu, (v) => v.chain === choice.chain, same, (v) => v.host === choice.host];
  for (let strict = fits.length; strict > 0; --strict) {
    const found = data.views.find((view) => fits.slice(0, strict).every((fit) => fit(view)));
    if (found) return found;
  }
  return null;
}
const currentView = () => viewOf(state);

function show(cell) {
  drawInspector(cell);
  moveCursors(cell && cell.view === currentView() ? cell : null);
}

function keep(cell) {
  if (cell) {
    const moved = cell.view !== currentView();
    Object.assign(state, {gpu: cell.view.gpu, host: cell.view.host, chain: cell.view.chain, varied: cell.view.varied, model: cell.m, batch: cell.b, kept: cell});
    if (moved) drawAll();
    else drawCurves();
  } else {
    state.kept = null;
  }
  show(state.kept);
}

// The place stays when GPU, chain or fields change.
function choose(change) {
  Object.assign(state, change);
  const view = currentView();
  Object.assign(state, {host: view.host, varied: view.varied, chain: view.chain});
  if (state.kept) state.kept = cellOf(view, state.kept.s, state.kept.m, state.kept.b);
  drawAll();
  show(state.kept);
}

function drawAll() {
  drawControls();
  drawOverview();
  drawMap();
  drawCurves();
  drawTable();
}

function radios(container, name, words, options, chosen, change) {
  const set = container.append("fieldset").attr("class", "choice");
  set.append("legend").text(words);
  const labels = set.selectAll("label").data(options).join("label");
  labels.append("input").attr("type", "radio").attr("name", name).attr("value", ([value]) => value).property("checked", ([value]) => value === chosen)
    .on("change", ([value]) => { change(value); const now = document.querySelector(`input[name="${name}"][value="${value}"]`); if (now) now.focus(); });
  labels.append("span").text(([, label]) => label);
}

function selection(container, words, options, chosen, change) {
  if (options.length < 2) return;
  const select = container.append("label").text(words + " ").append("select").on("change", function () { change(Number(this.value)); });
  select.selectAll("option").data(options).join("option").attr("value", (o, i) => i).property("selected", (o, i) => i === chosen).text((o) => o);
}

function drawControls() {
  const box = d3.select("#controls").on("submit", () => d3.event.preventDefault());
  box.html("");
  const gpus = [...new Set(data.views.map((view) => view.gpu))];  // of which this page has room for a view
  if (gpus.length <= 8) radios(box, "gpu", "GPU", gpus.map((i) => [i, axes.gpus[i]]), state.gpu, (gpu) => choose({gpu}));
  else selection(box, "GPU", gpus.map((i) => gpuTitle(axes.gpus[i])), gpus.indexOf(state.gpu), (i) => choose({gpu: gpus[i]}));
  const mine = data.views.filter((view) => view.gpu === state.gpu);
  const pick = (words, key, text) => {
    const values = [...new Set(mine.map((view) => view[key]))];
    selection(box, words, values.map(text), values.indexOf(state[key]), (i) => choose({[key]: values[i]}));
  };
  pick("Chain", "chain", (i) => chainTitle(axes.chains[i]));
  pick("Host", "host", (i) => axes.hosts[i]);
  const variants = mine.filter((view) => view.chain === state.chain && view.host === state.host);
  if (axes.varied.length) {
    selection(box, "Varied", variants.map(variedText), variants.indexOf(currentView()), (i) => choose({varied: variants[i].varied}));
  }
  radios(box, "measure", "Colour", Object.entries(kMeasures).map(([key, m]) => [key, m.label]), state.measure, (measure) => choose({measure}));
}

// Shares of the verdicts as one bar.
function drawVerdicts() {
  const compared = data.views.flatMap((view) => cellsOf(view, lowStacks)).filter((c) => c.compared);
  if (!compared.length) return;
  const words = {D: "dissolved: less time, less energy", L: "latency trap: slower, less energy", E: "energy trap: faster, more energy", F: "full trap: slower, more energy"};
  const parts = ["D", "L", "E", "F"].map((verdict) => ({verdict, share: compared.filter((c) => c.verdict === verdict).length / compared.length}));
  const figure = d3.select("header.top").append("figure").attr("class", "verdicts");
  figure.append("figcaption").text(`Low precision against 16 bit, of ${plain(compared.length, 9)} points that run:`);
  figure.append("div").attr("class", "stacked").attr("aria-hidden", "true").selectAll("span").data(parts.filter((p) => p.share > 0)).join("span")
    .attr("class", (p) => `tag-${p.verdict}`).style("flex-grow", (p) => p.share);
  const list = figure.append("ul").selectAll("li").data(parts).join("li");
  list.append("span").attr("class", (p) => `swatch tag-${p.verdict}`);
  list.append("b").text((p) => (p.share > 0 && p.share < 0.001 ? "<0.1 %" : share(p.share)));
  list.append("span").text((p) => words[p.verdict]);
}

function drawHead() {
  document.getElementById("experiment").textContent = data.experiment;
  document.getElementById("title").textContent = data.title || data.experiment;
  document.getElementById("asks").textContent = data.asks;
  const facts = [
    ["points", plain(data.points, 9), ""], ["GPUs", axes.gpus.length, ""],
    ["model sizes", axes.models.length, `${sized(axes.models[0].params)} to ${sized(axes.models[modelCount - 1].params)}`],
    ["stacks of low precision", lowStacks.length, ""], ["batches", batchCount, `${axes.batches[0]} to ${axes.batches[batchCount - 1]}`],
    ["chains", axes.chains.length, ""], ...(data.draws ? [["draws", plain(data.draws, 9), "of the uncertain parameters"]] : []),
    ...(axes.varied.length ? [["varied fields", axes.varied.length, axes.varied.join(", ")]] : []),
  ];
  for (const [name, number, note] of facts) {
    const div = d3.select("#facts").append("div");
    div.append("dt").text(name);
    div.append("dd").text(number + " ").append("small").text(note);
  }
  drawVerdicts();
  const notes = [];
  if (!data.complete) notes.push("The sweep was cut short: these are the points so far, without N* and B*.");
  if (data.views_left_out) notes.push(`A page has room for ${data.views.length} maps of these results; ${plain(data.views_left_out, 9)} more are left out here: values of varied fields first, then chains and hosts. All points are in points.csv.`);
  notes.forEach((words) => d3.select("header.top").append("p").attr("class", "note").text(words));
  document.getElementById("footer").textContent = `hopsim ${data.hopsim_version} (${data.git_revision}). Numbers on this page have four digits at most; points.csv and critical.csv beside it hold the tables, map_*.svg and map_*.png the maps. Predictions of a simulator, not measurements.`;
}

// The cell to begin with: the first stack near 8B at a batch near 8, a usual question, where that can be compared.
function firstCell() {
  const cells = cellsOf(currentView(), lowStacks);
  const compared = cells.filter((c) => c.compared);
  const far = (c) => Math.abs(Math.log(axes.models[c.m].params / 8e9)) + Math.abs(Math.log(axes.batches[c.b] / 8)) + 10 * lowStacks.indexOf(c.s);
  return compared.length ? compared[d3.scan(compared, (p, q) => far(p) - far(q))] : cells[0] || null;
}

d3.select("body").append("svg").attr("width", 0).attr("height", 0).attr("aria-hidden", "true").style("position", "absolute").call(hatch);
drawHead();
setUpTheme();
setUpTable();
radios(d3.select("#curve-controls"), "curve", "Show", Object.entries(kCurves).map(([key, c]) => [key, c.label]), state.curve, (curve) => { state.curve = curve; drawCurves(); });
radios(d3.select("#why-controls"), "whole", "Show", Object.entries(kWholes).map(([key, w]) => [key, w.label]), state.whole, (whole) => { state.whole = whole; drawWaterfalls(); });
drawAll();
drawWaterfalls();
drawGrounds();
const openKinds = (open) => document.querySelectorAll("details.kind").forEach((details) => { details.open = open; });
addEventListener("beforeprint", () => openKinds(true));  // on paper nothing folds out
addEventListener("afterprint", () => openKinds(false));
keep(firstCell());
