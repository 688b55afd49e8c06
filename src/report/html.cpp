#include "report/html.h"

#include <algorithm>

#include <kainjow/mustache.hpp>

#include "base/escape.h"
#include "base/hash.h"
#include "base/time.h"
#include "evidence/custody.h"
#include "report/glyphs.h"
#include "report/sections.h"
#include "report/sentences.h"
#include "report/templates.h"
#include "report/words.h"

namespace contrechamp {
namespace {

namespace mustache = kainjow::mustache;
using Data = mustache::data;

std::string grouped(std::uint64_t number) {
    std::string digits = std::to_string(number), out;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i && (digits.size() - i) % 3 == 0) out += "\u202f";
        out += digits[i];
    }
    return out;
}

class Page {
  public:
    // "2026-11-23T09:42:22Z" → "23 November 2026, 09:42 UTC".
    std::string date_in_words(const std::string& time) const {
        static const char* kMonths[][2] = {
            {"January", "janvier"}, {"February", "février"},  {"March", "mars"},
            {"April", "avril"},     {"May", "mai"},           {"June", "juin"},
            {"July", "juillet"},    {"August", "août"},       {"September", "septembre"},
            {"October", "octobre"}, {"November", "novembre"}, {"December", "décembre"}};
        const auto parsed = from_rfc3339(time);
        if (!parsed) return time;
        const auto month = static_cast<std::size_t>(std::stoi(time.substr(5, 2)) - 1);
        const std::string day = std::to_string(std::stoi(time.substr(8, 2)));
        if (lang_ == Lang::fr)
            return (day == "1" ? "1er" : day) + " " + kMonths[month][1] + " " + time.substr(0, 4) + " à " +
                   time.substr(11, 2) + " h " + time.substr(14, 2) + " UTC";
        return day + " " + kMonths[month][0] + " " + time.substr(0, 4) + ", " + time.substr(11, 5) + " UTC";
    }

    Page(const ReportModel& model, const Knowledge& knowledge, Lang lang, Medium medium)
        : model_(model), knowledge_(knowledge), lang_(lang), medium_(medium) {}

    std::string render() {
        Data page(Data::type::object);
        page.set("lang", lang_ == Lang::fr ? "fr" : "en");
        page.set("tool", tool_name());
        page.set("title", t("Contrechamp report", "Rapport Contrechamp") + " " + model_.case_id.substr(0, 8));
        sentences(page);
        facts(page);
        gaps(page);
        groups(page);
        matrix(page);
        cards(page);
        checks(page);
        exhibits(page);
        sections_and_numbers(page);
        glossary(page);
        page.set("card", mustache::partial([] { return std::string(card_template()); }));
        mustache::mustache document{std::string(report_template())};
        document.set_custom_escape([](const std::string& text) { return for_html(text); });
        return document.render(page);
    }

  private:
    std::string t(const char* en, const char* fr) const { return lang_ == Lang::fr ? french(fr) : en; }
    std::string t(const Text& text) const { return text.in(lang_); }

    void sentences(Data& page) const {
        for (const auto& [name, text] : report_sentences()) page.set(name, t(typeset(text)));
    }

    void facts(Data& page) const {
        page.set("created", date_in_words(model_.created));
        page.set("case_short", model_.case_id.substr(0, 8));
        page.set("directory", model_.directory);
        std::string hosts;
        for (const auto& host : model_.hosts) hosts += (hosts.empty() ? "" : ", ") + host;
        page.set("has_hosts", !hosts.empty());
        page.set("hosts", hosts);
        const bool root = std::any_of(model_.exhibits.begin(), model_.exhibits.end(), [](const Exhibit& e) {
            return e.uid == 0 && e.collector.starts_with("linux/");
        });
        const bool user = std::any_of(model_.exhibits.begin(), model_.exhibits.end(), [](const Exhibit& e) {
            return e.uid != 0 && e.collector.starts_with("linux/");
        });
        page.set("looked_as", root && user ? t("user and root", "utilisateur et root")
                              : root       ? "root"
                              : user       ? t("ordinary user", "simple utilisateur")
                                           : t("files only", "fichiers seulement"));
        page.set("s_title", t(question_of(model_)));
        page.set("files_only", model_.files_only());
        page.set("headline", headline(model_.counts(), lang_));
        page.set("s_no_findings", capitalised(t(no_finding(model_.counts()))) + ".");
        page.set("head", model_.head);
        page.set("entries", std::to_string(model_.log_entries));
        page.set("signer", model_.signer.empty()
                               ? t("signed when the case is closed", "signé à la fermeture du dossier")
                               : model_.signer);
        page.set("analyzed_with", model_.analyzed_with);
        page.set("knowledge", model_.knowledge_sha256);
    }

