// Files compressed by gzip or Zstandard, opened whole. Locators into such an exhibit count bytes of what it
// holds, and say so in their path ("gzip", "zstd"): `zcat` or `zstdcat` before `xxd`.
#pragma once

#include <string>
#include <string_view>

#include "base/files.h"

namespace contrechamp {

enum class Compression { none, gzip, zstd };
Compression compression_of(std::string_view bytes);
std::string_view to_string(Compression compression);  // "", "gzip", "zstd"

// The bytes inside, in a file without a name (so that they need not stay in memory), mapped. `limit` bounds
// what a bomb can do; several members or frames one after another are one file. Damage after some bytes is an
// error naming the offset.
Result<MappedFile> decompress(std::string_view bytes, Compression compression, std::uint64_t limit,
                              const std::string& where);

}  // namespace contrechamp
