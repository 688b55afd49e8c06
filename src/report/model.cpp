#include "report/model.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/files.h"
#include "evidence/sign.h"

namespace contrechamp {
namespace {

// Which verdict says most about a group of capabilities.
int weight(Verdict verdict) {
    switch (verdict) {
        case Verdict::seen: return 6;
        case Verdict::possible: return 5;
        case Verdict::lead: return 4;
        case Verdict::could_not_look: return 2;
        case Verdict::partly: return 3;
        case Verdict::not_seen: return 1;
        case Verdict::elsewhere: return 0;
    }
    return 0;
}

Verdict together(const std::vector<CapabilityView>& capabilities) {
    Verdict best = Verdict::elsewhere;
    bool looked = false, missed = false;
    for (const auto& view : capabilities) {
        if (weight(view.verdict) > weight(best)) best = view.verdict;
        looked |= view.verdict == Verdict::not_seen || view.verdict == Verdict::partly;
        missed |= view.verdict == Verdict::could_not_look || view.verdict == Verdict::partly;
    }
    // Half looked at is never "not seen".
    if ((best == Verdict::could_not_look || best == Verdict::not_seen) && looked && missed)
        return Verdict::partly;
    return best;
}

bool covers(const Check& check, const std::string& capability) {
    return std::find(check.capabilities.begin(), check.capabilities.end(), capability) !=
           check.capabilities.end();
}

bool is_gap(const Coverage& row) {
    return row.state == CoverageState::unreadable || row.state == CoverageState::not_recorded;
}

// Which gaps a later look has filled. A scan as root answers what an earlier one as an ordinary user left
// open, and one inside the session what one over the network could not ask; but only of the same machine, by
// the same collector, for the same person, and never backwards: what was whole last week says nothing about
// today.
class Answers {
  public:
    Answers(const Case& opened, const std::vector<Coverage>& coverage) {
        int run = 0;
        for (const auto& entry : opened.log().entries) {
            if (entry.action == "analyzed") ++run;
            if (entry.action != "exhibit-added") continue;
            const auto exhibit = Exhibit::from_json(entry.body["exhibit"]);
            // A record file that somebody handed over answers nothing of what was collected.
            if (exhibit.collector.starts_with("linux/"))
                looks_.emplace(exhibit.sha256, Look{run, exhibit.collector, exhibit.uid});
        }
        for (const auto& row : coverage) {
            const auto look = looks_.find(row.locator.exhibit);
            if (look == looks_.end()) continue;
            const auto& [made, collector, uid] = look->second;
            auto& seen = seen_[{row.host, row.check, collector}][{made, uid}];
            (is_gap(row) ? seen.missed : seen.looked) = true;
        }
    }

    // Whether a row still says that something could not be looked at.
    bool open(const Coverage& row) const {
        if (!is_gap(row)) return false;
        const auto look = looks_.find(row.locator.exhibit);
        if (look == looks_.end()) return true;
        const auto looks = seen_.find({row.host, row.check, look->second.collector});
        for (const auto& [when, seen] : looks->second) {
            const auto& [run, uid] = when;
            if (run > look->second.run && (uid == look->second.uid || uid == 0) && seen.looked &&
                !seen.missed)
                return false;
        }
        return true;
    }

