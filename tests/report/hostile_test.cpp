// Text from evidence is hostile: every way out of the program makes it harmless, whole and in both languages.
#include <algorithm>
#include <regex>
#include <set>

#include "base/escape.h"
#include "kit/hostile_case.h"
#include "report/html.h"
#include "report/machine_readable.h"
#include "report/terminal.h"

using namespace contrechamp;
using namespace contrechamp::testing;

namespace {

// What may stand in no output: it moves the cursor, ends lines or turns text round.
void expect_inert(std::string_view text, bool line_feeds = true) {
    ASSERT_TRUE(is_valid_utf8(text));
    for (const std::string_view bad :
         {"\x1b", "\r", "\u202e", "\u2028", "\u200b", "\u0085", "\xc2\x9b", "\x7f"})
        EXPECT_EQ(text.find(bad), std::string_view::npos) << for_terminal(bad);
    if (!line_feeds) EXPECT_EQ(text.find('\n'), std::string_view::npos);
}

// Every tag of the document, in order: name, its attributes' text, whether it opens, closes or does both.
struct Tag {
    std::string name, attributes;
    bool closing = false, alone = false;
};

std::vector<Tag> tags_of(const std::string& html) {
    std::vector<Tag> out;
    for (std::size_t at = 0; (at = html.find('<', at)) != std::string::npos;) {
        if (html.compare(at, 4, "<!--") == 0) {
            at = html.find("-->", at);
            continue;
        }
        // A ">" inside quotes belongs to the attribute.
        std::size_t end = at + 1;
        for (char quote = 0; end < html.size() && (quote || html[end] != '>'); ++end)
            if (quote) quote = html[end] == quote ? '\0' : quote;
            else if (html[end] == '"') quote = '"';
        Tag tag;
        std::string inside = html.substr(at + 1, end - at - 1);
        tag.closing = inside.starts_with('/');
        tag.alone = inside.ends_with('/') || inside.starts_with('!') || inside.starts_with('?');
        if (tag.closing) inside.erase(0, 1);
        const auto space = std::min(inside.find_first_of(" \n/"), inside.size());
        tag.name = inside.substr(0, space);
        tag.attributes = inside.substr(space);
        out.push_back(tag);
        at = end;
        if (tag.name == "style" && !tag.closing) at = html.find("</style", at);
    }
    return out;
}

const std::set<std::string> kNeverClosed = {"meta", "br", "hr", "img", "link", "input", "col", "wbr"};
const std::set<std::string> kMayStayOpen = {"p",     "li", "td", "th",   "tr",   "tbody",
                                            "thead", "dt", "dd", "html", "head", "body"};

void expect_well_formed(const std::string& html) {
    std::vector<std::string> open;
    std::set<std::string> names;
    for (const auto& tag : tags_of(html)) {
        names.insert(tag.name);
        if (tag.alone || kNeverClosed.contains(tag.name)) continue;
        if (!tag.closing) {
            open.push_back(tag.name);
            continue;
        }
        while (!open.empty() && open.back() != tag.name && kMayStayOpen.contains(open.back()))
            open.pop_back();
        ASSERT_FALSE(open.empty()) << "</" << tag.name << "> closes nothing";
        ASSERT_EQ(open.back(), tag.name);
        open.pop_back();
    }
    for (const auto& name : open) EXPECT_TRUE(kMayStayOpen.contains(name)) << "<" << name << "> stays open";
    for (const char* name : {"script", "iframe", "object", "embed", "form", "base", "link"})
        EXPECT_FALSE(names.contains(name)) << name;
    EXPECT_TRUE(names.contains("svg") && names.contains("title") && names.contains("h2"));
}

// RFC 4180: the cells of each record.
std::vector<std::vector<std::string>> csv_of(std::string_view text) {
    std::vector<std::vector<std::string>> out;
    while (!text.empty()) {
        std::vector<std::string> cells;
        for (bool more = true; more;) {
            std::string cell;
            if (text.starts_with('"')) {
                text.remove_prefix(1);
                while (!text.empty() && !(text[0] == '"' && !text.substr(1).starts_with('"'))) {
                    if (text[0] == '"') text.remove_prefix(1);
                    cell += text[0];
                    text.remove_prefix(1);
                }
                text.remove_prefix(1);
            } else {
                const auto end = std::min(text.find_first_of(",\r"), text.size());
                cell = text.substr(0, end);
                text.remove_prefix(end);
            }
            cells.push_back(cell);
            more = text.starts_with(',');
            text.remove_prefix(more ? 1 : std::min<std::size_t>(2, text.size()));
        }
        out.push_back(cells);
    }
    return out;
}

class Hostile : public ::testing::Test {
  protected:
    static void SetUpTestSuite() { shared = new HostileCase; }
    static void TearDownTestSuite() {
        delete shared;
        shared = nullptr;
    }
    static inline HostileCase* shared = nullptr;
    const ReportModel& model() { return shared->model; }
    const Knowledge& knowledge() { return *shared->knowledge; }
};

}  // namespace