    void gaps(Data& page) const {
        Data groups(Data::type::list);
        for (const auto& group : model_.gap_groups()) {
            Data item(Data::type::object), list(Data::type::list);
            if (!group.remedy.empty()) item.set("remedy", t(group.remedy));
            for (const auto* gap : group.gaps) {
                Data one(Data::type::object);
                one.set("why", t(gap->why));
                one.set("checks", check_names(gap->checks, knowledge_, lang_));
                list.push_back(one);
            }
            item.set("gaps", list);
            groups.push_back(item);
        }
        page.set("has_gaps", !model_.gaps.empty());
        page.set("gap_groups", groups);
    }

    SectionView view() const { return {model_, knowledge_, lang_, medium_}; }

    // Headings are numbered as they stand there.
    void sections_and_numbers(Data& page) const {
        const Counts counts = model_.counts();
        int next = 0;
        const auto number = [&](const char* name, bool there) {
            if (there) page.set(name, std::to_string(++next));
        };
        number("n_gaps", true);
        number("n_glance", true);
        Data list(Data::type::list);
        for (const auto& section : contrechamp::sections()) {
            const auto body = section.whole(view());
            if (body.empty()) continue;
            Data item(Data::type::object);
            item.set("id", section.id);
            item.set("number", std::to_string(++next));
            item.set("title", t(section.title));
            item.set("body", body);
            item.set("style", std::string(section.style()));
            list.push_back(item);
        }
        page.set("sections", list);
        number("n_findings", true);
        number("n_managed", counts.managed > 0);
        number("n_leads", counts.leads > 0);
        for (const char* name : {"n_looked", "n_exhibits", "n_custody", "n_glossary"}) number(name, true);
    }

    std::string anchor(std::size_t finding) const { return "f-" + model_.finding_ids[finding].substr(0, 12); }

    void groups(Data& page) const {
        Data list(Data::type::list);
        for (const auto& group : model_.groups) {
            Data item(Data::type::object), who(Data::type::list);
            const std::string verdict = t(verdict_words(group));
            item.set("name", t(group.group->name));
            item.set("verdict", verdict);
            item.set("verdict_class",
                     std::string(to_string(group.verdict) == "lead" ? "lead-v" : to_string(group.verdict)));
            item.set("glyph", verdict_glyph(group));
            // Each subject once, with its strongest finding; how strong is said where the line does not say
            // so.
            std::vector<std::string> named;
            for (auto i : findings_of(model_, group)) {
                const auto& finding = model_.findings[i];
                const std::string name = label_of(finding, knowledge_, lang_);
                if (std::find(named.begin(), named.end(), name) != named.end()) continue;
                named.push_back(name);
                Data one(Data::type::object);
                if (named.size() > 1) one.set("comma", ", ");
                one.set("name", name);
                one.set("to", anchor(i));
                const bool said =
                    finding.lead ? group.verdict == Verdict::lead : t(describe(finding.strength)) == verdict;
                if (!said) one.set("strength", t(strength_of(finding)));
                who.push_back(one);
            }
            item.set("has_who", !named.empty());
            item.set("who", who);
            list.push_back(item);
        }
        page.set("groups", list);
    }

    // Which program can do what; what is no computer has a section of its own.
    void matrix(Data& page) const {
        if (model_.realm != "computer") {
            page.set("has_matrix", false);
            return;
        }
        std::vector<const CapabilityGroup*> columns;
        for (const auto& group : knowledge_.groups())
            if (std::any_of(model_.matrix.begin(), model_.matrix.end(),
                            [&](const MatrixRow& row) { return row.cells.contains(group.id); }))
                columns.push_back(&group);
        // A page is narrow: past six columns the table is cut into equal parts.
        const std::size_t most = medium_ == Medium::paper ? 6 : std::max<std::size_t>(columns.size(), 1);
        const std::size_t parts = (columns.size() + most - 1) / most;
        Data tables(Data::type::list);
        for (std::size_t part = 0; part < parts; ++part)
            tables.push_back(matrix_part(
                {columns.begin() + static_cast<std::ptrdiff_t>(columns.size() * part / parts),
                 columns.begin() + static_cast<std::ptrdiff_t>(columns.size() * (part + 1) / parts)}));
        page.set("has_matrix", !columns.empty());
        page.set("matrices", tables);
        std::string legend;
        for (auto strength : {Strength::observed, Strength::used, Strength::granted, Strength::configured,
                              Strength::installed, Strength::contacted})
            legend += "<span style=\"white-space:nowrap\">" + strength_glyph(strength, true, true) + " " +
                      for_html(t(describe(strength))) + "</span> &nbsp; ";
        page.set("legend", legend);
    }

