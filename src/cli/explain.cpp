// contrechamp explain: from a sentence back to the bytes, so that a sceptic can repeat each step with xxd.
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <map>
#include <optional>
#include <set>

#include "base/bytes.h"
#include "base/escape.h"
#include "base/hash.h"
#include "cli/common.h"
#include "formats/compressed.h"
#include "report/model.h"
#include "report/words.h"

namespace contrechamp::cli {
namespace {

constexpr std::size_t kShownBytes = 256;
constexpr std::uint64_t kLargestInside = std::uint64_t{1} << 40;  // decompressed, as the analyzers have it

const Text kAltered{"this exhibit is not the bytes that were received: run contrechamp verify",
                    "cette pièce n’est plus celle qui a été reçue : lancez contrechamp verify"};

// As `xxd` prints them: offset, hexadecimal in pairs, and what is printable.
std::string hex_dump(std::string_view bytes, std::uint64_t offset, const std::string& indent) {
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += 16) {
        const auto row = bytes.substr(at, 16);
        char head[24];
        std::snprintf(head, sizeof head, "%08llx:", static_cast<unsigned long long>(offset + at));
        std::string hex, text;
        for (std::size_t i = 0; i < 16; ++i) {
            if (i % 2 == 0) hex += ' ';
            hex += i < row.size() ? to_hex(row.substr(i, 1)) : "  ";
            if (i < row.size()) text += row[i] >= 0x20 && row[i] < 0x7f ? row[i] : '.';
        }
        out += indent + head + hex + "  " + text + "\n";
    }
    return out;
}

// A range of what a compressed exhibit holds: "gzip:1200+453" (formats/compressed.h).
struct Inside {
    Compression compression = Compression::none;
    std::uint64_t offset = 0, length = 0;
};

std::optional<Inside> inside_of(std::string_view path) {
    for (const auto compression : {Compression::gzip, Compression::zstd}) {
        const auto name = std::string(to_string(compression)) + ":";
        if (!path.starts_with(name)) continue;
        Inside out{compression, 0, 0};
        const char* end = path.data() + path.size();
        const auto offset = std::from_chars(path.data() + name.size(), end, out.offset);
        if (offset.ec != std::errc{} || offset.ptr == end || *offset.ptr != '+') return std::nullopt;
        const auto length = std::from_chars(offset.ptr + 1, end, out.length);
        if (length.ec != std::errc{} || length.ptr != end) return std::nullopt;
        return out;
    }
    return std::nullopt;
}

class Explainer {
  public:
    // `index` is null for a case that was never analysed: it still has its exhibits.
    Explainer(const Case& opened, const Index* index, const Knowledge& knowledge, Lang lang)
        : opened_(opened), index_(index), knowledge_(knowledge), lang_(lang) {}

    Status explain(const Index::Document& document, int depth) {
        if (!seen_.insert(document.id).second) return {};
        const auto item = TRY(json::parse(document.json, "index.sqlite"));
        const std::string indent(static_cast<std::size_t>(depth) * 2, ' ');
        if (document.what == "findings") return finding(document, item, indent, depth);
        if (document.what == "observations") return observation(document, item, indent, depth);
        TRY(print(indent + t("coverage ", "couverture ") + document.id + "\n" + indent + "  " +
                  for_terminal(json::canonical(item)) + "\n"));
        return where(item["locator"], indent + "  ");
    }

