// SPDX-License-Identifier: Apache-2.0
// Points as a table: sorted by a column, filtered by words and verdict, a page at a time.
const kRowsAPage = 25;
const kColumns = [
  {name: "GPU", text: true, value: (c) => gpuTitle(axes.gpus[c.view.gpu])},
  ...[["chain", (c) => axes.chains[c.view.chain], axes.chains.length > 1], ["host", (c) => axes.hosts[c.view.host], axes.hosts.length > 1],
    ["with", (c) => variedText(c.view), axes.varied.length > 0]].filter(([name, value, several]) => several)
    .map(([name, value]) => ({name, text: true, value, all: true})),
  {name: "stack", text: true, value: (c) => axes.stacks[c.s].name},
  {name: "model", value: (c) => axes.models[c.m].params, write: (c) => modelLabel(axes.models[c.m].name)},
  {name: "batch", value: (c) => axes.batches[c.b], write: (c) => axes.batches[c.b]},
  {name: "verdict", text: true, value: (c) => kVerdicts[c.verdict], tag: true},
  {name: "time", value: (c) => c.latency_s, write: (c) => quantity(c.latency_s, "s"), runs: true},
  {name: "tokens/s", value: (c) => c.tokens_per_s, write: (c) => even(c.tokens_per_s), runs: true},
  {name: "energy", value: (c) => c.energy_j, write: (c) => quantity(c.energy_j, "J"), runs: true},
  {name: "per right answer", value: (c) => c.j_per_correct, write: (c) => quantity(c.j_per_correct, "J"), runs: true, known: (c) => c.j_per_correct > 0},
  {name: "power", value: (c) => c.power_w, write: (c) => quantity(c.power_w, "W"), runs: true},
  {name: "waits for host", value: (c) => c.host_bound, write: (c) => share(c.host_bound), runs: true},
  {name: "time / 16 bit", value: (c) => 1 + c.cor, write: (c) => times(1 + c.cor), compared: true},
  {name: "energy / 16 bit", value: (c) => c.energy_ratio, write: (c) => times(c.energy_ratio), compared: true},
  ...(data.draws ? [{name: "in draws", value: (c) => c.band.share, write: (c) => share(c.band.share), compared: true, known: (c) => c.band}] : []),
  {name: "memory", value: (c) => c.memory_bytes, write: (c) => gigabytes(c.memory_bytes)},
];
const table = {sort: "energy / 16 bit", down: true, words: "", verdict: "", all: false, page: 0};

const shownIn = (column, c) => Boolean((column.compared ? c.compared : column.runs ? c.runs : true) && (!column.known || column.known(c)));
// What tells views apart stands there where the table has more than one.
const columns = () => kColumns.filter((column) => table.all || !column.all);

function tableRows() {
  const stacks = axes.stacks.map((stack, s) => s);
  const views = table.all ? data.views : [currentView()];
  const words = table.words.toLowerCase().split(/\s+/).filter(Boolean);
  const column = columns().find((one) => one.name === table.sort) || columns()[0];
  const rows = views.flatMap((view) => cellsOf(view, stacks)).filter((c) => {
    if (table.verdict && c.verdict !== table.verdict) return false;
    const text = `${gpuTitle(axes.gpus[c.view.gpu])} ${axes.gpus[c.view.gpu]} ${axes.stacks[c.s].name} ${modelLabel(axes.models[c.m].name)} ${axes.chains[c.view.chain]} batch=${axes.batches[c.b]} ${kVerdicts[c.verdict]}`.toLowerCase();
    const whole = text.split(/\s+/);
    return words.every((word) => (/=./.test(word) ? whole.includes(word) : text.includes(word)));  // batch=1 is not batch=16
  });
  // What has no such number comes last either way.
  const sign = table.down ? -1 : 1;
  return rows.sort((p, q) => shownIn(column, q) - shownIn(column, p) ||
    (shownIn(column, p) ? sign * d3.ascending(column.value(p), column.value(q)) : 0));
}

function drawTable() {
  const rows = tableRows();
  const pages = Math.max(1, Math.ceil(rows.length / kRowsAPage));
  table.page = Math.min(table.page, pages - 1);
  const root = d3.select("#points");
  root.html("");
  const head = root.append("thead").append("tr").selectAll("th").data(columns()).join("th").attr("scope", "col")
    .attr("class", (column) => (column.text ? "text" : null))
    .attr("aria-sort", (column) => (column.name === table.sort ? (table.down ? "descending" : "ascending") : "none"));
  head.append("button").attr("type", "button").text((column) => column.name + (column.name === table.sort ? (table.down ? " ▼" : " ▲") : ""))
    .on("click", (column, i) => {
      Object.assign(table, {sort: column.name, down: column.name === table.sort ? !table.down : !column.text, page: 0});
      drawTable();
      document.querySelectorAll("#points th button")[i].focus();
    });
  const page = rows.slice(table.page * kRowsAPage, (table.page + 1) * kRowsAPage);
  const lines = root.append("tbody").selectAll("tr").data(page).join("tr").on("click", keep);
  for (const column of columns()) {
    const cells = lines.append("td").attr("class", column.text ? "text" : null);
    (column.tag ? cells.append("span").attr("class", (c) => `tag tag-${c.verdict}`) : cells)
      .text((c) => (!shownIn(column, c) ? "" : column.write ? column.write(c) : column.value(c)));
  }
  const pager = d3.select("#pager");
  pager.html("");
  const turn = (words, by) => pager.append("button").attr("type", "button").text(words).attr("disabled", table.page + by < 0 || table.page + by >= pages ? "" : null)
    .on("click", () => { table.page += by; drawTable(); });
  turn("Previous", -1);
  pager.append("span").attr("id", "row-count").text(`${plain(rows.length, 9)} points, page ${plain(table.page + 1, 9)} of ${plain(pages, 9)}`);
  turn("Next", 1);
}

function setUpTable() {
  const box = d3.select("#table-controls");
  const labelled = (words) => box.append("label").text(words + " ");
  labelled("Filter").append("input").attr("id", "filter").attr("type", "search").attr("placeholder", "nf4 8b batch=16").on("input", function () {
    Object.assign(table, {words: this.value, page: 0});
    drawTable();
  });
  const select = labelled("Verdict").append("select").attr("id", "verdict-filter").on("change", function () {
    Object.assign(table, {verdict: this.value, page: 0});
    drawTable();
  });
  select.selectAll("option").data([["", "any"], ...Object.entries(kVerdicts)]).join("option").attr("value", ([key]) => key).text(([, words]) => words);
  const every = box.append("label");
  every.append("input").attr("type", "checkbox").on("change", function () {
    Object.assign(table, {all: this.checked, page: 0});
    drawTable();
  });
  every.append("span").text("every GPU and chain");
  box.append("span").attr("class", "quiet").text("A click on a row shows its point above.");
}
