// A report's model of accounts that act together, made by hand: fifteen templated profiles (tier 1) and four
// accounts with one behaviour (a lead). Names and post ids are such that a test finds them where they leak.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "analyze/analyzer.h"
#include "base/hash.h"
#include "base/time.h"
#include "evidence/case.h"
#include "kit/temporary.h"
#include "report/model.h"

namespace contrechamp::testing {

struct CoordinationCase {
    TemporaryFolder folder;
    std::unique_ptr<Knowledge> knowledge;
    std::unique_ptr<Case> opened;
    Derivation derivation;
    Exhibit exhibit;
    ReportModel model;

    std::size_t large = 15, small = 4;
    std::string spice;  // put into every text that comes from evidence
    std::string template_of = "bio";
    bool tables = true;                             // else observations and findings only
    std::int64_t hours = 0;                         // the activity goes on for so long; 0: three days
    static constexpr UnixTime kStart = 1772352000;  // 2026-03-01T08:00:00Z

    void build() {
        auto loaded = Knowledge::from_bundle(Knowledge::built_in_bundle(), "built-in");
        EXPECT_OK(loaded);
        knowledge = std::make_unique<Knowledge>(std::move(*loaded));
        auto made = Case::create(folder / "case");
        EXPECT_OK(made);
        opened = std::make_unique<Case>(std::move(*made));
        Exhibit about;
        about.type = "text/csv";
        about.origin = "posts.csv";
        about.collector = "add";
        const auto added = opened->add_bytes("id,account,text,time\n1,a,b,c\n", about);
        EXPECT_OK(added);
        exhibit = *added;
        for (const auto* analyzer : analyzers())
            for (const auto& spec : analyzer->tables) derivation.tables.push_back({&spec, {}});
        first_community();
        second_community();
        const auto index = Index::in_memory(derivation, "test");
        EXPECT_OK(index);
        auto built = build_report(*opened, *index, *knowledge);
        EXPECT_OK(built);
        model = std::move(*built);
    }

    // One account is named, since it is of public interest: A3.
    static std::string name(std::size_t i) {
        return i == 2 ? "acme_news" : "secret_name_" + std::to_string(i);
    }
    static std::string id(std::size_t i) { return "secret-id-" + std::to_string(i); }
    static std::string pseudonym(std::size_t i) { return "A" + std::to_string(i + 1); }
    static std::string time(std::int64_t after) { return to_rfc3339(kStart + after); }

  private:
    using Cells = std::vector<std::pair<std::string_view, json::Value>>;

    void row(std::string_view table, const Cells& cells) {
        if (!tables) return;
        for (auto& data : derivation.tables) {
            if (data.spec->name != table) continue;
            DerivedRow out;
            for (const auto& column : data.spec->columns) {
                out.cells.emplace_back(nullptr);
                for (const auto& [name, value] : cells)
                    if (column.name == name) out.cells.back() = value;
            }
            out.locator = locator(0, 10);
            data.rows.push_back(std::move(out));
        }
    }

    Locator locator(std::uint64_t offset, std::uint64_t length) const {
        return {exhibit.sha256, offset, length, 2, ""};
    }

    std::string observe(const char* kind, const Subject& subject, json::Object fields) {
        derivation.observations.push_back({"coordination", kind, subject, std::move(fields), Basis::derived,
                                           locator(derivation.observations.size(), 7)});
        return derivation.observations.back().id();
    }

    json::Array pseudonyms(std::size_t from, std::size_t count) const {
        json::Array out;
        for (std::size_t i = from; i < from + count; ++i) out.push_back(pseudonym(i));
        return out;
    }

    void account(std::size_t i, const std::string& community) {
        row("accounts", {{"account", id(i)},
                         {"name", name(i)},
                         {"pseudonym", pseudonym(i)},
                         {"public", i == 2},
                         {"posts", 40},
                         {"community", community}});
    }

    void active(std::size_t i, std::int64_t hour, int posts, int evidence) {
        row("activity",
            {{"account", id(i)}, {"hour", time(hour * 3600)}, {"posts", posts}, {"evidence", evidence}});
    }

    void edge(std::size_t a, std::size_t b, const char* layer, int objects, const json::Value& community,
              double q) {
        row("edges", {{"account_a", id(a)},
                      {"account_b", id(b)},
                      {"layer", layer},
                      {"window", 60},
                      {"objects", objects},
                      {"q", q},
                      {"community", community}});
    }

    std::string shared(const Subject& subject, const char* layer, std::size_t from, std::size_t count,
                       std::int64_t start, const std::string& object, const std::string& words) {
        json::Array times;
        for (std::size_t i = 0; i < count; ++i)
            times.push_back(time(start + static_cast<std::int64_t>(i * i)));
        json::Object fields{{"layer", layer},           {"window_s", 60},
                            {"object", object + spice}, {"accounts", pseudonyms(from, count)},
                            {"posts", count},           {"times", times},
                            {"first", times.front()},   {"last", times.back()}};
        if (!words.empty()) fields["words"] = words + spice;
        return observe("coordination.shared", subject, std::move(fields));
    }

    std::string behaviour(const Subject& subject, const char* layer, std::size_t accounts, int posts,
                          bool independent) {
        return observe("coordination.behaviour", subject,
                       {{"layer", layer},
                        {"windows", json::Array{60, 3600}},
                        {"edges", accounts * (accounts - 1) / 2},
                        {"accounts", accounts},
                        {"posts", posts},
                        {"objects", 9},
                        {"independent", independent}});
    }

