// SPDX-License-Identifier: Apache-2.0
#include "app/options.hpp"

#include <CLI/CLI.hpp>

namespace hopsim::app {

Option& Option::type_name(const std::string& name) {
  option_->type_name(name);
  return *this;
}

Option& Option::required() {
  option_->required();
  return *this;
}

Option& Option::many() {
  option_->expected(1, -1);
  return *this;
}

Option& Option::range(double low, double high) {
  option_->check(CLI::Range(low, high));
  return *this;
}

Option& Option::delimiter(char between) {
  option_->delimiter(between);
  return *this;
}

Option& Option::capture_default_str() {
  option_->capture_default_str();
  return *this;
}

Command::Command(CLI::App& parent, const std::string& name, const std::string& help)
    : app_(parent.add_subcommand(name, help)) {}

Option Command::add_option(const std::string& names, OptionTarget target, const std::string& help) {
  return std::visit([&](auto* value) { return Option(app_->add_option(names, *value, help)); }, target);
}

Option Command::add_flag(const std::string& names, bool* target, const std::string& help) {
  return Option(app_->add_flag(names, *target, help));
}

void Command::footer(const std::string& text) { app_->footer(text); }

bool Command::given(const std::string& name) const { return app_->count(name) > 0; }

}  // namespace hopsim::app
