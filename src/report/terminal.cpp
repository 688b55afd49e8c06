#include "report/terminal.h"

#include <algorithm>

#include "base/escape.h"
#include "report/words.h"

namespace contrechamp {
namespace {

class Writer {
  public:
    Writer(const ReportModel& model, const Knowledge& knowledge, const TerminalStyle& style)
        : model_(model), knowledge_(knowledge), style_(style) {}

    std::string run() {
        heading();
        gaps();
        groups();
        findings();
        next();
        return style_.unicode ? out_ : to_ascii(out_);
    }

  private:
    std::string t(const char* en, const char* fr) const { return style_.lang == Lang::fr ? french(fr) : en; }
    std::string t(const Text& text) const { return text.in(style_.lang); }
    std::string paint(const char* code, const std::string& text) const {
        return style_.colour ? "\033[" + std::string(code) + "m" + text + "\033[0m" : text;
    }

    // Breaks at spaces; continuation lines are indented.
    void wrapped(const std::string& first, std::size_t indent, const std::string& text) {
        const auto width = static_cast<std::size_t>(std::max(style_.width, 40));
        std::string line = first;
        std::size_t columns = display_width(strip(first));
        for (std::size_t at = 0; at < text.size();) {
            const auto end = std::min(text.find(' ', at), text.size());
            const std::string word = text.substr(at, end - at);
            const auto word_width = display_width(strip(word));  // colours take no room
            if (columns > indent && columns + word_width + 1 > width) {
                out_ += line + "\n";
                line = std::string(indent, ' ');
                columns = indent;
            }
            if (columns > indent || (!line.empty() && line.back() != ' ')) {
                line += ' ';
                ++columns;
            }
            line += word;
            columns += word_width;
            at = end + 1;
        }
        out_ += line + "\n";
    }

    static std::string strip(const std::string& text) {
        std::string out;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\033') i = text.find('m', i);
            else out += text[i];
            if (i == std::string::npos) break;
        }
        return out;
    }

    void heading() {
        out_ += "\n" + paint("1", t(question_of(model_))) + "\n";
        if (model_.realm == "posts")
            wrapped("", 0, t("From exports of posts.", "D’après des exports de messages."));
        else if (model_.realm == "judgements")
            wrapped(
                "", 0,
                t("From tables and transcripts received.", "D’après des tableaux et transcriptions remis."));
        else if (model_.files_only())
            wrapped("", 0,
                    t("From files received; no computer was looked at.",
                      "D’après des fichiers remis ; aucun ordinateur examiné."));
        wrapped("", 0, headline(model_.counts(), style_.lang));
        out_ += "\n";
    }

    void gaps() {
        if (model_.gaps.empty()) return;
        out_ += paint("1;33", t("What could not be looked at, and why",
                                "Ce qui n’a pas pu être examiné, et pourquoi")) +
                "\n";
        for (const auto& group : model_.gap_groups()) {
            if (group.remedy.empty()) wrapped("  ", 4, t("In any case", "Dans tous les cas"));
            else wrapped("  " + paint("33", "→"), 4, for_terminal(t(group.remedy)));
            for (const auto* gap : group.gaps)
                wrapped("    ?", 6,
                        for_terminal(t(gap->why)) + " (" + check_names(gap->checks, knowledge_, style_.lang) +
                            ")");
        }
        out_ += "\n";
    }

    // Each subject once, with its strongest finding; how strong is said where the line does not say so.
    std::string subjects(const GroupView& group, const std::string& verdict) const {
        std::vector<std::string> seen;
        std::string out;
        for (auto i : findings_of(model_, group)) {
            const auto& finding = model_.findings[i];
            const std::string name = for_terminal(label_of(finding, knowledge_, style_.lang));
            if (std::find(seen.begin(), seen.end(), name) != seen.end()) continue;
            seen.push_back(name);
            std::string about;
            const auto* product_class = knowledge_.product_class(finding.product_class);
            if (product_class && finding.managed) about = t(product_class->name);
            const bool said =
                finding.lead ? group.verdict == Verdict::lead : t(describe(finding.strength)) == verdict;
            if (!said) about += (about.empty() ? "" : ", ") + t(strength_of(finding));
            out += (out.empty() ? "" : ", ") + name + (about.empty() ? "" : " (" + about + ")");
        }
        return out;
    }

