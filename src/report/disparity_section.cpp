#include "report/disparity_section.h"

#include <algorithm>
#include <set>

#include <kainjow/mustache.hpp>

#include "base/escape.h"
#include "report/disparity_words.h"
#include "report/figure_forest.h"
#include "report/figure_lines.h"
#include "report/templates.h"
#include "report/words.h"

namespace contrechamp {
namespace {

namespace mustache = kainjow::mustache;
using Data = mustache::data;

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

std::string in_digits(std::optional<double> value) {
    return value ? std::to_string(static_cast<std::int64_t>(*value)) : "–";
}

class Whole {
  public:
    explicit Whole(const SectionView& view) : view_(view), data_(view.model.disparity) {}

    std::string draw() {
        if (data_.empty()) return {};
        Data page(Data::type::object);
        page.set("intro",
                 t("What these tables and transcripts show about groups of people, as whoever gave them "
                   "named the groups. Nothing was inferred about anybody.",
                   "Ce que ces tableaux et transcriptions montrent de groupes de personnes, tels que les a "
                   "nommés qui les a fournis. Rien n’a été déduit de personne."));
        left_out(page);
        shows(page);
        does_not_show(page);
        career(page);
        forests(page);
        curves(page);
        lost_words(page);
        method(page);
        return rendered(disparity_whole_template(), page);
    }

  private:
    std::string t(const char* en, const char* fr) const { return view_.t(en, fr); }
    std::string said(const std::string& text) const { return view_.lang == Lang::fr ? french(text) : text; }
    std::string value(const char* field, const std::string& id) const {
        return view_.knowledge.value_name(field, id).in(view_.lang);
    }

    void left_out(Data& page) const {
        page.set("has_left_out", !data_.left_out.empty());
        page.set("s_left_out", t("Left out, before anything else", "Laissés de côté, avant toute chose"));
        Data list(Data::type::list);
        for (const auto& group : data_.left_out) {
            Data item(Data::type::object);
            item.set("who", group.by + (group.group.empty()
                                            ? ""
                                            : said(view_.lang == Lang::fr ? " : " : ": ") + group.group));
            const auto many = static_cast<std::size_t>(group.people ? group.people : group.rows);
            item.set(
                "why",
                capitalised(value("reason", group.reason)) + " (" +
                    (group.people ? counted(many, {"person", "personne"}, {"people", "personnes"}, view_.lang)
                                  : counted(many, {"row", "ligne"}, {"rows", "lignes"}, view_.lang)) +
                    ").");
            list.push_back(item);
        }
        page.set("left_out", list);
    }

    void shows(Data& page) const {
        page.set("s_shows", t("What this shows", "Ce que cela montre"));
        page.set("s_card", t("its figures", "ses chiffres"));
        page.set("s_nothing",
                 any_measure({"career"})
                     ? t("A career and its panel: a comparison, of which no test is made.",
                         "Une carrière et son panel : une comparaison, dont aucun test n’est fait.")
                     : t("No groups could be compared.", "Aucun groupe n’a pu être comparé."));
        Data latest(Data::type::list);
        for (const auto& career : data_.careers)
            if (const auto words = latest_in_words(career, view_.lang); !words.empty())
                latest.push_back(one("text", words));
        page.set("latest", latest);
        Data list(Data::type::list);
        for (const auto& conclusion : data_.conclusions) {
            Data item(Data::type::object);
            item.set("verdict", "is-" + conclusion.verdict);
            item.set("compared", said(compared_in_words(conclusion, view_.knowledge, view_.lang)));
            if (const auto found = found_in_words(conclusion, view_.lang); !found.empty())
                item.set("found", said(found));
            item.set("said", said(verdict_in_words(conclusion, view_.knowledge, view_.lang)));
            if (const auto to = card_of(conclusion.key); !to.empty()) item.set("to", to);
            list.push_back(item);
        }
        page.set("has_shows", !data_.conclusions.empty());
        page.set("shows", list);
    }

    std::string card_of(const std::string& key) const {
        for (std::size_t i = 0; i < view_.model.findings.size(); ++i)
            if (view_.model.findings[i].subject.kind == "judgement" &&
                view_.model.findings[i].subject.key == key)
                return "f-" + view_.model.finding_ids[i].substr(0, 12);
        return {};
    }

    bool any_measure(std::initializer_list<const char*> names) const {
        return std::any_of(data_.figures.begin(), data_.figures.end(), [&](const JudgedFigure& figure) {
            return std::find(names.begin(), names.end(), figure.measure) != names.end();
        });
    }

