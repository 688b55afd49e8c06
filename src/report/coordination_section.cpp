#include "report/coordination_section.h"

#include <algorithm>
#include <set>

#include <kainjow/mustache.hpp>

#include "base/escape.h"
#include "report/coordination_words.h"
#include "report/figure_network.h"
#include "report/figure_raster.h"
#include "report/figure_svg.h"
#include "report/templates.h"
#include "report/words.h"

namespace contrechamp {
namespace {

namespace mustache = kainjow::mustache;
using Data = mustache::data;
using Observations = std::vector<const Observation*>;

constexpr std::size_t kMostShared = 10;      // things shared, side by side
constexpr std::size_t kMostSharedRows = 30;  // accounts of one of them
constexpr std::size_t kMostQuoted = 400;     // characters
constexpr std::size_t kMostListed = 200;     // communities in the list of all
constexpr std::size_t kMostNamed = 60;       // accounts named in a sentence

std::string rendered(std::string_view layout, const Data& data) {
    mustache::mustache document{std::string(layout)};
    document.set_custom_escape([](const std::string& text) { return for_html(text); });
    return document.render(data);
}

Data one(const char* name, const std::string& text) {
    Data out(Data::type::object);
    out.set(name, text);
    return out;
}

std::string field(const Observation& observation, const char* name) {
    const auto it = observation.fields.find(name);
    return it == observation.fields.end() ? std::string() : std::string(it->second.string_or());
}

std::size_t number(const Observation& observation, const char* name) {
    const auto it = observation.fields.find(name);
    return it == observation.fields.end()
               ? 0
               : static_cast<std::size_t>(std::max<std::int64_t>(0, it->second.int_or(0)));
}

const json::Array& list(const Observation& observation, const char* name) {
    static const json::Array kNone;
    const auto it = observation.fields.find(name);
    return it == observation.fields.end() ? kNone : it->second.array_or_empty();
}

std::string joined(const std::vector<std::string>& parts) {
    std::string out;
    for (const auto& part : parts) out += (out.empty() ? "" : ", ") + part;
    return out;
}

// What one card says of one community.
class Community {
  public:
    Community(const SectionView& view, std::span<const std::size_t> findings)
        : view_(view), data_(view.model.coordination) {
        std::set<std::string> ids;
        for (const auto i : findings) {
            const auto& finding = view.model.findings[i];
            if (finding.subject.kind != "community") continue;
            community_ = data_.community(finding.subject.key);
            anchor_ = view.model.finding_ids[findings.front()].substr(0, 12);
            ids.insert(finding.observations.begin(), finding.observations.end());
        }
        // In the order of the analysis, each once.
        std::set<std::size_t> places;
        for (const auto& id : ids)
            if (const auto it = view.model.observation_by_id.find(id);
                it != view.model.observation_by_id.end())
                places.insert(it->second);
        for (const auto i : places)
            of_kind_[view.model.observations[i].kind].push_back(&view.model.observations[i]);
    }

    std::string summary() {
        if (!community_) return {};
        Data page(Data::type::object), rows(Data::type::list);
        page.set("s_short", t("In short", "En bref"));
        rows.push_back(who());
        if (!of_kind_["coordination.behaviour"].empty()) rows.push_back(behaviours());
        for (const auto* about : of_kind_["coordination.community"]) {
            rows.push_back(when(*about));
            rows.push_back(row(t("Posts that show it", "Messages qui le montrent"),
                               std::to_string(number(*about, "posts"))));
            rows.push_back(row(t("How surely", "Avec quelle sûreté"), sureness(*about)));
            rows.push_back(
                row(t("Ordinary accounts flagged by mistake", "Comptes ordinaires signalés à tort"),
                    false_flag_in_words(field(*about, "false_flag"), view_.lang)));
            if (const auto it = about->fields.find("disclosed");
                it != about->fields.end() && it->second.bool_or(false))
                rows.push_back(row(t("They say so openly", "Ils le disent ouvertement"),
                                   t("half of them or more are listed by whoever made this case as saying "
                                     "whom they work or speak for",
                                     "la moitié d’entre eux au moins sont indiqués par l’auteur du dossier "
                                     "comme disant pour qui ils travaillent ou parlent")));
            break;
        }
        page.set("rows", rows);
        return rendered(coordination_card_template(), page);
    }

