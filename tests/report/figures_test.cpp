// Drawings and words about accounts that act together: what they show, what they never show, and that they
// are the same each time.
#include <algorithm>
#include <cmath>
#include <regex>
#include <set>

#include "base/escape.h"
#include "kit/coordination_case.h"
#include "report/coordination_words.h"
#include "report/figure_network.h"
#include "report/figure_raster.h"
#include "report/figure_svg.h"
#include "report/html.h"
#include "report/machine_readable.h"
#include "report/terminal.h"

using namespace contrechamp;
using namespace contrechamp::testing;

namespace {

CoordinationCase& plain() {
    static CoordinationCase* shared = [] {
        auto* made = new CoordinationCase;
        made->build();
        return made;
    }();
    return *shared;
}

std::size_t count_of(std::string_view text, std::string_view part) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; at += part.size()) ++count;
    return count;
}

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// The text between two marks, the first time.
std::string between(const std::string& text, const std::string& from, const std::string& to) {
    const auto start = text.find(from);
    if (start == std::string::npos) return {};
    return text.substr(start, text.find(to, start) - start);
}

std::string html_of(const CoordinationCase& from, Lang lang = Lang::en, Medium medium = Medium::screen) {
    return report_html(from.model, *from.knowledge, lang, medium);
}

}  // namespace

TEST(Layout, IsTheSameEachTimeAndKeepsNodesApart) {
    for (const std::size_t nodes : {1, 2, 3, 15, 120}) {
        std::vector<figure::Tie> ties;
        for (std::size_t i = 1; i < nodes; ++i) ties.push_back({i / 2, i, 1});  // a tree
        const auto at = figure::layout(nodes, ties), again = figure::layout(nodes, ties);
        ASSERT_EQ(at.size(), nodes);
        double nearest = 2;
        for (std::size_t i = 0; i < nodes; ++i) {
            EXPECT_EQ(at[i].x, again[i].x);
            EXPECT_EQ(at[i].y, again[i].y);
            EXPECT_TRUE(at[i].x >= 0 && at[i].x <= 1 && at[i].y >= 0 && at[i].y <= 1);
            for (std::size_t j = 0; j < i; ++j)
                nearest = std::min(nearest, std::hypot(at[i].x - at[j].x, at[i].y - at[j].y));
        }
        EXPECT_GT(nearest, .15 / std::sqrt(static_cast<double>(nodes))) << nodes;
    }
}

TEST(Layout, PutsWhoIsTiedTogether) {
    // Two cliques of six, joined by one tie: inside shorter than across.
    std::vector<figure::Tie> ties{{0, 6, 1}};
    for (std::size_t i = 0; i < 12; ++i)
        for (std::size_t j = i + 1; j < 12; ++j)
            if (i / 6 == j / 6) ties.push_back({i, j, 1});
    const auto at = figure::layout(12, ties);
    double inside = 0, across = 0;
    for (std::size_t i = 0; i < 12; ++i)
        for (std::size_t j = i + 1; j < 12; ++j)
            (i / 6 == j / 6 ? inside : across) += std::hypot(at[i].x - at[j].x, at[i].y - at[j].y);
    EXPECT_LT(inside / 30, across / 36 * .7);
}

TEST(Layout, NoTiesAndNoNodes) {
    EXPECT_TRUE(figure::layout(0, {}).empty());
    for (const auto& at : figure::layout(40, {})) EXPECT_TRUE(std::isfinite(at.x) && std::isfinite(at.y));
}

TEST(Figure, NumbersAndLabels) {
    EXPECT_EQ(figure::number(0), "0");
    EXPECT_EQ(figure::number(12.34), "12.3");
    EXPECT_EQ(figure::number(-0.04), "0");
    EXPECT_EQ(figure::number(-1.25), "-1.3");
    EXPECT_EQ(figure::label("abc", 3), "abc");
    EXPECT_EQ(figure::label("abcd", 3), "abc…");
    EXPECT_EQ(figure::label("éàü<", 3), "éàü…");
    EXPECT_EQ(figure::label("<\u202e", 9), "&lt;\\u{202e}");
    // Shape and colour together tell 36 communities apart.
    std::set<std::string> signs;
    for (std::size_t i = 0; i < 36; ++i) signs.insert(figure::sign_path(i, 0, 0, 5) + figure::sign_colour(i));
    EXPECT_EQ(signs.size(), 36u);
}

