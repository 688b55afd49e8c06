#include "analyze/disparity/row_work.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <utility>

#include "base/parallel.h"

namespace contrechamp::disparity {
namespace {

std::uint64_t hash_of(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

constexpr std::uint64_t kOffsetBits = 40;

}  // namespace

// ---- Words to numbers

WordNumbers::WordNumbers(std::string_view bytes, std::size_t most) : bytes_(bytes), most_(most), slots_(64) {}

std::uint32_t WordNumbers::number(std::string_view word) {
    const auto hash = hash_of(word);
    const auto tag = static_cast<std::uint32_t>(hash >> 32);
    std::size_t i = hash & (slots_.size() - 1);
    for (; slots_[i].number != kMissing; i = (i + 1) & (slots_.size() - 1))
        if (slots_[i].tag == tag && words_[slots_[i].number] == word) return slots_[i].number;
    if (words_.size() == most_) return kTooMany;
    const std::less<const char*> before;
    const bool inside = !word.empty() && !before(word.data(), bytes_.data()) &&
                        before(word.data(), bytes_.data() + bytes_.size());
    if (!inside) word = copies_.emplace_back(word);
    const auto number = static_cast<std::uint32_t>(words_.size());
    slots_[i] = {tag, number};
    words_.push_back(word);
    if (words_.size() * 2 > slots_.size()) grow();
    return number;
}

void WordNumbers::grow() {
    slots_.assign(slots_.size() * 2, {});
    for (std::uint32_t number = 0; number < words_.size(); ++number) {
        const auto hash = hash_of(words_[number]);
        std::size_t i = hash & (slots_.size() - 1);
        while (slots_[i].number != kMissing) i = (i + 1) & (slots_.size() - 1);
        slots_[i] = {static_cast<std::uint32_t>(hash >> 32), number};
    }
}

// A value may be spelt with white space around it, but nobody needs many ways to do so.
Coder::Coder(std::string_view bytes, std::size_t most_values)
    : spellings_(bytes, most_values + 1000), values_(bytes, most_values) {}

std::uint32_t Coder::learn(std::uint32_t spelling, std::string_view cell) {
    if (spelling == kTooMany) return kTooMany;
    codes_.push_back(is_missing_cell(cell) ? kMissing : values_.number(trimmed_cell(cell)));
    return codes_.back();
}

OneOrder one_order(const std::vector<const Coder*>& pieces) {
    OneOrder out;
    for (const auto* piece : pieces)
        for (std::uint32_t code = 0; code < piece->values().size(); ++code)
            out.values.emplace_back(piece->values().word(code));
    std::sort(out.values.begin(), out.values.end());
    out.values.erase(std::unique(out.values.begin(), out.values.end()), out.values.end());
    for (const auto* piece : pieces) {
        auto& codes = out.codes.emplace_back();
        for (std::uint32_t code = 0; code < piece->values().size(); ++code) {
            const auto at =
                std::lower_bound(out.values.begin(), out.values.end(), piece->values().word(code));
            codes.push_back(static_cast<std::uint32_t>(at - out.values.begin()));
        }
    }
    return out;
}

// ---- Outcomes

void OutcomeCells::learn(std::string_view cell) {
    rows_.push_back(0);
    if (!known_) return;
    const auto& values = known_->values;
    const auto at = std::lower_bound(values.begin(), values.end(), trimmed_cell(cell),
                                     [](const ValueCount& a, std::string_view b) { return a.value < b; });
    sides_.push_back(known_->sides[static_cast<std::size_t>(at - values.begin())]);
}

std::vector<ValueCount> outcome_values(const std::vector<const OutcomeCells*>& pieces, OneOrder& order) {
    std::vector<const Coder*> coders;
    for (const auto* piece : pieces) coders.push_back(&piece->coder());
    order = one_order(coders);
    std::vector<ValueCount> out;
    for (const auto& value : order.values) out.push_back({value, 0});
    for (std::size_t p = 0; p < pieces.size(); ++p)
        for (std::uint32_t code = 0; code < order.codes[p].size(); ++code)
            out[order.codes[p][code]].rows += pieces[p]->rows(code);
    return out;
}

Result<Outcome> read_outcome(std::string_view bytes, const TableLayout& layout, const BoundColumn& column,
                             const std::string& said, unsigned threads, const std::string& where) {
    std::deque<OutcomeCells> cells;
    std::deque<Tally> tallies;
    TRY(read_pieces(
        bytes, layout, threads, where,
        [&](const std::vector<TableRange>& ranges) {
            tallies.resize(ranges.size());
            for (std::size_t i = 0; i < ranges.size(); ++i) cells.emplace_back(bytes, nullptr);
        },
        [&](std::size_t i) {
            return PieceSink{&tallies[i], [&, i](const TableRow& row) -> Status {
                                 if (cells[i].code(row.cells[column.column]) == kTooMany)
                                     return too_many_values(column.name, where);
                                 return {};
                             }};
        }));
    std::uint64_t rows = 0;
    for (const auto& tally : tallies) rows += tally.rows_in;
    if (rows == 0) return no_rows(where);
    std::vector<const OutcomeCells*> pieces;
    for (const auto& piece : cells) pieces.push_back(&piece);
    OneOrder order;
    return resolve_outcome(column.name, outcome_values(pieces, order), said, where);
}

// ---- Pairs

std::size_t PairNumbers::slot_of(std::uint64_t pair) const {
    // Both halves are small numbers: a multiplication spreads them over the high bits.
    std::uint64_t mixed = pair * 0x9e3779b97f4a7c15;
    mixed ^= mixed >> 32;
    std::size_t i = mixed & (slots_.size() - 1);
    while (slots_[i] != kMissing && pairs_[slots_[i]] != pair) i = (i + 1) & (slots_.size() - 1);
    return i;
}

std::uint32_t PairNumbers::number(std::uint32_t a, std::uint32_t b) {
    const std::uint64_t pair = std::uint64_t{a} << 32 | b;
    const auto slot = slot_of(pair);
    if (slots_[slot] != kMissing) return slots_[slot];
    const auto number = static_cast<std::uint32_t>(pairs_.size());
    slots_[slot] = number;
    pairs_.push_back(pair);
    if (pairs_.size() * 2 > slots_.size()) grow();
    return number;
}

void PairNumbers::grow() {
    slots_.assign(slots_.size() * 2, kMissing);
    for (std::uint32_t number = 0; number < pairs_.size(); ++number) slots_[slot_of(pairs_[number])] = number;
}

// ---- Ids

void IdList::add(std::string_view id, std::uint64_t offset) {
    const auto hash = hash_of(id);
    auto& bucket = buckets_[hash % kBuckets];
    if (bucket.used == kChunk) {
        bucket.chunks.push_back(std::make_unique<Chunk>());
        bucket.used = 0;
    }
    (*bucket.chunks.back())[bucket.used++] = (hash >> kOffsetBits << kOffsetBits) | offset;
}

void IdList::take(std::size_t bucket, std::vector<std::uint64_t>& out) {
    auto& from = buckets_[bucket];
    for (std::size_t i = 0; i < from.chunks.size(); ++i) {
        const auto count = i + 1 == from.chunks.size() ? from.used : kChunk;
        out.insert(out.end(), from.chunks[i]->begin(),
                   from.chunks[i]->begin() + static_cast<std::ptrdiff_t>(count));
    }
    from = {};
}

namespace {

// Reads ids again, of rows that were read before.
class IdsAgain {
  public:
    IdsAgain(std::string_view bytes, const TableLayout& layout, std::size_t column)
        : reader_(bytes, layout, {}), column_(column) {}
    std::string_view at(std::uint64_t offset) {
        return reader_.at(offset) && !reader_.row().refused ? trimmed_cell(reader_.row().cells[column_])
                                                            : std::string_view();
    }