    Data matrix_part(const std::vector<const CapabilityGroup*>& columns) const {
        Data out(Data::type::object), heads(Data::type::list), rows(Data::type::list);
        for (const auto* column : columns) {
            Data item(Data::type::object);
            item.set("name", t(column->name));
            heads.push_back(item);
        }
        for (const auto& row : model_.matrix) {
            if (std::none_of(columns.begin(), columns.end(),
                             [&](const CapabilityGroup* column) { return row.cells.contains(column->id); }))
                continue;
            Data item(Data::type::object), cells(Data::type::list);
            item.set("label", t(knowledge_.value_name("subject", row.label)));
            item.set("to", anchor(row.findings.front()));
            if (const auto* product_class = knowledge_.product_class(row.product_class))
                item.set("kind", t(product_class->name));
            for (const auto* column : columns) {
                Data cell(Data::type::object);
                const auto it = row.cells.find(column->id);
                cell.set("has", it != row.cells.end());
                if (it != row.cells.end()) {
                    const auto& [strength, seen, finding] = it->second;
                    cell.set("glyph", strength_glyph(strength, seen));
                    cell.set("word", seen ? t(describe(strength)) : t("possible", "possible"));
                    cell.set("to", anchor(finding));
                }
                cells.push_back(cell);
            }
            item.set("cells", cells);
            rows.push_back(item);
        }
        out.set("columns", heads);
        out.set("rows", rows);
        return out;
    }

    // Who says that this mark is this product's.
    std::string known_from(const Observation& observation) const {
        const auto* product =
            observation.subject.kind == "product" ? knowledge_.product(observation.subject.key) : nullptr;
        if (!product || !observation.fields.contains("value")) return {};
        std::string out;
        for (const auto& indicator : product->indicators) {
            if (indicator.value != observation.fields.at("value").string_or() ||
                indicator.type != observation.fields.at("type").string_or())
                continue;
            for (const auto& id : indicator.sources)
                if (const auto it = product->sources.find(id);
                    it != product->sources.end() && out.find(it->second.ref) == std::string::npos)
                    out += (out.empty() ? "" : "; ") + it->second.ref;
        }
        return out;
    }

    Data evidence(const Finding& finding) const {
        Data list(Data::type::list);
        for (const auto& id : finding.observations) {
            const auto it = model_.observation_by_id.find(id);
            if (it == model_.observation_by_id.end()) continue;
            const auto& observation = model_.observations[it->second];
            Data item(Data::type::object);
            item.set("what", t(knowledge_.kind_name(observation.kind)));
            item.set("subject", name_of(observation.subject, knowledge_, lang_));
            Data fields(Data::type::list);
            for (const auto& field : fields_of(observation, knowledge_, lang_)) {
                Data one(Data::type::object);
                // Other analyzers' fields name no accounts.
                one.set("text",
                        observation.analyzer == "coordination" ? model_.coordination.veil(field) : field);
                fields.push_back(one);
            }
            item.set("fields", fields);
            item.set("basis", t(describe(observation.basis)));
            if (const auto sources = known_from(observation); !sources.empty()) item.set("known", sources);
            item.set("asserted", t("read by the analyzer “", "lu par l’analyseur « ") + observation.analyzer +
                                     t("”", " »") + ", " + id.substr(0, 12));
            item.set("exhibit_short", observation.locator.exhibit.substr(0, 12));
            item.set("place", place_of(observation.locator, lang_));
            list.push_back(item);
        }
        return list;
    }

