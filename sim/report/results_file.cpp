// SPDX-License-Identifier: Apache-2.0
#include "report/results_file.hpp"

#include "base/errors.hpp"
#include "io/hdf5.hpp"

namespace hopsim::report {

namespace {

// One column: where it lives in the row and what it says. The three lists below are the whole schema.
template <class Row, class T>
struct Column {
  T Row::*field;
  const char* name;
  const char* units;
  const char* long_name;
};

template <class Row>
struct Schema {
  std::vector<Column<Row, std::string>> texts;
  std::vector<Column<Row, std::int64_t>> integers;
  std::vector<Column<Row, double>> doubles;
};

auto point_schema() -> const Schema<PointRow>& {
  using R = PointRow;
  static const Schema<R> kSchema = {
      {{&R::gpu, "gpu", "1", "GPU profile"},
       {&R::host, "host", "1", "host profile"},
       {&R::model, "model", "1", "model"},
       {&R::stack, "stack", "1", "software stack"},
       {&R::versus, "versus", "1", "16-bit stack it is compared with"},
       {&R::chain, "chain", "1", "reasoning chain"},
       {&R::verdict, "verdict", "1",
        "dissolved, energy-trap, latency-trap, full-trap, infeasible, or anchor"}},
      {{&R::batch, "batch", "1", "sequences in lock-step"},
       {&R::supported, "supported", "1", "1 when the GPU has every kernel family of the stack"},
       {&R::feasible, "feasible", "1", "1 when it runs on one GPU"},
       {&R::gpus, "gpus", "1", "fewest GPUs whose memory holds it, 0 for more than 64"},
       {&R::anchor_fits, "anchor_fits", "1",
        "1 when the 16-bit stack fits into one GPU; it is simulated in any case"},
       {&R::accuracy_trap, "accuracy_trap", "1",
        "1 when energy is below 16 bit and energy per correct answer above"},
       {&R::kernels, "kernels", "1", "kernels simulated for this point"}},
      {{&R::params, "params", "1", "parameters of the model"},
       {&R::latency_s, "latency_s", "s", "time of the whole chain"},
       {&R::tokens_per_s, "tokens_per_s", "s-1", "decoded tokens per second, all sequences"},
       {&R::energy_j, "energy_j", "J", "board energy of the whole chain, all sequences"},
       {&R::j_per_token, "j_per_token", "J", "energy per decoded token"},
       {&R::j_per_correct, "j_per_correct", "J", "energy of one chain over the share of right answers"},
       {&R::power_w, "power_w", "W", "mean board power"},
       {&R::host_bound_fraction, "host_bound_fraction", "1",
        "share of the time in which the stream had nothing to run"},
       {&R::accuracy, "accuracy", "1", "share of chains that end in a right answer"},
       {&R::cor, "cor", "1", "casting overhead ratio, t_q / t_16 - 1"},
       {&R::cor_kernel, "cor_kernel", "1", "time in casting kernels over that in all others"},
       {&R::energy_ratio, "energy_ratio", "1", "energy over that of 16 bit"},
       {&R::j_per_correct_ratio, "j_per_correct_ratio", "1", "energy per correct answer over that of 16 bit"},
       {&R::si, "si", "1", "sustainability index, 16 bit is 1"},
       {&R::casting_s, "casting_s", "s", "time in dequant and quant kernels"},
       {&R::memory_bytes, "memory_bytes", "B", "device memory needed on one GPU"}}};
  return kSchema;
}

auto critical_schema() -> const Schema<CriticalPointRow>& {
  using R = CriticalPointRow;
  static const Schema<R> kSchema = {
      {{&R::kind, "kind", "1", "N: along parameters, B: along batch"},
       {&R::gpu, "gpu", "1", "GPU profile"},
       {&R::host, "host", "1", "host profile"},
       {&R::stack, "stack", "1", "software stack"},
       {&R::versus, "versus", "1", "16-bit stack it is compared with"},
       {&R::chain, "chain", "1", "reasoning chain"},
       {&R::model, "model", "1", "model (B only)"},
       {&R::equal, "equal", "1", "what is equal to 16 bit there: latency, energy, energy_per_correct"},
       {&R::outcome, "outcome", "1", "crossings, always trapped, never trapped, nothing fits"}},
      {{&R::batch, "batch", "1", "batch (N only)"},
       {&R::trap_below, "trap_below", "1",
        "1 when low precision costs more below the crossing and less above"}},
      {{&R::at, "at", "1", "parameters or batch at the crossing, 0 without one"},
       {&R::lowest, "lowest", "1", "lower end of the range that was searched and fits"},
       {&R::highest, "highest", "1", "upper end of it"},
       {&R::literature_params, "literature_params", "1",
        "closed form of arXiv 2602.13595 as printed, for comparison"}}};
  return kSchema;
}

template <class Row, class T>
void write_columns(io::Hdf5Writer& file, const std::string& group, const std::vector<Row>& rows,
                   const std::vector<Column<Row, T>>& columns) {
  for (const Column<Row, T>& column : columns) {
    std::vector<T> values;
    values.reserve(rows.size());
    for (const Row& row : rows) {
      values.push_back(row.*(column.field));
    }
    file.column(group, column.name, values, {column.units, column.long_name});
  }
}

template <class Row>
void write_group(io::Hdf5Writer& file, const std::string& group, const std::vector<Row>& rows,
                 const Schema<Row>& schema) {
  write_columns(file, group, rows, schema.texts);
  write_columns(file, group, rows, schema.integers);
  write_columns(file, group, rows, schema.doubles);
}

template <class Row, class T, class Get>
void read_columns(const std::string& path, const std::string& group, std::vector<Row>& rows,
                  const std::vector<Column<Row, T>>& columns, Get get) {
  for (const Column<Row, T>& column : columns) {
    const std::vector<T> values = get(column.name);
    if (rows.empty()) {
      rows.resize(values.size());
    }
    if (values.size() != rows.size()) {
      throw InputError(Location{path}, group + "/" + column.name + " is not as long as the other columns");
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      rows[i].*(column.field) = values[i];
    }
  }
}

template <class Row>
auto read_group(const io::Hdf5Reader& file, const std::string& path, const std::string& group,
                const Schema<Row>& schema) -> std::vector<Row> {
  std::vector<Row> rows;
  read_columns(path, group, rows, schema.texts, [&](const char* name) { return file.texts(group, name); });
  read_columns(path, group, rows, schema.integers,
               [&](const char* name) { return file.integers(group, name); });
  read_columns(path, group, rows, schema.doubles,
               [&](const char* name) { return file.doubles(group, name); });
  return rows;
}

auto point_row(const spec::ExperimentSpec& x, const sweep::Row& row) -> PointRow {
  const metrics::JudgedPoint& judged = row.judged;
  const metrics::Performance& p = judged.point.performance;
  const metrics::Comparison& c = judged.comparison;
  PointRow out;
  out.gpu = x.gpus[row.gpu];
  out.host = row.host_name;
  out.model = x.models[row.model];
  out.stack = x.stacks[row.stack];
  out.versus = row.versus;
  out.chain = x.chains[row.chain];
  out.verdict = to_text(c.verdict);
  out.batch = row.batch;
  out.supported = judged.point.supported ? 1 : 0;
  out.feasible = judged.point.feasible() ? 1 : 0;
  out.gpus = judged.point.gpus;
  out.anchor_fits = judged.anchor_fits ? 1 : 0;
  out.accuracy_trap = c.accuracy_trap ? 1 : 0;
  out.params = row.params;
  out.memory_bytes = judged.point.memory.total();
  if (!judged.point.feasible()) {
    return out;
  }
  out.kernels = p.kernels;
  out.latency_s = p.latency_s;
  out.tokens_per_s = p.tokens_per_s;
  out.energy_j = p.energy_j;
  out.j_per_token = p.j_per_token;
  out.j_per_correct = p.j_per_correct;
  out.power_w = p.power_w;
  out.host_bound_fraction = p.host_bound_fraction;
  out.accuracy = p.accuracy;
  out.cor = c.cor;
  out.cor_kernel = c.cor_kernel;
  out.energy_ratio = c.energy_ratio;
  out.j_per_correct_ratio = c.j_per_correct_ratio;
  out.si = c.si;
  out.casting_s = p.casting_s();
  return out;
}

void append_critical(const spec::ExperimentSpec& x, const sweep::CriticalRow& row,
                     std::vector<CriticalPointRow>& out) {
  CriticalPointRow base;
  base.kind = row.along_params ? "N" : "B";
  base.gpu = x.gpus[row.gpu];
  base.host = row.host_name;
  base.stack = x.stacks[row.stack];
  base.versus = row.versus;
  base.chain = x.chains[row.chain];
  base.model = row.along_params ? "" : x.models[row.model];
  base.equal = to_text(row.equal);
  base.outcome = metrics::to_text(row.points.outcome);
  base.batch = row.batch;
  base.lowest = row.points.lowest;
  base.highest = row.points.highest;
  base.literature_params = row.literature_params;
  if (row.points.crossings.empty()) {
    out.push_back(base);
  }
  for (const metrics::Crossing& crossing : row.points.crossings) {
    out.push_back(base);
    out.back().at = crossing.at;
    out.back().trap_below = crossing.trap_below ? 1 : 0;
  }
}

}  // namespace

Results to_results(const spec::ExperimentSpec& experiment, const sweep::Result& result) {
  Results out;
  out.experiment = experiment.name;
  out.title = experiment.title;
  for (const sweep::Row& row : result.rows) {
    out.points.push_back(point_row(experiment, row));
  }
  for (const sweep::CriticalRow& row : result.critical) {
    append_critical(experiment, row, out.critical);
  }
  return out;
}

void write_results(const std::string& path, const Results& results, const std::vector<Evidence>& evidence,
                   const std::string& git_revision) {
  io::Hdf5Writer file(path);
  file.attribute("format", std::string("hopsim-results"));
  file.attribute("version", kResultsVersion);
  file.attribute("experiment", results.experiment);
  file.attribute("title", results.title);
  file.attribute("git_revision", git_revision);
  write_group(file, "/points", results.points, point_schema());
  write_group(file, "/critical", results.critical, critical_schema());
  std::vector<std::string> names, hashes, texts;
  for (const Evidence& item : evidence) {
    names.push_back(item.name);
    hashes.push_back(item.sha256);
    texts.push_back(item.text);
  }
  file.column("/provenance", "name", names, {"1", "file that the results rest on"});
  file.column("/provenance", "sha256", hashes, {"1", "SHA-256 of its text"});
  file.column("/provenance", "text", texts, {"1", "its text"});
  file.commit();
}

Results read_results(const std::string& path) {
  const io::Hdf5Reader file(path);
  if (file.text_attribute("format") != "hopsim-results") {
    throw InputError(Location{path}, "is no results file", "written by: hopsim sweep X.yaml -o R.h5");
  }
  if (file.integer_attribute("version") != kResultsVersion) {
    throw InputError(Location{path}, "is of another version of the format",
                     "this hopsim reads version " + std::to_string(kResultsVersion));
  }
  Results out;
  out.experiment = file.text_attribute("experiment");
  out.title = file.text_attribute("title");
  out.points = read_group(file, path, "/points", point_schema());
  out.critical = read_group(file, path, "/critical", critical_schema());
  return out;
}

}  // namespace hopsim::report
