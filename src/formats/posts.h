// Exports of posts and profiles, as platforms, archives and collecting tools write them: CSV and TSV, JSON
// lines, JSON arrays. Bytes in, rows with their byte range out; nothing is concluded and no text is changed.
//
// A file is first given a PostLayout (how it is cut into rows, and which column or JSON path holds what); the
// layout is guessed from the file's beginning, shown to the person, corrected by --map, and then written down
// beside the file so that anybody reads it the same way again.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"

namespace contrechamp {

// What a row can say. The names of --map are to_string()'s.
enum class PostField : std::uint8_t {
    id,             // the post's own id
    account,        // the account's id where there is one, else its name
    name,           // the account's handle
    display,        // the name it shows
    text,           // the words of the post
    time,           // when it was posted
    repost,         // id of the post that this repeats unchanged (retweet, boost, repost)
    reply,          // id of the post that this answers
    reply_account,  // the account it answers
    links,          // URLs (many)
    hashtags,       // (many)
    mentions,       // accounts named (many)
    media,          // hashes, keys or addresses of pictures and films (many)
    object,         // whatever the person counts as "the same thing" (CooRTweet's object_id)
    bio,            // profiles: what the account says of itself
    created,        // profiles: when the account was opened
    application,    // the program it was posted with
};
inline constexpr std::size_t kPostFields = 17;
std::string_view to_string(PostField field);
std::optional<PostField> post_field(std::string_view name);
bool is_list(PostField field);

enum class PostContainer : std::uint8_t { delimited, json_lines, json_array };

struct PostLayout {
    PostContainer container = PostContainer::delimited;
    char delimiter = ',';  // delimited: , ; tab or |
    bool header = true;    // delimited: the first row names the columns (else they are "1", "2", …)
    bool quotes = true;    // delimited: a cell may stand in double quotes (RFC 4180); else they are text
    bool html = false;     // text and bio are HTML (Mastodon, ActivityPub): rows give their words
    std::uint64_t start =
        0;               // byte where rows (after a header: the header) begin: past a BOM, `window.YTD… = `
    std::string schema;  // "twitter-v1", "twitter-v2", "mastodon", "bluesky", "reddit", "crowdtangle",
                         // "coortweet", "toolkit", …; "guessed" by the names; "mapped" by the person
    // For each field the columns or JSON paths to try, in order; the first that is not empty counts. A path
    // is "user.id_str"; "entities.urls[].expanded_url" takes every item,
    // "referenced_tweets[type=retweeted].id" the items that have this member, and "post.uri if reason" or
    // "object if type=Announce" counts only in rows that have the other member. "=Anne" is a constant
    // (--map account==Anne). Of columns that share a name the first counts.
    std::map<PostField, std::vector<std::string>> map;

    json::Object to_json() const;
    static Result<PostLayout> from_json(const json::Value& value, const std::string& where);
};

// What the rows are: it decides what a column called "id" or "description" means.
enum class PostKind : std::uint8_t { posts, profiles };

// From the first MiB or so. `overrides` is --map's; a field mapped to a column that is not there is an error
// that lists the columns; a value that begins with "=" is a constant. Columns are named by number ("1", "2"
// …) where the file has no header; such a file is read only with a map. Fails when no account or nothing to
// compare can be found, saying what was seen; UTF-16 is not read.
Result<PostLayout> guess_post_layout(std::string_view bytes, PostKind kind,
                                     const std::map<PostField, std::string>& overrides,
                                     const std::string& where);

// One row. Views live until the next row is read. Text is unescaped (JSON, CSV quotes, and HTML where the
// layout says so) UTF-8; bytes that are not UTF-8, and lone surrogates, are replaced by U+FFFD. JSON numbers
// are the digits that were written. In a delimited file NA, nan, None and null stand for an empty cell, but
// not in the columns of names and words.
struct PostRow {
    std::uint64_t offset = 0, length = 0;  // the row's bytes in the (decompressed) file, without its line end
    std::array<std::string_view, kPostFields> one;
    std::array<std::vector<std::string_view>, kPostFields> many;  // for is_list() fields
    UnixTime time = 0;                                            // UTC; valid when has_time
    UnixTime created = 0;
    bool has_time = false, has_created = false;
    bool to_the_minute = false;  // the clock that was written has no seconds
    bool zone_assumed = false;   // no zone was written: UTC was taken

    std::string_view operator[](PostField field) const { return one[static_cast<std::size_t>(field)]; }
    const std::vector<std::string_view>& list(PostField field) const {
        return many[static_cast<std::size_t>(field)];
    }
};

// Why a row is not used. An id of knowledge/words.yaml "refusals".
enum class Refusal : std::uint8_t {
    not_json,  // the row is not a JSON object
    cut_off,   // the file ends inside it: an open quote or bracket, or columns that are missing at its end
    columns,   // more or fewer columns than the header
    no_account,
    no_time,    // there is no time, or it is in a form that is not known, or only a day
    bad_time,   // before 1990 or after 2100
    too_long,   // over 16 MiB
    duplicate,  // an earlier row has the same post of the same account (said by who compares rows, not by the
                // reader)
};
std::string_view to_string(Refusal refusal);  // "not-json", "cut-off", …

struct RefusedRow {
    std::uint64_t offset = 0, length = 0;
    Refusal why = Refusal::not_json;
};

// Cuts the file into at most `pieces` ranges that begin and end between rows, so that they can be read side
// by side. Together they hold every row; reading them gives the same rows as reading { 0, size } at once.
// JSON lines cost nothing; delimited files one search for quotes; JSON arrays one scan.
struct RowRange {
    std::uint64_t begin = 0, end = 0;
};
// `scanned` is told now and then up to which byte a delimited file was read, so that a mapped file's pages
// can be let go.
std::vector<RowRange> split_rows(std::string_view bytes, const PostLayout& layout, std::size_t pieces,
                                 const std::function<void(std::uint64_t)>& scanned = {});

// Reads the rows of one range, in order. Every row of the range reaches exactly one of the two sinks. Any
// bytes are safe. posts without a time are refused when the layout maps `time`; without such a column
// has_time stays false. Fails only when the layout does not fit the file (a column or a path that cannot be
// read). Memory: the longest row, a few times.
struct PostSinks {
    std::function<void(const PostRow&)> row;
    std::function<void(const RefusedRow&)> refused;
};
Status read_post_rows(std::string_view bytes, const PostLayout& layout, RowRange range,
                      const PostSinks& sinks);

// Where the row that begins at `begin` ends: behind its last byte, before its line end. What the readers give
// as offset + length.
std::uint64_t end_of_row(std::string_view bytes, const PostLayout& layout, std::uint64_t begin);

// Times as exports write them: RFC 3339 with any offset or fraction, "2018-10-10 20:19[:24]", "10/10/2018
// 20:19" only where the day cannot be the month, Twitter's "Wed Oct 10 20:19:24 +0000 2018", RFC 2822, Unix
// seconds, milliseconds or microseconds by their size; AM and PM; offsets, and names of zones that mean one
// thing (CEST, EDT …; not IST). A fraction of a second is cut.
struct PostTime {
    UnixTime time = 0;
    bool to_the_minute = false, zone_assumed = false;
};
std::optional<PostTime> parse_post_time(std::string_view text);

}  // namespace contrechamp
