#include "report/html.h"

#include <algorithm>

#include <kainjow/mustache.hpp>

#include "base/escape.h"
#include "base/hash.h"
#include "base/time.h"
#include "evidence/custody.h"
#include "report/glyphs.h"
#include "report/templates.h"

namespace contrechamp {
namespace {

namespace mustache = kainjow::mustache;
using Data = mustache::data;

std::string capitalised(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
}

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

    Page(const ReportModel& model, const Knowledge& knowledge, Lang lang)
        : model_(model), knowledge_(knowledge), lang_(lang) {}

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
        glossary(page);
        page.set("card", mustache::partial([] { return std::string(card_template()); }));
        mustache::mustache document{std::string(report_template())};
        document.set_custom_escape([](const std::string& text) { return for_html(text); });
        return document.render(page);
    }

  private:
    std::string t(const char* en, const char* fr) const { return lang_ == Lang::fr ? fr : en; }
    std::string t(const Text& text) const { return text.in(lang_); }

    void sentences(Data& page) const {
        const std::pair<const char*, Text> kSentences[] = {
            {"s_skip", {"Go to the findings", "Aller aux constats"}},
            {"s_title", {"What is watching this computer?", "Qu’est-ce qui surveille cet ordinateur ?"}},
            {"s_date", {"Looked at on", "Examiné le"}},
            {"s_case", {"Case", "Dossier"}},
            {"s_machine", {"Machine (pseudonym)", "Machine (pseudonyme)"}},
            {"s_by", {"Looked as", "Examiné en tant que"}},
            {"s_gaps",
             {"What could not be looked at, and why", "Ce qui n’a pas pu être examiné, et pourquoi"}},
            {"s_gaps_intro",
             {"Read this first: where we could not look, nothing seen does not mean nothing there.",
              "À lire d’abord : là où l’on n’a pas pu regarder, ne rien voir ne veut pas dire qu’il n’y a "
              "rien."}},
            {"s_hides", {"This limits:", "Cela limite :"}},
            {"s_no_gaps", {"Every check could be carried out.", "Tous les contrôles ont pu être faits."}},
            {"s_glance", {"At a glance", "En un coup d’œil"}},
            {"s_matrix", {"Who can do what", "Qui peut quoi"}},
            {"s_matrix_intro",
             {"One line for each program or setting with a finding; the fuller the disc, the stronger the "
              "evidence. A dashed disc: the maker documents it, it was not seen here.",
              "Une ligne par programme ou réglage faisant l’objet d’un constat ; plus le disque est plein, "
              "plus la preuve est forte. En pointillé : documenté par l’éditeur, non vu ici."}},
            {"s_findings", {"Findings", "Constats"}},
            {"s_no_findings", {"No finding about watching.", "Aucun constat de surveillance."}},
            {"s_managed",
             {"Present and managed: not evidence of watching",
              "Présent et géré : pas une preuve de surveillance"}},
            {"s_managed_intro",
             {"Security, management, assistive and personal tools. They are listed because of what they can "
              "do or were seen doing, with the ordinary reason for it.",
              "Outils de sécurité, de gestion, d’assistance ou personnels. Ils sont cités pour ce qu’ils "
              "peuvent faire ou faisaient, avec la raison ordinaire de leur présence."}},
            {"s_leads", {"Leads: to look into, nothing established", "Pistes : à vérifier, rien d’établi"}},
            {"s_leads_intro",
             {"A lead rests on a name alone or on one trace that many harmless programs leave. Accuse nobody "
              "on a lead.",
              "Une piste ne repose que sur un nom ou sur une trace que laissent bien des programmes "
              "inoffensifs. N’accusez personne sur une piste."}},
            {"s_looked", {"What was looked at", "Ce qui a été examiné"}},
            {"s_check", {"Check", "Contrôle"}},
            {"s_result", {"Result", "Résultat"}},
            {"s_exhibits", {"Exhibits", "Pièces"}},
            {"s_exhibits_intro",
             {"What was read, kept unchanged and named by its digest. Personal contents were dropped before "
              "writing: no keystrokes, images, sound, documents, arguments or values.",
              "Ce qui a été lu, gardé inchangé et nommé par son empreinte. Les contenus personnels ont été "
              "écartés avant l’écriture : ni frappes, ni images, ni son, ni documents, ni arguments, ni "
              "valeurs."}},
            {"s_exhibit", {"Exhibit", "Pièce"}},
            {"s_size", {"Bytes", "Octets"}},
            {"s_custody", {"Chain of custody", "Chaîne de garde"}},
            {"s_custody_text",
             {"Everything done to this case is in a log whose lines are chained by their digests. Publishing "
              "or timestamping the head fixes all that came before.",
              "Tout ce qui a été fait sur ce dossier est dans un journal dont les lignes sont enchaînées par "
              "leurs empreintes. Publier ou horodater la tête fige tout ce qui précède."}},
            {"s_head",
             {"Head of the log (when this report was made)", "Tête du journal (au moment de ce rapport)"}},
            {"s_entries", {"Entries", "Entrées"}},
            {"s_signer", {"Signing key (minisign)", "Clé de signature (minisign)"}},
            {"s_tool", {"Analysed with", "Analysé avec"}},
            {"s_knowledge", {"Knowledge used (exhibit)", "Connaissances utilisées (pièce)"}},
            {"s_verify",
             {"To check every sentence again, down to the bytes:",
              "Pour recontrôler chaque phrase, jusqu’aux octets :"}},
            {"s_glossary", {"Words", "Mots"}},
            {"s_footer",
             {"This report says what traces show and what to ask. It says nothing about what is lawful, and "
              "nothing about persons.",
              "Ce rapport dit ce que montrent les traces et quoi demander. Il ne dit rien de ce qui est "
              "légal, et rien des personnes."}},
            {"s_innocent", {"Innocent explanations", "Explications innocentes"}},
            {"s_question", {"Question to ask", "Question à poser"}},
            {"s_note", {"Good to know", "Bon à savoir"}},
            {"s_evidence", {"Evidence", "Preuves"}},
            {"s_known", {"known from:", "connu par :"}},
            {"s_walk", {"Down to the bytes:", "Jusqu’aux octets :"}},
        };
        for (const auto& [name, text] : kSentences) page.set(name, t(text));
    }