TEST_F(Hostile, TheCaseSaysSomething) {
    EXPECT_GE(model().counts().findings, 2u);
    EXPECT_GE(model().gaps.size(), 1u);
    const auto of_evidence = std::any_of(
        model().findings.begin(), model().findings.end(),
        [](const Finding& finding) { return finding.subject.label.find("\x1b") != std::string::npos; });
    EXPECT_TRUE(of_evidence);  // else what follows would show nothing
}

TEST_F(Hostile, Html) {
    for (const auto medium : {Medium::screen, Medium::paper}) {
        std::set<std::string> languages;
        for (const auto lang : {Lang::en, Lang::fr}) {
            const auto html = report_html(model(), knowledge(), lang, medium);
            languages.insert(html);
            expect_inert(html);
            expect_well_formed(html);
            EXPECT_EQ(html.find("<script"), std::string::npos);
            EXPECT_EQ(html.find("{{"), html.find("{{x}}")) << "a place that was not filled";
            // The same case gives the same bytes.
            EXPECT_EQ(report_html(model(), knowledge(), lang, medium), html);
            EXPECT_NE(html.find(lang == Lang::fr ? "lang=\"fr\"" : "lang=\"en\""), std::string::npos);
        }
        EXPECT_EQ(languages.size(), 2u);
    }
}

