#include "formats/table_reader.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>

#include "formats/table_parts.h"

namespace contrechamp {
namespace {

using rows::Arena;
using rows::view;

constexpr std::array<std::string_view, kTableRefusals> kRefusals = {
    "too-few-cells", "too-many-cells", "unclosed-quote", "too-long",       "nul-byte",
    "cut-off",       "not-an-object",  "nested",         "repeated-member"};

template <class Units>
std::uint64_t count(const char* at, const char* end, char c) {
    std::uint64_t out = 0;
    for (; (at = Units::one(at, end, c)) < end; at += Units::kSize) ++out;
    return out;
}

// Every byte that is `c`.
template <>
std::uint64_t count<rows::Bytes>(const char* at, const char* end, char c) {
    std::uint64_t out = 0;
#ifdef __SSE2__
    const __m128i wanted = _mm_set1_epi8(c), ones = _mm_set1_epi8(1), none = _mm_setzero_si128();
    __m128i sums = none;
    for (; end - at >= 16; at += 16) {
        const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        sums = _mm_add_epi64(sums, _mm_sad_epu8(_mm_and_si128(_mm_cmpeq_epi8(block, wanted), ones), none));
    }
    std::array<std::uint64_t, 2> both{};
    std::memcpy(both.data(), &sums, 16);
    out = both[0] + both[1];
#endif
    for (; at < end; ++at) out += *at == c;
    return out;
}

std::string_view begin_of(std::string_view bytes, const TableRange& range) {
    const auto end = std::min<std::uint64_t>(range.end, bytes.size());
    const auto begin = std::min(range.begin, end);
    return bytes.substr(begin, end - begin);
}

}  // namespace

std::string_view to_string(TableRefusal refusal) { return kRefusals[static_cast<std::size_t>(refusal)]; }

class TableReader::Source {
  public:
    virtual ~Source() = default;
    virtual bool next() = 0;
    virtual bool at(std::uint64_t offset) = 0;
    TableRow row;
};

namespace {

template <class Units>
class Delimited final : public TableReader::Source {
  public:
    Delimited(std::string_view bytes, const TableLayout& layout, const TableRange& range)
        : bytes_(bytes),
          layout_(layout),
          scanner_(tables::marks_of(layout), layout.columns.size()),
          line_(range.line) {
        const auto rows = begin_of(bytes, range);
        at_ = rows.data();
        const auto whole = rows.size() / Units::kSize * Units::kSize;
        end_ = at_ + whole;
        half_ = whole < rows.size() && range.end >= bytes.size();
    }

    bool next() override {
        while (at_ < end_) {
            const char* const begin = at_;
            const char* after = scanner_.scan(begin, end_);
            const char* stop = scanner_.stop();
            if (scanner_.open()) {  // what follows the quote may be good rows
                stop = Units::one(scanner_.opened(), end_, layout_.line_end);
                after = stop < end_ ? stop + Units::kSize : stop;
            }
            const std::uint64_t lines =
                scanner_.quoted() ? count<Units>(begin, stop, layout_.line_end) + 1 : 1;
            at_ = after;
            if (stop == begin) {
                line_ += scanner_.ended();
                continue;
            }
            start(begin, stop, lines);
            row.refused = why_not(view(begin, stop), scanner_.open() ? stop < end_ : scanner_.ended());
            if (!row.refused) fill(view(begin, stop));
            line_ += lines;
            return true;
        }
        return half();
    }

    bool at(std::uint64_t offset) override {
        at_ = bytes_.data() + std::min<std::uint64_t>(offset, bytes_.size());
        end_ = at_ + (bytes_.size() - (at_ - bytes_.data())) / Units::kSize * Units::kSize;
        line_ = 1;
        half_ = false;
        return next();
    }

  private:
    void start(const char* begin, const char* stop, std::uint64_t lines) {
        row.offset = static_cast<std::uint64_t>(begin - bytes_.data());
        row.length = static_cast<std::uint64_t>(stop - begin);
        row.line = line_;
        row.lines = lines;
        row.recoded = false;
        row.cells.clear();
        arena_.start();
    }

