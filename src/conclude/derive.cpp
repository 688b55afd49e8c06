#include "conclude/derive.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "analyze/analyzer.h"
#include "base/escape.h"
#include "base/hash.h"
#include "conclude/conclude.h"

namespace contrechamp {
namespace {

constexpr std::string_view kSelf = "case";  // who asserts coverage about exhibits as such
constexpr std::string_view kKnowledgeCollector = "analyze";

void cover_exhibit(Derivation& into, const Exhibit& exhibit, const char* reason, json::Object fields) {
    fields["origin"] = to_valid_utf8(exhibit.origin);
    fields["type"] = exhibit.type;
    into.coverage.push_back({std::string(kSelf), "exhibits", "", CoverageState::unreadable, reason,
                             std::move(fields), Locator{exhibit.sha256, 0, exhibit.size}});
}

// The exhibits as they are read: each is opened and checked against its digest once.
class Reading {
  public:
    Reading(const Case& opened, std::size_t entries) : opened_(opened) {
        const auto& all = opened.exhibits();
        for (std::size_t i = 0; i < entries; ++i) entries_.emplace(all[i].sha256, &all[i]);
    }

    // A conclusion must not rest on bytes that are not the exhibit's.
    Result<std::string_view> bytes(std::string_view sha256) {
        const auto it = entries_.find(sha256);
        if (it == entries_.end())
            return fail({"the case holds no such exhibit", "le dossier ne contient pas cette pièce"},
                        std::string(sha256), {"add the file to the case", "versez le fichier au dossier"});
        const auto open = files_.find(sha256);
        if (open != files_.end()) return open->second.bytes();
        auto file = opened_.read(*it->second);
        if (!file) {
            // It is the exhibit that cannot be read, and that is said of it.
            auto error = std::move(file).error();
            error.system = false;
            return tl::unexpected(std::move(error));
        }
        if (sha256_hex(file->bytes()) != sha256)
            return fail({"this exhibit was altered", "cette pièce a été modifiée"}, it->second->path());
        return files_.emplace(it->first, std::move(*file)).first->second.bytes();
    }
    // The same, remembering that another exhibit's analysis reads it.
    Result<std::string_view> for_another(std::string_view sha256) {
        auto out = bytes(sha256);
        if (out) named_.insert(std::string(sha256));
        return out;
    }
    void close(std::string_view sha256) { files_.erase(std::string(sha256)); }
    bool was_named(const std::string& sha256) const { return named_.contains(sha256); }

