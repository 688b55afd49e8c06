// The whole way from exhibits to findings. Deterministic: see evidence/derivation.h.
#pragma once

#include <functional>
#include <string_view>

#include "evidence/case.h"
#include "evidence/derivation.h"
#include "evidence/index.h"
#include "knowledge/knowledge.h"

namespace contrechamp {

using Progress = std::function<void(std::size_t done, std::size_t total, std::string_view what)>;

// Runs every analyzer on every exhibit it reads, then the rules. An exhibit that is damaged, unknown or not
// what the log says becomes coverage ("unreadable", with the reason and the offset); the rest goes on.
// `exhibits`: how many of the case's exhibit entries to use, from the first; for deriving an earlier analysis
// again.
Result<Derivation> derive(const Case& opened, const Knowledge& knowledge, std::size_t exhibits,
                          const Progress& progress = {});

// Analyses the case as it is now: keeps the knowledge as an exhibit, derives, logs the digests, writes
// index.sqlite.
Result<Derivation> analyze_case(Case& opened, const Knowledge& knowledge, const Progress& progress = {});

// The last analysis a case's log records.
struct AnalysisRecord {
    std::string entry_hash;  // also the index's stamp
    std::string knowledge;   // SHA-256 of the knowledge exhibit
    std::size_t exhibits = 0;
    json::Value summary;
    std::string tool;
};
std::optional<AnalysisRecord> last_analysis(const Case& opened);
// The knowledge that analysis used, from the case itself.
Result<Knowledge> knowledge_of(const Case& opened, const AnalysisRecord& record);

// The index of the last analysis: the one on disk when it holds what the custody log says was derived, else
// derived again (and stored when the case can be written to). Fails when the case was never analysed.
Result<Index> index_of(const Case& opened, const Progress& progress = {},
                       Index::Depth depth = Index::Depth::documents);

inline constexpr std::string_view kKnowledgeType = "contrechamp/knowledge";
// Whether an exhibit is the knowledge that an analysis kept, and not somebody's file that calls itself so.
bool is_kept_knowledge(const Exhibit& exhibit);

}  // namespace contrechamp
