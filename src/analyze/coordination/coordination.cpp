// The coordination analyzer: which accounts of an export of posts act together, how surely, and the posts
// that show it.
#include "analyze/analyzer.h"
#include "analyze/coordination/tables.h"

namespace contrechamp {
namespace coordination {
namespace {

bool reads(std::string_view type) { return type == "contrechamp/coordination-request"; }

Status analyze(const ExhibitView&, const Knowledge&, const Exhibits&, Output&) { return {}; }

}  // namespace
}  // namespace coordination

const Analyzer& coordination_analyzer() {
    static const Analyzer analyzer{
        "coordination",
        "accounts that act together: same words, links, times, templated profiles",
        "comptes qui agissent ensemble : mêmes mots, liens, heures, profils sur modèle",
        coordination::tables(),
        coordination::reads,
        coordination::analyze};
    return analyzer;
}

}  // namespace contrechamp
