// SPDX-License-Identifier: Apache-2.0
// One point in words and numbers, and what it rests on.
const grounds = data.grounds;

// "h100-80-sxm:4" is four of them, ":min" as few as hold the model.
function gpuEntry(entry) {
  const several = /^(.*):(\d+|min)$/.exec(entry);
  return several ? {name: several[1], count: several[2]} : {name: entry, count: ""};
}
function gpuTitle(entry) {
  const {name, count} = gpuEntry(entry);
  const title = grounds && grounds.gpus[entry] ? grounds.gpus[entry].title : name;
  if (count === "min") return `${title}, as few as hold it`;
  return count === "" || count === "1" ? title : `${count} x ${title}`;
}
function gpuNote(name) {
  const gpu = grounds && grounds.gpus[name];
  return gpu ? `${plain(gpu.memory_gb)} GB, ${plain(gpu.hbm_gb_s / 1000, 2)} TB/s, ${plain(gpu.tdp_w)} W` : "";
}
function stackNote(s) {
  const stack = grounds && grounds.stacks[axes.stacks[s].name];
  return stack ? `${stack.bits} bit, ${stack.graph ? "CUDA graph" : "eager"}` : "";
}
// A title tells hops and tokens, which may be varied.
const chainTitle = (name) => (grounds && grounds.chains[name] && !axes.varied.some((field) => field.startsWith("chain.")) ? grounds.chains[name].title : name);

// Error of a family as its profile states it.
function familyError(family) {
  if (family.p90_ape) return `9 in 10 held-out rows within ${share(family.p90_ape)}`;
  return family.transfer_error90 ? `±${share(family.transfer_error90)} (90 %) for the transfer` : "";
}

const chip = (container, kind) => container.append("span").attr("class", `chip ${kKinds.includes(kind) ? kind : "spec"}`).text(kind);

// Grounds of a stack on a GPU: [what, source] pairs.
function groundsOf(cell) {
  const gpu = grounds.gpus[axes.gpus[cell.view.gpu]];
  const stack = grounds.stacks[axes.stacks[cell.s].name];
  const host = grounds.hosts[axes.hosts[cell.view.host]];
  const chain = grounds.chains[axes.chains[cell.view.chain]];
  const answer = stack.answers[axes.chains[cell.view.chain]][axes.models[cell.m].name];
  return [
    ...stack.families.filter((name) => gpu.families[name]).map((name) => [name, gpu.families[name]]),
    ["host", host], ["dispatch", stack.dispatch], ["power", gpu.power], ["memory", stack.memory],
    ["accuracy", stack.answer_sources[answer[1]]], ["tokens", stack.answer_sources[answer[3]]], ["chain", chain],
  ].filter(([, source]) => source);
}

function numberRows(c) {
  const anchor = (x, ratio) => (c.compared ? x / ratio : null);
  return [
    ["time of the chain", c.latency_s, anchor(c.latency_s, 1 + c.cor), (x) => quantity(x, "s")],
    ["energy of the chain", c.energy_j, anchor(c.energy_j, c.energy_ratio), (x) => quantity(x, "J")],
    ["energy per right answer", c.j_per_correct, c.j_per_correct > 0 ? anchor(c.j_per_correct, c.j_per_correct_ratio) : null, (x) => (x > 0 ? quantity(x, "J") : "unknown")],
    ["mean power", c.power_w, anchor(c.power_w, c.energy_ratio / (1 + c.cor)), (x) => quantity(x, "W")],
    ["tokens per second", c.tokens_per_s, null, (x) => even(x)],
    ["right answers", c.accuracy, null, (x) => (x > 0 ? share(x) : "unknown")],
    ["GPU waiting for the host", c.host_bound, null, share],
    ["memory", c.memory_bytes, null, gigabytes],
  ];
}

function numberTable(container, c) {
  const table = container.append("table");
  const head = table.append("thead").append("tr");
  for (const words of ["", "this", "16 bit", ""]) head.append("th").attr("scope", "col").text(words);
  const body = table.append("tbody");
  for (const [name, value, anchor, write] of numberRows(c)) {
    const row = body.append("tr");
    row.append("td").text(name);
    row.append("td").text(write(value));
    row.append("td").text(anchor === null ? "" : write(anchor));
    const ratio = anchor === null ? 1 : value / anchor;
    row.append("td").attr("class", anchor === null ? null : ratio > 1 ? "worse" : "better").text(anchor === null ? "" : signed(ratio));
  }
}

function provenanceOf(container, c) {
  container.append("h3").text("Rests on");
  if (!grounds) {
    container.append("p").text("Not known: " + data.grounds_missing);
    return;
  }
  const body = container.append("table").attr("class", "rests").append("tbody");
  for (const [what, source] of groundsOf(c)) {
    const row = body.append("tr");
    const words = [familyError(source), source.source].filter(Boolean).join("; ");
    row.append("td").text(what);
    chip(row.append("td"), source.kind);
    row.append("td").attr("class", "source").attr("title", words).text(words);
  }
}

function bandWords(c) {
  const held = `${share(c.band.share)} of ${data.draws} draws of the uncertain parameters give this verdict`;
  return `${held}; in 9 of 10 the time is ${between(c.band.time, times)}, the energy ${between(c.band.energy, times)} that of 16 bit.`;
}

function commandOf(c) {
  const view = c.view;
  const gpu = gpuEntry(axes.gpus[view.gpu]);
  const words = ["hopsim", c.verdict === "A" || !c.compared ? "run" : "explain", "--gpu", gpu.name,
    ...(gpu.count === "" ? [] : ["--gpus", gpu.count]), "--host", axes.hosts[view.host],
    "--model", axes.models[c.m].name, "--stack", axes.stacks[c.s].name, "--batch", axes.batches[c.b], "--chain", axes.chains[view.chain]];
  return words.join(" ");
}

function drawInspector(c) {
  const box = d3.select("#inspector");
  box.html("");
  if (!c) {
    box.append("p").text("No cell chosen.");
    return;
  }
  const left = box.append("div");
  left.append("h3").text(`${modelLabel(axes.models[c.m].name)}, ${axes.stacks[c.s].name}, batch ${axes.batches[c.b]}`);
  left.append("p").text(`${gpuTitle(axes.gpus[c.view.gpu])}, ${chainTitle(axes.chains[c.view.chain])}${axes.varied.length ? ", with " + variedText(c.view) : ""}`);
  left.append("span").attr("class", `tag tag-${c.verdict}`).text(kVerdicts[c.verdict]);
  left.append("p").attr("class", "big").text(verdictWords(c));
  if (c.accuracyTrap) left.append("p").text("Accuracy trap: more energy for each right answer.");
  if (!c.anchorFits && c.compared) left.append("p").text("16 bit does not fit here; it is compared as if it did.");
  if (c.compared) {
    left.append("p").text(`COR ${plain(c.cor)}, COR of kernels ${plain(c.cor_kernel)}, energy ratio ${plain(c.energy_ratio)}, SI ${c.si > 0 ? plain(c.si) : "unknown"}`);
    if (c.band) left.append("p").attr("class", "band").text(bandWords(c));
  }
  if (!axes.varied.length) {  // lines break between options, not within one
    const code = left.append("p").append("code");
    for (const part of commandOf(c).split(/ (?=--)/)) {
      code.append("span").attr("class", "unbroken").text(part);
      code.append("span").text(" ");
    }
  }
  const middle = box.append("div");
  if (c.runs) numberTable(middle, c);
  provenanceOf(box.append("div"), c);
}
