// A case on disk: a BagIt 1.0 bag (RFC 8493). The layout, the order of writes and what each crash leaves
// behind are in docs/schema/case.md. In short: the truth is the exhibits and the custody log; the manifests
// are derived from them and made again; `tmp/` stands exactly while somebody writes, so finding it with
// nobody writing means a cut-off run.
//
// One writer at a time (a lock on the folder's `.lock`); any number of readers. Not thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "evidence/custody.h"
#include "evidence/sign.h"

namespace contrechamp {

// What is known of an exhibit besides its bytes. Kept in the custody log's exhibit-added entries.
struct Exhibit {
    std::string sha256;
    std::uint64_t size = 0;
    std::string type;       // as recognised from the content, e.g. "contrechamp/linux-processes"
    std::string origin;     // where it came from: a path, or what a collector read
    std::string collector;  // "add" for files given by a person, else the collector's name
    std::string acquired;   // RFC 3339
    std::int64_t uid = -1;  // who acquired it; -1: this process's user
    std::string note;       // the consent note

    json::Object to_json() const;
    static Exhibit from_json(const json::Value& value);
    // Path inside the case.
    std::string path() const { return "data/exhibits/" + sha256; }
};

class Case {
  public:
    enum class Mode { read, write };

    // Makes a new case in `directory`, which must not exist or be empty. Opens it for writing.
    static Result<Case> create(const fs::path& directory);
    // Opens a case. Mode::write takes the lock (waiting a few seconds for another writer) and first finishes
    // what an interrupted run left; Mode::read takes nothing and changes nothing.
    static Result<Case> open(const fs::path& directory, Mode mode);
    static bool is_case(const fs::path& directory);
    // Whether a run that wrote here was cut off and nobody has finished its work since.
    static bool was_interrupted(const fs::path& directory);
    // Returns once nobody writes here. Fails, naming the writer, when that takes more than a few seconds.
    static Status wait_for_writer(const fs::path& directory);

    Case(Case&&) noexcept;
    Case& operator=(Case&&) noexcept;
    ~Case();  // closes, unsigned, when close() was not called

    const fs::path& directory() const;
    std::string id() const;  // a UUID
    const CustodyLog& log() const;
    // In the order they were added; the same bytes added twice from two origins are two entries and one file.
    const std::vector<Exhibit>& exhibits() const;

    // Stores bytes as an exhibit and logs it. `about` carries type, origin, collector and note.
    Result<Exhibit> add_bytes(std::string_view bytes, Exhibit about);
    // The same for a file, streamed.
    Result<Exhibit> add_file(const fs::path& source, Exhibit about);
    // The same for a file that is open already; `source` is for messages. `type_of` tells its type from the
    // bytes that were stored.
    using TypeOf = std::string (*)(std::string_view bytes);
    Result<Exhibit> add_opened(const Fd& opened, const fs::path& source, Exhibit about,
                               TypeOf type_of = nullptr);
    Result<MappedFile> read(const Exhibit& exhibit) const;

    // Appends an entry to the custody log.
    Status record(std::string_view action, json::Object fields);
    // Writes a file of the bag that is not payload, such as timestamps/x.tsr; listed in the tag manifest.
    Status write_tag_file(const std::string& relative_path, std::string_view bytes);

    // Writes the manifests, signs the log when there is a signer, and releases the lock.
    Status close(const Signer* signer);

  private:
    struct State;
    explicit Case(std::unique_ptr<State> state);
    Status sign(const Signer& signer);
    std::unique_ptr<State> state_;
};

inline constexpr std::string_view kDefaultCasePrefix = "contrechamp-case-";
// "contrechamp-case-20261123T101500Z"
std::string default_case_name();

}  // namespace contrechamp