    std::string figures() {
        if (!community_) return {};
        Data page(Data::type::object);
        page.set("s_account", t("Account", "Compte"));
        page.set("s_posts", t("Posts drawn", "Messages dessinés"));
        page.set("s_evidence_posts", t("of which evidence", "dont des preuves"));
        raster(page);
        templates(page);
        shared(page);
        return rendered(coordination_figures_template(), page);
    }

  private:
    std::string t(const char* en, const char* fr) const { return view_.t(en, fr); }
    std::string count(std::size_t n, const Text& single, const Text& many) const {
        return counted(n, single, many, view_.lang);
    }

    static Data row(const std::string& name, const std::string& text) {
        Data out(Data::type::object);
        out.set("name", name);
        out.set("text", text);
        out.set("items", Data(Data::type::list));
        return out;
    }

    Data who() const {
        std::vector<std::string> names;
        for (const auto account : community_->accounts)
            if (names.size() < kMostNamed) names.push_back(data_.accounts[account].shown);
        std::string text = joined(names);
        if (community_->accounts.size() > names.size())
            text += " … (+" + std::to_string(community_->accounts.size() - names.size()) + ")";
        return row(t("Accounts", "Comptes") + " (" + std::to_string(community_->accounts.size()) + ")", text);
    }

    std::string windows(const Observation& behaviour) const {
        const auto& all = list(behaviour, "windows");
        std::string out;
        for (std::size_t i = 0; i < all.size(); ++i)
            out += (i == 0               ? t(", within ", ", en moins de ")
                    : i + 1 < all.size() ? std::string(", ")
                                         : t(" or ", " ou ")) +
                   (all[i].if_int() ? duration_in_words(*all[i].if_int(), view_.lang)
                                    : std::string(all[i].string_or()));
        return out;
    }

    // One line a behaviour; several templates of messages are one.
    Data behaviours() {
        Data out = row(t("What they do together", "Ce qu’ils font ensemble"), ""), items(Data::type::list);
        const auto& all = of_kind_["coordination.behaviour"];
        std::vector<std::string> said;
        for (const auto* behaviour : all) {
            const auto layer = field(*behaviour, "layer");
            if (std::find(said.begin(), said.end(), layer) != said.end()) continue;
            said.emplace_back(layer);
            std::size_t posts = 0, accounts = 0;
            std::size_t alike = 0;
            bool counted_alone = false;
            for (const auto* other : all) {
                if (field(*other, "layer") != layer) continue;
                ++alike;
                posts += number(*other, "posts");
                accounts = std::max(accounts, number(*other, "accounts"));
                const auto it = other->fields.find("independent");
                counted_alone |= it == other->fields.end() || it->second.bool_or(true);
            }
            Data item(Data::type::object);
            item.set("strong", layer_name(*behaviour));
            item.set("colon", t(": ", " : "));
            item.set(
                "text",
                posts_and_accounts(posts, accounts) + (alike > 1 ? templates(alike) : shared(*behaviour)) +
                    (counted_alone ? std::string()
                                   : t(" (rests on the same posts as another, not counted by itself)",
                                       " (repose sur les mêmes messages qu’un autre, non compté à part)")));
            items.push_back(item);
        }
        out.set("items", items);
        return out;
    }

    std::string posts_and_accounts(std::size_t posts, std::size_t accounts) const {
        const auto who = count(accounts, {"account", "compte"}, {"accounts", "comptes"});
        if (posts == 0) return who;
        return count(posts, {"post", "message"}, {"posts", "messages"}) + t(" of ", " de ") + who;
    }