    void conclude(const Subject& subject, bool lead, std::vector<std::string> ids) {
        std::sort(ids.begin(), ids.end());
        Finding finding;
        finding.rule = "coordination";
        finding.lead = lead;
        finding.subject = subject;
        finding.strength = Strength::observed;
        finding.statement = {"These accounts act together more than chance explains.",
                             "Ces comptes agissent ensemble plus que le hasard ne l’explique."};
        finding.innocent = {
            {"They may be staff who say so openly.", "Ce peuvent être des salariés qui le disent."}};
        finding.question = {"Who runs these accounts?", "Qui tient ces comptes ?"};
        finding.observations = std::move(ids);
        derivation.findings.push_back(std::move(finding));
    }

    void profile_template(const Subject& subject) {
        const std::string pattern = "{} @ {}. Amazonian for {} years. Likes {} and {}." + spice;
        row("templates", {{"template", "T1"},
                          {"of", template_of},
                          {"pattern", pattern},
                          {"members", large},
                          {"community", subject.key}});
        static const char* kJobs[] = {"Picker", "Stower", "Packer"};
        static const char* kLikes[] = {"gardening", "dogs", "football", "baking", "puzzles", "my kids"};
        for (std::size_t i = 0; i < large; ++i)
            row("template_members",
                {{"template", "T1"},
                 {"account", id(i)},
                 {"values",
                  json::Array{kJobs[i % 3], "BHX" + std::to_string(1 + i % 4), std::to_string(2 + i % 5),
                              kLikes[i % 6], kLikes[(i + 2) % 6] + (" @" + name(i)) + spice}}});
        ids_.push_back(observe("coordination.template", subject,
                               {{"text_of", template_of},
                                {"pattern", pattern},
                                {"members", large},
                                {"comparison", 1946},
                                {"comparison_fits", 0},
                                {"log10_p", "-31.2"}}));
    }

    void first_community() {
        const Subject subject{"community", "", "C1",
                              std::to_string(large) + " accounts (A1 … " + pseudonym(large - 1) + ")"};
        for (std::size_t i = 0; i < large; ++i) account(i, "C1");
        const std::int64_t end = hours ? hours : 72;
        for (std::size_t i = 0; i < large; ++i) {
            for (std::int64_t at : {std::int64_t{2}, end / 3, end / 2, end - 3}) active(i, at, 2, i % 4 != 1);
            for (std::int64_t at = static_cast<std::int64_t>(i % 7); at < end; at += 9) active(i, at, 1, 0);
            for (std::size_t j = i + 1; j < large; ++j) {
                if (large > 100 && j - i > 8) continue;  // enough for what is to be shown
                if ((i * 7 + j) % 3 == 0) edge(i, j, "same-text", 4, "C1", 0.001);
                if ((i + j) % 4 == 0) edge(i, j, "same-link", 6, "C1", 0.002);
                if (j % 5 == 0) edge(i, j, "templated-profile", 1, "C1", 0.0001);
                edge(i, j, "same-mention", 1, "C1", 0.7);  // by chance: not to be drawn
            }
        }
        row("communities", {{"community", "C1"}, {"accounts", large}, {"tier", 1}, {"largest_q", 0.003}});
        ids_ = {observe("coordination.community", subject,
                        {{"accounts", large},
                         {"behaviours", json::Array{"same-text", "same-link", "templated-profile"}},
                         {"independent", 3},
                         {"posts", 132},
                         {"first", time(7200)},
                         {"last", time(end * 3600)},
                         {"largest_q", "0.003"},
                         {"stability", "0.97"},
                         {"false_flag", "0.4 % (at most 1.1 %) of 1,946"},
                         {"disclosed", true},
                         {"tier", 1}})};
        ids_.push_back(behaviour(subject, "same-text", large, 60, true));
        ids_.push_back(behaviour(subject, "same-link", large, 72, true));
        ids_.push_back(behaviour(subject, "same-hashtags", 6, 20, false));
        profile_template(subject);
        ids_.push_back(shared(subject, "same-text", 0, 8, 7200, "17",
                              "I am proud to work here. The pay is good and managers listen, whatever "
                              "@critic_handle says about secret_name_4"));
        ids_.push_back(shared(subject, "same-link", 3, std::min<std::size_t>(12, large - 3), 90000,
                              "https://example.org/why-we-love-it", ""));
        conclude(subject, false, ids_);
    }

    void second_community() {
        const auto label = std::to_string(small) + " accounts (" + pseudonym(large) + " … " +
                           pseudonym(large + small - 1) + ")";
        const Subject subject{"community", "", "C2", label};
        for (std::size_t i = large; i < large + small; ++i) {
            account(i, "C2");
            active(i, 30, 3, 3);
            for (std::size_t j = i + 1; j < large + small; ++j) edge(i, j, "same-repost", 5, "C2", 0.01);
        }
        edge(0, large, "same-link", 2, nullptr, 0.002);
        row("communities", {{"community", "C2"}, {"accounts", small}, {"tier", 3}, {"largest_q", 0.02}});
        conclude(subject, true,
                 {observe("coordination.community", subject,
                          {{"accounts", small},
                           {"behaviours", json::Array{"same-repost"}},
                           {"independent", 1},
                           {"posts", 12},
                           {"first", time(108000)},
                           {"last", time(108900)},
                           {"false_flag", "unknown"},
                           {"tier", 3}}),
                  behaviour(subject, "same-repost", small, 12, true),
                  shared(subject, "same-repost", large, small, 108000, "secret-post-1", "")});
    }

    std::vector<std::string> ids_;
};

}  // namespace contrechamp::testing
