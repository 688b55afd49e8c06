#include "cli/disparity_inputs.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <regex>
#include <set>

#include "analyze/disparity/columns.h"
#include "analyze/disparity/decisions.h"
#include "analyze/disparity/faces_input.h"
#include "analyze/disparity/scores_input.h"
#include "base/escape.h"
#include "cli/common.h"
#include "cli/disparity_columns.h"
#include "formats/compressed.h"
#include "formats/table_number.h"
#include "formats/transcripts.h"

namespace contrechamp::cli {
namespace {

using disparity::Mode;
using disparity::Request;
using disparity::Role;

constexpr std::uint64_t kLargestInput = std::uint64_t{1} << 40;
constexpr std::size_t kTried = std::size_t{1} << 20;  // bytes of the beginning

// Options that name a column, and the role they name it for.
struct ColumnOption {
    const char* option;
    const char* role;
};
constexpr ColumnOption kColumns[] = {
    {"--id", "id"},
    {"--person", "person"},
    {"--score", "score"},
    {"--genuine", "genuine"},
    {"--subject-a", "subject-a"},
    {"--subject-b", "subject-b"},
    {"--group-b", "group-b"},
    {"--outcome", "outcome"},
    {"--date", "date"},
    {"--pay", "pay"},
    {"--entry", "entry"},
    {"--level", "level"},
    {"--coefficient", "coefficient"},
};
// Options of which the request keeps the words.
constexpr ColumnOption kValues[] = {{"--member", "member"}, {"--since", "since"}, {"--until", "until"}};

Result<std::uint32_t> number_of(const Arguments& arguments, const char* option, std::uint32_t fallback,
                                std::uint32_t least) {
    if (!arguments.has(option)) return fallback;
    const auto text = arguments.get(option);
    char* end = nullptr;
    const auto value = std::strtoull(text.c_str(), &end, 10);
    if (text.empty() || *end != '\0' || text[0] == '-' || value < least || value > 10'000'000)
        return misuse({"this is no number that makes sense here", "ce nombre n’a pas de sens ici"}, text,
                      {std::string(option) + ": " + std::to_string(least) + " to 10000000",
                       std::string(option) + " : de " + std::to_string(least) + " à 10000000"});
    return static_cast<std::uint32_t>(value);
}

Result<std::string> decimal_of(const Arguments& arguments, const char* option, std::string fallback) {
    auto text = arguments.get(option, fallback);
    std::replace(text.begin(), text.end(), ',', '.');
    char* end = nullptr;
    (void)std::strtod(text.c_str(), &end);
    const bool digits = text.find_first_not_of("0123456789.+-eE") == std::string::npos;
    if (text.empty() || (digits && *end == '\0')) return text;
    return misuse({"this is no number", "ceci n’est pas un nombre"}, text);
}

// "sex=F" → (sex, F)
Result<std::pair<std::string, std::string>> pair_of(const std::string& text) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
        return misuse({"this is no COLUMN=VALUE", "ceci n’est pas COLONNE=VALEUR"}, text);
    return std::pair{text.substr(0, equals), text.substr(equals + 1)};
}

// "sex:F/M"
Result<disparity::Hypothesis> hypothesis_of(const std::string& text) {
    const auto colon = text.find(':');
    const auto slash = text.find('/', colon == std::string::npos ? 0 : colon);
    if (colon == std::string::npos || slash == std::string::npos || colon == 0 || slash == colon + 1 ||
        slash + 1 == text.size())
        return misuse({"this is no COLUMN:GROUP/OTHER", "ceci n’est pas COLONNE:GROUPE/AUTRE"}, text,
                      {"write sex:F/M", "écrivez sex:F/M"});
    return disparity::Hypothesis{text.substr(0, colon), text.substr(colon + 1, slash - colon - 1),
                                 text.substr(slash + 1)};
}

// "id=call,text=words"
Status add_map(const Arguments& arguments, Request& out) {
    const auto text = arguments.get("--map");
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find(',', at), text.size());
        const auto [role, column] = TRY(pair_of(text.substr(at, end - at)));
        if (role != "id" && role != "speaker" && role != "text")
            return misuse({"there is nothing called so to map", "rien de ce nom à indiquer"}, role,
                          {"id, speaker or text", "id, speaker ou text"});
        out.columns[role] = column;
        at = end + 1;
    }
    return {};
}

