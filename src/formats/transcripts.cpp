// The index of a file of transcripts.
#include "formats/transcripts.h"

#include <simdjson.h>
#define XXH_INLINE_ALL  // so that nothing needs to be linked
#include <xxhash.h>

#include <algorithm>
#include <span>

#include "base/bytes.h"
#include "formats/transcripts_parts.h"

namespace contrechamp {

using namespace transcripts;

std::string folded_utterance_id(std::string_view id) {
    std::string out;
    for (const char c : trimmed(id)) {
        if (blank(c)) {
            if (!out.ends_with(' ')) out += ' ';
        } else {
            out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        }
    }
    return out;
}

namespace {

// A segment of a file and channel; ignored ones are kIgnored.
struct Segment {
    std::uint64_t offset;
    double end;
    std::uint32_t number;
};
constexpr std::uint32_t kIgnored = ~std::uint32_t{0} - 1, kNowhere = ~std::uint32_t{0};

std::uint64_t hash_of(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

// As it is, or from Windows-1252.
std::string_view readable(std::string_view text, std::string& utf8) {
    if (simdjson::validate_utf8(text.data(), text.size())) return text;
    windows_1252_to_utf8(text, utf8);
    return utf8;
}

}  // namespace

struct TranscriptFile::Index {
    static constexpr std::uint32_t kWindows = std::uint32_t{1} << 31, kFree = ~std::uint32_t{0};
    struct Entry {
        std::uint64_t hash = 0, offset = 0;
        std::uint32_t length = 0, line = 0;  // length: with kWindows
    };
    // ctm, and its words cut into segments: which words an utterance has.
    struct Run {
        std::uint64_t first = 0, last = 0;
    };

    std::string_view bytes;
    TranscriptLayout layout;
    Columns columns;
    std::vector<Entry> entries;
    std::vector<std::uint32_t> slots;
    std::vector<RefusedUtterance> refused;
    std::vector<CtmWord> words;
    std::vector<Run> runs;
    const TranscriptFile* segments = nullptr;  // after cut()
    std::uint64_t rows = 0, windows = 0, outside = 0, ignored = 0;