    void does_not_show(Data& page) const {
        page.set("s_not", t("What this does not show", "Ce que cela ne montre pas"));
        Data list(Data::type::list);
        const auto add = [&](const char* en, const char* fr) { list.push_back(one("text", t(en, fr))); };
        add("That anybody meant to treat people unequally, or that the law was broken: figures ask a "
            "question, "
            "whoever uses the system has to answer it.",
            "Que quelqu’un ait voulu traiter inégalement, ni que la loi ait été violée : des chiffres posent "
            "une question, c’est à qui emploie le système d’y répondre.");
        add("Equality where no difference was found: “compatible with no difference” also fits any "
            "difference "
            "too small for these data.",
            "L’égalité là où aucun écart n’apparaît : « compatible avec l’absence d’écart » convient aussi à "
            "tout écart trop petit pour ces données.");
        add("Anything about people who are not in these tables, or about a cause: groups may differ in what "
            "the tables do not hold.",
            "Quoi que ce soit des personnes absentes de ces tableaux, ni une cause : les groupes peuvent "
            "différer par ce que les tableaux ne contiennent pas.");
        if (any_measure({"wer"}))
            add("What was really said: the reference is one human's transcript, and humans' own transcripts "
                "of "
                "the same speech disagree by 11 to 20 %.",
                "Ce qui a vraiment été dit : la référence est la transcription d’un humain, et celles "
                "d’humains différents s’écartent de 11 à 20 % sur les mêmes paroles.");
        if (any_measure({"selection-rate"}))
            add("Discrimination by the four-fifths ratio alone: it is a screen used in one country, shown "
                "for "
                "comparison.",
                "Une discrimination par la seule règle des quatre cinquièmes : c’est un repère d’un pays, "
                "donné "
                "pour comparaison.");
        if (any_measure({"fmr", "fnmr"}))
            add("How the system does at another threshold, camera or crowd than those of these comparisons.",
                "Ce que ferait le système à un autre seuil, avec une autre caméra ou une autre foule que "
                "dans "
                "ces comparaisons.");
        if (any_measure({"career"}))
            add("Why one career went as it did: the panel is a comparison, and courts differ on who belongs "
                "in "
                "it and on how the damage is counted.",
                "Pourquoi une carrière s’est déroulée ainsi : le panel est une comparaison, et les tribunaux "
                "varient sur sa composition et sur le calcul du préjudice.");
        page.set("not", list);
    }

    void career(Data& page) const {
        Data list(Data::type::list);
        for (const auto& figure : data_.figures) {
            if (figure.measure != "career" || !figure.value) continue;
            Data item(Data::type::object);
            item.set("name", capitalised(value("statistic", figure.statistic)));
            item.set("value", amount_in_words("career", *figure.value, view_.lang));
            item.set("how", figure.setting.empty() ? "" : value("setting", figure.setting));
            list.push_back(item);
        }
        page.set("has_career", list.is_non_empty_list());
        page.set("s_career",
                 t("The career and its panel, step by step", "La carrière et son panel, pas à pas"));
        page.set("career", list);
        career_lines(page);
    }

    // The person's figure and the panel's, year by year. Nobody is named.
    void career_lines(Data& page) const {
        page.set("s_year", t("Year", "Année"));
        page.set("s_own", t("The person", "La personne"));
        page.set("s_mean", t("Panel, mean", "Panel, moyenne"));
        page.set("s_median", t("Panel, median", "Panel, médiane"));
        page.set("s_panel", t("People in the panel", "Personnes au panel"));
        Data list(Data::type::list);
        for (const auto& career : data_.careers) list.push_back(course(career, list));
        page.set("courses", list);
    }

