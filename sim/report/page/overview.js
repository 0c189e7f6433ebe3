// SPDX-License-Identifier: Apache-2.0
// Every GPU beside every stack, small.
function thumbnail(container, view, s, measure) {
  const [width, height] = [batchCount * 8, modelCount * 8];
  const cells = cellsOf(view, [s]);
  const compared = cells.filter((c) => c.compared);
  const button = container.append("button").attr("type", "button").attr("class", "thumb")
    .on("click", () => { choose({gpu: view.gpu}); document.getElementById("map").scrollIntoView(); });
  const svg = button.append("svg").attr("viewBox", `0 0 ${width} ${height}`).attr("aria-hidden", "true");
  svg.selectAll(null).data(cells).join("rect").attr("class", (c) => cellClass(c, measure))
    .attr("x", (c) => c.b * 8).attr("y", (c) => rowOf(c.m) * 8).attr("width", 8).attr("height", 8);
  const field = ratioField(view, s, measure);
  if (field.any) {
    drawContours(svg.append("g"), field, {width: 8, height: 8}, `thumb-${view.gpu}-${s}`, [1], false);
  }
  const saves = compared.filter((c) => measure.ratio(c) <= 1).length;
  const words = compared.length ? `saves in ${share(saves / compared.length)}` : cells.some((c) => c.verdict === "U") ? "no such kernels" : "nothing fits";
  const small = button.append("small");
  if (compared.length) {
    small.append("span").text("saves in");
    small.append("br");
    small.append("span").text(share(saves / compared.length));
  } else {
    small.text(words);
  }
  button.attr("aria-label", `${gpuTitle(axes.gpus[view.gpu])}, ${axes.stacks[s].name}: ${words}`);
}

function drawOverview() {
  const measure = kMeasures[state.measure];
  const views = axes.gpus.map((name, gpu) => viewOf({...state, gpu})).filter((view) => view);
  document.getElementById("glance-caption").textContent =
    `Each small map is one GPU and stack, batch growing to the right and model size upwards. Blue: less ${measure.label} than 16 bit; ` +
    "orange: more; hatched: does not run. The line is where both are equal. The share is of the cells that run.";
  const grid = d3.select("#overview").style("grid-template-columns", `minmax(150px, 200px) repeat(${lowStacks.length}, minmax(150px, 1fr))`);
  grid.html("");
  grid.append("span");
  lowStacks.forEach((s) => grid.append("span").attr("class", "head").text(axes.stacks[s].name).append("small").text(stackNote(s)));
  for (const view of views) {
    const name = axes.gpus[view.gpu];
    const button = grid.append("button").attr("type", "button").attr("class", "gpu").attr("aria-pressed", view.gpu === state.gpu)
      .on("click", () => choose({gpu: view.gpu}));
    button.append("span").text(gpuTitle(name));
    button.append("small").text(gpuNote(name));
    lowStacks.forEach((s) => thumbnail(grid, view, s, measure));
  }
}
