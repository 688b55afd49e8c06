// Our collectors' own format: everything is found at the place that is cited, and nothing is cut off in
// silence.
#include "formats/record_file.h"

#include "base/escape.h"
#include "kit/hostile.h"

namespace contrechamp {
namespace {

using testing::for_every_damage;
using testing::sample;

std::string three_records() {
    RecordWriter writer("linux-test", 1, {{"host", "h"}, {"uid", 1000}});
    writer.add("thing", {{"name", "é\n\"x\""}, {"n", 3}});
    writer.looked("check-a", {{"things", 1}});
    writer.not_looked("check-b", "unreadable", "root-only-file", {{"path", "/x"}});
    return writer.finish();
}

TEST(RecordFile, WhatIsWrittenIsReadBackWithItsPlace) {
    const std::string bytes = three_records();
    const auto file = read_record_file(bytes, "file");
    ASSERT_OK(file);
    EXPECT_TRUE(file->whole);
    EXPECT_TRUE(file->problems.empty());
    EXPECT_EQ(file->name, "linux-test");
    EXPECT_EQ(file->version, 1);
    EXPECT_EQ(file->header["host"].string_or(), "h");
    ASSERT_EQ(file->records.size(), 3);
    EXPECT_EQ(file->records[0].is, "thing");
    EXPECT_EQ(file->records[0].value["name"].string_or(), "é\n\"x\"");
    EXPECT_EQ(file->records[1].value["check"].string_or(), "check-a");
    EXPECT_EQ(file->records[2].value["reason"].string_or(), "root-only-file");
    std::uint64_t line = 2;
    for (const auto& record : file->records) {
        EXPECT_EQ(record.line, line++);
        const auto cited = json::parse(bytes.substr(record.offset, record.length), "cited");
        ASSERT_OK(cited);
        EXPECT_EQ(json::canonical(*cited), json::canonical(record.value));
    }
}

TEST(RecordFile, CarriageReturnsAreNotPartOfALine) {
    std::string bytes = three_records();
    for (std::size_t at = 0; (at = bytes.find('\n', at)) != std::string::npos; at += 2)
        bytes.replace(at, 1, "\r\n");
    const auto file = read_record_file(bytes, "file");
    ASSERT_OK(file);
    EXPECT_TRUE(file->whole && file->problems.empty());
    EXPECT_EQ(bytes[file->records[0].offset], '{');
    EXPECT_EQ(bytes[file->records[0].offset + file->records[0].length - 1], '}');
}

TEST(RecordFile, CutOffIsSaid) {
    const std::string bytes = three_records();
    testing::for_every_truncation(bytes, [&](std::string_view cut) {
        const auto file = read_record_file(cut, "file");
        if (!file) return;
        if (cut.size() + 1 < bytes.size()) {
            EXPECT_FALSE(file->whole);
            EXPECT_FALSE(file->problems.empty()) << cut;
        }
        EXPECT_LE(file->records.size(), 3);
    });
}

TEST(RecordFile, DefectsAreNamedAndReadingGoesOn) {
    const std::string good = three_records();
    std::string bad_line = good;
    bad_line.replace(bad_line.find("\"is\":\"looked\""), 4, "\"is'");
    const auto file = read_record_file(bad_line, "F");
    ASSERT_OK(file);
    EXPECT_EQ(file->records.size(), 2);
    ASSERT_EQ(file->problems.size(), 2);  // the line, and the end that counts one more
    EXPECT_NE(file->problems[0].where.find("F:3 (offset "), std::string::npos) << file->problems[0].where;
    EXPECT_NE(file->problems[1].where.find("F:5 (offset "), std::string::npos) << file->problems[1].where;
}

TEST(RecordFile, TheEndMustCountRight) {
    std::string bytes = three_records();
    bytes.replace(bytes.find("\"records\":3"), 11, "\"records\":2");
    const auto file = read_record_file(bytes, "F");
    ASSERT_OK(file);
    EXPECT_FALSE(file->whole);
    ASSERT_EQ(file->problems.size(), 1);
    EXPECT_NE(file->problems[0].what.en.find("counts"), std::string::npos);
}

TEST(RecordFile, NothingFollowsTheEnd) {
    const auto file = read_record_file(three_records() + "{\"is\":\"late\"}\n", "F");
    ASSERT_OK(file);
    EXPECT_EQ(file->records.size(), 3);
    ASSERT_EQ(file->problems.size(), 1);
    EXPECT_NE(file->problems[0].where.find("F:6"), std::string::npos);
}

TEST(RecordFile, WhatIsNoRecordFileIsRefused) {
    for (const char* bytes :
         {"", "\n", "hello\n", "{}\n", "{\"contrechamp\":5}\n", "{\"contrechamp\":\"\"}\n", "[]\n"})
        EXPECT_FALSE(read_record_file(bytes, "F")) << bytes;
}

TEST(RecordFile, AMillionDefectsDoNotFillTheMemory) {
    const auto file = read_record_file("{\"contrechamp\":\"x\"}\n" + std::string(1'000'000, '\n'), "F");
    ASSERT_OK(file);
    EXPECT_FALSE(file->whole);
    EXPECT_LE(file->problems.size(), 1000);
}

TEST(RecordFile, AnyDamageGivesAValueOrAnError) {
    std::size_t read = 0;
    for (const char* name : {"record_file/whole.jsonl", "record_file/wrong-count.jsonl"}) {
        for_every_damage(sample(name), [&](std::string_view bytes) {
            const auto file = read_record_file(bytes, "F");
            if (!file) return;
            ++read;
            EXPECT_TRUE(file->whole || !file->problems.empty());
            for (const auto& record : file->records) EXPECT_LE(record.offset + record.length, bytes.size());
        });
    }
    EXPECT_GT(read, 1000);
}

TEST(RecordFile, TextThatIsNotUtf8KeepsItsBytes) {
    json::Object fields;
    put_text(fields, "plain", "Zoë");
    put_text(fields, "broken", "a\xff\xc3");
    EXPECT_EQ(json::Value(fields)["plain"].string_or(), "Zoë");
    EXPECT_TRUE(json::Value(fields)["plain_hex"].is_null());
    EXPECT_EQ(json::Value(fields)["broken_hex"].string_or(), "61ffc3");
    EXPECT_TRUE(is_valid_utf8(json::Value(fields)["broken"].string_or()));
    EXPECT_OK(json::parse(json::canonical(fields), "again"));
}

}  // namespace
}  // namespace contrechamp