    std::string templates(std::size_t many) const {
        return t("; ", " ; ") +
               count(many, {"template", "modèle"}, {"different templates", "modèles différents"});
    }

    // What they shared, how near in time and in how many pairs.
    std::string shared(const Observation& behaviour) const {
        if (number(behaviour, "posts") == 0) return {};
        const auto ties = number(behaviour, "edges");
        return windows(behaviour) + t("; ", " ; ") +
               count(number(behaviour, "objects"), {"thing shared", "chose partagée"},
                     {"different things shared", "choses différentes partagées"}) +
               (ties ? ", " + count(ties, {"tie", "lien"}, {"ties", "liens"})
                     : t(", at different times", ", à des moments différents"));
    }

    Data when(const Observation& about) const {
        Data out = row(t("When", "Quand"), ""), items(Data::type::list);
        items.push_back(one("text", t("from ", "du ") + moment_in_words(field(about, "first")) + " UTC"));
        items.push_back(one("text", t("to ", "au ") + moment_in_words(field(about, "last")) + " UTC"));
        out.set("items", items);
        return out;
    }

    std::string layer_name(const Observation& observation) const {
        return view_.knowledge.value_name("layer", field(observation, "layer")).in(view_.lang);
    }

    std::string sureness(const Observation& about) const {
        std::string out =
            capitalised(tier_in_words(static_cast<std::int64_t>(number(about, "tier"))).in(view_.lang)) + ".";
        if (const auto q = field(about, "largest_q"); !q.empty())
            out += t(" Weakest tie counted: q = ", " Lien le plus faible compté : q = ") + decimal(q) +
                   t(" (of ties at least this strong, the share that chance alone would give).",
                     " (parmi les liens au moins aussi forts, la part que donnerait le seul hasard).");
        if (const auto stability = field(about, "stability"); !stability.empty())
            out += t(" Found again in repeated computations: ", " Retrouvée en répétant les calculs : ") +
                   decimal(stability) +
                   t(" (1: always the same accounts).", " (1 : toujours les mêmes comptes).");
        const auto windows = field(about, "stability_windows"),
                   threshold = field(about, "stability_threshold");
        if (!windows.empty() && !threshold.empty())
            out += t(" Share of its accounts still tied in the strictest time window alone: ",
                     " Part de ses comptes encore liés dans la seule fenêtre de temps la plus sévère : ") +
                   decimal(windows) +
                   t("; if ten times fewer chance ties were accepted: ",
                     " ; en acceptant dix fois moins de liens dus au hasard : ") +
                   decimal(threshold) + ".";
        return out;
    }

    std::string decimal(std::string text) const {
        if (view_.lang == Lang::fr) std::replace(text.begin(), text.end(), '.', ',');
        return text;
    }

    void raster(Data& page) const {
        const auto svg = figure::raster(view_, *community_, "raster-" + anchor_);
        if (svg.empty()) return;
        Data item(Data::type::object), rows(Data::type::list);
        item.set("s_raster", t("When each account posted", "Quand chaque compte a publié"));
        item.set("s_raster_words", t("The same in numbers", "La même chose en chiffres"));
        item.set("svg", svg);
        item.set("caption", figure::raster_caption(view_, *community_));
        for (const auto& line : community_->activity.rows) {
            Data r = one("who", data_.accounts[line.account].shown);
            r.set("posts", sum(line.posts));
            r.set("evidence", sum(line.evidence));
            rows.push_back(r);
        }
        item.set("rows", rows);
        page.set("raster", item);
    }

    static std::string sum(const std::vector<std::uint32_t>& cells) {
        std::uint64_t out = 0;
        for (const auto cell : cells) out += cell;
        return std::to_string(out);
    }