Status table_wishes(const Arguments& arguments, TableWishes& out) {
    if (arguments.has("--separator")) {
        auto text = arguments.get("--separator");
        if (text == "tab" || text == "\\t") text = "\t";
        if (text.size() != 1 || std::string_view(",;\t|").find(text) == std::string_view::npos)
            return misuse({"this is no separator that is read here", "ce séparateur n’est pas lu ici"}, text,
                          {"write , ; | or tab", "écrivez , ; | ou tab"});
        out.separator = text[0];
    }
    if (arguments.has("--encoding")) {
        out.encoding = table_encoding(arguments.get("--encoding"));
        if (!out.encoding)
            return misuse({"this encoding is not read here", "cet encodage n’est pas lu ici"},
                          arguments.get("--encoding"),
                          {"write utf-8, windows-1252, utf-16le or utf-16be",
                           "écrivez utf-8, windows-1252, utf-16le ou utf-16be"});
    }
    out.header_line = TRY(number_of(arguments, "--header-line", 0, 1));
    return {};
}

std::string form_of(const TableLayout& layout, Lang lang) {
    if (layout.form == TableForm::json_lines) return "JSON lines";
    const std::string between = layout.separator == '\t' ? (lang == Lang::fr ? "tabulation" : "tab")
                                                         : std::string(1, layout.separator);
    return "CSV (" + between + "), " + std::string(to_string(layout.encoding));
}

std::string described(const JudgedInput& input, const std::string& how, Lang lang) {
    return for_terminal(input.path.string()) + (lang == Lang::fr ? "\u00a0: " : ": ") + how;
}

std::string columns_of(const TableLayout& layout) {
    std::string out;
    for (const auto& column : layout.columns) out += (out.empty() ? "" : ", ") + for_terminal(column);
    return out;
}

std::string shortest(double value) {
    std::array<char, 32> out;
    std::snprintf(out.data(), out.size(), "%.6g", value);
    return out.data();
}

// "2012", "2012-01", "01/2012", "2012-01-31": the year first or last, in four digits.
bool is_month(const std::string& text) {
    static const std::regex kYearFirst("[0-9]{4}([-/.](0?[1-9]|1[0-2])([-/.][0-9]{1,2})?)?"),
        kYearLast("([0-9]{1,2}[-/.])?(0?[1-9]|1[0-2])[-/.][0-9]{4}");
    return std::regex_match(text, kYearFirst) || std::regex_match(text, kYearLast);
}

class Checker {
  public:
    Checker(Request& request, bool language_said, Lang lang)
        : request_(request), language_said_(language_said), lang_(lang) {}

    Result<std::vector<std::string>> check(std::vector<JudgedInput>& inputs) {
        for (auto& input : inputs) {
            const auto& role = input.asked.role;
            if (role == "rows") TRY(rows(input));
            else if (role == "speakers") TRY(speakers(input));
            else if (role == "genuine" || role == "impostor")
                lines_.push_back(
                    described(input, lang_ == Lang::fr ? "une note par ligne" : "one score a line", lang_));
            else TRY(transcript(input));
        }
        if (request_.mode == Mode::transcripts)
            lines_.push_back("    --language " + request_.language + (language_said_ ? "" : guessed()));
        return lines_;
    }

