// SPDX-License-Identifier: Apache-2.0
#include "io/hash.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

#include "base/errors.hpp"

namespace hopsim::io {

std::string sha256(const std::string& bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  HOPSIM_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1,
               "SHA-256 failed");
  std::string out;
  for (unsigned int i = 0; i < size; ++i) {
    out += fmt::format("{:02x}", digest[i]);
  }
  return out;
}

}  // namespace hopsim::io