    // The exhibit itself: where it came from, each time it was logged, and what was read in it.
    Status exhibit(const std::string& sha256) {
        TRY(print(t("exhibit ", "pièce ") + sha256 + "\n"));
        const Exhibit* first = nullptr;
        for (const auto& entry : opened_.log().entries) {
            if (entry.action != "exhibit-added") continue;
            const auto logged = Exhibit::from_json(entry.body["exhibit"]);
            if (logged.sha256 != sha256) continue;
            TRY(print("  " + t("custody entry ", "entrée de garde ") + std::to_string(entry.sequence) + ": " +
                      for_terminal(origin_of(logged, knowledge_, lang_)) + "; " +
                      for_terminal(logged.acquired) + "; " + for_terminal(logged.collector) + "; uid " +
                      std::to_string(logged.uid) +
                      (logged.note.empty() ? "" : "; " + for_terminal(logged.note)) + "\n"));
        }
        for (const auto& one : opened_.exhibits())
            if (one.sha256 == sha256) first = &one;
        TRY(print("  " + for_terminal(first->type) + "; " + std::to_string(first->size) +
                  t(" bytes", " octets") + "\n"));
        TRY(print_exact("  $ sha256sum " +
                        for_terminal(for_shell((opened_.directory() / first->path()).string())) + "\n"));
        const auto file = opened_.read(*first);
        if (!file) TRY(print("  " + error_line(file.error(), lang_) + "\n"));
        else if (altered(*first, file->bytes())) TRY(print("  " + kAltered.in(lang_) + "\n"));
        return index_ ? read_in(sha256) : Status();
    }

  private:
    Status read_in(const std::string& sha256) {
        for (const char* what : {"observations", "coverage"}) {
            for (const auto& document : TRY(index_->documents(what))) {
                const auto item = TRY(json::parse(document.json, "index.sqlite"));
                const auto locator = TRY(Locator::from_json(item["locator"]));
                if (locator.exhibit != sha256) continue;
                const auto inside = inside_of(locator.path);
                TRY(print(
                    "  " + t("bytes ", "octets ") + std::to_string(inside ? inside->offset : locator.offset) +
                    "+" + std::to_string(inside ? inside->length : locator.length) +
                    (inside ? ", " + std::string(to_string(inside->compression)) : std::string()) + "  " +
                    document.id.substr(0, 12) + "  " + for_terminal(document.kind) + "  " +
                    for_terminal(item["subject"]["label"].string_or(item["state"].string_or())) + "\n"));
            }
        }
        return {};
    }

    std::string t(const char* en, const char* fr) const { return lang_ == Lang::fr ? fr : en; }

    Status finding(const Index::Document& document, const json::Value& item, const std::string& indent,
                   int depth) {
        const bool lead = item["lead"].bool_or(false);
        TRY(print(indent + (lead ? t("lead ", "piste ") : t("finding ", "constat ")) + document.id + "\n"));
        TRY(print(indent + "  " + for_terminal(text_from(item["statement"]).in(lang_)) + "\n"));
        TRY(print(indent + "  " + t("strength: ", "force : ") +
                  describe(TRY(strength_from(item["strength"].string_or()))).in(lang_) +
                  t("; rule: ", " ; règle : ") + for_terminal(item["rule"].string_or()) + "\n"));
        const auto& ids = item["observations"].array_or_empty();
        TRY(print(
            indent + "  " + t("rests on ", "repose sur ") +
            counted(ids.size(), {"observation", "observation"}, {"observations", "observations"}, lang_) +
            t(":", " :") + "\n"));
        for (const auto& id : ids) TRY(explain_id(id.string_or(), depth + 1));
        return {};
    }

    Status explain_id(std::string_view id, int depth) {
        const auto found = TRY(index_->by_id(id));
        if (found.empty())
            return print(std::string(static_cast<std::size_t>(depth) * 2, ' ') + "observation " +
                         for_terminal(id) +
                         t(" is missing from index.sqlite: run contrechamp verify",
                           " manque dans index.sqlite : lancez contrechamp verify") +
                         "\n");
        return explain(found.front(), depth);
    }