  private:
    Status rows(const JudgedInput& input) {
        const auto where = input.path.string();
        const auto layout = TRY(table_of(input));
        if (request_.mode == Mode::career) return career(input, layout);
        if (request_.groups.empty()) {
            std::string offered;
            for (const auto& name : disparity::offered_groups(layout))
                offered += (offered.empty() ? "" : ", ") + for_terminal(name);
            const auto all = offered.empty() ? columns_of(layout) : offered;
            return misuse({"which column says whom to compare?", "quelle colonne dit qui comparer ?"}, where,
                          {"name it with --group: " + all, "indiquez-la par --group : " + all});
        }
        TRY(split_outcome(layout));
        TRY(settle_columns(layout, where));
        TRY(settle_groups(input, layout));
        disparity::BindWishes wishes;
        wishes.kind = request_.mode == Mode::decisions ? disparity::TableKind::decisions
                      : request_.mode == Mode::scores  ? disparity::TableKind::scores
                                                       : disparity::TableKind::faces;
        wishes.needs_outcome = request_.column("outcome") != "-";
        for (const auto& [role, name] : request_.columns)
            if (const auto known = disparity::role_called(role)) wishes.asked.push_back({*known, name});
        for (const auto& by : request_.groups) wishes.asked.push_back({Role::group, by});
        for (const auto& by : request_.strata) wishes.asked.push_back({Role::stratum, by});
        for (const auto& by : request_.covariates) wishes.asked.push_back({Role::covariate, by});
        const auto bound = TRY(disparity::bind_columns(layout, wishes, where));
        for (const auto& column : bound.all) {
            const auto role = std::string(disparity::to_string(column.role));
            read_as(column.role == Role::covariate ? "match" : role, column.name, column.guessed);
            // What is guessed here must be read so in years to come.
            if (column.guessed) request_.columns[role] = column.name;
        }
        TRY(numbers(input, layout, bound));
        return try_rows(input, layout, bound);
    }

    // How the table is read, said; its title, if it has one, skipped.
    Result<TableLayout> table_of(const JudgedInput& input) {
        const bool said = request_.table.header_line != 0;
        auto layout = TRY(table_under_title(input.bytes(), request_.table, input.path.string()));
        lines_.push_back(described(input, form_of(layout, lang_), lang_));
        if (!said && request_.table.header_line != 0)
            lines_.push_back("    --header-line " + std::to_string(request_.table.header_line) + guessed());
        return layout;
    }

    std::string guessed() const { return lang_ == Lang::fr ? "  (deviné)" : "  (guessed)"; }
    // A column as the option that would name it, which is how to correct a guess.
    void read_as(const std::string& option, const std::string& column, bool is_guess) {
        lines_.push_back("    --" + option + " " + for_terminal(for_shell(column)) +
                         (is_guess ? guessed() : ""));
    }

    Status settle_columns(const TableLayout& layout, const std::string& where) {
        for (const auto& [option, role] : kColumns) {
            const auto it = request_.columns.find(role);
            if (it != request_.columns.end() && it->second != "-")
                TRY(settle_column(layout, option, it->second, where));
        }
        return {};
    }

    // Groups, strata, numbers to match on, and the groups that --reference and --hypothesis speak of.
    Status settle_groups(const JudgedInput& input, const TableLayout& layout) {
        const auto where = input.path.string();
        for (auto& by : request_.groups) TRY(settle_column(layout, "--group", by, where));
        for (auto& by : request_.strata) TRY(settle_column(layout, "--stratum", by, where));
        for (auto& by : request_.covariates) TRY(settle_column(layout, "--match", by, where));
        const auto known = [&](const char* option, std::string& by, const std::string& group) -> Status {
            TRY(settle_column(layout, option, by, where));
            if (std::find(request_.groups.begin(), request_.groups.end(), by) == request_.groups.end())
                return misuse(
                    {"people are not compared by this column", "on ne compare pas selon cette colonne"},
                    for_terminal(by),
                    {"add --group " + for_terminal(for_shell(by)),
                     "ajoutez --group " + for_terminal(for_shell(by))});
            // Groups of two pictures have names of their own.
            if (!request_.column("group-b").empty()) return {};
            return check_value(input.bytes(), layout, option, by, group, where);
        };
        decltype(request_.references) references;
        for (const auto& [typed, group] : request_.references) {
            auto by = typed;
            TRY(known("--reference", by, group));
            references[by] = group;
        }
        request_.references = std::move(references);
        for (auto& hypothesis : request_.declared) {
            TRY(known("--hypothesis", hypothesis.by, hypothesis.group));
            TRY(known("--hypothesis", hypothesis.by, hypothesis.against));
        }
        return {};
    }