    // One thing concluded of what a card speaks of.
    Data part(std::size_t i) const {
        const auto& finding = model_.findings[i];
        Data item(Data::type::object), capabilities(Data::type::list);
        item.set("short", model_.finding_ids[i].substr(0, 12));
        item.set("title", title_of(finding, knowledge_, lang_));
        item.set("strength", t(strength_of(finding)));
        item.set("strength_meaning",
                 finding.lead ? t("A lead: nothing is established.", "Une piste : rien n’est établi.")
                              : capitalised(t(describe(finding.strength))) + t(": ", " : ") +
                                    t(typeset(explain(finding.strength))) + ".");
        for (const auto& has : finding.capabilities) {
            const auto* capability = knowledge_.capability(has.id);
            if (!capability) continue;
            Data c(Data::type::object);
            c.set("name", t(capability->name));
            c.set("means", t(capability->means));
            const std::string status =
                has.status == "seen" ? ""
                : has.status == "optional-add-on"
                    ? t("optional add-on, per its maker", "option payante, selon l’éditeur")
                : has.status == "vendor-denied" ? t("its maker says it does not", "l’éditeur dit que non")
                                                : t("documented by its maker", "documenté par l’éditeur");
            if (!status.empty()) c.set("status", status);
            capabilities.push_back(c);
        }
        item.set("capabilities", capabilities);
        item.set("statement", t(finding.statement));
        item.set("evidence", evidence(finding));
        item.set("count", std::to_string(finding.observations.size()));
        return item;
    }

    // All that was concluded of one product or subject: what it does first, then that it is here.
    Data card(const std::vector<std::size_t>& parts) const {
        const auto& first = model_.findings[parts.front()];
        const auto* product = knowledge_.product(first.product);
        Data item(Data::type::object), list(Data::type::list), innocent(Data::type::list),
            questions(Data::type::list);
        item.set("class", first.lead ? "lead" : first.managed ? "managed" : "finding");
        const std::string label = label_of(first, knowledge_, lang_);
        item.set("label", label);
        item.set("several", parts.size() > 1);
        item.set("title",
                 parts.size() > 1 ? label : label + t(": ", " : ") + title_of(first, knowledge_, lang_));
        if (const auto* product_class = knowledge_.product_class(first.product_class))
            item.set("kind", t(product_class->name));
        std::vector<std::string> said;
        const auto once = [&](Data& into, const Text& text) {
            if (std::find(said.begin(), said.end(), t(text)) != said.end()) return;
            said.push_back(t(text));
            Data one(Data::type::object);
            one.set("text", t(text));
            into.push_back(one);
        };
        for (auto i : parts) {
            list.push_back(part(i));
            for (const auto& reason : model_.findings[i].innocent) once(innocent, reason);
            once(questions, model_.findings[i].question);
        }
        item.set("parts", list);
        std::string summary, figures;
        for (const auto& section : contrechamp::sections()) {
            summary += section.card_summary(view(), parts);
            figures += section.card_figures(view(), parts);
        }
        item.set("summary", summary);
        item.set("figures", figures);
        item.set("innocent", innocent);
        item.set("questions", questions);
        if (product && !product->note.empty()) item.set("product_note", t(product->note));
        return item;
    }

    void cards(Data& page) const {
        // By pile, then by what they speak of, in the order of the first finding of each.
        std::vector<std::pair<std::string, std::vector<std::size_t>>> piles[3];
        for (std::size_t i = 0; i < model_.findings.size(); ++i) {
            const auto& finding = model_.findings[i];
            auto& pile = piles[finding.lead ? 2 : finding.managed ? 1 : 0];
            const std::string about = finding.product.empty() ? finding.subject.identity()
                                                              : finding.product + "@" + finding.subject.host;
            const auto it = std::find_if(pile.begin(), pile.end(),
                                         [&](const auto& entry) { return entry.first == about; });
            if (it == pile.end()) pile.push_back({about, {i}});
            else it->second.push_back(i);
        }
        static const char* kNames[] = {"findings", "managed", "leads"};
        for (int k = 0; k < 3; ++k) {
            Data list(Data::type::list);
            for (auto& [about, parts] : piles[k]) {
                std::stable_partition(parts.begin(), parts.end(), [&](std::size_t i) {
                    return model_.findings[i].subject.kind != "product";
                });
                list.push_back(card(parts));
            }
            page.set(std::string("has_") + kNames[k], !piles[k].empty());
            page.set(kNames[k], list);
        }
    }

    void checks(Data& page) const {
        Data list(Data::type::list);
        for (const auto& check : knowledge_.checks()) {
            const auto found = results_of(check, model_, knowledge_, lang_);
            if (found.empty()) continue;
            Data item(Data::type::object), results(Data::type::list);
            for (const auto& text : found) {
                Data one(Data::type::object);
                one.set("text", text);
                results.push_back(one);
            }
            item.set("name", t(check.name));
            item.set("results", results);
            list.push_back(item);
        }
        page.set("checks", list);
    }

