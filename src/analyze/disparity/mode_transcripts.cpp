// Word errors of transcripts: whose words are lost more often?
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

#include "analyze/disparity/compare.h"
#include "analyze/disparity/mapsswe.h"
#include "analyze/disparity/mode.h"
#include "analyze/disparity/transcripts.h"
#include "formats/table_number.h"

namespace contrechamp::disparity {
namespace {

constexpr std::size_t kMostLostWords = 50;       // a group
constexpr std::size_t kMostCombinations = 4096;  // of groups
constexpr std::size_t kNone = ~std::size_t{0};

// Which groups each speaker (or utterance) is of, by the person's table.
class SpeakerTable {
  public:
    static Result<SpeakerTable> read(const Asked& asked, std::size_t input) {
        SpeakerTable out;
        const auto layout = TRY(layout_of(asked, input));
        const auto& person = asked.request.column("person");
        const auto key = person.empty() ? guess_key(layout) : layout.column(person);
        if (!key) return no_column(person, layout, asked.name(input));
        std::vector<std::size_t> columns;
        for (const auto& by : asked.request.groups) {
            const auto column = layout.column(by);
            if (!column) return no_column(by, layout, asked.name(input));
            columns.push_back(*column);
        }
        TableReader reader(asked.bytes[input], layout, {layout.rows, asked.bytes[input].size(), layout.line});
        std::vector<RefusedRow> refused;
        RowCounts counts;
        while (reader.next()) {
            const auto& row = reader.row();
            const auto refuse = [&](std::string why, std::string_view detail) {
                ++counts.refused;
                if (++counts.by_reason[why] <= kPlacesKept)
                    refused.push_back({input, row.offset, row.length, row.line, why, std::string(detail)});
            };
            if (row.refused) {
                refuse(std::string(to_string(*row.refused)), "");
                continue;
            }
            const auto id = folded_utterance_id(trimmed_cell(row.cells[*key]));
            if (id.empty()) {
                refuse("missing-person", "");
                continue;
            }
            std::vector<std::string> groups;
            for (const auto column : columns) {
                const auto cell = row.cells[column];
                groups.emplace_back(is_missing_cell(cell) ? std::string_view() : trimmed_cell(cell));
            }
            const auto [it, fresh] = out.groups_.try_emplace(id, groups);
            if (fresh || it->second == groups) {
                ++counts.used;
                continue;
            }
            // Which of two rows is right nobody knows: where they differ the person is of no group.
            refuse("duplicate-id", id);
            for (std::size_t by = 0; by < groups.size(); ++by)
                if (it->second[by] != groups[by]) it->second[by].clear();
        }
        asked.report.refused(refused, counts);
        return out;
    }

    // Of a speaker, else of an utterance; null when the table has neither.
    const std::vector<std::string>* find(std::string_view speaker, std::string_view utterance) const {
        for (const auto name : {speaker, utterance})
            if (const auto it = groups_.find(folded_utterance_id(name)); !name.empty() && it != groups_.end())
                return &it->second;
        return nullptr;
    }

  private:
    static std::optional<std::size_t> guess_key(const TableLayout& layout) {
        for (const auto* name : {"speaker", "speaker_id", "spk", "locuteur", "person", "personne", "id",
                                 "utterance", "name", "nom"})
            if (const auto column = layout.column(name)) return column;
        return layout.columns.empty() ? std::nullopt : std::optional<std::size_t>(0);
    }
    static tl::unexpected<Error> no_column(const std::string& name, const TableLayout& layout,
                                           const std::string& where) {
        std::string known;
        for (const auto& column : layout.columns) known += (known.empty() ? "" : ", ") + column;
        return fail({"there is no such column: " + name, "cette colonne n’existe pas : " + name}, where,
                    {"columns: " + known, "colonnes : " + known});
    }