    // Scores and numbers to match on are numbers, and a threshold is among them.
    Status numbers(const JudgedInput& input, const TableLayout& layout,
                   const disparity::BoundColumns& bound) {
        const auto where = input.path.string();
        for (const auto& by : request_.covariates)
            TRY(numbers_seen(input.bytes(), layout, "--match", by, where));
        const auto* score = bound.one(Role::score);
        if (!score || request_.mode == Mode::decisions) return {};
        std::optional<double> threshold;
        if (!request_.threshold.empty()) threshold = std::strtod(request_.threshold.c_str(), nullptr);
        const auto seen = TRY(numbers_seen(input.bytes(), layout, "--score", score->name, where, threshold));
        if (!threshold || (*threshold >= seen.least && *threshold <= seen.greatest)) return {};
        const auto from = shortest(seen.least), to = shortest(seen.greatest);
        return misuse({"no score is on the other side of the threshold: they go from " + from + " to " + to,
                       "aucune note n’est de l’autre côté du seuil : elles vont de " + from + " à " + to},
                      "--threshold " + request_.threshold,
                      {"write it on the scale of the scores", "écrivez-le à l’échelle des notes"});
    }

    Status career(const JudgedInput& input, const TableLayout& layout) {
        const auto where = input.path.string();
        if (request_.column("pay").empty() && request_.column("coefficient").empty())
            return misuse(
                {"nothing says what to compare (--pay or --coefficient)",
                 "rien ne dit quoi comparer (--pay ou --coefficient)"},
                where,
                {"the columns are: " + columns_of(layout), "les colonnes sont : " + columns_of(layout)});
        TRY(settle_columns(layout, where));
        for (auto& by : request_.groups) TRY(settle_column(layout, "--group", by, where));
        for (const auto& [option, role] : kColumns)
            if (const auto& name = request_.column(role); !name.empty()) read_as(role, name, false);
        for (const auto* what : {"pay", "coefficient"})
            if (const auto& name = request_.column(what); !name.empty())
                TRY(numbers_seen(input.bytes(), layout, ("--" + std::string(what)).c_str(), name, where));
        for (const auto* when : {"since", "until"})
            if (const auto& text = request_.column(when); !text.empty() && !is_month(text))
                return misuse({"this is no month", "ceci n’est pas un mois"},
                              "--" + std::string(when) + " " + for_terminal(text),
                              {"write 2012-01", "écrivez 2012-01"});
        return check_value(input.bytes(), layout, "--member", request_.column("person"),
                           request_.column("member"), where);
    }

    // The first rows as the analysis will read them: an outcome of words that nobody explained, or scores
    // that are none, are said now.
    Status try_rows(const JudgedInput& input, const TableLayout& layout,
                    const disparity::BoundColumns& bound) const {
        const auto bytes = input.bytes();
        const auto pieces = std::clamp<std::size_t>(bytes.size() / kTried, 1, 8);
        const auto ranges = split_table(bytes.substr(0, 8 * kTried), layout, pieces);
        const auto sample = pieces == 1 || ranges.empty() ? bytes : bytes.substr(0, ranges.front().end);
        const auto where = input.path.string();
        const auto& said = request_.column("positive");
        if (request_.mode == Mode::decisions) {
            disparity::DecisionsWish wish{bound, said};
            std::erase_if(wish.columns.all,
                          [](const disparity::BoundColumn& one) { return one.role == Role::covariate; });
            return count_decisions(sample, layout, wish, where).map([](const auto&) {});
        }
        if (request_.mode == Mode::scores) {
            disparity::ScoresWish wish;
            wish.columns = bound;
            wish.said = said;
            return read_scores(sample, layout, wish, where).map([](const auto&) {});
        }
        disparity::FacesWish wish;
        wish.columns = bound;
        wish.said = said;
        return read_faces(sample, layout, wish, where).map([](const auto&) {});
    }

