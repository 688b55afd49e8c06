// What the normalisers have in common: marks in brackets, lower case, and from tokens to speech.
#include <algorithm>

#include "analyze/disparity/normalise_letters.h"
#include "analyze/disparity/normalise_parts.h"

namespace contrechamp::disparity {

bool all_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

std::size_t apostrophe(std::string_view text, std::size_t at) {
    if (text[at] == '\'' || text[at] == '`') return 1;
    for (const std::string_view sign : {"\u2019", "\u2018", "\u02BC", "\u2032"})
        if (text.substr(at, sign.size()) == sign) return sign.size();
    return 0;
}

bool among(std::string_view word, std::initializer_list<std::string_view> list) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

void replace_words(Tokens& tokens, std::span<const Replacement> table) {
    Tokens out;
    const auto before = [](const Replacement& entry, std::string_view word) { return entry.from < word; };
    for (auto& token : tokens) {
        const auto found = std::lower_bound(table.begin(), table.end(), token.text, before);
        if (found == table.end() || found->from != token.text) {
            out.push_back(std::move(token));
            continue;
        }
        for (auto rest = found->to; !rest.empty();) {
            const auto end = std::min(rest.find(' '), rest.size());
            out.push_back({std::string(rest.substr(0, end)), token.proper, token.may_miss});
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    tokens = std::move(out);
}

namespace {

constexpr char kGone = '\x01';

// What stands in brackets is about the recording, not said: <noise>, [laughter], (inaudible). Brackets that
// nothing closes stay, as punctuation.
void blank_brackets(std::string& text) {
    if (text.find_first_of("<[(") == text.npos) return;
    bool angular = true, round = true;  // whether a closing bracket is still ahead
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        std::size_t end = text.npos;
        if ((c == '<' || c == '[') && angular) {
            end = text.find_first_of(">]", at + 1);
            angular = end != text.npos;
        } else if (c == '(' && round) {
            end = text.find(')', at + 1);
            round = end != text.npos;
            if (end == at + 1) continue;
        }
        if (end == text.npos) continue;
        std::fill(text.begin() + static_cast<std::ptrdiff_t>(at),
                  text.begin() + static_cast<std::ptrdiff_t>(end + 1), kGone);
        at = end;
    }
}

void say(const Tokens& tokens, bool optional, Speech& out) {
    for (const auto& token : tokens) {
        if (token.text.empty()) continue;
        if (token.may_miss) {
            out.open();
            out.word(token.text, optional, false, token.proper);
            out.next();
            out.nothing();
            out.close();
        } else {
            out.word(token.text, optional, false, token.proper);
        }
    }
}

}  // namespace

void normalise_run(std::span<const WrittenWord> run, Profile profile, SpeechLanguage language, bool optional,
                   Speech& out) {
    std::string joined;
    for (const auto& word : run) joined.append(word.text).append(1, ' ');
    blank_brackets(joined);
    const bool french = language == SpeechLanguage::french, whisper = profile == Profile::whisper;
    Tokens tokens;
    std::string written, lowered;
    std::size_t at = 0;
    for (const auto& word : run) {
        written.assign(joined, at, word.text.size());
        at += word.text.size() + 1;
        std::erase(written, kGone);
        lowered.clear();
        append_lower(written, lowered, whisper);
        if (whisper) (french ? cut_whisper_french : cut_whisper_english)(lowered, word.proper, tokens);
        else (french ? cut_koenecke_french : cut_koenecke_english)(lowered, word.proper, tokens);
    }
    if (whisper && !french) finish_whisper_english(tokens);
    if (!whisper) (french ? finish_koenecke_french : finish_koenecke_english)(tokens);
    say(tokens, optional, out);
}

}  // namespace contrechamp::disparity
