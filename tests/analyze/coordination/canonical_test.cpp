// Links in their one form, and what is taken out of a text.
#include "analyze/coordination/canonical.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace contrechamp::coordination {
namespace {

std::string canonical(std::string_view url) {
    std::string out = "before";
    canonical_link(url, out);
    return out;
}

TEST(CanonicalLink, OneForm) {
    EXPECT_EQ(canonical("https://www.Example.org/"), "example.org");
    EXPECT_EQ(canonical("HTTP://m.example.org:80/a/b/"), "example.org/a/b");
    EXPECT_EQ(canonical("https://mobile.example.org:443/A?b=2&a=1#part"), "example.org/A?a=1&b=2");
    EXPECT_EQ(canonical("http://example.org:8080/x"), "example.org:8080/x");
    EXPECT_EQ(canonical("www.example.org/x"), "example.org/x");
    EXPECT_EQ(canonical("https://user:word@example.org./x"), "example.org/x");
    EXPECT_EQ(canonical("https://example.org/#!/page"), "example.org#!/page");
    EXPECT_EQ(canonical("https://example.org/#!"), "example.org");
    EXPECT_EQ(canonical("  https://example.org \n"), "example.org");
    EXPECT_EQ(canonical("https://[2001:DB8::1]:8080/x"), "[2001:db8::1]:8080/x");
    EXPECT_EQ(canonical("https://BÜCHER.example/é"), "bücher.example/%C3%A9");
    EXPECT_EQ(canonical("https://m.com/x"), "m.com/x");
}

TEST(CanonicalLink, PercentEncoding) {
    EXPECT_EQ(canonical("https://x.org/%41%2d%7e%c3%a9%2F"), "x.org/A-~%C3%A9%2F");
    EXPECT_EQ(canonical("https://x.org/100%"), "x.org/100%25");
    EXPECT_EQ(canonical("https://x.org/a b"), "x.org/a%20b");
    EXPECT_EQ(canonical("https://x.org/?q=%26&r"), "x.org?q=%26&r");
    EXPECT_EQ(canonical("https://x.org/%%34%31"), "x.org/%2541");
}

TEST(CanonicalLink, TrackingIsLeftOut) {
    EXPECT_EQ(canonical("https://x.org/a?utm_source=t&id=7&fbclid=x&UTM_Medium=y&gclid=1"), "x.org/a?id=7");
    EXPECT_EQ(canonical("https://x.org/a?%75tm_source=t"), "x.org/a");
    EXPECT_EQ(canonical("https://news.example/a?mc_cid=1&mc_eid=2&igshid=3&ref_src=4"), "news.example/a");
    EXPECT_EQ(canonical("https://twitter.com/a/status/1?s=20&t=abc"), "x.com/a/status/1");
    EXPECT_EQ(canonical("https://shop.example/?s=boots&t=1"), "shop.example?s=boots&t=1");
    EXPECT_EQ(canonical("https://notx.com/?s=1"), "notx.com?s=1");
    EXPECT_EQ(canonical("https://open.spotify.com/track/1?si=abc"), "open.spotify.com/track/1");
    EXPECT_EQ(canonical("https://x.org/a?utmost=1&gclidx=2"), "x.org/a?gclidx=2&utmost=1");
    EXPECT_EQ(canonical("https://x.org/a?&&a=1&&"), "x.org/a?a=1");
}

TEST(CanonicalLink, OneVideo) {
    const std::string one = "youtube.com/watch?v=dQw4w9WgXcQ";
    for (const auto* url :
         {"https://youtu.be/dQw4w9WgXcQ?si=abc", "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=42s",
          "http://m.youtube.com/watch?feature=share&v=dQw4w9WgXcQ", "https://youtube.com/shorts/dQw4w9WgXcQ/",
          "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ", "https://youtube.com/live/dQw4w9WgXcQ"})
        EXPECT_EQ(canonical(url), one) << url;
    EXPECT_EQ(canonical("https://youtu.be/"), "youtu.be");
    EXPECT_EQ(canonical("https://youtube.com/@channel"), "youtube.com/@channel");
    EXPECT_EQ(canonical("https://youtube.com/watch?v=a"), canonical("https://youtu.be/a"));
    EXPECT_NE(canonical("https://youtube.com/watch?v=a"), canonical("https://youtube.com/watch?v=A"));
}

TEST(CanonicalLink, ShortLinksStay) {
    EXPECT_EQ(canonical("https://bit.ly/3AbC"), "bit.ly/3AbC");
    EXPECT_EQ(canonical("https://t.co/AbC"), "t.co/AbC");
}

TEST(CanonicalLink, NoLink) {
    for (const auto* text : {"", "x", "example.org", "ftp://x.org", "javascript:alert(1)", "https://",
                             "https:///x", "https://?a", "mailto:a@b.c", "http://a b.c/",
                             "https://x.org:port/", "https://a<b>.c", "https://℀.org"})
        EXPECT_EQ(canonical(text), "") << text;
}

TEST(CanonicalLink, AgainChangesNothing) {
    static const std::vector<std::string> kPieces = {
        "www.", "m.", "mobile.", "x",   ".com",    "youtu.be", "youtube.com", "/",          "//",   "?",
        "#",    "#!", "&",       "=",   "%41",     "%",        "%2f",         "é",          "\xff", ":",
        ":80",  "@",  " ",       "v=a", "utm_a=1", "s=1",      "[",           "]",          "\\",   ".",
        "~",    "+",  "shorts/", "ID",  "Ａ",      "℀",        "-",           "twitter.com"};
    std::mt19937_64 random(5);
    int links = 0;
    for (int i = 0; i < 200000; ++i) {
        std::string url = "https://";
        for (auto left = random() % 10; left > 0; --left) url += kPieces[random() % kPieces.size()];
        const auto once = canonical(url);
        if (once.empty()) continue;
        ++links;
        ASSERT_EQ(canonical("https://" + once), once) << url;
        const auto domain = link_domain(once);
        ASSERT_TRUE(once.starts_with(domain) && !domain.empty()) << url;
    }
    EXPECT_GT(links, 20000);
}

TEST(LinkDomain, HostWithoutPort) {
    EXPECT_EQ(link_domain("example.org/a?b"), "example.org");
    EXPECT_EQ(link_domain("example.org:8080/a"), "example.org");
    EXPECT_EQ(link_domain("example.org?a:b"), "example.org");
    EXPECT_EQ(link_domain("[2001:db8::1]:8080/x"), "[2001:db8::1]");
    EXPECT_EQ(link_domain(""), "");
}

using Extract = void (*)(std::string_view, std::vector<std::string_view>&);
std::vector<std::string> all(Extract extract, std::string_view text) {
    std::vector<std::string_view> views = {"before"};
    extract(text, views);
    return {views.begin(), views.end()};
}
using List = std::vector<std::string>;

TEST(Extract, Links) {
    EXPECT_EQ(all(extract_links, "a https://x.org/a, (http://y.org/b_(c)) www.z.org. end"),
              (List{"https://x.org/a", "http://y.org/b_(c)", "www.z.org"}));
    EXPECT_EQ(all(extract_links, "wordhttps://t.co/a…https://t.co/b"),
              (List{"https://t.co/a", "https://t.co/b"}));
    EXPECT_EQ(all(extract_links, "[https://x.org] <https://y.org> \"HTTPS://Z.org\"!"),
              (List{"https://x.org", "https://y.org", "HTTPS://Z.org"}));
    EXPECT_EQ(all(extract_links, "ftp://a.b http:// www. xwww.a.b https://! ://www.x.org http://ok.org"),
              (List{"www.x.org", "http://ok.org"}));
    EXPECT_EQ(all(extract_links, "看https://t.co/x你 https://fr.wikipedia.org/wiki/Évian»"),
              (List{"https://t.co/x", "https://fr.wikipedia.org/wiki/Évian"}));
    EXPECT_EQ(all(extract_links, "https://x.org/?u=http://y.org"), (List{"https://x.org/?u=http://y.org"}));
    EXPECT_EQ(all(extract_links, "ftp://x http://a.b www.c.d"), (List{"http://a.b", "www.c.d"}));
}

TEST(Extract, Hashtags) {
    EXPECT_EQ(all(extract_hashtags, "#one, #Deux! (#three_3) #été #2024 ##x #_ # #"),
              (List{"one", "Deux", "three_3", "été", "x"}));
    EXPECT_EQ(all(extract_hashtags, "#привет #日本語タグ ＃全角 #हिन्दी #مرحبا #می\xe2\x80\x8cروم"),
              (List{"привет", "日本語タグ", "全角", "हिन्दी", "مرحبا", "می\xe2\x80\x8cروم"}));
    EXPECT_EQ(all(extract_hashtags, "a#b &#39; https://x.org/#frag www.x.org/#y #z"), (List{"z"}));
    EXPECT_EQ(all(extract_hashtags, "#️⃣ #👍 #a👍b #ok\xff"), (List{"a", "ok"}));
    EXPECT_EQ(all(extract_hashtags, "#a#b"), (List{"a"}));
}

TEST(Extract, Mentions) {
    EXPECT_EQ(all(extract_mentions, "@one, .@Two_2: (@three) @a.b@server.social! @alice.bsky.social."),
              (List{"one", "Two_2", "three", "a.b@server.social", "alice.bsky.social"}));
    EXPECT_EQ(all(extract_mentions, "bob@example.org é@x @ @! @bob@x @my-site.org @bob-great"),
              (List{"bob", "my-site.org", "bob"}));
    EXPECT_EQ(all(extract_mentions, "https://mastodon.social/@user @real"), (List{"real"}));
    EXPECT_EQ(all(extract_mentions, "これ@tanakaさん ＠wide @名前 x"), (List{"tanaka", "wide", "名前"}));
}

// Inputs made to be slow: work is counted by how far the test gets within the time limit of all tests.
TEST(Extract, HostileSizesStayLinear) {
    for (const std::string piece : {"www.", "://", "http://", "@", "#", "#a", "@a", "@a.", "@a-",
                                    "https://a)", "(", "http://a www.", "#_"}) {
        std::string text;
        while (text.size() < 1 << 20) text += piece;
        text += " https://example.org/" + std::string(1 << 18, ')');
        for (const auto extract : {extract_links, extract_hashtags, extract_mentions}) all(extract, text);
        canonical("https://a.b/" + text);
        canonical("https://" + text);
    }
}

// Wherever it stands among sixteen bytes: what is found was announced.
TEST(Extract, QuickLookMissesNothing) {
    static const std::vector<std::string> kPieces = {
        "a", "w", "www.", "WWW.", "wwW.b", "://", "http", "Https://c", ".",   "/",  ":",    "#",
        "@", "é", " ",    "  ",   "word",  "x.y", "#tag", "@b",        "＃c", "＠", "\xef", "\xbc"};
    std::mt19937_64 random(6);
    std::array<int, 3> named{}, nothing{};
    for (int i = 0; i < 60000; ++i) {
        std::string text;
        for (auto left = random() % 14; left > 0; --left) text += kPieces[random() % kPieces.size()];
        if (i % 2) text += "a text that ends with words";
        const auto may = what_may_be_named(text);
        const std::array<bool, 3> announced = {may.links, may.hashtags, may.mentions};
        const std::array found = {all(extract_links, text).size(), all(extract_hashtags, text).size(),
                                  all(extract_mentions, text).size()};
        for (std::size_t k = 0; k < 3; ++k) {
            if (found[k] > 0) ASSERT_TRUE(announced[k]) << k << ' ' << text;
            named[k] += found[k] > 0;
            nothing[k] += !announced[k];
        }
    }
    for (std::size_t k = 0; k < 3; ++k) {
        EXPECT_GT(named[k], 1000);
        EXPECT_GT(nothing[k], 1000);
    }
    const auto plain = what_may_be_named("Nothing: but words, and a full stop. Or two.");
    EXPECT_FALSE(plain.links || plain.hashtags || plain.mentions);
}

}  // namespace
}  // namespace contrechamp::coordination
