// SPDX-License-Identifier: Apache-2.0
// What both SimGrid adapters need around their simulation: an Engine with the right options, one zone, one
// completion callback. One call a process (SimGrid allows one Engine).
#pragma once

#include <array>
#include <simgrid/s4u.hpp>
#include <string>

namespace hopsim::replay {

/// SimGrid's ways to find the next event: anew among all that runs, or kept in a heap.
enum class NextEvent { kFull, kLazy };

/// Builds the hosts with `make_simulation(zone)`, starts the returned object with begin(), hands it every
/// completion through on_completion(activity), runs until nothing is left, and returns it; the clock is then
/// Engine::get_clock(). kFull is faster where few things run at a time.
template <class MakeSimulation>
auto run_engine(NextEvent next_event, MakeSimulation make_simulation) {
  // 1e-12 s instead of 1e-9: the default merges events closer than a nanosecond, and a chain of kernels comes
  // out short.
  std::string name = "hopsim";
  std::string precision = "--cfg=surf/precision:1e-12";
  std::string quiet = "--log=root.thresh:warning";
  std::string optim = next_event == NextEvent::kFull ? "--cfg=cpu/optim:Full" : "--cfg=cpu/optim:Lazy";
  std::array<char*, 5> arguments = {name.data(), precision.data(), quiet.data(), optim.data(), nullptr};
  int count = 4;
  simgrid::s4u::Engine engine(&count, arguments.data());
  simgrid::s4u::NetZone* zone = simgrid::s4u::create_full_zone("node");
  auto simulation = make_simulation(zone);
  zone->seal();
  simgrid::s4u::Activity::on_completion_cb(
      [&simulation](const simgrid::s4u::Activity& activity) { simulation.on_completion(activity); });
  simulation.begin();
  engine.run();
  return simulation.result(simgrid::s4u::Engine::get_clock());
}

}  // namespace hopsim::replay