    Status observation(const Index::Document& document, const json::Value& item, const std::string& indent,
                       int depth) {
        TRY(print(indent + "observation " + document.id + "\n"));
        TRY(print(indent + "  " + for_terminal(item["kind"].string_or()) + "  " +
                  for_terminal(item["subject"]["label"].string_or()) + "  " +
                  for_terminal(json::canonical(item["fields"])) + "\n"));
        TRY(print(indent + "  " + t("asserted by: ", "affirmé par : ") +
                  for_terminal(item["analyzer"].string_or()) + t("; basis: ", " ; fondement : ") +
                  describe(TRY(Observation::from_json(item)).basis).in(lang_) + "\n"));
        TRY(where(item["locator"], indent + "  "));
        for (const auto& id : item["from"].array_or_empty()) TRY(explain_id(id.string_or(), depth + 1));
        return {};
    }

    // What is shown must be known to be what was received. Each exhibit is hashed once.
    bool altered(const Exhibit& exhibit, std::string_view bytes) {
        const auto [it, fresh] = altered_.try_emplace(exhibit.sha256, false);
        if (fresh) it->second = sha256_hex(bytes) != exhibit.sha256;
        return it->second;
    }

    Status where(const json::Value& value, const std::string& indent) {
        const auto locator = TRY(Locator::from_json(value));
        const auto& exhibits = opened_.exhibits();
        const auto exhibit = std::find_if(exhibits.begin(), exhibits.end(),
                                          [&](const Exhibit& e) { return e.sha256 == locator.exhibit; });
        if (exhibit == exhibits.end()) {
            // Observations derived across exhibits cite the first of what they derive from; that one is
            // always there.
            return print(indent + t("exhibit ", "pièce ") + locator.exhibit +
                         t(" is not in the case", " n’est pas au dossier") + "\n");
        }
        TRY(print(indent + t("exhibit ", "pièce ") + exhibit->sha256 + "\n"));
        TRY(print(indent + "  " + for_terminal(origin_of(*exhibit, knowledge_, lang_)) + "; " +
                  exhibit->acquired + "; " + for_terminal(exhibit->collector) + "; uid " +
                  std::to_string(exhibit->uid) + "\n"));
        const auto inside = inside_of(locator.path);
        const auto path = for_shell((opened_.directory() / exhibit->path()).string());
        const auto offset = inside ? inside->offset : locator.offset;
        const auto length = inside ? inside->length : locator.length;
        TRY(print(indent + "  " + t("bytes ", "octets ") + std::to_string(offset) + "+" +
                  std::to_string(length) +
                  (locator.line ? t(", line ", ", ligne ") + std::to_string(locator.line) : "") +
                  (inside ? t(" of what it holds (", " de ce qu’elle contient (") +
                                std::string(to_string(inside->compression)) + ")"
                   : locator.path.empty() ? std::string()
                                          : ", " + for_terminal(locator.path)) +
                  "\n"));
        TRY(print_exact(indent + "  $ " + for_terminal(command(path, inside, offset, length)) + "\n"));
        const auto file = opened_.read(*exhibit);
        if (!file) return print(indent + "  " + error_line(file.error(), lang_) + "\n");
        if (altered(*exhibit, file->bytes())) TRY(print(indent + "  " + kAltered.in(lang_) + "\n"));
        if (!inside) return show(slice(file->bytes(), offset, length), offset, indent + "  ");
        if (opened_inside_ != exhibit->sha256) {
            inside_bytes_ = decompress(file->bytes(), inside->compression, kLargestInside, path);
            opened_inside_ = exhibit->sha256;
        }
        if (!inside_bytes_) return print(indent + "  " + error_line(inside_bytes_.error(), lang_) + "\n");
        return show(slice(inside_bytes_->bytes(), offset, length), offset, indent + "  ");
    }

    // What prints the same bytes without us.
    static std::string command(const std::string& path, const std::optional<Inside>& inside,
                               std::uint64_t offset, std::uint64_t length) {
        if (!inside) return "xxd -s " + std::to_string(offset) + " -l " + std::to_string(length) + " " + path;
        return (inside->compression == Compression::gzip ? "zcat " : "zstdcat ") + path + " | tail -c +" +
               std::to_string(offset + 1) + " | head -c " + std::to_string(length) + " | xxd -o " +
               std::to_string(offset);
    }