    // "promoted=yes": the column and the value that counts.
    Status split_outcome(const TableLayout& layout) {
        for (const char* role : {"outcome", "genuine"}) {
            const auto it = request_.columns.find(role);
            if (it == request_.columns.end()) continue;
            const auto split = disparity::split_value(layout, it->second);
            it->second = split.column;
            if (!split.value.empty()) request_.columns["positive"] = split.value;
        }
        return {};
    }

    Status speakers(const JudgedInput& input) {
        const auto layout = TRY(table_of(input));
        const auto where = input.path.string();
        auto& person = request_.columns["person"];
        if (person.empty()) person = layout.columns.front();
        else TRY(settle_column(layout, "--person", person, where));
        if (request_.groups.empty()) {
            // A table of speakers is there to be compared by: all of its columns but those that tell persons.
            for (std::size_t i = 0; i < layout.columns.size(); ++i)
                if (layout.columns[i] != person && !disparity::tells_persons(input.bytes(), layout, i))
                    request_.groups.push_back(layout.columns[i]);
            if (request_.groups.empty())
                return misuse({"which column says whom to compare?", "quelle colonne dit qui comparer ?"},
                              where,
                              {"name it with --group: " + columns_of(layout),
                               "indiquez-la par --group : " + columns_of(layout)});
        }
        TRY(settle_groups(input, layout));
        for (const auto& by : request_.groups) read_as("group", by, false);
        read_as("person", person, false);
        return known_speakers(input, layout, *layout.column(person));
    }

    // A table that knows nobody who speaks would leave everybody out.
    Status known_speakers(const JudgedInput& input, const TableLayout& layout, std::size_t person) const {
        if (reference_.empty()) return {};
        std::string one;
        TableReader reader(input.bytes(), layout, {layout.rows, input.bytes().size(), layout.line});
        while (reader.next()) {
            if (reader.row().refused) continue;
            const auto name = folded_utterance_id(trimmed_cell(reader.row().cells[person]));
            if (reference_.contains(name)) return {};
            if (one.empty()) one = name;
        }
        const auto there = for_terminal(one), here = for_terminal(first_speaker_);
        return misuse(
            {"nobody in this table speaks in the transcripts: “" + there + "” here, “" + here + "” there",
             "personne dans ce tableau ne parle dans les transcriptions : « " + there + " » ici, « " + here +
                 " » là"},
            input.path.string(),
            {"write the names alike in a copy, or name the right column with --person",
             "écrivez les noms de même dans une copie, ou indiquez la bonne colonne par --person"});
    }

    Status transcript(JudgedInput& input) {
        std::map<std::string, std::string> columns;
        for (const auto* role : {"id", "speaker", "text"})
            if (!request_.column(role).empty()) columns[role] = request_.column(role);
        const auto where = input.path.string();
        auto layout = TRY(
            guess_transcript_layout(input.bytes(), columns, transcript_format(input.asked.format), where));
        // A table whose columns are called in no usual way is no plain text: the answer says what to name.
        const auto ending = input.path.extension();
        if (layout.format == TranscriptFormat::plain && input.asked.format.empty() &&
            (ending == ".csv" || ending == ".tsv")) {
            layout = TRY(guess_transcript_layout(input.bytes(), columns, TranscriptFormat::delimited, where));
            input.asked.format = to_string(layout.format);
        }
        lines_.push_back(described(
            input, role_name(input.asked.role) + ", " + std::string(to_string(layout.format)), lang_));
        for (const auto& [role, name] :
             {std::pair{"id", &layout.id}, {"speaker", &layout.speaker}, {"text", &layout.text}})
            if (!name->empty())
                lines_.push_back("    --map " + std::string(role) + "=" + for_terminal(for_shell(*name)) +
                                 (columns.contains(role) ? "" : guessed()));
        return same_ids(input, layout);
    }

