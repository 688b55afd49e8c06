// Links, hashtags and mentions of a post, and the one form of a link under which two posts share it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace contrechamp::coordination {

// The form of a link for comparing; empty when it is no http(s) link (www.… counts as one). Scheme, name and
// password, www., m. and mobile., port 80 and 443, the fragment (but #!…), closing slashes and parameters
// that only track (kTracking in canonical.cpp) are left out; host in lower case (case folding for names that
// are not ASCII, which are not turned into Punycode); parameters sorted; %41 becomes A, and what may not
// stand in a link as it is becomes %XX in capitals. twitter.com becomes x.com; youtu.be/ID,
// youtube.com/shorts/ID and their kin become youtube.com/watch?v=ID. Short links (bit.ly, t.co) stay as they
// are: nothing is looked up. canonical_link("https://" + out) gives `out` again.
void canonical_link(std::string_view url, std::string& out);

// Host of a canonical link, without its port.
std::string_view link_domain(std::string_view canonical);

// What a text names, in order, with repetitions; `out` is cleared first and views `text` (UTF-8, or
// anything). Links as they are written, from http://, https:// or www. up to where prose goes on: closing
// punctuation and a bracket that was not opened in the link do not belong to it.
void extract_links(std::string_view text, std::vector<std::string_view>& out);
// Without the #: letters, marks, digits and _ of any script, at least one letter among them. Not inside
// links.
void extract_hashtags(std::string_view text, std::vector<std::string_view>& out);
// Without the @: name, or name@server. E-mail addresses are none. Not inside links.
void extract_mentions(std::string_view text, std::vector<std::string_view>& out);

// One quick look before the three above: where one is false, that one finds nothing.
struct MayBeNamed {
    bool links = false, hashtags = false, mentions = false;
};
MayBeNamed what_may_be_named(std::string_view text);

}  // namespace contrechamp::coordination