    void templates(Data& page) {
        Data all(Data::type::list);
        for (const auto* observation : of_kind_["coordination.template"]) {
            const auto of = field(*observation, "text_of"), pattern = field(*observation, "pattern");
            Data item(Data::type::object), parts(Data::type::list), heads(Data::type::list);
            item.set("title", of == "bio" ? t("The template of their bios", "Le modèle de leurs bios")
                              : of == "display"
                                  ? t("The template of their names", "Le modèle de leurs noms")
                                  : t("The template of their posts", "Le modèle de leurs messages"));
            std::size_t slots = 0;
            std::string before;
            for (const auto& part : pattern_parts(pattern)) {
                if (part.slot && slots == kMostSlots) {
                    parts.push_back(one("fixed", "…"));
                    break;
                }
                if (!part.slot) before = shortened(data_.veil(part.text), kMostQuoted);
                if (part.slot) heads.push_back(one("text", head_of(++slots, before)));
                parts.push_back(part.slot ? one("slot", std::to_string(slots)) : one("fixed", before));
                if (part.slot) before.clear();
            }
            item.set("parts", parts);
            item.set("heads", heads);
            item.set("how_many", how_many(*observation));
            item.set("s_values", t("What each account put in the numbered places",
                                   "Ce que chaque compte a mis aux places numérotées"));
            members(item, of, pattern, slots);
            all.push_back(item);
        }
        page.set("templates", all);
    }

    // A slot's number, and the last of the fixed words before it.
    static std::string head_of(std::size_t slot, const std::string& before) {
        std::string word = before;
        while (!word.empty() && word.back() == ' ') word.pop_back();
        if (const auto space = word.find_last_of(' '); space != std::string::npos)
            word = word.substr(space + 1);
        return std::to_string(slot) + (word.empty() ? "" : " (" + word + " …)");
    }

    void members(Data& item, const std::string& of, const std::string& pattern, std::size_t slots) const {
        const auto it = std::find_if(community_->templates.begin(), community_->templates.end(),
                                     [&](const auto& c) { return c.of == of && c.pattern == pattern; });
        item.set("has_rows", it != community_->templates.end() && !it->members.empty());
        if (it == community_->templates.end()) return;
        Data rows(Data::type::list);
        for (const auto& member : it->members) {
            const auto& account = data_.accounts[member.account];
            Data cells(Data::type::list), r = one("who", account.shown);
            for (std::size_t i = 0; i < slots; ++i) {
                const std::string value = i < member.values.size() ? member.values[i] : "";
                // A display name's slots hold the person's name.
                cells.push_back(one("text", of == "display" && !account.named
                                                ? t("(hidden)", "(masqué)")
                                                : shortened(data_.veil(value), kMostQuoted)));
            }
            r.set("cells", cells);
            rows.push_back(r);
        }
        item.set("rows", rows);
        if (it->members_left_out)
            item.set("more", t("Not shown: ", "Non montrés : ") + std::to_string(it->members_left_out) +
                                 t(". The whole: ", ". Le tout : ") + "contrechamp table template_members.");
    }

    std::string how_many(const Observation& observation) const {
        const auto members = number(observation, "members"), fits = number(observation, "comparison_fits"),
                   of = number(observation, "comparison");
        std::string out = count(members, {"account fits it", "compte s’y conforme"},
                                {"accounts fit it", "comptes s’y conforment"}) +
                          ". ";
        out += of ? t("Of those compared with: ", "Parmi ceux de comparaison : ") + std::to_string(fits) +
                        t(" of ", " sur ") + std::to_string(of) + ". "
                  : t("There was nothing to compare with. ", "Il n’y avait rien à quoi comparer. ");
        const auto chance = chance_in_words(field(observation, "log10_p"), view_.lang);
        return out + (chance.empty() ? t("How unlikely that is by chance cannot be said.",
                                         "On ne peut dire à quel point ce serait improbable par hasard.")
                                     : t("If each had been written by itself, so many alike: ",
                                         "Si chacun avait été écrit à part, autant de semblables : ") +
                                           chance + ".");
    }

