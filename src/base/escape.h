// Text that came from evidence is hostile. Each way out of the program has its escape here, and nothing
// prints, writes HTML or writes CSV without it. SQL never sees text: values are bound.
#pragma once

#include <string>
#include <string_view>

namespace contrechamp {

// Valid UTF-8 as it is; each byte that is not part of a valid sequence becomes U+FFFD.
std::string to_valid_utf8(std::string_view bytes);
bool is_valid_utf8(std::string_view bytes);

// For a terminal: control characters (C0, DEL, C1), line and paragraph separators and every character that
// changes the direction or visibility of text (bidirectional controls, zero-width, fillers, tags) come out as
// visible \u{HEX}. A line stays one line.
std::string for_terminal(std::string_view text);

// For HTML text and double-quoted attributes: the same invisible characters made visible, then & < > " '
// escaped.
std::string for_html(std::string_view text);

// One CSV field (RFC 4180), on one line: the same characters made visible as on a terminal. A field that a
// spreadsheet would take for a formula (= + - @ first) gets a leading apostrophe; numbers such as -3 or +1.5
// are left as they are.
std::string for_csv(std::string_view text);

// JSON text, canonical or not, made safe to show: the same characters become \uXXXX escapes, which mean the
// same to whoever reads it as JSON.
std::string for_json(std::string_view json);

// A file name made of evidence or of a user's words: letters, digits, dot, dash and underscore; never empty.
std::string for_file_name(std::string_view text);

// For --plain: the letters French needs lose their accents, typographic signs become their ASCII kin, the
// rest "?".
std::string to_ascii(std::string_view text);

// A word as a POSIX shell reads it back: as it is when it is plain, else in single quotes.
std::string for_shell(std::string_view text);

// How many columns `text` takes on a terminal, by code point (wide East Asian characters count 2).
std::size_t display_width(std::string_view text);

}  // namespace contrechamp
