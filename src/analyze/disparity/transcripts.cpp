#include "analyze/disparity/transcripts.h"

#include <algorithm>
#include <map>
#include <memory>

#include "analyze/disparity/transcripts_parts.h"

namespace contrechamp::disparity {

TranscriptTally& TranscriptTally::operator+=(const TranscriptTally& other) {
    words += other.words;
    characters += other.characters;
    character_errors += other.character_errors;
    utterances += other.utterances;
    missing += other.missing;
    empty += other.empty;
    return *this;
}

namespace {

constexpr std::uint32_t kNone = ~std::uint32_t{0};
// Utterances are worked on in blocks, so that memory does not grow with the file.
constexpr std::size_t kBlockUtterances = 1024, kBlockBytes = std::size_t{2} << 20;

struct Person {
    std::string name;
    std::uint32_t group = kNoGroup;
    bool torn = false;
};

struct People {
    std::vector<Person> all;        // in the order of the reference
    std::vector<std::uint32_t> of;  // by utterance
};

Result<People> find_people(const TranscriptFile& reference, const FindSpeaker& who, std::uint32_t groups) {
    People people;
    std::map<std::string, std::uint32_t, std::less<>> known;
    UtteranceScratch scratch;
    people.of.reserve(reference.size());
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const auto utterance = reference.at(i, scratch);
        auto speaker = who(utterance.speaker, utterance.id);
        if (speaker.group != kNoGroup && speaker.group >= groups)
            return fail({"a person's group is not among those declared",
                         "le groupe d’une personne n’est pas parmi ceux déclarés"},
                        std::string(utterance.id));
        if (speaker.person.empty())
            speaker.person =
                folded_utterance_id(utterance.speaker.empty() ? utterance.id : utterance.speaker);
        const auto [it, fresh] =
            known.try_emplace(std::move(speaker.person), static_cast<std::uint32_t>(people.all.size()));
        if (fresh) people.all.push_back({it->first, speaker.group, false});
        else if (people.all[it->second].group != speaker.group) people.all[it->second].torn = true;
        people.of.push_back(it->second);
    }
    return people;
}

// For each utterance of the reference the system's.
struct Pairing {
    std::vector<std::uint32_t> of;
    SystemPairing told;
};

Pairing pair(const TranscriptFile& reference, const TranscriptFile& system) {
    Pairing out;
    out.of.assign(reference.size(), kNone);
    std::vector<bool> used(system.size(), false);
    UtteranceScratch scratch;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const auto found = system.find(reference.at(i, scratch).id);
        if (!found) {
            out.told.missing.push_back(i);
            continue;
        }
        out.of[i] = static_cast<std::uint32_t>(*found);
        used[*found] = true;
    }
    for (std::size_t i = 0; i < used.size(); ++i)
        if (!used[i]) out.told.extra.push_back(i);
    return out;
}

// What is kept of one profile, cost and system until the end.
class Tally {
  public:
    Tally(TranscriptScore& score, const People& people, const TranscriptSettings& settings)
        : score_(score),
          people_(people),
          settings_(settings),
          of_(people.all.size()),
          words_(settings.groups) {
        score_.classes.resize(std::size_t{settings.groups} + 1);
    }
    void add(std::size_t utterance, const Aligned& aligned, const Speech& reference, bool missing,
             const std::vector<WordClass>& classes) {
        if (!aligned.done) {
            score_.not_aligned.push_back(utterance);
            return;
        }
        TranscriptTally one;
        one.words = aligned.counts;
        one.characters = aligned.characters;
        one.character_errors = aligned.character_errors;
        one.utterances = 1;
        one.missing = missing;
        one.empty = aligned.counts.words() == 0;
        of_[people_.of[utterance]] += one;
        score_.total += one;
        const auto group = people_.all[people_.of[utterance]].group;
        for (const auto& pair : aligned.pairs)
            if (pair.reference != kNoPiece)
                add_word(group, reference.pieces[pair.reference], pair.edit, classes);
    }
    void finish(const Words& words, const std::vector<WordClass>& classes) {
        for (std::size_t i = 0; i < of_.size(); ++i)
            score_.people.push_back({people_.all[i].name, people_.all[i].group, of_[i]});
        std::sort(score_.people.begin(), score_.people.end(), [](const PersonTally& a, const PersonTally& b) {
            return a.group != b.group ? a.group < b.group : a.person < b.person;
        });
        for (const auto& group : words_) score_.lost.push_back(most_lost(group, words, classes));
    }