    Data course(const CareerYears& career, const Data& before) const {
        figure::Lines drawn;
        drawn.title = t("The person’s figure and the panel’s, year by year",
                        "Le chiffre de la personne et ceux du panel, année par année");
        drawn.lines = {{t("the person", "la personne"), {}, true},
                       {t("mean of the panel", "moyenne du panel"), {}, false},
                       {t("median of the panel", "médiane du panel"), {}, false}};
        drawn.amount = [lang = view_.lang](double value) { return amount_in_words("career", value, lang); };
        Data rows(Data::type::list);
        const auto amount = [&](std::optional<double> value) {
            return value ? drawn.amount(*value) : std::string("–");
        };
        for (const auto& year : career) {
            drawn.years.push_back(year.year);
            drawn.lines[0].values.push_back(year.own);
            drawn.lines[1].values.push_back(year.mean);
            drawn.lines[2].values.push_back(year.median);
            Data row(Data::type::object);
            row.set("year", std::to_string(year.year));
            row.set("own", amount(year.own));
            row.set("mean", amount(year.mean));
            row.set("median", amount(year.median));
            row.set("people", std::to_string(year.people));
            rows.push_back(row);
        }
        drawn.description = latest_in_words(career, view_.lang);
        Data item(Data::type::object);
        item.set("title", drawn.title);
        item.set("svg", figure::lines(drawn, "career-" + std::to_string(before.list_value().size() + 1)));
        item.set(
            "caption",
            t("The vertical axis does not begin at 0. A line is broken where a year has no figure.",
              "L’axe vertical ne part pas de 0. Une ligne s’interrompt où une année n’a pas de chiffre."));
        item.set("rows", rows);
        return item;
    }

    // Rates of the groups, one drawing a measure, system and column.
    void forests(Data& page) const {
        page.set("s_numbers", t("The same in numbers", "La même chose en chiffres"));
        page.set("s_group", t("Group", "Groupe"));
        page.set("s_people", t("People", "Personnes"));
        page.set("s_events", t("How many, of how many", "Combien, sur combien"));
        page.set("s_rate", t("Rate (interval)", "Taux (intervalle)"));
        Data list(Data::type::list);
        std::set<std::tuple<std::string, std::string, std::string>> drawn;
        std::size_t count = 0;
        for (const auto& figure : data_.figures) {
            if (figure.kind != "rate" || figure.by.empty()) continue;
            if (!drawn.emplace(figure.measure, figure.system, figure.by).second) continue;
            if (++count <= kMostForests) list.push_back(rates(figure, count));
        }
        page.set("forests", list);
    }

    Data rates(const JudgedFigure& first, std::size_t number) const {
        figure::Forest forest;
        forest.percent = amount_in_words(first.measure, 0, Lang::en).ends_with("%");
        Data rows(Data::type::list);
        std::string description;
        for (const auto& figure : data_.figures) {
            if (figure.kind != "rate" || figure.measure != first.measure || figure.system != first.system ||
                figure.by != first.by)
                continue;
            const auto in_words =
                figure.value ? amount_in_words(figure.measure, *figure.value, view_.lang) : std::string("–");
            const auto interval =
                interval_in_words(figure.measure, figure.low, figure.high, false, view_.lang);
            forest.rows.push_back(
                {figure.group, in_words + interval, figure.value, figure.low, figure.high, true});
            description += figure.group + ": " + in_words + interval + ". ";
            Data row(Data::type::object);
            row.set("group", figure.group);
            row.set("people", figure.people ? std::to_string(figure.people) : "–");
            row.set("events", in_digits(figure.events) + " / " + in_digits(figure.units));
            row.set("rate", in_words + interval +
                                (figure.note.empty() ? "" : t("; ", " ; ") + value("note", figure.note)));
            rows.push_back(row);
        }
        const auto title = capitalised(measure_name(first.measure, view_.knowledge, view_.lang)) +
                           (first.system.empty() ? "" : ", " + first.system) + t(", by ", ", par ") +
                           first.by;
        forest.title = title;
        forest.description = description;
        Data item(Data::type::object);
        item.set("title", title);
        item.set("svg", figure::forest(view_, forest, "forest-" + std::to_string(number)));
        item.set("caption",
                 t("Square: the rate. Bar: 95 % interval (or the level asked for), by people where "
                   "people come back. A diamond has no interval: too few people.",
                   "Carré : le taux. Barre : intervalle à 95 % (ou au niveau demandé), par personne "
                   "quand elles reviennent. Un losange n’a pas d’intervalle : trop peu de personnes."));
        item.set("rows", rows);
        return item;
    }

