// What the readers of this room share, and nobody else includes: words to numbers, ids met twice, and the
// tally of a piece of a table. Pieces are read side by side and put together in the order of the file, so
// that nothing depends on how it was cut.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/disparity/columns.h"
#include "analyze/disparity/intake.h"
#include "base/result.h"
#include "formats/table_reader.h"

namespace contrechamp::disparity {

inline constexpr std::size_t kMostValues = 10'000;     // of a group or stratum
inline constexpr std::size_t kMostOutcomes = 1'000;    // different values
inline constexpr std::uint32_t kTooMany = 0xfffffffe;  // a code: the column has more values than allowed
inline constexpr std::uint64_t kLongestTable = std::uint64_t{1} << 40;  // bytes

// Words to numbers, in the order in which they come. One thread's. Keeps views into `bytes` where a word
// stands there, else a copy.
class WordNumbers {
  public:
    WordNumbers(std::string_view bytes, std::size_t most);
    std::uint32_t number(std::string_view word);  // kTooMany from the first that is too many
    std::size_t size() const { return words_.size(); }
    std::string_view word(std::uint32_t number) const { return words_[number]; }

  private:
    struct Slot {
        std::uint32_t tag = 0, number = kMissing;  // part of the hash; kMissing: free
    };
    void grow();
    std::string_view bytes_;
    std::size_t most_;
    std::vector<Slot> slots_;
    std::vector<std::string_view> words_;
    std::deque<std::string> copies_;
};

// Cells of a column of words to codes: white space around does not count, cells that say nothing are
// kMissing. Looks at each spelling once.
class Coder {
  public:
    Coder(std::string_view bytes, std::size_t most_values);
    std::uint32_t code(std::string_view cell) {
        const auto spelling = spellings_.number(cell);
        return spelling < codes_.size() ? codes_[spelling] : learn(spelling, cell);
    }
    const WordNumbers& values() const { return values_; }

  private:
    std::uint32_t learn(std::uint32_t spelling, std::string_view cell);
    WordNumbers spellings_, values_;
    std::vector<std::uint32_t> codes_;  // of each spelling
};

// The values of all pieces, ordered by bytes, and for each piece what its codes are called there.
struct OneOrder {
    std::vector<std::string> values;
    std::vector<std::vector<std::uint32_t>> codes;  // [piece][code of the piece]
    std::uint32_t of(std::size_t piece, std::uint32_t code) const {
        return code == kMissing ? kMissing : codes[piece][code];
    }
};
OneOrder one_order(const std::vector<const Coder*>& pieces);

// The outcome's cells of one piece. `known`: sides are told before.
class OutcomeCells {
  public:
    OutcomeCells(std::string_view bytes, const Outcome* known)
        : coder_(bytes, kMostOutcomes), known_(known) {}
    // kMissing, kTooMany or the piece's code. Counts the row.
    std::uint32_t code(std::string_view cell) {
        const auto code = coder_.code(cell);
        if (code < kTooMany) {
            if (code >= rows_.size()) learn(cell);
            ++rows_[code];
        }
        return code;
    }
    // The same of a row that was counted before.
    std::uint32_t code_again(std::string_view cell) { return coder_.code(cell); }
    Side side(std::uint32_t code) const { return sides_[code]; }  // where `known`
    const Coder& coder() const { return coder_; }
    std::uint64_t rows(std::uint32_t code) const { return rows_[code]; }

  private:
    void learn(std::string_view cell);
    Coder coder_;
    const Outcome* known_;
    std::vector<std::uint64_t> rows_;
    std::vector<Side> sides_;
};

// The values of all pieces with their rows.
std::vector<ValueCount> outcome_values(const std::vector<const OutcomeCells*>& pieces, OneOrder& order);

// Reads the column of the outcome alone.
Result<Outcome> read_outcome(std::string_view bytes, const TableLayout& layout, const BoundColumn& column,
                             const std::string& said, unsigned threads, const std::string& where);

// Pairs of numbers to numbers, in the order in which they come.
class PairNumbers {
  public:
    PairNumbers() : slots_(64, kMissing) {}
    std::uint32_t number(std::uint32_t a, std::uint32_t b);
    std::size_t size() const { return pairs_.size(); }
    std::pair<std::uint32_t, std::uint32_t> pair(std::uint32_t number) const {
        return {static_cast<std::uint32_t>(pairs_[number] >> 32), static_cast<std::uint32_t>(pairs_[number])};
    }

