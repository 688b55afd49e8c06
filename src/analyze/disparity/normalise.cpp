// The marks of SCTK's transcripts, and the profile `raw`. Texts between marks go to the other profiles as
// they are.
#include "analyze/disparity/normalise.h"

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include "analyze/disparity/normalise_letters.h"
#include "analyze/disparity/normalise_parts.h"

namespace contrechamp::disparity {

std::string_view to_string(Profile profile) {
    switch (profile) {
        case Profile::raw: return "raw";
        case Profile::koenecke: return "koenecke";
        case Profile::whisper: return "whisper";
    }
    return "";
}
std::optional<Profile> profile_of(std::string_view name) {
    for (const auto profile : {Profile::raw, Profile::koenecke, Profile::whisper})
        if (name == to_string(profile)) return profile;
    return std::nullopt;
}
std::string_view to_string(SpeechLanguage language) {
    return language == SpeechLanguage::french ? "fr" : "en";
}
std::optional<SpeechLanguage> speech_language(std::string_view name) {
    if (name == "en") return SpeechLanguage::english;
    if (name == "fr") return SpeechLanguage::french;
    return std::nullopt;
}

namespace {

bool space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Which words are written with a capital inside a sentence.
class Capitals {
  public:
    explicit Capitals(std::string_view text) {
        for (std::size_t at = 0; at < text.size() && !has_lower_;)
            has_lower_ = is_lower(next_character(text, at));
    }
    // Told every word as it is written, in order.
    bool proper(std::string_view word) {
        const bool inside = inside_;
        if (word.empty()) return false;
        inside_ =
            word.find_first_of(".!?:;\xE2", word.size() - std::min<std::size_t>(word.size(), 3)) == word.npos;
        std::size_t at = 0;
        while (at < word.size() && static_cast<unsigned char>(word[at]) < 0x80 && !letter(word[at])) ++at;
        if (!has_lower_ || !inside || at == word.size() || !is_upper(next_character(word, at))) return false;
        // I, I'm … are written so everywhere.
        const auto first = word.find('I');
        return !(first != word.npos && at == first + 1 && (at == word.size() || !letter(word[at])));
    }

  private:
    static bool letter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
    }
    bool has_lower_ = false, inside_ = false;
};

class Reader {
  public:
    Reader(std::string_view text, const NormaliseSettings& settings, Speech& out)
        : settings_(settings), out_(out), capitals_(text) {}

    void read(std::string_view text) {
        if (settings_.markup && text.find('{') != text.npos) {
            alternates(text, 0);
        } else {
            words(text);
        }
    }