    std::string role_name(const std::string& role) const {
        if (role == "reference") return lang_ == Lang::fr ? "référence" : "reference";
        if (role == "second") return lang_ == Lang::fr ? "second humain" : "second human";
        return lang_ == Lang::fr ? "système" : "system";
    }

    // Files that share no id were named by two hands: every word would count as lost.
    Status same_ids(const JudgedInput& input, const TranscriptLayout& layout) {
        // By line number, or by the time in a file: nothing to compare here.
        if (layout.format == TranscriptFormat::plain || layout.format == TranscriptFormat::ctm) return {};
        if (input.bytes().size() > kReadTwice) return {};
        const auto file = TRY(TranscriptFile::read(input.bytes(), layout, input.path.string()));
        UtteranceScratch scratch;
        if (input.asked.role == "reference") {
            for (std::size_t i = 0; i < file.size(); ++i) {
                const auto one = file.at(i, scratch);
                if (i == 0) first_id_ = one.id, first_speaker_ = one.speaker.empty() ? one.id : one.speaker;
                ids_.insert(folded_utterance_id(one.id));
                reference_.insert(folded_utterance_id(one.id));
                if (!one.speaker.empty()) reference_.insert(folded_utterance_id(one.speaker));
            }
            return {};
        }
        if (ids_.empty() || file.size() == 0) return {};
        for (std::size_t i = 0; i < file.size(); ++i)
            if (ids_.contains(folded_utterance_id(file.at(i, scratch).id))) return {};
        const auto here = for_terminal(file.at(0, scratch).id), there = for_terminal(first_id_);
        return misuse(
            {"no utterance has the same id as in the reference: “" + here + "” here, “" + there + "” there",
             "aucun énoncé n’a le même identifiant que dans la référence : « " + here + " » ici, « " + there +
                 " » là"},
            input.path.string(),
            {"write the ids alike in a copy (case does not matter)",
             "écrivez les identifiants de même dans une copie (la casse ne compte pas)"});
    }

    static constexpr std::size_t kReadTwice = std::size_t{64} << 20;
    std::set<std::string> ids_, reference_;  // of the reference: its ids; its ids and speakers
    std::string first_id_, first_speaker_;
    Request& request_;
    bool language_said_;
    Lang lang_;
    std::vector<std::string> lines_;
};

}  // namespace

Result<JudgedInput> open_judged(const std::string& name, std::string role, std::string called,
                                std::string format) {
    auto file = TRY(open_regular(name));
    auto stored = TRY(MappedFile::of(file, name));
    JudgedInput out{{"", std::move(role), std::move(called), std::move(format)},
                    name,
                    std::move(file),
                    std::move(stored),
                    std::nullopt};
    const auto compression = compression_of(out.stored.bytes());
    if (compression != Compression::none)
        out.inside = TRY(decompress(out.stored.bytes(), compression, kLargestInput, name));
    return out;
}

Result<Request> disparity_request(const Arguments& arguments, Mode mode) {
    Request out;
    out.mode = mode;
    for (const auto& [option, role] : kColumns)
        if (arguments.has(option)) out.columns[role] = arguments.get(option);
    for (const auto& [option, role] : kValues)
        if (arguments.has(option)) out.columns[role] = arguments.get(option);
    TRY(add_map(arguments, out));
    TRY(table_wishes(arguments, out.table));
    out.groups = arguments.all("--group");
    out.strata = arguments.all("--stratum");
    out.covariates = arguments.all("--match");
    for (const auto& text : arguments.all("--reference")) {
        const auto [by, group] = TRY(pair_of(text));
        out.references[by] = group;
    }
    for (const auto& text : arguments.all("--hypothesis")) out.declared.push_back(TRY(hypothesis_of(text)));
    out.alpha = TRY(decimal_of(arguments, "--alpha", "0.05"));
    const double alpha = std::strtod(out.alpha.c_str(), nullptr);
    if (!(alpha >= 0.001 && alpha <= 0.2))
        return misuse({"this is no level that makes sense", "ce seuil n’a pas de sens"}, out.alpha,
                      {"write 0.001 to 0.2", "écrivez de 0.001 à 0.2"});
    out.threshold = TRY(decimal_of(arguments, "--threshold", ""));
    out.lower_is_alike = arguments.has("--distance");
    out.language = arguments.get("--language", arguments.lang == Lang::fr ? "fr" : "en");
    if (out.language != "en" && out.language != "fr")
        return misuse({"no such language here", "cette langue n’est pas connue ici"}, out.language,
                      {"write en or fr", "écrivez en ou fr"});
    out.profile = arguments.get("--profile", "whisper");
    if (out.profile != "raw" && out.profile != "koenecke" && out.profile != "whisper")
        return misuse({"no such way of writing words", "cette normalisation n’existe pas"}, out.profile,
                      {"raw, koenecke or whisper", "raw, koenecke ou whisper"});
    out.seed = TRY(number_of(arguments, "--seed", 1, 0));
    out.permutations = TRY(number_of(arguments, "--permutations", 9999, 99));
    out.replicates = TRY(number_of(arguments, "--replicates", 10000, 99));
    return out;
}

