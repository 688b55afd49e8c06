// What the normalisers of a language give to normalise.cpp and share; nobody else includes this.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/disparity/normalise.h"

namespace contrechamp::disparity {

// A word between white space, as it is written.
struct WrittenWord {
    std::string_view text;
    bool proper = false;
};

// Words of a run of text under `koenecke` or `whisper`, added to `out`. `optional`: each may be missing.
void normalise_run(std::span<const WrittenWord> run, Profile profile, SpeechLanguage language, bool optional,
                   Speech& out);

// A word on its way. `may_miss`: it and its absence are alternatives.
struct Token {
    std::string text;
    bool proper = false, may_miss = false;
};
using Tokens = std::vector<Token>;

// Cuts a word in lower case into tokens.
void cut_koenecke_english(std::string_view word, bool proper, Tokens& out);
void cut_whisper_english(std::string_view word, bool proper, Tokens& out);
void cut_koenecke_french(std::string_view word, bool proper, Tokens& out);
void cut_whisper_french(std::string_view word, bool proper, Tokens& out);

// Then the whole run.
void finish_koenecke_english(Tokens& tokens);
void finish_whisper_english(Tokens& tokens);
void finish_koenecke_french(Tokens& tokens);

void english_numbers_to_words(Tokens& tokens);
void english_words_to_numbers(Tokens& tokens);
void french_words_to_numbers(Tokens& tokens);

// "colour" → "color"; the word itself where there is no other spelling.
std::string_view american(std::string_view word);

// Replacements of one word by others; the table is sorted by its first words.
struct Replacement {
    std::string_view from, to;  // `to` may hold several words, with one space between
};
void replace_words(Tokens& tokens, std::span<const Replacement> table);

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool all_digits(std::string_view text);  // and not empty
// ' ’ ‘ ʼ ′ and `: apostrophes as people type them. How many bytes of `text` from `at`, 0 for none.
std::size_t apostrophe(std::string_view text, std::size_t at);
bool among(std::string_view word, std::initializer_list<std::string_view> list);

}  // namespace contrechamp::disparity
