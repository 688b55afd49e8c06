#include "analyze/coordination/templates.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "analyze/coordination/template_align.h"
#include "analyze/coordination/template_candidates.h"
#include "analyze/coordination/template_chance.h"
#include "analyze/coordination/template_show.h"
#include "analyze/coordination/template_text.h"
#include "base/parallel.h"

namespace contrechamp::coordination {

namespace {

constexpr std::size_t kMostCandidates = 400'000;  // clusters looked at, the most promising first
constexpr std::size_t kSmallBatch = 4;            // of them between two looks at what is explained by now,
constexpr std::size_t kLargeBatch = 256;          // when there was something, and when there was nothing
constexpr std::size_t kMostDrafted = 2'000;       // texts a first draft is made from
constexpr std::size_t kMostCounted = 20'000;      // texts read to count a clause
constexpr std::size_t kGlance = 500;              // texts read to see whether a draft is worth its work
constexpr std::size_t kMostCompared = 200'000;    // comparison texts read for one template
constexpr double kCustomShare = 0.01;             // what more texts share is a custom
constexpr std::uint64_t kCustomTexts = 10'000;    // … where there are enough texts to see it

std::vector<float> token_bits(const Corpus& corpus, std::size_t kinds) {
    std::vector<double> counts(kinds);
    double all = 0;
    for (std::uint32_t text = 0; text < corpus.size(); ++text)
        for (const Token& token : corpus.of(text)) {
            counts[token.id] += corpus.weight[text];
            all += corpus.weight[text];
        }
    std::vector<float> bits(kinds);
    for (std::size_t id = 0; id < kinds; ++id)
        bits[id] = static_cast<float>(-std::log2((counts[id] + 1) / (all + static_cast<double>(kinds))));
    return bits;
}

struct Found {
    Draft draft;
    std::uint64_t outside = 0, outside_fits = 0;
    double log10_p = 0;
};

bool ends_before(const Token& token) { return token.new_line || token.kind == TokenKind::stop; }

class Search {
  public:
    Search(const Ground& ground, const Corpus* comparison, const TemplateSettings& settings)
        : ground_(ground), corpus_(ground.corpus), comparison_(comparison), settings_(settings) {}

    // Without comparison texts one clause explains itself: nothing needs to be read.
    bool hopeless(const Candidate& candidate) const {
        return settings_.most_log10_p < 0 && !comparison_ && clauses_of(candidate).size() < 2;
    }

    // Whether a candidate's words alone are unlikely enough to be worth an alignment.
    bool worth_drafting(const Candidate& candidate) const {
        if (settings_.most_log10_p >= 0) return true;
        ChanceQuestion question;
        question.clauses = clauses_of(candidate);
        std::vector<std::uint32_t> words;
        for (const auto& clause : question.clauses) words.insert(words.end(), clause.begin(), clause.end());
        question.members =
            static_cast<std::uint64_t>(holding_in_order(corpus_, words, 0, kGlance).estimate());
        question.seed_words = words.size();
        return log10_chance(question, corpus_, comparison_, kGlance) <= settings_.most_log10_p / 2;
    }

    std::optional<Found> look(const Candidate& candidate) const {
        if (!worth_drafting(candidate)) return std::nullopt;
        auto text = corpus_.of(candidate.seed);
        Draft sketch;
        std::vector<std::uint32_t> words;
        for (std::uint32_t place : candidate.places) {
            words.push_back(text[place].id);
            sketch.columns.push_back({true, 0, TokenKind::word, 0});
            sketch.columns.push_back(ground_.column(text[place]));
        }
        Holders some = fitting(corpus_, sketch.columns, kMostDrafted);
        // Where common words would have to be read for, a sample would miss a small group: those who hold
        // all.
        if (some.scale > 1) some = holding_in_order(corpus_, words, 0, kMostDrafted);
        return from_texts(std::move(some.texts), nullptr);
    }

    // `taken`: texts that are explained by another template.
    std::optional<Found> from_texts(std::vector<std::uint32_t> texts, const std::vector<char>* taken) const {
        Found found;
        found.draft = draft_template(ground_, texts);
        if (!enough(found.draft)) return std::nullopt;
        Holders all = fitting(corpus_, found.draft.columns, corpus_.size());
        if (taken) std::erase_if(all.texts, [&](std::uint32_t text) { return (*taken)[text] != 0; });
        take_members(ground_, all.texts, found.draft);
        if (!enough(found.draft)) return std::nullopt;
        compare(found, all);
        judge(found);
        if (found.log10_p > settings_.most_log10_p) return std::nullopt;
        return found;
    }