    std::string_view row_of(const Entry& entry) const {
        return bytes.substr(entry.offset, entry.length & ~kWindows);
    }
    // ctm: "file channel" in UTF-8, as it is written.
    std::string_view row_name_of(const Entry& entry, std::string& utf8) const {
        CtmRow row;
        return read_ctm_row(row_of(entry), row) ? std::string_view() : readable(row.name, utf8);
    }
    bool read(const Entry& entry, Utterance& out, UtteranceScratch& scratch) const;
    std::uint32_t find(std::string_view folded, std::uint64_t hash, UtteranceScratch& scratch) const;
    void insert(std::uint32_t number);
    void refuse(std::uint64_t offset, std::uint64_t length, std::uint64_t line, TranscriptRefusal why) {
        refused.push_back({offset, length, line, why});
    }
    bool add(std::string_view row, std::uint64_t offset, std::uint64_t line);
    void read_lines();
    void read_delimited();
    void read_ctm();
    void check_alternates();
    void add_ctm(const Line& line);
    Utterance ctm_at(std::size_t index, UtteranceScratch& scratch) const;
    void put_together(const Run& run, std::string& text) const;
    std::vector<std::vector<Segment>> segments_of(const Index& ctm, const TranscriptFile& file) const;
    void take(const std::vector<CtmWord>& all, const std::vector<std::uint32_t>& belongs, std::size_t count);
};

bool TranscriptFile::Index::read(const Entry& entry, Utterance& out, UtteranceScratch& scratch) const {
    auto row = row_of(entry);
    out.offset = entry.offset;
    out.length = row.size();
    out.line = entry.line;
    out.windows_1252 = (entry.length & kWindows) != 0;
    if (out.windows_1252) {
        windows_1252_to_utf8(row, scratch.row);
        row = scratch.row;
    }
    return !read_row(row, layout, columns, out, scratch);
}

std::uint32_t TranscriptFile::Index::find(std::string_view folded, std::uint64_t hash,
                                          UtteranceScratch& scratch) const {
    if (slots.empty()) return kFree;
    for (std::size_t i = hash & (slots.size() - 1); slots[i] != kFree; i = (i + 1) & (slots.size() - 1)) {
        const auto& entry = entries[slots[i]];
        if (entry.hash != hash) continue;
        Utterance other;
        if (layout.format == TranscriptFormat::ctm) {
            if (folded_utterance_id(row_name_of(entry, scratch.row)) == folded) return slots[i];
        } else if (read(entry, other, scratch) && folded_utterance_id(other.id) == folded) {
            return slots[i];
        }
    }
    return kFree;
}

void TranscriptFile::Index::insert(std::uint32_t number) {
    if (entries.size() * 2 > slots.size()) {
        slots.assign(std::max<std::size_t>(1024, slots.size() * 2), kFree);
        for (std::uint32_t i = 0; i < entries.size(); ++i)
            if (i != number) insert(i);
    }
    auto i = entries[number].hash & (slots.size() - 1);
    while (slots[i] != kFree) i = (i + 1) & (slots.size() - 1);
    slots[i] = number;
}

// Reads a row and keeps where it stands.
bool TranscriptFile::Index::add(std::string_view row, std::uint64_t offset, std::uint64_t line) {
    thread_local UtteranceScratch scratch, other;
    ++rows;
    Entry entry{0, offset, static_cast<std::uint32_t>(std::min<std::size_t>(row.size(), kLongestRow)),
                static_cast<std::uint32_t>(std::min<std::uint64_t>(line, kFree))};
    const auto no = [&](TranscriptRefusal why) {
        refuse(offset, row.size(), line, why);
        return false;
    };
    if (row.size() > kLongestRow) return no(TranscriptRefusal::too_long);
    auto text = row;
    if (!simdjson::validate_utf8(row.data(), row.size())) {
        if (!windows_1252_to_utf8(row, scratch.row)) return no(TranscriptRefusal::encoding);
        text = scratch.row;
        entry.length |= kWindows;
    }
    Utterance utterance;
    utterance.line = entry.line;
    if (const auto why = read_row(text, layout, columns, utterance, scratch)) return no(*why);
    const auto folded = folded_utterance_id(utterance.id);
    entry.hash = hash_of(folded);
    if (find(folded, entry.hash, other) != kFree) return no(TranscriptRefusal::duplicate);
    if (entry.length & kWindows) ++windows;
    entries.push_back(entry);
    insert(static_cast<std::uint32_t>(entries.size() - 1));
    return true;
}

void TranscriptFile::Index::read_lines() {
    const bool nist = layout.format == TranscriptFormat::trn || layout.format == TranscriptFormat::stm;
    LineReader lines(bytes.substr(std::min<std::size_t>(layout.start, bytes.size())));
    while (const auto line = lines.next()) {
        if (nist && line->text.starts_with(";;")) continue;
        if (layout.format != TranscriptFormat::plain && trimmed(line->text).empty()) continue;
        add(line->text, line->offset + layout.start, line->number);
    }
}

void TranscriptFile::Index::read_delimited() {
    std::size_t at = 0;
    column_names(bytes, layout, at);
    auto line = 1 + static_cast<std::uint64_t>(
                        std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    while (at < bytes.size()) {
        const auto end = delimited_row(bytes, at, layout.delimiter);
        const auto row = bytes.substr(at, end.end - at);
        if (end.open) {
            ++rows;
            refuse(at, row.size(), line, TranscriptRefusal::cut_off);
        } else if (!trimmed(row).empty()) {
            add(row, at, line);
        }
        line += static_cast<std::uint64_t>(std::count(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                                                      bytes.begin() + static_cast<std::ptrdiff_t>(end.next),
                                                      '\n'));
        at = end.next;
    }
}

// ---- ctm

void TranscriptFile::Index::add_ctm(const Line& line) {
    thread_local UtteranceScratch scratch;
    ++rows;
    const auto offset = line.offset + layout.start;
    const auto no = [&](TranscriptRefusal why) { refuse(offset, line.text.size(), line.number, why); };
    if (line.text.size() > kLongestRow) return no(TranscriptRefusal::too_long);
    if (!simdjson::validate_utf8(line.text.data(), line.text.size())) {
        if (!windows_1252_to_utf8(line.text, scratch.row)) return no(TranscriptRefusal::encoding);
        ++windows;
    }
    CtmRow row;
    if (const auto why = read_ctm_row(line.text, row)) return no(*why);
    // Mostly the same file and channel as the word before.
    const auto name = readable(row.name, scratch.id);
    auto number = !words.empty() && row_name_of(entries[words.back().entry], scratch.row) == name
                      ? words.back().entry
                      : kFree;
    const auto folded = number == kFree ? folded_utterance_id(name) : std::string();
    const auto hash = hash_of(folded);
    if (number == kFree) number = find(folded, hash, scratch);
    if (number == kFree) {
        number = static_cast<std::uint32_t>(entries.size());
        entries.push_back({hash, offset, static_cast<std::uint32_t>(line.text.size()),
                           static_cast<std::uint32_t>(std::min<std::uint64_t>(line.number, kFree))});
        insert(number);
    }
    row.word.offset += offset;
    row.word.entry = number;
    words.push_back(row.word);
}

// Marks that do not fit together (<ALT> outside, <ALT_BEGIN> inside or never ended) are refused; words stay.
void TranscriptFile::Index::check_alternates() {
    std::vector<bool> bad(words.size(), false);
    std::size_t open = words.size();
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (open < words.size() && words[open].entry != words[i].entry) {
            bad[open] = true;
            open = words.size();
        }
        const auto kind = static_cast<CtmKind>(words[i].kind);
        if (kind == CtmKind::begin) {
            if (open < words.size()) bad[i] = true;
            else open = i;
        } else if (kind == CtmKind::next) {
            bad[i] = open == words.size();
        } else if (kind == CtmKind::end) {
            bad[i] = open == words.size();
            open = words.size();
        }
    }
    if (open < words.size()) bad[open] = true;
    // An opening mark that nothing closes takes its <ALT>s with it.
    bool inside = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto kind = static_cast<CtmKind>(words[i].kind);
        if (kind == CtmKind::begin && !bad[i]) inside = true;
        if (kind == CtmKind::next && !inside) bad[i] = true;
        if (kind == CtmKind::end && !bad[i]) inside = false;
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (!bad[i]) words[kept++] = words[i];
        else refuse(words[i].offset, words[i].length, 0, TranscriptRefusal::alternates);
    }
    words.resize(kept);
}

void TranscriptFile::Index::read_ctm() {
    LineReader lines(bytes.substr(std::min<std::size_t>(layout.start, bytes.size())));
    while (const auto line = lines.next())
        if (!line->text.starts_with(";;") && !trimmed(line->text).empty()) add_ctm(*line);
    const auto by_entry = [](const CtmWord& a, const CtmWord& b) { return a.entry < b.entry; };
    if (!std::is_sorted(words.begin(), words.end(), by_entry))
        std::stable_sort(words.begin(), words.end(), by_entry);
    check_alternates();
    std::stable_sort(refused.begin(), refused.end(),
                     [](const auto& a, const auto& b) { return a.offset < b.offset; });
    runs.resize(entries.size());
    for (std::size_t i = 0; i < words.size(); ++i) {
        auto& run = runs[words[i].entry];
        if (run.first == run.last) run.first = i;
        run.last = i + 1;
    }
}

void TranscriptFile::Index::put_together(const Run& run, std::string& text) const {
    text.clear();
    std::string utf8;
    bool empty = false;  // an alternative has no word yet
    for (auto i = run.first; i < run.last; ++i) {
        const auto kind = static_cast<CtmKind>(words[i].kind);
        if (kind == CtmKind::word) {
            text += readable(bytes.substr(words[i].offset, words[i].length), utf8);
            empty = false;
        } else {
            if (kind != CtmKind::begin && empty) text += "@ ";
            text += kind == CtmKind::begin ? '{' : kind == CtmKind::next ? '/' : '}';
            empty = kind != CtmKind::end;
        }
        text += ' ';
    }
}

Utterance TranscriptFile::Index::ctm_at(std::size_t index, UtteranceScratch& scratch) const {
    Utterance out;
    const auto& run = runs[index];
    put_together(run, scratch.text);
    out.text = scratch.text;
    out.markup = true;
    if (run.first < run.last) {
        const auto first = words[run.first].offset, last = words[run.last - 1].offset;
        const auto begin = first == 0 ? std::string_view::npos : bytes.rfind('\n', first - 1);
        out.offset = begin == bytes.npos ? layout.start : begin + 1;
        out.length = std::min(bytes.find('\n', last), bytes.size()) - out.offset;
        out.begin = words[run.first].middle;
        out.end = words[run.last - 1].middle;
    }
    if (segments) {
        Utterance segment = segments->at(index, scratch);  // stm leaves scratch.text alone
        out.id = segment.id;
        out.speaker = segment.speaker;
        out.begin = segment.begin;
        out.end = segment.end;
        return out;
    }
    out.id = row_name_of(entries[index], scratch.id);
    auto rest = out.id;
    const auto file = next_field(rest), channel = next_field(rest);
    scratch.speaker.assign(file).append("-").append(channel);
    out.speaker = scratch.speaker;
    out.line = entries[index].line;
    return out;
}

// ---- public

TranscriptFile::TranscriptFile(std::unique_ptr<Index> index) : index_(std::move(index)) {}
TranscriptFile::~TranscriptFile() = default;
TranscriptFile::TranscriptFile(TranscriptFile&&) noexcept = default;
TranscriptFile& TranscriptFile::operator=(TranscriptFile&&) noexcept = default;

Result<TranscriptFile> TranscriptFile::read(std::string_view bytes, const TranscriptLayout& layout,
                                            const std::string& where) {
    auto index = std::make_unique<Index>();
    index->bytes = bytes;
    index->layout = layout;
    if (layout.format == TranscriptFormat::delimited) {
        std::size_t begin = 0;
        const auto names = column_names(bytes, layout, begin);
        const auto place = [&](const std::string& name) {
            const auto at = std::find(names.begin(), names.end(), name);
            return at == names.end() ? Columns::kNone : static_cast<std::size_t>(at - names.begin());
        };
        index->columns = {place(layout.id), layout.speaker.empty() ? Columns::kNone : place(layout.speaker),
                          place(layout.text), names.size()};
        const auto& columns = index->columns;
        if (columns.id == Columns::kNone || columns.text == Columns::kNone ||
            (columns.speaker == Columns::kNone && !layout.speaker.empty()))
            return fail({"a column of the layout is not in the file",
                         "une colonne de la mise en page n’est pas dans le fichier"},
                        where, {"name the columns again (--map)", "nommez de nouveau les colonnes (--map)"});
        index->read_delimited();
    } else if (layout.format == TranscriptFormat::ctm) {
        index->read_ctm();
    } else {
        index->read_lines();
    }
    return TranscriptFile(std::move(index));
}

namespace {

// SCTK's way (stm2ctm.c; measured, see tests): words in order, segments in order; a word goes to the first
// segment that ends behind its middle, those behind the last one to the last. An alternation is not divided:
// its first word decides.
void give(std::span<const CtmWord> words, std::span<const Segment> segments,
          std::span<std::uint32_t> belongs) {
    if (segments.empty()) return;
    std::size_t at = 0;
    bool inside = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto kind = static_cast<CtmKind>(words[i].kind);
        auto timed = i;
        if (kind == CtmKind::begin)
            while (timed + 1 < words.size() && static_cast<CtmKind>(words[timed].kind) != CtmKind::word &&
                   static_cast<CtmKind>(words[timed].kind) != CtmKind::end)
                ++timed;
        if (!inside && static_cast<CtmKind>(words[timed].kind) == CtmKind::word)
            while (at + 1 < segments.size() && words[timed].middle >= segments[at].end) ++at;
        if (kind == CtmKind::begin) inside = true;
        if (kind == CtmKind::end) inside = false;
        belongs[i] = segments[at].number;
    }
}

}  // namespace