    std::map<std::string, std::vector<std::string>, std::less<>> groups_;
};

// Combinations of groups as the numbers that score_transcripts takes.
class Combinations {
  public:
    std::uint32_t number(const std::vector<std::string>& groups) {
        const auto it = numbers_.try_emplace(groups, static_cast<std::uint32_t>(numbers_.size())).first;
        if (it->second == all_.size()) all_.push_back(groups);
        return it->second;
    }
    std::size_t size() const { return all_.size(); }
    // The value of column `by` in combination `number`; empty: not known.
    const std::string& value(std::uint32_t number, std::size_t by) const {
        static const std::string kUnknown;
        return number < all_.size() ? all_[number][by] : kUnknown;
    }

  private:
    std::map<std::vector<std::string>, std::uint32_t> numbers_;
    std::vector<std::vector<std::string>> all_;
};

class Transcripts {
  public:
    explicit Transcripts(const Asked& asked) : asked_(asked), request_(asked.request) {}

    Status run() {
        TRY(open());
        TRY(choose_settings());
        const auto main = TRY(score(*reference_, true, false));
        report_pairing(main);
        std::optional<TranscriptResult> left_out, second;
        if (std::any_of(main.pairing.begin(), main.pairing.end(),
                        [](const SystemPairing& one) { return !one.missing.empty(); }))
            left_out = TRY(score(*reference_, false, true));
        if (second_ != kNone) second = TRY(score(*files_[second_], false, false));
        for (std::size_t system = 0; system < systems_.size(); ++system)
            TRY(compare(system, main, left_out ? &*left_out : nullptr, second ? &*second : nullptr));
        between_systems();
        TRY(floor());
        conclude(findings_, 1 - request_.level());
        asked_.report.put_out(findings_, about_);
        return {};
    }

  private:
    Status open() {
        const auto reference = TRY(asked_.one("reference"));
        TRY(read(reference));
        reference_ = files_[reference].get();
        for (const auto input : asked_.with_role("system")) {
            TRY(read(input));
            add_system(input, asked_.name(input));
        }
        if (const auto second = asked_.with_role("second"); !second.empty()) {
            second_ = second.front();
            TRY(read(second_));
        }
        if (const auto table = asked_.with_role("speakers"); !table.empty())
            speakers_ = TRY(SpeakerTable::read(asked_, table.front()));
        if (systems_.empty()) return asked_.one("system").map([](std::size_t) {});
        if (request_.groups.empty()) asked_.report.gap(CoverageState::unreadable, "no-groups", {});
        count_speakers();
        return {};
    }

    // Whose an utterance is that names no speaker nobody knows. Where others do, it is left out of the
    // groups; where none does, utterances stand for people, and nothing is concluded.
    void count_speakers() {
        UtteranceScratch scratch;
        std::size_t unknown = 0;
        for (std::size_t i = 0; i < reference_->size(); ++i)
            unknown += reference_->at(i, scratch).speaker.empty();
        no_speakers_ = unknown == reference_->size();
        if (unknown)
            asked_.report.gap(CoverageState::unreadable, "speakers-unknown",
                              {{"utterances", unknown}, {"of", reference_->size()}});
    }

    Status read(std::size_t input) {
        std::map<std::string, std::string> columns;
        for (const auto* role : {"id", "speaker", "text"})
            if (!request_.column(role).empty()) columns[role] = request_.column(role);
        const auto layout = TRY(guess_transcript_layout(asked_.bytes[input], columns,
                                                        transcript_format(request_.inputs[input].format),
                                                        asked_.name(input)));
        auto file = TRY(TranscriptFile::read(asked_.bytes[input], layout, asked_.name(input)));
        if (layout.format == TranscriptFormat::ctm && reference_ &&
            reference_->layout().format == TranscriptFormat::stm)
            file = TRY(TranscriptFile::cut(file, *reference_));
        std::vector<RefusedRow> refused;
        RowCounts counts{file.rows() - file.refused().size(), file.refused().size(), {}};
        for (const auto& row : file.refused()) {
            const std::string why(to_string(row.why));
            if (++counts.by_reason[why] <= kPlacesKept)
                refused.push_back({input, row.offset, row.length, row.line, why, ""});
        }
        asked_.report.refused(refused, counts);
        if (file.windows_1252())
            asked_.report.gap(CoverageState::not_recorded, "rows-recoded", {{"rows", file.windows_1252()}});
        files_[input] = std::make_unique<TranscriptFile>(std::move(file));
        return {};
    }