  private:
    // Gathers words into clauses.
    class ClauseMaker {
      public:
        explicit ClauseMaker(Clauses& clauses) : clauses_(clauses) {}
        void add(std::uint32_t id, TokenKind kind, bool ends_before_it) {
            std::size_t size = kind == TokenKind::sign ? 1 : 2;  // two signs are a word, roughly
            bool fresh = clauses_.empty() || ends_before_it || emoji_ || kind == TokenKind::emoji ||
                         used_ + size > 2 * kLongestClause;
            if (fresh) clauses_.emplace_back(), used_ = 0;
            clauses_.back().push_back(id);
            used_ += size;
            emoji_ = kind == TokenKind::emoji;
        }

      private:
        Clauses& clauses_;
        std::size_t used_ = 0;
        bool emoji_ = false;
    };

    Clauses clauses_of(const Candidate& candidate) const {
        Clauses clauses;
        ClauseMaker maker(clauses);
        auto text = corpus_.of(candidate.seed);
        std::uint32_t from = 0;
        for (std::uint32_t place : candidate.places) {
            bool ends = std::any_of(text.begin() + from, text.begin() + place + 1, ends_before);
            maker.add(text[place].id, text[place].kind, ends);
            from = place + 1;
        }
        return clauses;
    }

    bool enough(const Draft& draft) const {
        return content_words(draft.columns) >= std::max<std::size_t>(1, settings_.fewest_fixed_words) &&
               draft.weight >= std::max<std::size_t>(2, settings_.fewest_members) && draft.saved_bits > 0;
    }

    // Texts that fit; at most `most` are read.
    Holders fitting(const Corpus& corpus, std::span<const Column> columns, std::size_t most) const {
        std::vector<std::uint32_t> words;
        for (const Column& column : columns)
            if (column.word()) words.push_back(column.id);
        Holders holders = holding_in_order(corpus, words, most_missed(columns), most);
        double needed = needed_bits(columns);
        std::erase_if(holders.texts, [&](std::uint32_t text) {
            return fit_columns(columns, corpus.of(text)).held < needed;
        });
        holders.weight = 0;
        for (std::uint32_t text : holders.texts) holders.weight += corpus.weight[text];
        return holders;
    }

    // `all`: the texts that fit, members among them.
    void compare(Found& found, const Holders& all) const {
        if (comparison_) {
            found.outside = comparison_->texts;
            found.outside_fits = static_cast<std::uint64_t>(
                std::llround(fitting(*comparison_, found.draft.columns, kMostCompared).estimate()));
        } else {
            found.outside = corpus_.texts - found.draft.weight;
            for (std::uint32_t text : all.texts) found.outside_fits += corpus_.weight[text];
            found.outside_fits -= found.draft.weight;
        }
    }

    // What members have in common: fixed tokens but punctuation, and slots that hold a number, a code, a link
    // or a mention.
    struct Shared {
        std::size_t column = 0;
        std::uint32_t id = 0;
        TokenKind kind = TokenKind::word;
        double weight = 0;  // of the members that have it
        bool ends = false;  // most end a clause between the one before and it
    };

    // Where a member has it: the place of the token, or Fitting::kNone.
    std::uint32_t place(const Draft& draft, std::size_t member, const Shared& shared) const {
        const Fitting& fit = draft.fits[member];
        if (fit.from[shared.column] == Fitting::kNone) return Fitting::kNone;
        auto tokens = corpus_.of(draft.members[member]);
        for (std::uint32_t t = fit.from[shared.column]; t < fit.to[shared.column]; ++t)
            if (tokens[t].id == shared.id) return t;
        return Fitting::kNone;
    }

    // The kind of masked token that most members have in a slot.
    Shared of_slot(const Draft& draft, std::size_t column) const {
        Shared best{column, 0, TokenKind::number, 0, false};
        for (std::uint32_t id = 0; id < 4; ++id) {
            Shared some{column, id,
                        static_cast<TokenKind>(static_cast<std::uint32_t>(TokenKind::number) + id), 0, false};
            for (std::size_t i = 0; i < draft.members.size(); ++i)
                if (place(draft, i, some) != Fitting::kNone) some.weight += corpus_.weight[draft.members[i]];
            if (some.weight > best.weight) best = some;
        }
        return best;
    }

    std::vector<Shared> shared_by(const Draft& draft) const {
        std::vector<Shared> result;
        for (std::size_t c = 0; c < draft.columns.size(); ++c) {
            const Column& column = draft.columns[c];
            if (!column.slot && column.kind >= TokenKind::punctuation) continue;
            Shared shared = column.slot ? of_slot(draft, c) : Shared{c, column.id, column.kind, 0, false};
            for (std::size_t i = 0; i < draft.members.size() && !column.slot; ++i)
                if (place(draft, i, shared) != Fitting::kNone)
                    shared.weight += corpus_.weight[draft.members[i]];
            // The level that asks least is seven of ten.
            if (shared.weight >= 0.7 * static_cast<double>(draft.weight)) result.push_back(shared);
        }
        for (std::size_t w = 1; w < result.size(); ++w)
            result[w].ends = ends_between(draft, result[w - 1], result[w]);
        return result;
    }

