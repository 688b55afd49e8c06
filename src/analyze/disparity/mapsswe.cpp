#include "analyze/disparity/mapsswe.h"

#include <algorithm>
#include <cmath>

#include "analyze/disparity/distributions.h"

namespace contrechamp::disparity {
namespace {

constexpr std::uint64_t kFewSegments = 30;
constexpr double kNistCritical = 1.960;  // of its table of the normal law, three decimals

struct Tally {
    std::uint64_t words = 0, first = 0, second = 0;
    Tally& operator+=(const Tally& other) {
        words += other.words;
        first += other.first;
        second += other.second;
        return *this;
    }
};

Tally slot(const SystemMarks& first, const SystemMarks& second, std::size_t i) {
    return {1, first.marks[i] != Mark::correct, second.marks[i] != Mark::correct};
}

Tally inserted(const SystemMarks& first, const SystemMarks& second, std::size_t i) {
    const auto count = [i](const SystemMarks& system) {
        return system.insertions.empty() ? std::uint64_t{0} : std::uint64_t{system.insertions[i]};
    };
    return {0, count(first), count(second)};
}

bool has_errors(const Tally& tally) { return tally.first + tally.second > 0; }

Status check(const SystemMarks& first, const SystemMarks& second) {
    const auto fits = [](const SystemMarks& system) {
        return system.insertions.empty() || system.insertions.size() == system.marks.size() + 1;
    };
    if (first.marks.size() == second.marks.size() && fits(first) && fits(second)) return {};
    return fail({"the two systems were not aligned with the same reference words",
                 "les deux systèmes n’ont pas été alignés sur les mêmes mots de référence"},
                "utterance",
                {"score both against one reference, alternatives chosen once",
                 "évaluer les deux sur une seule référence, les variantes étant choisies une fois"});
}

}  // namespace

// Words from `good` right ones before the first error wait in `open`; once `right` words in a row follow the
// last error and there are `good` of them, the segment is stored and they begin the next.
Status MatchedPairs::add(const SystemMarks& first, const SystemMarks& second) {
    TRY(check(first, second));
    ++utterances_;
    Tally open;
    std::uint64_t right = 0;
    bool erred = false;
    const auto store = [&] {
        if (!has_errors(open)) return;
        ++segments_;
        words_ += open.words;
        errors_first_ += open.first;
        errors_second_ += open.second;
        const auto difference =
            static_cast<std::int64_t>(open.first) - static_cast<std::int64_t>(open.second);
        sum_ += difference;
        squares_ += double(difference) * double(difference);
    };
    const auto take = [&](const Tally& tally) {
        open += tally;
        if (!has_errors(tally)) return;
        erred = true;
        right = 0;
    };
    for (std::size_t i = 0; i < first.marks.size(); ++i) {
        take(inserted(first, second, i));
        const auto word = slot(first, second, i);
        take(word);
        if (has_errors(word)) continue;
        ++right;
        if (erred && right >= good_) {
            store();
            open = {good_, 0, 0};
            erred = false;
        } else if (!erred) {
            open.words = std::min<std::uint64_t>(open.words, good_);
        }
    }
    take(inserted(first, second, first.marks.size()));
    store();
    return {};
}

Mapsswe MatchedPairs::result() const {
    Mapsswe out;
    out.utterances = utterances_;
    out.segments = segments_;
    out.words = words_;
    out.errors_first = errors_first_;
    out.errors_second = errors_second_;
    if (segments_ == 0) {
        out.refused = "no-events";
        return out;
    }
    if (segments_ < kFewSegments) out.refused = "few-segments";
    const double n = double(segments_), sum = double(sum_);
    out.mean = sum / n;
    // Σ(d - mean)², from whole numbers.
    const double spread = squares_ - sum * sum / n;
    out.variance = segments_ > 1 && spread > 0 ? spread / (n - 1) : 0;
    out.z = out.variance > 0 ? out.mean / std::sqrt(out.variance / n) : 0;
    out.p = z_two_sided(out.z);
    out.different = std::abs(out.z) > kNistCritical;
    return out;
}

}  // namespace contrechamp::disparity