  private:
    struct Look {
        int run = 0;  // how many analyses came before
        std::string collector;
        std::int64_t uid = 0;  // as whom it looked
    };
    struct Seen {
        bool looked = false, missed = false;
    };
    std::map<std::string, Look> looks_;  // by exhibit
    // host, check, collector; run, uid
    std::map<std::array<std::string, 3>, std::map<std::pair<int, std::int64_t>, Seen>> seen_;
};

struct Looked {
    bool looked = false, missed = false;
};

std::map<std::string, Looked> looked_at(const std::vector<Coverage>& coverage, const Answers& answers) {
    std::map<std::string, Looked> out;
    for (const auto& row : coverage) {
        auto& entry = out[row.check];
        if (!is_gap(row)) entry.looked = true;
        // Other people's files are left alone on purpose: that is a limit of the scan, said once, not a gap
        // in each check.
        else if (row.reason != "other-people" && answers.open(row)) entry.missed = true;
    }
    return out;
}

// What the case looked at, by the checks that were carried out or could not be; a computer, when nothing
// says.
std::set<std::string_view> realms_of(const ReportModel& model, const Knowledge& knowledge) {
    std::map<std::string_view, std::string_view> realm_of_group;
    for (const auto& group : knowledge.groups()) realm_of_group[group.id] = group.realm;
    std::set<std::string_view> out;
    for (const auto& row : model.coverage) {
        const auto* check = knowledge.check(row.check);
        if (!check) continue;
        for (const auto& id : check->capabilities)
            if (const auto* capability = knowledge.capability(id))
                out.insert(realm_of_group[capability->group]);
    }
    if (out.empty()) out.insert("computer");
    return out;
}

void add_groups(ReportModel& model, const Knowledge& knowledge, const Answers& answers) {
    const auto looked = looked_at(model.coverage, answers);
    const auto realms = realms_of(model, knowledge);
    model.realm = realms.contains("computer") ? "computer"
                  : realms.size() == 1        ? std::string(*realms.begin())
                                              : "files";
    for (const auto& group : knowledge.groups()) {
        if (!realms.contains(group.realm)) continue;
        GroupView view;
        view.group = &group;
        for (const auto& capability : knowledge.capabilities()) {
            if (capability.group != group.id) continue;
            CapabilityView c;
            c.capability = &capability;
            bool seen = false;
            for (std::size_t i = 0; i < model.findings.size(); ++i) {
                const auto& finding = model.findings[i];
                for (const auto& has : finding.capabilities) {
                    if (has.id != capability.id || has.status == "vendor-denied") continue;
                    (finding.lead ? c.leads : c.findings).push_back(i);
                    if (finding.lead) continue;
                    seen |= has.status == "seen";
                    c.strength = c.strength ? stronger(*c.strength, finding.strength) : finding.strength;
                }
            }
            for (const auto& check : knowledge.checks()) {
                if (!covers(check, capability.id)) continue;
                const auto it = looked.find(check.id);
                if (it != looked.end() && it->second.looked) c.checks_looked.push_back(check.id);
                if (it == looked.end() || it->second.missed || !it->second.looked)
                    c.checks_missed.push_back(check.id);
            }
            const bool none = c.checks_looked.empty() && c.checks_missed.empty();
            c.verdict = !c.findings.empty()       ? (seen ? Verdict::seen : Verdict::possible)
                        : !c.leads.empty()        ? Verdict::lead
                        : none                    ? Verdict::elsewhere
                        : c.checks_looked.empty() ? Verdict::could_not_look
                        : c.checks_missed.empty() ? Verdict::not_seen
                                                  : Verdict::partly;
            view.capabilities.push_back(std::move(c));
        }
        view.verdict = together(view.capabilities);
        model.groups.push_back(std::move(view));
    }
}

// A few names, then how many more: all of them stand in the coverage.
std::string some_of(const std::vector<std::string>& names) {
    constexpr std::size_t kNamed = 5;
    std::string out;
    for (std::size_t i = 0; i < std::min(names.size(), kNamed); ++i) out += (i ? ", " : "") + names[i];
    return names.size() > kNamed ? out + " … (+" + std::to_string(names.size() - kNamed) + ")" : out;
}

void note_once(std::vector<std::string>& list, const std::string& item) {
    if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

// Rows of one reason that differ only by their path are one sentence ("Only root may read A, B and C"), and
// so are exhibits of one reason.
void add_gaps(ReportModel& model, const Knowledge& knowledge, const Answers& answers) {
    struct Found {
        Gap gap;
        json::Object fields;
        std::vector<std::string> paths, origins;
    };
    std::vector<Found> all;
    std::map<std::string, std::size_t> by_reason;
    for (std::size_t i = 0; i < model.coverage.size(); ++i) {
        const auto& row = model.coverage[i];
        if (!answers.open(row)) continue;
        const auto* reason = knowledge.reason(row.reason);
        auto fields = row.fields;
        const auto text_of = [&](const char* name) {
            const auto it = fields.find(name);
            return it == fields.end() ? std::string() : std::string(it->second.string_or());
        };
        const std::string path = text_of("path"), origin = text_of("origin");
        const bool one_of_many = reason && !reason->many.empty();
        fields.erase("path");
        const std::string key =
            row.reason + (one_of_many ? "" : json::canonical(fields)) + (path.empty() ? "" : "+path");
        const auto [it, fresh] = by_reason.emplace(key, all.size());
        if (fresh)
            all.push_back(
                {{row.reason, {}, {}, row.state == CoverageState::not_recorded, {}, {}}, fields, {}, {}});
        auto& entry = all[it->second];
        if (!path.empty()) note_once(entry.paths, path);
        if (one_of_many) entry.origins.push_back(fs::path(origin).filename().string());
        note_once(entry.gap.checks, row.check);
        entry.gap.coverage.push_back(model.coverage_ids[i]);
    }
    for (auto& entry : all) {
        std::string paths;
        for (const auto& path : entry.paths) paths += (paths.empty() ? "" : ", ") + path;
        if (!paths.empty()) entry.fields["path"] = paths;
        const auto* reason = knowledge.reason(entry.gap.reason);
        const bool many = entry.origins.size() > 1;
        if (many) {
            entry.fields["count"] = entry.origins.size();
            entry.fields["origins"] = some_of(entry.origins);
        }
        entry.gap.why = reason ? filled_text(many ? reason->many : reason->why, entry.fields, knowledge)
                               : Text{entry.gap.reason, entry.gap.reason};
        if (reason) entry.gap.remedy = filled_text(reason->remedy, entry.fields, knowledge);
        model.gaps.push_back(std::move(entry.gap));
    }
    // What the reader can mend comes first, and what one remedy would mend stands together.
    std::map<std::string, std::size_t> order;
    for (const auto& gap : model.gaps) order.emplace(gap.remedy.en, order.size());
    std::stable_sort(model.gaps.begin(), model.gaps.end(), [&](const Gap& a, const Gap& b) {
        return std::pair(a.remedy.empty(), order[a.remedy.en]) <
               std::pair(b.remedy.empty(), order[b.remedy.en]);
    });
}

void add_matrix(ReportModel& model, const Knowledge& knowledge) {
    std::map<std::string, std::size_t> by_label;
    for (std::size_t i = 0; i < model.findings.size(); ++i) {
        const auto& finding = model.findings[i];
        if (finding.lead) continue;
        const auto* product = knowledge.product(finding.product);
        const std::string label = product ? product->name : finding.subject.label;
        const auto [it, fresh] = by_label.emplace(label, model.matrix.size());
        if (fresh) model.matrix.push_back({label, finding.product_class, {}, {}});
        auto& row = model.matrix[it->second];
        row.findings.push_back(i);
        for (const auto& has : finding.capabilities) {
            const auto* capability = knowledge.capability(has.id);
            if (!capability || has.status == "vendor-denied") continue;
            const bool seen = has.status == "seen";
            const auto [place, first] =
                row.cells.try_emplace(capability->group, MatrixCell{finding.strength, seen, i});
            auto& cell = place->second;
            // What was seen counts before what is only documented.
            if (!first && std::pair(!seen, finding.strength) < std::pair(!cell.seen, cell.strength))
                cell = {finding.strength, seen, i};
        }
    }
}

template <class Item>
Result<Item> parsed(const Index::Document& document) {
    const auto value = TRY(json::parse(document.json, "index.sqlite"));
    return Item::from_json(value);
}

}  // namespace

std::string_view to_string(Verdict verdict) {
    switch (verdict) {
        case Verdict::seen: return "seen";
        case Verdict::possible: return "possible";
        case Verdict::lead: return "lead";
        case Verdict::not_seen: return "not-seen";
        case Verdict::partly: return "partly";
        case Verdict::could_not_look: return "could-not-look";
        case Verdict::elsewhere: return "elsewhere";
    }
    return "";
}

Text describe(Verdict verdict) {
    switch (verdict) {
        case Verdict::seen: return {"seen", "constaté"};
        case Verdict::possible: return {"possible, says the maker", "possible, selon l’éditeur"};
        case Verdict::lead: return {"to look into", "à vérifier"};
        case Verdict::not_seen: return {"not seen", "rien vu"};
        case Verdict::partly:
            return {"nothing seen, not everything could be looked at",
                    "rien vu, mais tout n’a pas pu être examiné"};
        case Verdict::could_not_look: return {"could not look", "examen impossible"};
        case Verdict::elsewhere: return {"not visible from a computer", "invisible depuis un ordinateur"};
    }
    return {};
}

std::optional<Strength> strongest_seen(const GroupView& group) {
    std::optional<Strength> best;
    for (const auto& view : group.capabilities)
        if (view.verdict == Verdict::seen && view.strength)
            best = best ? stronger(*best, *view.strength) : *view.strength;
    return best;
}

Text verdict_words(const GroupView& group) {
    const auto best = group.verdict == Verdict::seen ? strongest_seen(group) : std::nullopt;
    return best ? describe(*best) : describe(group.verdict);
}

std::vector<std::size_t> findings_of(const ReportModel& model, const GroupView& group) {
    std::set<std::size_t> findings, leads;
    for (const auto& view : group.capabilities) {
        findings.insert(view.findings.begin(), view.findings.end());
        leads.insert(view.leads.begin(), view.leads.end());
    }
    const auto& chosen = findings.empty() ? leads : findings;
    std::vector<std::size_t> out(chosen.begin(), chosen.end());
    std::stable_sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) {
        return model.findings[a].strength < model.findings[b].strength;
    });
    return out;
}

