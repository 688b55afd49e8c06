// What the coordination analyzer reads out of a post's text: normalised words, shingles, near texts, links,
// hashtags and mentions.
#include <algorithm>

#include "analyze/coordination/canonical.h"
#include "analyze/coordination/near_text.h"
#include "fuzz.h"

using namespace contrechamp;
using namespace contrechamp::coordination;

namespace {

void check_words(const std::string& normalised) {
    std::vector<std::string_view> words;
    words_of(normalised, words);
    std::string joined, without_spaces = normalised;
    for (const auto word : words) {
        CHECK(!word.empty());
        joined += word;
    }
    std::erase(without_spaces, ' ');
    CHECK(joined == without_spaces);
    std::vector<std::uint64_t> shingles;
    shingles_of(normalised, shingles);
    CHECK(std::is_sorted(shingles.begin(), shingles.end()));
    CHECK(std::adjacent_find(shingles.begin(), shingles.end()) == shingles.end());
    CHECK(shingles.empty() == (words.size() < kFewestWords));
    CHECK(words.size() < kFewestWords || shingles.size() <= words.size() + 1 - kShingle);
    const auto keys = band_keys(shingles);
    for (const auto key : keys) CHECK((key == 0) == shingles.empty());
    CHECK(near(normalised, normalised) == !shingles.empty());
}

void check_normalised(std::string_view text) {
    std::string once, twice;
    normalise_text(text, once);
    CHECK(is_valid_utf8(once));
    CHECK(once.find("  ") == std::string::npos);
    CHECK(once.empty() || (once.front() != ' ' && once.back() != ' '));
    normalise_text(once, twice);
    CHECK(once == twice);
    check_words(once);
}

void check_link(std::string_view url) {
    std::string once, twice;
    canonical_link(url, once);
    if (once.empty()) return;
    CHECK(!link_domain(once).empty() && once.starts_with(link_domain(once)));
    canonical_link("https://" + once, twice);
    CHECK(once == twice);
}

void check_extracted(std::string_view text,
                     void (*extract)(std::string_view, std::vector<std::string_view>&)) {
    std::vector<std::string_view> found;
    extract(text, found);
    const char* end = text.data();  // in order, within the text, none in another
    for (const auto piece : found) {
        CHECK(!piece.empty() && piece.data() >= end);
        end = piece.data() + piece.size();
        CHECK(end <= text.data() + text.size());
        check_link(piece);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::view(data, size);
    check_normalised(text);
    for (const auto extract : {extract_links, extract_hashtags, extract_mentions})
        check_extracted(text, extract);
    check_link(text);
    check_link("https://" + std::string(text));
    std::vector<std::string_view> words;
    words_of(text, words);  // and of what is not normalised
    std::vector<std::uint64_t> shingles;
    shingles_of(text, shingles);
    // Texts between NUL bytes, grouped.
    std::vector<std::string> texts;
    for (const auto& piece : fuzz::pieces(text, 0)) normalise_text(piece, texts.emplace_back());
    if (texts.size() < 2) return 0;
    std::vector<BandKeys> keys;
    for (const auto& one : texts) {
        shingles_of(one, shingles);
        keys.push_back(band_keys(shingles));
    }
    const auto groups = group_near_texts(
        keys, [&](std::uint32_t i) { return std::string_view(texts[i]); }, 1);
    CHECK(groups.group.size() == texts.size() && groups.verified <= groups.candidates);
    for (std::uint32_t i = 0; i < texts.size(); ++i) {
        CHECK(groups.group[i] <= i && groups.group[groups.group[i]] == groups.group[i]);
        CHECK(keys[i] != BandKeys{} || groups.group[i] == i);
    }
    return 0;
}