    void facts(Data& page) const {
        page.set("created", date_in_words(model_.created));
        page.set("case_short", model_.case_id.substr(0, 8));
        page.set("directory", model_.directory);
        std::string hosts;
        for (const auto& host : model_.hosts) hosts += (hosts.empty() ? "" : ", ") + host;
        page.set("hosts", hosts.empty() ? "–" : hosts);
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
        std::size_t accused = 0, managed = 0;
        for (const auto& finding : model_.findings)
            if (!finding.lead) ++(finding.managed ? managed : accused);
        const auto leads = model_.count_leads();
        const auto n = [](std::size_t count, const char* one, const char* many) {
            return std::to_string(count) + " " + (count == 1 ? one : many);
        };
        std::string headline =
            lang_ == Lang::fr
                ? (accused ? n(accused, "constat", "constats") : "Aucun constat de surveillance")
                : (accused ? n(accused, "finding", "findings") : "No finding about watching");
        if (managed)
            headline +=
                ", " + (lang_ == Lang::fr ? n(managed, "outil géré ou choisi", "outils gérés ou choisis")
                                          : n(managed, "managed or chosen tool", "managed or chosen tools"));
        if (leads)
            headline += ", " + (lang_ == Lang::fr ? n(leads, "piste", "pistes") : n(leads, "lead", "leads"));
        headline += lang_ == Lang::fr ? "." : ".";
        if (!model_.gaps.empty())
            headline += " " +
                        (lang_ == Lang::fr ? n(model_.gaps.size(), "chose n’a pas pu être examinée",
                                               "choses n’ont pas pu être examinées")
                                           : n(model_.gaps.size(), "thing could not be looked at",
                                               "things could not be looked at")) +
                        ".";
        page.set("headline", headline);
        page.set("head", model_.head);
        page.set("entries", std::to_string(model_.log_entries));
        page.set("signer", model_.signer.empty()
                               ? t("signed when the case is closed", "signé à la fermeture du dossier")
                               : model_.signer);
        page.set("analyzed_with", model_.analyzed_with);
        page.set("knowledge", model_.knowledge_sha256);
    }

