// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <map>
#include <memory>
#include <set>

#include "app/command.hpp"
#include "base/errors.hpp"
#include "base/text.hpp"
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

// "fitted 9, borrowed 3 (from l40s)"
auto family_counts(const spec::GpuSpec& gpu) -> std::string {
  std::map<Provenance, int> counts;
  std::set<std::string> lenders;
  for (const auto& [ignored, family] : gpu.families) {
    ++counts[family.source.kind];
    if (!family.borrowed_from.empty()) {
      lenders.insert(family.borrowed_from);
    }
  }
  std::vector<std::string> parts;
  for (const auto& [kind, count] : counts) {
    const bool lent = kind == Provenance::kBorrowed && !lenders.empty();
    parts.push_back(
        fmt::format("{} {}{}", to_text(kind), count,
                    lent ? fmt::format(" (from {})", join({lenders.begin(), lenders.end()})) : ""));
  }
  return join(parts);
}

auto list_gpus(spec::Catalog& catalog) -> Listing {
  Listing out;
  out.text = fmt::format("{:<27}{:<14}{:>6}{:>7}{:>9}{:>6}  {:<13}{}\n", "name", "arch", "GB", "GB/s",
                         "bf16 TF", "W", "host", "kernel families");
  for (const std::string& name : catalog.library().gpus()) {
    const spec::GpuSpec& gpu = catalog.gpu(name);
    const double bf16 = gpu.peak_tflops.contains("bf16") ? gpu.peak_tflops.at("bf16") : 0;
    out.text += fmt::format("{:<27}{:<14}{:>6g}{:>7g}{:>9g}{:>6g}  {:<13}{}\n", name, gpu.architecture,
                            gpu.memory_gb, gpu.hbm_gb_s, bf16, gpu.tdp_w, gpu.host, family_counts(gpu));
    io::Json families = io::Json::object();
    for (const auto& [family, parameters] : gpu.families) {
      families[family] = {{"kind", to_text(parameters.source.kind)}, {"source", parameters.source.citation}};
      if (!parameters.borrowed_from.empty()) {
        families[family]["borrowed_from"] = parameters.borrowed_from;
      }
      if (parameters.rows > 0) {
        families[family]["held_out_median_ape"] = parameters.median_ape;
      }
    }
    io::Json provenance = io::Json::object();
    for (const auto& [field, source] : gpu.provenance) {
      provenance[field] = {{"kind", to_text(source.kind)}, {"source", source.citation}};
    }
    out.json.push_back(
        {{"name", name},
         {"title", gpu.title},
         {"architecture", gpu.architecture},
         {"memory_gb", gpu.memory_gb},
         {"hbm_gb_s", gpu.hbm_gb_s},
         {"tdp_w", gpu.tdp_w},
         {"host", gpu.host},
         {"families", families},
         {"power", {{"kind", to_text(gpu.power.source.kind)}, {"source", gpu.power.source.citation}}},
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

auto list_stacks(spec::Catalog& catalog) -> Listing {
  Listing out;
  out.text = fmt::format("{:<16}{:>5}  {:<9}{:<16}{:<10}{}\n", "name", "bits", "version", "anchor",
                         "dispatch", "title");
  for (const std::string& name : catalog.library().stacks()) {
    const spec::StackSpec& s = catalog.stack(name);
    out.text += fmt::format("{:<16}{:>5}  {:<9}{:<16}{:<10}{}\n", name, s.bits, s.version, s.anchor,
                            to_text(s.host_source.kind), s.title);
    out.json.push_back(
        {{"name", name},
         {"title", s.title},
         {"version", s.version},
         {"bits", s.bits},
         {"anchor", s.anchor},
         {"dispatch", {{"kind", to_text(s.host_source.kind)}, {"source", s.host_source.citation}}},
         {"quality",
          s.quality.table.path.empty()
              ? io::Json{{"kind", to_text(s.quality.source.kind)}, {"source", s.quality.source.citation}}
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

int run(const ListOptions& options) {
  using Lister = Listing (*)(spec::Catalog&);
  static const std::map<std::string, Lister> kListers = {
      {"gpus", list_gpus},     {"hosts", list_hosts},   {"models", list_models},
      {"stacks", list_stacks}, {"chains", list_chains}, {"experiments", list_experiments}};
  const auto found = kListers.find(options.what);
  if (found == kListers.end()) {
    std::vector<std::string> known;
    for (const auto& [name, ignored] : kListers) {
      known.push_back(name);
    }
    throw InputError(Location{}, fmt::format("nothing to list under '{}'", options.what),
                     suggestion(options.what, known));
  }
  spec::Catalog catalog(spec::Library::standard());
  const Listing listing = found->second(catalog);
  std::string names;
  for (const io::Json& entry : listing.json) {
    names += entry["name"].get<std::string>() + "\n";
  }
  emit(options.common.json    ? io::to_text(listing.json)
       : options.common.quiet ? names
                              : listing.text,
       options.common.output);
  return 0;
}

}  // namespace

Action register_list(CLI::App& app) {
  auto options = std::make_shared<ListOptions>();
  CLI::App* command = app.add_subcommand("list", "What is shipped, with its provenance");
  command->add_option("what", options->what, "gpus, hosts, models, stacks, chains or experiments")
      ->required();
  add_common(*command, options->common, "Write the list into this file");
  return [options] { return run(*options); };
}

}  // namespace hopsim::app