Result<std::vector<JudgedInput>> open_judged_inputs(const Arguments& arguments, Mode mode) {
    std::vector<JudgedInput> out;
    const auto add = [&](const std::string& name, const char* role, std::string called) -> Status {
        if (called.empty()) called = to_valid_utf8(fs::path(name).filename().string());
        out.push_back(TRY(open_judged(name, role, std::move(called), arguments.get("--format"))));
        return {};
    };
    if (mode == Mode::transcripts) {
        TRY(add(arguments.get("--ref"), "reference", ""));
        if (arguments.has("--second")) TRY(add(arguments.get("--second"), "second", ""));
        for (const auto& hyp : arguments.all("--hyp")) {
            // NAME=FILE, unless there is a file of that whole name.
            std::error_code error;
            const auto equals = hyp.find('=');
            if (equals == std::string::npos || fs::exists(hyp, error)) TRY(add(hyp, "system", ""));
            else TRY(add(hyp.substr(equals + 1), "system", hyp.substr(0, equals)));
        }
        if (arguments.has("--speakers")) TRY(add(arguments.get("--speakers"), "speakers", ""));
        for (std::size_t i = 0; i < out.size(); ++i)
            for (std::size_t k = 0; k < i; ++k)
                if (out[i].asked.role == "system" && out[k].asked.role == "system" &&
                    out[i].asked.name == out[k].asked.name)
                    return misuse({"two transcripts have one name", "deux transcriptions ont le même nom"},
                                  out[i].asked.name,
                                  {"call them: --hyp a=FILE --hyp b=FILE",
                                   "nommez-les : --hyp a=FICHIER --hyp b=FICHIER"});
        return out;
    }
    if (arguments.has("--genuine-scores") || arguments.has("--impostor-scores")) {
        for (const auto* needed : {"--genuine-scores", "--impostor-scores"})
            if (!arguments.has(needed))
                return misuse({std::string(needed) + " is missing", std::string("il manque ") + needed}, "",
                              {"give both files of scores", "donnez les deux fichiers de notes"});
        TRY(add(arguments.get("--genuine-scores"), "genuine", ""));
        TRY(add(arguments.get("--impostor-scores"), "impostor", ""));
        return out;
    }
    if (!arguments.has("TABLE"))
        return misuse(
            {"which table?", "quel tableau ?"}, "",
            {"name a CSV file: contrechamp disparity " + std::string(to_string(mode)) + " table.csv",
             "indiquez un fichier CSV : contrechamp disparity " + std::string(to_string(mode)) +
                 " tableau.csv"});
    TRY(add(arguments.get("TABLE"), "rows", ""));
    return out;
}

Result<std::vector<std::string>> check_judged(std::vector<JudgedInput>& inputs, Request& request,
                                              const Arguments& arguments) {
    return Checker(request, arguments.has("--language"), arguments.lang).check(inputs);
}

}  // namespace contrechamp::cli