TEST(CoordinationWords, Durations) {
    EXPECT_EQ(duration_in_words(0, Lang::en), "0\u00a0s");
    EXPECT_EQ(duration_in_words(12, Lang::en), "12\u00a0s");
    EXPECT_EQ(duration_in_words(60, Lang::en), "1\u00a0min");
    EXPECT_EQ(duration_in_words(95, Lang::en), "1\u00a0min\u00a035\u00a0s");
    EXPECT_EQ(duration_in_words(7261, Lang::en), "2\u00a0h\u00a01\u00a0min");
    EXPECT_EQ(duration_in_words(3605, Lang::en), "1\u00a0h");
    EXPECT_EQ(duration_in_words(200000, Lang::fr), "2\u00a0j\u00a07\u00a0h");
    EXPECT_TRUE(duration_in_words(std::numeric_limits<std::int64_t>::min(), Lang::en).starts_with("−"));
}

TEST(CoordinationWords, Chances) {
    EXPECT_EQ(chance_in_words("-6", Lang::en), "less than one chance in a million");
    EXPECT_EQ(chance_in_words("-6.9", Lang::en), "less than one chance in a million");
    EXPECT_EQ(chance_in_words("-7.0", Lang::fr), "moins d’une chance sur dix millions");
    EXPECT_EQ(chance_in_words("-1", Lang::en), "less than one chance in ten");
    EXPECT_EQ(chance_in_words("-12", Lang::fr), "moins d’une chance sur mille milliards");
    EXPECT_EQ(chance_in_words("-400", Lang::en), "less than one chance in a million million");
    for (const char* nothing : {"", "0", "-0.5", "3", "nan", "-inf", "-6x", "x"})
        EXPECT_EQ(chance_in_words(nothing, Lang::en), "") << nothing;
}

TEST(CoordinationWords, FalseFlags) {
    EXPECT_TRUE(holds(false_flag_in_words("unknown", Lang::en), "unknown: "));
    EXPECT_TRUE(holds(false_flag_in_words("unknown", Lang::fr), "inconnu\u00a0: "));
    EXPECT_EQ(false_flag_in_words("0.4 % (at most 1.1 %) of 1,946", Lang::en),
              "0.4 % (at most 1.1 %) of 1,946 ordinary accounts");
    EXPECT_EQ(false_flag_in_words("0.4 % (at most 1.1 %) of 1,946", Lang::fr),
              "0,4\u00a0% (au plus 1,1\u00a0%) sur 1\u202f946 comptes ordinaires");
}

TEST(CoordinationWords, Patterns) {
    const auto parts = pattern_parts("{} @ {}. Years");
    ASSERT_EQ(parts.size(), 4u);
    EXPECT_TRUE(parts[0].slot && parts[2].slot);
    EXPECT_EQ(parts[1].text, " @ ");
    EXPECT_EQ(parts[3].text, ". Years");
    EXPECT_TRUE(pattern_parts("").empty());
    EXPECT_EQ(pattern_parts("{}{}").size(), 2u);
    EXPECT_EQ(pattern_parts("{").size(), 1u);
}

TEST(Veil, HidesNamesAndMentions) {
    Veil veil;
    veil.add("Jane_Doe", "A1");
    veil.add("@max.muster", "A2");
    veil.add("ann", "A3");  // a word of every day
    EXPECT_EQ(veil("ask jane_doe, JANE_DOE or jane_doe2"), "ask A1, A1 or jane_doe2");
    EXPECT_EQ(veil("max.muster."), "A2.");
    EXPECT_EQ(veil("x.com/jane_doe/status"), "x.com/A1/status");
    EXPECT_EQ(veil("ann said"), "ann said");
    EXPECT_EQ(veil("Picker @ BHX4"), "Picker @ BHX4");
    EXPECT_EQ(veil("thanks @somebody! and @a@b.example."), "thanks @…! and @…");
    EXPECT_EQ(veil("write to jo.x@acme.example now"), "write to @… now");
    EXPECT_EQ(veil("by u/some-one, menu/x"), "by u/…, menu/x");
    EXPECT_EQ(veil(""), "");
    EXPECT_EQ(veil("@"), "@");
}