// By entry of the ctm file, its segments in the order of the stm file, the ignored ones with them.
std::vector<std::vector<Segment>> TranscriptFile::Index::segments_of(const Index& ctm,
                                                                     const TranscriptFile& file) const {
    std::vector<std::vector<Segment>> of(ctm.entries.size());
    UtteranceScratch scratch, other;
    const auto put = [&](std::string_view row, const Utterance& segment, std::uint32_t number) {
        auto rest = row;
        const auto name = next_field(rest), channel = next_field(rest);
        if (channel.empty()) return;
        const auto folded = folded_utterance_id(std::string(name) + " " + std::string(channel));
        const auto entry = ctm.find(folded, hash_of(folded), other);
        if (entry != kFree) of[entry].push_back({segment.offset, segment.end, number});
    };
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const auto segment = file.at(i, scratch);
        put(segment.id, segment, static_cast<std::uint32_t>(i));
    }
    for (const auto& row : refused) {
        if (row.why != TranscriptRefusal::ignored) continue;
        Utterance segment;
        auto text = bytes.substr(row.offset, row.length);
        if (!simdjson::validate_utf8(text.data(), text.size()) && windows_1252_to_utf8(text, scratch.row))
            text = scratch.row;
        read_row(text, layout, columns, segment, other);
        segment.offset = row.offset;
        put(text, segment, kIgnored);
    }
    for (auto& list : of)
        std::sort(list.begin(), list.end(),
                  [](const Segment& a, const Segment& b) { return a.offset < b.offset; });
    return of;
}

