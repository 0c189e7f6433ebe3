// SPDX-License-Identifier: Apache-2.0
#include "io/hash.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <zlib.h>

#include <array>
#include <fstream>
#include <memory>
#include <span>
#include <vector>

#include "base/errors.hpp"

namespace hopsim::io {

namespace {

auto hexadecimal(std::span<const unsigned char> digest) -> std::string {
  std::string out;
  for (const unsigned char byte : digest) {
    out += fmt::format("{:02x}", byte);
  }
  return out;
}

}  // namespace

std::string sha256(const std::string& bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  HOPSIM_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1,
               "SHA-256 failed");
  return hexadecimal(std::span(digest).first(size));
}

std::uint32_t crc32(std::uint32_t crc, std::span<const char> bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(crc, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

std::string sha256_file(const std::string& path) {
  constexpr std::size_t kPiece = 1U << 18U;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw InputError(Location{path}, "can't be read");
  }
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  HOPSIM_CHECK(context != nullptr && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1,
               "SHA-256 failed");
  std::vector<char> piece(kPiece);
  while (file.read(piece.data(), kPiece) || file.gcount() > 0) {
    HOPSIM_CHECK(EVP_DigestUpdate(context.get(), piece.data(), static_cast<std::size_t>(file.gcount())) == 1,
                 "SHA-256 failed");
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  HOPSIM_CHECK(EVP_DigestFinal_ex(context.get(), digest.data(), &size) == 1, "SHA-256 failed");
  return hexadecimal(std::span(digest).first(size));
}

}  // namespace hopsim::io