TEST(CoordinationReport, ReadsWhatItDraws) {
    const auto& data = plain().model.coordination;
    ASSERT_EQ(data.communities.size(), 2u);
    EXPECT_EQ(data.communities[0].accounts.size(), 15u);
    EXPECT_EQ(data.drawn[0].size(), 15u);
    EXPECT_EQ(data.accounts[2].shown, "acme_news");
    EXPECT_EQ(data.accounts[3].shown, "A4");
    // By hand: pairs of the first fifteen by their layers; those of chance (q 0.7) do not count.
    std::map<unsigned, std::size_t> expected, found;
    for (std::size_t i = 0; i < 15; ++i)
        for (std::size_t j = i + 1; j < 15; ++j)
            if (const unsigned layers = ((i * 7 + j) % 3 == 0) + ((i + j) % 4 == 0) + (j % 5 == 0))
                ++expected[layers];
    for (const auto& tie : data.ties)
        if (tie.b < 15) ++found[tie.layers];
    EXPECT_EQ(found, expected);
    EXPECT_EQ(std::count_if(data.ties.begin(), data.ties.end(), [](const auto& t) { return t.a >= 15; }), 6);
    EXPECT_EQ(std::count_if(data.ties.begin(), data.ties.end(),
                            [](const auto& t) { return t.a < 15 && t.b >= 15; }),
              1);
}

TEST(CoordinationReport, RasterHoldsEveryPost) {
    const auto& grid = plain().model.coordination.communities[0].activity;
    EXPECT_EQ(grid.bin, 3600);
    EXPECT_FALSE(grid.cut);
    ASSERT_EQ(grid.rows.size(), 15u);
    for (std::size_t i = 0; i < grid.rows.size(); ++i) {
        std::uint64_t posts = 0, evidence = 0, expected = 8;
        for (std::int64_t at = static_cast<std::int64_t>(i % 7); at < 72; at += 9) ++expected;
        for (std::size_t c = 0; c < grid.columns; ++c)
            posts += grid.rows[i].posts[c], evidence += grid.rows[i].evidence[c];
        EXPECT_EQ(posts, expected);
        EXPECT_EQ(evidence, i % 4 != 1 ? 4u : 0u);
        EXPECT_EQ(grid.rows[i].evidence[static_cast<std::size_t>((plain().kStart - grid.start) / 3600 + 2)],
                  i % 4 != 1);
    }
}

TEST(CoordinationReport, OneHourIsDrawnWithinADay) {
    const auto& grid = plain().model.coordination.communities[1].activity;
    EXPECT_EQ(grid.columns, 24u);
    EXPECT_EQ(grid.bin, 3600);
    for (const auto& row : grid.rows)
        for (std::size_t c = 0; c < 24; ++c) {
            const bool then = grid.start + static_cast<std::int64_t>(c) * 3600 == plain().kStart + 30 * 3600;
            EXPECT_EQ(row.evidence[c], then ? 3u : 0u);
        }
}

TEST(CoordinationReport, LongTimesGetWiderColumns) {
    for (const auto& [hours, bin] : {std::pair<std::int64_t, std::int64_t>{24 * 6, 3600},
                                     {24 * 20, 6 * 3600},
                                     {24 * 100, 86400},
                                     {24 * 700, 7 * 86400},
                                     {24 * 3000, 3 * 7 * 86400}}) {
        CoordinationCase long_one;
        long_one.hours = hours;
        long_one.large = 5;
        long_one.build();
        const auto& grid = long_one.model.coordination.communities[0].activity;
        EXPECT_EQ(grid.bin, bin) << hours;
        EXPECT_LE(grid.columns, kMostRasterColumns);
        EXPECT_EQ(grid.start % (bin < 86400 ? 3600 : 86400), 0);
    }
}

