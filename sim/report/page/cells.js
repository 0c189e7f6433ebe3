// SPDX-License-Identifier: Apache-2.0
// A grid of cells, batch across and size up, as the panels and the overview draw it, and its contours.
// Ratios with a contour, and what is written on it.
const kSteps = {0.25: "0.25×", 0.5: "0.5×", 0.7071: "0.7×", 1: "equal", 1.4142: "1.4×", 2: "2×", 4: "4×"};
const kLevels = Object.keys(kSteps).map(Number).sort(d3.ascending);

const rowOf = (m) => modelCount - 1 - m;

// log2 of the ratio of each cell with a border of one cell all round, row by row from the largest model, and
// whether the cell has one. Cells without one take that of the nearest with one: contours are cut off there.
function ratioField(view, s, measure) {
  const width = batchCount + 2;
  const height = modelCount + 2;
  const known = [];
  const valid = new Set();
  for (let m = 0; m < modelCount; ++m) {
    for (let b = 0; b < batchCount; ++b) {
      const cell = cellOf(view, s, m, b);
      const ratio = ratioOf(cell, measure);
      if (ratio) {
        known.push({x: b + 1, y: rowOf(m) + 1, value: Math.log2(ratio)});
        valid.add(`${b},${m}`);
      }
    }
  }
  const values = new Array(width * height);
  for (let y = 0; y < height; ++y) {
    for (let x = 0; x < width; ++x) {
      const nearest = d3.scan(known, (p, q) => Math.hypot(p.x - x, p.y - y) - Math.hypot(q.x - x, q.y - y));
      values[y * width + x] = nearest === undefined ? 0 : known[nearest].value;
    }
  }
  return {width, height, values, valid, any: known.length > 0};
}

// Contours of a field in pixels: lines by ratio, and a place for the label of each.
function contoursOf(field, cellWidth, cellHeight, ratios) {
  const toPixels = ([x, y]) => [(x - 1) * cellWidth, (y - 1) * cellHeight];
  const inside = ([x, y]) => {
    const b = Math.floor(x - 1);
    const m = rowOf(Math.floor(y - 1));
    return field.valid.has(`${b},${m}`) && x - 1 > 0.7 && x - 1 < batchCount - 0.7 && y - 1 > 0.5 && y - 1 < modelCount - 0.4;
  };
  const placed = [];
  return ratios.map((ratio) => {
    const shape = d3.contours().size([field.width, field.height]).thresholds([Math.log2(ratio)])(field.values)[0];
    const rings = shape.coordinates.flat();
    const label = rings.flatMap((ring) => {
      const seen = ring.filter(inside);
      return seen.length > 1 ? [toPixels(seen[Math.floor(seen.length / 2)])] : [];
    }).find(([x, y]) => placed.every(([u, v]) => Math.abs(x - u) > 34 || Math.abs(y - v) > 14));
    if (label) placed.push(label);
    return {ratio, rings: rings.map((ring) => ring.map(toPixels)), label};
  }).filter((contour) => contour.rings.length > 0);
}

const cellClass = (cell, measure) =>
  ratioOf(cell, measure) ? `k${colourOf(measure.ratio(cell))}` : cell.verdict === "A" ? "absent" : "none";

// What does not run, as one shape: a pattern for each cell would take minutes to print.
function drawHatched(g, cells, size, measure) {
  g.append("path").attr("class", "hatched").attr("d", cells.filter((c) => !ratioOf(c, measure) && c.verdict !== "A")
    .map((c) => `M${c.b * size.width},${rowOf(c.m) * size.height}h${size.width}v${size.height}h${-size.width}z`).join(""));
}

// The letter where the colour alone would mislead about the verdict.
function markOf(cell, measure) {
  if (!ratioOf(cell, measure)) return "";
  const told = measure.ratio(cell) > 1 ? "F" : "D";
  if (cell.verdict !== told) return cell.verdict === "D" ? (cell.accuracyTrap ? "a" : "") : cell.verdict;
  return cell.accuracyTrap ? "a" : "";
}

// Where a number of parameters stands on the axis of sizes, in cells from the smallest; between two sizes in the
// logarithm.
function sizePosition(params) {
  let i = 0;
  while (i + 2 < modelCount && params > axes.models[i + 1].params) ++i;
  const [low, high] = [Math.log(axes.models[i].params), Math.log(axes.models[i + 1].params)];
  return i + (Math.log(params) - low) / (high - low);
}

const clamped = (y) => Math.max(-0.5, Math.min(modelCount - 0.5, y));

// N* of a view and stack on the map: dots, bands (what of them lies on the map) and the segments that join neighbours, in cells.
function criticalLine(view, s, measure) {
  if (modelCount < 2) return {dots: [], segments: []};  // one size is no axis
  const dots = view.critical.filter((row) => row.kind === "N" && row.stack === s && row.equal === measure.equal && row.at)
    .map((row) => ({b: axes.batches.indexOf(row.batch), at: row.at, y: sizePosition(row.at), row,
      band: row.low ? [row.low, row.high].map((params) => clamped(sizePosition(params))) : null}))
    .filter((dot) => dot.b >= 0 && dot.y > -0.5 && dot.y < modelCount - 0.5);
  const segments = [];
  for (const dot of dots) {
    const next = dots.filter((other) => other.b === dot.b + 1 && other.row.trap_below === dot.row.trap_below);
    const nearest = d3.scan(next, (p, q) => Math.abs(p.y - dot.y) - Math.abs(q.y - dot.y));
    if (nearest !== undefined) segments.push([dot, next[nearest]]);
  }
  return {dots, segments};
}