  private:
    std::size_t slot_of(std::uint64_t pair) const;
    void grow();
    std::vector<std::uint32_t> slots_;
    std::vector<std::uint64_t> pairs_;
};

// Ids of one piece: 8 bytes each, 33 bits of the id's hash and 40 of its row's offset between place and
// value.
class IdList {
  public:
    static constexpr std::size_t kBuckets = 512;
    IdList() : buckets_(kBuckets) {}
    void add(std::string_view id, std::uint64_t offset);
    // Moves one bucket's entries behind `out`.
    void take(std::size_t bucket, std::vector<std::uint64_t>& out);
    static std::uint64_t offset_of(std::uint64_t entry) { return entry & (kLongestTable - 1); }

  private:
    static constexpr std::size_t kChunk = 256;
    using Chunk = std::array<std::uint64_t, kChunk>;
    struct Bucket {
        std::vector<std::unique_ptr<Chunk>> chunks;
        std::size_t used = kChunk;  // of the last chunk
    };
    std::vector<Bucket> buckets_;
};

// Offsets, ascending, of the rows whose id an earlier row has; ids are compared byte by byte.
Result<std::vector<std::uint64_t>> repeated_ids(std::string_view bytes, const TableLayout& layout,
                                                std::size_t column, std::vector<IdList*> pieces,
                                                unsigned threads);

// What one piece counted.
struct Tally {
    std::uint64_t rows_in = 0, recoded = 0;
    std::array<std::uint64_t, kRowRefusals> refused{};
    std::array<std::vector<Place>, kRowRefusals> first;
    std::vector<LackingPlaces> lacking;  // one a factor

    void refuse(RowRefusal why, const TableRow& row);
    // `lacks` is not 0: the row is good but for these factors.
    void lack(std::uint32_t lacks, const TableRow& row);
    // The piece that comes next in the file.
    void add(const Tally& next);
    // Rows found out later, at these ascending offsets.
    void refuse(RowRefusal why, std::string_view bytes, const TableLayout& layout,
                const std::vector<std::uint64_t>& offsets);
    // Forgets the places of rows that are refused after all.
    void forget(const std::vector<std::uint64_t>& offsets);
    Account account(std::uint64_t used, bool ids_checked) const;
};

Place place_of(const TableRow& row);

// Where the rows at these ascending offsets are; the first 100 of them.
std::vector<Place> places_at(std::string_view bytes, const TableLayout& layout,
                             const std::vector<std::uint64_t>& offsets);

// Reads all rows of a table: `piece(i, n)` is asked once for each of the n pieces, before any is read, for
// what is told of its rows; pieces are read side by side. Rows with cells only; others reach the tally.
struct PieceSink {
    Tally* tally = nullptr;
    std::function<Status(const TableRow&)> row;
};
Status read_pieces(std::string_view bytes, const TableLayout& layout, unsigned threads,
                   const std::string& where,
                   const std::function<void(const std::vector<TableRange>&)>& pieces,
                   const std::function<PieceSink(std::size_t)>& piece);

// Groups and strata: their columns, in the order of `factors`.
struct FactorColumns {
    std::vector<std::size_t> columns;
    std::vector<std::string> names;
    std::size_t groups = 0;
};
FactorColumns factor_columns(const BoundColumns& columns);

tl::unexpected<Error> no_rows(const std::string& where);
tl::unexpected<Error> too_many_values(const std::string& column, const std::string& where);

// The mark of each column of numbers that is not given: from the cells of the first MiB.
std::vector<MarkGuess> guess_marks(std::string_view bytes, const TableLayout& layout,
                                   const std::vector<std::size_t>& columns, std::optional<DecimalMark> given);

}  // namespace contrechamp::disparity