TEST(CoordinationReport, DrawsAtMostSoManyAndSaysSo) {
    CoordinationCase huge;
    huge.large = kMostNodes + 20;
    huge.build();
    const auto& data = huge.model.coordination;
    EXPECT_EQ(data.drawn[0].size(), kMostNodes);
    EXPECT_TRUE(data.drawn[1].empty());
    EXPECT_EQ(data.ties.size(), kMostTies);
    EXPECT_GT(data.ties_left_out, 0u);
    // Those left out have no more evidence than any that is drawn.
    std::int64_t least = 1000, most = 0;
    for (const auto account : data.communities[0].accounts) {
        const bool drawn = std::binary_search(data.drawn[0].begin(), data.drawn[0].end(), account);
        const auto evidence = data.accounts[account].evidence;
        drawn ? least = std::min(least, evidence) : most = std::max(most, evidence);
    }
    EXPECT_LE(most, least);
    // Whoever is tied keeps a tie.
    std::set<std::uint32_t> tied;
    for (const auto& tie : data.ties) tied.insert({tie.a, tie.b});
    EXPECT_EQ(tied.size(), kMostNodes);
    EXPECT_EQ(data.communities[0].activity.rows.size(), kMostRasterRows);
    EXPECT_EQ(data.communities[0].activity.rows_left_out, huge.large - kMostRasterRows);
    const auto html = html_of(huge);
    EXPECT_TRUE(holds(html, "not drawn: 1 community with in all 4 accounts"));
    EXPECT_TRUE(holds(html, "Accounts with less evidence that are not drawn: 20."));
    EXPECT_TRUE(holds(html, "Drawn are the accounts with most evidence; not drawn: 360."));
    EXPECT_TRUE(holds(html, "strongest ties are drawn; not drawn: " + std::to_string(data.ties_left_out)));
    EXPECT_LT(html.size(), 2'000'000u);
}

TEST(CoordinationReport, SaysWhatIsAskedOfIt) {
    const auto html = html_of(plain());
    for (const char* part :
         {"3. Accounts that act together", "Accounts are called by pseudonyms", "found with a search engine",
          "Three or more independent behaviours agree", "a single behaviour: a lead",
          "0.4 % (at most 1.1 %) of 1,946 ordinary accounts", "unknown: no accounts known to be ordinary",
          "the same words", "less than one chance in a million million", "0 of 1946",
          "The template of their bios", "+1\u00a0min\u00a021\u00a0s", "https://example.org/why-we-love-it",
          "GEXF", "acme_news"})
        EXPECT_TRUE(holds(html, part)) << part;
    const auto french = html_of(plain(), Lang::fr);
    for (const char* part :
         {"3. Comptes qui agissent ensemble", "15 comptes (A1 … A15)", "les mêmes mots",
          "moins d’une chance sur mille milliards", "Messages côte à côte", "moteur de recherche"})
        EXPECT_TRUE(holds(french, part)) << part;
    // One row a member, one cell a slot.
    const auto values = between(html, "What each account put", "</table>");
    EXPECT_EQ(count_of(values, "<tr><th scope=\"row\">"), 15u);
    EXPECT_EQ(count_of(values, "<td>"), 15u * 5);
    EXPECT_EQ(count_of(html, "class=\"slot\""), 5u);
    EXPECT_EQ(html, html_of(plain()));
}

TEST(CoordinationReport, LinksLeadSomewhereAndIdsStandOnce) {
    for (const auto medium : {Medium::screen, Medium::paper}) {
        const auto html = html_of(plain(), Lang::fr, medium);
        std::set<std::string> ids;
        const std::regex id("[\" ]id=\"([^\"]*)\""), to("(?:href=\"#|aria-labelledby=\")([^\" ]*)");
        for (std::sregex_iterator it(html.begin(), html.end(), id), end; it != end; ++it)
            EXPECT_TRUE(ids.insert((*it)[1]).second) << (*it)[1];
        for (std::sregex_iterator it(html.begin(), html.end(), to), end; it != end; ++it)
            EXPECT_TRUE(ids.contains((*it)[1])) << (*it)[1];
        EXPECT_EQ(count_of(html, "role=\"img\""), 3u);  // the network, two activity drawings
        EXPECT_EQ(count_of(html, "<title id="), 3u);
        EXPECT_EQ(count_of(html, "<desc id="), 3u);
        // WeasyPrint knows no variables inside drawings.
        if (medium == Medium::paper) EXPECT_FALSE(holds(html.substr(html.find("<body")), "var(--"));
    }
}