    void curves(Data& page) const {
        Data list(Data::type::list);
        std::size_t number = 0;
        for (const auto& found : data_.curves) {
            figure::Curves drawn;
            drawn.logarithmic = found.curve == "det";
            drawn.diagonal = found.curve != "det";
            drawn.line = found.curve != "calibration";
            for (const auto& [group, points] : found.groups) {
                figure::Series series{group.empty() ? t("everybody", "tout le monde") : group, {}};
                for (const auto& point : points)
                    series.points.push_back({point.x, point.y, point.low, point.high});
                drawn.series.push_back(std::move(series));
            }
            drawn.x_name = found.curve == "det"   ? t("false match rate", "taux de fausses correspondances")
                           : found.curve == "roc" ? t("false positive rate", "taux de faux positifs")
                                                  : t("score", "note");
            drawn.y_name = found.curve == "det"   ? t("false non-match rate", "taux de faux rejets")
                           : found.curve == "roc" ? t("true positive rate", "taux de vrais positifs")
                                                  : t("observed rate", "taux observé");
            drawn.title = capitalised(value("curve", found.curve)) +
                          (found.by.empty() ? "" : t(", by ", ", par ") + found.by);
            drawn.description = drawn.y_name + t(" against ", " selon ") + drawn.x_name + ".";
            Data item(Data::type::object);
            item.set("title", drawn.title);
            item.set("svg", figure::curves(view_, drawn, "curve-" + std::to_string(++number)));
            item.set(
                "caption",
                found.curve == "det"
                    ? t("Nearer to the lower left corner is better. Each step of both axes is ten times the "
                        "one before; a rate of 0 is drawn at their beginning.",
                        "Plus c’est près du coin inférieur gauche, mieux c’est. Chaque pas des deux axes "
                        "vaut dix fois le précédent ; un taux de 0 est dessiné à leur début.")
                : found.curve == "roc"
                    ? t("Nearer to the upper left corner is better; the dashed line is chance.",
                        "Plus c’est près du coin supérieur gauche, mieux c’est ; le tireté est le hasard.")
                    : t("On the dashed line a score says what happens. Bars: intervals.",
                        "Sur le tireté, la note dit ce qui arrive. Barres : intervalles."));
            list.push_back(item);
        }
        page.set("curves", list);
    }

    void lost_words(Data& page) const {
        Data list(Data::type::list);
        for (const auto& found : data_.lost_words) {
            Data item(Data::type::object), heads(Data::type::list), cells(Data::type::list);
            for (const auto& [group, words] : found.groups) {
                heads.push_back(one("text", group));
                Data shown(Data::type::list);
                for (const auto& word : words) {
                    Data entry(Data::type::object);
                    entry.set("word", shortened(word.word, 40));
                    entry.set("count", std::to_string(word.substituted + word.deleted) + "/" +
                                           std::to_string(word.occurrences));
                    shown.push_back(entry);
                }
                Data cell(Data::type::object);
                cell.set("words", shown);
                cells.push_back(cell);
            }
            item.set("title", t("Words most often lost, ", "Mots les plus souvent perdus, ") + found.system +
                                  t(", by ", ", par ") + found.by);
            item.set("heads", heads);
            item.set("cells", cells);
            item.set("caption",
                     t("Lost or misheard, of how often they were said; no test is made of these.",
                       "Perdus ou mal entendus, sur le nombre de fois où ils sont dits ; aucun test "
                       "n’en est fait."));
            list.push_back(item);
        }
        page.set("lost", list);
    }

    void method(Data& page) const {
        std::int64_t tests = 0, seed = 0;
        for (const auto& conclusion : data_.conclusions) {
            if (conclusion.verdict != "insufficient") ++tests;
            seed = conclusion.seed;
        }
        const auto made = data_.conclusions.empty()
                              ? std::string()
                              : t("Tests made: ", "Tests effectués : ") + std::to_string(tests) +
                                    t("; seed ", " ; graine ") + std::to_string(seed) + ". ";
        page.set("method",
                 made + t("The files are named by their SHA-256 below. To compute everything again:",
                          "Les fichiers sont nommés plus bas par leur SHA-256. Pour tout recalculer :"));
        page.set("s_sheet", t("Every figure, for a spreadsheet:", "Chaque chiffre, pour un tableur :"));
        page.set("sheets", data_.careers.empty() ? "figures" : "panel");
    }

    const SectionView& view_;
    const Disparity& data_;
};

// What one card shows of one comparison: each way of computing it, then the other figures.
class Card {
  public:
    Card(const SectionView& view, std::span<const std::size_t> findings) : view_(view) {
        for (const auto i : findings) {
            const auto& finding = view.model.findings[i];
            if (finding.subject.kind != "judgement") continue;
            conclusion_ = view.model.disparity.conclusion(finding.subject.key);
            anchor_ = view.model.finding_ids[findings.front()].substr(0, 12);
        }
    }

    std::string summary() const {
        if (!conclusion_) return {};
        const auto text = compared_in_words(*conclusion_, view_.knowledge, view_.lang) + ". " +
                          found_in_words(*conclusion_, view_.lang) + " " +
                          verdict_in_words(*conclusion_, view_.knowledge, view_.lang);
        return "<p>" + for_html(view_.lang == Lang::fr ? french(text) : text) + "</p>";
    }