TEST_F(Hostile, HtmlAsksNothingOfTheOutside) {
    const auto html = report_html(model(), knowledge(), Lang::en);
    std::set<std::string> ids, targets;
    const std::regex attribute(R"re(([a-zA-Z-]+)="([^"]*)")re");
    for (const auto& tag : tags_of(html)) {
        for (std::sregex_iterator it(tag.attributes.begin(), tag.attributes.end(), attribute), end; it != end;
             ++it) {
            const std::string name = (*it)[1], value = (*it)[2];
            EXPECT_FALSE(name.starts_with("on")) << name;
            EXPECT_NE(name, "src");
            EXPECT_EQ(value.find("javascript:"), std::string::npos);
            EXPECT_EQ(value.find("url("), std::string::npos);
            if (name == "id") EXPECT_TRUE(ids.insert(value).second) << value << " stands twice";
            if (name == "href" && value.starts_with('#')) targets.insert(value.substr(1));
            if (name == "href" && tag.name == "a" && !value.starts_with('#'))
                EXPECT_TRUE(value.starts_with("https://")) << value;
        }
    }
    for (const auto& target : targets) EXPECT_TRUE(ids.contains(target)) << "#" << target << " leads nowhere";
    EXPECT_GT(targets.size(), 3u);
    EXPECT_EQ(html.find("@import"), std::string::npos);
}

// Signs never carry meaning alone: each drawing is named or hidden from who cannot see it.
TEST_F(Hostile, DrawingsAreNamed) {
    const auto html = report_html(model(), knowledge(), Lang::en);
    std::size_t drawings = 0;
    for (std::size_t at = 0; (at = html.find("<svg", at)) != std::string::npos; ++at, ++drawings) {
        const auto drawing = html.substr(at, html.find("</svg>", at) - at);
        EXPECT_TRUE(drawing.find("aria-hidden=\"true\"") != std::string::npos ||
                    drawing.find("<title>") != std::string::npos ||
                    drawing.find("aria-label=") != std::string::npos)
            << drawing.substr(0, 200);
        EXPECT_EQ(drawing.find("<script"), std::string::npos);
        EXPECT_EQ(drawing.find("<foreignObject"), std::string::npos);
    }
    EXPECT_GT(drawings, 3u);
}

TEST_F(Hostile, CsvOpensInASpreadsheet) {
    for (const auto lang : {Lang::en, Lang::fr}) {
        const auto text = report_csv(model(), knowledge(), lang);
        const auto rows = csv_of(text);
        ASSERT_GT(rows.size(), 2u);
        for (const auto& row : rows) {
            ASSERT_EQ(row.size(), rows[0].size());
            for (const auto& cell : row) {
                expect_inert(cell, false);
                EXPECT_TRUE(cell.empty() ||
                            std::string_view("=+-@\t").find(cell[0]) == std::string_view::npos)
                    << cell;
            }
        }
    }
}

TEST_F(Hostile, JsonIsWhatItWas) {
    const auto report = report_json(model());
    const auto again = json::parse(json::canonical(report), "report");
    ASSERT_OK(again);
    EXPECT_EQ(json::canonical(*again), json::canonical(report));
    // A program is given the evidence's text as it is; shown on a terminal, it means the same and is inert.
    const auto safe = for_json(json::canonical(report));
    expect_inert(safe);
    EXPECT_EQ(json::canonical(*json::parse(safe, "report")), json::canonical(report));
    for (const auto& finding : report["findings"].array_or_empty())
        for (const auto& id : finding["observations"].array_or_empty())
            EXPECT_TRUE(model().observation_by_id.contains(std::string(id.string_or())));
}

TEST_F(Hostile, StixIsReadByPeopleElsewhere) {
    const auto text = json::canonical(report_stix(model(), knowledge()));
    expect_inert(text);
    EXPECT_EQ(text.find("\\u001b"), std::string::npos);
    EXPECT_EQ(report_stix(model(), knowledge()), report_stix(model(), knowledge()));
}

TEST_F(Hostile, Terminal) {
    for (const auto lang : {Lang::en, Lang::fr})
        for (const int width : {0, 40, 60, 100, 200}) {
            const auto text = terminal_summary(model(), knowledge(), {false, true, width, lang});
            expect_inert(text);
            const auto limit = static_cast<std::size_t>(std::max(width, 40));
            for (std::size_t at = 0; at < text.size();) {
                const auto end = std::min(text.find('\n', at), text.size());
                const auto line = text.substr(at, end - at);
                // Only a word that is longer than a line may go over its end.
                const auto last = line.find_last_of(' ');
                if (last != std::string::npos && line.find_first_not_of(' ') < last && width >= 60)
                    EXPECT_LE(display_width(line.substr(0, last)), limit) << line;
                at = end + 1;
            }
        }
}

TEST_F(Hostile, TerminalColoursAndPlain) {
    const TerminalStyle plain{false, true, 100, Lang::fr}, colour{true, true, 100, Lang::fr},
        ascii{false, false, 100, Lang::fr};
    // Colours are put around words and change none of them, nor where lines end.
    const auto painted = terminal_summary(model(), knowledge(), colour);
    EXPECT_EQ(std::regex_replace(painted, std::regex("\x1b\\[[0-9;]*m"), ""),
              terminal_summary(model(), knowledge(), plain));
    EXPECT_NE(painted, terminal_summary(model(), knowledge(), plain));
    for (const unsigned char c : terminal_summary(model(), knowledge(), ascii))
        EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f));
}