    void add_system(std::size_t input, const std::string& name) {
        systems_.push_back({name, files_[input].get()});
        about_[name] = input;
    }

    Status choose_settings() {
        const auto profile = profile_of(request_.profile);
        if (!profile)
            return fail({"no such way of writing words: " + request_.profile,
                         "cette normalisation n’existe pas : " + request_.profile},
                        "", {"raw, koenecke or whisper", "raw, koenecke ou whisper"});
        main_profile_ = *profile;
        settings_.language = *speech_language(request_.language);
        settings_.threads = asked_.threads;
        settings_.lost_words = SIZE_MAX;
        return {};
    }

    Result<TranscriptResult> score(const TranscriptFile& reference, bool rows, bool skip_missing) {
        auto settings = settings_;
        settings.skip_missing = skip_missing;
        // Numbers first: the tables need to know how many combinations there are.
        UtteranceScratch scratch;
        for (std::size_t i = 0; i < reference.size(); ++i) {
            const auto utterance = reference.at(i, scratch);
            if (speakers_)
                if (const auto* groups = speakers_->find(utterance.speaker, utterance.id))
                    combinations_.number(*groups);
        }
        if (combinations_.size() > kMostCombinations)
            return fail(
                {"the table of speakers has too many groups", "la table des locuteurs a trop de groupes"},
                std::to_string(combinations_.size()),
                {"group by columns with few values", "regroupez par des colonnes à peu de valeurs"});
        settings.groups = static_cast<std::uint32_t>(combinations_.size());
        const auto who = [&](std::string_view speaker, std::string_view utterance) {
            return speaker_of(speaker, utterance);
        };
        const auto each = [&](const ScoredUtterance& one) { scored(one); };
        return score_transcripts(reference, systems_, who, settings, rows ? OnScored(each) : OnScored());
    }

    Speaker speaker_of(std::string_view speaker, std::string_view utterance) {
        Speaker out;
        out.person = folded_utterance_id(speaker.empty() ? utterance : speaker);
        if (speakers_ && (no_speakers_ || !speaker.empty()))
            if (const auto* groups = speakers_->find(speaker, utterance))
                out.group = combinations_.number(*groups);
        return out;
    }

    // Rows of the main setting, and what MAPSSWE needs of neighbouring systems.
    void scored(const ScoredUtterance& one) {
        if (one.profile != main_profile_ || one.cost != CostMode::levenshtein) return;
        const auto input = about_.at(systems_[one.system].name);
        const bool has = one.hypothesis != kNone;
        const auto reference = asked_.with_role("reference").front();
        asked_.report.row(
            "utterances",
            {systems_[one.system].name, one.id, one.person, one.counts.words(), one.counts.correct,
             one.counts.substituted, one.counts.deleted, one.counts.inserted},
            has ? asked_.report.at(input, one.hypothesis_offset, one.hypothesis_length, 0)
                : asked_.report.at(reference, one.reference_offset, one.reference_length, 0));
        // A system whose utterance could not be aligned is not told: only those of one utterance are paired.
        if (one.reference != marked_) {
            marks_.clear();
            marked_ = one.reference;
        }
        for (const auto& [other, marks] : marks_) pair(other, marks, one.system, marks_of(one));
        marks_.emplace_back(one.system, marks_of(one));
    }

    struct Marks {
        std::vector<Mark> marks;
        std::vector<std::uint32_t> insertions;
    };
    static Marks marks_of(const ScoredUtterance& one) {
        Marks out;
        out.insertions.push_back(0);
        for (const auto& pair : one.pairs) {
            if (pair.edit == Edit::inserted) {
                ++out.insertions.back();
                continue;
            }
            out.marks.push_back(pair.edit == Edit::correct       ? Mark::correct
                                : pair.edit == Edit::substituted ? Mark::substituted
                                                                 : Mark::deleted);
            out.insertions.push_back(0);
        }
        return out;
    }
    void pair(std::size_t a, const Marks& of_a, std::size_t b, const Marks& of_b) {
        auto& [pairs, unlike] = matched_[{a, b}];
        if (!pairs.add({of_a.marks, of_a.insertions}, {of_b.marks, of_b.insertions})) ++unlike;
    }

