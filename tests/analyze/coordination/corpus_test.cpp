// From rows to what is compared: which objects of each layer, which accounts, what is refused, and the same
// whoever reads which part.
#include "analyze/coordination/corpus.h"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "analyze/coordination/analysis.h"
#include "rows.h"

namespace contrechamp::coordination {
namespace {

constexpr std::size_t at(Layer layer) { return static_cast<std::size_t>(layer); }

std::uint64_t hash_of(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

CorpusSettings every_layer(unsigned threads = 2) {
    CorpusSettings out;
    out.threads = threads;
    out.layers.fill(true);
    return out;
}

struct Read {
    std::unique_ptr<Budget> budget = std::make_unique<Budget>();
    PostCorpus corpus;
};

Read read(const Files& files, const CorpusSettings& settings = every_layer(),
          std::size_t limit = std::size_t{1} << 30) {
    Read out;
    out.budget->limit = limit;
    out.budget->folder = std::filesystem::temp_directory_path();
    auto corpus = read_corpus(files.inputs(), settings, *out.budget);
    EXPECT_TRUE(corpus);
    if (corpus) out.corpus = std::move(*corpus);
    return out;
}

using ShareKey = std::tuple<std::uint64_t, Place, std::uint32_t, Seconds>;
std::multiset<ShareKey> shares_of(const PostCorpus& corpus, Layer layer) {
    std::multiset<ShareKey> out;
    const auto& spool = corpus.shares[at(layer)];
    for (std::size_t i = 0; spool && i < spool->partitions(); ++i) {
        const auto rows = spool->read(i);
        EXPECT_TRUE(rows);
        for (const auto& row : *rows) out.insert({row.object, row.place, row.account, row.time});
    }
    return out;
}

// The hashes of what each row (by its number) shares.
std::map<Place, std::multiset<std::uint64_t>> by_row(const PostCorpus& corpus, Layer layer) {
    std::map<Place, std::multiset<std::uint64_t>> out;
    for (const auto& [object, place, account, time] : shares_of(corpus, layer)) out[place].insert(object);
    return out;
}

const std::map<PostField, std::string> kMap = {{PostField::id, "id"},
                                               {PostField::account, "who"},
                                               {PostField::text, "says"},
                                               {PostField::time, "at"},
                                               {PostField::links, "links[]"},
                                               {PostField::hashtags, "tags[]"},
                                               {PostField::mentions, "names[]"},
                                               {PostField::media, "media[]"},
                                               {PostField::repost, "repeats"},
                                               {PostField::reply, "answers"},
                                               {PostField::reply_account, "to"},
                                               {PostField::object, "thing"}};

// The first row holds every column, so that the map is accepted; it shares nothing that others share.
const std::string kFirst =
    R"({"id":"0","who":"zero","says":"x","at":"2024-01-01T00:00:00Z","links":["https://zero.example/"],"tags":["zero"],)"
    R"("names":["zero"],"media":["zero"],"repeats":"","answers":"","to":"","thing":"zero"})"
    "\n";

std::string json_row(const std::string& members) {
    return R"({"at":"2024-01-02T10:00:00Z",)" + members + "}\n";
}

TEST(Corpus, ARowSharesWhatItsLayersSay) {
    const std::vector<std::string> rows = {
        R"("id":"1","who":"a","links":["HTTPS://www.Site.example/p/?utm_source=x&b=2&a=1#f","https://site.example/p?a=1&b=2","no link"])",
        R"("id":"2","who":"a","says":"see https://news.example/1 and http://news.example/2, @Ann @bob @ann #One #two")",
        R"("id":"3","who":"b","tags":["One","TWO","three"])",
        R"("id":"4","who":"b","tags":["#one","two","Three"])",
        R"("id":"5","who":"b","tags":["alone"])",
        R"("id":"6","who":"c","media":["k1","k1","k2"])",
        R"("id":"7","who":"c","repeats":"9","says":"RT these are words enough to count https://x.example/ #a #b @c","media":["k1"],"answers":"5","thing":"T")",
        R"("id":"8","who":"c","answers":"5","to":"b")",
        R"("id":"9","who":"c","to":"b")",
        R"("id":"10","who":"d","says":"  These ARE words\nenough to count ")",
        R"("id":"11","who":"d","says":"lol")",
        R"("id":"12","who":"d","thing":"T")",
    };
    std::string bytes = kFirst;
    std::vector<Place> place;
    for (const auto& row : rows) {
        place.push_back(place_of(0, bytes.size()));
        bytes += json_row(row);
    }
    Files files;
    files.add(bytes, PostKind::posts, kMap);
    const auto got = read(files);
    const auto& corpus = got.corpus;
    EXPECT_EQ(corpus.counts.posts, rows.size() + 1);
    EXPECT_EQ(corpus.counts.refused, 0);
    EXPECT_EQ(corpus.counts.reposts, 1);

    using Wanted = std::map<std::size_t, std::multiset<std::string>>;  // row's id: canonical forms
    const auto check = [&](Layer layer, const Wanted& wanted) {
        auto found = by_row(corpus, layer);
        found.erase(place_of(0, 0));
        std::map<Place, std::multiset<std::uint64_t>> want;
        for (const auto& [id, objects] : wanted)
            for (const auto& object : objects) want[place[id - 1]].insert(hash_of(object));
        EXPECT_EQ(found, want) << to_string(layer);
        std::size_t shares = 0;
        for (const auto& [where, objects] : by_row(corpus, layer)) shares += objects.size();
        EXPECT_EQ(corpus.counts.shares[at(layer)], shares) << to_string(layer);
    };
    // Links in one form, each once a row; from the text where no column says them.
    check(Layer::same_link, {{1, {"site.example/p?a=1&b=2"}}, {2, {"news.example/1", "news.example/2"}}});
    check(Layer::same_domain, {{1, {"site.example"}}, {2, {"news.example"}}});
    // Sequences of two or more, in any case; not one alone.
    check(Layer::same_hashtags, {{2, {"#one#two"}}, {3, {"#one#two#three"}}, {4, {"#one#two#three"}}});
    check(Layer::same_media, {{6, {"k1", "k2"}}});
    check(Layer::same_mention, {{2, {"ann", "bob"}}});
    // A repost repeats, and does nothing else; but the person's own object counts.
    check(Layer::same_repost, {{7, {"9"}}});
    check(Layer::same_object, {{7, {"T"}}, {12, {"T"}}});
    check(Layer::same_reply, {{8, {"5"}}, {9, {"b"}}});
    const auto texts = by_row(corpus, Layer::same_text);
    std::set<Place> with_text;
    for (const auto& [where, objects] : texts) with_text.insert(where);
    EXPECT_EQ(with_text, (std::set<Place>{place[1], place[9]}));
    EXPECT_EQ(*texts.at(place[9]).begin(), hash_of("these are words enough to count"));
    EXPECT_EQ(corpus.counts.short_texts, 2);  // "lol", and the first row's "x"
    EXPECT_EQ(by_row(corpus, Layer::near_text).size(), 2);
}

// What an account is, in words.
std::string said(const PostCorpus& corpus) {
    std::string out;
    for (const auto& a : corpus.accounts) {
        for (const auto& text : {a.id, a.name, a.display, a.bio}) out += text + "|";
        for (const auto value : {a.first_place, a.profile_place, Place{a.profile_length}, Place{a.posts},
                                 Place{a.reposts}, Place{a.first}, Place{a.last}, Place{a.created}})
            out += std::to_string(value) + "|";
        out += "\n";
    }
    for (const auto& p : corpus.posts)
        out += std::to_string(p.account) + " " + std::to_string(p.time) + " " + std::to_string(p.place) +
               " " + std::to_string(p.reply_account) + " " + std::to_string(p.repost) + "\n";
    for (const auto& r : corpus.refused)
        out += std::to_string(r.input) + ":" + std::to_string(r.row.offset) + "+" +
               std::to_string(r.row.length) + " " + std::string(to_string(r.row.why)) + "\n";
    const auto& c = corpus.counts;
    for (const auto value : {c.posts, c.profiles, c.reposts, c.refused, c.to_the_minute, c.zone_assumed,
                             c.short_texts, std::uint64_t{c.first}, std::uint64_t{c.last},
                             corpus.near_candidates, corpus.near_verified, corpus.near_crowded})
        out += std::to_string(value) + " ";
    for (const auto layer : kLayers) {
        out += "\n" + std::to_string(c.shares[at(layer)]) + ":";
        for (const auto& [object, place, account, time] : shares_of(corpus, layer))
            out += " " + std::to_string(object) + "," + std::to_string(place) + "," +
                   std::to_string(account) + "," + std::to_string(time);
    }
    return out;
}

// Several files of posts that say of their accounts now this, now that, and files of profiles.
Files mixed(std::uint64_t seed, std::size_t* rows = nullptr) {
    std::mt19937_64 random(seed);
    const auto maybe = [&](const std::string& text) { return random() % 3 ? std::string() : text; };
    const char* const words[] = {"pay",  "benefits", "safety", "is",  "good",
                                 "here", "the",      "site",   "our", "team"};
    Files out;
    std::size_t count = 0;
    for (int file = 0; file < 7; ++file) {
        std::string csv = "id,user_id,username,name,bio,text,created_at,in_reply_to_user_id,retweet_id\n";
        for (int i = 0; i < 30; ++i, ++count) {
            const auto mark = std::to_string(file) + "-" + std::to_string(i);
            std::string text;
            for (int w = 0; w < 9; ++w) text += std::string(words[random() % 10]) + " ";
            csv +=
                csv_line({mark, "u" + std::to_string(random() % 25), maybe("name" + mark),
                          maybe("shown" + mark), maybe("bio" + mark), text,
                          random() % 9 ? "2024-01-0" + std::to_string(1 + random() % 9) + "T10:00:00Z" : "",
                          maybe("u" + std::to_string(random() % 30)), random() % 6 ? "" : "0-1"});
        }
        out.add(csv, PostKind::posts,
                {{PostField::name, "username"},
                 {PostField::display, "name"},
                 {PostField::bio, "bio"},
                 {PostField::reply_account, "in_reply_to_user_id"},
                 {PostField::repost, "retweet_id"},
                 {PostField::account, "user_id"}});
        if (file % 3) continue;
        std::string profiles = "id,username,name,description,created_at\n";
        for (int i = 0; i < 6; ++i, ++count)
            profiles += csv_line({"u" + std::to_string(random() % 12), "p" + std::to_string(i), "P", "B",
                                  "2020-01-01T00:00:00Z"});
        out.add(profiles, PostKind::profiles);
    }
    if (rows) *rows = count;
    return out;
}

TEST(Corpus, IsTheSameWhoeverReadsWhichPart) {
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
        std::size_t rows = 0;
        const auto files = mixed(seed, &rows);
        std::string first;
        for (const unsigned threads : {1u, 2u, 3u, 7u})
            for (const std::size_t limit : {std::size_t{1} << 30, std::size_t{2048}}) {
                const auto got = read(files, every_layer(threads), limit);
                const auto& counts = got.corpus.counts;
                EXPECT_EQ(counts.posts + counts.profiles + counts.refused, rows);
                EXPECT_GT(counts.refused, 5);
                EXPECT_EQ(got.corpus.refused.size(), counts.refused);
                for (const auto& refused : got.corpus.refused) EXPECT_EQ(refused.row.why, Refusal::no_time);
                if (limit < 4096) EXPECT_GT(got.budget->spilled, 0);
                const auto text = said(got.corpus);
                if (first.empty()) first = text;
                ASSERT_EQ(text, first) << threads << " threads, seed " << seed;
            }
    }
}

TEST(Corpus, AnAccountIsWhatItsFirstProfileElseItsFirstPostSays) {
    for (std::uint64_t seed = 20; seed < 30; ++seed) {
        const auto files = mixed(seed);
        const auto got = read(files);
        struct Known {
            std::string name, display, bio;
            bool profile = false;
            std::uint32_t posts = 0;
        };
        std::map<std::string, Known> want;
        for (const auto& input : files.inputs()) {
            const auto done = read_post_rows(
                input.bytes, input.layout, {0, input.bytes.size()},
                {[&](const PostRow& row) {
                     auto& known = want[std::string(row[PostField::account])];
                     if (input.kind == PostKind::profiles) {
                         if (!known.profile)
                             known = {std::string(row[PostField::name]), std::string(row[PostField::display]),
                                      std::string(row[PostField::bio]), true, known.posts};
                         return;
                     }
                     if (!row.has_time) return;
                     ++known.posts;
                     if (known.profile) return;
                     if (known.name.empty()) known.name = row[PostField::name];
                     if (known.display.empty()) known.display = row[PostField::display];
                     if (known.bio.empty()) known.bio = row[PostField::bio];
                 },
                 [](const RefusedRow&) {}});
            ASSERT_TRUE(done);
        }
        for (const auto& account : got.corpus.accounts) {
            const auto& known = want[account.id];
            EXPECT_EQ(account.name, known.name) << account.id;
            EXPECT_EQ(account.display, known.display) << account.id;
            EXPECT_EQ(account.bio, known.bio) << account.id;
            EXPECT_EQ(account.posts, known.posts);
            EXPECT_EQ(account.profile_length > 0, known.profile);
            if (!account.posts) EXPECT_EQ(account.first, 0);
        }
    }
}

// Texts that differ in more and more words; groups must be those that pairs at or above the threshold join.
// Hashing may miss a pair near the threshold, and never joins what is not near.
TEST(Corpus, NearTextsAreGroupedByWhatIsNear) {
    std::mt19937_64 random(3);
    std::vector<std::string> texts;
    for (int campaign = 0; campaign < 12; ++campaign) {
        std::vector<std::string> words;
        for (int w = 0; w < 16; ++w)
            words.push_back("w" + std::string(1, char('a' + random() % 26)) +
                            std::string(1, char('a' + random() % 26)) +
                            std::string(1, char('a' + random() % 26)));
        for (int copy = 0; copy < 9; ++copy) {
            for (auto changes = random() % 5; changes > 0; --changes)
                words[random() % words.size()] = "x" + std::string(1, char('a' + random() % 26)) +
                                                 std::string(1, char('a' + random() % 26));
            std::string text;
            for (const auto& word : words) text += word + " ";
            texts.push_back(text);
        }
    }
    std::shuffle(texts.begin(), texts.end(), random);
    std::string csv = "id,user_id,created_at,text\n";
    std::vector<Place> place;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        place.push_back(place_of(0, csv.size()));
        csv += csv_line({std::to_string(i), "u" + std::to_string(i % 40),
                         "2024-01-02T10:" + std::to_string(10 + i % 50) + ":00Z", texts[i]});
    }
    Files files;
    files.add(csv);
    const auto got = read(files);
    auto objects = by_row(got.corpus, Layer::near_text);
    ASSERT_EQ(objects.size(), texts.size());
    std::vector<std::string> normal(texts.size());
    std::vector<std::vector<std::uint64_t>> shingles(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
        normalise_text(texts[i], normal[i]);
        shingles_of(normal[i], shingles[i]);
    }
    // Components of what is near.
    std::vector<std::size_t> component(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) component[i] = i;
    for (bool again = true; std::exchange(again, false);)
        for (std::size_t i = 0; i < texts.size(); ++i)
            for (std::size_t j = 0; j < texts.size(); ++j)
                if (component[j] < component[i] && jaccard(shingles[i], shingles[j]) >= kNearThreshold) {
                    component[i] = component[j];
                    again = true;
                }
    std::size_t joined = 0;
    for (std::size_t i = 0; i < texts.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) {
            const bool same = objects[place[i]] == objects[place[j]];
            if (same) EXPECT_EQ(component[i], component[j]);
            if (jaccard(shingles[i], shingles[j]) >= 0.7) EXPECT_TRUE(same);
            joined += same;
        }
    EXPECT_GT(joined, 100);

