// Transcripts of speech, as scoring tools and vendors exchange them: NIST trn, stm and ctm (SCTK,
// doc/infmts.htm), CSV and TSV, JSON lines, and plain text where line N of every file is the same utterance.
// Bytes in, utterances with their place out; words are not changed and nothing is concluded.
//
// A file is first given a TranscriptLayout (guessed, corrected by the person, written down), then indexed: 32
// bytes an utterance stay in memory, and an utterance is read again from the bytes when it is asked for. Only
// a ctm file, whose utterances are spread over lines, keeps 24 bytes a word. Compressed files are opened by
// the caller (formats/compressed.h).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace contrechamp {

enum class TranscriptFormat : std::uint8_t {
    trn,         // words (id)                        one line an utterance; {a / b} and (optional) words
    stm,         // file channel speaker begin end [<labels>] words
    ctm,         // file channel begin duration word [confidence]   one line a word
    delimited,   // CSV, TSV …: columns id, speaker, text
    json_lines,  // the same as members of an object a line
    plain,       // line N is utterance N
};
std::string_view to_string(TranscriptFormat format);  // "trn", "stm", "ctm", "csv", "jsonl", "plain"
std::optional<TranscriptFormat> transcript_format(std::string_view name);  // also "tsv", "json", "txt"

// How the speaker is found in a file that has no column for it.
enum class SpeakerRule : std::uint8_t {
    none,    // not: the person's table says who speaks, by utterance
    spu_id,  // what stands before the id's first "-", or where there is none before its first "_" (sclite -i
             // spu_id)
    wsj,     // the id's first three characters (sclite -i wsj)
};
std::string_view to_string(SpeakerRule rule);  // "none", "spu_id", "wsj"
std::optional<SpeakerRule> speaker_rule(std::string_view name);

struct TranscriptLayout {
    TranscriptFormat format = TranscriptFormat::trn;
    char delimiter = ',';  // delimited: , ; tab or |
    bool header = true;    // delimited: the first row names the columns (else they are "1", "2", …)
    // delimited, json_lines: the column or member that holds what. `speaker` may be empty.
    std::string id, speaker, text;
    // For trn, and for rows whose speaker is empty. stm names its speaker; ctm's is "file-channel".
    SpeakerRule speakers = SpeakerRule::spu_id;
    // Whether { a / b }, (word) and word;tag have their meaning of SCTK (formats trn and stm), or are words.
    bool markup = true;
    std::uint64_t start = 0;  // byte where rows (after a header: the header) begin: past a byte order mark

    json::Object to_json() const;
    static Result<TranscriptLayout> from_json(const json::Value& value, const std::string& where);
};

// From the first MiB. `forced` is --format. `columns` maps "id", "speaker", "text" to a column or member;
// also taken: "speakers" (a SpeakerRule's name) and "markup" ("yes", "no"). Fails, saying what was seen, when
// no text or no id can be found in a table, when a named column is not there, and for UTF-16.
Result<TranscriptLayout> guess_transcript_layout(std::string_view bytes,
                                                 const std::map<std::string, std::string>& columns,
                                                 std::optional<TranscriptFormat> forced,
                                                 const std::string& where);

// Why a row is not used. "why/…" of knowledge/words.yaml has the words for it.
enum class TranscriptRefusal : std::uint8_t {
    no_id,       // no id, or brackets that cannot be told
    duplicate,   // an earlier row has the same id; the earlier one is used
    columns,     // fewer fields than the format or the header has
    not_json,    // the row is not a JSON object with a text
    bad_time,    // stm, ctm: a time is not a number, or the end stands before the beginning
    encoding,    // neither UTF-8 nor Windows-1252
    too_long,    // over 1 MiB
    cut_off,     // the file ends inside the row (an open quote)
    ignored,     // stm: IGNORE_TIME_SEGMENT_IN_SCORING
    alternates,  // ctm: <ALT> marks that do not fit together
};
std::string_view to_string(TranscriptRefusal refusal);  // "no-id", "duplicate", …

struct RefusedUtterance {
    std::uint64_t offset = 0, length = 0, line = 0;  // bytes in the (decompressed) file; line from 1
    TranscriptRefusal why = TranscriptRefusal::no_id;
};

// One utterance. Views live as long as the file's bytes and the scratch they were read with.
struct Utterance {
    std::string_view id, speaker, text;  // UTF-8
    std::uint64_t offset = 0, length = 0,
                  line = 0;     // the row (ctm: from its first word's row to its last's end)
    double begin = 0, end = 0;  // stm, ctm: seconds
    bool windows_1252 = false;  // the row was not UTF-8 and was read as Windows-1252
    bool markup = false;        // see TranscriptLayout
};

// Room for text that is not in the file as it is: unescaped, transcoded, or put together from ctm's lines.
struct UtteranceScratch {
    std::string row, id, speaker, text;
};

// The id under which rows are the same: ASCII letters in lower case (as sclite compares them), runs of white
// space as one space.
std::string folded_utterance_id(std::string_view id);

class TranscriptFile {
  public:
    // Indexes every row; `bytes` must outlive the file. Any bytes are safe. Time linear in the bytes.
    static Result<TranscriptFile> read(std::string_view bytes, const TranscriptLayout& layout,
                                       const std::string& where);
    // A ctm file's words given to the segments of an stm file, as sclite does before it aligns: a word
    // belongs to the first segment of its file and channel that ends at or after the word's middle; those in
    // ignored segments are left out. Utterances have the segments' ids and places in the ctm file. `segments`
    // must be stm and outlive the result.
    static Result<TranscriptFile> cut(const TranscriptFile& words, const TranscriptFile& segments);
    ~TranscriptFile();
    TranscriptFile(TranscriptFile&&) noexcept;
    TranscriptFile& operator=(TranscriptFile&&) noexcept;

    std::size_t size() const;  // utterances used, in the file's order
    Utterance at(std::size_t index, UtteranceScratch& scratch) const;
    std::uint64_t bytes_of(std::size_t index) const;             // about how many bytes at() reads
    std::optional<std::size_t> find(std::string_view id) const;  // by folded id
    const std::vector<RefusedUtterance>& refused() const;        // in the file's order
    // Rows in = size() + refused().size(), but for ctm, where rows are words: words used + refused().size().
    // Blank lines, comments (;;) and the header are no rows.
    std::uint64_t rows() const;
    std::uint64_t windows_1252() const;  // rows read as Windows-1252
    std::uint64_t outside()
        const;  // after cut(): words of a file or channel without a segment, or behind the last
    std::uint64_t ignored_words() const;  // after cut(): words left out with an ignored segment
    const TranscriptLayout& layout() const;

  private:
    struct Index;
    explicit TranscriptFile(std::unique_ptr<Index> index);
    std::unique_ptr<Index> index_;
};

}  // namespace contrechamp
