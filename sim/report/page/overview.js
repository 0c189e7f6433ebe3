// SPDX-License-Identifier: Apache-2.0
// Every GPU beside every stack, small.
function thumbnail(container, view, s, measure) {
  const size = {width: 132 / batchCount, height: 92 / modelCount};
  const cells = cellsOf(view, [s]);
  const compared = cells.filter((c) => ratioOf(c, measure));
  const button = container.append("button").attr("type", "button").attr("class", "thumb")
    .on("click", () => { choose({gpu: view.gpu}); document.getElementById("map").scrollIntoView(); });
  const svg = button.append("svg").attr("viewBox", "0 0 132 92").attr("aria-hidden", "true");
  drawHatched(svg, cells, size, measure);
  svg.selectAll(null).data(compared).join("rect").attr("class", (c) => cellClass(c, measure))
    .attr("x", (c) => c.b * size.width).attr("y", (c) => rowOf(c.m) * size.height)
    .attr("width", size.width + 0.3).attr("height", size.height + 0.3);  // no seams
  const field = ratioField(view, s, measure);
  if (field.any) {
    drawContours(svg.append("g"), field, size, `thumb-${view.gpu}-${s}`, [1], []);
  }
  const saves = compared.filter((c) => measure.ratio(c) <= 1).length;
  const words = compared.length ? ["saves in", share(saves / compared.length)]
    : cells.some((c) => c.verdict === "U") ? ["no such", "kernels"] : ["nothing", "fits"];
  button.append("small").selectAll("span").data(words).join("span").text((word) => word);
  button.attr("aria-label", `${gpuTitle(axes.gpus[view.gpu])}, ${axes.stacks[s].name}: ${words.join(" ")}`);
}

function drawOverview() {
  const measure = kMeasures[state.measure];
  const views = axes.gpus.map((name, gpu) => viewOf({...state, gpu})).filter((view) => view);
  document.getElementById("glance-caption").textContent =
    `Each small map is one GPU and stack, batch growing to the right and model size upwards. Blue: less ${measure.label} than 16 bit; ` +
    "orange: more; hatched: does not run. The line is where both are equal. The share is of the cells that run.";
  const grid = d3.select("#overview").style("grid-template-columns", `minmax(185px, 215px) repeat(${lowStacks.length}, minmax(205px, 240px))`);
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