    // And of a group's pairs only those that are near themselves are shown.
    EdgeSettings settings;
    settings.windows = {600, 7200};
    settings.fewest_objects = 1;
    auto edges = find_edges(Layer::near_text, *got.corpus.shares[at(Layer::near_text)],
                            static_cast<std::uint32_t>(got.corpus.accounts.size()), settings, *got.budget);
    ASSERT_TRUE(edges);
    const auto text_of = [&](Place where) {
        return normal[static_cast<std::size_t>(std::find(place.begin(), place.end(), where) - place.begin())];
    };
    std::multiset<std::tuple<std::uint32_t, std::uint32_t, Place, Place>> want, found;
    std::size_t before = 0;
    for (const auto& edge : edges->edges) {
        if (edge.window != 7200) continue;
        for (auto m = edge.meetings_begin; m < edge.meetings_end; ++m, ++before) {
            const auto& meeting = edges->meetings[m];
            const auto x = text_of(meeting.place_a), y = text_of(meeting.place_b);
            if (x == y || near(x, y)) want.insert({edge.a, edge.b, meeting.place_a, meeting.place_b});
        }
    }
    ASSERT_TRUE(verify_near_texts(*edges, files.inputs(), settings));
    for (const auto& edge : edges->edges) {
        const std::span meetings(edges->meetings.data() + edge.meetings_begin,
                                 edge.meetings_end - edge.meetings_begin);
        Edge anew = edge;
        ASSERT_TRUE(measure(meetings, anew, settings));
        EXPECT_EQ(
            std::tie(edge.objects, edge.posts_a, edge.posts_b, edge.occasions, edge.mean_delta, edge.first),
            std::tie(anew.objects, anew.posts_a, anew.posts_b, anew.occasions, anew.mean_delta, anew.first));
        if (edge.window != 7200) continue;
        for (const auto& meeting : meetings) found.insert({edge.a, edge.b, meeting.place_a, meeting.place_b});
    }
    EXPECT_EQ(found, want);
    EXPECT_LT(want.size(), before);
}

// Whatever holds the rows: each place leads back to its own row and to no other.
TEST(Corpus, APlaceLeadsBackToItsRow) {
    const std::string quotes =
        "id,user_id,created_at,text\r\n"
        "1,a,2024-01-02T10:00:00Z,\"said \"\"no\"\",\r\nthen left\"\r\n"
        "2,b,2024-01-02T10:00:01Z,a 5\" screen\r\n"
        "3,c,2024-01-02T10:00:02Z,plain\r\n"
        "4,d,2024-01-02T10:00:03Z,\"\"\r\n"
        "5,e,2024-01-02T10:00:04Z,one more\" here";
    const std::string tabs =
        "id\tuser_id\tcreated_at\ttext\n1\ta\t2024-01-02T10:00:00Z\t\"open\n"
        "2\tb\t2024-01-02T10:00:00Z\tplain\n3\tc\t2024-01-02T10:00:00Z\t\"open too\n";
    const std::string lines =
        "{\"id\":\"1\",\"user_id\":\"a\",\"created_at\":\"2024-01-02T10:00:00Z\",\"text\":\"a \\\" b { "
        "[\"}\r\n"
        "{\"id\":\"2\",\"user_id\":\"b\",\"created_at\":\"2024-01-02T10:00:00Z\",\"text\":\"c\"}\n";
    const std::string array =
        "[{\"id\":\"1\",\"user_id\":\"a\",\"created_at\":\"2024-01-02T10:00:00Z\",\"text\":\"] \\\\\"},\n"
        " {\"id\":\"2\",\"user_id\":\"b\",\"created_at\":\"2024-01-02T10:00:00Z\",\"text\":\"}\"}]\n";
    Files files;
    files.add(quotes).add(tabs).add(lines).add(array);
    std::vector<Input> inputs(files.inputs());
    inputs[1].layout.quotes = false;
    std::size_t rows = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const auto done =
            read_post_rows(inputs[i].bytes, inputs[i].layout, {0, inputs[i].bytes.size()},
                           {[&](const PostRow& row) {
                                ++rows;
                                const std::string id(row[PostField::id]), text(row[PostField::text]);
                                const auto place = place_of(i, row.offset);
                                EXPECT_EQ(row_length(inputs, place), row.length) << i << " " << id;
                                int visits = 0;
                                EXPECT_TRUE(with_row(inputs, place, [&](const PostRow& again) {
                                    ++visits;
                                    EXPECT_EQ(again[PostField::id], id) << i;
                                    EXPECT_EQ(again[PostField::text], text);
                                    EXPECT_EQ(again.offset, row.offset);
                                }));
                                EXPECT_EQ(visits, 1) << i << " " << id;
                            },
                            [&](const RefusedRow& row) { ADD_FAILURE() << i << " " << to_string(row.why); }});
        EXPECT_TRUE(done);
    }
    EXPECT_EQ(rows, 5 + 3 + 2 + 2);
}

TEST(Corpus, ShardsTogetherAreTheWhole) {
    const auto files = mixed(77);
    const auto whole = read(files);
    for (const std::uint32_t shards : {1u, 2u, 5u}) {
        std::array<std::multiset<ShareKey>, kLayerCount> together;
        for (std::uint32_t shard = 0; shard < shards; ++shard) {
            auto settings = every_layer();
            settings.shard = shard;
            settings.shards = shards;
            const auto part = read(files, settings);
            EXPECT_EQ(part.corpus.accounts.size(), whole.corpus.accounts.size());
            for (const auto layer : kLayers) {
                const auto shares = shares_of(part.corpus, layer);
                EXPECT_EQ(part.corpus.counts.shares[at(layer)], shares.size()) << to_string(layer);
                for (const auto& share : shares)
                    if (shards > 1) EXPECT_EQ(std::get<0>(share) % shards, shard);
                together[at(layer)].insert(shares.begin(), shares.end());
            }
        }
        for (const auto layer : kLayers)
            EXPECT_EQ(together[at(layer)], shares_of(whole.corpus, layer)) << to_string(layer);
    }
    EXPECT_GT(shares_of(whole.corpus, Layer::near_text).size(), 50);
}

}  // namespace
}  // namespace contrechamp::coordination