  private:
    const Case& opened_;
    std::map<std::string, const Exhibit*, std::less<>> entries_;
    std::map<std::string, MappedFile, std::less<>> files_;
    std::set<std::string> named_;
};

// What the exhibit cannot help (a full disk under a computation) is an error, and no conclusion about it.
Status analyze_one(const Exhibit& exhibit, std::string_view bytes, const Knowledge& knowledge,
                   Reading& reading, Derivation& into) {
    const Exhibits others = [&](std::string_view sha256) { return reading.for_another(sha256); };
    for (const auto* analyzer : analyzers()) {
        if (!analyzer->reads(exhibit.type)) continue;
        Output out(into, analyzer->name);
        const auto done = analyzer->analyze({exhibit.sha256, exhibit.type, bytes}, knowledge, others, out);
        if (!done && done.error().system) return done;
        if (!done)
            cover_exhibit(into, exhibit, "damaged",
                          {{"where", to_valid_utf8(done.error().where)},
                           {"what_en", done.error().what.en},
                           {"what_fr", done.error().what.fr}});
    }
    return {};
}

bool is_read(const Exhibit& exhibit) {
    const auto all = analyzers();
    return std::any_of(all.begin(), all.end(),
                       [&](const Analyzer* analyzer) { return analyzer->reads(exhibit.type); });
}

// Marks that mean more together than each alone (a product's groups): when all of one group are there on a
// machine, a derived observation says so and names them.
void add_group_marks(const Knowledge& knowledge, std::vector<Observation>& observations) {
    using Key = std::pair<std::string, std::string>;  // host, product
    std::map<Key, std::map<std::string, const Observation*>> marks;
    for (const auto& observation : observations) {
        if (observation.subject.kind != "product" || !observation.kind.starts_with("product.")) continue;
        const auto type = observation.fields.find("type"), value = observation.fields.find("value");
        if (type == observation.fields.end() || value == observation.fields.end()) continue;
        marks[{observation.subject.host, observation.subject.key}].emplace(
            std::string(type->second.string_or()) + ":" + std::string(value->second.string_or()),
            &observation);
    }
    std::vector<Observation> derived;
    for (const auto& [key, found] : marks) {
        const auto* product = knowledge.product(key.second);
        if (!product) continue;
        for (const auto& group : product->groups) {
            Observation out{
                std::string(kSelf), "product.group", {"product", key.first, product->id, product->name}};
            out.basis = Basis::derived;
            const bool all = std::all_of(group.all_of.begin(), group.all_of.end(),
                                         [&](const std::string& mark) { return found.contains(mark); });
            if (!all) continue;
            for (const auto& mark : group.all_of) out.from.push_back(found.at(mark)->id());
            out.locator = found.at(group.all_of.front())->locator;
            out.fields = {{"channel", "group"},
                          {"class", product->product_class},
                          {"confidence", to_string(group.confidence)},
                          {"marks", json::strings(group.all_of)},
                          {"specific", true},
                          {"side", "agent"},
                          {"strength", "installed"},
                          {"unforgeable", group.confidence != Confidence::low}};
            derived.push_back(std::move(out));
        }
    }
    std::move(derived.begin(), derived.end(), std::back_inserter(observations));
}

}  // namespace

bool is_kept_knowledge(const Exhibit& exhibit) {
    return exhibit.type == kKnowledgeType && exhibit.collector == kKnowledgeCollector;
}

Result<Derivation> derive(const Case& opened, const Knowledge& knowledge, std::size_t exhibits,
                          const Progress& progress) {
    Derivation out;
    for (const auto* analyzer : analyzers())
        for (const auto& table : analyzer->tables) out.tables.push_back({&table, {}});
    const auto rules = TRY(load_rules(knowledge));
    const auto& entries = opened.exhibits();
    const std::size_t total = std::min(exhibits, entries.size());
    std::set<std::string_view> seen;
    Reading reading(opened, total);
    std::vector<const Exhibit*> unread;
    for (std::size_t i = 0; i < total; ++i) {
        const auto& exhibit = entries[i];
        if (is_kept_knowledge(exhibit) || !seen.insert(exhibit.sha256).second) continue;
        if (progress) progress(i, total, exhibit.origin);
        if (!is_read(exhibit)) {
            unread.push_back(&exhibit);
            continue;
        }
        const auto bytes = reading.bytes(exhibit.sha256);
        if (bytes) TRY(analyze_one(exhibit, *bytes, knowledge, reading, out));
        else cover_exhibit(out, exhibit, opened.read(exhibit) ? "altered" : "missing", {});
        if (!reading.was_named(exhibit.sha256)) reading.close(exhibit.sha256);
    }
    for (const auto* exhibit : unread) {
        if (reading.was_named(exhibit->sha256)) continue;
        const auto digest = digest_file(opened.directory() / exhibit->path());
        const char* reason = !digest                             ? "missing"
                             : digest->sha256 == exhibit->sha256 ? "no-analyzer"
                                                                 : "altered";
        cover_exhibit(out, *exhibit, reason, {});
    }
    add_group_marks(knowledge, out.observations);
    out.findings = conclude(out.observations, rules, knowledge);
    if (progress) progress(total, total, "");
    return out;
}

Result<Derivation> analyze_case(Case& opened, const Knowledge& knowledge, const Progress& progress) {
    const std::size_t exhibits = opened.exhibits().size();
    auto derivation = TRY(derive(opened, knowledge, exhibits, progress));
    const auto& known = opened.exhibits();
    if (std::none_of(known.begin(), known.end(),
                     [&](const Exhibit& e) { return e.sha256 == knowledge.sha256(); })) {
        Exhibit about;
        about.type = kKnowledgeType;
        about.origin = "knowledge";
        about.collector = kKnowledgeCollector;
        TRY(opened.add_bytes(knowledge.bundle(), std::move(about)));
    }
    TRY(opened.record(
        "analyzed",
        {{"knowledge", knowledge.sha256()}, {"exhibits", exhibits}, {"summary", derivation.summary()}}));
    TRY(Index::write(opened.directory() / "index.sqlite", derivation, opened.log().head()));
    return derivation;
}

std::optional<AnalysisRecord> last_analysis(const Case& opened) {
    const auto& entries = opened.log().entries;
    const auto it = std::find_if(entries.rbegin(), entries.rend(),
                                 [](const LogEntry& e) { return e.action == "analyzed"; });
    if (it == entries.rend()) return std::nullopt;
    return AnalysisRecord{it->hash, std::string(it->body["knowledge"].string_or()),
                          static_cast<std::size_t>(std::max<std::int64_t>(0, it->body["exhibits"].int_or(0))),
                          it->body["summary"], std::string(it->body["tool"].string_or())};
}

Result<Knowledge> knowledge_of(const Case& opened, const AnalysisRecord& record) {
    for (const auto& exhibit : opened.exhibits()) {
        if (exhibit.sha256 != record.knowledge) continue;
        const auto file = TRY(opened.read(exhibit));
        if (sha256_hex(file.bytes()) != exhibit.sha256)
            return fail({"the knowledge kept in the case was altered",
                         "les connaissances gardées au dossier ont été modifiées"},
                        exhibit.path());
        return Knowledge::from_bundle(file.bytes(), exhibit.path());
    }
    return fail({"the case does not hold the knowledge it was analysed with",
                 "le dossier ne contient pas les connaissances de son analyse"},
                record.knowledge, {"run `contrechamp analyze` again", "relancez `contrechamp analyze`"});
}

Result<Index> index_of(const Case& opened, const Progress& progress, Index::Depth depth) {
    const auto record = last_analysis(opened);
    if (!record)
        return fail({"this case has not been analysed", "ce dossier n’a pas encore été analysé"},
                    opened.directory().string(),
                    {"run `contrechamp analyze --case " + opened.directory().string() + "`",
                     "lancez `contrechamp analyze --case " + opened.directory().string() + "`"});
    const fs::path path = opened.directory() / "index.sqlite";
    if (auto index = Index::open(path)) {
        const auto stamp = index->stamp();
        if (stamp && *stamp == record->entry_hash && index->holds(record->summary, depth).value_or(false))
            return index;
    }
    const auto knowledge = TRY(knowledge_of(opened, *record));
    const auto derivation = TRY(derive(opened, knowledge, record->exhibits, progress));
    // A case on read-only media keeps its index in memory.
    if (Index::write(path, derivation, record->entry_hash)) return Index::open(path);
    return Index::in_memory(derivation, record->entry_hash);
}

}  // namespace contrechamp