    std::string check_names(const std::vector<std::string>& ids) const {
        std::string out;
        for (const auto& id : ids) {
            const auto* check = knowledge_.check(id);
            std::string name = check ? t(check->name) : id;
            if (!out.empty() && name.size() > 1 && name[0] >= 'A' && name[0] <= 'Z' &&
                (name[1] < 'A' || name[1] > 'Z'))
                name[0] = static_cast<char>(name[0] - 'A' + 'a');
            out += (out.empty() ? "" : ", ") + name;
        }
        return out;
    }

    void gaps(Data& page) const {
        Data list(Data::type::list);
        for (std::size_t i = 0; i < model_.gaps.size(); ++i) {
            const auto& gap = model_.gaps[i];
            Data item(Data::type::object);
            item.set("why", t(gap.why));
            item.set("checks", check_names(gap.checks));
            // One remedy, said once, after all it would mend.
            const bool last = i + 1 == model_.gaps.size() || model_.gaps[i + 1].remedy != gap.remedy;
            if (!gap.remedy.empty() && last) item.set("remedy", t(gap.remedy));
            list.push_back(item);
        }
        page.set("has_gaps", !model_.gaps.empty());
        page.set("gaps", list);
    }

    // Each subject once, with its strongest finding.
    std::vector<std::pair<const Finding*, std::string>> named_in(const GroupView& group) const {
        std::vector<std::pair<const Finding*, std::string>> out;
        for (auto i : findings_of(model_, group)) {
            const auto& finding = model_.findings[i];
            const std::string name = label(finding);
            if (std::none_of(out.begin(), out.end(), [&](const auto& entry) { return entry.second == name; }))
                out.emplace_back(&finding, name);
        }
        return out;
    }

    std::string label(const Finding& finding) const {
        const auto* product = knowledge_.product(finding.product);
        return product ? product->name : finding.subject.label;
    }

    void groups(Data& page) const {
        Data list(Data::type::list);
        for (const auto& group : model_.groups) {
            Data item(Data::type::object);
            item.set("name", t(group.group->name));
            item.set("verdict", t(verdict_words(group)));
            item.set("verdict_class",
                     std::string(to_string(group.verdict) == "lead" ? "lead-v" : to_string(group.verdict)));
            item.set("glyph", verdict_glyph(group));
            std::string joined;
            for (const auto& [finding, name] : named_in(group))
                joined += (joined.empty() ? "" : ", ") + name + " (" +
                          (finding->lead ? t("lead", "piste") : t(describe(finding->strength))) + ")";
            if (!joined.empty()) item.set("who", joined);
            list.push_back(item);
        }
        page.set("groups", list);
    }

