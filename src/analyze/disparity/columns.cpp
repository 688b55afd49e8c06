#include "analyze/disparity/columns.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>

#include "analyze/disparity/intake.h"
#include "base/escape.h"

namespace contrechamp::disparity {
namespace {

constexpr std::array<std::string_view, kRoles> kRoleNames = {"id",        "person",    "outcome",   "score",
                                                             "group",     "stratum",   "covariate", "genuine",
                                                             "subject-a", "subject-b", "group-b"};

// One character without its accent; the letters of other scripts are themselves.
std::string unaccented(std::string_view character) {
    if (character.size() == 2 &&
        (character[0] == '\xcc' || (character[0] == '\xcd' && character[1] < '\xb0')))
        return {};  // U+0300 … U+036F: an accent written apart
    auto out = to_ascii(character);
    return out == "?" ? std::string(character) : out;
}

// Without case, accents and doubled spaces.
std::string plain(std::string_view text) {
    const auto valid = to_valid_utf8(trimmed_cell(text));
    std::string out;
    for (std::size_t at = 0, next = 0; at < valid.size(); at = next) {
        for (next = at + 1; next < valid.size() && (valid[next] & 0xc0) == 0x80;) ++next;
        for (const char c : unaccented(std::string_view(valid).substr(at, next - at))) {
            const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
            if (space && (out.empty() || out.back() == ' ')) continue;
            out += space ? ' ' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        }
    }
    return out;
}

// A header's name as the lists below write them.
std::string plain_name(std::string_view name) {
    auto out = plain(name);
    for (char& c : out)
        if (c == ' ' || c == '-' || c == '.' || c == '\'') c = '_';
    return out;
}

// ---- Names of columns, in English and French, best first

struct Names {
    Role role;
    std::initializer_list<std::string_view> names;
};

const std::array<Names, 7>& common_names() {
    static const std::array<Names, 7> names = {{
        {Role::id,
         {"id", "row_id", "record_id", "decision_id", "case_id", "id_ligne", "identifiant", "numero"}},
        {Role::person,
         {"person", "person_id", "employee", "employee_id", "emp_id", "worker_id", "candidate_id",
          "applicant_id", "personne", "id_personne", "salarie", "id_salarie", "matricule", "agent",
          "id_agent", "candidat", "id_candidat"}},
        {Role::outcome,
         {"outcome", "decision",  "result", "promoted", "hired",    "selected", "accepted", "admitted",
          "passed",  "dismissed", "left",   "label",    "resultat", "promu",    "embauche", "selectionne",
          "retenu",  "accepte",   "admis",  "recu",     "licencie", "parti",    "sorti"}},
        {Role::score,
         {"score", "risk", "risk_score", "probability", "prob", "prediction", "rating", "similarity",
          "distance", "risque", "score_risque", "probabilite", "note", "similarite", "ressemblance"}},
        {Role::genuine,
         {"genuine", "is_genuine", "mated", "is_mated", "same", "same_person", "authentique", "meme_personne",
          "meme"}},
        {Role::subject_a,
         {"subject_a", "subject_1", "subject1", "person_a", "person1", "id_a", "id1", "probe_id", "probe",
          "sujet_a", "sujet_1", "sujet1", "personne_a", "personne_1"}},
        {Role::subject_b,
         {"subject_b", "subject_2", "subject2", "person_b", "person2", "id_b", "id2", "reference_id",
          "reference", "gallery_id", "gallery", "sujet_b", "sujet_2", "sujet2", "personne_b", "personne_2"}},
    }};
    return names;
}

constexpr auto kGroupNames = std::to_array<std::string_view>(
    {"sex",          "gender",       "sexe",        "genre",     "age_band",  "age_group",   "tranche_d_age",
     "tranche_age",  "classe_d_age", "race",        "ethnicity", "skin_type", "skin",        "skin_tone",
     "type_de_peau", "phototype",    "fitzpatrick", "accent",    "dialect",   "nationality", "nationalite",
     "disability",   "handicap",     "union",       "syndique",  "origin"});

bool useful(Role role, TableKind kind) {
    switch (role) {
        case Role::genuine:
        case Role::subject_a:
        case Role::subject_b: return kind == TableKind::faces;
        case Role::outcome: return kind != TableKind::faces;
        case Role::score: return kind != TableKind::decisions;
        case Role::person: return kind != TableKind::faces;
        default: return true;
    }
}

bool may_repeat(Role role) { return role == Role::group || role == Role::stratum || role == Role::covariate; }

// The columns that are there, for errors.
Text there(const TableLayout& layout) {
    constexpr std::size_t kShown = 40;
    std::string names;
    for (std::size_t i = 0; i < layout.columns.size() && i < kShown; ++i)
        names += (i ? ", " : "") + layout.columns[i];
    if (layout.columns.size() > kShown) names += ", …";
    return {"the columns are: " + names, "les colonnes sont : " + names};
}

tl::unexpected<Error> no_column(const TableLayout& layout, const std::string& name,
                                const std::string& where) {
    return misuse(
        {"the table has no column \"" + name + "\"", "la table n’a pas de colonne « " + name + " »"}, where,
        there(layout));
}

tl::unexpected<Error> needs(const TableLayout& layout, Text what, const std::string& where) {
    return misuse(std::move(what), where, there(layout));
}

class Binder {
  public:
    Binder(const TableLayout& layout, const BindWishes& wishes, const std::string& where)
        : layout_(layout), wishes_(wishes), where_(where) {}

