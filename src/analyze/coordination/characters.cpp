#include "analyze/coordination/characters.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <vector>

namespace contrechamp::coordination {
namespace {

unsigned char byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

bool is_ascii_word(unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

struct Range {
    char32_t first, last;
};

template <std::size_t N>
bool within(const Range (&ranges)[N], char32_t c) {
    const auto* after =
        std::upper_bound(std::begin(ranges), std::end(ranges), c,
                         [](char32_t value, const Range& range) { return value < range.first; });
    return after != std::begin(ranges) && c <= std::prev(after)->last;
}

// Blocks.txt, Unicode 15.
constexpr Range kUnspacedBlocks[] = {
    {0x0e00, 0x0fff},    // Thai, Lao, Tibetan
    {0x1000, 0x109f},    // Myanmar
    {0x1780, 0x17ff},    // Khmer
    {0x1950, 0x19ff},    // Tai Le, New Tai Lue, Khmer symbols
    {0x1a20, 0x1aaf},    // Tai Tham
    {0x1b00, 0x1b7f},    // Balinese
    {0x2e80, 0x2fdf},    // radicals
    {0x3005, 0x312f},    // Han iteration marks, kana, Bopomofo
    {0x31a0, 0x31ff},    // Bopomofo, kana
    {0x3400, 0x4dbf},    // Han
    {0x4e00, 0xa4cf},    // Han, Yi
    {0xa980, 0xa9ff},    // Javanese, Myanmar
    {0xaa60, 0xaadf},    // Myanmar, Tai Viet
    {0xf900, 0xfaff},    // Han
    {0x16fe0, 0x18dff},  // Tangut, Khitan
    {0x1aff0, 0x1b2ff},  // kana, Nushu
    {0x20000, 0x3ffff},  // Han
};

// Characters that are composed with what stands before them (NFC_Quick_Check=Maybe, DerivedNormalizationProps
// .txt) below kFoldedLimit, but for those of class 230 to 240, which are all taken to be. Unicode's stability
// policy keeps this list as it is.
constexpr Range kComposing[] = {
    {0x0300, 0x036f}, {0x0653, 0x0655}, {0x093c, 0x093c}, {0x09be, 0x09be}, {0x09d7, 0x09d7},
    {0x0b3e, 0x0b3e}, {0x0b56, 0x0b57}, {0x0bbe, 0x0bbe}, {0x0bd7, 0x0bd7}, {0x0c56, 0x0c56},
    {0x0cc2, 0x0cc2}, {0x0cd5, 0x0cd6}, {0x0d3e, 0x0d3e}, {0x0d57, 0x0d57}, {0x0dca, 0x0dca},
    {0x0dcf, 0x0dcf}, {0x0ddf, 0x0ddf}, {0x102e, 0x102e}, {0x1100, 0x11ff}, {0x1b35, 0x1b35},
};

bool is_kept_together(utf8proc_category_t category) {
    switch (category) {
        case UTF8PROC_CATEGORY_PC:
        case UTF8PROC_CATEGORY_PD:
        case UTF8PROC_CATEGORY_PS:
        case UTF8PROC_CATEGORY_PE:
        case UTF8PROC_CATEGORY_PI:
        case UTF8PROC_CATEGORY_PF:
        case UTF8PROC_CATEGORY_PO:
        case UTF8PROC_CATEGORY_SM:
        case UTF8PROC_CATEGORY_SC:
        case UTF8PROC_CATEGORY_SK:
        case UTF8PROC_CATEGORY_SO:
        case UTF8PROC_CATEGORY_ME: return false;
        default: return true;
    }
}

Kind slow_kind(char32_t c) {
    if (is_sign(c)) return kSign;
    const auto* property = utf8proc_get_property(static_cast<utf8proc_int32_t>(c));
    const auto category = static_cast<utf8proc_category_t>(property->category);
    switch (category) {
        case UTF8PROC_CATEGORY_CC:
        case UTF8PROC_CATEGORY_ZS:
        case UTF8PROC_CATEGORY_ZL:
        case UTF8PROC_CATEGORY_ZP: return kSpace;
        case UTF8PROC_CATEGORY_CF: return kDropped;
        default: break;
    }
    if (property->ignorable) return kDropped;
    if (c == '@') return static_cast<Kind>(kPunct | kAt);
    if (c == ':') return static_cast<Kind>(kPunct | kColon);
    if (c == '.') return static_cast<Kind>(kPunct | kDot);
    if (!is_kept_together(category)) return kPunct;
    if (category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC) return kMark;
    if (category == UTF8PROC_CATEGORY_ND) return kDigit;
    // Where pictographs of later versions of Unicode will stand.
    if (category == UTF8PROC_CATEGORY_CN && c >= 0x1f000 && c <= 0x1faff) return kPunct;
    return is_unspaced_block(c) ? kUnspaced : kLetter;
}

struct KindTable {
    Kind kinds[kFoldedLimit];
    KindTable() {
        for (char32_t c = 0; c < kFoldedLimit; ++c) kinds[c] = slow_kind(c);
    }
};

// What people's keyboards take for one sign, and NFKC does not.
char32_t typed(char32_t c) {
    switch (c) {
        case 0xb4:
        case 0x2018:
        case 0x2019: return '\'';
        case 0x2010:
        case 0x2011: return '-';
        default: return c;
    }
}

struct MarkRun {
    std::size_t length = 0, longest = 0;
};

// Called by utf8proc for each character before it is folded. What it is to leave out becomes U+034F, which it
// ignores.
utf8proc_int32_t before_folding(utf8proc_int32_t c, void* data) {
    constexpr utf8proc_int32_t kLeftOut = 0x034f;
    constexpr std::size_t kMostMarks = 30;
    auto& run = *static_cast<MarkRun*>(data);
    const auto kind = kind_of(static_cast<char32_t>(c));
    if (kind & kDropped) return kLeftOut;
    if (utf8proc_get_property(c)->combining_class != 0) {
        run.longest = std::max(run.longest, ++run.length);
        return run.length > kMostMarks ? kLeftOut : c;
    }
    run.length = 0;
    return static_cast<utf8proc_int32_t>(typed(static_cast<char32_t>(c)));
}

void append_valid(std::string_view utf8, std::string& out) {
    for (std::size_t at = 0; at < utf8.size();) {
        const auto c = character_at(utf8, at);
        if (c.valid) out.append(utf8, at, c.length);
        else out += "\xef\xbf\xbd";
        at += c.length;
    }
}

// One round of folding of valid UTF-8, in place. Returns the longest run of combining marks met.
std::size_t fold_once(std::string& text) {
    constexpr auto kOptions = static_cast<utf8proc_option_t>(
        UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
    static thread_local std::vector<utf8proc_int32_t> buffer;
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    const auto size = static_cast<utf8proc_ssize_t>(text.size());
    MarkRun run;
    buffer.resize(std::max<std::size_t>(buffer.size(), text.size() + 64));
    auto length = utf8proc_decompose_custom(bytes, size, buffer.data(),
                                            static_cast<utf8proc_ssize_t>(buffer.size() - 1), kOptions,
                                            before_folding, &run);
    if (length >= static_cast<utf8proc_ssize_t>(buffer.size())) {
        buffer.resize(static_cast<std::size_t>(length) + 1);
        run = {};
        length =
            utf8proc_decompose_custom(bytes, size, buffer.data(), length, kOptions, before_folding, &run);
    }
    if (length >= 0) length = utf8proc_reencode(buffer.data(), length, kOptions);
    if (length >= 0)
        text.assign(reinterpret_cast<const char*>(buffer.data()), static_cast<std::size_t>(length));
    return run.longest;
}

// The table's entry for `c`, when what it becomes does not depend on its neighbours.
Folded fold_alone(char32_t c) {
    Folded entry;
    if (kind_of(c) & (kSpace | kDropped)) {
        entry.how = Folded::direct;
        entry.kinds = kind_of(c);
        return entry;
    }
    if (within(kComposing, c)) return entry;
    std::string before, after;
    append_character(c, before);
    fold_text(before, after);
    if (after.empty() || after.size() > sizeof entry.bytes) return entry;
    const char32_t first = character_at(after, 0).value;
    if (within(kComposing, first)) return entry;
    const auto class_of = [](char32_t x) {
        return utf8proc_get_property(static_cast<utf8proc_int32_t>(x))->combining_class;
    };
    char32_t last = 0;
    for (std::size_t at = 0; at < after.size(); at += character_at(after, at).length) {
        last = character_at(after, at).value;
        entry.kinds = static_cast<std::uint16_t>(entry.kinds | kind_of(last));
    }
    const auto kinds = entry.kinds;
    const bool simple = !(kinds & kSpace) && (!(kinds & kPunct) || !(kinds & (kWordKinds | kMark)));
    if (!simple) return Folded{};
    std::memcpy(entry.bytes, after.data(), after.size());
    entry.length = static_cast<std::uint8_t>(after.size());
    entry.ends_marked = class_of(last) != 0;
    entry.how = class_of(first) ? Folded::ordered : Folded::direct;
    return entry;
}

// Whether a letter or digit, with its marks, ends at `at`.
bool is_word_before(std::string_view text, std::size_t at) {
    while (at > 0) {
        const char32_t c = character_before(text, at);
        const auto kind = kind_of(c);
        if (!(kind & kMark)) return (kind & (kLetter | kDigit)) != 0;
        at -= c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    }
    return false;
}

bool starts_with_folded(std::string_view text, std::size_t at, std::string_view prefix) {
    if (text.size() - at < prefix.size()) return false;
    for (std::size_t i = 0; i < prefix.size(); ++i) {
        char c = text[at + i];
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
        if (c != prefix[i]) return false;
    }
    return true;
}

std::size_t link_prefix(std::string_view text, std::size_t at) {
    const char first = static_cast<char>(text[at] | 0x20);
    if (first == 'h') {
        if (starts_with_folded(text, at, "https://")) return 8;
        if (starts_with_folded(text, at, "http://")) return 7;
    } else if (first == 'w' && starts_with_folded(text, at, "www.") && !is_word_before(text, at)) {
        return 4;
    }
    return 0;
}

// Where the characters that a link may hold end.
std::size_t link_run(std::string_view text, std::size_t at) {
    while (at < text.size()) {
        const auto b = byte_at(text, at);
        if (b < 0x80) {
            if (b <= ' ' || b == 0x7f || std::strchr("\"<>\\^`{|}", b)) break;
            ++at;
            continue;
        }
        const auto c = character_at(text, at);
        if (!c.valid || !(kind_of(c.value) & (kLetter | kDigit | kMark))) break;
        at += c.length;
    }
    return at;
}

std::size_t without_closing_punctuation(std::string_view link) {
    const auto count = [&](char c) { return std::count(link.begin(), link.end(), c); };
    auto round = count(')') - count('('), square = count(']') - count('[');
    while (!link.empty()) {
        const char last = link.back();
        if (last == ')' && round > 0) --round;
        else if (last == ']' && square > 0) --square;
        else if (!std::strchr(".,;:!?'*", last)) break;
        link.remove_suffix(1);
    }
    return link.size();
}

// End of an ASCII name: letters, digits, _, and inner dots and dashes; a dash only where a dot follows later.
std::size_t ascii_name_end(std::string_view text, std::size_t at) {
    std::size_t dash = 0, last_dot = 0;
    const auto start = at;
    while (at < text.size()) {
        const auto b = byte_at(text, at);
        if (!is_ascii_word(b)) {
            const bool joins = (b == '.' || b == '-') && at > start && at + 1 < text.size() &&
                               is_ascii_word(byte_at(text, at + 1)) && is_ascii_word(byte_at(text, at - 1));
            if (!joins) break;
            if (b == '.') last_dot = at;
            else if (dash <= last_dot) dash = at;
        }
        ++at;
    }
    return dash > last_dot ? dash : at;
}

}  // namespace

Character character_at(std::string_view text, std::size_t at) {
    const auto first = byte_at(text, at);
    if (first < 0x80) return {first, 1, true};
    std::uint8_t length = 0;
    char32_t value = 0, least = 0;
    if (first >= 0xc2 && first <= 0xdf) length = 2, value = first & 0x1f, least = 0x80;
    else if (first >= 0xe0 && first <= 0xef) length = 3, value = first & 0x0f, least = 0x800;
    else if (first >= 0xf0 && first <= 0xf4) length = 4, value = first & 0x07, least = 0x10000;
    else return {};
    if (text.size() - at < length) return {};
    for (std::size_t i = 1; i < length; ++i) {
        const auto next = byte_at(text, at + i);
        if ((next & 0xc0) != 0x80) return {};
        value = value << 6 | (next & 0x3fu);
    }
    if (value < least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return {};
    return {value, length, true};
}

char32_t character_before(std::string_view text, std::size_t at) {
    for (std::size_t back = 1; back <= std::min<std::size_t>(4, at); ++back) {
        if ((byte_at(text, at - back) & 0xc0) == 0x80) continue;
        const auto c = character_at(text, at - back);
        return c.length == back ? c.value : 0xfffd;
    }
    return 0xfffd;
}

void append_character(char32_t c, std::string& out) {
    utf8proc_uint8_t bytes[4];
    const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(c), bytes);
    out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
}

bool is_unspaced_block(char32_t c) { return c >= 0x0e00 && within(kUnspacedBlocks, c); }

Kind kind_of(char32_t c) {
    static const KindTable table;
    if (c < kFoldedLimit) return table.kinds[c];
    if (c >= 0x4e00 && c <= 0x9fff) return kUnspaced;
    return slow_kind(c);
}

std::size_t link_length(std::string_view text, std::size_t at) {
    const auto prefix = link_prefix(text, at);
    if (prefix == 0) return 0;
    const auto host = at + prefix;
    if (host >= text.size() || !(kind_of(character_at(text, host).value) & (kLetter | kDigit))) return 0;
    return without_closing_punctuation(text.substr(at, link_run(text, host) - at));
}

std::size_t at_sign_length(std::string_view text, std::size_t at) {
    if (text[at] == '@') return 1;
    return text.substr(at, 3) == "\xef\xbc\xa0" ? 3 : 0;
}

std::size_t mention_length(std::string_view text, std::size_t at) {
    const auto sign = at_sign_length(text, at);
    const auto name = at + sign;
    if (sign == 0 || name >= text.size() || is_word_before(text, at)) return 0;
    if (at > 0 && text[at - 1] == '_') return 0;
    if (is_ascii_word(byte_at(text, name))) {
        const auto end = ascii_name_end(text, name);
        if (end < text.size() && text[end] == '@') {
            const auto server_end = ascii_name_end(text, end + 1);
            if (text.substr(end + 1, server_end - end - 1).find('.') != std::string_view::npos)
                return server_end - at;
        }
        return end - at;
    }
    std::size_t end = name;
    for (bool first = true; end < text.size(); first = false) {
        const auto c = character_at(text, end);
        const unsigned allowed = first ? kLetter | kUnspaced : kLetter | kUnspaced | kDigit | kMark;
        if (!c.valid || !((kind_of(c.value) & allowed) || (!first && c.value == '_'))) break;
        end += c.length;
    }
    return end > name ? end - at : 0;
}

void fold_text(std::string_view utf8, std::string& out) {
    out.clear();
    append_valid(utf8, out);
    // What a run of very many marks leaves may be put together differently by another round; at most a few.
    constexpr std::size_t kManyMarks = 24, kMostRounds = 6;
    std::string before;
    for (std::size_t round = 0; round < kMostRounds; ++round) {
        before = out;
        if (fold_once(out) < kManyMarks || before == out) break;
    }
}

const Folded* folded_table() {
    static const std::vector<Folded> table = [] {
        std::vector<Folded> entries(kFoldedLimit);
        for (char32_t c = 0x80; c < kFoldedLimit; ++c) entries[c] = fold_alone(c);
        return entries;
    }();
    return table.data();
}

}  // namespace contrechamp::coordination