  private:
    struct Count {
        std::uint32_t said = 0, substituted = 0, deleted = 0;
        std::uint64_t lost() const { return std::uint64_t{substituted} + deleted; }
    };
    void add_word(std::uint32_t group, const Piece& piece, Edit edit, const std::vector<WordClass>& classes) {
        const auto by_form = classes[piece.word];
        const auto word_class = piece.proper && by_form != WordClass::number ? WordClass::proper : by_form;
        const auto row = group == kNoGroup ? settings_.groups : group;
        auto& tally = score_.classes[row][static_cast<std::size_t>(word_class)];
        ++tally.said;
        tally.substituted += edit == Edit::substituted;
        tally.deleted += edit == Edit::deleted;
        if (group == kNoGroup) return;
        auto& counts = words_[group];
        if (counts.size() <= piece.word)
            counts.resize(std::max<std::size_t>(piece.word + 1, counts.size() * 3 / 2));
        auto& count = counts[piece.word];
        ++count.said;
        count.substituted += edit == Edit::substituted;
        count.deleted += edit == Edit::deleted;
    }
    std::vector<LostWord> most_lost(const std::vector<Count>& counts, const Words& words,
                                    const std::vector<WordClass>& classes) const {
        std::vector<std::uint32_t> lost;
        for (std::uint32_t word = 0; word < counts.size(); ++word)
            if (counts[word].lost()) lost.push_back(word);
        const auto before = [&](std::uint32_t a, std::uint32_t b) {
            const auto x = counts[a].lost(), y = counts[b].lost();
            return x != y ? x > y : words[a] < words[b];
        };
        const auto kept = std::min(lost.size(), settings_.lost_words);
        std::partial_sort(lost.begin(), lost.begin() + static_cast<std::ptrdiff_t>(kept), lost.end(), before);
        std::vector<LostWord> out;
        for (std::size_t i = 0; i < kept; ++i) {
            const auto& count = counts[lost[i]];
            out.push_back({std::string(words[lost[i]]), classes[lost[i]], count.said, count.substituted,
                           count.deleted});
        }
        return out;
    }

    TranscriptScore& score_;
    const People& people_;
    const TranscriptSettings& settings_;
    std::vector<TranscriptTally> of_;        // by person
    std::vector<std::vector<Count>> words_;  // by group and word
};

// One profile over all utterances.
class Pass {
  public:
    Pass(const TranscriptFile& reference, const std::vector<TranscriptSystem>& systems,
         const std::vector<Pairing>& pairing, const People& people, const TranscriptSettings& settings,
         Profile profile, const OnScored& scored)
        : reference_(reference),
          systems_(systems),
          pairing_(pairing),
          people_(people),
          settings_(settings),
          profile_(profile),
          scored_(scored) {}

    std::vector<TranscriptScore> run() {
        std::vector<TranscriptScore> scores(settings_.costs.size() * systems_.size());
        std::vector<Tally> tallies;
        for (std::size_t i = 0; i < scores.size(); ++i) {
            scores[i].profile = profile_;
            scores[i].cost = settings_.costs[i / systems_.size()];
            scores[i].system = i % systems_.size();
            tallies.emplace_back(scores[i], people_, settings_);
        }
        for (std::size_t begin = 0; begin < reference_.size();) {
            begin = read(begin);
            in_parallel(used_, settings_.threads,
                        [&](std::size_t i, Worker& worker) { align(block_[i], worker); });
            for (std::size_t i = 0; i < used_; ++i) tell(block_[i], tallies);
        }
        settle_classes();
        for (auto& tally : tallies) tally.finish(words_, classes_);
        return scores;
    }

  private:
    struct One {
        std::size_t utterance = 0;
        Speech reference;
        std::vector<Speech> hypotheses;  // by system
        std::vector<Aligned> aligned;    // by cost and system
    };

    NormaliseSettings normal(bool markup) const {
        return {profile_, settings_.language, markup, settings_.optional, settings_.fragments};
    }

    // Takes utterances until a block is full, normalises and numbers their words.
    std::size_t read(std::size_t begin) {
        std::size_t bytes = 0, at = begin;
        for (used_ = 0; at < reference_.size() && used_ < kBlockUtterances && bytes < kBlockBytes;
             ++at, ++used_) {
            if (block_.size() == used_) block_.emplace_back();
            block_[used_].utterance = at;
            bytes += length_of(at);
        }
        in_parallel(used_, settings_.threads, [&](std::size_t i, Worker& worker) {
            auto& one = block_[i];
            one.hypotheses.resize(systems_.size());
            const auto utterance = reference_.at(one.utterance, worker.scratch);
            normalise(utterance.text, normal(utterance.markup), one.reference);
            for (std::size_t s = 0; s < systems_.size(); ++s) {
                one.hypotheses[s].clear();
                const auto number = pairing_[s].of[one.utterance];
                if (number == kNone) continue;
                const auto said = systems_[s].file->at(number, worker.scratch);
                normalise(said.text, normal(said.markup), one.hypotheses[s]);
            }
        });
        for (std::size_t i = 0; i < used_; ++i) {
            auto& speech = block_[i].reference;
            number(speech, words_);
            for (auto word = static_cast<std::uint32_t>(classes_.size()); word < words_.size(); ++word) {
                classes_.push_back(class_of(words_[word], false, settings_.language));
                occurs_.push_back({});
            }
            for (const auto& piece : speech.pieces) {
                if (piece.word == kNoWord) continue;
                ++occurs_[piece.word].first;
                occurs_[piece.word].second += piece.proper;
            }
        }
        return at;
    }

