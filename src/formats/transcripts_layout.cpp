// Guessing what a file of transcripts is.
#include <algorithm>
#include <set>

#include "base/bytes.h"
#include "base/escape.h"
#include "formats/transcripts_parts.h"

namespace contrechamp {

using namespace transcripts;

std::string_view to_string(TranscriptFormat format) {
    switch (format) {
        case TranscriptFormat::trn: return "trn";
        case TranscriptFormat::stm: return "stm";
        case TranscriptFormat::ctm: return "ctm";
        case TranscriptFormat::delimited: return "csv";
        case TranscriptFormat::json_lines: return "jsonl";
        case TranscriptFormat::plain: return "plain";
    }
    return "";
}

std::optional<TranscriptFormat> transcript_format(std::string_view name) {
    for (const auto format :
         {TranscriptFormat::trn, TranscriptFormat::stm, TranscriptFormat::ctm, TranscriptFormat::delimited,
          TranscriptFormat::json_lines, TranscriptFormat::plain})
        if (name == to_string(format)) return format;
    if (name == "tsv") return TranscriptFormat::delimited;
    if (name == "json") return TranscriptFormat::json_lines;
    if (name == "txt") return TranscriptFormat::plain;
    return std::nullopt;
}

std::string_view to_string(SpeakerRule rule) {
    switch (rule) {
        case SpeakerRule::none: return "none";
        case SpeakerRule::spu_id: return "spu_id";
        case SpeakerRule::wsj: return "wsj";
    }
    return "";
}

std::optional<SpeakerRule> speaker_rule(std::string_view name) {
    for (const auto rule : {SpeakerRule::none, SpeakerRule::spu_id, SpeakerRule::wsj})
        if (name == to_string(rule)) return rule;
    return std::nullopt;
}

std::string_view to_string(TranscriptRefusal refusal) {
    switch (refusal) {
        case TranscriptRefusal::no_id: return "no-id";
        case TranscriptRefusal::duplicate: return "duplicate";
        case TranscriptRefusal::columns: return "columns";
        case TranscriptRefusal::not_json: return "not-json";
        case TranscriptRefusal::bad_time: return "bad-time";
        case TranscriptRefusal::encoding: return "encoding";
        case TranscriptRefusal::too_long: return "too-long";
        case TranscriptRefusal::cut_off: return "cut-off";
        case TranscriptRefusal::ignored: return "ignored";
        case TranscriptRefusal::alternates: return "alternates";
    }
    return "";
}

json::Object TranscriptLayout::to_json() const {
    json::Object out{{"format", to_string(format)},
                     {"speakers", to_string(speakers)},
                     {"markup", markup},
                     {"start", start}};
    if (format == TranscriptFormat::delimited) {
        out["delimiter"] = std::string(1, delimiter);
        out["header"] = header;
    }
    if (!id.empty()) out["id"] = id;
    if (!speaker.empty()) out["speaker"] = speaker;
    if (!text.empty()) out["text"] = text;
    return out;
}

Result<TranscriptLayout> TranscriptLayout::from_json(const json::Value& value, const std::string& where) {
    TranscriptLayout out;
    const auto bad = [&](const char* member) {
        return fail({std::string("the layout's ") + member + " is not known",
                     std::string("la valeur de « ") + member + " » de la mise en page est inconnue"},
                    where, {"make the request again", "refaites la demande"});
    };
    const auto format = transcript_format(value["format"].string_or());
    if (!format) return bad("format");
    const auto rule = speaker_rule(value["speakers"].string_or("none"));
    if (!rule) return bad("speakers");
    const auto delimiter = value["delimiter"].string_or(",");
    if (delimiter.size() != 1 || std::string_view(",;\t|").find(delimiter[0]) == std::string_view::npos)
        return bad("delimiter");
    if (value["start"].int_or(0) < 0) return bad("start");
    out.format = *format;
    out.speakers = *rule;
    out.delimiter = delimiter[0];
    out.header = value["header"].bool_or(true);
    out.markup = value["markup"].bool_or(false);
    out.start = static_cast<std::uint64_t>(value["start"].int_or(0));
    out.id = value["id"].string_or();
    out.speaker = value["speaker"].string_or();
    out.text = value["text"].string_or();
    const bool table =
        out.format == TranscriptFormat::delimited || out.format == TranscriptFormat::json_lines;
    if (table && (out.id.empty() || out.text.empty())) return bad(out.id.empty() ? "id" : "text");
    return out;
}

namespace {

constexpr std::size_t kSample = std::size_t{1} << 20, kSampleRows = 200;

using Names = std::initializer_list<std::string_view>;
const Names kIds{"id",       "utt",        "utt_id",       "uttid",         "utterance", "utterance_id",
                 "segment",  "segment_id", "identifiant",  "énoncé",        "enonce",    "file",
                 "filename", "fichier",    "audio",        "path",          "clip",      "call_id",
                 "id_appel", "recording",  "recording_id", "enregistrement"};
const Names kSpeakers{"speaker",  "speaker_id",  "spk",       "spk_id",    "spkr",
                      "locuteur", "locuteur_id", "locutrice", "client_id", "participant",
                      "person",   "personne",    "agent",     "agent_id",  "conseiller"};
const Names kTexts{"text",      "texte",     "transcript", "transcription", "sentence",
                   "phrase",    "reference", "référence",  "ref",           "hypothesis",
                   "hypothèse", "hyp",       "prediction", "words",         "mots"};

std::string lowered(std::string_view name) {
    std::string out(trimmed(name));
    for (auto& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return out;
}

std::string first_of(const std::vector<std::string>& names, Names wanted) {
    for (const auto name : wanted)
        for (const auto& column : names)
            if (lowered(column) == name) return column;
    return {};
}

std::string listed(const std::vector<std::string>& names) {
    std::string out;
    for (std::size_t i = 0; i < names.size() && i < 30; ++i) out += (i ? ", " : "") + names[i];
    if (names.size() > 30) out += ", …";
    return out;
}

class Guess {
  public:
    Guess(std::string_view bytes, const std::map<std::string, std::string>& columns, const std::string& where)
        : bytes_(bytes), columns_(columns), where_(where) {
        if (bytes.starts_with("\xEF\xBB\xBF")) layout_.start = 3;
        LineReader lines(bytes.substr(layout_.start, kSample));
        while (const auto line = lines.next()) {
            if (lines_.size() == kSampleRows) break;
            // The sample's last line may be cut.
            if (!line->ended && bytes.size() > layout_.start + kSample && !lines_.empty()) break;
            if (!trimmed(line->text).empty() && !line->text.starts_with(";;")) lines_.push_back(line->text);
        }
    }

    Result<TranscriptLayout> make(std::optional<TranscriptFormat> forced) {
        if (bytes_.starts_with("\xFF\xFE") || bytes_.starts_with("\xFE\xFF"))
            return fail(
                {"the file is in UTF-16, which is not read", "le fichier est en UTF-16, qui n’est pas lu"},
                where_, {"save it as UTF-8", "enregistrez-le en UTF-8"});
        layout_.format = forced ? *forced : kind();
        const bool nist = layout_.format == TranscriptFormat::trn || layout_.format == TranscriptFormat::stm;
        layout_.markup = nist || layout_.format == TranscriptFormat::ctm;
        layout_.speakers = layout_.format == TranscriptFormat::trn ? SpeakerRule::spu_id : SpeakerRule::none;
        if (layout_.format == TranscriptFormat::delimited) TRY(delimited());
        if (layout_.format == TranscriptFormat::json_lines) TRY(name_fields(members()));
        TRY(settings());
        return layout_;
    }

  private:
    bool mostly(bool (*holds)(std::string_view)) const {
        const auto good = static_cast<std::size_t>(std::count_if(lines_.begin(), lines_.end(), holds));
        return good * 2 > lines_.size();
    }
    static bool is_trn(std::string_view line) {
        line = trimmed(line);
        const auto open = line.rfind('(');
        if (!line.ends_with(')') || open == line.npos) return false;
        const auto id = trimmed(line.substr(open + 1, line.size() - open - 2));
        return !id.empty() && std::none_of(id.begin(), id.end(), blank);
    }
    static bool times(std::string_view line, std::size_t first, bool stars) {
        std::string_view field[5];
        for (auto& word : field) word = next_field(line);
        const auto time = [&](std::string_view word) { return number(word) || (stars && word == "*"); };
        return !field[4].empty() && time(field[first]) && time(field[first + 1]);
    }
    static bool is_stm(std::string_view line) { return times(line, 3, false); }
    static bool is_ctm(std::string_view line) { return times(line, 2, true); }
    static bool over_six_fields(std::string_view line) {
        for (int i = 0; i < 6; ++i) next_field(line);
        return !next_field(line).empty();
    }
    static bool is_json(std::string_view line) {
        const auto value = json::parse(line, "");
        return value && value->if_object();
    }

    TranscriptFormat kind() const {
        if (mostly(is_json)) return TranscriptFormat::json_lines;
        if (mostly(is_trn)) return TranscriptFormat::trn;
        // A word that is a number makes a ctm row look like stm, a speaker that is a number an stm row like
        // ctm; but a ctm row has six fields at most.
        const bool stm = mostly(is_stm), ctm = mostly(is_ctm);
        if (stm && (!ctm || std::any_of(lines_.begin(), lines_.end(), over_six_fields)))
            return TranscriptFormat::stm;
        if (ctm) return TranscriptFormat::ctm;
        const auto columns = header(best_delimiter());
        const bool named = columns.size() > 1 &&
                           (!first_of(columns, kTexts).empty() || wanted(columns, "text")) &&
                           (!first_of(columns, kIds).empty() || wanted(columns, "id"));
        return named || numbered() ? TranscriptFormat::delimited : TranscriptFormat::plain;
    }
    bool wanted(const std::vector<std::string>& columns, const std::string& field) const {
        const auto it = columns_.find(field);
        return it != columns_.end() && std::find(columns.begin(), columns.end(), it->second) != columns.end();
    }
    // Whether the person names columns by their numbers.
    bool numbered() const {
        const auto it = columns_.find("text");
        return it != columns_.end() && !it->second.empty() &&
               std::all_of(it->second.begin(), it->second.end(), [](char c) { return c >= '0' && c <= '9'; });
    }
    std::vector<std::string> header(char delimiter) const {
        auto layout = layout_;
        layout.format = TranscriptFormat::delimited;
        layout.delimiter = delimiter;
        std::size_t begin = 0;
        return column_names(bytes_, layout, begin);
    }
    char best_delimiter() const {
        char best = ',';
        std::size_t most = 0;
        for (const char delimiter : {',', '\t', ';', '|'}) {
            const auto count = header(delimiter).size();
            if (count > most) best = delimiter, most = count;
        }
        return best;
    }

    Status delimited() {
        layout_.delimiter = best_delimiter();
        const auto columns = header(layout_.delimiter);
        if (numbered() && !wanted(columns, "text")) {
            layout_.header = false;
            std::size_t begin = 0;
            return name_fields(column_names(bytes_, layout_, begin));
        }
        return name_fields(columns);
    }
    std::vector<std::string> members() const {
        std::vector<std::string> names;
        std::set<std::string> known;
        const auto add = [&](const std::string& name) {
            if (known.size() < kMostColumns && known.insert(name).second) names.push_back(name);
        };
        for (const auto line : lines_) {
            const auto value = json::parse(line, where_);
            if (!value) continue;
            for (const auto& [name, member] : value->object_or_empty()) {
                add(name);
                for (const auto& [inner, _] : member.object_or_empty()) add(name + "." + inner);
            }
        }
        return names;
    }

    Status name_fields(const std::vector<std::string>& names) {
        const auto choose = [&](const char* field, Names usual, std::string& out) -> Status {
            const auto it = columns_.find(field);
            out = it == columns_.end() ? first_of(names, usual) : it->second;
            if (it == columns_.end() || std::find(names.begin(), names.end(), out) != names.end()) return {};
            return fail({"no column is called “" + out + "”; there are: " + listed(names),
                         "aucune colonne ne s’appelle « " + out + " » ; il y a : " + listed(names)},
                        where_, {"name one of these columns", "nommez une de ces colonnes"});
        };
        TRY(choose("id", kIds, layout_.id));
        TRY(choose("text", kTexts, layout_.text));
        TRY(choose("speaker", kSpeakers, layout_.speaker));
        for (const auto& [field, name] : {std::pair{"id", &layout_.id}, {"text", &layout_.text}})
            if (name->empty())
                return fail(
                    {std::string("no column could be told to hold the ") +
                         (field[0] == 'i' ? "utterance's id" : "words") + "; there are: " + listed(names),
                     std::string("aucune colonne ne se reconnaît comme ") +
                         (field[0] == 'i' ? "l’identifiant de l’énoncé" : "les mots") +
                         " ; il y a : " + listed(names)},
                    where_,
                    {std::string("name it: --map ") + field + "=COLUMN",
                     std::string("nommez-la : --map ") + field + "=COLONNE"});
        return {};
    }

    Status settings() {
        for (const auto& [name, value] : columns_) {
            if (name == "speakers") {
                const auto rule = speaker_rule(value);
                if (!rule) return unknown(name, value, "none, spu_id, wsj");
                layout_.speakers = *rule;
            } else if (name == "markup") {
                if (value != "yes" && value != "no") return unknown(name, value, "yes, no");
                layout_.markup = value == "yes";
            } else if (name != "id" && name != "speaker" && name != "text") {
                return unknown("map", name, "id, speaker, text, speakers, markup");
            }
        }
        return {};
    }
    Status unknown(const std::string& name, const std::string& value, const std::string& known) const {
        return fail({"“" + value + "” is not known for " + name + "; known: " + known,
                     "« " + value + " » est inconnu pour " + name + " ; valeurs connues : " + known},
                    where_, {"give one of them", "donnez-en une"});
    }

    std::string_view bytes_;
    const std::map<std::string, std::string>& columns_;
    const std::string& where_;
    TranscriptLayout layout_;
    std::vector<std::string_view> lines_;
};

}  // namespace

Result<TranscriptLayout> guess_transcript_layout(std::string_view bytes,
                                                 const std::map<std::string, std::string>& columns,
                                                 std::optional<TranscriptFormat> forced,
                                                 const std::string& where) {
    return Guess(bytes, columns, where).make(forced);
}

}  // namespace contrechamp