    std::string figures() const {
        if (!conclusion_) return {};
        Data page(Data::type::object), forest(Data::type::object), details(Data::type::list);
        figure::Forest drawn;
        drawn.percent = amount_in_words(conclusion_->measure, 0, Lang::en).ends_with("%");
        drawn.origin = 0;
        drawn.left = 356;
        drawn.right = 84;
        drawn.longest_label = 58;
        drawn.title = view_.t("The difference under each way of computing it",
                              "L’écart selon chaque façon de calculer");
        for (const auto& figure : view_.model.disparity.figures) {
            if (figure.measure != conclusion_->measure || figure.system != conclusion_->system ||
                figure.by != conclusion_->by || figure.group != conclusion_->group ||
                figure.against != conclusion_->against)
                continue;
            if (figure.kind == "contrast" || figure.kind == "setting") add(drawn, figure);
            else details.push_back(detail(figure));
        }
        forest.set("title", drawn.title);
        forest.set("svg", figure::forest(view_, drawn, "settings-" + anchor_));
        forest.set(
            "caption",
            view_.t("Full square: the main computation. Dashed line: no difference. p on the right, adjusted "
                    "for the number of comparisons.",
                    "Carré plein : le calcul principal. Tireté : aucun écart. À droite p, corrigé du nombre "
                    "de comparaisons."));
        page.set("forest", forest);
        page.set("has_details", details.is_non_empty_list());
        page.set("s_details",
                 view_.t("Other figures of the same comparison", "Autres chiffres de cette comparaison"));
        page.set("s_what", view_.t("Figure", "Chiffre"));
        page.set("s_how", view_.t("How", "Comment"));
        page.set("s_value", view_.t("Value (interval)", "Valeur (intervalle)"));
        page.set("details", details);
        return rendered(disparity_figures_template(), page);
    }

  private:
    void add(figure::Forest& into, const JudgedFigure& figure) const {
        const auto p = figure.p_adjusted ? figure.p_adjusted : figure.p;
        auto name = setting_name(figure.setting, view_.knowledge, view_.lang);
        if (name.empty()) name = view_.t("main", "principal");
        into.rows.push_back({name, p ? p_in_words(*p, view_.lang) : view_.t("no p", "sans p"), figure.value,
                             figure.low, figure.high, figure.kind == "contrast"});
        into.description +=
            name + ": " +
            (figure.value ? difference_in_words(figure.measure, *figure.value, view_.lang) : "–") +
            interval_in_words(figure.measure, figure.low, figure.high, true, view_.lang) + ". ";
    }

    Data detail(const JudgedFigure& figure) const {
        const auto& knowledge = view_.knowledge;
        Data out(Data::type::object);
        out.set("what", capitalised(knowledge.value_name("statistic", figure.statistic).in(view_.lang)));
        out.set("how",
                knowledge.value_name("method", figure.method).in(view_.lang) +
                    (figure.note.empty()
                         ? ""
                         : view_.t("; ", " ; ") + knowledge.value_name("note", figure.note).in(view_.lang)));
        const bool of_rates = figure.statistic == "difference" || figure.statistic == "rate";
        const std::string unit = of_rates ? figure.measure : "auc";
        out.set("value", figure.value ? (figure.statistic == "difference"
                                             ? difference_in_words(unit, *figure.value, view_.lang)
                                             : amount_in_words(unit, *figure.value, view_.lang)) +
                                            interval_in_words(unit, figure.low, figure.high,
                                                              figure.statistic == "difference", view_.lang)
                                      : std::string("–"));
        out.set("p", figure.p ? p_in_words(*figure.p, view_.lang) : std::string());
        return out;
    }

    const SectionView& view_;
    const JudgedConclusion* conclusion_ = nullptr;
    std::string anchor_;
};

std::string_view style() {
    static const std::string kStyle =
        std::string(figures_style_template()) + std::string(disparity_style_template());
    return kStyle;
}

std::string whole(const SectionView& view) { return Whole(view).draw(); }
std::string card_summary(const SectionView& view, std::span<const std::size_t> findings) {
    return Card(view, findings).summary();
}
std::string card_figures(const SectionView& view, std::span<const std::size_t> findings) {
    return Card(view, findings).figures();
}

}  // namespace

Section disparity_section() {
    return {
        "judged",
        {"What the judgements show, and do not show", "Ce que montrent les jugements, et ne montrent pas"},
        style,
        whole,
        card_summary,
        card_figures};
}

}  // namespace contrechamp