// Takes the words that belong to segments, sorted by segment.
void TranscriptFile::Index::take(const std::vector<CtmWord>& all, const std::vector<std::uint32_t>& belongs,
                                 std::size_t count) {
    std::vector<std::uint64_t> start(count + 1, 0);
    for (const auto segment : belongs) {
        if (segment == kNowhere) ++outside;
        else if (segment == kIgnored) ++ignored;
        else ++start[segment + 1];
    }
    runs.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        start[i + 1] += start[i];
        runs[i] = {start[i], start[i + 1]};
    }
    words.resize(start.back());
    for (std::size_t i = 0; i < belongs.size(); ++i)
        if (belongs[i] < count) words[start[belongs[i]]++] = all[i];
}

Result<TranscriptFile> TranscriptFile::cut(const TranscriptFile& words, const TranscriptFile& segments) {
    const auto& from = *words.index_;
    const auto& to = *segments.index_;
    if (from.layout.format != TranscriptFormat::ctm || to.layout.format != TranscriptFormat::stm)
        return fail({"only a ctm file can be cut into the segments of an stm file",
                     "seul un fichier ctm peut être découpé selon les segments d’un fichier stm"},
                    "",
                    {"give the reference as stm and the hypothesis as ctm",
                     "donnez la référence en stm et l’hypothèse en ctm"});
    auto index = std::make_unique<Index>();
    index->bytes = from.bytes;
    index->layout = from.layout;
    index->segments = &segments;
    index->refused = from.refused;
    index->rows = from.rows;
    index->windows = from.windows;
    const auto of = to.segments_of(from, segments);
    std::vector<std::uint32_t> belongs(from.words.size(), kNowhere);
    for (std::size_t entry = 0; entry < of.size(); ++entry) {
        const auto [first, last] = from.runs[entry];
        give(std::span(from.words).subspan(first, last - first), of[entry],
             std::span(belongs).subspan(first, last - first));
    }
    index->take(from.words, belongs, segments.size());
    return TranscriptFile(std::move(index));
}

