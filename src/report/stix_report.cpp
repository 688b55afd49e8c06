#include <set>

#include "base/escape.h"
#include "report/machine_readable.h"
#include "report/stix.h"

namespace contrechamp {
namespace {

// STIX is read by people in other programs: text from evidence shows what it is made of.
std::string shown(std::string_view text) { return for_terminal(text); }

std::string both(const Text& text) { return shown(text.en) + "\n\n" + shown(text.fr); }

// "Low" on STIX's scale of words (appendix A).
constexpr int kLowConfidence = 15;

class Bundle {
  public:
    Bundle(const ReportModel& model, const Knowledge& knowledge) : model_(model), knowledge_(knowledge) {}

    json::Value make() {
        objects_.push_back(stix::identity());
        machines();
        for (std::size_t i = 0; i < model_.findings.size(); ++i)
            model_.findings[i].lead ? lead(i) : finding(i);
        for (const auto& gap : model_.gaps) this->gap(gap);
        report();
        return json::Object{{"type", "bundle"},
                            {"id", stix::id("bundle", model_.case_id + model_.head)},
                            {"objects", std::move(objects_)}};
    }

  private:
    // Puts an object into the bundle once and returns its id.
    std::string put(const std::string& type, const std::string& name, json::Object object) {
        auto id = stix::id(type, name);
        if (!ids_.insert(id).second) return id;
        object["type"] = type;
        object["spec_version"] = "2.1";
        object["id"] = id;
        objects_.push_back(std::move(object));
        return id;
    }

    // The same, for objects that somebody made at a time.
    std::string put_dated(const std::string& type, const std::string& name, json::Object object) {
        object["created"] = model_.created;
        object["modified"] = model_.created;
        object["created_by_ref"] = stix::id("identity", "contrechamp");
        return put(type, name, std::move(object));
    }

    void note(const std::string& name, const std::string& abstract, const std::string& content,
              json::Array about, json::Array labels, bool low = false) {
        json::Object object{{"abstract", abstract},
                            {"content", content},
                            {"object_refs", std::move(about)},
                            {"labels", std::move(labels)}};
        if (low) object["confidence"] = kLowConfidence;
        put_dated("note", name, std::move(object));
    }

    void machines() {
        for (const auto& host : model_.hosts)
            machines_.push_back(put_dated("identity", "machine|" + host,
                                          {{"name", shown(host)}, {"identity_class", "system"}}));
        // Only files were received: what is said is said of them, by us.
        if (machines_.empty()) machines_.push_back(stix::id("identity", "contrechamp"));
    }

    // The evidence as STIX objects where STIX has a word for it: programs, certificates, products.
    json::Array evidence(const Finding& finding) {
        std::set<std::string> ids;
        for (const auto& id : finding.observations) {
            const auto it = model_.observation_by_id.find(id);
            if (it == model_.observation_by_id.end()) continue;
            const auto& observation = model_.observations[it->second];
            const auto& subject = observation.subject;
            if (subject.kind == "program")
                ids.insert(put("file", subject.identity(), {{"name", shown(subject.label)}}));
            else if (subject.kind == "certificate")
                ids.insert(put("x509-certificate", subject.key,
                               {{"hashes", json::Object{{"SHA-256", subject.key}}},
                                {"subject", shown(observation.fields.contains("subject")
                                                      ? observation.fields.at("subject").string_or()
                                                      : "")}}));
            else if (subject.kind == "product")
                ids.insert(put("software", subject.identity(), {{"name", shown(subject.label)}}));
        }
        if (ids.empty())
            ids.insert(put("software", finding.subject.identity(), {{"name", shown(finding.subject.label)}}));
        return {ids.begin(), ids.end()};
    }

    void finding(std::size_t i) {
        const auto& finding = model_.findings[i];
        const auto& name = model_.finding_ids[i];
        const std::string strength(to_string(finding.strength));
        json::Array about{put_dated("observed-data", name,
                                    {{"first_observed", model_.created},
                                     {"last_observed", model_.created},
                                     {"number_observed", 1},
                                     {"object_refs", evidence(finding)}})};
        if (const auto* product = knowledge_.product(finding.product))
            about.push_back(
                put_dated("tool", product->id,
                          {{"name", product->name}, {"labels", json::Array{product->product_class}}}));
        note(name, shown(finding.subject.label) + " (" + strength + ")", both(finding.statement), about,
             {strength, finding.rule});
        std::string innocent;
        for (const auto& reason : finding.innocent)
            innocent += (innocent.empty() ? "" : "\n\n") + both(reason);
        note("innocent|" + name, "Innocent explanations / Explications innocentes", innocent, about,
             {"innocent-explanation", finding.rule});
    }

    // Only a note, of low confidence: nothing that a reader could take for an object seen.
    void lead(std::size_t i) {
        const auto& finding = model_.findings[i];
        std::string content =
            "A lead: nothing is established. / Une piste : rien n’est établi.\n\n" + both(finding.statement);
        for (const auto& reason : finding.innocent) content += "\n\n" + both(reason);
        note(model_.finding_ids[i], "Lead / Piste: " + shown(finding.subject.label), content, machines_,
             {"lead", finding.rule}, true);
    }

    void gap(const Gap& gap) {
        std::string name = "gap|";
        for (const auto& id : gap.coverage) name += id;
        note(name, "Could not be looked at / N’a pas pu être examiné",
             both(gap.why) + (gap.remedy.empty() ? "" : "\n\n" + both(gap.remedy)), machines_,
             {"gap", gap.reason});
    }

    void report() {
        json::Array refs;
        for (const auto& object : objects_) refs.push_back(object["id"]);
        put_dated(
            "report", model_.case_id + model_.head,
            {{"name", "Contrechamp " + model_.case_id.substr(0, 8)},
             {"description",
              "What traces show, how strong each is, and what could not be looked at. Not a judgement: a "
              "tool "
              "named here is not said to be unlawful or malicious. / Ce que montrent les traces, avec quelle "
              "force, et ce qui n’a pas pu être examiné. Pas un jugement : un outil nommé ici n’est dit ni "
              "illicite ni malveillant."},
             {"report_types", json::Array{"observed-data", "tool"}},
             {"published", model_.created},
             {"object_refs", std::move(refs)}});
    }

    const ReportModel& model_;
    const Knowledge& knowledge_;
    json::Array objects_, machines_;
    std::set<std::string> ids_;
};

}  // namespace

json::Value report_stix(const ReportModel& model, const Knowledge& knowledge) {
    return Bundle(model, knowledge).make();
}

}  // namespace contrechamp
