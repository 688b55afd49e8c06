// The disparity analyzer: does an automated judgement treat groups of people unequally, and how surely?
#include "analyze/analyzer.h"

namespace contrechamp {
namespace disparity {
namespace {

bool reads(std::string_view type) { return type == "contrechamp/disparity-request"; }

Status analyze(const ExhibitView&, const Knowledge&, const Exhibits&, Output&) { return {}; }

}  // namespace
}  // namespace disparity

const Analyzer& disparity_analyzer() {
    static const Analyzer analyzer{"disparity",
                                   "automated judgements compared between groups of people: error rates, "
                                   "selection rates, scores, face matches",
                                   "jugements automatisés comparés entre groupes de personnes : taux "
                                   "d’erreur, de sélection, notes, visages reconnus",
                                   {},
                                   disparity::reads,
                                   disparity::analyze};
    return analyzer;
}

}  // namespace contrechamp