    // Bytes of an utterance on all sides: what its block will hold.
    std::size_t length_of(std::size_t at) const {
        std::size_t bytes = reference_.bytes_of(at);
        for (std::size_t s = 0; s < systems_.size(); ++s)
            if (pairing_[s].of[at] != kNone) bytes += systems_[s].file->bytes_of(pairing_[s].of[at]);
        return bytes;
    }

    void align(One& one, Worker& worker) const {
        one.aligned.resize(settings_.costs.size() * systems_.size());
        for (std::size_t s = 0; s < systems_.size(); ++s) {
            number_known(one.hypotheses[s], words_);
            for (std::size_t c = 0; c < settings_.costs.size(); ++c) {
                auto& aligned = one.aligned[c * systems_.size() + s];
                if (pairing_[s].of[one.utterance] == kNone && settings_.skip_missing) continue;
                align_one(one.reference, one.hypotheses[s], settings_.costs[c], settings_.characters, worker,
                          aligned);
            }
        }
    }

    void tell(const One& one, std::vector<Tally>& tallies) {
        for (std::size_t i = 0; i < tallies.size(); ++i) {
            const auto system = i % systems_.size();
            const bool missing = pairing_[system].of[one.utterance] == kNone;
            if (missing && settings_.skip_missing) continue;
            tallies[i].add(one.utterance, one.aligned[i], one.reference, missing, classes_);
            if (scored_ && one.aligned[i].done) tell_one(one, i);
        }
    }
    void tell_one(const One& one, std::size_t i) {
        const auto system = i % systems_.size();
        const auto number = pairing_[system].of[one.utterance];
        const auto utterance = reference_.at(one.utterance, scratch_);
        const auto& person = people_.all[people_.of[one.utterance]];
        ScoredUtterance told;
        told.profile = profile_;
        told.cost = settings_.costs[i / systems_.size()];
        told.system = system;
        told.reference = one.utterance;
        told.id = utterance.id;
        told.person = person.name;
        told.group = person.group;
        told.counts = one.aligned[i].counts;
        told.reference_words = &one.reference;
        told.hypothesis_words = &one.hypotheses[system];
        told.pairs = one.aligned[i].pairs;
        told.reference_offset = utterance.offset;
        told.reference_length = utterance.length;
        if (number != kNone) {
            const auto said = systems_[system].file->at(number, other_scratch_);
            told.hypothesis = number;
            told.hypothesis_offset = said.offset;
            told.hypothesis_length = said.length;
        }
        scored_(told);
    }

    // A word is a name by its form when most of the time it is written so.
    void settle_classes() {
        for (std::size_t word = 0; word < classes_.size(); ++word)
            if (classes_[word] != WordClass::number && occurs_[word].second * 2 > occurs_[word].first)
                classes_[word] = WordClass::proper;
    }

    const TranscriptFile& reference_;
    const std::vector<TranscriptSystem>& systems_;
    const std::vector<Pairing>& pairing_;
    const People& people_;
    const TranscriptSettings& settings_;
    const Profile profile_;
    const OnScored& scored_;
    Words words_;
    std::vector<WordClass> classes_;                               // by word
    std::vector<std::pair<std::uint64_t, std::uint64_t>> occurs_;  // by word: how often, and with a capital
    std::vector<One> block_;
    std::size_t used_ = 0;
    UtteranceScratch scratch_, other_scratch_;
};

Status check(const TranscriptFile& reference, const std::vector<TranscriptSystem>& systems,
             const TranscriptSettings& settings) {
    if (reference.size() == 0)
        return fail(
            {"the reference has no utterance that can be used", "la référence n’a aucun énoncé utilisable"},
            "", {"see the rows refused, with their reasons", "voyez les lignes refusées et leurs raisons"});
    if (systems.empty() || settings.profiles.empty() || settings.costs.empty())
        return fail(
            {"nothing to compare with the reference", "rien à comparer avec la référence"}, "",
            {"give at least one transcript to be judged", "donnez au moins une transcription à juger"});
    return {};
}

}  // namespace

Result<TranscriptResult> score_transcripts(const TranscriptFile& reference,
                                           const std::vector<TranscriptSystem>& systems,
                                           const FindSpeaker& who, const TranscriptSettings& settings,
                                           const OnScored& scored) {
    TRY(check(reference, systems, settings));
    TranscriptResult result;
    const auto people = TRY(find_people(reference, who, settings.groups));
    for (const auto& person : people.all)
        if (person.torn) result.torn.push_back(person.name);
    std::sort(result.torn.begin(), result.torn.end());
    std::vector<Pairing> pairing;
    for (const auto& system : systems) pairing.push_back(pair(reference, *system.file));
    for (const auto profile : settings.profiles)
        for (auto& score : Pass(reference, systems, pairing, people, settings, profile, scored).run())
            result.scores.push_back(std::move(score));
    for (auto& one : pairing) result.pairing.push_back(std::move(one.told));
    return result;
}

}  // namespace contrechamp::disparity
