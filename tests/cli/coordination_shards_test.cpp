// Run files put together: by hand, and with every byte of them damaged.
#include "cli/coordination_shards.h"

#include <gtest/gtest.h>

#include <random>

namespace contrechamp::cli {
namespace {

std::string header(int shard, int of, const std::string& more = "\"fewest_objects\":2") {
    return "{\"contrechamp\":\"coordination-run\"," + more +
           ",\"inputs\":[],\"layers\":[\"same-text\",\"same-link\"],\"nearest\":256,\"of\":" +
           std::to_string(of) + ",\"program\":\"contrechamp 0\",\"shard\":" + std::to_string(shard) +
           ",\"version\":1,\"windows\":[60,3600]}\n";
}

// Two accounts that met over two texts of different shards, and over one link; a third that met one of them
// once.
const std::string kOne = header(1, 2) +
                         "account,0,same-text,3,\"ann\"\r\n"
                         "account,7,same-text,1,\"b,\"\"b\"\r\n"
                         "meeting,0,7,same-text,00000000000000aa,\"p1\",\"p2\",0:10,0:90,1500000000,-20,2\r\n"
                         "account,0,same-link,1,\"ann\"\r\n"
                         "account,7,same-link,1,\"b,\"\"b\"\r\n"
                         "meeting,0,7,same-link,00000000000000ac,\"p1\",\"p2\",0:10,0:90,1500000000,-20,2\r\n"
                         "end,6\r\n";
const std::string kTwo =
    header(2, 2) +
    "account,0,same-text,1,\"ann\"\r\n"
    "account,3,same-text,1,\"cy\"\r\n"
    "account,7,same-text,2,\"b,\"\"b\"\r\n"
    "meeting,0,3,same-text,00000000000000bb,\"p3\",\"p5\",0:200,0:400,1500003600,40,3\r\n"
    "meeting,0,7,same-text,00000000000000bb,\"p3\",\"p4\",0:200,0:300,1500003600,600,3\r\n"
    "end,5\r\n";

Result<std::string> merged(const std::vector<std::string>& runs) {
    std::vector<RunFile> files;
    for (std::size_t i = 0; i < runs.size(); ++i) files.push_back({"run" + std::to_string(i), runs[i]});
    std::string out;
    TRY(merge_runs(files, [&](std::string_view line) { out += line; }));
    return out;
}

std::string why(const std::vector<std::string>& runs) {
    const auto got = merged(runs);
    return got ? "merged" : got.error().what.en + " (" + got.error().where + ")";
}

TEST(Shards, MeetingsOfAllPartsMakeTheEdges) {
    const auto got = merged({kTwo, kOne});
    ASSERT_TRUE(got) << got.error().what.en;
    // Two objects of 4 that ann shared and of 3 that b shared; 1/log2(3) + 1/log2(4).
    EXPECT_EQ(*got,
              "account_a,account_b,layer,window,weight,objects,mean_delta_s,symmetry,p,q,median_delta_s,rare_"
              "weight,"
              "expected,occasions,posts_a,posts_b,share_a,share_b,first,last\r\n"
              "ann,\"b,\"\"b\",same-text,3600,0.666667,2,310,1,,,310,1.13093,0,2,2,2,0.5,0.666667,"
              "2017-07-14T02:39:40Z,2017-07-14T03:50:00Z\r\n");
}

TEST(Shards, WhatDoesNotBelongTogetherIsSaid) {
    EXPECT_EQ(why({}), "which runs? ()");
    EXPECT_EQ(why({kOne}), "of 2 shards these are missing: 2 (run0)");
    EXPECT_EQ(why({kOne, kTwo, kOne}), "shard 1 is there twice (run0, run2)");
    EXPECT_EQ(why({kOne, header(2, 3) + "end,0\r\n"}),
              "these runs do not belong together: they differ in \"of\" (run0, run1)");
    EXPECT_EQ(why({kOne, header(2, 2, "\"fewest_objects\":1") + "end,0\r\n"}),
              "these runs do not belong together: they differ in \"fewest_objects\" (run0, run1)");
    for (const std::string no :
         {"", "{}", "{}\n", "account_a,account_b\n", "[1]\n", "{\"contrechamp\":\"coordination-run\"}"})
        EXPECT_EQ(why({no}), "this is no run file (run0)") << no;
    EXPECT_EQ(why({header(1, 0) + "end,0\r\n"}).substr(0, 16), "this run file is");
    EXPECT_EQ(why({header(1, 99999) + "end,0\r\n"}).substr(0, 16), "this run file is");
    EXPECT_EQ(why({header(3, 2) + "end,0\r\n", kOne}).substr(0, 16), "this run file is");
}

// Rows that lie: each is an error, and none is believed.
TEST(Shards, RowsThatLieAreRefused) {
    const auto with = [](const std::string& rows, int count) {
        return why({header(1, 1) + rows + "end," + std::to_string(count) + "\r\n"});
    };
    const std::string accounts = "account,0,same-text,3,\"a\"\r\naccount,1,same-text,3,\"b\"\r\n";
    const std::string meeting = "meeting,0,1,same-text,00aa,\"p\",\"q\",0:1,0:2,5,1,2\r\n";
    EXPECT_EQ(with(accounts + meeting, 3), "merged");
    const auto lies = [&](const std::string& rows, int count) {
        EXPECT_EQ(with(rows, count).substr(0, 24), "this run file is damaged") << rows;
    };
    lies(accounts + meeting, 2);  // rows that were lost
    lies(meeting, 1);             // of nobody
    lies("account,1,same-text,3,\"b\"\r\naccount,0,same-text,3,\"a\"\r\n" + meeting, 3);  // not in order
    lies("account,0,same-text,3,\"a\"\r\naccount,0,same-text,3,\"a\"\r\n", 2);            // twice
    lies("account,0,same-text,0,\"a\"\r\n", 1);
    lies("account,0,same-text,99999999999,\"a\"\r\n", 1);
    lies("account,0,same-nothing,1,\"a\"\r\n", 1);
    lies("account,0,same-repost,1,\"a\"\r\n", 1);  // a layer that the header does not name
    lies(accounts + "meeting,1,0,same-text,00aa,\"p\",\"q\",0:1,0:2,5,1,2\r\n", 3);
    lies(accounts + "meeting,0,1,same-text,00aa,\"p\",\"q\",0:1,0:2,5,-6,2\r\n", 3);  // before 1970
    lies(accounts + "meeting,0,1,same-text,00aa,\"p\",\"q\",0:1,0:2,4294967295,1,2\r\n", 3);
    lies(accounts + "meeting,0,1,same-text,00aa,\"p\",\"q\",999:1,0:2,5,1,2\r\n", 3);
    lies(accounts + "meeting,0,1,same-text,00aa,\"p\",\"q\",0:1,0:2,5,1,1\r\n", 3);
    lies(accounts + "nothing\r\n", 3);
    lies("account,0,same-text,3,\"a\r\n", 1);
    EXPECT_EQ(why({header(1, 1) + "end,0\r\nmore"}).substr(0, 24), "this run file is damaged");
    // The same number for two accounts.
    EXPECT_NE(why({header(1, 2) + "account,0,same-text,3,\"a\"\r\nend,1\r\n",
                   header(2, 2) + "account,0,same-text,3,\"z\"\r\nend,1\r\n"}),
              "merged");
}

TEST(Shards, AnyBytesAreSafe) {
    std::mt19937_64 random(1);
    const std::string signs = "\",\r\n:0123456789-{}[]accountmeetingend\xff";
    std::size_t refused = 0;
    for (int round = 0; round < 20'000; ++round) {
        auto one = kOne, two = kTwo;
        for (auto changes = 1 + random() % 3; changes > 0; --changes) {
            auto& run = random() % 2 ? one : two;
            if (run.empty()) continue;
            const auto where = random() % run.size();
            switch (random() % 4) {
                case 0: run.resize(where); break;
                case 1: run.erase(where, random() % 9); break;
                case 2: run.insert(where, 1, signs[random() % signs.size()]); break;
                default: run[where] = signs[random() % signs.size()];
            }
        }
        refused += !merged({one, two});
    }
    EXPECT_GT(refused, 10'000);
}

}  // namespace
}  // namespace contrechamp::cli
