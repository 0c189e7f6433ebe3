// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "app/command.hpp"
#include "cost/fit/predict.hpp"
#include "io/files.hpp"
#include "io/json.hpp"
#include "report/error_plot.hpp"
#include "spec/library.hpp"

namespace hopsim::app {

namespace {

namespace fit = cost::fit;

struct PredictOptions {
  CommonOptions common;
  std::string profile, table, plot;
};

auto group_json(const fit::GroupErrors& g) -> io::Json {
  return {{"n", g.errors.n},
          {"median_ape", g.errors.median_ape},
          {"p90_ape", g.errors.p90_ape},
          {"bias", g.bias},
          {"coverage90", g.errors.coverage}};
}

auto groups_json(const std::vector<fit::GroupErrors>& groups) -> io::Json {
  io::Json out = io::Json::object();
  for (const fit::GroupErrors& g : groups) {
    out[g.name] = group_json(g);
  }
  return out;
}

// "m 8, n 4096, k 4096", or the sizes of an attention.
auto sizes_text(const fit::KernelRow& row) -> std::string {
  return row.n > 0 ? fmt::format("m {:g}, n {:g}, k {:g}", row.m, row.n, row.k)
                   : fmt::format("batch {:g}, kv {:g}, heads {:g}/{:g} x {:g}", row.m, row.kv_len,
                                 row.q_heads, row.kv_heads, row.head_dim);
}

auto document(const std::string& gpu, const fit::KernelTable& table,
              const std::vector<fit::RowPrediction>& predictions, const fit::PredictionErrors& errors)
    -> io::Json {
  io::Json out = {{"gpu", gpu}, {"operator", spec::to_text(table.op)}, {"rows", table.rows.size()}};
  if (errors.all.errors.n == 0) {
    out.update({{"n", 0},
                {"median_ape", nullptr},
                {"p90_ape", nullptr},
                {"bias", nullptr},
                {"coverage90", nullptr}});
  } else {
    out.update(group_json(errors.all));
  }
  out["families"] = groups_json(errors.families);
  out["dtypes"] = groups_json(errors.dtypes);
  out["m"] = groups_json(errors.rows);
  out["sizes"] = groups_json(errors.sizes);
  out["worst"] = io::Json::array();
  for (const std::size_t i : errors.worst) {
    out["worst"].push_back({{"line", table.rows[i].at.line},
                            {"family", predictions[i].family},
                            {"sizes", sizes_text(table.rows[i])},
                            {"measured_us", *table.rows[i].seconds * 1e6},
                            {"predicted_us", predictions[i].seconds * 1e6},
                            {"reach", to_text(predictions[i].uncertainty.reach)}});
  }
  return out;
}

// Of a table that has no measured latency.
auto predictions_text(const fit::KernelTable& table, const std::vector<fit::RowPrediction>& predictions)
    -> std::string {
  constexpr std::size_t kMost = 20;
  std::string out = fmt::format("{} rows predicted, none has a measured latency\n", predictions.size());
  for (std::size_t i = 0; i < std::min(predictions.size(), kMost); ++i) {
    const fit::RowPrediction& one = predictions[i];
    out += fmt::format("  line {:<6}{:<22}{:<34}{:>10.4g} us +-{:.0f} % ({})\n", table.rows[i].at.line,
                       one.family, sizes_text(table.rows[i]), one.seconds * 1e6,
                       100 * one.uncertainty.error90, to_text(one.uncertainty.reach));
  }
  if (predictions.size() > kMost) {
    out += fmt::format("and {} more; -o writes them all\n", predictions.size() - kMost);
  }
  return out;
}

auto text(const fit::KernelTable& table, const std::vector<fit::RowPrediction>& predictions,
          const fit::PredictionErrors& errors) -> std::string {
  if (errors.all.errors.n == 0) {
    return predictions_text(table, predictions);
  }
  std::string out =
      fmt::format("{:<28}{:>7}{:>9}{:>8}{:>8}{:>9}\n", "rows", "n", "median", "p90", "bias", "in 90 %");
  const auto line = [&](const std::string& kind, const fit::GroupErrors& g) {
    out += fmt::format("{:<28}{:>7}{:>8.1f}%{:>7.1f}%{:>+7.1f}%{:>8.0f}%\n", kind + g.name, g.errors.n,
                       100 * g.errors.median_ape, 100 * g.errors.p90_ape, 100 * (std::exp(g.bias) - 1),
                       100 * g.errors.coverage);
  };
  line("", errors.all);
  const bool linear = table.op == spec::KernelOperator::kLinear;
  for (const auto& [kind, groups] :
       {std::pair{"", &errors.families}, std::pair{"", &errors.dtypes},
        std::pair{linear ? "m " : "batch ", &errors.rows}, std::pair{"", &errors.sizes}}) {
    for (const fit::GroupErrors& g : *groups) {
      line(kind, g);
    }
  }
  out += "worst rows:\n";
  for (const std::size_t i : errors.worst) {
    out += fmt::format("  line {:<6}{:<22}{:<34}{:>10.4g} us, predicted {:.4g} us\n", table.rows[i].at.line,
                       predictions[i].family, sizes_text(table.rows[i]), *table.rows[i].seconds * 1e6,
                       predictions[i].seconds * 1e6);
  }
  return out;
}

void plot(const PredictOptions& options, const std::string& gpu, const fit::KernelTable& table,
          const std::vector<fit::RowPrediction>& predictions) {
  report::ErrorPlotGroups groups;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    if (table.rows[i].seconds) {
      groups[predictions[i].family].emplace_back(*table.rows[i].seconds * 1e6, predictions[i].seconds * 1e6);
    }
  }
  if (groups.empty()) {
    throw InputError(Location{options.table}, "nothing to plot: no row has a latency");
  }
  report::write_error_plot(options.plot, gpu, groups);
}

int run(const PredictOptions& options) {
  const spec::Library library = spec::Library::standard();
  const spec::GpuSpec gpu = spec::load_gpu(library.gpu_path(options.profile));
  const fit::KernelTable table = fit::read_kernel_table(options.table);
  const auto predictions =
      fit::predict_rows(table, spec::load_family_rules(library.kernel_families_path()), gpu);
  const fit::PredictionErrors errors = fit::prediction_errors(table, predictions);
  if (!options.plot.empty()) {
    plot(options, gpu.name, table, predictions);
  }
  if (!options.common.output.empty()) {
    io::write_text_file(options.common.output, fit::table_with_predictions(table, predictions));
  }
  if (options.common.json) {
    emit(io::to_text(document(gpu.name, table, predictions, errors)), "");
  } else if (!options.common.quiet) {
    emit(text(table, predictions, errors), "");
  }
  return 0;
}

}  // namespace

Action register_predict(CLI::App& app) {
  auto options = std::make_shared<PredictOptions>();
  Command command(app, "predict", "Predict each row of a kernel table; errors where it has measured times");
  command.add_option("--profile", &options->profile, "The GPU's profile").type_name("GPU").required();
  command.add_option("--table", &options->table, "A kernel table (CSV)").type_name("FILE").required();
  command.add_option("--plot", &options->plot, "Measured against predicted, into this .png or .svg")
      .type_name("FILE");
  add_common(command, options->common, "Write the table with the predictions added");
  set_examples(
      command,
      "A kernel table is a CSV: framework,version,kernel,dtype,m,n,k,latency_us.\n"
      "Without latency_us it asks for predictions; hw_profiles/README.md says more.",
      {"hopsim predict --profile h100-80-sxm --table kernels.csv",
       "hopsim predict --profile h100-80-sxm --table kernels.csv -o predicted.csv --plot errors.svg"});
  return [options] { return run(*options); };
}

}  // namespace hopsim::app
