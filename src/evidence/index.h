// index.sqlite: a Derivation, kept so that it need not be computed again. Derived, never the truth: it can be
// deleted at any time, and `verify` compares it with a fresh derivation.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "evidence/derivation.h"

namespace contrechamp {

class Index {
  public:
    // Writes a whole index beside `path` and renames it into place. `stamp` names the analysis it holds.
    static Status write(const fs::path& path, const Derivation& derivation, const std::string& stamp);
    // The same in memory, for a case that cannot be written to.
    static Result<Index> in_memory(const Derivation& derivation, const std::string& stamp);
    // Opens an index read-only. Fails when the file is missing, damaged or of another schema.
    static Result<Index> open(const fs::path& path);

    Index(Index&&) noexcept;
    ~Index();

    Result<std::string> stamp() const;
    // Whether this is what was derived: compares with Derivation::summary() as the custody log has it, so
    // that nobody's edits of the file are taken for findings. Reads everything; the rows only on demand.
    enum class Depth { documents, rows };
    Result<bool> holds(const json::Value& summary, Depth depth) const;

    struct Filter {
        std::string kind;  // observations: kind or its prefix before a dot; coverage: check; findings: rule
        std::string subject;  // part of the subject's label or key
        std::string search;   // full-text query (SQLite FTS5 syntax), over every text of the row
    };
    struct Document {
        std::string what;  // observations, coverage, findings
        std::string id;
        std::string json;           // canonical
        std::string kind, subject;  // what Filter looks at

        bool operator==(const Document&) const = default;
    };
    // `what`: "observations", "coverage" or "findings". In derivation order.
    Result<std::vector<Document>> documents(std::string_view what, const Filter& filter = {}) const;
    // Those of any kind whose id starts with `prefix`, at most 20.
    Result<std::vector<Document>> by_id(std::string_view prefix) const;

    using RowSink = std::function<Status(const std::vector<json::Value>& cells)>;
    // Rows of a table: its columns, then exhibit, offset, length.
    Status rows(std::string_view table, const RowSink& sink) const;

  private:
    struct State;
    explicit Index(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace contrechamp