    const TranscriptScore& find(const TranscriptResult& of, Profile profile, CostMode cost,
                                std::size_t system) const {
        return *std::find_if(of.scores.begin(), of.scores.end(), [&](const TranscriptScore& one) {
            return one.profile == profile && one.cost == cost && one.system == system;
        });
    }

    enum class Unit { words, characters };
    std::vector<GroupPeople> people_of(const TranscriptScore& score, std::size_t by,
                                       const std::vector<std::string>& names, Unit unit) const {
        std::vector<GroupPeople> out;
        for (const auto& name : names) out.push_back({name, {}});
        for (const auto& person : score.people) {
            const auto& value = combinations_.value(person.group, by);
            const auto it = std::lower_bound(names.begin(), names.end(), value);
            if (value.empty() || it == names.end() || *it != value) continue;
            const auto& tally = person.tally;
            out[static_cast<std::size_t>(it - names.begin())].people.push_back(
                unit == Unit::words ? Person{double(tally.words.errors()), double(tally.words.words())}
                                    : Person{double(tally.character_errors), double(tally.characters)});
        }
        return out;
    }

    static std::string setting_name(Profile profile, CostMode cost, Estimand estimand) {
        return std::string(to_string(profile)) + ", " + std::string(to_string(cost)) +
               (estimand == Estimand::pooled ? ", pooled" : ", mean-of-people");
    }

    Status compare(std::size_t system, const TranscriptResult& main, const TranscriptResult* left_out,
                   const TranscriptResult* second) {
        const auto& first = find(main, main_profile_, CostMode::levenshtein, system);
        total(system, first);
        person_rows(system, first);
        for (std::size_t by = 0; by < request_.groups.size(); ++by) {
            const auto names = group_names(first, by);
            if (names.size() < 2) {
                asked_.report.gap(CoverageState::unreadable, "one-group",
                                  {{"column", request_.groups[by]}, {"groups", names.size()}});
                if (names.empty()) continue;
            }
            std::vector<std::uint64_t> sizes;
            for (const auto& group : people_of(first, by, names, Unit::words))
                sizes.push_back(group.people.size());
            if (are_no_groups(asked_, request_.groups[by], sizes)) continue;
            std::vector<PeopleSetting> settings;
            const auto add = [&](const TranscriptResult& of, Profile profile, CostMode cost,
                                 Estimand estimand, const char* what) {
                settings.push_back({setting_name(profile, cost, estimand) + what, estimand,
                                    people_of(find(of, profile, cost, system), by, names, Unit::words)});
            };
            add(main, main_profile_, CostMode::levenshtein, Estimand::pooled, "");
            for (const auto profile : settings_.profiles)
                for (const auto cost : settings_.costs)
                    for (const auto estimand : {Estimand::pooled, Estimand::mean_of_people})
                        if (profile != main_profile_ || cost != CostMode::levenshtein ||
                            estimand != Estimand::pooled)
                            add(main, profile, cost, estimand, "");
            if (left_out)
                add(*left_out, main_profile_, CostMode::levenshtein, Estimand::pooled, ", missing-left-out");
            if (second)
                add(*second, main_profile_, CostMode::levenshtein, Estimand::pooled, ", second-human");
            const Comparison base{"wer", systems_[system].name, request_.groups[by], "", ""};
            Findings beside;
            TRY(compare_people(request_, base, settings, asked_.threads, no_speakers_ ? beside : findings_));
            if (no_speakers_) put_without_people(std::move(beside), findings_);
            TRY(characters(system, by, names, first));
            lost_words(system, by, names, first);
        }
        return {};
    }