  private:
    TableReader reader_;
    std::size_t column_;
};

// Of rows whose hashes agree, in the order of the file, those whose ids agree with an earlier one's.
void compare(std::vector<std::uint64_t> rows, IdsAgain& ids, std::vector<std::uint64_t>& out) {
    // Nearly always all ids are one, or there are two; many with one hash are somebody's doing.
    constexpr int kRounds = 8;
    for (int round = 0; round < kRounds && rows.size() > 1; ++round) {
        const std::string first(ids.at(rows[0]));
        std::vector<std::uint64_t> others;
        for (std::size_t i = 1; i < rows.size(); ++i)
            (ids.at(rows[i]) == first ? out : others).push_back(rows[i]);
        rows = std::move(others);
    }
    if (rows.size() < 2) return;
    std::vector<std::pair<std::string, std::uint64_t>> all;
    for (const auto row : rows) all.emplace_back(ids.at(row), row);
    std::sort(all.begin(), all.end());
    for (std::size_t i = 1; i < all.size(); ++i)
        if (all[i].first == all[i - 1].first) out.push_back(all[i].second);
}

// Orders entries, which come by offset, by their hash and then by offset: two stable passes over twelve of
// its bits each.
void order(std::vector<std::uint64_t>& entries, std::vector<std::uint64_t>& room) {
    constexpr std::size_t kFew = 2048, kDigits = 4096;
    if (entries.size() < kFew) return std::sort(entries.begin(), entries.end());
    room.resize(entries.size());
    for (const auto shift : {kOffsetBits, kOffsetBits + 12}) {
        std::array<std::size_t, kDigits> at{};
        for (const auto entry : entries) ++at[entry >> shift & (kDigits - 1)];
        std::size_t sum = 0;
        for (auto& count : at) sum += std::exchange(count, sum);
        for (const auto entry : entries) room[at[entry >> shift & (kDigits - 1)]++] = entry;
        entries.swap(room);
    }
}

}  // namespace

Result<std::vector<std::uint64_t>> repeated_ids(std::string_view bytes, const TableLayout& layout,
                                                std::size_t column, std::vector<IdList*> pieces,
                                                unsigned threads) {
    std::vector<std::vector<std::uint64_t>> found(IdList::kBuckets);
    TRY(in_parallel(IdList::kBuckets, threads, [&](std::size_t bucket) -> Status {
        std::vector<std::uint64_t> entries, room;
        for (auto* piece : pieces) piece->take(bucket, entries);
        order(entries, room);
        std::optional<IdsAgain> ids;
        for (std::size_t i = 0, next = 0; i < entries.size(); i = next) {
            for (next = i + 1;
                 next < entries.size() && entries[next] >> kOffsetBits == entries[i] >> kOffsetBits;)
                ++next;
            if (next == i + 1) continue;
            std::vector<std::uint64_t> rows;
            for (auto k = i; k < next; ++k) rows.push_back(IdList::offset_of(entries[k]));
            if (!ids) ids.emplace(bytes, layout, column);
            compare(std::move(rows), *ids, found[bucket]);
        }
        return {};
    }));
    std::vector<std::uint64_t> out;
    for (const auto& some : found) out.insert(out.end(), some.begin(), some.end());
    std::sort(out.begin(), out.end());
    return out;
}

// ---- Tally

Place place_of(const TableRow& row) { return {row.offset, row.length, row.line}; }

void Tally::refuse(RowRefusal why, const TableRow& row) {
    const auto i = static_cast<std::size_t>(why);
    ++refused[i];
    if (first[i].size() < kPlacesKept) first[i].push_back(place_of(row));
}

void Tally::lack(std::uint32_t lacks, const TableRow& row) {
    for (std::size_t f = 0; f < lacking.size(); ++f)
        if ((lacks >> f & 1) && lacking[f].first.size() < kPlacesKept)
            lacking[f].first.push_back({place_of(row), lacks});
}

void Tally::add(const Tally& next) {
    rows_in += next.rows_in;
    recoded += next.recoded;
    const auto append = [](auto& to, const auto& from) {
        for (std::size_t i = 0; i < from.size() && to.size() < kPlacesKept; ++i) to.push_back(from[i]);
    };
    for (std::size_t i = 0; i < kRowRefusals; ++i) {
        refused[i] += next.refused[i];
        append(first[i], next.first[i]);
    }
    lacking.resize(std::max(lacking.size(), next.lacking.size()));
    for (std::size_t f = 0; f < next.lacking.size(); ++f) append(lacking[f].first, next.lacking[f].first);
}

void Tally::refuse(RowRefusal why, std::string_view bytes, const TableLayout& layout,
                   const std::vector<std::uint64_t>& offsets) {
    const auto i = static_cast<std::size_t>(why);
    refused[i] += offsets.size();
    first[i] = places_at(bytes, layout, offsets);
}

void Tally::forget(const std::vector<std::uint64_t>& offsets) {
    for (auto& factor : lacking)
        std::erase_if(factor.first, [&](const LackingPlaces::One& one) {
            return std::binary_search(offsets.begin(), offsets.end(), one.place.offset);
        });
}

Account Tally::account(std::uint64_t used, bool ids_checked) const {
    Account out{rows_in, used, {}, recoded, ids_checked};
    for (std::size_t i = 0; i < kRowRefusals; ++i)
        if (refused[i]) out.refused.push_back({static_cast<RowRefusal>(i), refused[i], first[i]});
    return out;
}

std::vector<Place> places_at(std::string_view bytes, const TableLayout& layout,
                             const std::vector<std::uint64_t>& offsets) {
    const auto kept = std::min(offsets.size(), kPlacesKept);
    const std::vector<std::uint64_t> some(offsets.begin(),
                                          offsets.begin() + static_cast<std::ptrdiff_t>(kept));
    const auto lines = lines_at(bytes, layout, some);
    TableReader reader(bytes, layout, {});
    std::vector<Place> out;
    for (std::size_t i = 0; i < kept; ++i)
        if (reader.at(some[i])) out.push_back({some[i], reader.row().length, lines[i]});
    return out;
}

// ---- Reading

Status read_pieces(std::string_view bytes, const TableLayout& layout, unsigned threads,
                   const std::string& where,
                   const std::function<void(const std::vector<TableRange>&)>& pieces,
                   const std::function<PieceSink(std::size_t)>& piece) {
    if (bytes.size() >= kLongestTable)
        return fail({"over 1 TiB", "plus de 1 Tio"}, where,
                    {"cut it into several", "découpez-le en plusieurs"});
    threads = std::max(threads, 1u);
    const auto ranges = split_table(bytes, layout, threads == 1 ? 1 : std::size_t{threads} * 4);
    pieces(ranges);
    std::vector<PieceSink> sinks;
    for (std::size_t i = 0; i < ranges.size(); ++i) sinks.push_back(piece(i));
    return in_parallel(ranges.size(), threads, [&](std::size_t i) -> Status {
        TableReader reader(bytes, layout, ranges[i]);
        auto& tally = *sinks[i].tally;
        while (reader.next()) {
            const auto& row = reader.row();
            ++tally.rows_in;
            tally.recoded += row.recoded;
            if (row.refused) tally.refuse(refusal_of(*row.refused), row);
            else TRY(sinks[i].row(row));
        }
        return {};
    });
}

FactorColumns factor_columns(const BoundColumns& columns) {
    FactorColumns out;
    for (const auto role : {Role::group, Role::stratum}) {
        for (const auto& column : columns.many(role)) {
            out.columns.push_back(column.column);
            out.names.push_back(column.name);
        }
        if (role == Role::group) out.groups = out.columns.size();
    }
    return out;
}

tl::unexpected<Error> no_rows(const std::string& where) {
    return fail({"the table has a header and no rows", "la table a un en-tête et aucune ligne"}, where,
                {"ask for the file again", "redemandez le fichier"});
}

tl::unexpected<Error> too_many_values(const std::string& column, const std::string& where) {
    return fail({"the column \"" + column + "\" has too many different values for what it was given as",
                 "la colonne « " + column + " » a trop de valeurs différentes pour ce qu’on en a dit"},
                where,
                {"a group or stratum has at most 10,000, an outcome 1,000: use bands",
                 "un groupe ou une strate en a au plus 10 000, un résultat 1 000 : faites des tranches"});
}

std::vector<MarkGuess> guess_marks(std::string_view bytes, const TableLayout& layout,
                                   const std::vector<std::size_t>& columns,
                                   std::optional<DecimalMark> given) {
    if (given) return std::vector<MarkGuess>(columns.size(), {*given, true});
    constexpr std::uint64_t kSample = std::uint64_t{1} << 20;
    std::vector<std::vector<std::string>> cells(columns.size());
    TableReader reader(bytes, layout, {layout.rows, bytes.size(), layout.line});
    while (reader.next() && reader.row().offset < layout.rows + kSample) {
        if (reader.row().refused) continue;
        for (std::size_t i = 0; i < columns.size(); ++i)
            cells[i].emplace_back(reader.row().cells[columns[i]]);
    }
    std::vector<MarkGuess> out;
    for (const auto& column : cells)
        out.push_back(guess_decimal_mark(std::vector<std::string_view>(column.begin(), column.end())));
    return out;
}

}  // namespace contrechamp::disparity