  private:
    // Words and alternations, one after another.
    void alternates(std::string_view text, unsigned depth) {
        std::size_t at = 0, plain = 0;
        bool fresh = true;  // a brace opens an alternation where a word would begin
        while (at < text.size()) {
            if (text[at] != '{' || !fresh) {
                fresh = space(text[at]);
                ++at;
                continue;
            }
            const auto end = closing(text, at);
            if (end == text.npos) break;  // nothing closes: the brace is a letter
            words(text.substr(plain, at - plain));
            alternation(text.substr(at + 1, end - at - 1), depth + 1);
            at = plain = end + 1;
        }
        words(text.substr(plain));
    }
    static std::size_t closing(std::string_view text, std::size_t at) {
        int depth = 0;
        for (; at < text.size(); ++at) {
            if (text[at] == '{') ++depth;
            if (text[at] == '}' && --depth == 0) return at;
        }
        return text.npos;
    }
    // Alternatives that are empty as written do not count (SCTK text.c, find_next_TEXT_alternation).
    void alternation(std::string_view inside, unsigned depth) {
        if (depth > kDeepest) {
            out_.too_deep = true;
            return;
        }
        bool first = true;
        std::size_t begin = 0;
        int open = 0;
        for (std::size_t at = 0; at <= inside.size(); ++at) {
            if (at < inside.size()) {
                if (inside[at] == '{') ++open;
                if (inside[at] == '}') --open;
                if (inside[at] != '/' || open > 0) continue;
            }
            const auto alternative = inside.substr(begin, at - begin);
            begin = at + 1;
            if (std::all_of(alternative.begin(), alternative.end(), space)) continue;
            if (first) out_.open();
            else out_.next();
            first = false;
            alternates(alternative, depth);
        }
        if (!first) out_.close();
    }
    // Text without alternations.
    void words(std::string_view text) {
        run_.clear();
        for (std::size_t at = 0; at < text.size();) {
            while (at < text.size() && space(text[at])) ++at;
            const auto begin = at;
            while (at < text.size() && !space(text[at])) ++at;
            if (at > begin) word(text.substr(begin, at - begin));
        }
        flush();
        unescaped_.clear();
    }
    void word(std::string_view written) {
        bool optional = false;
        if (settings_.markup) {
            written = without_tags(written);
            if (written.empty()) return;
            if (written == "@") {
                flush();
                out_.nothing();
                return;
            }
            optional =
                settings_.optional && written.size() > 1 && written.front() == '(' && written.back() == ')';
            if (optional) written = written.substr(1, written.size() - 2);
        }
        // "(-ab)" is no fragment to sclite, "(ab-)" is (SCTK align.c, decode_fragment).
        const bool fragment = settings_.fragments && settings_.markup && !written.empty() &&
                              ((written.front() == '-' && !optional) || written.back() == '-');
        const bool proper = capitals_.proper(written);
        if (settings_.profile == Profile::raw || fragment) {
            flush();
            raw(written, optional, fragment, proper);
        } else if (optional) {
            flush();
            run_.push_back({written, proper});
            flush(true);
        } else {
            run_.push_back({written, proper});
        }
    }
    // word;tag;tag, \; for a semicolon, and a star at the end (SCTK word.c, new_WORD_parseText and new_WORD).
    std::string_view without_tags(std::string_view written) {
        const auto tag = written.find(';'), escape = written.find('\\');
        if (tag != written.npos || escape != written.npos) {
            unescaped_.emplace_back();
            auto& word = unescaped_.back();
            for (std::size_t i = 0; i < written.size() && written[i] != ';'; ++i) {
                if (written[i] == '\\' && ++i == written.size()) break;
                word += written[i];
            }
            written = word;
        }
        if (written.size() > 1 && written.back() == '*') written.remove_suffix(1);
        return written;
    }
    void raw(std::string_view written, bool optional, bool fragment, bool proper) {
        const auto begin = out_.letters.size();
        if (all_ascii(written)) {
            out_.letters += written;
            for (auto i = begin; i < out_.letters.size(); ++i)
                if (out_.letters[i] >= 'A' && out_.letters[i] <= 'Z')
                    out_.letters[i] = static_cast<char>(out_.letters[i] + 32);
            out_.word_from(begin, optional, fragment, proper);
            return;
        }
        lowered_.clear();
        append_lower(written, lowered_);
        // White space that is not ASCII (U+00A0, U+202F before French punctuation) divides words too.
        std::size_t start = 0;
        for (std::size_t at = 0; at <= lowered_.size();) {
            const auto here = at;
            const bool end = at == lowered_.size();
            if (!end && sign_of(next_character(lowered_, at)) != Sign::space) continue;
            if (here > start)
                out_.word(std::string_view(lowered_).substr(start, here - start), optional, fragment, proper);
            if (end) break;
            start = at;
        }
    }
    void flush(bool optional = false) {
        if (!run_.empty()) normalise_run(run_, settings_.profile, settings_.language, optional, out_);
        run_.clear();
    }

    const NormaliseSettings& settings_;
    Speech& out_;
    Capitals capitals_;
    std::vector<WrittenWord> run_;
    std::deque<std::string> unescaped_;  // words that run_ views
    std::string lowered_;
};

}  // namespace

void normalise(std::string_view text, const NormaliseSettings& settings, Speech& out) {
    out.clear();
    Reader(text, settings, out).read(text);
}

}  // namespace contrechamp::disparity