    void matrix(Data& page) const {
        std::vector<const CapabilityGroup*> columns;
        for (const auto& group : knowledge_.groups())
            if (std::any_of(model_.matrix.begin(), model_.matrix.end(),
                            [&](const MatrixRow& row) { return row.cells.contains(group.id); }))
                columns.push_back(&group);
        Data heads(Data::type::list), rows(Data::type::list);
        for (const auto* column : columns) {
            Data item(Data::type::object);
            item.set("name", t(column->name));
            heads.push_back(item);
        }
        for (const auto& row : model_.matrix) {
            if (row.cells.empty()) continue;
            Data item(Data::type::object), cells(Data::type::list);
            item.set("label", row.label);
            if (const auto* product_class = knowledge_.product_class(row.product_class))
                item.set("kind", t(product_class->name));
            for (const auto* column : columns) {
                Data cell(Data::type::object);
                const auto it = row.cells.find(column->id);
                cell.set("has", it != row.cells.end());
                if (it != row.cells.end()) {
                    const auto [strength, seen] = it->second;
                    cell.set("glyph", strength_glyph(strength, seen));
                    cell.set("word", seen ? t(describe(strength)) : t("possible", "possible"));
                }
                cells.push_back(cell);
            }
            item.set("cells", cells);
            rows.push_back(item);
        }
        page.set("has_matrix", !columns.empty());
        page.set("columns", heads);
        page.set("rows", rows);
        std::string legend;
        for (auto strength : {Strength::observed, Strength::used, Strength::granted, Strength::configured,
                              Strength::installed, Strength::contacted})
            legend += "<span style=\"white-space:nowrap\">" + strength_glyph(strength, true, true) + " " +
                      for_html(t(describe(strength))) + "</span> &nbsp; ";
        page.set("legend", legend);
    }

