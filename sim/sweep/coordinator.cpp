// SPDX-License-Identifier: Apache-2.0
#include "sweep/coordinator.hpp"

#include <cstdint>
#include <cstring>

#include "base/errors.hpp"

namespace hopsim::sweep {

namespace {

// The first byte of a message.
constexpr char kUnit = 'u';      // to a worker: a unit
constexpr char kEnd = 'e';       // to a worker: the phase is over
constexpr char kResult = 'r';    // from a worker: a unit and its bytes
constexpr char kBadInput = 'i';  // from a worker: a failure and its text
constexpr char kInternal = 'x';

constexpr std::size_t kHead = 1 + sizeof(std::uint64_t);

auto with_unit(char kind, std::size_t unit) -> std::string {
  const std::uint64_t number = unit;
  std::string out(kHead, kind);
  std::memcpy(out.data() + 1, &number, sizeof number);
  return out;
}

auto unit_of(const std::string& message) -> std::size_t {
  HOPSIM_CHECK(message.size() >= kHead, "a message between workers is too short");
  std::uint64_t number = 0;
  std::memcpy(&number, message.data() + 1, sizeof number);
  return number;
}

// The message of an InputError starts with "error: ", which is put before it again.
[[noreturn]] void rethrow(char kind, const std::string& text) {
  if (kind == kBadInput) {
    throw InputError(Location{}, text.starts_with("error: ") ? text.substr(7) : text);
  }
  throw InternalError("a worker failed: " + text);
}

}  // namespace

void coordinate(Hub& hub, const std::vector<std::size_t>& units, const Work& own_work, const Take& take) {
  constexpr int kAhead = 2;
  std::size_t next = 0;
  std::size_t taken = 0;
  const auto hand_out = [&](int peer) {
    if (next < units.size()) {
      hub.send(peer, with_unit(kUnit, units[next++]));
    }
  };
  for (int round = 0; round < kAhead; ++round) {
    for (int peer = 0; peer < hub.peers(); ++peer) {
      hand_out(peer);
    }
  }
  while (taken < units.size()) {
    const bool can_work = own_work && next < units.size();
    if (const std::optional<Hub::Received> received = hub.receive(!can_work)) {
      const std::string& message = received->message;
      HOPSIM_CHECK(!message.empty(), "a message between workers is empty");
      if (message.front() != kResult) {
        rethrow(message.front(), message.substr(1));
      }
      hand_out(received->peer);
      take(unit_of(message), message.substr(kHead));
      ++taken;
    } else if (can_work) {
      const std::size_t unit = units[next++];
      take(unit, own_work(unit));
      ++taken;
    }
  }
  for (int peer = 0; peer < hub.peers(); ++peer) {
    hub.send(peer, std::string(1, kEnd));
  }
}

void serve(Link& link, const MakeWork& make_work) {
  const Work work = make_work();
  for (;;) {
    const std::string message = link.receive();
    HOPSIM_CHECK(!message.empty(), "a message between workers is empty");
    if (ends_phase(message)) {
      return;
    }
    const std::size_t unit = unit_of(message);
    link.send(with_unit(kResult, unit) + work(unit));
  }
}

bool ends_phase(const std::string& message) { return message.front() == kEnd; }

void report_failure(Link& link, const std::exception& failure) {
  const bool input = dynamic_cast<const InputError*>(&failure) != nullptr;
  link.send((input ? kBadInput : kInternal) + std::string(failure.what()));
}

}  // namespace hopsim::sweep