TEST(CoordinationReport, NoNameAndNoPostIdLeaks) {
    const auto& from = plain();
    std::vector<std::string> outputs{report_csv(from.model, *from.knowledge, Lang::en),
                                     json::canonical(report_stix(from.model, *from.knowledge)),
                                     terminal_summary(from.model, *from.knowledge, {})};
    for (const auto& output : outputs)
        for (const char* secret : {"secret", "critic_handle", "acme_news"})
            EXPECT_FALSE(holds(output, secret)) << secret;
    // What the observations themselves say is the analyzer's; the page around them adds nothing to it.
    for (const auto lang : {Lang::en, Lang::fr}) {
        auto html = html_of(from, lang);
        for (std::size_t at = 0;
             (at = html.find("<details><summary>" + std::string(lang == Lang::en ? "Evidence" : "Preuves"),
                             at)) != std::string::npos;)
            html.erase(at, html.find("</details>", at) - at);
        EXPECT_FALSE(holds(html, "secret"));
        EXPECT_FALSE(holds(html, "critic_handle"));
    }
    auto json = json::canonical(report_json(from.model));
    EXPECT_FALSE(holds(json, "secret_name_1")) << "a name that no observation holds";
    EXPECT_FALSE(holds(json, "secret-id"));
}

TEST(CoordinationReport, HostileTextStaysText) {
    CoordinationCase rude;
    rude.spice = " </td><script>alert(1)</script>\"'&\x1b[2J\u202e{{x}}{{{figures}}}";
    rude.large = 6;
    rude.build();
    for (const auto lang : {Lang::en, Lang::fr}) {
        const auto html = html_of(rude, lang);
        EXPECT_TRUE(is_valid_utf8(html));
        EXPECT_FALSE(holds(html, "<script"));
        EXPECT_FALSE(holds(html, "\x1b"));
        EXPECT_FALSE(holds(html, "\u202e"));
        EXPECT_TRUE(holds(html, "{{x}}{{{figures}}}"));
    }
}

// What stands in the slots of a display name is somebody's name.
TEST(CoordinationReport, PartsOfDisplayNamesAreHidden) {
    CoordinationCase names;
    names.template_of = "display";
    names.large = 6;
    names.build();
    const auto values = between(html_of(names), "What each account put", "</table>");
    EXPECT_EQ(count_of(values, "(hidden)"), 5u * 5);
    EXPECT_EQ(count_of(values, "Packer"), 1u);  // of the account that is named
}

TEST(CoordinationReport, GiganticTextAndManySlotsAreCut) {
    CoordinationCase gigantic;
    gigantic.large = 4;
    for (int i = 0; i < 5000; ++i) gigantic.spice += " {} lange Wörter";
    gigantic.build();
    auto html = html_of(gigantic);
    const auto template_part = between(html, "class=\"figures\"", "<details><summary>Evidence");
    EXPECT_EQ(count_of(template_part, "class=\"slot\""), kMostSlots);
    EXPECT_LT(template_part.size(), 60'000u);
    EXPECT_TRUE(is_valid_utf8(html));
}

// A case may have lost its tables' rows, or have been analysed by a program that kept none.
TEST(CoordinationReport, ObservationsAloneStillMakeAReport) {
    CoordinationCase bare;
    bare.tables = false;
    bare.build();
    const auto html = html_of(bare);
    EXPECT_TRUE(holds(html, "Accounts that act together"));
    EXPECT_TRUE(holds(html, "Posts side by side"));
    EXPECT_EQ(count_of(html, "role=\"img\""), 0u);
}

TEST(CoordinationReport, NothingOfItWhereNobodyActsTogether) {
    auto without = std::make_unique<ReportModel>(plain().model);
    without->observations.clear();
    without->observation_by_id.clear();
    without->findings.clear();
    without->finding_ids.clear();
    without->coordination = {};
    const auto html = report_html(*without, *plain().knowledge, Lang::en);
    for (const char* part : {"act together", "--c1", "pseudonyms", "svg.fig"})
        EXPECT_FALSE(holds(html, part)) << part;
    EXPECT_TRUE(holds(html, "3. Findings"));
}