    // Of each behaviour the things that most accounts shared, in turn.
    Observations chosen() {
        std::map<std::string, Observations> by_layer;
        for (const auto* observation : of_kind_["coordination.shared"])
            by_layer[field(*observation, "layer")].push_back(observation);
        std::size_t longest = 0;
        for (auto& [layer, things] : by_layer) {
            std::stable_sort(things.begin(), things.end(), [](const Observation* a, const Observation* b) {
                return list(*a, "accounts").size() > list(*b, "accounts").size();
            });
            longest = std::max(longest, things.size());
        }
        Observations out;
        for (std::size_t i = 0; i < longest; ++i)
            for (const auto& [layer, things] : by_layer)
                if (i < things.size() && out.size() < kMostShared) out.push_back(things[i]);
        return out;
    }

    void shared(Data& page) {
        const auto things = chosen();
        const auto all = of_kind_["coordination.shared"].size();
        page.set("has_shared", !things.empty());
        page.set("s_shared", t("Posts side by side", "Messages côte à côte"));
        page.set("s_when", t("When (UTC)", "Quand (UTC)"));
        page.set("s_later", t("After the first", "Après le premier"));
        page.set("shared_note", t("Who is mentioned in quoted words is hidden.",
                                  "Les personnes citées dans les extraits sont masquées.") +
                                    (all > things.size() ? " " + std::to_string(things.size()) +
                                                               t(" of ", " sur ") + std::to_string(all) +
                                                               t("; the others stand under “Evidence”.",
                                                                 " ; les autres sont sous « Preuves ».")
                                                         : ""));
        Data out(Data::type::list);
        for (const auto* thing : things) out.push_back(side_by_side(*thing));
        page.set("shared", out);
    }

    Data side_by_side(const Observation& thing) const {
        static const std::set<std::string> kShown = {"same-link", "same-domain", "same-hashtags"};
        Data item(Data::type::object), rows(Data::type::list);
        item.set("what", capitalised(layer_name(thing)));
        // Other objects are numbers, or would say which post or account is meant.
        if (const auto object = field(thing, "object");
            !object.empty() && kShown.contains(field(thing, "layer")))
            item.set("object", shortened(data_.veil(object), kMostQuoted));
        if (const auto words = field(thing, "words"); !words.empty())
            item.set("words", shortened(data_.veil(words), kMostQuoted));
        const auto window = number(thing, "window_s");
        item.set("span", count(number(thing, "posts"), {"post", "message"}, {"posts", "messages"}) +
                             (window ? t(", within ", ", en moins de ") +
                                           duration_in_words(static_cast<std::int64_t>(window), view_.lang)
                                     : std::string()));
        item.set("exhibit", thing.locator.exhibit.substr(0, 12));
        item.set("place", place_of(thing.locator, view_.lang));
        const auto &accounts = list(thing, "accounts"), &times = list(thing, "times");
        auto first = from_rfc3339(field(thing, "first"));
        for (const auto& time : times)
            if (const auto at = from_rfc3339(time.string_or()); at && (!first || *at < *first)) first = at;
        for (std::size_t i = 0; i < accounts.size() && i < kMostSharedRows; ++i) {
            const auto pseudonym = std::string(accounts[i].string_or());
            const auto known = data_.shown_of.find(pseudonym);
            const std::string time = i < times.size() ? std::string(times[i].string_or()) : "";
            const auto at = from_rfc3339(time);
            Data r = one("who", known == data_.shown_of.end() ? pseudonym : known->second);
            r.set("when", moment_in_words(time));
            r.set("later", !at || !first   ? ""
                           : *at == *first ? t("first", "premier")
                                           : "+" + duration_in_words(*at - *first, view_.lang));
            rows.push_back(r);
        }
        item.set("rows", rows);
        if (accounts.size() > kMostSharedRows)
            item.set("more", t("Not shown: ", "Non montrés : ") +
                                 std::to_string(accounts.size() - kMostSharedRows) + ".");
        return item;
    }