    Status show(const std::optional<std::string_view>& bytes, std::uint64_t offset,
                const std::string& indent) {
        if (!bytes)
            return print(indent +
                         t("these bytes are not there: the exhibit was altered",
                           "ces octets n’y sont pas : la pièce a été modifiée") +
                         "\n");
        const auto shown = bytes->substr(0, kShownBytes);
        TRY(print(hex_dump(shown, offset, indent)));
        if (shown.size() < bytes->size())
            TRY(print(indent + "… +" + std::to_string(bytes->size() - shown.size()) + t(" bytes", " octets") +
                      "\n"));
        return print(indent + t("as text: ", "en texte : ") +
                     for_terminal(bytes->substr(0, 4 * kShownBytes)) + "\n");
    }

    const Case& opened_;
    const Index* index_;
    const Knowledge& knowledge_;
    Lang lang_;
    std::set<std::string> seen_;
    std::map<std::string, bool> altered_;
    std::string opened_inside_;  // the compressed exhibit that was opened last, and what it holds
    Result<MappedFile> inside_bytes_ = tl::unexpected(Error{});
};

// Ids of what is asked for: rows of the index, and exhibits.
struct Found {
    std::vector<Index::Document> documents;
    std::string exhibit;
};

Result<Found> find(const Case& opened, const Result<Index>& index, const std::string& id) {
    Found out;
    std::set<std::string> ids;
    if (index) {
        out.documents = TRY(index->by_id(id));
        for (const auto& document : out.documents) ids.insert(document.id);
    }
    for (const auto& exhibit : opened.exhibits()) {
        if (!exhibit.sha256.starts_with(id)) continue;
        out.exhibit = exhibit.sha256;
        ids.insert(exhibit.sha256);
    }
    // A case that was never analysed still has its exhibits.
    if (ids.empty() && !index) return tl::unexpected(index.error());
    if (ids.empty())
        return fail({"nothing in this case has this id", "rien dans ce dossier ne porte cet identifiant"},
                    id);
    if (ids.size() > 1)
        return fail({"several ids begin like this", "plusieurs identifiants commencent ainsi"}, id,
                    {"give more of it", "donnez-en davantage"});
    return out;
}

Result<int> run(const Arguments& arguments) {
    const std::string id = arguments.get("ID");
    if (id.size() < 4 || id.find_first_not_of("0123456789abcdef") != std::string::npos)
        return misuse({"an id is made of at least 4 hexadecimal characters",
                       "un identifiant compte au moins 4 caractères hexadécimaux"},
                      id,
                      {"`contrechamp findings --case DIR` prints them",
                       "`contrechamp findings --case DIR` les affiche"});
    const auto opened = TRY(Case::open(TRY(case_folder(arguments)), Case::Mode::read));
    const auto index = index_of(opened, progress_line(arguments, {"deriving", "déduction"}));
    const auto found = TRY(find(opened, index, id));
    const auto knowledge = TRY(words_for(opened));
    Explainer explainer(opened, index ? &*index : nullptr, knowledge, arguments.lang);
    if (found.documents.empty()) TRY(explainer.exhibit(found.exhibit));
    else TRY(explainer.explain(found.documents.front(), 0));
    return 0;
}

}  // namespace

Verb explain_verb() {
    Verb verb;
    verb.name = "explain";
    verb.about = {"walk a finding, observation, coverage row or exhibit back to the bytes it rests on",
                  "remonter d’un constat, d’une observation, d’une couverture ou d’une pièce aux octets"};
    verb.example = "contrechamp explain a9dbb6d2a318 --case DIR";
    verb.options = {{"ID",
                     "",
                     {"its id, or the first characters", "son identifiant, ou ses premiers caractères"},
                     false,
                     true},
                    case_option()};
    verb.run = run;
    return verb;
}

}  // namespace contrechamp::cli