    bool ends_between(const Draft& draft, const Shared& before, const Shared& after) const {
        double ends = 0, both = 0;
        for (std::size_t i = 0; i < draft.members.size(); ++i) {
            std::uint32_t a = place(draft, i, before), b = place(draft, i, after);
            if (a == Fitting::kNone || b == Fitting::kNone) continue;
            auto tokens = corpus_.of(draft.members[i]);
            double weight = corpus_.weight[draft.members[i]];
            both += weight;
            if (std::any_of(tokens.begin() + a + 1, tokens.begin() + b + 1, ends_before)) ends += weight;
        }
        return ends * 2 > both;
    }

    // The chance of what all members have, or of what fewer have: the least, times how many were looked at.
    void judge(Found& found) const {
        const Draft& draft = found.draft;
        auto share = [](std::uint64_t part, std::uint64_t all) {
            return all ? static_cast<double>(part) / static_cast<double>(all) : 0.0;
        };
        if (share(found.outside_fits, found.outside) > kCustomShare) return;
        if (!comparison_ && corpus_.texts >= kCustomTexts &&
            share(draft.weight + found.outside_fits, corpus_.texts) > kCustomShare)
            return;
        std::vector<Shared> shared = shared_by(draft);
        constexpr std::size_t kLevels = 4;
        for (std::size_t level = 0; level < kLevels; ++level) {
            // What at least so many have: all, 9 of 10, 8 of 10, 7 of 10.
            double least = (1 - 0.1 * static_cast<double>(level)) * static_cast<double>(draft.weight);
            ChanceQuestion question = at_level(draft, shared, least);
            if (question.members < settings_.fewest_members) continue;
            double chance = log10_chance(question, corpus_, comparison_, kMostCounted) +
                            std::log10(static_cast<double>(kLevels));
            found.log10_p = std::min(found.log10_p, chance);
        }
    }

    ChanceQuestion at_level(const Draft& draft, std::span<const Shared> shared, double least) const {
        ChanceQuestion question;
        ClauseMaker maker(question.clauses);
        bool ends = false;
        for (const Shared& one : shared) {
            ends |= one.ends;
            if (one.weight < least) continue;
            maker.add(one.id, one.kind, ends);
            ends = false;
        }
        question.seed_words = kMostTokens;
        for (std::size_t i = 0; i < draft.members.size(); ++i) {
            if (!std::all_of(shared.begin(), shared.end(), [&](const Shared& one) {
                    return one.weight < least || place(draft, i, one) != Fitting::kNone;
                }))
                continue;
            auto tokens = corpus_.of(draft.members[i]);
            question.members += corpus_.weight[draft.members[i]];
            question.seed_words =
                std::min(question.seed_words,
                         static_cast<std::size_t>(std::count_if(tokens.begin(), tokens.end(),
                                                                [](const Token& t) { return t.telling(); })));
        }
        return question;
    }