    void groups() {
        out_ += paint("1", model_.realm == "posts" ? t("Who acts together", "Qui agit ensemble")
                           : model_.realm == "judgements"
                               ? t("What the judgements do", "Ce que font les jugements")
                               : t("What can be done to you here", "Ce qui peut vous être fait ici")) +
                "\n";
        std::size_t width = 0;
        for (const auto& group : model_.groups) width = std::max(width, display_width(t(group.group->name)));
        for (const auto& group : model_.groups) {
            const std::string name = t(group.group->name);
            std::string verdict = t(verdict_words(group));
            const char* symbol = "○";
            const char* colour = "32";
            switch (group.verdict) {
                case Verdict::seen: symbol = "●", colour = "1;31"; break;
                case Verdict::possible: symbol = "◐", colour = "1;33"; break;
                case Verdict::lead:
                case Verdict::partly:
                case Verdict::could_not_look: symbol = "?", colour = "33"; break;
                case Verdict::not_seen: break;
                case Verdict::elsewhere: symbol = "·", colour = "2"; break;
            }
            const std::string head =
                "  " + paint(colour, symbol) + " " + name + std::string(width - display_width(name) + 2, ' ');
            const auto who = subjects(group, verdict);
            wrapped(head, width + 6, paint(colour, verdict) + (who.empty() ? "" : t(": ", " : ") + who));
        }
        out_ += "\n";
    }

    void findings() {
        const auto counts = model_.counts();
        pile(t("Findings", "Constats"), false);
        if (!counts.findings) out_ += paint("1", capitalised(t(no_finding(counts))) + ".") + "\n\n";
        pile(t("Present and managed: not evidence of watching",
               "Présent et géré : pas une preuve de surveillance"),
             true);
        if (counts.leads) {
            wrapped("", 0,
                    counted(counts.leads, {"lead", "piste"}, {"leads", "pistes"}, style_.lang) +
                        t(" to look into, nothing established: listed in the report.",
                          " à vérifier, rien d’établi : au rapport."));
            out_ += "\n";
        }
    }

    void pile(const std::string& title, bool managed) {
        bool any = false;
        for (std::size_t i = 0; i < model_.findings.size(); ++i) {
            const auto& finding = model_.findings[i];
            if (finding.lead || finding.managed != managed) continue;
            if (!any) out_ += paint("1", title) + "\n";
            any = true;
            const auto* product_class = knowledge_.product_class(finding.product_class);
            const std::string tag = "[" + t(describe(finding.strength)) +
                                    (managed && product_class ? ", " + t(product_class->name) : "") + "]";
            wrapped("  " + paint(managed ? "33" : "1;31", tag), 4, for_terminal(t(finding.statement)));
            if (!finding.innocent.empty())
                wrapped("    ", 4, t("But: ", "Mais : ") + for_terminal(t(finding.innocent.front())));
            wrapped("    ", 4, t("Ask: ", "À demander : ") + for_terminal(t(finding.question)));
            wrapped("    ", 4, paint("2", "explain " + model_.finding_ids[i].substr(0, 12)));
        }
        if (any) out_ += "\n";
    }

    // What to type next, with words of their own.
    void next() {
        const auto id = model_.finding_ids.empty() ? std::string("ID") : model_.finding_ids[0].substr(0, 12);
        std::vector<std::pair<std::string, std::string>> lines = {
            {"xdg-open " + style_.report, t("the report, with the leads", "le rapport, avec les pistes")},
            {style_.command + " explain " + id + style_.which,
             t("from a sentence down to its bytes", "d’une phrase jusqu’à ses octets")},
            {style_.command + " verify" + style_.which,
             t("check the case again, all of it", "recontrôler tout le dossier")}};
        if (model_.realm == "posts" && !model_.finding_ids.empty())
            lines.insert(lines.begin() + 1,
                         {style_.command + " table accounts" + style_.which,
                          t("who A1 is: not for passing on", "qui est A1 : à ne pas diffuser")});
        if (style_.report.empty()) return;
        out_ += paint("1", t("Next", "Ensuite")) + "\n";
        std::size_t width = 0;
        for (const auto& [command, about] : lines) width = std::max(width, display_width(command));
        for (const auto& [command, about] : lines) {
            const bool fits = width + display_width(about) + 4 <= static_cast<std::size_t>(style_.width);
            out_ += "  " + command +
                    (fits ? std::string(width - display_width(command) + 2, ' ') : "\n      ") + about + "\n";
        }
    }

    const ReportModel& model_;
    const Knowledge& knowledge_;
    const TerminalStyle& style_;
    std::string out_;
};

}  // namespace

std::string terminal_summary(const ReportModel& model, const Knowledge& knowledge,
                             const TerminalStyle& style) {
    return Writer(model, knowledge, style).run();
}

}  // namespace contrechamp
