// SPDX-License-Identifier: Apache-2.0
// The closed costs of collectives (cost/forms/collective.hpp) against SimGrid, where every message goes over
// the links of its sender and receiver and shares them with the others.
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <simgrid/s4u.hpp>
#include <vector>

#include "base/child_process.hpp"
#include "cost/forms/forms.hpp"

namespace hopsim::replay {
namespace {

namespace s4u = simgrid::s4u;

constexpr double kLink = 450e9;    // bytes/s each way
constexpr double kLatency = 2e-6;  // s a message

struct Message {
  int from, to;
};
// Messages that start together; the next round starts when all have arrived.
struct Round {
  std::vector<Message> messages;
  double bytes = 0;  // of each
};

class Rounds {
 public:
  Rounds(std::vector<Round> rounds, std::vector<s4u::Host*> gpus)
      : rounds_(std::move(rounds)), gpus_(std::move(gpus)) {}

  void begin() {
    const Round& round = rounds_[next_++];
    running_ = round.messages.size();
    for (const Message& m : round.messages) {
      s4u::CommPtr comm = s4u::Comm::sendto_init(gpus_[static_cast<std::size_t>(m.from)],
                                                 gpus_[static_cast<std::size_t>(m.to)]);
      comm->set_payload_size(static_cast<std::uint64_t>(round.bytes));
      held_.push_back(comm);
      comm->vetoable_start();
    }
  }
  void on_completion() {
    if (--running_ == 0 && next_ < rounds_.size()) {
      begin();
    }
  }

 private:
  std::vector<Round> rounds_;
  std::vector<s4u::Host*> gpus_;
  std::vector<s4u::CommPtr> held_;
  std::size_t next_ = 0;
  std::size_t running_ = 0;
};

auto simulate(int ranks, const std::vector<Round>& rounds) -> double {
  std::vector<std::string> words = {"test",
                                    "--cfg=network/model:CM02",
                                    "--cfg=network/TCP-gamma:1e15",
                                    "--cfg=network/crosstraffic:0",
                                    "--cfg=surf/precision:1e-12",
                                    "--log=root.thresh:warning"};
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  int count = static_cast<int>(words.size());
  s4u::Engine engine(&count, arguments.data());
  s4u::NetZone* zone = s4u::create_full_zone("node");
  std::vector<s4u::Host*> gpus;
  std::vector<s4u::Link*> up;
  std::vector<s4u::Link*> down;
  for (int r = 0; r < ranks; ++r) {
    const std::string name = std::to_string(r);
    gpus.push_back(zone->create_host("gpu" + name, 1e12)->seal());
    up.push_back(zone->create_link("up" + name, kLink)->set_latency(kLatency)->seal());
    down.push_back(zone->create_link("down" + name, kLink)->set_latency(0)->seal());
  }
  for (std::size_t a = 0; a < gpus.size(); ++a) {
    for (std::size_t b = 0; b < gpus.size(); ++b) {
      if (a != b) {
        zone->add_route(gpus[a]->get_netpoint(), gpus[b]->get_netpoint(), nullptr, nullptr,
                        {s4u::LinkInRoute(up[a]), s4u::LinkInRoute(down[b])}, false);
      }
    }
  }
  zone->seal();
  Rounds all(rounds, gpus);
  s4u::Activity::on_completion_cb([&all](const s4u::Activity&) { all.on_completion(); });
  all.begin();
  engine.run();
  return s4u::Engine::get_clock();
}

auto simulated_s(int ranks, const std::vector<Round>& rounds) -> double {
  const std::string bytes = run_in_child([&] {
    const double seconds = simulate(ranks, rounds);
    std::string out(sizeof seconds, '\0');
    std::memcpy(out.data(), &seconds, sizeof seconds);
    return out;
  });
  double out = 0;
  EXPECT_EQ(bytes.size(), sizeof out);
  std::memcpy(&out, bytes.data(), std::min(bytes.size(), sizeof out));
  return out;
}

auto ring(int ranks, int rounds, double bytes) -> std::vector<Round> {
  Round one;
  one.bytes = bytes / ranks;
  for (int r = 0; r < ranks; ++r) {
    one.messages.push_back({r, (r + 1) % ranks});
  }
  return std::vector<Round>(static_cast<std::size_t>(rounds), one);
}

// Everybody sends that much to everybody else.
auto direct(int ranks, double bytes) -> Round {
  Round out;
  out.bytes = bytes;
  for (int a = 0; a < ranks; ++a) {
    for (int b = 0; b < ranks; ++b) {
      if (a != b) {
        out.messages.push_back({a, b});
      }
    }
  }
  return out;
}

auto closed_s(const char* form, const std::vector<double>& p, int ranks, double bytes, bool gathers = false)
    -> double {
  cost::Machine machine;
  machine.nvlink_bytes_per_s = machine.pcie_bytes_per_s = kLink;
  cost::KernelWork work;
  work.ranks = ranks;
  work.message_bytes = bytes;
  work.gathers = gathers ? 1 : 0;
  return cost::forms::find(form)->seconds(p.data(), machine, work);
}

constexpr double kFar = 1e4;  // an algorithm that is never taken

TEST(CollectiveOnLinks, Closed_costs_are_what_the_messages_take) {
  const std::vector<double> pcie = {0, 2, 1};  // a hop of kLatency, the whole link
  const std::vector<double> one_shot = {2, 1, kFar, 1, kFar, 0, 1};
  const std::vector<double> two_shots = {kFar, 1, 4, 1, kFar, 0, 1};
  for (const int p : {2, 4, 8}) {
    for (const double bytes : {16384.0, 1048576.0, 268435456.0}) {
      const auto same = [&](double simulated, double closed) {
        EXPECT_NEAR(simulated / closed, 1, 1e-9) << p << " GPUs, " << bytes << " bytes";
      };
      same(simulated_s(p, ring(p, 2 * (p - 1), bytes)), closed_s("collective_pcie", pcie, p, bytes));
      same(simulated_s(p, ring(p, p - 1, bytes)), closed_s("collective_pcie", pcie, p, bytes, true));
      same(simulated_s(p, {direct(p, bytes)}), closed_s("collective_nvlink", one_shot, p, bytes));
      same(simulated_s(p, {direct(p, bytes / p), direct(p, bytes / p)}),
           closed_s("collective_nvlink", two_shots, p, bytes));
    }
  }
}

}  // namespace
}  // namespace hopsim::replay
