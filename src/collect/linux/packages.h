// Which installed package a file belongs to, from dpkg's own lists (/var/lib/dpkg/info/*.list), and whether
// the file is as the package delivered it (its .md5sums: no protection against an attacker who edits both,
// said in the report).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"

namespace contrechamp::linux_machine {

struct ProgramFile {
    std::string sha256;   // empty: not readable
    std::string package;  // empty: of no package
    // "as-delivered", "modified", "no-sum" (the package lists no sum for it), "not-checked" (file over 64
    // MiB) or ""
    std::string state;
};

class PackageIndex {
  public:
    // Reads the lists. On a system without dpkg the index is empty and present() false.
    static PackageIndex read(const fs::path& root);
    bool present() const { return !packages_.empty(); }

    // The package that owns `path`, or empty. Paths under merged /usr folders are found by either name.
    std::string owner(std::string_view path) const;
    // SHA-256, owner and state of a program's file.
    ProgramFile examine(const std::string& path) const;

  private:
    struct Entry {
        std::uint64_t hash;
        std::uint32_t package;
        bool operator<(const Entry& other) const { return hash < other.hash; }
    };
    bool lists(std::uint32_t package, std::string_view normal_path) const;

    fs::path info_;
    std::vector<std::string> packages_;  // as the list files are named, without ".list"
    std::vector<Entry> entries_;         // sorted by hash
};

}  // namespace contrechamp::linux_machine