    Result<BoundColumns> bind() {
        for (const auto& asked : wishes_.asked) TRY(add_asked(asked));
        if (wishes_.guess)
            for (const auto& names : common_names()) guess(names);
        std::stable_sort(bound_.all.begin(), bound_.all.end(),
                         [](const BoundColumn& a, const BoundColumn& b) { return a.role < b.role; });
        TRY(check_shared());
        TRY(check_needed());
        return std::move(bound_);
    }

  private:
    Status add_asked(const AskedColumn& asked) {
        if (asked.name == "-") {
            declined_[static_cast<std::size_t>(asked.role)] = true;
            return {};
        }
        if (!may_repeat(asked.role) && bound_.one(asked.role)) {
            const std::string role(to_string(asked.role));
            return misuse(
                {"two columns were given for " + role, "deux colonnes ont été données pour " + role},
                asked.name, {"give one", "n’en donnez qu’une"});
        }
        const auto column = layout_.column(asked.name);
        if (!column) return no_column(layout_, asked.name, where_);
        bound_.all.push_back({asked.role, *column, layout_.columns[*column], false});
        return {};
    }

    bool taken(std::size_t column) const {
        return std::any_of(bound_.all.begin(), bound_.all.end(),
                           [&](const BoundColumn& one) { return one.column == column; });
    }

    void guess(const Names& names) {
        if (!useful(names.role, wishes_.kind) || bound_.one(names.role) ||
            declined_[static_cast<std::size_t>(names.role)])
            return;
        for (const auto name : names.names)
            for (std::size_t i = 0; i < layout_.columns.size(); ++i) {
                if (plain_name(layout_.columns[i]) != name || taken(i)) continue;
                bound_.all.push_back({names.role, i, layout_.columns[i], true});
                return;
            }
    }

    Status check_shared() const {
        for (std::size_t i = 0; i < bound_.all.size(); ++i)
            for (std::size_t j = 0; j < i; ++j) {
                const auto &a = bound_.all[j], &b = bound_.all[i];
                if (a.column != b.column || (a.role == Role::id && b.role == Role::person)) continue;
                // A covariate may also be a stratum: matched within bands, by its value.
                if (a.role == Role::stratum && b.role == Role::covariate) continue;
                const std::string first(to_string(a.role)), second(to_string(b.role));
                return misuse(
                    {"the column \"" + a.name + "\" was given both as " + first + " and as " + second,
                     "la colonne « " + a.name + " » a été donnée à la fois comme " + first + " et comme " +
                         second},
                    where_, {"give each its own column", "donnez à chacun sa colonne"});
            }
        return {};
    }

