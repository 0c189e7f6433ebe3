// SPDX-License-Identifier: Apache-2.0
// From 16 bit to the stack, cause by cause.
const kCauses = {
  weight_bytes: "bytes of the weights", dequant_traffic: "dequantising", quant_kernels: "quantising activations",
  kernel_efficiency: "another kernel", host_dispatch: "host dispatch", other_kernels: "other kernels",
  token_inflation: "more tokens", gaps: "GPU without a kernel", more_gpus: "more GPUs", accuracy: "fewer right answers",
};
const kWholes = {
  energy_j: {label: "energy of the chain", unit: "J"}, latency_s: {label: "time of the chain", unit: "s"},
  j_per_correct: {label: "energy per right answer", unit: "J"},
};

function barsOf(fall, whole) {
  const rows = [{name: fall.versus, from: 0, to: whole.anchor, kind: "whole"}];
  let level = whole.anchor;
  for (const [cause, part] of Object.entries(whole.parts)) {
    if (Math.abs(part) < 5e-4 * whole.anchor) {
      level += part;
      continue;
    }
    rows.push({name: kCauses[cause] || cause, from: level, to: level + part, kind: part > 0 ? "up" : "down", share: part / whole.anchor});
    level += part;
  }
  rows.push({name: fall.stack, from: 0, to: whole.q, kind: "whole", share: whole.q / whole.anchor - 1});
  return rows;
}

// What made the GPU wait, where that matters.
function waits(fall) {
  const parts = Object.entries(fall.gap_parts).filter(([, part]) => Math.abs(part) > 0.05 * fall.energy_j.anchor)
    .sort(([, p], [, q]) => Math.abs(q) - Math.abs(p));
  return parts.length ? `What changed the energy without a kernel: ${parts.map(([cause, part]) => `${kCauses[cause]} ${part > 0 ? "+" : ""}${quantity(part, "J")}`).join(", ")}` : "";
}

function drawWaterfall(container, fall) {
  const {unit} = kWholes[state.whole];
  const whole = fall[state.whole];
  const box = container.append("div");
  box.append("h3").text(`${gpuTitle(fall.gpu)}: ${plain(fall.energy_ratio, 2)} times the energy`);
  box.append("p").text(`${fall.energy_ratio > 1 ? "The largest trap" : "The largest gain"}: ${modelLabel(fall.model)}, ${fall.stack} against ${fall.versus}, batch ${fall.batch}`);
  if (!whole) {
    box.append("p").text(`Nobody measured the right answers of ${fall.stack}.`);
    return;
  }
  const rows = barsOf(fall, whole);
  const [height, left, right, width] = [24, 158, 132, 640];
  const x = d3.scaleLinear().domain(d3.extent([0, ...rows.flatMap((r) => [r.from, r.to])])).range([left, width - right]);
  if (state.whole !== "latency_s" && waits(fall)) box.append("p").text(waits(fall));
  const svg = box.append("svg").attr("viewBox", `0 0 ${width} ${rows.length * height + 4}`).attr("role", "img")
    .attr("aria-label", rows.map((r) => `${r.name} ${quantity(r.kind === "whole" ? r.to : r.to - r.from, unit)}`).join(", "));
  const g = svg.selectAll("g").data(rows).join("g").attr("transform", (r, i) => `translate(0,${i * height})`);
  g.append("text").attr("x", left - 8).attr("y", 16).attr("text-anchor", "end").text((r) => r.name);
  g.append("rect").attr("class", (r) => r.kind).attr("x", (r) => Math.min(x(r.from), x(r.to))).attr("y", 3)
    .attr("width", (r) => Math.max(1.5, Math.abs(x(r.to) - x(r.from)))).attr("height", height - 6);
  g.filter((r, i) => i + 1 < rows.length).append("line").attr("class", "step").attr("x1", (r) => x(r.to)).attr("x2", (r) => x(r.to)).attr("y1", height - 3).attr("y2", height + 3);
  g.append("text").attr("x", (r) => Math.max(x(r.from), x(r.to)) + 6).attr("y", 16)
    .text((r) => `${r.kind === "whole" ? quantity(r.to, unit) : (r.to > r.from ? "+" : "") + quantity(r.to - r.from, unit)}${r.share === undefined ? "" : `  ${signed(1 + r.share)}`}`);
}

function drawWaterfalls() {
  const section = document.getElementById("why");
  section.hidden = data.waterfalls.length === 0;
  if (section.hidden) return;
  document.getElementById("why-caption").textContent =
    `The difference in ${kWholes[state.whole].label} between 16 bit and the stack, shared out among its causes as Shapley values: what a cause adds when it joins the others, averaged over all orders. ` +
    `Extremes are of energy, ${chainTitle(data.waterfalls[0].chain)}${axes.varied.length ? `, with ${variedText(data.waterfalls[0])}` : ""}, among points at which 16 bit fits.`;
  const box = d3.select("#waterfalls");
  box.html("");
  data.waterfalls.forEach((fall) => drawWaterfall(box, fall));
}
