// SPDX-License-Identifier: Apache-2.0
// The data block, one cell of it, and how numbers are written.
const data = JSON.parse(document.getElementById("data").textContent);
const axes = data.axes;
const modelCount = axes.models.length;
const batchCount = axes.batches.length;
const cellIndex = (s, m, b) => (s * modelCount + m) * batchCount + b;
// 16 bit may be listed under a version of its own.
const isSixteenBit = (s) => axes.stacks[s].name === axes.stacks[s].versus ||
  data.views.some((view) => view.cells.verdict.slice(cellIndex(s, 0, 0), cellIndex(s + 1, 0, 0)).includes("A"));
const lowStacks = axes.stacks.map((stack, i) => i).filter((i) => !isSixteenBit(i));

const kVerdicts = {
  A: "16 bit itself", D: "dissolved", E: "energy trap", L: "latency trap", F: "full trap", I: "infeasible",
  U: "not supported", N: "no 16 bit to compare",
};
const kKinds = ["measured", "fitted", "spec", "borrowed", "assumed"];

// What colours show: the ratio to 16 bit, and the name of N* and B* of that quantity.
const kMeasures = {
  energy: {label: "energy", ratio: (c) => c.energy_ratio, equal: "energy"},
  time: {label: "time", ratio: (c) => 1 + c.cor, equal: "latency"},
  correct: {label: "energy per right answer", ratio: (c) => c.j_per_correct_ratio, equal: "energy_per_correct"},
};

// The ratio of a cell in a measure, or null where there is none.
function ratioOf(cell, measure) {
  const ratio = cell && cell.compared ? measure.ratio(cell) : 0;
  return ratio > 0 ? ratio : null;
}

// A cell of a view with its place; `compared` where it has ratios to 16 bit. Accuracy and what follows from it are
// 0 where nobody measured it; `band` is there where the results hold draws.
function cellOf(view, s, m, b) {
  const i = cellIndex(s, m, b);
  const c = view.cells;
  const verdict = c.verdict[i];
  if (verdict === ".") return null;
  const marks = Number(c.marks[i]);
  return {
    view, s, m, b, verdict,
    anchorFits: (marks & 1) === 0, accuracyTrap: (marks & 2) !== 0,
    runs: verdict !== "I" && verdict !== "U",
    compared: "DELF".includes(verdict),
    gpus: c.gpus[i], latency_s: c.latency_s[i], tokens_per_s: c.tokens_per_s[i], energy_j: c.energy_j[i],
    j_per_correct: c.j_per_correct[i], accuracy: c.accuracy[i], host_bound: c.host_bound_fraction[i],
    cor: c.cor[i], cor_kernel: c.cor_kernel[i], energy_ratio: c.energy_ratio[i],
    j_per_correct_ratio: c.j_per_correct_ratio[i], si: c.si[i], memory_bytes: c.memory_bytes[i],
    band: c.verdict_share && c.energy_ratio_high[i] > 0 ? {share: c.verdict_share[i], time: [1 + c.cor_low[i], 1 + c.cor_high[i]],
      energy: [c.energy_ratio_low[i], c.energy_ratio_high[i]]} : null,
    power_w: c.latency_s[i] > 0 ? c.energy_j[i] / c.latency_s[i] : 0,
  };
}

function cellsOf(view, stacks) {
  const out = [];
  for (const s of stacks) {
    for (let m = 0; m < modelCount; ++m) {
      for (let b = 0; b < batchCount; ++b) {
        const cell = cellOf(view, s, m, b);
        if (cell) out.push(cell);
      }
    }
  }
  return out;
}

const modelLabel = (name) => (name.startsWith("dense@") ? name.slice(6).toUpperCase() : name);
const sized = (params) => `${plain(params / 1e9, 2)}B`;
// "gpu.hbm_gb_s ×2, chain.line.hops 5": factors on the profile, or values.
const variedText = (view) => axes.varied.map((name, i) =>
  `${name} ${data.grounds && data.grounds.factors[name] ? "×" : ""}${plain(view.varied[i], 3)}`).join(", ");

// So many digits at most, thousands apart: 7,060 rather than 7059.8.
function plain(x, digits = 3) {
  if (x === 0) return "0";
  const rounded = Number(x.toPrecision(digits));
  return Math.abs(rounded) >= 1e9 || Math.abs(rounded) < 1e-3 ? rounded.toExponential()
    : d3.format(",")(rounded).replace("-", "−");
}
// Exactly so many, so that a column lines up: 82.0 beside 79.6.
const even = (x, digits = 3) =>
  (Math.abs(x) >= 10 ** digits || Math.abs(x) < 1e-3 ? plain(x, digits) : x.toPrecision(digits).replace("-", "−"));
const kPrefixes = [[1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""], [1e-3, "m"]];
function quantity(x, unit, write = even) {
  if (x === 0) return `0 ${unit}`;
  const whole = unit === "s" || unit === "/s" ? kPrefixes.slice(3) : kPrefixes;
  const [scale, prefix] = whole.find(([size]) => Math.abs(x) >= size * 0.9995) || kPrefixes[4];
  return `${write(x / scale)} ${prefix}${unit}`;
}
const between = ([low, high], write) => `${write(low)} to ${write(high)}`;
const times = (ratio) => `${even(ratio)}×`;
const signed = (ratio) => {
  const percent = 100 * (ratio - 1);
  return `${percent < 0 ? "−" : "+"}${Math.abs(percent) < 10 ? Math.abs(percent).toFixed(1) : Math.abs(percent).toFixed(0)} %`;
};
const share = (x) => `${plain(100 * x, x >= 0.1 ? 2 : 1)} %`;
const gigabytes = (bytes) => `${even(bytes / 1e9)} GB`;

// "68 % slower, 99 % more energy than hf-eager/bf16"; from twice on as a multiple.
function changeWords(ratio, more, less, of) {
  if (ratio >= 2) return `${plain(ratio, 2)} times the ${of}`;
  const percent = 100 * Math.abs(ratio - 1);
  return `${percent < 10 ? percent.toFixed(1) : percent.toFixed(0)} % ${ratio > 1 ? more : less}`;
}
function verdictWords(cell) {
  if (cell.verdict === "U") return "the GPU lacks this stack's kernels";
  if (cell.verdict === "I") {
    if (cell.memory_bytes === 0) return "the model can't be split over so many GPUs";
    return `needs ${gigabytes(cell.memory_bytes)}: ${cell.gpus > 0 ? `at least ${cell.gpus} of these GPUs` : "more than 64 of these GPUs"}`;
  }
  if (cell.verdict === "N") return "16 bit has no kernels on this GPU";
  if (cell.verdict === "A") return "what low precision is compared with";
  return `${changeWords(1 + cell.cor, "slower", "less time", "time")}, ${
    changeWords(cell.energy_ratio, "more energy", "less energy", "energy")} against ${axes.stacks[cell.s].versus}`;
}