Text describe(Strength strength) {
    switch (strength) {
        case Strength::observed: return {"observed", "observé"};
        case Strength::used: return {"used", "utilisé"};
        case Strength::granted: return {"granted", "permis"};
        case Strength::configured: return {"configured", "configuré"};
        case Strength::installed: return {"installed", "installé"};
        case Strength::contacted: return {"contacted", "contacté"};
    }
    return {};
}

Text explain(Strength strength) {
    switch (strength) {
        case Strength::observed:
            return {"seen acting in what was looked at", "vu à l’œuvre dans ce qui a été examiné"};
        case Strength::used:
            return {"the system recorded a use, with a time",
                    "le système a consigné un usage, avec une date"};
        case Strength::granted:
            return {"it has the permission; no use was seen",
                    "il en a la permission ; aucun usage n’a été vu"};
        case Strength::configured:
            return {"it runs or is set to run; no use was seen",
                    "il tourne ou est réglé pour tourner ; aucun usage n’a été vu"};
        case Strength::installed:
            return {"its files are present; nothing shows that it runs",
                    "ses fichiers sont présents ; rien ne montre qu’il tourne"};
        case Strength::contacted:
            return {"only traffic towards it was seen", "seul du trafic vers lui a été vu"};
    }
    return {};
}

Text describe(Basis basis) {
    switch (basis) {
        case Basis::measured: return {"measured", "mesuré"};
        case Basis::declared: return {"declared by the program itself", "déclaré par le programme lui-même"};
        case Basis::derived: return {"derived from other observations", "déduit d’autres observations"};
    }
    return {};
}