    std::optional<TableRefusal> why_not(std::string_view whole, bool ended) {
        const bool cut = half_ && !ended;
        if (cut) half_ = false, row.length = static_cast<std::uint64_t>(end_ + 1 - whole.data());
        if (scanner_.open()) return TableRefusal::unclosed_quote;
        if (whole.size() > kLongestTableRow) return TableRefusal::too_long;
        if (cut) return TableRefusal::cut_off;
        if (scanner_.count() < layout_.columns.size()) return TableRefusal::too_few_cells;
        if (scanner_.count() > layout_.columns.size()) return TableRefusal::too_many_cells;
        return std::nullopt;
    }

    // The byte that is left when a file of two-byte characters has an odd length.
    bool half() {
        if (!half_) return false;
        half_ = false;
        start(end_, end_ + 1, 1);
        row.refused = TableRefusal::cut_off;
        return true;
    }

    void fill(std::string_view whole) {
        bool zero = false;
        if constexpr (Units::kSize == 1) {
            const auto look = tables::look(whole);
            zero = look.zero;
            recode_ = !look.ascii && layout_.encoding == TableEncoding::windows_1252;
            if (!look.ascii && !recode_ && !simdjson::validate_utf8(whole.data(), whole.size()))
                recode_ = row.recoded = true;
        }
        for (const auto& cell : scanner_.cells()) {
            auto text = view(cell.begin, cell.end);
            if constexpr (Units::kSize == 2)
                text = tables::from_utf16(text, layout_.encoding == TableEncoding::utf16_be, arena_, zero);
            else if (recode_) text = tables::from_windows_1252(text, arena_);
            row.cells.push_back(cell.quoted ? rows::unquote(text, arena_) : text);
        }
        if (!zero) return;
        row.refused = TableRefusal::nul_byte;
        row.cells.clear();
    }

    std::string_view bytes_;
    const TableLayout& layout_;
    rows::RowScanner<Units> scanner_;
    const char* at_;
    const char* end_;
    std::uint64_t line_;
    Arena arena_;
    bool half_ = false, recode_ = false;
};

class JsonLines final : public TableReader::Source {
  public:
    JsonLines(std::string_view bytes, const TableLayout& layout, const TableRange& range)
        : bytes_(bytes), layout_(layout), line_(range.line) {
        rest_ = begin_of(bytes, range);
        for (std::size_t i = 0; i < layout.columns.size(); ++i) columns_.emplace(layout.columns[i], i);
        met_.resize(layout.columns.size());
    }

    bool next() override {
        while (!rest_.empty()) {
            const auto stop = std::min(rest_.find('\n'), rest_.size());
            auto text = rest_.substr(0, stop);
            rest_.remove_prefix(std::min(stop + 1, rest_.size()));
            ++line_;
            const auto last = text.find_last_not_of(" \t\r");
            if (last == std::string_view::npos) continue;
            text = text.substr(0, last + 1);
            row.offset = static_cast<std::uint64_t>(text.data() - bytes_.data());
            row.length = text.size();
            row.line = line_ - 1;
            row.recoded = false;
            row.refused = read(text);
            if (row.refused) row.cells.clear();
            return true;
        }
        return false;
    }

    bool at(std::uint64_t offset) override {
        rest_ = bytes_.substr(std::min<std::uint64_t>(offset, bytes_.size()));
        line_ = 1;
        return next();
    }

  private:
    std::optional<TableRefusal> read(std::string_view text) {
        if (text.size() > kLongestTableRow) return TableRefusal::too_long;
        if (tables::look(text).zero) return TableRefusal::nul_byte;
        arena_.start();
        if (!simdjson::validate_utf8(text.data(), text.size()) ||
            (layout_.encoding == TableEncoding::windows_1252 && !tables::look(text).ascii)) {
            row.recoded = layout_.encoding == TableEncoding::utf8;
            text = tables::from_windows_1252(text, arena_);
        }
        row.cells.assign(layout_.columns.size(), {});
        std::fill(met_.begin(), met_.end(), false);
        if (const auto why = object_.read(text)) return why;
        for (const auto& member : object_.members()) {
            if (member.value.find('\0') != std::string_view::npos) return TableRefusal::nul_byte;
            const auto found = columns_.find(std::string(member.name));
            if (found == columns_.end()) continue;
            if (met_[found->second]) return TableRefusal::repeated_member;
            met_[found->second] = true;
            row.cells[found->second] = member.value;
        }
        return std::nullopt;
    }