    // The fields of an observation in words: "display: :0; process: 312".
    std::string fields_in_words(const Observation& observation) const {
        // Internals of the naming rule, of no use to a reader; `explain` prints them.
        static const std::string_view kHidden[] = {"bearer_kind", "bearer_key",  "channel",
                                                   "class",       "side",        "specific",
                                                   "strength",    "unforgeable", "capabilities"};
        std::string out;
        for (const auto& [name, value] : observation.fields) {
            if (std::find(std::begin(kHidden), std::end(kHidden), name) != std::end(kHidden) ||
                value.is_null())
                continue;
            std::string text;
            if (const auto* list = value.if_array()) {
                for (const auto& part : *list)
                    text += (text.empty() ? "" : ", ") +
                            (part.if_string() ? *part.if_string() : json::canonical(part));
            } else if (const auto* boolean = value.if_bool()) {
                text = *boolean ? t("yes", "oui") : t("no", "non");
            } else {
                text = value.if_string() ? *value.if_string() : json::canonical(value);
            }
            if (text.empty()) continue;
            out += (out.empty() ? "" : "; ") + t(knowledge_.field_name(name)) +
                   (lang_ == Lang::fr ? " : " : ": ") + text;
        }
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
            item.set("subject", observation.subject.label);
            item.set("fields", fields_in_words(observation));
            item.set("basis", t(describe(observation.basis)));
            if (const auto sources = known_from(observation); !sources.empty()) item.set("known", sources);
            item.set("asserted", t("read by the analyzer “", "lu par l’analyseur « ") + observation.analyzer +
                                     t("”", " »") + ", " + id.substr(0, 12));
            item.set("exhibit_short", observation.locator.exhibit.substr(0, 12));
            std::string place = t("bytes ", "octets ") + std::to_string(observation.locator.offset) + "+" +
                                std::to_string(observation.locator.length);
            if (observation.locator.line)
                place += t(", line ", ", ligne ") + std::to_string(observation.locator.line);
            if (!observation.locator.path.empty()) place += ", " + observation.locator.path;
            item.set("place", place);
            list.push_back(item);
        }
        return list;
    }

    Data card(std::size_t i) const {
        const auto& finding = model_.findings[i];
        const auto* product = knowledge_.product(finding.product);
        const auto* product_class = knowledge_.product_class(finding.product_class);
        Data item(Data::type::object);
        item.set("class", finding.lead ? "lead" : finding.managed ? "managed" : "finding");
        item.set("short", model_.finding_ids[i].substr(0, 12));
        const auto rule =
            std::find_if(knowledge_.rules().begin(), knowledge_.rules().end(),
                         [&](const json::Value& r) { return r["id"].string_or() == finding.rule; });
        const std::string title =
            rule == knowledge_.rules().end() ? finding.rule : t(text_from((*rule)["title"]));
        item.set("title", label(finding) + t(": ", " : ") + title);
        item.set("strength", finding.lead ? t("lead", "piste") : t(describe(finding.strength)));
        item.set("strength_meaning",
                 finding.lead ? t("A lead: nothing is established.", "Une piste : rien n’est établi.")
                              : capitalised(t(describe(finding.strength))) + t(": ", " : ") +
                                    t(explain(finding.strength)) + ".");
        if (product_class) item.set("kind", t(product_class->name));
        Data capabilities(Data::type::list);
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
        Data innocent(Data::type::list);
        for (const auto& reason : finding.innocent) {
            Data r(Data::type::object);
            r.set("text", t(reason));
            innocent.push_back(r);
        }
        item.set("innocent", innocent);
        item.set("question", t(finding.question));
        if (product && !product->note.empty()) item.set("product_note", t(product->note));
        item.set("evidence", evidence(finding));
        item.set("count", std::to_string(finding.observations.size()));
        return item;
    }

    void cards(Data& page) const {
        Data findings(Data::type::list), managed(Data::type::list), leads(Data::type::list);
        bool any[3] = {};
        for (std::size_t i = 0; i < model_.findings.size(); ++i) {
            const auto& finding = model_.findings[i];
            const int pile = finding.lead ? 2 : finding.managed ? 1 : 0;
            any[pile] = true;
            (pile == 0 ? findings : pile == 1 ? managed : leads).push_back(card(i));
        }
        page.set("has_findings", any[0]);
        page.set("has_managed", any[1]);
        page.set("has_leads", any[2]);
        page.set("findings", findings);
        page.set("managed", managed);
        page.set("leads", leads);
    }

    void checks(Data& page) const {
        Data list(Data::type::list);
        for (const auto& check : knowledge_.checks()) {
            std::vector<std::string> results;
            for (const auto& row : model_.coverage) {
                if (row.check != check.id) continue;
                std::string text = t(describe(row.state));
                if (const auto* reason = knowledge_.reason(row.reason))
                    text += t(": ", " : ") + t(filled_text(reason->why, row.fields));
                if (std::find(results.begin(), results.end(), text) == results.end())
                    results.push_back(std::move(text));
            }
            if (results.empty()) continue;
            std::string joined;
            for (const auto& text : results) joined += (joined.empty() ? "" : " ; ") + text;
            Data item(Data::type::object);
            item.set("name", t(check.name));
            item.set("result", joined);
            list.push_back(item);
        }
        page.set("checks", list);
    }

    void exhibits(Data& page) const {
        Data list(Data::type::list);
        for (const auto& exhibit : model_.exhibits) {
            Data item(Data::type::object);
            item.set("origin", exhibit.origin);
            item.set("acquired", exhibit.acquired);
            item.set("collector", exhibit.collector);
            item.set("uid", std::to_string(exhibit.uid));
            if (!exhibit.note.empty()) item.set("note", exhibit.note);
            item.set("sha256", exhibit.sha256);
            item.set("short", exhibit.sha256.substr(0, 12));
            item.set("size", grouped(exhibit.size));
            list.push_back(item);
        }
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
            add(t(describe(strength)), t(explain(strength)) + ".");
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
};

}  // namespace

std::string report_html(const ReportModel& model, const Knowledge& knowledge, Lang lang, Medium medium) {
    std::string page = Page(model, knowledge, lang).render();
    if (medium == Medium::screen) return page;
    // The palette that the template's print rules set.
    static const std::pair<std::string_view, std::string_view> kInk[] = {
        {"paper", "#fff"},    {"card", "#fff"},      {"ink", "#000"},        {"soft", "#444"},
        {"line", "#bbb"},     {"red-bg", "#f6e4e1"}, {"red", "#8c1d13"},     {"amber-bg", "#f8efdb"},
        {"amber", "#6b4600"}, {"green", "#14532d"},  {"blue-bg", "#e6edf7"}, {"blue", "#173d70"},
        {"grey-bg", "#eee"}};
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
