// Rows: what is read, what is refused, and that neither depends on how the file is cut.
#include <random>

#include "base/escape.h"
#include "formats/posts_kit.h"

namespace contrechamp {
namespace {

using testing::guessed;
using testing::repeated;
using testing::rows_of;
using testing::said;
using Rows = std::vector<std::string>;

PostLayout csv_layout(char delimiter = ',') {
    PostLayout layout;
    layout.delimiter = delimiter;
    layout.map = {{PostField::account, {"user"}}, {PostField::text, {"text"}}, {PostField::links, {"urls"}}};
    return layout;
}

PostLayout json_layout(PostContainer container) {
    PostLayout layout;
    layout.container = container;
    layout.start = container == PostContainer::json_array ? 1 : 0;
    layout.map = {{PostField::account, {"user.id", "user"}},
                  {PostField::text, {"text"}},
                  {PostField::links, {"urls[].u", "urls"}}};
    return layout;
}

TEST(Posts, NamesOfFieldsAreTheirOwn) {
    for (std::size_t i = 0; i < kPostFields; ++i) {
        const auto field = static_cast<PostField>(i);
        ASSERT_TRUE(post_field(to_string(field)));
        EXPECT_EQ(*post_field(to_string(field)), field);
    }
    EXPECT_FALSE(post_field("nothing"));
    EXPECT_EQ(to_string(Refusal::too_long), "too-long");
    EXPECT_EQ(to_string(Refusal::duplicate), "duplicate");
}

TEST(Posts, QuotesOfDelimitedFiles) {
    const std::string csv =
        "user,text,urls\n"
        "A,\"one\r\ntwo, \"\"three\"\"\",\r\n"
        "B,5\" disk,\"\"\n"
        "\n"
        "C,\"x\"y\"z,\r\n"
        "\r\n"
        "D,\"\"\"\",";
    EXPECT_EQ(rows_of(csv, csv_layout()),
              (Rows{"15+24 account=A text=one\r\ntwo, \"three\"", "41+12 account=B text=5\" disk",
                    "55+9 account=C text=xy\"z", "68+7 account=D text=\""}));
    auto layout = csv_layout();
    layout.quotes = false;
    EXPECT_EQ(rows_of("user,text,urls\nA,\"x,\nB,\"y\",\n", layout),
              (Rows{"15+5 account=A text=\"x", "21+6 account=B text=\"y\""}));
}

TEST(Posts, DelimitedRefusals) {
    EXPECT_EQ(rows_of("user,text,urls\nA,b\nA,b,c,d\n,b,\nA,b,\nA,b", csv_layout()),
              (Rows{"15+3 refused columns", "19+7 refused columns", "27+3 refused no-account",
                    "31+4 account=A text=b", "36+3 refused cut-off"}));
    EXPECT_EQ(rows_of("user,text,urls\nA,\"b,\nB,c,\n", csv_layout()), Rows{"15+11 refused cut-off"});
    const auto long_row = "A," + std::string(17 << 20, 'x') + ",\n";
    EXPECT_EQ(rows_of("user,text,urls\n" + long_row + "B,c,\n", csv_layout()),
              (Rows{"15+" + std::to_string(long_row.size() - 1) + " refused too-long",
                    std::to_string(15 + long_row.size()) + "+4 account=B text=c"}));
    PostSinks sinks{[](const PostRow&) { FAIL(); }, [](const RefusedRow&) { FAIL(); }};
    EXPECT_FALSE(read_post_rows("a,b\n1,2\n", csv_layout(), {0, 8}, sinks));
}

TEST(Posts, TimesAreRefusedWithTheirReason) {
    EXPECT_EQ(
        said("user,text,date\nA,b,\nA,b,soon\nA,b,12\nA,b,1970-01-01T00:00:00Z\nA,b,2018-10-10\nA,b,2101-01-"
             "01 00:00:00\nA,b,2018-10-10 20:19:24Z\n"),
        (Rows{"refused no-time", "refused no-time", "refused bad-time", "refused bad-time", "refused no-time",
              "refused bad-time", "account=A text=b time=2018-10-10 20:19:24Z at 1539202764"}));
}

TEST(Posts, ListsInCells) {
    const auto links = [](const std::string& cell) {
        const auto rows = rows_of("user\turls\nA\t" + cell + "\n", [] {
            auto layout = csv_layout('\t');
            layout.map.erase(PostField::text);
            layout.quotes = false;
            return layout;
        }());
        return rows.empty() ? "" : rows[0].substr(rows[0].find(" ") + 1);
    };
    EXPECT_EQ(links("https://a/1 https://b/2"), "account=A links=[https://a/1,https://b/2]");
    EXPECT_EQ(links("https://a/1,2;3, https://b/2"), "account=A links=[https://a/1,2;3,https://b/2]");
    EXPECT_EQ(links("https://a|https://b"), "account=A links=[https://a,https://b]");
    EXPECT_EQ(links("[\"https:\\/\\/a\", \"b\\u00e9\"]"), "account=A links=[https://a,bé]");
    EXPECT_EQ(links("['a', 'it\\'s', \"x\", 12, None]"), "account=A links=[a,it's,x,12]");
    EXPECT_EQ(links("a, b;c"), "account=A links=[a,b,c]");
    for (const char* empty : {"", "[]", "NA", "nan", "None", "null", "[{'url': 'x'}]", "[None]"})
        EXPECT_EQ(links(empty), "account=A") << empty;
}

TEST(Posts, BytesThatAreNotUtf8) {
    EXPECT_EQ(said("user,text\nA,caf\xe9 \xf0\x9f\x98\x80\n"),
              Rows{"account=A text=caf\xef\xbf\xbd \xf0\x9f\x98\x80"});
    EXPECT_EQ(said("{\"user\":\"A\",\"text\":\"caf\xe9\"}\n{\"user\":\"B\",\"text\":\"ok\"}"),
              (Rows{"account=A text=caf\xef\xbf\xbd", "account=B text=ok"}));
}

TEST(Posts, JsonLines) {
    const auto layout = json_layout(PostContainer::json_lines);
    const std::string lines =
        "{\"user\":{\"id\":1234567890123456789012},\"text\":\"a\\n\\u00e9\\ud83d\\ude00\\ud800\\q\"}\r\n"
        "\n   \n"
        "{\"\\u0075ser\":9007199254740993,\"urls\":[{\"u\":\"x\"},{\"v\":1},{\"u\":\"y z\"}]}\n"
        "[1]\n"
        "{\"user\":\"A\"} {}\n"
        "{\"user\":nope}\n"
        "{\"user\":\"A\",\"urls\":[\"x y\"]}\n"
        "{\"user\":\"A\",\"urls\":\"x y\"}\n"
        "{\"user\":null}\n"
        "{\"user\":\"A\",\"text\":\"b";
    EXPECT_EQ(rows_of(lines, layout),
              (Rows{"0+77 account=1234567890123456789012 text=a\né😀\xef\xbf\xbdq",
                    "84+69 account=9007199254740993 links=[x,y z]", "154+3 refused not-json",
                    "158+15 refused not-json", "174+13 refused not-json", "188+27 account=A links=[x y]",
                    "216+25 account=A links=[x,y]", "242+13 refused no-account", "256+21 refused cut-off"}));
}

TEST(Posts, ArraysAndWhatFollowsThem) {
    const auto layout = json_layout(PostContainer::json_array);
    EXPECT_EQ(rows_of(R"([{"user":"A","text":"]}\"\\"} , 3,{"user":"B"}], "tail": [{"user":"C"}]})", layout),
              (Rows{"1+28 account=A text=]}\"\\", "32+1 refused not-json", "34+12 account=B"}));
    EXPECT_EQ(rows_of(R"([{"user":"A"},{"user":{"id":"B")", layout),
              (Rows{"1+12 account=A", "14+17 refused cut-off"}));
    EXPECT_EQ(rows_of(R"([{"user":"A"},}{"user":"B"} ])", layout),
              (Rows{"1+12 account=A", "14+1 refused not-json", "15+12 account=B"}));
    PostLayout bare = layout;
    bare.start = 0;
    EXPECT_EQ(rows_of("{\"user\":\"A\"}\n]\n{\"user\":\"B\"}", bare),
              (Rows{"0+12 account=A", "13+1 refused not-json", "15+12 account=B"}));
    // Objects that follow each other, over several lines.
    EXPECT_EQ(said("{\n \"user\": \"A\",\n \"text\": \"x\"\n}\n{\n \"user\": \"B\",\n \"text\": \"y\"\n}\n"),
              (Rows{"account=A text=x", "account=B text=y"}));
}

