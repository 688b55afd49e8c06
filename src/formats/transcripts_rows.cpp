// One row of each format.
#include <simdjson.h>

#include <charconv>
#include <cmath>

#include "base/escape.h"
#include "formats/transcripts_parts.h"

namespace contrechamp::transcripts {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

std::string_view next_field(std::string_view& rest) {
    while (!rest.empty() && blank(rest.front())) rest.remove_prefix(1);
    std::size_t end = 0;
    while (end < rest.size() && !blank(rest[end])) ++end;
    const auto field = rest.substr(0, end);
    rest.remove_prefix(end);
    return field;
}

std::optional<double> number(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

bool windows_1252_to_utf8(std::string_view bytes, std::string& out) {
    // 0x80 … 0x9F; 0 where nothing stands. https://encoding.spec.whatwg.org gives control characters there,
    // which no transcript means.
    static constexpr std::array<std::uint16_t, 32> kHigh = {
        0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};
    out.clear();
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        const unsigned point = byte >= 0x80 && byte < 0xA0 ? kHigh[byte - 0x80] : byte;
        if (byte >= 0x80 && point == 0) return false;
        if (point < 0x80) {
            out += c;
        } else if (point < 0x800) {
            out += static_cast<char>(0xC0 | point >> 6);
            out += static_cast<char>(0x80 | (point & 0x3F));
        } else {
            out += static_cast<char>(0xE0 | point >> 12);
            out += static_cast<char>(0x80 | (point >> 6 & 0x3F));
            out += static_cast<char>(0x80 | (point & 0x3F));
        }
    }
    return true;
}

std::string_view speaker_of(std::string_view id, SpeakerRule rule) {
    switch (rule) {
        case SpeakerRule::none: break;
        case SpeakerRule::wsj: return id.substr(0, 3);
        case SpeakerRule::spu_id: {
            auto at = id.find('-');
            if (at == id.npos) at = id.find('_');
            return at == id.npos ? std::string_view() : id.substr(0, at);
        }
    }
    return {};
}

// ---- delimited

RowEnd delimited_row(std::string_view bytes, std::size_t at, char delimiter) {
    const auto line_end = [&](std::size_t end, bool open) {
        const bool ended = end < bytes.size();
        const auto stop = end > at && bytes[end - 1] == '\r' ? end - 1 : end;
        return RowEnd{stop, ended ? end + 1 : end, open};
    };
    const auto limit = std::min(bytes.size(), at + kLongestRow + 1);
    bool cell = true;  // a cell begins here
    for (auto i = at; i < limit; ++i) {
        const char c = bytes[i];
        if (c == '"' && cell) {
            for (++i; i < limit; ++i) {
                if (bytes[i] != '"') continue;
                if (i + 1 < limit && bytes[i + 1] == '"') ++i;
                else break;
            }
            if (i >= limit) return line_end(std::min(bytes.find('\n', at), bytes.size()), true);
            cell = false;
            continue;
        }
        if (c == '\n') return line_end(i, false);
        cell = c == delimiter;
    }
    return line_end(std::min(bytes.find('\n', limit), bytes.size()), false);
}

void split_cells(std::string_view row, char delimiter, std::vector<Cell>& cells) {
    cells.clear();
    for (std::size_t at = 0; cells.size() < kMostColumns;) {
        Cell cell;
        if (at < row.size() && row[at] == '"') {
            const auto begin = ++at;
            for (; at < row.size(); ++at) {
                if (row[at] != '"') continue;
                if (at + 1 == row.size() || row[at + 1] != '"') break;
                cell.doubled = true;
                ++at;
            }
            const auto close = std::min(at, row.size());
            at = std::min(row.find(delimiter, close), row.size());
            // Text behind the closing quote belongs to the cell.
            cell.doubled |= at > close + 1;
            cell.text = row.substr(begin, (cell.doubled ? at : close) - begin);
        } else {
            const auto begin = at;
            at = std::min(row.find(delimiter, at), row.size());
            cell.text = row.substr(begin, at - begin);
        }
        cells.push_back(cell);
        if (at >= row.size()) return;
        ++at;
    }
}

std::string unquoted(const Cell& cell) {
    if (!cell.doubled) return std::string(cell.text);
    std::string out;
    bool inside = true;
    for (std::size_t i = 0; i < cell.text.size(); ++i) {
        if (inside && cell.text[i] == '"') {
            if (i + 1 < cell.text.size() && cell.text[i + 1] == '"') out += cell.text[i++];
            else inside = false;
            continue;
        }
        out += cell.text[i];
    }
    return out;
}

std::vector<std::string> column_names(std::string_view bytes, const TranscriptLayout& layout,
                                      std::size_t& rows_begin) {
    const auto start = std::min<std::size_t>(layout.start, bytes.size());
    const auto end = delimited_row(bytes, start, layout.delimiter);
    std::vector<Cell> cells;
    split_cells(bytes.substr(start, std::min(end.end - start, kLongestRow)), layout.delimiter, cells);
    rows_begin = layout.header ? end.next : start;
    std::vector<std::string> names;
    for (const auto& cell : cells)
        names.push_back(layout.header ? to_valid_utf8(trimmed(unquoted(cell)))
                                      : std::to_string(names.size() + 1));
    return names;
}

namespace {

using Refused = std::optional<TranscriptRefusal>;

std::string_view shown(const Cell& cell, std::string& scratch) {
    if (!cell.doubled) return cell.text;
    scratch = unquoted(cell);
    return scratch;
}

Refused read_delimited(std::string_view row, const TranscriptLayout& layout, const Columns& columns,
                       Utterance& out, UtteranceScratch& scratch) {
    thread_local std::vector<Cell> cells;
    split_cells(row, layout.delimiter, cells);
    if (cells.size() != columns.count) return TranscriptRefusal::columns;
    out.id = trimmed(shown(cells[columns.id], scratch.id));
    out.text = shown(cells[columns.text], scratch.text);
    out.speaker = columns.speaker == Columns::kNone ? std::string_view()
                                                    : trimmed(shown(cells[columns.speaker], scratch.speaker));
    return std::nullopt;
}

// The member as text: strings, and numbers and truth values as they are written.
bool member(simdjson::dom::object object, std::string_view name, std::string& out) {
    simdjson::dom::element value;
    if (object[name].get(value) != simdjson::SUCCESS) {
        const auto dot = name.find('.');
        simdjson::dom::object inner;
        return dot != name.npos && object[name.substr(0, dot)].get(inner) == simdjson::SUCCESS &&
               member(inner, name.substr(dot + 1), out);
    }
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS) {
        out = text;
        return true;
    }
    if (value.is_null() || value.is_array() || value.is_object()) return false;
    out = simdjson::minify(value);
    return true;
}

Refused read_json(std::string_view row, const TranscriptLayout& layout, Utterance& out,
                  UtteranceScratch& scratch) {
    thread_local simdjson::dom::parser parser;
    simdjson::dom::object object;
    if (parser.parse(row.data(), row.size()).get(object) != simdjson::SUCCESS)
        return TranscriptRefusal::not_json;
    scratch.id.clear();
    if (!member(object, layout.text, scratch.text)) return TranscriptRefusal::not_json;
    member(object, layout.id, scratch.id);
    scratch.speaker.clear();
    if (!layout.speaker.empty()) member(object, layout.speaker, scratch.speaker);
    out.id = trimmed(scratch.id);
    out.text = scratch.text;
    out.speaker = trimmed(scratch.speaker);
    return std::nullopt;
}

// SCTK align.c, remove_id: from the last opening to the last closing bracket.
Refused read_trn(std::string_view row, Utterance& out) {
    const auto close = row.rfind(')'), open = row.rfind('(');
    if (close == row.npos || open == row.npos || close < open) return TranscriptRefusal::no_id;
    out.id = trimmed(row.substr(open + 1, close - open - 1));
    out.text = row.substr(0, open);
    return std::nullopt;
}

bool same_letters(std::string_view a, std::string_view lower) {
    if (a.size() != lower.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if ((a[i] >= 'A' && a[i] <= 'Z' ? static_cast<char>(a[i] + 32) : a[i]) != lower[i]) return false;
    return true;
}

Refused read_stm(std::string_view row, Utterance& out) {
    auto rest = row;
    const auto file = next_field(rest), channel = next_field(rest);
    out.speaker = next_field(rest);
    const auto begin = next_field(rest), end = next_field(rest);
    if (end.empty() || channel.empty()) return TranscriptRefusal::columns;
    const auto from = number(begin), to = number(end);
    if (!from || !to || *to < *from) return TranscriptRefusal::bad_time;
    out.begin = *from;
    out.end = *to;
    // The segment's place in the recording is its id.
    out.id = {file.data(), static_cast<std::size_t>(end.data() + end.size() - file.data())};
    auto after = rest;
    const auto label = next_field(after);
    if (label.size() > 1 && label.front() == '<' && label.back() == '>') rest = after;
    out.text = rest;
    if (same_letters(trimmed(rest), "ignore_time_segment_in_scoring")) return TranscriptRefusal::ignored;
    return std::nullopt;
}

}  // namespace

Refused read_row(std::string_view row, const TranscriptLayout& layout, const Columns& columns, Utterance& out,
                 UtteranceScratch& scratch) {
    Refused refused;
    out.markup = layout.markup;
    out.speaker = {};
    switch (layout.format) {
        case TranscriptFormat::trn: refused = read_trn(row, out); break;
        case TranscriptFormat::stm: refused = read_stm(row, out); break;
        case TranscriptFormat::delimited: refused = read_delimited(row, layout, columns, out, scratch); break;
        case TranscriptFormat::json_lines: refused = read_json(row, layout, out, scratch); break;
        case TranscriptFormat::plain:
            scratch.id = std::to_string(out.line);
            out.id = scratch.id;
            out.text = row;
            break;
        case TranscriptFormat::ctm: return TranscriptRefusal::columns;  // its rows are words
    }
    if (refused) return refused;
    if (out.id.empty()) return TranscriptRefusal::no_id;
    if (out.speaker.empty()) out.speaker = speaker_of(out.id, layout.speakers);
    return std::nullopt;
}

Refused read_ctm_row(std::string_view row, CtmRow& out) {
    auto rest = row;
    const auto file = next_field(rest), channel = next_field(rest), begin = next_field(rest),
               length = next_field(rest), word = next_field(rest);
    if (word.empty()) return TranscriptRefusal::columns;
    out.name = {file.data(), static_cast<std::size_t>(channel.data() + channel.size() - file.data())};
    out.word.offset = static_cast<std::uint64_t>(word.data() - row.data());
    out.word.length = static_cast<std::uint32_t>(word.size()) & 0x0FFFFFFF;
    auto kind = CtmKind::word;
    if (same_letters(word, "<alt_begin>")) kind = CtmKind::begin;
    if (same_letters(word, "<alt>")) kind = CtmKind::next;
    if (same_letters(word, "<alt_end>")) kind = CtmKind::end;
    out.word.kind = static_cast<std::uint32_t>(kind) & 0xF;
    out.word.middle = 0;
    if (kind != CtmKind::word) return std::nullopt;
    const auto from = number(begin), during = number(length);
    if (!from || !during || *during < 0) return TranscriptRefusal::bad_time;
    out.word.middle = *from + *during / 2;
    return std::nullopt;
}

}  // namespace contrechamp::transcripts