    const SectionView& view_;
    const Coordination& data_;
    const CoordinationCommunity* community_ = nullptr;
    std::string anchor_;
    std::map<std::string, Observations> of_kind_;
};

// What is not drawn, and where the whole is.
std::string network_caption(const SectionView& view) {
    const auto& data = view.model.coordination;
    std::size_t communities = 0, accounts = 0, in_drawn = 0;
    for (std::size_t i = 0; i < data.communities.size(); ++i) {
        const auto drawn = i < data.drawn.size() ? data.drawn[i].size() : 0;
        const auto left = data.communities[i].accounts.size() - drawn;
        if (drawn == 0) ++communities, accounts += left;
        else in_drawn += left;
    }
    std::string out = view.t("Where accounts stand means nothing but who is tied to whom.",
                             "La place des comptes ne dit rien d’autre que qui est lié à qui.");
    if (communities)
        out += view.t(" The largest communities are drawn; not drawn: ",
                      " Les plus grandes communautés sont dessinées ; non dessiné : ") +
               counted(communities, {"community", "communauté"}, {"communities", "communautés"}, view.lang) +
               view.t(" with in all ", ", en tout ") +
               counted(accounts, {"account", "compte"}, {"accounts", "comptes"}, view.lang) + ".";
    if (in_drawn)
        out += view.t(" Accounts with less evidence that are not drawn: ",
                      " Comptes ayant moins de preuves, non dessinés : ") +
               std::to_string(in_drawn) + ".";
    if (data.ties_left_out)
        out += view.t(" Each account’s strongest ties are drawn; not drawn: ",
                      " Les liens les plus forts de chaque compte sont dessinés ; non dessinés : ") +
               std::to_string(data.ties_left_out) + ".";
    return out + view.t(" The whole: ", " Le tout : ") + "contrechamp table edges" +
           view.t(", or the GEXF file.", ", ou le fichier GEXF.");
}

std::string key(const SectionView& view) {
    const std::pair<unsigned, Text> kWidths[] = {{1, {"one behaviour", "un comportement"}},
                                                 {2, {"two", "deux"}},
                                                 {3, {"three or more", "trois ou plus"}}};
    std::string out =
        for_html(view.t("A sign is an account, its shape and colour its community. Tied by ",
                        "Un signe est un compte, sa forme et sa couleur sa communauté. Liés par "));
    for (const auto& [layers, text] : kWidths)
        out +=
            "<span class=\"nowrap\"><svg class=\"sign\" width=\"26\" height=\"14\" viewBox=\"0 0 26 14\" "
            "aria-hidden=\"true\"><path "
            "d=\"M1 7H25\" stroke=\"var(--soft)\" stroke-width=\"" +
            figure::number(figure::tie_width(layers)) + "\"/></svg> " + for_html(view.t(text)) +
            (layers == 3 ? "." : ",") + "</span> ";
    return out;
}

std::string anchor_of(const SectionView& view, const std::string& community) {
    for (std::size_t i = 0; i < view.model.findings.size(); ++i)
        if (view.model.findings[i].subject.kind == "community" &&
            view.model.findings[i].subject.key == community)
            return "f-" + view.model.finding_ids[i].substr(0, 12);
    return {};
}

Data community_row(const SectionView& view, std::size_t i, const Observation* about) {
    const auto& community = view.model.coordination.communities[i];
    Data row(Data::type::object);
    const bool drawn = i < view.model.coordination.drawn.size() && !view.model.coordination.drawn[i].empty();
    row.set("sign", drawn ? figure::sign(i) : std::string());
    row.set("name", view.t("Community ", "Communauté ") + letter_of(community.key));
    if (const auto to = anchor_of(view, community.key); !to.empty()) row.set("to", to);
    row.set("accounts", std::to_string(community.accounts.size()));
    if (!about) return row;
    std::vector<std::string> layers;
    for (const auto& layer : list(*about, "behaviours"))
        layers.push_back(view.knowledge.value_name("layer", layer.string_or()).in(view.lang));
    row.set("behaviours", joined(layers));
    row.set("first", moment_in_words(field(*about, "first")));
    row.set("last", moment_in_words(field(*about, "last")));
    row.set("posts", std::to_string(number(*about, "posts")));
    row.set("tier", tier_in_words(static_cast<std::int64_t>(number(*about, "tier"))).in(view.lang));
    return row;
}

std::string whole(const SectionView& view) {
    const auto& data = view.model.coordination;
    if (data.communities.empty()) return {};
    Data page(Data::type::object), rows(Data::type::list);
    page.set(
        "intro",
        view.t("Accounts that act together more than chance explains. That says nothing about who "
               "they are, and not that they do wrong: read the innocent explanations of each.",
               "Des comptes qui agissent ensemble plus que le hasard ne l’explique. Cela ne dit rien "
               "de qui ils sont, ni qu’ils agissent mal : lisez les explications innocentes de chacun."));
    page.set(
        "pseudonyms",
        view.t(
            "Accounts are called by pseudonyms (A1, A2 …), since most belong to private persons; named are "
            "only those that whoever made this case listed as of public interest. Which account is which "
            "stands in the case, not in this report. Quoted words may still be found with a search engine, "
            "and lead to who wrote them: think of it before you pass this report on.",
            "Les comptes portent des pseudonymes (A1, A2 …), car la plupart sont à des particuliers ; seuls "
            "sont nommés ceux que l’auteur du dossier a indiqués comme d’intérêt public. Qui est qui se "
            "trouve dans le dossier, pas dans ce rapport. Des mots cités peuvent toutefois être retrouvés "
            "par "
            "un moteur de recherche et mener à leur auteur : pensez-y avant de transmettre ce rapport."));
    if (const auto svg = figure::network(view, "network"); !svg.empty()) {
        page.set("svg", svg);
        page.set("key", key(view));
        page.set("caption", network_caption(view));
    }
    page.set("s_table", view.t("The communities", "Les communautés"));
    page.set("s_community", view.t("Community", "Communauté"));
    page.set("s_accounts", view.t("Accounts", "Comptes"));
    page.set("s_behaviours", view.t("Behaviours", "Comportements"));
    page.set("s_period", view.t("From – to (UTC)", "Du – au (UTC)"));
    page.set("s_posts", view.t("Posts", "Messages"));
    page.set("s_tier", view.t("How surely", "Avec quelle sûreté"));
    std::map<std::string, const Observation*> about;
    for (const auto& observation : view.model.observations)
        if (observation.kind == "coordination.community")
            about.emplace(observation.subject.key, &observation);
    if (data.communities.size() > kMostListed)
        page.set("more", view.t("Not listed here: ", "Non listées ici : ") +
                             std::to_string(data.communities.size() - kMostListed) +
                             view.t(". The whole: ", ". Le tout : ") + "contrechamp table communities.");
    for (std::size_t i = 0; i < std::min(data.communities.size(), kMostListed); ++i)
        rows.push_back(community_row(view, i, about[data.communities[i].key]));
    page.set("rows", rows);
    return rendered(coordination_whole_template(), page);
}

std::string card_summary(const SectionView& view, std::span<const std::size_t> findings) {
    return Community(view, findings).summary();
}

std::string card_figures(const SectionView& view, std::span<const std::size_t> findings) {
    return Community(view, findings).figures();
}

}  // namespace

Section coordination_section() {
    return {"together",
            {"Accounts that act together", "Comptes qui agissent ensemble"},
            figures_style_template,
            whole,
            card_summary,
            card_figures};
}

}  // namespace contrechamp