    const Ground& ground_;
    const Corpus& corpus_;
    const Corpus* comparison_;
    const TemplateSettings& settings_;
};

bool more_saved(const Found& a, const Found& b) {
    if (a.draft.saved_bits != b.draft.saved_bits) return a.draft.saved_bits > b.draft.saved_bits;
    return a.draft.members < b.draft.members;
}

// Looks at the candidates in batches. One whose seed is explained already is left out.
std::vector<Found> look_at_all(const Search& search, const Candidates& candidates, const Corpus& corpus,
                               unsigned threads, TemplateResult& result) {
    std::vector<Found> all;
    std::vector<char> explained(corpus.size());
    std::size_t count = candidates.found.size();
    std::size_t size = kSmallBatch;
    for (std::size_t next = 0; next < count && result.candidates < kMostCandidates;) {
        std::vector<std::size_t> batch;
        for (; next < count && batch.size() < size; ++next)
            if (!explained[candidates.found[next].seed] && !search.hopeless(candidates.found[next]))
                batch.push_back(next);
        result.candidates += batch.size();
        result.left_out = count - next;
        std::vector<std::optional<Found>> found(batch.size());
        in_pieces(batch.size(), 1, threads, [&](std::size_t i, std::size_t, std::size_t) {
            found[i] = search.look(candidates.found[batch[i]]);
        });
        size = std::min(kLargeBatch, size * 2);
        for (auto& one : found) {
            if (!one) continue;
            size = kSmallBatch;
            for (std::uint32_t text : one->draft.members) explained[text] = 1;
            one->draft.fits = {};  // made again for those that stay
            all.push_back(std::move(*one));
        }
    }
    return all;
}

// Each text goes to the template that saves most; what is left of the others is looked at again.
std::vector<Found> share_out(const Search& search, const Ground& ground, std::vector<Found> all) {
    std::sort(all.begin(), all.end(), more_saved);
    std::vector<char> taken(ground.corpus.size());
    std::vector<Found> kept;
    for (Found& found : all) {
        std::vector<std::uint32_t> left;
        for (std::uint32_t text : found.draft.members)
            if (!taken[text]) left.push_back(text);
        if (left.size() == found.draft.members.size()) {
            take_members(ground, left, found.draft);
        } else {
            auto again = search.from_texts(std::move(left), &taken);
            if (!again) continue;
            found = std::move(*again);
        }
        for (std::uint32_t text : found.draft.members) taken[text] = 1;
        kept.push_back(std::move(found));
    }
    std::sort(kept.begin(), kept.end(), more_saved);
    return kept;
}

TextTemplate to_template(const Ground& ground, const Found& found) {
    const Draft& draft = found.draft;
    TextTemplate result;
    result.parts = parts_of(ground, draft);
    result.saved_bits = draft.saved_bits;
    result.fixed_words = content_words(draft.columns);
    for (const Column& column : draft.columns)
        if (column.word()) result.word_bits.push_back(column.bits);
    result.comparison = found.outside;
    result.comparison_fits = found.outside_fits;
    result.log10_p = found.log10_p;
    std::vector<std::pair<std::uint32_t, std::size_t>> members;  // index of the text, place in the draft
    for (std::size_t i = 0; i < draft.members.size(); ++i)
        for (std::uint64_t s = ground.corpus.source_first[draft.members[i]];
             s < ground.corpus.source_first[draft.members[i] + 1]; ++s)
            members.emplace_back(ground.corpus.source[s], i);
    std::sort(members.begin(), members.end());
    for (auto [index, i] : members) {
        result.members.push_back(index);
        result.values.push_back(slot_values(ground.texts[index], ground.corpus.of(draft.members[i]),
                                            draft.columns, draft.fits[i]));
    }
    return result;
}

}  // namespace

TemplateResult induce_templates(std::span<const std::string_view> texts,
                                std::span<const std::string_view> comparison,
                                const TemplateSettings& settings) {
    Vocabulary vocabulary;
    Corpus corpus = make_corpus(texts, vocabulary, true, settings.threads);
    Corpus other = make_corpus(comparison, vocabulary, false, settings.threads);
    std::vector<float> bits = token_bits(corpus, vocabulary.size());
    Ground ground{corpus, texts, bits};
    Candidates candidates = find_candidates(corpus, vocabulary, bits, settings.fewest_members,
                                            settings.fewest_fixed_words, settings.threads);
    TemplateResult result;
    result.crowded = candidates.crowded;
    Search search(ground, other.texts ? &other : nullptr, settings);
    std::vector<Found> all = look_at_all(search, candidates, corpus, settings.threads, result);
    for (const Found& found : share_out(search, ground, std::move(all)))
        result.templates.push_back(to_template(ground, found));
    return result;
}

std::string TextTemplate::pattern() const {
    std::string result;
    for (const TemplatePart& part : parts) result += part.slot ? std::string("{}") : part.text;
    return result;
}

bool fits(const TextTemplate& pattern, std::string_view text, std::vector<std::string>* values) {
    Vocabulary vocabulary;
    std::vector<RawToken> raw;
    std::vector<Column> columns;
    std::size_t word = 0;
    for (const TemplatePart& part : pattern.parts) {
        if (part.slot) columns.push_back({true, 0, TokenKind::word, 0});
        tokenise(part.slot ? std::string_view() : part.text, raw);
        for (const RawToken& token : raw) {
            columns.push_back({false, vocabulary.number(token.key), token.token.kind, 0});
            if (!columns.back().word()) continue;
            columns.back().bits = word < pattern.word_bits.size() ? pattern.word_bits[word] : 1;
            ++word;
        }
    }
    tokenise(text, raw);
    std::vector<Token> tokens;
    for (const RawToken& token : raw) {
        tokens.push_back(token.token);
        tokens.back().id = vocabulary.find(token.key);
    }
    Fitting fit = fit_columns(columns, tokens);
    bool enough = content_words(columns) > 0 && fit.held >= needed_bits(columns);
    if (values) *values = enough ? slot_values(text, tokens, columns, fit) : std::vector<std::string>();
    return enough;
}

}  // namespace contrechamp::coordination