std::size_t TranscriptFile::size() const {
    return index_->layout.format == TranscriptFormat::ctm ? index_->runs.size() : index_->entries.size();
}

Utterance TranscriptFile::at(std::size_t index, UtteranceScratch& scratch) const {
    if (index_->layout.format == TranscriptFormat::ctm) return index_->ctm_at(index, scratch);
    Utterance out;
    index_->read(index_->entries[index], out, scratch);
    return out;
}

std::uint64_t TranscriptFile::bytes_of(std::size_t index) const {
    if (index_->layout.format != TranscriptFormat::ctm) return index_->row_of(index_->entries[index]).size();
    return (index_->runs[index].last - index_->runs[index].first) * sizeof(CtmWord);
}

std::optional<std::size_t> TranscriptFile::find(std::string_view id) const {
    if (index_->segments) return index_->segments->find(id);
    const auto folded = folded_utterance_id(id);
    thread_local UtteranceScratch scratch;
    const auto found = index_->find(folded, hash_of(folded), scratch);
    return found == Index::kFree ? std::nullopt : std::optional<std::size_t>(found);
}

const std::vector<RefusedUtterance>& TranscriptFile::refused() const { return index_->refused; }
std::uint64_t TranscriptFile::rows() const { return index_->rows; }
std::uint64_t TranscriptFile::windows_1252() const { return index_->windows; }
std::uint64_t TranscriptFile::outside() const { return index_->outside; }
std::uint64_t TranscriptFile::ignored_words() const { return index_->ignored; }
const TranscriptLayout& TranscriptFile::layout() const { return index_->layout; }

}  // namespace contrechamp