    std::string_view bytes_, rest_;
    const TableLayout& layout_;
    std::unordered_map<std::string, std::size_t> columns_;
    std::vector<bool> met_;
    tables::FlatObject object_;
    std::uint64_t line_;
    Arena arena_;
};

template <class Units>
std::vector<std::uint64_t> cut(std::string_view bytes, const TableLayout& layout, std::size_t pieces) {
    auto marks = tables::marks_of(layout);
    if (layout.form == TableForm::json_lines) marks = {',', false, '\n'};
    return rows::cuts<Units>(bytes, layout.rows, marks, pieces, {});
}

template <class Units>
std::vector<TableRange> split(std::string_view bytes, const TableLayout& layout, std::size_t pieces) {
    std::vector<TableRange> out;
    TableRange range{layout.rows, 0, layout.line};
    const char line_end = layout.form == TableForm::json_lines ? '\n' : layout.line_end;
    for (const auto end : cut<Units>(bytes, layout, pieces)) {
        range.end = end;
        out.push_back(range);
        range.begin = end;
        if (end == bytes.size()) break;
        range.line += count<Units>(bytes.data() + out.back().begin, bytes.data() + end, line_end);
    }
    return out;
}

}  // namespace

std::vector<TableRange> split_table(std::string_view bytes, const TableLayout& layout, std::size_t pieces) {
    if (layout.rows >= bytes.size()) return {};
    pieces = std::max<std::size_t>(pieces, 1);
    if (layout.encoding == TableEncoding::utf16_le) return split<rows::Utf16<false>>(bytes, layout, pieces);
    if (layout.encoding == TableEncoding::utf16_be) return split<rows::Utf16<true>>(bytes, layout, pieces);
    return split<rows::Bytes>(bytes, layout, pieces);
}

std::vector<std::uint64_t> lines_at(std::string_view bytes, const TableLayout& layout,
                                    const std::vector<std::uint64_t>& offsets) {
    const auto counter = layout.encoding == TableEncoding::utf16_le   ? count<rows::Utf16<false>>
                         : layout.encoding == TableEncoding::utf16_be ? count<rows::Utf16<true>>
                                                                      : count<rows::Bytes>;
    const char line_end = layout.form == TableForm::json_lines ? '\n' : layout.line_end;
    std::uint64_t at = layout.rows, line = layout.line;
    std::vector<std::uint64_t> out;
    for (const auto offset : offsets) {
        const auto to = std::min<std::uint64_t>(offset, bytes.size());
        if (to > at) line += counter(bytes.data() + at, bytes.data() + to, line_end);
        at = std::max(at, to);
        out.push_back(line);
    }
    return out;
}

TableReader::TableReader(std::string_view bytes, const TableLayout& layout, const TableRange& range) {
    if (layout.form == TableForm::json_lines) source_ = std::make_unique<JsonLines>(bytes, layout, range);
    else if (layout.encoding == TableEncoding::utf16_le)
        source_ = std::make_unique<Delimited<rows::Utf16<false>>>(bytes, layout, range);
    else if (layout.encoding == TableEncoding::utf16_be)
        source_ = std::make_unique<Delimited<rows::Utf16<true>>>(bytes, layout, range);
    else source_ = std::make_unique<Delimited<rows::Bytes>>(bytes, layout, range);
}

TableReader::~TableReader() = default;
TableReader::TableReader(TableReader&&) noexcept = default;
TableReader& TableReader::operator=(TableReader&&) noexcept = default;

bool TableReader::next() { return source_->next(); }
const TableRow& TableReader::row() const { return source_->row; }
bool TableReader::at(std::uint64_t offset) { return source_->at(offset); }

}  // namespace contrechamp
