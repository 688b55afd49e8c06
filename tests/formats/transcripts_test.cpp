// Readers of transcripts: what each format gives, where it stands, and what is refused and why.
#include "formats/transcripts.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "base/escape.h"
#include "base/files.h"

namespace contrechamp {
namespace {

using Columns = std::map<std::string, std::string>;

TranscriptFile read(std::string_view bytes, const Columns& columns = {},
                    std::optional<TranscriptFormat> format = std::nullopt) {
    const auto layout = guess_transcript_layout(bytes, columns, format, "test");
    EXPECT_TRUE(layout) << layout.error().what.en;
    auto file = TranscriptFile::read(bytes, *layout, "test");
    EXPECT_TRUE(file) << file.error().what.en;
    return std::move(*file);
}

// "id|speaker|text@offset+length:line", and the refused rows.
std::vector<std::string> shown(const TranscriptFile& file) {
    std::vector<std::string> out;
    UtteranceScratch scratch;
    for (std::size_t i = 0; i < file.size(); ++i) {
        const auto u = file.at(i, scratch);
        out.push_back(std::string(u.id) + "|" + std::string(u.speaker) + "|" + std::string(u.text) + "@" +
                      std::to_string(u.offset) + "+" + std::to_string(u.length) + ":" +
                      std::to_string(u.line) + (u.windows_1252 ? " 1252" : ""));
    }
    for (const auto& row : file.refused())
        out.push_back(std::string(to_string(row.why)) + "@" + std::to_string(row.offset) + "+" +
                      std::to_string(row.length) + ":" + std::to_string(row.line));
    return out;
}

using List = std::vector<std::string>;

TEST(Transcripts, Trn) {
    const auto file =
        read(";; comment\nhello (big) world (S1-u_1)\n\n (s2_u2)\r\nx (s1-U_1)\nno id\ny ) z (\n");
    EXPECT_EQ(file.layout().format, TranscriptFormat::trn);
    EXPECT_TRUE(file.layout().markup);
    EXPECT_EQ(shown(file), (List{"S1-u_1|S1|hello (big) world @11+26:2", "s2_u2|s2| @39+8:4",
                                 "duplicate@49+10:5", "no-id@60+5:6", "no-id@66+7:7"}));
    EXPECT_EQ(file.rows(), file.size() + file.refused().size());
    EXPECT_EQ(file.find("s1-U_1"), 0u) << "ids are compared without case, as sclite does";
    EXPECT_EQ(file.find("s2_u2"), 1u);
    EXPECT_EQ(file.find("other"), std::nullopt);
}

TEST(Transcripts, SpeakersOfIds) {
    const auto speaker = [](std::string_view id, const char* rule) {
        const auto bytes = "w (" + std::string(id) + ")\n";
        const auto file = read(bytes, {{"speakers", rule}});
        UtteranceScratch scratch;
        return std::string(file.at(0, scratch).speaker);
    };
    // Measured with sclite -i spu_id: the first "-", else the first "_".
    EXPECT_EQ(speaker("p-q_1", "spu_id"), "p");
    EXPECT_EQ(speaker("p_q-2", "spu_id"), "p_q");
    EXPECT_EQ(speaker("u_v_3", "spu_id"), "u");
    EXPECT_EQ(speaker("nothing", "spu_id"), "");
    EXPECT_EQ(speaker("4T0C0201", "wsj"), "4T0");
    EXPECT_EQ(speaker("p-q_1", "none"), "");
}

TEST(Transcripts, Stm) {
    const auto file = read(
        ";; c\nf1 A s1 1.0 2.50 <o,f> a { b / c }\nf1  A\ts2 3 4 <unk d\nf1 A s1 4 5 "
        "ignore_Time_segment_in_scoring\n"
        "f1 A s1 5 4 bad\nf1 A s1 x 4 bad\nf1 A s1\nf1 A s2 3 4 again\nf1 A s3 6 7\n");
    EXPECT_EQ(file.layout().format, TranscriptFormat::stm);
    EXPECT_EQ(file.size(), 3u);
    List why;
    for (const auto& row : file.refused()) why.emplace_back(to_string(row.why));
    EXPECT_EQ(why, (List{"ignored", "bad-time", "bad-time", "columns", "duplicate"}));
    UtteranceScratch scratch;
    const auto first = file.at(0, scratch);
    EXPECT_EQ(first.id, "f1 A s1 1.0 2.50");
    EXPECT_EQ(first.begin, 1.0);
    EXPECT_EQ(first.end, 2.5);
    EXPECT_EQ(first.text, " a { b / c }");
    EXPECT_EQ(file.at(1, scratch).text, " <unk d");
    EXPECT_EQ(file.find("f1 a s2  3 4"), 1u) << "white space in ids is one space";
}

TEST(Transcripts, Ctm) {
    const auto file = read(
        "f1 A 1.1 0.1 a\nf1 A * * <ALT_BEGIN>\nf1 A 1.2 .1 b\nf1 A * * <ALT>\nf1 A 1.2 .1 c\nf1 A 1.3 .1 d\n"
        "f1 A * * <alt>\nf1 A * * <ALT_END>\nf1 B 2 0.1 e 0.9\n;; c\nf1 A 3 .1 f\nf1 A x .1 g\nf1 A 1\n");
    EXPECT_EQ(file.layout().format, TranscriptFormat::ctm);
    ASSERT_EQ(file.size(), 2u);
    UtteranceScratch scratch;
    const auto first = file.at(0, scratch);
    EXPECT_EQ(first.id, "f1 A");
    EXPECT_EQ(first.speaker, "f1-A");
    EXPECT_EQ(first.text, "a { b / c d / @ } f ");
    EXPECT_TRUE(first.markup);
    EXPECT_EQ(first.offset, 0u);
    EXPECT_EQ(file.at(1, scratch).text, "e ");
    ASSERT_EQ(file.refused().size(), 2u);
    EXPECT_EQ(to_string(file.refused()[0].why), "bad-time");
    EXPECT_EQ(to_string(file.refused()[1].why), "columns");
    EXPECT_EQ(file.rows(), 12u);
}

TEST(Transcripts, CtmMarksThatDoNotFit) {
    const auto file = read(
        "f A * * <ALT>\nf A 1 1 a\nf A * * <ALT_BEGIN>\nf A 1 1 b\nf A * * <ALT>\nf A 1 1 c\nf B * * "
        "<ALT_END>\nf B 1 1 d\n",
        {}, TranscriptFormat::ctm);
    UtteranceScratch scratch;
    EXPECT_EQ(file.at(0, scratch).text, "a b c ");
    EXPECT_EQ(file.at(1, scratch).text, "d ");
    EXPECT_EQ(file.refused().size(), 4u);
    for (const auto& row : file.refused()) EXPECT_EQ(row.why, TranscriptRefusal::alternates);
    EXPECT_EQ(file.rows(), 8u);
}

// What sclite 2.4.10 did with the same files, run by hand: a word goes to the first segment that ends behind
// its middle, those behind the last to the last; ignored segments take theirs away.
TEST(Transcripts, CtmCutIntoSegments) {
    const auto stm = read(
        "f1 A s1 1.0 2.0 <o,f> a b\nf1 A s2 3.0 4.0 c d\nf1 A s1 4.0 5.0 IGNORE_TIME_SEGMENT_IN_SCORING\nf1 "
        "A s1 5.0 6.0 e f\nf1 B s3 0 10 x y\n");
    const auto ctm = read(
        "f1 A 0.2 0.1 pre\nf1 A 1.1 0.1 a\nf1 A 1.95 0.1 mid2.00\nf1 A 2.5 0.1 gap\nf1 A 3.1 0.1 c\nf1 A "
        "3.95 0.1 mid4.00\n"
        "f1 A 4.2 0.1 ign\nf1 A 4.95 0.1 mid5.00\nf1 A 5.2 0.1 e\nf1 A 7.2 0.1 post\nF1 b 0.2 0.1 x\nf1 B 2 "
        "0.1 y\nf2 A 2 0.1 other\n");
    const auto cut = TranscriptFile::cut(ctm, stm);
    ASSERT_TRUE(cut);
    ASSERT_EQ(cut->size(), 4u);
    UtteranceScratch scratch;
    List texts;
    for (std::size_t i = 0; i < cut->size(); ++i) {
        const auto utterance = cut->at(i, scratch);
        texts.push_back(std::string(utterance.speaker) + ": " + std::string(utterance.text));
        EXPECT_EQ(cut->find(utterance.id), i);
    }
    EXPECT_EQ(texts, (List{"s1: pre a ", "s2: mid2.00 gap c ", "s1: mid5.00 e post ", "s3: x y "}));
    EXPECT_EQ(cut->ignored_words(), 2u);
    EXPECT_EQ(cut->outside(), 1u);
    EXPECT_EQ(cut->at(1, scratch).offset, 32u);
    EXPECT_FALSE(TranscriptFile::cut(stm, ctm));
}

TEST(Transcripts, CutGapsAndAlternations) {
    const auto stm = read(
        "f1 A s1 1.0 2.0 a b\nf1 A s1 4.0 5.0 IGNORE_TIME_SEGMENT_IN_SCORING\nf1 A s1 6.0 7.0 e f\nf1 A s2 "
        "8.0 9.0 IGNORE_TIME_SEGMENT_IN_SCORING\n");
    const auto ctm = read(
        "f1 A 1.1 0.1 a\nf1 A 2.5 0.1 gapbeforeign\nf1 A 4.2 0.1 ign\nf1 A 5.5 0.1 gapafterign\nf1 A 6.5 0.1 "
        "e\nf1 A 7.5 0.1 gap2\nf1 A 9.5 0.1 post\n");
    const auto cut = TranscriptFile::cut(ctm, stm);
    ASSERT_TRUE(cut);
    UtteranceScratch scratch;
    EXPECT_EQ(cut->at(0, scratch).text, "a ");
    EXPECT_EQ(cut->at(1, scratch).text, "gapafterign e ");
    const auto whole = read(
        "f1 A 1.1 0.1 a\nf1 A * * <ALT_BEGIN>\nf1 A 5.9 0.1 b\nf1 A * * <ALT>\nf1 A 7.5 0.1 c\nf1 A * * "
        "<ALT_END>\n");
    const auto kept = TranscriptFile::cut(whole, stm);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->at(1, scratch).text, "{ b / c } ") << "an alternation is not divided";
}

TEST(Transcripts, Csv) {
    const auto file = read(
        "id,speaker,text\nu1,Anna,\"hello, \"\"you\"\"\nthere\"\n\nu2,,plain\nu3,Bo\n,Cy,no "
        "id\nu1,Di,again\nu4,Ed,\"a\"b\n");
    EXPECT_EQ(file.layout().format, TranscriptFormat::delimited);
    EXPECT_FALSE(file.layout().markup);
    EXPECT_EQ(shown(file), (List{"u1|Anna|hello, \"you\"\nthere@16+30:2", "u2||plain@48+9:5",
                                 "u4|Ed|ab@86+10:9", "columns@58+5:6", "no-id@64+9:7", "duplicate@74+11:8"}));
    EXPECT_EQ(file.rows(), file.size() + file.refused().size());
}

TEST(Transcripts, CsvKin) {
    EXPECT_EQ(shown(read("\xEF\xBB\xBF"
                         "utterance_id\ttranscript\na\tx y\n")),
              (List{"a||x y@27+5:2"}));
    EXPECT_EQ(shown(read("Locuteur;Identifiant;Texte\nL;a;x, y\n")), (List{"a|L|x, y@27+8:2"}));
    EXPECT_EQ(shown(read("a,x y,L\nb,z,M\n", {{"id", "1"}, {"text", "2"}, {"speaker", "3"}})),
              (List{"a|L|x y@0+7:1", "b|M|z@8+5:2"}));
    EXPECT_EQ(shown(read("a,b\nu,x\n", {{"id", "a"}, {"text", "b"}})), (List{"u||x@4+3:2"}));
}

TEST(Transcripts, CsvQuoteThatNothingCloses) {
    const auto file = read("id,text\na,\"open\nb,fine\n");
    EXPECT_EQ(shown(file), (List{"b||fine@16+6:3", "cut-off@8+7:2"}))
        << "one row is lost, not the rest of the file";
}

TEST(Transcripts, JsonLines) {
    const auto file = read(
        "{\"id\":7,\"speaker\":\"A\",\"text\":\"l\\u2019\\u00e9t\\u00e9 "
        "\\\"x\\\"\"}\n{\"id\":\"b\"}\n{\"id\":\"c\",\"text\":\"y\"}\n[1]\n{\"text\":\"z\"}\n");
    EXPECT_EQ(file.layout().format, TranscriptFormat::json_lines);
    EXPECT_EQ(shown(file), (List{"7|A|l’été \"x\"@0+58:1", "c||y@70+21:3", "not-json@59+10:2",
                                 "not-json@92+3:4", "no-id@96+12:5"}));
    EXPECT_EQ(shown(read("{\"a\":{\"i\":\"u\"},\"w\":\"x\"}\n", {{"id", "a.i"}, {"text", "w"}})),
              (List{"u||x@0+23:1"}));
}

TEST(Transcripts, Plain) {
    const auto file = read("one two\n\nthree (x)\n");
    EXPECT_EQ(file.layout().format, TranscriptFormat::plain);
    EXPECT_EQ(shown(file), (List{"1||one two@0+7:1", "2||@8+0:2", "3||three (x)@9+9:3"}));
}

TEST(Transcripts, Encodings) {
    const auto file = read(
        "d\xE9j\xE0 vu (s-1)\nd\xC3\xA9j\xC3\xA0 (s-2)\nb\x81"
        "d (s-3)\n");
    EXPECT_EQ(shown(file), (List{"s-1|s|déjà vu @0+13:1 1252", "s-2|s|déjà @14+12:2", "encoding@27+9:3"}));
    EXPECT_EQ(file.windows_1252(), 1u);
    const auto ctm = read("f A 1 1 \xE9t\xE9\nf A 2 1 \xC3\xA9\n");
    UtteranceScratch scratch;
    EXPECT_EQ(ctm.at(0, scratch).text, "été é ");
    const auto named = read("\xE9 A 1 1 x\n\xE9 A 2 1 y\n");
    ASSERT_EQ(named.size(), 1u);
    EXPECT_EQ(named.at(0, scratch).id, "é A");
    EXPECT_EQ(named.at(0, scratch).speaker, "é-A");
    EXPECT_EQ(named.find("é a"), 0u);
    EXPECT_FALSE(guess_transcript_layout("\xFF\xFEx", {}, std::nullopt, "test"));
}

TEST(Transcripts, LongRowsAreRefused) {
    std::string bytes(std::size_t{1} << 20, 'a');
    bytes += " (s-1)\nshort (s-2)\n";
    const auto file = read(bytes, {}, TranscriptFormat::trn);
    ASSERT_EQ(file.size(), 1u);
    ASSERT_EQ(file.refused().size(), 1u);
    EXPECT_EQ(file.refused()[0].why, TranscriptRefusal::too_long);
    const auto csv = "id,text\na,\"" + std::string(2 << 20, 'x') + "\"\nb,y\n";
    EXPECT_EQ(read(csv, {}, TranscriptFormat::delimited).size(), 1u);
}

TEST(Transcripts, GuessingSaysWhatItSaw) {
    const auto bad = guess_transcript_layout("id,words?\n1,x\n", {}, TranscriptFormat::delimited, "f.csv");
    ASSERT_FALSE(bad);
    EXPECT_NE(bad.error().what.en.find("id, words?"), std::string::npos) << bad.error().what.en;
    EXPECT_FALSE(bad.error().what.fr.empty());
    const auto named =
        guess_transcript_layout("id,text\n1,x\n", {{"text", "txt"}}, TranscriptFormat::delimited, "f.csv");
    ASSERT_FALSE(named);
    EXPECT_NE(named.error().what.en.find("txt"), std::string::npos);
    EXPECT_FALSE(guess_transcript_layout("x (a-1)\n", {{"speakers", "magic"}}, std::nullopt, "f"));
    EXPECT_FALSE(guess_transcript_layout("x (a-1)\n", {{"markup", "maybe"}}, std::nullopt, "f"));
    EXPECT_FALSE(guess_transcript_layout("x (a-1)\n", {{"colour", "x"}}, std::nullopt, "f"));
}

TEST(Transcripts, GuessesOneFromTheOther) {
    const auto guessed = [](std::string_view bytes) {
        const auto layout = guess_transcript_layout(bytes, {}, std::nullopt, "f");
        return layout ? std::string(to_string(layout->format)) : "nothing";
    };
    EXPECT_EQ(guessed("{ a / b } c (s-1)\nd (s-2)\n"), "trn");
    EXPECT_EQ(guessed("f A 1.0 0.5 5\nf A 2.0 0.5 x\n"), "ctm");
    EXPECT_EQ(guessed("f A 1.0 0.5 five 0.9\n"), "ctm");
    EXPECT_EQ(guessed("f A spk 1.0 2.5 five six\n"), "stm");
    EXPECT_EQ(guessed("f A 12 1.0 2.5 five six\n"), "stm");
    EXPECT_EQ(guessed("hello, you and you\nid, text\n"), "plain");
    EXPECT_EQ(guessed(""), "plain");
    for (const auto format :
         {TranscriptFormat::trn, TranscriptFormat::stm, TranscriptFormat::ctm, TranscriptFormat::delimited,
          TranscriptFormat::json_lines, TranscriptFormat::plain})
        EXPECT_EQ(transcript_format(to_string(format)), format);
}

TEST(Transcripts, LayoutIsWrittenAndReadAgain) {
    for (const std::string_view bytes :
         {"x (a-1)\n", "id;text\n1;x\n", "{\"id\":1,\"text\":\"x\"}\n", "f A 1 1 x\n"}) {
        const auto layout = guess_transcript_layout(bytes, {}, std::nullopt, "f");
        ASSERT_TRUE(layout);
        const auto again = TranscriptLayout::from_json(json::Value(layout->to_json()), "f");
        ASSERT_TRUE(again);
        EXPECT_EQ(json::canonical(json::Value(again->to_json())),
                  json::canonical(json::Value(layout->to_json())));
    }
    for (const char* bad :
         {"{}", "{\"format\":\"x\"}", "{\"format\":\"csv\"}", "{\"format\":\"trn\",\"delimiter\":\"xx\"}",
          "{\"format\":\"trn\",\"start\":-1}", "{\"format\":\"trn\",\"speakers\":\"x\"}"})
        EXPECT_FALSE(TranscriptLayout::from_json(*json::parse(bad, "f"), "f")) << bad;
}

// Any bytes: rows stand inside the file, in order; each is used or refused.
TEST(Transcripts, AnyBytes) {
    std::mt19937 dice(9);
    const std::string alphabet =
        "ab1.* \t\n\r\n(),\"-_{}/:;<>\xE9\xC3\xA9\x81"
        "id";
    for (int round = 0; round < 2000; ++round) {
        std::string bytes = dice() % 3 == 0 ? "id,text\n" : "";
        for (auto n = dice() % 120; n > 0; --n) bytes += alphabet[dice() % alphabet.size()];
        for (const auto format :
             {TranscriptFormat::trn, TranscriptFormat::stm, TranscriptFormat::ctm,
              TranscriptFormat::delimited, TranscriptFormat::json_lines, TranscriptFormat::plain}) {
            const auto layout = guess_transcript_layout(bytes, {}, format, "f");
            if (!layout) continue;
            const auto file = TranscriptFile::read(bytes, *layout, "f");
            ASSERT_TRUE(file);
            UtteranceScratch scratch;
            std::uint64_t last = 0;
            for (std::size_t i = 0; i < file->size(); ++i) {
                const auto u = file->at(i, scratch);
                ASSERT_LE(u.offset + u.length, bytes.size());
                if (format != TranscriptFormat::ctm) ASSERT_GE(u.offset, last);
                last = u.offset + u.length;
                ASSERT_TRUE(is_valid_utf8(u.id) && is_valid_utf8(u.text) && is_valid_utf8(u.speaker));
                const std::string id(u.id);
                ASSERT_EQ(file->find(id), i) << bytes;
            }
            for (const auto& row : file->refused()) ASSERT_LE(row.offset + row.length, bytes.size());
            if (format != TranscriptFormat::ctm)
                ASSERT_EQ(file->rows(), file->size() + file->refused().size());
        }
    }
}

TEST(Transcripts, NistFiles) {
    const fs::path folder = fs::path(SHARED_DATA) / "disparity/sctk_golden";
    if (!fs::exists(folder)) GTEST_SKIP() << "no shared data";
    const auto count = [&](const char* name) {
        const auto mapped = MappedFile::open(folder / name);
        EXPECT_TRUE(mapped);
        const auto file = read(mapped->bytes());
        EXPECT_EQ(file.layout().format, TranscriptFormat::trn) << name;
        return file.size();
    };
    EXPECT_EQ(count("csrnab.ref"), 51u);
    EXPECT_EQ(count("csrnab.hyp"), 51u);
    EXPECT_EQ(count("csrnab1.ref"), 2u);
    EXPECT_EQ(count("tests.ref"), 58u);
    EXPECT_EQ(count("tests.hyp"), 58u);
}

}  // namespace
}  // namespace contrechamp
