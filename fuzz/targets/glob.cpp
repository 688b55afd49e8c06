// knowledge/knowledge.h: glob_match, against the textbook's table.
#include "fuzz.h"
#include "knowledge/knowledge.h"

using namespace contrechamp;

namespace {

bool slow_match(std::string_view pattern, std::string_view text) {
    std::vector<char> row(text.size() + 1, 0), next;
    row[0] = 1;
    for (char p : pattern) {
        next.assign(text.size() + 1, 0);
        if (p == '*') next[0] = row[0];
        for (std::size_t i = 1; i <= text.size(); ++i)
            next[i] = p == '*' ? row[i] || next[i - 1] : row[i - 1] && (p == '?' || p == text[i - 1]);
        row.swap(next);
    }
    return row.back();
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parts = fuzz::pieces(fuzz::view(data, size), 2);
    if (parts[0].size() > 512 || parts[1].size() > 4096) return 0;  // patterns are short; the table is slow
    CHECK(glob_match(parts[0], parts[1]) == slow_match(parts[0], parts[1]));
    CHECK(glob_match(parts[0], parts[1], true) == slow_match(lower(parts[0]), lower(parts[1])));
    return 0;
}