Text describe(CoverageState state) {
    switch (state) {
        case CoverageState::present: return {"looked, something is there", "examiné, il y a quelque chose"};
        case CoverageState::absent: return {"looked, nothing there", "examiné, rien"};
        case CoverageState::not_recorded:
            return {"this system keeps no such trace", "ce système ne garde pas cette trace"};
        case CoverageState::unreadable: return {"could not be read", "n’a pas pu être lu"};
    }
    return {};
}

Counts ReportModel::counts() const {
    Counts out;
    for (const auto& finding : findings) out.add(finding);
    out.gaps = gaps.size();
    out.of_computers = realm == "computer";
    return out;
}

bool ReportModel::files_only() const {
    return std::none_of(exhibits.begin(), exhibits.end(),
                        [](const Exhibit& e) { return e.collector.starts_with("linux/"); });
}

std::vector<GapGroup> ReportModel::gap_groups() const {
    std::vector<GapGroup> out;
    for (const auto& gap : gaps) {
        if (out.empty() || out.back().remedy != gap.remedy) out.push_back({gap.remedy, {}});
        out.back().gaps.push_back(&gap);
    }
    return out;
}

Text filled_text(const Text& text, const json::Object& fields, const Knowledge& knowledge) {
    const auto fill = [&](const std::string& sentence, Lang lang) {
        std::string out;
        for (std::size_t at = 0; at < sentence.size();) {
            const auto open = sentence.find('{', at), close = sentence.find('}', open);
            if (open == std::string::npos || close == std::string::npos) return out + sentence.substr(at);
            const auto it = fields.find(sentence.substr(open + 1, close - open - 1));
            out += sentence.substr(at, open - at);
            if (it == fields.end()) out += "?";
            else
                out += it->second.if_string()
                           ? knowledge.value_name(it->first, *it->second.if_string()).in(lang)
                           : json::canonical(it->second);
            at = close + 1;
        }
        return out;
    };
    return {fill(text.en, Lang::en), fill(text.fr, Lang::fr)};
}

