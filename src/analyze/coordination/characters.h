// Characters as the comparison of texts sees them: UTF-8 read safely, what kind of character stands there,
// and where links and mentions begin and end. Shared by normalise.cpp, extract.cpp and near_text.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace contrechamp::coordination {

struct Character {
    char32_t value = 0xfffd;  // U+FFFD when the bytes there are not valid UTF-8
    std::uint8_t length = 1;  // bytes; 1 for a byte that is not valid
    bool valid = false;
};
// The character at `at` (less than the size). RFC 3629: no overlong forms, surrogates or anything above
// U+10FFFF.
Character character_at(std::string_view text, std::size_t at);
// Appends its UTF-8.
void append_character(char32_t c, std::string& out);
// The character that ends just before `at` (more than 0); U+FFFD when the bytes are not valid.
char32_t character_before(std::string_view text, std::size_t at);

// Bits, so that those of a word can be gathered in one number.
enum Kind : std::uint16_t {
    kLetter = 1,     // of scripts written with spaces; also whatever is not known to be something else
    kUnspaced = 2,   // letter of a script written without spaces
    kDigit = 4,      // Nd
    kMark = 8,       // Mn, Mc: belongs to what it follows
    kPunct = 16,     // punctuation, symbols, emoji
    kSign = 32,      // stands for a link, a mention or a number (see kLinkSign)
    kSpace = 64,     // separators and control characters
    kDropped = 128,  // format characters, variation selectors, soft hyphen …: nothing a reader sees
    kAt = 256,       // with kPunct: '@'
    kColon = 512,    // with kPunct: ':'
    kDot = 1024,     // with kPunct: '.'
};
inline constexpr unsigned kWordKinds =
    kLetter | kUnspaced | kDigit | kSign;  // what a word keeps at its edges

Kind kind_of(char32_t c);

inline constexpr char32_t kLinkSign = 0xe000, kMentionSign = 0xe001, kNumberSign = 0xe002;
inline bool is_sign(char32_t c) { return c >= kLinkSign && c <= kNumberSign; }

// Whether the character is of a script that is written without spaces between words: Han, kana, Bopomofo, Yi,
// Thai, Lao, Tibetan, Myanmar, Khmer and their neighbours (blocks of Unicode 15; letters only).
bool is_unspaced_block(char32_t c);

// Bytes of the link that begins at `at`: http://, https:// (any case, whatever stands before), or www. after
// something that is no letter or digit. It ends before white space, quotes, brackets <>{}, non-ASCII
// punctuation and the letters of scripts without spaces; closing punctuation and a bracket that was not
// opened in it do not belong to it. 0: none.
std::size_t link_length(std::string_view text, std::size_t at);

// Bytes of the mention that begins at `at`, its sign included (@ or full-width ＠): a name of ASCII letters,
// digits and _ with inner dots (and dashes in names of servers), optionally @server.tld; or a name that
// begins with a letter of another script, then letters, marks, digits and _ of any. Not after a letter or
// digit (an e-mail address). 0: none.
std::size_t mention_length(std::string_view text, std::size_t at);
// 1 or 3: bytes of an at sign there; 0: none.
std::size_t at_sign_length(std::string_view text, std::size_t at);

// NFKC case folding (Unicode's toNFKC_Casefold) by utf8proc, of anything: bytes that are not UTF-8 count as
// U+FFFD, format characters are left out, and of more than 30 combining marks in a row the rest (UAX #15,
// stream-safe text: ordering them would take quadratic time).
void fold_text(std::string_view utf8, std::string& out);

// The same of one character below U+3000 (and above U+007F), as a table.
struct Folded {
    enum How : std::uint8_t {
        direct,   // replace by `bytes`, whatever stands around it
        ordered,  // the same, unless the character before had a combining class too
        complex,  // ask fold_text about the whole word
    };
    char bytes[4] = {};
    std::uint8_t length = 0;
    How how = complex;
    std::uint16_t kinds = 0;   // Kind bits of what it becomes
    bool ends_marked = false;  // ends with a character of a combining class that is not 0
};
inline constexpr char32_t kFoldedLimit = 0x3000;
const Folded* folded_table();  // [kFoldedLimit]; built at the first call

}  // namespace contrechamp::coordination