    Status check_needed() const {
        const auto has = [&](Role role) { return bound_.one(role) != nullptr; };
        const auto kind = wishes_.kind;
        if (wishes_.needs_group && !has(Role::group)) return no_group();
        if (kind != TableKind::faces && wishes_.needs_outcome && !has(Role::outcome))
            return needs(layout_,
                         {"no column of outcomes was given (--outcome)",
                          "aucune colonne de résultats n’a été donnée (--outcome)"},
                         where_);
        if (kind != TableKind::decisions && !has(Role::score))
            return needs(layout_,
                         {"no column of scores was given (--score)",
                          "aucune colonne de notes n’a été donnée (--score)"},
                         where_);
        if (kind == TableKind::faces && !has(Role::genuine) &&
            !(has(Role::subject_a) && has(Role::subject_b)))
            return needs(layout_,
                         {"nothing says which comparisons are of one person (--genuine, or --subject-a and "
                          "--subject-b)",
                          "rien ne dit quelles comparaisons portent sur une même personne (--genuine, ou "
                          "--subject-a et "
                          "--subject-b)"},
                         where_);
        if (has(Role::group_b) && bound_.many(Role::group).size() != 1)
            return needs(layout_,
                         {"a second picture's group goes with one group",
                          "le groupe de la seconde image va avec un seul groupe"},
                         where_);
        if (bound_.many(Role::group).size() + bound_.many(Role::stratum).size() > kMostFactors)
            return needs(layout_, {"more than 16 groups and strata", "plus de 16 groupes et strates"},
                         where_);
        return {};
    }

    Status no_group() const {
        Text what = {"no column of groups was given (--group)",
                     "aucune colonne de groupes n’a été donnée (--group)"};
        std::string offered;
        for (const auto& name : offered_groups(layout_)) offered += " --group " + for_shell(name);
        if (offered.empty()) return needs(layout_, std::move(what), where_);
        return misuse(std::move(what), where_, {"perhaps" + offered, "peut-être" + offered});
    }

