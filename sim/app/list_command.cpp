// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <map>
#include <memory>

#include "app/command.hpp"
#include "base/errors.hpp"
#include "base/text.hpp"
#include "io/source_json.hpp"
#include "spec/catalog.hpp"
#include "spec/experiment.hpp"
#include "sweep/grid.hpp"

namespace hopsim::app {

namespace {

struct ListOptions {
  CommonOptions common;
  std::string what;
};

struct Listing {
  std::string text;
  io::Json json = io::Json::array();
};

// "9 fitted, 3 borrowed": from whom is in --json.
auto family_counts(const spec::GpuSpec& gpu) -> std::string {
  std::map<Provenance, int> counts;
  for (const auto& [ignored, family] : gpu.families) {
    ++counts[family.source.kind];
  }
  std::vector<std::string> parts;
  for (const auto& [kind, count] : counts) {
    parts.push_back(fmt::format("{} {}", count, to_text(kind)));
  }
  return join(parts);
}

auto list_gpus(spec::Catalog& catalog) -> Listing {
  Listing out;
  out.text = fmt::format("{:<26}{:<13}{:>5}{:>7}{:>9}{:>6}  {}\n", "name", "arch", "GB", "GB/s", "bf16 TF",
                         "W", "kernel families");
  for (const std::string& name : catalog.library().gpus()) {
    const spec::GpuSpec& gpu = catalog.gpu(name);
    const double bf16 = gpu.peak_tflops.contains("bf16") ? gpu.peak_tflops.at("bf16") : 0;
    out.text +=
        fmt::format("{:<26}{:<13}{:>5g}{:>7g}{:>9}{:>6g}  {}\n", name, gpu.architecture, gpu.memory_gb,
                    gpu.hbm_gb_s, bf16 > 0 ? fmt::format("{:g}", bf16) : "-", gpu.tdp_w, family_counts(gpu));
    io::Json families = io::Json::object();
    for (const auto& [family, parameters] : gpu.families) {
      families[family] = io::source_json(parameters.source);
      if (!parameters.borrowed_from.empty()) {
        families[family]["borrowed_from"] = parameters.borrowed_from;
      }
      if (parameters.rows > 0) {
        families[family]["held_out_median_ape"] = parameters.median_ape;
      }
    }
    io::Json provenance = io::Json::object();
    for (const auto& [field, source] : gpu.provenance) {
      provenance[field] = io::source_json(source);
    }
    out.json.push_back({{"name", name},
                        {"title", gpu.title},
                        {"architecture", gpu.architecture},
                        {"memory_gb", gpu.memory_gb},
                        {"hbm_gb_s", gpu.hbm_gb_s},
                        {"tdp_w", gpu.tdp_w},
                        {"host", gpu.host},
                        {"families", families},
                        {"power", io::source_json(gpu.power.source)},
                        {"provenance", provenance}});
  }
  return out;
}

auto list_hosts(spec::Catalog& catalog) -> Listing {
  Listing out;
  out.text = fmt::format("{:<22}{:>7}  {:<10}{}\n", "name", "speed", "kind", "title");
  for (const std::string& name : catalog.library().hosts()) {
    const spec::HostSpec& host = catalog.host(name);
    out.text +=
        fmt::format("{:<22}{:>7g}  {:<10}{}\n", name, host.speed, to_text(host.source.kind), host.title);
    out.json.push_back({{"name", name},
                        {"title", host.title},
                        {"speed", host.speed},
                        {"kind", to_text(host.source.kind)},
                        {"source", host.source.citation}});
  }
  return out;
}

auto list_models(spec::Catalog& catalog) -> Listing {
  Listing out;
  out.text = fmt::format("{:<16}{:>10}{:>8}{:>8}{:>14}{:>8}{:>9}\n", "name", "params", "layers", "hidden",
                         "heads/kv", "ffn", "vocab");
  for (const std::string& name : catalog.library().models()) {
    const spec::ModelSpec& m = catalog.model(name);
    out.text +=
        fmt::format("{:<16}{:>9.3f}B{:>8}{:>8}{:>14}{:>8}{:>9}\n", name, m.params() / 1e9, m.layers, m.hidden,
                    fmt::format("{}/{} x {}", m.heads, m.kv_heads, m.head_dim), m.ffn, m.vocab);
    out.json.push_back({{"name", name},
                        {"params", m.params()},
                        {"published_params", m.published_params},
                        {"layers", m.layers},
                        {"hidden", m.hidden},
                        {"heads", m.heads},
                        {"kv_heads", m.kv_heads},
                        {"head_dim", m.head_dim},
                        {"ffn", m.ffn},
                        {"vocab", m.vocab},
                        {"kind", "spec"},
                        {"source", m.source}});
  }
  out.text += "and dense@SIZE (dense@13b), a Hugging Face config.json, or a YAML file of your own\n";
  return out;
}

// At most `width` characters.
auto clipped(const std::string& text, std::size_t width) -> std::string {
  return text.size() <= width ? text : text.substr(0, width - 3) + "...";
}

auto list_stacks(spec::Catalog& catalog) -> Listing {
  Listing out;
  out.text = fmt::format("{:<25}{:>4}  {:<8} {:<9} {}\n", "name", "bits", "version", "dispatch", "title");
  for (const std::string& name : catalog.library().stacks()) {
    const spec::StackSpec& s = catalog.stack(name);
    out.text += fmt::format("{:<25}{:>4}  {:<8} {:<9} {}\n", name, s.bits, s.version,
                            to_text(s.host_source.kind), clipped(s.title, 50));
    out.json.push_back(
        {{"name", name},
         {"title", s.title},
         {"version", s.version},
         {"bits", s.bits},
         {"anchor", s.anchor},
         {"dispatch", io::source_json(s.host_source)},
         {"quality", s.quality.table.path.empty()
                         ? io::source_json(s.quality.source)
                         : io::Json{{"table", s.quality.table.name}, {"borrowed", s.quality.borrowed}}}});
  }
  return out;
}

auto list_chains(spec::Catalog& catalog) -> Listing {
  Listing out;
  out.text = fmt::format("{:<16}{:>6}{:>9}{:>10}  {}\n", "name", "hops", "tokens", "context", "title");
  for (const std::string& name : catalog.library().chains()) {
    const spec::ChainSpec& c = catalog.chain(name);
    out.text += fmt::format("{:<16}{:>6}{:>9}{:>10}  {}\n", name, c.hops.size(), c.decode_tokens(),
                            c.max_context(), c.title);
    out.json.push_back({{"name", name},
                        {"title", c.title},
                        {"hops", c.hops.size()},
                        {"decode_tokens", c.decode_tokens()},
                        {"max_context", c.max_context()},
                        {"kind", to_text(c.source.kind)},
                        {"source", c.source.citation}});
  }
  return out;
}

auto list_experiments(spec::Catalog& catalog) -> Listing {
  Listing out;
  out.text = fmt::format("{:<16}{:>9}  {}\n", "name", "points", "title");
  for (const std::string& name : catalog.library().experiments()) {
    const spec::ExperimentSpec x = spec::load_experiment(catalog.library().experiment_path(name));
    out.text += fmt::format("{:<16}{:>9}  {}\n", name, sweep::Grid(x).rows(), x.title);
    out.json.push_back({{"name", name}, {"title", x.title}, {"points", sweep::Grid(x).rows()}});
  }
  return out;
}

struct Kind {
  Listing (*list)(spec::Catalog&);
  std::vector<std::string> (spec::Library::*names)() const;
};

int run(const ListOptions& options) {
  using spec::Library;
  static const std::map<std::string, Kind> kKinds = {
      {"gpus", {list_gpus, &Library::gpus}},
      {"hosts", {list_hosts, &Library::hosts}},
      {"models", {list_models, &Library::models}},
      {"stacks", {list_stacks, &Library::stacks}},
      {"chains", {list_chains, &Library::chains}},
      {"experiments", {list_experiments, &Library::experiments}}};
  const auto found = kKinds.find(options.what);
  if (found == kKinds.end()) {
    std::vector<std::string> known;
    for (const auto& [name, ignored] : kKinds) {
      known.push_back(name);
    }
    throw InputError(Location{}, fmt::format("nothing to list under '{}'", options.what),
                     suggestion(options.what, known));
  }
  const Library library = Library::standard();
  if (options.common.quiet && !options.common.json) {  // reads no file, so that completion is fast
    emit(join((library.*found->second.names)(), "\n") + "\n", options.common.output);
    return 0;
  }
  spec::Catalog catalog(library);
  const Listing listing = found->second.list(catalog);
  emit(options.common.json ? io::to_text(listing.json) : listing.text, options.common.output);
  return 0;
}

}  // namespace

Action register_list(CLI::App& app) {
  auto options = std::make_shared<ListOptions>();
  Command command(app, "list", "What is shipped, with its provenance");
  command.add_option("what", &options->what, "What to list")
      .type_name("gpus|hosts|models|stacks|chains|experiments")
      .required();
  add_common(command, options->common, "Write the list into this file");
  set_examples(command, "", {"hopsim list gpus", "hopsim list stacks --quiet", "hopsim list models --json"});
  return [options] { return run(*options); };
}

}  // namespace hopsim::app