Result<ReportModel> build_report(const Case& opened, const Index& index, const Knowledge& knowledge) {
    ReportModel model;
    const auto record = last_analysis(opened);
    model.case_id = opened.id();
    model.directory = opened.directory().filename().string();
    if (model.directory.empty()) model.directory = opened.directory().parent_path().filename().string();
    const auto& entries = opened.log().entries;
    model.log_entries = entries.size();
    model.head = opened.log().head();
    if (!entries.empty()) model.created = entries.front().body["time"].string_or();
    if (record) {
        model.analyzed_with = record->tool;
        model.knowledge_sha256 = record->knowledge;
    }
    if (const auto minisig = read_file(opened.directory() / "custody.jsonl.minisig", 8192))
        if (const auto signature = peek_signature(*minisig, "")) model.signer = signature->key_id;
    model.exhibits = opened.exhibits();
    for (const auto& document : TRY(index.documents("observations"))) {
        model.observation_by_id.emplace(document.id, model.observations.size());
        model.observations.push_back(TRY(parsed<Observation>(document)));
    }
    for (const auto& document : TRY(index.documents("coverage"))) {
        model.coverage.push_back(TRY(parsed<Coverage>(document)));
        model.coverage_ids.push_back(document.id);
    }
    for (const auto& document : TRY(index.documents("findings"))) {
        model.findings.push_back(TRY(parsed<Finding>(document)));
        model.finding_ids.push_back(document.id);
    }
    std::set<std::string> hosts;
    for (const auto& row : model.coverage)
        if (!row.host.empty()) hosts.insert(row.host);
    model.hosts.assign(hosts.begin(), hosts.end());
    const Answers answers(opened, model.coverage);
    add_groups(model, knowledge, answers);
    add_gaps(model, knowledge, answers);
    add_matrix(model, knowledge);
    model.coordination = TRY(read_coordination(index, model.observations));
    model.disparity = TRY(read_disparity(index, model.observations));
    return model;
}

}  // namespace contrechamp