    const TableLayout& layout_;
    const BindWishes& wishes_;
    const std::string& where_;
    BoundColumns bound_;
    std::array<bool, kRoles> declined_{};
};

// ---- Words of outcomes

// The masculine of "promu(e)", "promu·e", "promu.e", "promu-e".
std::string without_feminine(std::string word) {
    for (const std::string_view end : {"(e)", "\u00b7e", ".e", "-e"})
        if (word.size() > end.size() && word.ends_with(end)) return word.substr(0, word.size() - end.size());
    return word;
}

std::string outcome_word(std::string_view value) {
    return plain(without_feminine(std::string(trimmed_cell(value))));
}

// Documented in docs of `disparity decisions`; after outcome_word().
constexpr auto kYes =
    std::to_array<std::string_view>({"1",           "1.0",          "1,0",         "y",         "yes",
                                     "o",           "oui",          "t",           "true",      "v",
                                     "vrai",        "promoted",     "promu",       "promue",    "hired",
                                     "embauche",    "embauchee",    "recrute",     "recrutee",  "selected",
                                     "selectionne", "selectionnee", "shortlisted", "retained",  "retenu",
                                     "retenue",     "accepted",     "accepte",     "acceptee",  "admitted",
                                     "admis",       "admise",       "approved",    "approuve",  "approuvee",
                                     "granted",     "accorde",      "accordee",    "pass",      "passed",
                                     "success",     "recu",         "recue",       "reussi",    "reussie",
                                     "favorable",   "positive",     "positif",     "dismissed", "licencie",
                                     "licenciee",   "left",         "parti",       "partie",    "match",
                                     "mated",       "genuine",      "same",        "meme",      "authentique",
                                     "client",      "sorti"});
constexpr auto kNo = std::to_array<std::string_view>({"0",
                                                      "0.0",
                                                      "0,0",
                                                      "n",
                                                      "no",
                                                      "non",
                                                      "f",
                                                      "false",
                                                      "faux",
                                                      "not promoted",
                                                      "non promu",
                                                      "non promue",
                                                      "not hired",
                                                      "non embauche",
                                                      "non embauchee",
                                                      "non recrute",
                                                      "non recrutee",
                                                      "not selected",
                                                      "non selectionne",
                                                      "non selectionnee",
                                                      "not shortlisted",
                                                      "non retenu",
                                                      "non retenue",
                                                      "rejected",
                                                      "rejete",
                                                      "rejetee",
                                                      "refused",
                                                      "refuse",
                                                      "refusee",
                                                      "not admitted",
                                                      "non admis",
                                                      "non admise",
                                                      "denied",
                                                      "declined",
                                                      "fail",
                                                      "failed",
                                                      "failure",
                                                      "ajourne",
                                                      "ajournee",
                                                      "echec",
                                                      "echoue",
                                                      "unfavorable",
                                                      "unfavourable",
                                                      "defavorable",
                                                      "negative",
                                                      "negatif",
                                                      "kept",
                                                      "stayed",
                                                      "reste",
                                                      "restee",
                                                      "non licencie",
                                                      "non licenciee",
                                                      "non-match",
                                                      "nonmatch",
                                                      "nonmated",
                                                      "non-mated",
                                                      "impostor",
                                                      "imposter",
                                                      "imposteur",
                                                      "different",
                                                      "not accepted",
                                                      "non recu"});

bool among(std::span<const std::string_view> words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::string found_values(const std::vector<ValueCount>& values) {
    constexpr std::size_t kShown = 12;
    std::string out;
    for (std::size_t i = 0; i < values.size() && i < kShown; ++i)
        out += (i ? ", " : "") + for_terminal(values[i].value) + " (" + std::to_string(values[i].rows) + ")";
    if (values.size() > kShown) out += ", …";
    return out;
}

tl::unexpected<Error> say_which(const Outcome& outcome, Text what, const std::string& where) {
    const std::string example = outcome.values.empty() ? "yes" : outcome.values.back().value;
    const std::string typed = for_shell(outcome.name + "=" + example);
    const auto found = found_values(outcome.values);
    what.en += "; it holds: " + found;
    what.fr += " ; elle contient : " + found;
    return misuse(std::move(what), where,
                  {"say which value counts, for instance " + typed + ", or both (" +
                       for_shell(outcome.name + "=yes/no") + ")",
                   "dites quelle valeur compte, par exemple " + typed + ", ou les deux (" +
                       for_shell(outcome.name + "=oui/non") + ")"});
}

// Codes of the values that are this word: exactly, else without case and accents.
std::vector<std::size_t> values_called(const Outcome& outcome, std::string_view word) {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < outcome.values.size(); ++i)
        if (outcome.values[i].value == word) return {i};
    for (std::size_t i = 0; i < outcome.values.size(); ++i)
        if (plain(outcome.values[i].value) == plain(word)) out.push_back(i);
    return out;
}

Result<Outcome> by_words(Outcome outcome, const std::string& where) {
    outcome.guessed = true;
    for (const auto& value : outcome.values) {
        const auto word = outcome_word(value.value);
        if (!among(kYes, word) && !among(kNo, word))
            return say_which(outcome,
                             {"it is not plain which value of \"" + outcome.name + "\" counts",
                              "on ne sait quelle valeur de « " + outcome.name + " » compte"},
                             where);
        outcome.sides.push_back(among(kYes, word) ? Side::yes : Side::no);
    }
    return outcome;
}

// "yes/no", cut at the first slash that leaves values which are there.
bool both_sides(Outcome& outcome, const std::string& said) {
    for (auto slash = said.find('/'); slash != std::string::npos; slash = said.find('/', slash + 1)) {
        const auto yes = values_called(outcome, said.substr(0, slash));
        const auto no = values_called(outcome, said.substr(slash + 1));
        if (yes.empty() || no.empty() || yes == no) continue;
        outcome.sides.assign(outcome.values.size(), Side::neither);
        for (const auto i : no) outcome.sides[i] = Side::no;
        for (const auto i : yes) outcome.sides[i] = Side::yes;
        return true;
    }
    return false;
}

}  // namespace

std::string_view to_string(Role role) { return kRoleNames[static_cast<std::size_t>(role)]; }

std::optional<Role> role_called(std::string_view name) {
    for (std::size_t i = 0; i < kRoles; ++i)
        if (kRoleNames[i] == name) return static_cast<Role>(i);
    return std::nullopt;
}

const BoundColumn* BoundColumns::one(Role role) const {
    for (const auto& column : all)
        if (column.role == role) return &column;
    return nullptr;
}

std::vector<BoundColumn> BoundColumns::many(Role role) const {
    std::vector<BoundColumn> out;
    for (const auto& column : all)
        if (column.role == role) out.push_back(column);
    return out;
}

Result<BoundColumns> bind_columns(const TableLayout& layout, const BindWishes& wishes,
                                  const std::string& where) {
    return Binder(layout, wishes, where).bind();
}

std::vector<std::string> offered_groups(const TableLayout& layout) {
    std::vector<std::string> out;
    for (const auto& name : layout.columns)
        if (among(kGroupNames, plain_name(name))) out.push_back(name);
    return out;
}

bool tells_persons(std::string_view bytes, const TableLayout& layout, std::size_t column) {
    constexpr std::size_t kFewest = 10, kMost = 10'000;
    TableReader reader(bytes, layout, {layout.rows, bytes.size(), layout.line});
    std::map<std::string, std::size_t> values;
    std::size_t rows = 0;
    while (rows < kMost && reader.next()) {
        if (reader.row().refused || is_missing_cell(reader.row().cells[column])) continue;
        ++values[std::string(trimmed_cell(reader.row().cells[column]))];
        ++rows;
    }
    const auto alone =
        std::count_if(values.begin(), values.end(), [](const auto& one) { return one.second == 1; });
    return rows >= kFewest && 2 * static_cast<std::size_t>(alone) > rows;
}

ColumnAndValue split_value(const TableLayout& layout, const std::string& asked) {
    if (layout.column(asked)) return {asked, ""};
    // A column's name may hold "=" itself: the longest that is there.
    for (auto equals = asked.rfind('='); equals != std::string::npos && equals > 0;
         equals = asked.rfind('=', equals - 1))
        if (layout.column(asked.substr(0, equals)))
            return {asked.substr(0, equals), asked.substr(equals + 1)};
    const auto equals = asked.find('=');
    if (equals == std::string::npos) return {asked, ""};
    return {asked.substr(0, equals), asked.substr(equals + 1)};
}

std::vector<std::vector<std::uint32_t>> lookalikes(const Factor& factor) {
    std::map<std::string, std::vector<std::uint32_t>> alike;
    for (std::size_t i = 0; i < factor.values.size(); ++i)
        alike[plain(factor.values[i])].push_back(static_cast<std::uint32_t>(i));
    std::vector<std::vector<std::uint32_t>> out;
    for (auto& [word, codes] : alike)
        if (codes.size() > 1) out.push_back(std::move(codes));
    std::sort(out.begin(), out.end());
    return out;
}

Result<Outcome> resolve_outcome(const std::string& column, std::vector<ValueCount> values,
                                const std::string& said, const std::string& where) {
    Outcome outcome{column, std::move(values), {}, false};
    if (outcome.values.empty())
        return fail(
            {"no row has anything in \"" + column + "\"", "aucune ligne n’a rien dans « " + column + " »"},
            where, {"check the name of the column", "vérifiez le nom de la colonne"});
    if (said.empty()) return by_words(std::move(outcome), where);
    const auto yes = values_called(outcome, said);
    if (yes.empty()) {
        if (both_sides(outcome, said)) return outcome;
        return say_which(outcome,
                         {"\"" + column + "\" never is \"" + said + "\"",
                          "« " + column + " » n’est jamais « " + said + " »"},
                         where);
    }
    outcome.sides.assign(outcome.values.size(), Side::no);
    for (const auto i : yes) outcome.sides[i] = Side::yes;
    return outcome;
}

}  // namespace contrechamp::disparity