    std::vector<std::string> group_names(const TranscriptScore& score, std::size_t by) {
        std::map<std::string, std::uint64_t> people;
        for (const auto& person : score.people) ++people[combinations_.value(person.group, by)];
        if (const auto unknown = people.find(""); unknown != people.end()) {
            const LeftOut one{request_.groups[by], "", "missing-group", unknown->second, 0};
            const bool said =
                std::any_of(findings_.left_out.begin(), findings_.left_out.end(),
                            [&](const LeftOut& had) { return had.by == one.by && had.group.empty(); });
            if (!said) findings_.left_out.push_back(one);
            people.erase(unknown);
        }
        std::vector<std::string> out;
        for (const auto& [name, count] : people) out.push_back(name);
        return out;
    }

    // Everybody together, and with what the other ways of writing words make of it.
    void total(std::size_t system, const TranscriptScore& score) {
        Figure figure{Figure::Kind::detail, {"wer", systems_[system].name, "", "", ""}, "rate"};
        figure.setting = setting_name(score.profile, score.cost, Estimand::pooled);
        const auto& words = score.total.words;
        figure.events = double(words.errors());
        figure.units = double(words.words());
        figure.value = figure.units > 0 ? figure.events / figure.units : kNotANumber;
        figure.people = no_speakers_ ? 0 : score.people.size();
        findings_.figures.push_back(figure);
        figure.of.measure = "cer";
        figure.events = double(score.total.character_errors);
        figure.units = double(score.total.characters);
        figure.value = figure.units > 0 ? figure.events / figure.units : kNotANumber;
        findings_.figures.push_back(std::move(figure));
    }

    void person_rows(std::size_t system, const TranscriptScore& score) {
        for (const auto& person : score.people) {
            std::string groups;
            for (std::size_t by = 0; by < request_.groups.size(); ++by)
                groups +=
                    (by ? "; " : "") + request_.groups[by] + "=" + combinations_.value(person.group, by);
            asked_.report.row("people_counts",
                              {systems_[system].name, person.person, groups, person.tally.utterances,
                               number_or_null(double(person.tally.words.errors())),
                               number_or_null(double(person.tally.words.words()))},
                              asked_.report.whole(about_.at(systems_[system].name)));
        }
    }

    // Character errors say the same in another unit: beside the argument, not one more test.
    Status characters(std::size_t system, std::size_t by, const std::vector<std::string>& names,
                      const TranscriptScore& score) {
        const PeopleSetting setting{setting_name(score.profile, score.cost, Estimand::pooled),
                                    Estimand::pooled, people_of(score, by, names, Unit::characters)};
        Findings beside;
        TRY(compare_people(request_, {"cer", systems_[system].name, request_.groups[by], "", ""},
                           {&setting, 1}, asked_.threads, beside));
        for (auto& figure : beside.figures) {
            if (figure.kind == Figure::Kind::setting || figure.method == "naive") continue;
            figure.kind = Figure::Kind::detail;
            findings_.figures.push_back(std::move(figure));
        }
        return {};
    }

    void lost_words(std::size_t system, std::size_t by, const std::vector<std::string>& names,
                    const TranscriptScore& score) {
        for (const auto& name : names) {
            std::map<std::string, LostWord> words;
            for (std::uint32_t number = 0; number < score.lost.size(); ++number) {
                if (combinations_.value(number, by) != name) continue;
                for (const auto& lost : score.lost[number]) {
                    auto& into = words[lost.word];
                    into.word = lost.word;
                    into.said += lost.said;
                    into.substituted += lost.substituted;
                    into.deleted += lost.deleted;
                }
            }
            std::vector<LostWord> most;
            for (auto& [word, lost] : words) most.push_back(std::move(lost));
            std::stable_sort(most.begin(), most.end(),
                             [](const LostWord& a, const LostWord& b) { return a.lost() > b.lost(); });
            if (most.size() > kMostLostWords) most.resize(kMostLostWords);
            for (const auto& lost : most)
                asked_.report.row("lost_words",
                                  {systems_[system].name, request_.groups[by], name, lost.word, lost.said,
                                   lost.substituted, lost.deleted},
                                  asked_.report.whole(about_.at(systems_[system].name)));
        }
    }

