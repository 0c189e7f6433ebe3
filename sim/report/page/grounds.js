// SPDX-License-Identifier: Apache-2.0
// What the results rest on, kind by kind.
const kKindWords = {
  measured: "taken from a measurement of this very thing", fitted: "fitted to measurements", spec: "from a data sheet",
  borrowed: "taken over from a like thing, or from the literature", assumed: "assumed: no measurement bears it out",
};

function familyCell(td, family) {
  if (!family) {
    td.text("–");
    return;
  }
  chip(td, family.kind).attr("title", family.source);
  const error = family.p90_ape ? ` ${share(family.median_ape)} / ${share(family.p90_ape)}` : family.transfer_error90 ? ` ±${share(family.transfer_error90)}` : "";
  td.append("span").text(error);
}

function familyMatrix(box) {
  const used = [...new Set(Object.values(grounds.stacks).flatMap((stack) => stack.families))].sort();
  box.append("h3").text("Kernel families on each GPU");
  box.append("p").attr("class", "caption").text("Fitted: median and 90th percentile of the error on held-out rows of public kernel tables. Borrowed: 90 % interval of the transfer from another GPU. –: the GPU has no such kernels. Point at a kind for its source.");
  const table = box.append("div").attr("class", "scroll").append("table").attr("class", "matrix");
  const head = table.append("thead").append("tr");
  head.append("th").text("family");
  for (const name of axes.gpus) head.append("th").text(gpuTitle(name));
  const body = table.append("tbody");
  for (const family of used) {
    const row = body.append("tr");
    row.append("td").text(family);
    for (const name of axes.gpus) familyCell(row.append("td"), grounds.gpus[name] && grounds.gpus[name].families[family]);
  }
}

// Sources once each, with all that rests on them.
function sourceRows() {
  const rows = new Map();
  const take = (source, what) => {
    const key = `${source.kind}\n${source.source}`;
    if (!rows.has(key)) rows.set(key, {...source, what: []});
    rows.get(key).what.push(what);
  };
  for (const name of axes.gpus.filter((one) => grounds.gpus[one])) {
    take(grounds.gpus[name].power, `power of ${name}`);
    for (const [family, source] of Object.entries(grounds.gpus[name].families)) take(source, `${family} on ${name}`);
  }
  Object.entries(grounds.hosts).forEach(([name, source]) => take(source, `host ${name}`));
  for (const [name, stack] of Object.entries(grounds.stacks)) {
    take(stack.dispatch, `dispatch of ${name}`);
    take(stack.memory, `memory of ${name}`);
    for (const source of stack.answer_sources) take(source, `answers of ${name}`);
  }
  Object.entries(grounds.chains).forEach(([name, source]) => take(source, `chain ${name}`));
  return [...rows.values()].sort((p, q) => kKinds.indexOf(p.kind) - kKinds.indexOf(q.kind));
}

function sourceList(box) {
  const rows = sourceRows();
  box.append("h3").text("Sources by kind");
  for (const kind of kKinds.filter((one) => rows.some((row) => row.kind === one))) {
    const mine = rows.filter((row) => row.kind === kind);
    const details = box.append("details").attr("class", "kind");
    const summary = details.append("summary");
    chip(summary, kind);
    summary.append("span").text(` ${kKindWords[kind]} (${mine.length} ${mine.length === 1 ? "source" : "sources"}, ${d3.sum(mine, (row) => row.what.length)} uses)`);
    const body = details.append("table").append("tbody");
    for (const row of mine) {
      const tr = body.append("tr");
      tr.append("td").text(row.source);
      tr.append("td").text(row.what.length > 6 ? `${row.what.slice(0, 5).join(", ")} and ${row.what.length - 5} more` : row.what.join(", "));
    }
  }
}

// "0.82× to 1.00×" over what was measured of all models and chains; `at` is its place in an answer.
function answerWords(stack, at) {
  const found = Object.values(stack.answers).flatMap((models) => Object.values(models)).map((answer) => answer[at]).filter((x) => x !== null);
  if (!found.length) return "unknown";
  const [low, high] = d3.extent(found).map(times);
  return low === high ? low : `${low} to ${high}`;
}

function stackTable(box) {
  box.append("h3").text("Stacks: what low precision does to answers");
  const table = box.append("table");
  const head = table.append("thead").append("tr");
  for (const words of ["stack", "version", "right answers against 16 bit", "tokens against 16 bit", "grounds"]) head.append("th").text(words);
  const body = table.append("tbody");
  for (const [name, stack] of Object.entries(grounds.stacks).filter(([, one]) => one.bits < 16)) {
    const row = body.append("tr");
    for (const words of [name, stack.version, answerWords(stack, 0), answerWords(stack, 2)]) row.append("td").text(words);
    const td = row.append("td");
    for (const source of stack.answer_sources) {
      const line = td.append("div");
      chip(line, source.kind);
      line.append("span").text(" " + source.source);
    }
  }
}

function fileList(box) {
  const details = box.append("details");
  details.append("summary").text(`Files that the results rest on (${data.files.length}), with SHA-256`);
  const body = details.append("table").append("tbody");
  for (const file of data.files) {
    const row = body.append("tr");
    row.append("td").text(file.name);
    row.append("td").append("code").text(file.sha256);
  }
}

function drawGrounds() {
  const box = d3.select("#grounds-body").attr("class", "grounds");
  if (grounds) {
    familyMatrix(box);
    stackTable(box);
    sourceList(box);
  } else {
    box.append("p").attr("class", "note").text(`The stored texts could not be read again, so the grounds of single numbers are not listed: ${data.grounds_missing}`);
  }
  fileList(box);
}