TEST(Posts, DeepAndHugeRows) {
    const auto layout = json_layout(PostContainer::json_lines);
    const std::string deep =
        "{\"x\":" + std::string(100'000, '[') + std::string(100'000, ']') + ",\"user\":\"A\"}";
    EXPECT_EQ(rows_of(deep, layout).size(), 1);
    EXPECT_EQ(rows_of("[" + deep + "]", json_layout(PostContainer::json_array)).size(), 1);
    const std::string huge =
        "{\"user\":\"A\",\"text\":\"" + repeated("\\u00e9", 3 << 20) + "\"}\n{\"user\":\"B\"}\n";
    ASSERT_EQ(rows_of(huge, layout).size(), 2);
    EXPECT_EQ(rows_of("{\"x\":\"" + std::string(17 << 20, 'x') + "\"}\n{\"user\":\"B\"}", layout).size(), 2);
}

TEST(Posts, OfColumnsWithOneNameTheFirstCounts) {
    EXPECT_EQ(said("user,text,text\nA,first,second\n"), Rows{"account=A text=first"});
}

TEST(Posts, ConditionsOfPaths) {
    PostLayout layout = json_layout(PostContainer::json_lines);
    layout.map[PostField::repost] = {"o if kind=share", "p.q if why"};
    layout.map[PostField::reply] = {"refs[type=reply].id"};
    EXPECT_EQ(
        rows_of(
            "{\"user\":\"A\",\"o\":\"1\",\"kind\":\"share\"}\n{\"o\":\"1\",\"kind\":\"x\",\"user\":\"A\"}\n"
            "{\"user\":\"A\",\"why\":{},\"p\":{\"q\":3}}\n{\"user\":\"A\",\"why\":null,\"p\":{\"q\":3}}\n"
            "{\"refs\":[{\"type\":\"x\",\"id\":1},{\"id\":2,\"more\":{\"a\":[1]},\"type\":\"reply\"},{\"id\":"
            "3},4],\"user\":\"A\"}\n",
            layout),
        (Rows{"0+35 account=A repost=1", "36+31 account=A", "68+33 account=A repost=3", "102+35 account=A",
              "138+93 account=A reply=2"}));
}

// The property that lets a file be read by several threads.
void expect_same_in_pieces(std::string_view bytes, const PostLayout& layout) {
    const auto whole = rows_of(bytes, layout);
    for (const std::size_t pieces : {1, 2, 3, 7, 50})
        EXPECT_EQ(rows_of(bytes, layout, pieces), whole) << pieces << " pieces of " << bytes;
}

TEST(Posts, PiecesGiveTheSameRows) {
    std::mt19937_64 random(7);
    const std::vector<std::string_view> csv = {
        "\"", "\"", "\"\"", ",", ",", "\n", "\n", "\r\n", "a", "bc", "\xe9", "A,b,c\n", "A,\"b\nb\",c\n"};
    const std::vector<std::string_view> json = {
        "\"",    "\\", "{", "}", "[", "]", ",", "\n", " ", "{\"user\":\"A\"}", "{\"user\":\"A\"},",
        "\"x\"", "1"};
    for (int round = 0; round < 400; ++round) {
        std::string a = "user,text,urls\n", b = "[", c;
        for (int i = 0; i < 40; ++i) {
            a += csv[random() % csv.size()];
            const auto piece =
                json[random() % (round % 2 ? json.size() : 6) + (round % 2 ? 0 : 6) % json.size()];
            b += piece;
            c += piece;
            if (i % 4 == 0) c += '\n';
        }
        expect_same_in_pieces(a, csv_layout());
        expect_same_in_pieces(b, json_layout(PostContainer::json_array));
        expect_same_in_pieces(c, json_layout(PostContainer::json_lines));
    }
    std::string rows = "user,text,urls\n";
    for (int i = 0; i < 500; ++i)
        rows += "U" + std::to_string(i) + (i % 3 ? ",\"line\nline \"\"q\"\",\n\",\n" : ",plain 5\" text,\n");
    EXPECT_EQ(rows_of(rows, csv_layout()).size(), 500);
    EXPECT_GT(split_rows(rows, csv_layout(), 16).size(), 10);
    expect_same_in_pieces(rows, csv_layout());
}

TEST(Posts, AnyDamageIsSafe) {
    const std::string csv = "user,text,urls,date\nA,\"b \"\"c\"\"\n\",['x'],2018-10-10T20:19:24Z\n";
    const std::string json =
        "{\"data\":[{\"user\":{\"id\":1},\"text\":\"\\ud83d\\ude00\",\"urls\":[{\"u\":\"x\"}]}]}";
    const auto read = [](std::string_view bytes) {
        const auto layout = guess_post_layout(bytes, PostKind::posts, {}, "F");
        if (layout) EXPECT_EQ(rows_of(bytes, *layout), rows_of(bytes, *layout, 3));
        for (const auto& fixed :
             {csv_layout(), json_layout(PostContainer::json_lines), json_layout(PostContainer::json_array)})
            if (fixed.container != PostContainer::delimited || bytes.substr(0, 15) == "user,text,urls,")
                rows_of(bytes, fixed);
    };
    testing::for_every_damage(csv, read);
    testing::for_every_damage(json, read);
}

TEST(Posts, TheRealFileOfCooRTweet) {
    const auto packed = testing::shared_data("coordination/russian_coord_tweets.csv.xz");
    SKIP_WITHOUT(packed);
    if (!testing::have("xz")) GTEST_SKIP() << "xz is not installed";
    const testing::TemporaryFolder folder;
    ASSERT_EQ(testing::run("xz -dc '" + packed.string() + "' > " + (folder / "rows.csv").string()).code, 0);
    const auto bytes = testing::get(folder / "rows.csv");
    const auto layout = guessed(bytes);
    EXPECT_EQ(layout.schema, "coortweet");
    const auto rows = rows_of(bytes, layout);
    EXPECT_EQ(rows.size(), 35125);
    for (const auto& row : rows) ASSERT_EQ(row.find("refused"), std::string::npos) << row;
    EXPECT_EQ(rows_of(bytes, layout, 8), rows);
}

}  // namespace
}  // namespace contrechamp