    void report_pairing(const TranscriptResult& main) {
        for (std::size_t system = 0; system < systems_.size(); ++system) {
            const auto& pairing = main.pairing[system];
            const json::Object whose{{"system", systems_[system].name}};
            const auto say = [&](const char* why, std::size_t count) {
                auto fields = whose;
                fields["utterances"] = count;
                fields["why"] = why;
                if (count)
                    asked_.report.gap(CoverageState::unreadable, "utterances-unmatched", std::move(fields));
            };
            say("utterance-missing", pairing.missing.size());
            say("utterance-extra", pairing.extra.size());
            say("utterance-too-long",
                find(main, main_profile_, CostMode::levenshtein, system).not_aligned.size());
        }
        if (!main.torn.empty())
            asked_.report.gap(CoverageState::unreadable, "people-in-two-groups",
                              {{"people", main.torn.size()}});
    }

    void between_systems() {
        for (const auto& [which, found] : matched_) {
            const auto& [pairs, unlike] = found;
            const auto result = pairs.result();
            Figure figure{
                Figure::Kind::detail,
                {"wer", systems_[which.first].name + " / " + systems_[which.second].name, "", "", ""},
                "errors-a-segment",
                setting_name(main_profile_, CostMode::levenshtein, Estimand::pooled),
                "mapsswe"};
            figure.value = result.mean;
            if (std::isfinite(result.p)) figure.p = result.p;
            figure.units = double(result.segments);
            figure.note = unlike ? "alternatives-differ" : std::string(result.refused);
            findings_.figures.push_back(std::move(figure));
        }
    }

    // How far apart two humans are: no machine can be asked to do better.
    Status floor() {
        if (second_ == kNone) return {};
        auto settings = settings_;
        settings.profiles = {main_profile_};
        settings.costs = {CostMode::levenshtein};
        settings.groups = static_cast<std::uint32_t>(combinations_.size());
        const auto who = [&](std::string_view speaker, std::string_view utterance) {
            return speaker_of(speaker, utterance);
        };
        const auto found =
            TRY(score_transcripts(*reference_, {{"second-human", files_[second_].get()}}, who, settings));
        Figure figure{Figure::Kind::detail, {"wer", "second-human", "", "", ""}, "floor"};
        const auto& words = found.scores.front().total.words;
        figure.events = double(words.errors());
        figure.units = double(words.words());
        figure.value = figure.units > 0 ? figure.events / figure.units : kNotANumber;
        findings_.figures.push_back(figure);
        for (std::size_t by = 0; by < request_.groups.size(); ++by) {
            const auto names = group_names(found.scores.front(), by);
            for (const auto& group : people_of(found.scores.front(), by, names, Unit::words)) {
                const auto rate = TRY(group_rate(group.people, Estimand::pooled, request_.level()));
                figure.of = {"wer", "second-human", request_.groups[by], group.name, ""};
                figure.method = "linearised-t";
                figure.value = rate.rate;
                figure.interval = rate.interval;
                figure.events = rate.numerator;
                figure.units = rate.denominator;
                figure.people = rate.people;
                figure.note = std::string(rate.refused);
                findings_.figures.push_back(figure);
            }
        }
        return {};
    }

    const Asked& asked_;
    const Request& request_;
    std::map<std::size_t, std::unique_ptr<TranscriptFile>> files_;
    const TranscriptFile* reference_ = nullptr;
    std::size_t second_ = kNone;
    std::vector<TranscriptSystem> systems_;
    std::optional<SpeakerTable> speakers_;
    Combinations combinations_;
    TranscriptSettings settings_;
    Profile main_profile_ = Profile::whisper;
    bool no_speakers_ = false;  // nothing says who speaks
    std::map<std::string, std::size_t> about_;
    std::vector<std::pair<std::size_t, Marks>> marks_;  // of the systems told so far, of utterance marked_
    std::size_t marked_ = kNone;
    std::map<std::pair<std::size_t, std::size_t>, std::pair<MatchedPairs, std::uint64_t>> matched_;
    Findings findings_;
};

}  // namespace

Status compare_transcripts(const Asked& asked) { return Transcripts(asked).run(); }

}  // namespace contrechamp::disparity
