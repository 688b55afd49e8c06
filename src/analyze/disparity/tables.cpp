#include "analyze/disparity/tables.h"

#include <array>

namespace contrechamp::disparity {
namespace {

constexpr ColumnSpec kMeasure{"measure", "text", "", "what is measured", "ce qui est mesuré"};
constexpr ColumnSpec kSystem{"system", "text", "", "whose judgement: a transcript, an outcome, a score",
                             "de qui est le jugement : transcription, décision, note"};
constexpr ColumnSpec kBy{"by", "text", "", "the column that groups people",
                         "la colonne qui répartit les personnes"};
constexpr ColumnSpec kGroup{"group", "text", "", "the group, as the column says",
                            "le groupe, tel que la colonne le dit"};

constexpr std::array kFigures = {
    ColumnSpec{"kind", "text", "", "rate, contrast, setting or detail",
               "taux (rate), contraste, réglage ou détail"},
    kMeasure,
    kSystem,
    kBy,
    kGroup,
    ColumnSpec{"against", "text", "", "the group it is compared with; none for a rate",
               "le groupe auquel il est comparé ; aucun pour un taux"},
    ColumnSpec{"statistic", "text", "", "difference, ratio, odds ratio, mean of people …",
               "différence, rapport, rapport de cotes, moyenne des personnes…"},
    ColumnSpec{"setting", "text", "", "the choices behind it", "les choix dont il dépend"},
    ColumnSpec{"value", "real", "", "the figure", "le chiffre"},
    ColumnSpec{"low", "real", "", "lower end of its interval", "borne basse de son intervalle"},
    ColumnSpec{"high", "real", "", "upper end of its interval", "borne haute de son intervalle"},
    ColumnSpec{"method", "text", "", "how interval or p were computed", "calcul de l’intervalle ou de p"},
    ColumnSpec{"p", "real", "", "probability of so large a difference by chance",
               "probabilité d’une telle différence par hasard"},
    ColumnSpec{"p_adjusted", "real", "", "p, adjusted for the number of comparisons",
               "p, corrigé du nombre de comparaisons"},
    ColumnSpec{"events", "real", "", "errors, selections, false matches …",
               "erreurs, sélections, fausses correspondances…"},
    ColumnSpec{"units", "real", "", "of how many words, rows, comparisons",
               "sur combien de mots, lignes, comparaisons"},
    ColumnSpec{"people", "integer", "", "of how many people; 0: not told apart",
               "de combien de personnes ; 0 : non distinguées"},
    ColumnSpec{"note", "text", "", "what to beware of", "ce dont il faut se méfier"},
};

constexpr std::array kConclusions = {
    kMeasure,
    kSystem,
    kBy,
    kGroup,
    ColumnSpec{"against", "text", "", "the group it is compared with", "le groupe auquel il est comparé"},
    ColumnSpec{"verdict", "text", "",
               "insufficient, compatible (with no difference), evidence (of one), robust (to all settings)",
               "insuffisant, compatible (avec l’absence d’écart), indice (d’un écart), robuste (à tous les "
               "réglages)"},
    ColumnSpec{"reason", "text", "", "why the data do not suffice", "pourquoi les données ne suffisent pas"},
    ColumnSpec{"value", "real", "", "the main difference", "l’écart principal"},
    ColumnSpec{"low", "real", "", "lower end of its interval", "borne basse de son intervalle"},
    ColumnSpec{"high", "real", "", "upper end of its interval", "borne haute de son intervalle"},
    ColumnSpec{"p_adjusted", "real", "", "p, adjusted for the number of comparisons",
               "p, corrigé du nombre de comparaisons"},
    ColumnSpec{"settings", "integer", "", "choices tried, the main one included",
               "choix essayés, le principal compris"},
    ColumnSpec{"agreeing", "integer", "", "of them, those that say the same", "dont disent la même chose"},
    ColumnSpec{"tests", "integer", "", "comparisons adjusted for together",
               "comparaisons corrigées ensemble"},
    ColumnSpec{"adjustment", "text", "", "holm (declared before looking) or benjamini-hochberg",
               "holm (déclarées d’avance) ou benjamini-hochberg"},
    ColumnSpec{"detectable", "real", "", "smallest difference these data would show in four cases of five",
               "plus petit écart que ces données montreraient quatre fois sur cinq"},
};

constexpr std::array kPeople = {
    kSystem,
    ColumnSpec{"person", "text", "", "as the data name them: not for passing on",
               "telle que les données la nomment : à ne pas diffuser"},
    ColumnSpec{"groups", "text", "", "their groups, column by column", "ses groupes, colonne par colonne"},
    ColumnSpec{"units", "integer", "", "utterances, rows or comparisons of theirs",
               "ses énoncés, lignes ou comparaisons"},
    ColumnSpec{"events", "real", "", "errors or events among them", "erreurs ou événements parmi eux"},
    ColumnSpec{"of", "real", "", "of how many words or trials", "sur combien de mots ou d’essais"},
};

constexpr std::array kUtterances = {
    kSystem,
    ColumnSpec{"utterance", "text", "", "its id", "son identifiant"},
    ColumnSpec{"person", "text", "", "who speaks: not for passing on", "qui parle : à ne pas diffuser"},
    ColumnSpec{"words", "integer", "words", "of the reference", "de la référence"},
    ColumnSpec{"correct", "integer", "words", "heard right", "bien entendus"},
    ColumnSpec{"substituted", "integer", "words", "heard as another", "entendus comme un autre"},
    ColumnSpec{"deleted", "integer", "words", "lost", "perdus"},
    ColumnSpec{"inserted", "integer", "words", "added", "ajoutés"},
};

constexpr std::array kLostWords = {
    kSystem,
    kBy,
    kGroup,
    ColumnSpec{"word", "text", "", "as normalised", "tel que normalisé"},
    ColumnSpec{"occurrences", "integer", "", "times in the references", "fois dans les références"},
    ColumnSpec{"substituted", "integer", "", "heard as another", "entendu comme un autre"},
    ColumnSpec{"deleted", "integer", "", "lost", "perdu"},
};

constexpr std::array kCurves = {
    ColumnSpec{"curve", "text", "", "det, roc or calibration", "det, roc ou calibration"},
    kSystem,
    kBy,
    kGroup,
    ColumnSpec{"x", "real", "", "false match or false positive rate, or mean score",
               "taux de fausses correspondances ou de faux positifs, ou note moyenne"},
    ColumnSpec{"y", "real", "", "false non-match or true positive rate, or observed rate",
               "taux de faux rejets ou de vrais positifs, ou taux observé"},
    ColumnSpec{"low", "real", "", "lower end of its interval", "borne basse de son intervalle"},
    ColumnSpec{"high", "real", "", "upper end of its interval", "borne haute de son intervalle"},
    ColumnSpec{"threshold", "real", "", "the score at that point", "la note en ce point"},
    ColumnSpec{"units", "integer", "", "rows in that bin", "lignes de cette classe"},
};

constexpr std::array kBalance = {
    kBy,
    ColumnSpec{"covariate", "text", "", "the column matched on", "la colonne appariée"},
    ColumnSpec{"before", "real", "", "standardised mean difference before matching",
               "écart moyen standardisé avant appariement"},
    ColumnSpec{"after", "real", "", "the same after it", "le même après"},
    ColumnSpec{"variance_ratio_before", "real", "", "variance of one group / the other, before",
               "variance d’un groupe / de l’autre, avant"},
    ColumnSpec{"variance_ratio_after", "real", "", "the same after matching", "le même après appariement"},
    ColumnSpec{"matched", "integer", "", "people with a partner", "personnes avec partenaire"},
    ColumnSpec{"unmatched", "integer", "", "people without one, left out",
               "personnes sans partenaire, laissées de côté"},
};

constexpr std::array kPanel = {
    ColumnSpec{"person", "text", "", "whose career: not for passing on",
               "de qui est la carrière : à ne pas diffuser"},
    ColumnSpec{"date", "text", "", "when", "quand"},
    ColumnSpec{"pay", "real", "", "their pay or coefficient then",
               "sa rémunération ou son coefficient alors"},
    ColumnSpec{"panel_mean", "real", "", "mean of the panel", "moyenne du panel"},
    ColumnSpec{"panel_median", "real", "", "its median", "sa médiane"},
    ColumnSpec{"panel_people", "integer", "", "people of the panel with a figure then",
               "personnes du panel avec un chiffre alors"},
};

constexpr std::array kRefusedRows = {
    ColumnSpec{"file", "text", "", "the file's name", "le nom du fichier"},
    ColumnSpec{"line", "integer", "", "its line; 0: not a line format", "sa ligne ; 0 : sans lignes"},
    ColumnSpec{"reason", "text", "", "why it cannot be used", "pourquoi elle n’est pas utilisable"},
    ColumnSpec{"detail", "text", "", "the value or id it concerns", "la valeur ou l’identifiant concerné"},
};

constexpr std::array kTables = {
    TableSpec{"figures", "every figure of a disparity analysis", "chaque chiffre d’une analyse de disparité",
              kFigures},
    TableSpec{"conclusions", "what is concluded from each comparison",
              "ce qui est conclu de chaque comparaison", kConclusions},
    TableSpec{"people_counts", "errors and events person by person", "erreurs et événements par personne",
              kPeople},
    TableSpec{"utterances", "word errors utterance by utterance", "erreurs de mots énoncé par énoncé",
              kUtterances},
    TableSpec{"lost_words", "words most often lost or misheard, by group",
              "mots les plus souvent perdus ou mal entendus, par groupe", kLostWords},
    TableSpec{"curves", "points of DET, ROC and calibration curves",
              "points des courbes DET, ROC et de calibration", kCurves},
    TableSpec{"balance", "how alike groups are before and after matching",
              "ressemblance des groupes avant et après appariement", kBalance},
    TableSpec{"panel", "a career beside its panel", "une carrière à côté de son panel", kPanel},
    TableSpec{"refused_rows", "rows that could not be used, and why", "lignes inutilisables, et pourquoi",
              kRefusedRows},
};

}  // namespace

std::span<const TableSpec> tables() { return kTables; }

}  // namespace contrechamp::disparity
