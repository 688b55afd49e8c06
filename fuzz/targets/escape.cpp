// base/escape.h: whatever goes in, what comes out is inert where it goes to and valid.
#include "fuzz.h"

using namespace contrechamp;

namespace {

// Bytes that begin a character which acts on a terminal or hides: C0, DEL, C1 (c2 80–9f), bidirectional and
// zero-width characters (e2 80 8b–8f, e2 80 a8–ae, e2 81 a0–af), BOM (ef bb bf), tags (f3 a0).
bool acts(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto at = [&](std::size_t k) {
            return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0u;
        };
        if (at(0) < 0x20 || at(0) == 0x7f) return true;
        if (at(0) == 0xc2 && at(1) >= 0x80 && at(1) <= 0x9f) return true;
        if (at(0) == 0xe2 && at(1) == 0x80 &&
            ((at(2) >= 0x8b && at(2) <= 0x8f) || (at(2) >= 0xa8 && at(2) <= 0xae)))
            return true;
        if (at(0) == 0xe2 && at(1) == 0x81 && at(2) >= 0xa0 && at(2) <= 0xaf) return true;
        if (at(0) == 0xef && at(1) == 0xbb && at(2) == 0xbf) return true;
        if (at(0) == 0xf3 && at(1) == 0xa0 && (at(2) == 0x80 || at(2) == 0x81)) return true;
    }
    return false;
}

// One CSV field read back by RFC 4180.
std::string read_field(std::string_view field) {
    if (!field.starts_with('"')) {
        CHECK(field.find_first_of(",\"\r\n") == std::string_view::npos);
        return std::string(field);
    }
    CHECK(field.size() >= 2 && field.ends_with('"'));
    std::string out;
    for (std::size_t i = 1; i + 1 < field.size(); ++i) {
        if (field[i] == '"') CHECK(i + 2 < field.size() && field[++i] == '"');
        out += field[i];
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::view(data, size);
    const std::string valid = to_valid_utf8(text);
    CHECK(is_valid_utf8(valid) && to_valid_utf8(valid) == valid);
    CHECK(is_valid_utf8(text) == (valid == text));

    const std::string terminal = for_terminal(text);
    CHECK(is_valid_utf8(terminal) && !acts(terminal) && for_terminal(terminal) == terminal);
    CHECK(display_width(terminal) <= 2 * terminal.size());

    const std::string html = for_html(text);
    CHECK(is_valid_utf8(html) && !acts(html) && html.find_first_of("<>\"'") == std::string::npos);
    for (std::size_t at = 0; (at = html.find('&', at)) != std::string::npos; ++at) {
        const auto entity = std::string_view(html).substr(at, 6);
        CHECK(entity.starts_with("&amp;") || entity.starts_with("&lt;") || entity.starts_with("&gt;") ||
              entity.starts_with("&quot;") || entity.starts_with("&#39;"));
    }

    const std::string field = read_field(for_csv(text));
    CHECK(field == terminal || field == "'" + terminal);
    CHECK(!field.starts_with('=') && !field.starts_with('@') &&
          field.find_first_of("\t\r\n") == std::string::npos);
    if (field.starts_with('+') || field.starts_with('-'))
        CHECK(field.find_first_not_of("0123456789.", 1) == std::string::npos);

    const std::string name = for_file_name(text);
    CHECK(!name.empty() && name.front() != '.' && name.find('/') == std::string::npos &&
          name.size() <= std::max<std::size_t>(text.size(), 7));
    return 0;
}
