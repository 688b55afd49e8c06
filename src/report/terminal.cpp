#include "report/terminal.h"

#include <algorithm>

#include "base/escape.h"

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
        return style_.unicode ? out_ : to_ascii(out_);
    }

  private:
    std::string t(const char* en, const char* fr) const { return style_.lang == Lang::fr ? fr : en; }
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
        out_ += "\n" +
                paint("1", t("What is watching this computer?", "Qu’est-ce qui surveille cet ordinateur ?")) +
                "\n\n";
    }

    void gaps() {
        if (model_.gaps.empty()) return;
        out_ += paint("1;33", t("What could not be looked at, and why",
                                "Ce qui n’a pas pu être examiné, et pourquoi")) +
                "\n";
        for (std::size_t i = 0; i < model_.gaps.size(); ++i) {
            const auto& gap = model_.gaps[i];
            std::string checks;
            for (const auto& id : gap.checks) {
                const auto* check = knowledge_.check(id);
                checks += (checks.empty() ? "" : ", ") + (check ? t(check->name) : id);
            }
            wrapped("  ? ", 4, for_terminal(t(gap.why)) + " (" + checks + ")");
            const bool last = i + 1 == model_.gaps.size() || model_.gaps[i + 1].remedy != gap.remedy;
            if (!gap.remedy.empty() && last)
                wrapped("    " + paint("33", "→"), 6, for_terminal(t(gap.remedy)));
        }
        out_ += "\n";
    }

    std::string subjects(const GroupView& group) const {
        std::vector<std::string> seen, names;
        for (auto i : findings_of(model_, group)) {
            const auto& finding = model_.findings[i];
            const auto* product = knowledge_.product(finding.product);
            const auto* product_class = knowledge_.product_class(finding.product_class);
            std::string name = for_terminal(product ? product->name : finding.subject.label);
            if (std::find(seen.begin(), seen.end(), name) != seen.end())
                continue;  // its strongest finding is named
            seen.push_back(name);
            if (product_class && finding.managed) name += " (" + t(product_class->name) + ")";
            names.push_back(name + " – " +
                            (finding.lead ? t("lead", "piste") : t(describe(finding.strength))));
        }
        std::string out;
        for (const auto& name : names) out += (out.empty() ? "" : ", ") + name;
        return out;
    }

    void groups() {
        out_ += paint("1", t("What can be done to you here", "Ce qui peut vous être fait ici")) + "\n";
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
            const auto who = subjects(group);
            wrapped(head, width + 6, paint(colour, verdict) + (who.empty() ? "" : t(": ", " : ") + who));
        }
        out_ += "\n";
    }

    void findings() {
        std::size_t shown = 0;
        for (std::size_t i = 0; i < model_.findings.size(); ++i) {
            const auto& finding = model_.findings[i];
            if (finding.lead) continue;
            if (!shown++) out_ += paint("1", t("Findings", "Constats")) + "\n";
            const auto* product_class = knowledge_.product_class(finding.product_class);
            const bool quiet = finding.managed;
            std::string tag = "[" + t(describe(finding.strength)) +
                              (quiet && product_class ? ", " + t(product_class->name) : "") + "]";
            wrapped("  " + paint(quiet ? "33" : "1;31", tag), 4, for_terminal(t(finding.statement)));
            if (!finding.innocent.empty())
                wrapped("    ", 4, t("But: ", "Mais : ") + for_terminal(t(finding.innocent.front())));
            wrapped("    ", 4, t("Ask: ", "À demander : ") + for_terminal(t(finding.question)));
            wrapped("    ", 4, paint("2", "contrechamp explain " + model_.finding_ids[i].substr(0, 12)));
        }
        if (!shown) out_ += paint("1", t("No finding.", "Aucun constat.")) + "\n";
        if (const auto leads = model_.count_leads())
            wrapped("", 0,
                    t("Leads (never findings, listed in the report): ",
                      "Pistes (jamais des constats, listées au rapport) : ") +
                        std::to_string(leads));
        out_ += "\n";
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
