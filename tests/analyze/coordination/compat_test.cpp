// Other tools' definitions: against CooRTweet's own result, its definition word by word, and the toolkit's
// joins run by SQLite.
#include "analyze/coordination/compat.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "rows.h"

namespace contrechamp::coordination {
namespace {

std::string output_of(const std::string& command) {
    std::string out;
    FILE* pipe = ::popen(command.c_str(), "r");
    if (!pipe) return out;
    char block[1 << 16];
    for (std::size_t got; (got = std::fread(block, 1, sizeof block, pipe)) > 0;) out.append(block, got);
    ::pclose(pipe);
    return out;
}

std::vector<std::vector<std::string>> plain_csv(std::istream& in) {
    std::vector<std::vector<std::string>> out;
    for (std::string line; std::getline(in, line);) {
        auto& row = out.emplace_back(1);
        bool quoted = false;
        for (const char c : line) {
            if (c == '"') quoted = !quoted;
            else if (c == ',' && !quoted) row.emplace_back();
            else if (c != '\r') row.back() += c;
        }
    }
    return out;
}

// Their published tweets at 10 s, 2 and 0.5, pair by pair.
TEST(CooRTweet, GivesItsOwnEdges) {
    const std::filesystem::path data = std::string(SHARED_DATA) + "/coordination";
    const auto tweets = data / "russian_coord_tweets.csv.xz", golden = data / "coortweet_russian_w10.csv";
    if (!std::filesystem::exists(tweets) || !std::filesystem::exists(golden))
        GTEST_SKIP() << "CooRTweet's data are not in " << data;
    const auto bytes = output_of("xz -dc '" + tweets.string() + "'");
    if (bytes.empty()) GTEST_SKIP() << "xz is not installed";
    Files files;
    files.add(bytes);
    const auto got = coortweet_edges(files.inputs(), {10, 2, 0.5});
    ASSERT_TRUE(got);
    std::ifstream in(golden);
    auto rows = plain_csv(in);
    std::map<std::string, std::size_t> column;
    for (std::size_t i = 0; i < rows.at(0).size(); ++i) column[rows[0][i]] = i;
    ASSERT_EQ(got->size(), rows.size() - 1);
    std::map<std::set<std::string>, std::vector<std::string>> expected;
    for (std::size_t i = 1; i < rows.size(); ++i)
        expected[{rows[i][column.at("from")], rows[i][column.at("to")]}] = rows[i];
    ASSERT_EQ(expected.size(), got->size());
    for (const auto& edge : *got) {
        const auto found = expected.find({edge.from, edge.to});
        ASSERT_NE(found, expected.end()) << edge.from << " " << edge.to;
        const auto value = [&](const char* name) { return std::stod(found->second[column.at(name)]); };
        EXPECT_EQ(double(edge.weight), value("weight"));
        EXPECT_NEAR(edge.avg_time_delta, value("avg_time_delta"), 1e-9);
        EXPECT_EQ(double(edge.n_content_id), value("n_content_id"));
        EXPECT_EQ(double(edge.n_content_id_y), value("n_content_id_y"));
        EXPECT_NEAR(edge.edge_symmetry_score, value("edge_symmetry_score"), 1e-9);
        EXPECT_EQ(double(edge.weight_threshold), value("weight_threshold"));
    }
}

struct Shared {
    std::string object, account, content;
    std::int64_t time;
};

// The definition, step by step, every pair looked at.
std::vector<CooRTweetEdge> slow_coortweet(std::vector<Shared> rows, const CooRTweetSettings& settings) {
    std::map<std::string, unsigned> part;
    for (const auto& row : rows) ++part[row.account];
    std::erase_if(rows, [&](const Shared& row) { return part[row.account] < settings.min_participation; });
    std::vector<std::pair<Shared, Shared>> pairs;  // older, newer; of the same time, as they stand
    for (std::size_t i = 0; i < rows.size(); ++i)
        for (std::size_t j = i + 1; j < rows.size(); ++j) {
            const auto &x = rows[i], &y = rows[j];
            if (x.object != y.object || std::abs(x.time - y.time) > settings.window) continue;
            if (x.account == y.account || x.content == y.content || x.object == x.content ||
                y.object == y.content)
                continue;
            if (x.time <= y.time) pairs.emplace_back(x, y);
            else pairs.emplace_back(y, x);
        }
    std::set<std::string> left, kept;
    for (const auto& [x, y] : pairs) left.insert({x.content, y.content});
    part.clear();
    for (const auto& row : rows) part[row.account] += left.contains(row.content);
    for (const auto& row : rows)
        if (left.contains(row.content) && part[row.account] >= settings.min_participation)
            kept.insert(row.content);
    std::map<std::pair<std::string, std::string>, std::vector<std::pair<Shared, Shared>>> by_pair;
    for (const auto& [x, y] : pairs)
        if (kept.contains(x.content) || kept.contains(y.content))
            by_pair[std::minmax(x.account, y.account)].emplace_back(x, y);
    std::vector<double> weights;
    for (const auto& [pair, met] : by_pair) weights.push_back(double(met.size()));
    std::sort(weights.begin(), weights.end());
    double threshold = 0;
    if (!weights.empty()) {
        const double h = double(weights.size() - 1) * settings.edge_weight;
        const double low = weights[std::size_t(std::floor(h))], high = weights[std::size_t(std::ceil(h))];
        threshold = low + (h - std::floor(h)) * (high - low);
    }
    std::vector<CooRTweetEdge> out;
    for (const auto& [pair, met] : by_pair) {
        std::set<std::string> older, newer;
        double sum = 0;
        for (const auto& [x, y] : met) {
            older.insert(x.content);
            newer.insert(y.content);
            sum += double(y.time - x.time);
        }
        const double n = double(older.size()), m = double(newer.size());
        out.push_back({pair.first, pair.second, met.size(), sum / double(met.size()), older.size(),
                       newer.size(), std::min(n, m) / std::max(n, m), double(met.size()) > threshold});
    }
    return out;
}

TEST(CooRTweet, IsItsDefinition) {
    std::size_t edges = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        std::mt19937_64 random(seed);
        std::vector<Shared> rows;
        std::string csv = "object_id,account_id,content_id,timestamp_share\n";
        for (int i = 0; i < 160; ++i) {
            // Contents repeat, over objects and accounts; some are their own object.
            Shared row{"c" + std::to_string(random() % 14), "u" + std::to_string(random() % (6 + seed)),
                       "c" + std::to_string(random() % 120),
                       std::int64_t(1'600'000'000 + random() % (60 + seed * 10))};
            csv += row.object + "," + row.account + "," + row.content + "," + std::to_string(row.time) + "\n";
            rows.push_back(row);
        }
        Files files;
        files.add(csv);
        const CooRTweetSettings settings{std::uint32_t(seed % 4) * 5, 1 + std::uint32_t(seed % 5) * 3,
                                         double(seed % 11) / 10};
        const auto got = coortweet_edges(files.inputs(), settings);
        ASSERT_TRUE(got);
        const auto want = slow_coortweet(rows, settings);
        ASSERT_EQ(got->size(), want.size()) << seed;
        for (std::size_t i = 0; i < want.size(); ++i) {
            const auto &x = (*got)[i], &y = want[i];
            EXPECT_EQ(std::tie(x.from, x.to, x.weight, x.n_content_id, x.n_content_id_y, x.weight_threshold),
                      std::tie(y.from, y.to, y.weight, y.n_content_id, y.n_content_id_y, y.weight_threshold))
                << seed;
            EXPECT_DOUBLE_EQ(x.avg_time_delta, y.avg_time_delta);
            EXPECT_DOUBLE_EQ(x.edge_symmetry_score, y.edge_symmetry_score);
        }
        edges += want.size();
    }
    EXPECT_GT(edges, 200);
}

// A row of the toolkit's table.
struct Told {
    std::string message_id, user_id, repost_id, reply_id, message, urls;
    std::int64_t timestamp;
};

std::vector<Told> told(std::uint64_t seed, std::size_t count) {
    std::mt19937_64 random(seed);
    const char* const words[] = {"Pay",  "pay", "rises", "now", ",",  "NOW",   "@boss",   "\xC3\x89t\xC3\xA9",
                                 "site", "!",   "@",     "  ",  "\t", "x@y z", "benefits"};
    std::vector<Told> out;
    for (std::size_t i = 0; i < count; ++i) {
        Told row;
        row.message_id = std::to_string(random() % (count * 9 / 10) + 1);  // some twice
        row.user_id = "u" + std::to_string(random() % 12);
        if (random() % 5 == 0) row.repost_id = "r" + std::to_string(random() % 6);
        if (random() % 3 == 0) row.reply_id = "m" + std::to_string(random() % 6);
        for (auto n = random() % 4; n > 0; --n)
            row.message += (row.message.empty() ? "" : " ") + std::string(words[random() % std::size(words)]);
        for (auto n = random() % 4; n > 0; --n)
            row.urls += (row.urls.empty() ? "" : " ") + ("http://a.b/" + std::to_string(random() % 5));
        row.timestamp = std::int64_t(1'600'000'000 + random() % 900);
        out.push_back(row);
    }
    return out;
}

std::string csv_of(const std::vector<Told>& rows) {
    std::string out = "message_id,user_id,username,repost_id,reply_id,message,timestamp,urls\n";
    for (const auto& row : rows)
        out += csv_line({row.message_id, row.user_id, row.user_id, row.repost_id, row.reply_id, row.message,
                         std::to_string(row.timestamp), row.urls});
    return out;
}

// Lower case (ASCII and É), without @… up to white space, white space runs as one space.
std::string cleaned(const std::string& text) {
    std::string out;
    std::istringstream in(text);
    for (std::string word; in >> word;) {
        word = word.substr(0, word.find('@'));
        for (std::size_t i = 0; i < word.size(); ++i) {
            if (word[i] >= 'A' && word[i] <= 'Z') word[i] = char(word[i] + 32);
            if (word[i] == '\xC3' && word[i + 1] == '\x89') word[++i] = '\xA9';
        }
        if (!word.empty()) out += (out.empty() ? "" : " ") + word;
    }
    return out;
}

class Database {
  public:
    explicit Database(const std::vector<Told>& rows) {
        ::sqlite3_open(":memory:", &db_);
        run("create table edge(message_id primary key, user_id, repost_id, reply_id, message, timestamp)");
        run("create table message_url(message_id, url, timestamp, user_id, primary key (message_id, url))");
        for (const auto& row : rows) {
            run("insert or ignore into edge values(?1, ?2, nullif(?3, ''), nullif(?4, ''), ?5, ?6 + 0)",
                {row.message_id, row.user_id, row.repost_id, row.reply_id, cleaned(row.message),
                 std::to_string(row.timestamp)});
            std::istringstream urls(row.urls);
            for (std::string url; row.repost_id.empty() && urls >> url;)
                run("insert or ignore into message_url values(?1, ?2, ?3 + 0, ?4)",
                    {row.message_id, url, std::to_string(row.timestamp), row.user_id});
        }
    }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database() { ::sqlite3_close(db_); }

    using Edges = std::map<std::pair<std::string, std::string>, std::uint64_t>;
    Edges join(const std::string& table, const std::string& same, const ToolkitSettings& settings) {
        Edges out;
        for (const auto& row :
             run("select e_1.user_id, e_2.user_id, count(distinct e_1.message_id) as weight from " + table +
                     " e_1 join " + table + " e_2 on " + same +
                     " and e_2.timestamp between e_1.timestamp - (?1 + 0) and e_1.timestamp + (?1 + 0)"
                     " group by 1, 2 having weight >= ?2 + 0",
                 {std::to_string(settings.window), std::to_string(settings.min_edge_weight)}))
            out[{row[0], row[1]}] = std::stoull(row[2]);
        return out;
    }
    std::vector<std::vector<std::string>> run(const std::string& sql,
                                              const std::vector<std::string>& values = {}) {
        std::vector<std::vector<std::string>> out;
        sqlite3_stmt* statement = nullptr;
        EXPECT_EQ(::sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr), SQLITE_OK)
            << ::sqlite3_errmsg(db_);
        for (std::size_t i = 0; i < values.size(); ++i)
            ::sqlite3_bind_text(statement, int(i + 1), values[i].c_str(), -1, SQLITE_TRANSIENT);
        while (::sqlite3_step(statement) == SQLITE_ROW) {
            auto& row = out.emplace_back();
            for (int i = 0; i < ::sqlite3_column_count(statement); ++i) {
                const auto* text = ::sqlite3_column_text(statement, i);
                row.emplace_back(text ? reinterpret_cast<const char*>(text) : "");
            }
        }
        ::sqlite3_finalize(statement);
        return out;
    }

  private:
    sqlite3* db_ = nullptr;
};

Database::Edges of(const std::vector<ToolkitEdge>& edges, const std::string& network) {
    Database::Edges out;
    for (const auto& edge : edges)
        if (edge.network == network) out[{edge.user_1, edge.user_2}] = edge.weight;
    return out;
}

TEST(Toolkit, GivesTheEdgesOfItsOwnJoins) {
    std::size_t edges = 0;
    const std::string original = " and e_1.repost_id is null and e_2.repost_id is null";
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
        const auto rows = told(seed, 300);
        Database database(rows);
        Files files;
        files.add(csv_of(rows));
        const ToolkitSettings settings{std::uint32_t(seed % 4) * 30, 1 + seed % 3, 0.9};
        const auto got = toolkit_edges(files.inputs(), settings);
        ASSERT_TRUE(got);
        EXPECT_EQ(of(*got, "co_tweet"),
                  database.join("edge", "e_1.message = e_2.message" + original, settings));
        EXPECT_EQ(of(*got, "co_reply"),
                  database.join("edge", "e_1.reply_id = e_2.reply_id" + original, settings));
        EXPECT_EQ(of(*got, "co_retweet"), database.join("edge", "e_1.repost_id = e_2.repost_id", settings));
        EXPECT_EQ(of(*got, "co_link"), database.join("message_url", "e_1.url = e_2.url", settings));
        edges += got->size();
        EXPECT_TRUE(std::is_sorted(got->begin(), got->end(), [](const ToolkitEdge& x, const ToolkitEdge& y) {
            return std::tie(x.network, x.user_1, x.user_2) < std::tie(y.network, y.user_1, y.user_2);
        }));
    }
    EXPECT_GT(edges, 1000);
}

// Tokens of texts of plain words and lone signs.
std::set<std::string> plain_tokens(const std::string& text) {
    std::set<std::string> out;
    std::istringstream in(cleaned(text));
    for (std::string word; in >> word;) out.insert(word);
    return out;
}

TEST(Toolkit, SimilarTweetsAreThoseOfAllPairs) {
    std::size_t loops = 0, others = 0, empty = 0;
    for (std::uint64_t seed = 0; seed < 24; ++seed) {
        auto rows = told(100 + seed, 220);
        std::mt19937_64 random(seed);
        for (auto& row : rows)  // longer, so that similarity has steps
            for (auto n = random() % 12; n > 0; --n)
                row.message += std::string(" ") + "abcdefgh"[random() % 8] + "abcdefgh"[random() % 2];
        Files files;
        files.add(csv_of(rows));
        ToolkitSettings settings{std::uint32_t(seed % 3) * 60, 1 + seed % 2, 0};
        const double thresholds[] = {0.9, 0.5, 1.0, 2.0 / 3, 0.05, 0.75};
        settings.similarity = thresholds[seed % 6];
        std::map<std::string, Told> messages;
        for (const auto& row : rows) messages.emplace(row.message_id, row);
        std::map<std::pair<std::string, std::string>, std::set<std::string>> met;
        for (const auto& [id, x] : messages)
            for (const auto& [other, y] : messages) {
                if (!x.repost_id.empty() || !y.repost_id.empty()) continue;
                if (std::abs(x.timestamp - y.timestamp) > settings.window) continue;
                const auto a = plain_tokens(x.message), b = plain_tokens(y.message);
                std::set<std::string> both, either;
                std::set_intersection(a.begin(), a.end(), b.begin(), b.end(),
                                      std::inserter(both, both.end()));
                std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::inserter(either, either.end()));
                empty += either.empty();
                if (either.empty() || double(both.size()) / double(either.size()) < settings.similarity)
                    continue;
                met[{x.user_id, y.user_id}].insert(id);
            }
        Database::Edges want;
        for (const auto& [users, ids] : met)
            if (ids.size() >= settings.min_edge_weight) want[users] = ids.size();
        const auto got = toolkit_edges(files.inputs(), settings);
        ASSERT_TRUE(got);
        EXPECT_EQ(of(*got, "co_similar_tweet"), want) << seed;
        for (const auto& [users, weight] : want) ++(users.first == users.second ? loops : others);
    }
    EXPECT_GT(loops, 100);
    EXPECT_GT(others, 500);
    EXPECT_GT(empty, 100);  // where the tool itself stops
}

TEST(Toolkit, TokensAreThoseOfItsRegularExpression) {
    using Words = std::vector<std::string>;
    // What Python's regex module gives for the toolkit's pattern (2024.11.6).
    EXPECT_EQ(toolkit_tokens("Hello, world"), (Words{",", "hello", "world"}));
    EXPECT_EQ(toolkit_tokens("don't stop"), (Words{"don't", "stop"}));
    EXPECT_EQ(toolkit_tokens("'orange'"), (Words{"orange"}));
    EXPECT_EQ(toolkit_tokens("a  'b' c a"), (Words{"a", "b", "c"}));
    EXPECT_EQ(toolkit_tokens("x\u00a0y"), (Words{"x", "y"}));
    EXPECT_EQ(toolkit_tokens("日本語 テスト"), (Words{"テスト", "日", "本", "語"}));
    EXPECT_EQ(toolkit_tokens("it's 3.14, ok"), (Words{",", "3.14", "it's", "ok"}));
    EXPECT_EQ(toolkit_tokens("😀 hi"), (Words{"hi", "😀"}));
    EXPECT_EQ(toolkit_tokens("a\nb"), (Words{"a", "b"}));
    for (const auto* nothing : {"", " ", "'", "''", "@who", " @who\t@x'y ", "\n\n"})
        EXPECT_EQ(toolkit_tokens(nothing), Words{}) << nothing;
    EXPECT_EQ(toolkit_tokens("re@you: yes"), (Words{"re", "yes"}));
}

// Messages of nothing but a mention are similar to none, themselves included.
TEST(Toolkit, MessagesWithoutTokensAreNotSimilar) {
    Files files;
    files.add(csv_of({{"1", "a", "", "", "@you", "", 1'600'000'000},
                      {"2", "b", "", "", "@you", "", 1'600'000'000},
                      {"3", "b", "", "", "yes", "", 1'600'000'000}}));
    const auto got = toolkit_edges(files.inputs(), {});
    ASSERT_TRUE(got);
    EXPECT_EQ(of(*got, "co_similar_tweet"), (Database::Edges{{{"b", "b"}, 1}}));
}

}  // namespace
}  // namespace contrechamp::coordination
