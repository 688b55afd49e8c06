#include "base/bytes.h"

#include <random>

#include <gtest/gtest.h>

namespace contrechamp {
namespace {

TEST(ByteReader, TakesWhatIsThereAndNeverMore) {
    const std::string bytes("\x01\x02\x03\x04\x05\x06\x07\x08\x09", 9);
    ByteReader reader(bytes);
    EXPECT_EQ(reader.u8(), 0x01);
    EXPECT_EQ(reader.u16le(), 0x0302);
    EXPECT_EQ(reader.u32le(), 0x07060504u);
    EXPECT_EQ(reader.remaining(), 2u);
    // A read that does not fit moves nowhere.
    EXPECT_FALSE(reader.u32le());
    EXPECT_FALSE(reader.u64le());
    EXPECT_FALSE(reader.take(3));
    EXPECT_FALSE(reader.take(UINT64_MAX));
    EXPECT_EQ(reader.offset(), 7u);
    EXPECT_EQ(reader.take(2), std::string_view("\x08\x09"));
    EXPECT_FALSE(reader.u8());
    EXPECT_EQ(reader.take(0), std::string_view());
    EXPECT_TRUE(reader.seek(1));
    EXPECT_EQ(reader.u64le(), 0x0908070605040302u);
    EXPECT_TRUE(reader.seek(9));
    EXPECT_FALSE(reader.seek(10));
    EXPECT_FALSE(reader.seek(UINT64_MAX));
    EXPECT_EQ(reader.offset(), 9u);
}

TEST(ByteReader, EmptyBytes) {
    ByteReader reader({});
    EXPECT_EQ(reader.remaining(), 0u);
    EXPECT_FALSE(reader.u8());
    EXPECT_TRUE(reader.seek(0));
    EXPECT_EQ(reader.take(0), std::string_view());
}

TEST(ByteReader, AnySequenceOfReadsStaysInside) {
    std::mt19937_64 random(1);
    for (int round = 0; round < 2000; ++round) {
        // A heap block of exactly this size: the sanitizer build would see one byte too many.
        const std::string bytes(random() % 40, 'x');
        ByteReader reader(bytes);
        for (int step = 0; step < 20; ++step) {
            const auto before = reader.offset();
            const std::uint64_t length = random() % 4 ? random() % 20 : random();
            switch (random() % 6) {
                case 0: reader.u8(); break;
                case 1: reader.u16le(); break;
                case 2: reader.u32le(); break;
                case 3: reader.u64le(); break;
                case 4: reader.seek(length); break;
                default:
                    if (const auto piece = reader.take(length)) {
                        ASSERT_EQ(piece->size(), length);
                        ASSERT_EQ(piece->data(), bytes.data() + before);
                    } else {
                        ASSERT_EQ(reader.offset(), before);
                    }
            }
            ASSERT_LE(reader.offset(), bytes.size());
            ASSERT_EQ(reader.offset() + reader.remaining(), bytes.size());
        }
    }
}

TEST(Slice, IsAllThereOrNothing) {
    EXPECT_EQ(slice("abcdef", 2, 3), "cde");
    EXPECT_EQ(slice("abcdef", 6, 0), "");
    EXPECT_FALSE(slice("abcdef", 4, 3));
    EXPECT_FALSE(slice("abcdef", 7, 0));
    EXPECT_FALSE(slice("abcdef", 1, UINT64_MAX));
    EXPECT_FALSE(slice("abcdef", UINT64_MAX, 1));
    EXPECT_FALSE(slice("abcdef", UINT64_MAX, UINT64_MAX));
}

TEST(Hex, ThereAndBack) {
    std::string all;
    for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
    EXPECT_EQ(to_hex(std::string_view("\x00\x7f\xff", 3)), "007fff");
    EXPECT_EQ(from_hex(to_hex(all)), all);
    EXPECT_EQ(from_hex("00fFaA"), std::string("\x00\xff\xaa", 3));
    EXPECT_EQ(from_hex(""), "");
    for (const char* bad : {"0", "abc", "0g", "g0", "0x00", " 00", "00 ", "é0", "-1"})
        EXPECT_FALSE(from_hex(bad)) << bad;
}

TEST(Base64, KnownVectorsOfRfc4648) {
    const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, encoded] : vectors) {
        EXPECT_EQ(to_base64(plain), encoded);
        EXPECT_EQ(from_base64(encoded), plain);
    }
    EXPECT_EQ(to_base64("\xfb\xff\xbf"), "+/+/");
}

TEST(Base64, RandomBytesThereAndBack) {
    std::mt19937 random(2);
    for (int i = 0; i < 500; ++i) {
        std::string bytes(random() % 70, '\0');
        for (char& c : bytes) c = static_cast<char>(random());
        std::string encoded = to_base64(bytes);
        ASSERT_EQ(encoded.size(), (bytes.size() + 2) / 3 * 4);
        ASSERT_EQ(from_base64(encoded), bytes);
        // White space, as in PEM, is passed over.
        for (std::size_t at = 0; at < encoded.size(); at += 9) encoded.insert(at, " \r\n\t");
        ASSERT_EQ(from_base64(encoded), bytes);
    }
}

TEST(Base64, Refusals) {
    for (const char* bad : {"Z",    "Zg",   "Zg=",      "Zm9",      "Zg===",
                            "=",    "====", "Z===",     "Zg==Zg==", "Zg=a",
                            "Z=g=", "=Zg=", "Zm9v=",    "Zm9v====", "Zm9v!",
                            "Zm-_", "Zh==", "Zg==\x01", "Zm9=",     "Zm9v\xc3\xa9\xc3\xa9"})
        EXPECT_FALSE(from_base64(bad)) << bad;
    EXPECT_FALSE(from_base64(std::string_view("Zm9\0", 4)));
}

TEST(LineReader, SaysWhereEachLineStands) {
    const std::string_view text = "one\ntwo\r\n\nlast";
    LineReader lines(text);
    struct Expected {
        std::uint64_t number, offset;
        std::string_view text;
        bool ended;
    };
    for (const auto& expected : {Expected{1, 0, "one", true}, Expected{2, 4, "two", true},
                                 Expected{3, 9, "", true}, Expected{4, 10, "last", false}}) {
        const auto line = lines.next();
        ASSERT_TRUE(line);
        EXPECT_EQ(line->number, expected.number);
        EXPECT_EQ(line->offset, expected.offset);
        EXPECT_EQ(line->text, expected.text);
        EXPECT_EQ(line->ended, expected.ended);
        EXPECT_EQ(text.substr(line->offset, line->text.size()), line->text);
    }
    EXPECT_FALSE(lines.next());
    EXPECT_FALSE(lines.next());
}

TEST(LineReader, EndsAndEmptiness) {
    EXPECT_FALSE(LineReader("").next());
    LineReader one("\n");
    EXPECT_EQ(one.next()->text, "");
    EXPECT_FALSE(one.next());
    LineReader zeros(std::string_view("a\0b\nc", 5));
    EXPECT_EQ(zeros.next()->text, std::string_view("a\0b", 3));
    EXPECT_EQ(zeros.next()->offset, 4u);
    // A carriage return inside a line is part of it.
    LineReader carriage("a\rb\nc");
    EXPECT_EQ(carriage.next()->text, "a\rb");
}

}  // namespace
}  // namespace contrechamp