    void exhibits(Data& page) const {
        Data list(Data::type::list);
        for (const auto& exhibit : model_.exhibits) {
            Data item(Data::type::object);
            item.set("origin", origin_of(exhibit, knowledge_, lang_));
            item.set("acquired", exhibit.acquired);
            item.set("collector", exhibit.collector);
            item.set("uid", std::to_string(exhibit.uid));
            if (!exhibit.note.empty()) item.set("note", exhibit.note);
            item.set("sha256", exhibit.sha256);
            item.set("short", exhibit.sha256.substr(0, 12));
            item.set("size", grouped(exhibit.size));
            list.push_back(item);
        }
        const bool added = std::any_of(model_.exhibits.begin(), model_.exhibits.end(), [](const Exhibit& e) {
            return !e.collector.starts_with("linux/") && e.collector != "analyze";
        });
        page.set(
            "s_exhibits_intro",
            t("Kept unchanged and named by its digest. What the program read itself was reduced before it "
              "was "
              "written",
              "Gardé inchangé et nommé par son empreinte. Ce que le programme a lu lui-même a été réduit "
              "avant "
              "d’être écrit") +
                (added ? t(". Files that were added (collector “add”) are kept whole and may hold personal "
                           "data.",
                           ". Les fichiers ajoutés (collecteur « add ») sont gardés entiers et peuvent "
                           "contenir "
                           "des données personnelles.")
                       : t(": no keystrokes, images, sound, documents, arguments or values.",
                           " : ni frappes, ni images, ni son, ni documents, ni arguments, ni valeurs.")));
        page.set("exhibits", list);
    }

    void glossary(Data& page) const {
        Data list(Data::type::list);
        const auto add = [&](const std::string& word, const std::string& meaning) {
            Data item(Data::type::object);
            item.set("word", word);
            item.set("meaning", meaning);
            list.push_back(item);
        };
        add(t("Exhibit", "Pièce"),
            t("bytes as they were received or read, never changed, named by their SHA-256 digest.",
              "des octets tels que reçus ou lus, jamais modifiés, nommés par leur empreinte SHA-256."));
        add(t("Observation", "Observation"),
            t("one fact read from one exhibit, with the place of its bytes.",
              "un fait lu dans une pièce, avec l’emplacement de ses octets."));
        add(t("Finding", "Constat"),
            t("what a rule concludes from observations; a product is named only on one unforgeable mark or "
              "on marks of two independent kinds.",
              "ce qu’une règle conclut des observations ; un produit n’est nommé que sur une marque "
              "infalsifiable ou sur des marques de deux genres indépendants."));
        for (auto strength : {Strength::observed, Strength::used, Strength::granted, Strength::configured,
                              Strength::installed, Strength::contacted})
            add(t(describe(strength)), t(typeset(explain(strength))) + ".");
        // Only the capabilities this report speaks of.
        for (const auto& group : model_.groups)
            for (const auto& view : group.capabilities)
                if (!view.findings.empty() || !view.leads.empty())
                    add(t(view.capability->name), t(view.capability->means));
        page.set("glossary", list);
    }

    const ReportModel& model_;
    const Knowledge& knowledge_;
    Lang lang_;
    Medium medium_;
};

}  // namespace

std::string report_html(const ReportModel& model, const Knowledge& knowledge, Lang lang, Medium medium) {
    std::string page = Page(model, knowledge, lang, medium).render();
    if (medium == Medium::screen) return page;
    // The palette that the template's print rules set.
    static const std::pair<std::string_view, std::string_view> kInk[] = {
        {"paper", "#fff"},    {"card", "#fff"},      {"ink", "#000"},        {"soft", "#444"},
        {"line", "#bbb"},     {"red-bg", "#f6e4e1"}, {"red", "#8c1d13"},     {"amber-bg", "#f8efdb"},
        {"amber", "#6b4600"}, {"green", "#14532d"},  {"blue-bg", "#e6edf7"}, {"blue", "#173d70"},
        {"grey-bg", "#eee"},  {"c1", "#173d70"},     {"c2", "#7a3600"},      {"c3", "#14532d"},
        {"c4", "#5c2166"},    {"c5", "#5e4a00"},     {"c6", "#00545c"}};
    for (const auto& [name, colour] : kInk) {
        const std::string use = "var(--" + std::string(name) + ")";
        for (std::size_t at = 0; (at = page.find(use, at)) != std::string::npos; at += colour.size())
            page.replace(at, use.size(), colour);
    }
    return page;
}

Status write_report(Case& opened, const std::string& name, const std::string& html) {
    // Logged first: a run cut off between the two leaves the report before, which the log knows as well.
    TRY(opened.record("report-written", {{"path", name}, {"sha256", sha256_hex(html)}}));
    return replace_file(opened.directory() / name, html);
}

}  // namespace contrechamp
