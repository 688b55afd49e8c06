// Decisions, counted: against a count by hand of whatever table is thrown at it, however it is cut.
#include "analyze/disparity/decisions.h"

#include <array>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "analyze/disparity/rows_kit.h"
#include "analyze/disparity/stratified.h"
#include "kit/hostile.h"

namespace contrechamp::disparity {
namespace {

using testing::bound;
using testing::layout_of;
using testing::said;

constexpr std::array<std::size_t, 1> kFirst = {0}, kSecond = {1};
constexpr std::array<std::size_t, 2> kBoth = {0, 1};

Result<Decisions> counted(std::string_view bytes, std::vector<AskedColumn> asked,
                          const std::string& what = "", unsigned threads = 1) {
    const auto layout = layout_of(bytes);
    return count_decisions(
        bytes, layout, {bound(layout, TableKind::decisions, std::move(asked)), what, threads}, "test.csv");
}

// "F 2/3 M 1/2 | F 0/1 M 0/0": one part a stratum.
std::string said(const GroupTable& table) {
    std::string out;
    for (std::size_t s = 0; s < table.strata.size(); ++s) {
        out += s ? " | " : "";
        for (std::size_t g = 0; g < table.values.size(); ++g) {
            const auto& count = table.counts[s * table.values.size() + g];
            out += (g ? " " : "") + table.values[g] + " " + std::to_string(count.events) + "/" +
                   std::to_string(count.of);
        }
    }
    return out;
}

std::string table_said(const Result<Decisions>& decisions, std::span<const std::size_t> groups,
                       bool stratified) {
    if (!decisions) return decisions.error().what.en;
    const auto table = by_group(*decisions, groups, stratified);
    return said(*table) + " ; " + said(table->account);
}

TEST(Decisions, ByGroupAndStratum) {
    const std::string csv =
        "id;nom;sexe;grade;promu\n"
        "1;\"Martin, Anne\";F;G1;oui\n"
        "2;Roy;M;G1;non\n"
        "3;Petit; F ;G2;oui\n"
        "4;Blanc;M;;oui\n"
        "5;Noir;;G1;non\n"
        "6;Vert;F;G1;\n"
        "6;Gris;F;G1;non\n"
        "6;Brun;M;G1;oui\n"
        "7;Bleu;F;G1\n"
        ";Rose;F;G1;oui\n";
    const auto all = counted(csv, {{Role::group, "Sexe"}, {Role::stratum, "grade"}});
    ASSERT_TRUE(all) << all.error().what.en;
    EXPECT_EQ(said(all->account),
              "10 = 6 + too-few-cells 1 @10 + missing-id 1 @11 + missing-outcome 1 @7 + duplicate-id 1 @9");
    EXPECT_EQ(table_said(all, kFirst, false),
              "F 2/3 M 1/2 ; 10 = 5 + too-few-cells 1 @10 + missing-id 1 @11 + missing-outcome 1 @7 + "
              "duplicate-id 1 "
              "@9 + missing-group 1 @6");
    EXPECT_EQ(table_said(all, kFirst, true),
              "F 1/2 M 0/1 | F 1/1 M 0/0 ; 10 = 4 + too-few-cells 1 @10 + missing-id 1 @11 + missing-outcome "
              "1 @7 + "
              "duplicate-id 1 @9 + missing-group 1 @6 + missing-stratum 1 @5");
    EXPECT_TRUE(all->account.ids_checked);
    EXPECT_EQ(all->outcome.values.size(), 2u);
}

TEST(Decisions, CrossedGroupsAndAGroupOfOne) {
    const std::string csv = "sex,band,y\nF,a,1\nF,b,0\nM,a,1\nM,,1\nX,a,0\n";
    const auto all = counted(csv, {{Role::group, "sex"}, {Role::group, "band"}, {Role::outcome, "y"}});
    EXPECT_EQ(table_said(all, kBoth, false),
              "F × a 1/1 F × b 0/1 M × a 1/1 X × a 0/1 ; 5 = 4 + missing-group 1 @5");
    EXPECT_EQ(table_said(all, kFirst, false), "F 1/2 M 2/2 X 0/1 ; 5 = 5");
    EXPECT_EQ(table_said(all, kSecond, false), "a 2/3 b 0/1 ; 5 = 4 + missing-group 1 @5");
}

TEST(Decisions, WhichValueCounts) {
    const std::string three = "sex,y\nF,yes\nM,no\nF,pending\n";
    EXPECT_EQ(table_said(counted(three, {{Role::group, "sex"}, {Role::outcome, "y"}}), kFirst, false),
              "it is not plain which value of \"y\" counts; it holds: no (1), pending (1), yes (1)");
    EXPECT_EQ(table_said(counted(three, {{Role::group, "sex"}, {Role::outcome, "y"}}, "yes"), kFirst, false),
              "F 1/2 M 0/1 ; 3 = 3");
    EXPECT_EQ(
        table_said(counted(three, {{Role::group, "sex"}, {Role::outcome, "y"}}, "Yes/NO"), kFirst, false),
        "F 1/1 M 0/1 ; 3 = 2 + unknown-value 1 @4");
    EXPECT_EQ(table_said(counted(three, {{Role::group, "sex"}, {Role::outcome, "y"}}, "oui"), kFirst, false),
              "\"y\" never is \"oui\"; it holds: no (1), pending (1), yes (1)");
    EXPECT_EQ(table_said(counted("g,y\na,A/B\nb,C\n", {{Role::group, "g"}, {Role::outcome, "y"}}, "A/B"),
                         kFirst, false),
              "a 1/1 b 0/1 ; 2 = 2");
    EXPECT_EQ(
        table_said(counted("g,y\na,M\nb,F\n", {{Role::group, "g"}, {Role::outcome, "y"}}), kFirst, false),
        "it is not plain which value of \"y\" counts; it holds: F (1), M (1)");
    EXPECT_EQ(table_said(counted("g,y\na,Promu·e\nb,non promu\na,PROMUE\nb,1.0\n",
                                 {{Role::group, "g"}, {Role::outcome, "y"}}),
                         kFirst, false),
              "a 2/2 b 1/2 ; 4 = 4");
}

TEST(Decisions, NothingToCount) {
    EXPECT_EQ(table_said(counted("g,y\n", {{Role::group, "g"}, {Role::outcome, "y"}}), kFirst, false),
              "the table has a header and no rows");
    EXPECT_EQ(
        table_said(counted("g,y\na,\nb,NA\n", {{Role::group, "g"}, {Role::outcome, "y"}}), kFirst, false),
        "no row has anything in \"y\"");
    std::string many = "g,y\n";
    for (int i = 0; i < 12'000; ++i) many += "v" + std::to_string(i) + ",1\n";
    EXPECT_EQ(table_said(counted(many, {{Role::group, "g"}, {Role::outcome, "y"}}), kFirst, false),
              "the column \"g\" has too many different values for what it was given as");
    EXPECT_EQ(table_said(counted(many, {{Role::group, "y"}, {Role::outcome, "g"}}), kFirst, false),
              "the column \"g\" has too many different values for what it was given as");
}

TEST(Decisions, MixedEncodingsMeetInOneGroup) {
    const auto all = counted("s,y\nCadre,1\nEmployé,1\nEmploy\xe9,0\nemploye,1\n",
                             {{Role::group, "s"}, {Role::outcome, "y"}});
    EXPECT_EQ(table_said(all, kFirst, false), "Cadre 1/1 Employé 1/2 employe 1/1 ; 4 = 4");
    EXPECT_EQ(all->account.recoded, 1u);
    EXPECT_EQ(lookalikes(all->factors[0]), (std::vector<std::vector<std::uint32_t>>{{1, 2}}));
    // What differs by more than case, accents and spaces is no lookalike.
    EXPECT_TRUE(lookalikes({"x", {"-1", "1", "30", "30+", "<30", ">30", "日", "本"}}).empty());
    EXPECT_EQ(lookalikes({"x", {"18-25", "18–25", "e\u0301", "\u00e9"}}).size(), 2u);
}

TEST(Decisions, People) {
    const std::string csv = "agent,sexe,promu\nb,F,1\na,M,0\nb,F,0\nc,F,1\nc,M,1\nd,,1\na,M,1\n,F,1\n";
    const auto all = counted(csv, {{Role::group, "sexe"}, {Role::person, "agent"}});
    ASSERT_TRUE(all);
    EXPECT_EQ(said(all->account), "8 = 7 + missing-person 1 @9");
    EXPECT_EQ(all->persons(), 4u);
    const auto people = by_person(*all, kFirst, false);
    EXPECT_EQ(people.group, (std::vector<std::uint32_t>{0, 1}));
    EXPECT_EQ(people.count[0].events, 1u);
    EXPECT_EQ(people.count[0].of, 2u);
    EXPECT_EQ(people.count[1].of, 2u);
    EXPECT_EQ(people.torn, 1u);
    EXPECT_EQ(people.torn_rows, 2u);
}

// Rates of both groups as people bring them, against Mantel and Haenszel's common difference of the rows.
TEST(Decisions, PeopleWithinStrata) {
    std::mt19937 random(11);
    for (int round = 0; round < 20; ++round) {
        std::string csv = "who,g,s,y\n";
        const auto add = [&](int who, const char* group, int stratum, bool event) {
            csv += std::to_string(who) + "," + group + "," + std::to_string(stratum) + "," +
                   (event ? "1" : "0") + "\n";
        };
        for (int i = 0; i < 300; ++i) {
            const int who = static_cast<int>(random() % 30), stratum = static_cast<int>(random() % 4);
            add(who, who % 3 ? "a" : "b", stratum, random() % 5 < static_cast<unsigned>(stratum + who % 2));
        }
        // Somebody of both groups, a stratum of one group alone, and a third group: none of them counts.
        add(90, "a", 1, true), add(90, "b", 1, true), add(1, "a", 9, true), add(91, "c", 1, true);
        const auto all = counted(
            csv, {{Role::person, "who"}, {Role::group, "g"}, {Role::stratum, "s"}, {Role::outcome, "y"}});
        ASSERT_TRUE(all);
        const auto found = by_person_within(*all, kFirst, "a", "b");
        EXPECT_EQ(found.shared, 4u);
        const auto rate = [](const std::vector<PersonWithin>& people) {
            double x = 0, y = 0;
            for (const auto& one : people) x += one.numerator, y += one.denominator;
            return x / y;
        };
        std::string kept = "who,g,s,y\n";
        std::istringstream lines(csv);
        for (std::string line; std::getline(lines, line);)
            if (line.find(",a,") != line.npos || line.find(",b,") != line.npos)
                if (!line.starts_with("90,")) kept += line + "\n";
        const auto rows = counted(kept, {{Role::group, "g"}, {Role::stratum, "s"}, {Role::outcome, "y"}});
        ASSERT_TRUE(rows);
        const auto table = by_group(*rows, kFirst, true);
        ASSERT_TRUE(table);
        std::vector<Stratum> strata;
        for (std::size_t s = 0; s < table->strata.size(); ++s)
            strata.push_back({table->counts[2 * s], table->counts[2 * s + 1]});
        const auto common = stratified(strata, 0.95);
        EXPECT_NEAR(rate(found.a) - rate(found.b), common.rate_difference.value, 1e-12);
        // The rates themselves: each stratum's, by the same weights.
        double weights = 0, of_a = 0;
        for (const auto& [a, b] : strata) {
            const double w = double(a.of) * double(b.of) / double(a.of + b.of);
            if (w > 0) weights += w, of_a += w * a.rate();
        }
        EXPECT_NEAR(rate(found.a), of_a / weights, 1e-12);
        EXPECT_EQ(found.a.size() + found.b.size(), 30u);
    }
}

TEST(Decisions, OneIdAgainAndAgain) {
    std::string csv = "id,g,y\n";
    for (int i = 0; i < 5000; ++i) csv += (i % 2 ? "same,a,1\n" : "\"same\",b,0\n");
    for (const unsigned threads : {1u, 3u}) {
        const auto all = counted(csv, {{Role::group, "g"}, {Role::outcome, "y"}}, "", threads);
        ASSERT_TRUE(all);
        EXPECT_EQ(all->account.used, 1u);
        EXPECT_EQ(all->account.refused[0].rows, 4999u);
        EXPECT_EQ(all->account.refused[0].first.size(), kPlacesKept);
        EXPECT_EQ(all->account.refused[0].first[0].line, 3u);
        // "a" is in no used row: it is no group.
        EXPECT_EQ(said(*by_group(*all, kFirst, false)), "b 0/1");
    }
}

TEST(Decisions, AMillionIds) {
    std::mt19937 random(9);
    std::string csv = "id,g,y\n";
    std::vector<std::uint64_t> repeated;  // lines
    constexpr std::uint32_t kRows = 1'200'000;
    std::vector<bool> met(kRows * 8);
    for (std::uint32_t i = 0; i < kRows; ++i) {
        const auto id = random() % (kRows * 8);
        if (met[id]) repeated.push_back(i + 2);
        met[id] = true;
        csv += std::to_string(id) + ",a,1\n";
    }
    const auto all = counted(csv, {{Role::group, "g"}, {Role::outcome, "y"}}, "", 2);
    ASSERT_TRUE(all);
    ASSERT_EQ(all->account.used, kRows - repeated.size());
    ASSERT_GT(repeated.size(), 1000u);
    for (std::size_t i = 0; i < kPlacesKept; ++i)
        EXPECT_EQ(all->account.refused[0].first[i].line, repeated[i]);
}

// ---- Any table

struct Oracle {
    std::map<std::string, std::map<std::string, Count>> strata;  // by stratum, then group
    std::uint64_t used = 0, rows = 0;
    std::map<std::string, std::uint64_t> refused;
};

std::string random_table(std::mt19937& random, std::size_t rows, bool first_group, Oracle& oracle) {
    const auto draw = [&](std::size_t below) { return random() % below; };
    std::string csv = "id,who,g,h,s,y\n";
    std::set<std::string> ids;
    for (std::size_t i = 0; i < rows; ++i) {
        const std::string id = draw(40) == 0 ? "" : "E" + std::to_string(draw(rows * 3));
        const std::string g = draw(10) == 0 ? "NA" : std::string(1, static_cast<char>('A' + draw(3)));
        const std::string h = draw(10) == 0 ? "" : std::string(1 + draw(2), 'h');
        const std::string s = draw(12) == 0 ? " " : "S" + std::to_string(draw(4));
        const std::string y = draw(15) == 0 ? "" : draw(3) ? "no" : "yes";
        const bool cut = draw(50) == 0;
        csv += (draw(3) ? id : "\"" + id + "\"") + ",P" + std::to_string(draw(20)) + "," + g + "," + h + "," +
               s + (cut ? "" : "," + y) + "\n";
        ++oracle.rows;
        const auto why = [&]() -> std::string {
            if (cut) return "too-few-cells";
            if (id.empty()) return "missing-id";
            if (y.empty()) return "missing-outcome";
            if (!ids.insert(id).second) return "duplicate-id";
            if ((first_group && g == "NA") || (!first_group && h.empty())) return "missing-group";
            if (s == " ") return "missing-stratum";
            return "";
        }();
        if (!why.empty()) {
            ++oracle.refused[why];
            continue;
        }
        ++oracle.used;
        auto& count = oracle.strata[s][first_group ? g : h];
        ++count.of;
        count.events += y == "yes";
    }
    return csv;
}

std::string digest(const Decisions& d) {
    std::ostringstream out;
    for (const auto code : d.codes) out << code << " ";
    for (const auto& count : d.counts) out << count.events << "/" << count.of << " ";
    for (const auto first : d.first) out << first << " ";
    for (const auto& one : d.of_person)
        out << one.cell << ":" << one.count.events << "/" << one.count.of << " ";
    out << said(d.account);
    for (const auto groups : {std::span<const std::size_t>(kFirst), std::span<const std::size_t>(kBoth)})
        for (const bool stratified : {false, true}) out << said(by_group(d, groups, stratified)->account);
    return out.str();
}

TEST(Decisions, AnyTableCountedByHandAndInAnyPieces) {
    std::mt19937 random(3);
    for (int round = 0; round < 150; ++round) {
        Oracle oracle;
        const bool first_group = round % 2;
        const auto csv = random_table(random, 1 + random() % 400, first_group, oracle);
        const std::vector<AskedColumn> asked = {{Role::group, "g"},
                                                {Role::group, "h"},
                                                {Role::stratum, "s"},
                                                {Role::outcome, "y"},
                                                {Role::person, "who"}};
        const auto all = counted(csv, asked, "yes");
        if (!all) continue;  // no row says yes
        const auto table = by_group(*all, first_group ? kFirst : kSecond, true);
        ASSERT_TRUE(table && table->account.holds() && all->account.holds());
        EXPECT_EQ(table->account.rows_in, oracle.rows);
        EXPECT_EQ(table->account.used, oracle.used);
        std::map<std::string, std::uint64_t> refused;
        for (const auto& one : table->account.refused) refused[std::string(to_string(one.why))] = one.rows;
        EXPECT_EQ(refused, oracle.refused);
        std::uint64_t found = 0;
        for (std::size_t s = 0; s < table->strata.size(); ++s)
            for (std::size_t g = 0; g < table->values.size(); ++g) {
                const auto& count = table->counts[s * table->values.size() + g];
                const auto& wanted = oracle.strata[table->strata[s]][table->values[g]];
                EXPECT_EQ(count.of, wanted.of);
                EXPECT_EQ(count.events, wanted.events);
                found += count.of;
            }
        EXPECT_EQ(found, oracle.used);
        std::uint64_t of_people = 0;
        for (const auto& one : all->of_person) of_people += one.count.of;
        EXPECT_EQ(of_people, all->account.used);
        for (const unsigned threads : {2u, 5u})
            EXPECT_EQ(digest(*counted(csv, asked, "yes", threads)), digest(*all));
    }
}

// Ricci v. DeStefano, 557 U.S. 557 (2009): who would have passed at 70.
TEST(Decisions, RiccisExams) {
    const auto path = contrechamp::testing::shared_data("disparity/ricci/ricci.csv");
    if (!contrechamp::fs::exists(path)) GTEST_SKIP() << path << " is absent";
    std::string csv = contrechamp::testing::get(path);
    const auto layout = layout_of(csv);
    std::string decided = "position,race,passed\n";
    TableReader reader(csv, layout, {layout.rows, csv.size(), layout.line});
    while (reader.next()) {
        const auto& cells = reader.row().cells;
        const auto score = parse_table_number(cells[4], DecimalMark::point);
        ASSERT_TRUE(score);
        decided +=
            std::string(cells[0]) + "," + std::string(cells[3]) + "," + (*score >= 70 ? "yes" : "no") + "\n";
    }
    const auto all = counted(decided, {{Role::group, "race"}, {Role::stratum, "position"}});
    EXPECT_EQ(table_said(all, kFirst, true), "B 3/8 H 3/8 W 16/25 | B 6/19 H 3/15 W 25/43 ; 118 = 118");
}

}  // namespace
}  // namespace contrechamp::disparity
