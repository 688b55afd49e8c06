// Every schema, on a small sample written from its documentation.
#include "base/json.h"
#include "formats/posts_kit.h"

namespace contrechamp {
namespace {

using testing::guessed;
using testing::rows_of;
using testing::said;
using Rows = std::vector<std::string>;
constexpr auto kPosts = PostKind::posts;
constexpr auto kProfiles = PostKind::profiles;

const std::string kTweetV1 =
    R"({"created_at":"Wed Oct 10 20:19:24 +0000 2018","id":1050118621198921728,"id_str":"1050118621198921728","full_text":"Hi &amp; \u00e9\ud83d\ude00","source":"web","in_reply_to_status_id_str":"7","in_reply_to_user_id_str":"8","user":{"id_str":"6253282","screen_name":"api","name":"API"},"retweeted_status":{"id_str":"99","user":{"id_str":"1"},"full_text":"no"},"entities":{"hashtags":[{"text":"a"},{"text":"b"}],"urls":[{"url":"https://t.co/x","expanded_url":"https://ex.org/1"}],"user_mentions":[{"id_str":"5"}],"media":[{"media_url_https":"https://m/1.jpg"}]}})";
const char* const kTweetV1Said =
    "id=1050118621198921728 account=6253282 name=api display=API text=Hi &amp; é😀 "
    "time=Wed Oct 10 20:19:24 +0000 2018 repost=99 reply=7 reply_account=8 links=[https://ex.org/1] "
    "hashtags=[a,b] mentions=[5] media=[https://m/1.jpg] application=web at 1539202764";

TEST(PostSchemas, TwitterV1) {
    EXPECT_EQ(guessed(kTweetV1).schema, "twitter-v1");
    EXPECT_EQ(said(kTweetV1), Rows{kTweetV1Said});
    EXPECT_EQ(said(kTweetV1 + "\n" + kTweetV1 + "\n"), (Rows{kTweetV1Said, kTweetV1Said}));
    EXPECT_EQ(said("[" + kTweetV1 + ",\n " + kTweetV1 + "]"), (Rows{kTweetV1Said, kTweetV1Said}));
    EXPECT_EQ(said("{\"meta\": {\"n\": 2}, \"statuses\": [" + kTweetV1 + "], \"x\": [1]}"),
              Rows{kTweetV1Said});
}

TEST(PostSchemas, TwitterV2) {
    const std::string tweet =
        R"({"id":"3","author_id":"12345678901234567890123","created_at":"2018-10-10T20:19:24.000Z","text":"RT","referenced_tweets":[{"type":"quoted","id":"1"},{"id":"2","type":"retweeted"}],"entities":{"urls":[{"expanded_url":"https://e/1"},{"expanded_url":"https://e/2"}],"hashtags":[{"tag":"x"}],"mentions":[{"username":"u","id":"4"}]},"attachments":{"media_keys":["3_1","3_2"]}})";
    const std::string reply =
        R"({"id":"4","author_id":"9","created_at":"2018-10-10T20:19:24Z","text":"no","in_reply_to_user_id":"5","referenced_tweets":[{"type":"replied_to","id":"6"}]})";
    const Rows expected = {
        "id=3 account=12345678901234567890123 text=RT time=2018-10-10T20:19:24.000Z repost=2 "
        "links=[https://e/1,https://e/2] "
        "hashtags=[x] mentions=[4] media=[3_1,3_2] at 1539202764",
        "id=4 account=9 text=no time=2018-10-10T20:19:24Z reply=6 reply_account=5 at 1539202764"};
    EXPECT_EQ(guessed(tweet).schema, "twitter-v2");
    EXPECT_EQ(said(tweet + "\n" + reply), expected);
    EXPECT_EQ(said("{\"data\":[" + tweet + "," + reply +
                   "],\"includes\":{\"users\":[{\"id\":\"9\"}]},\"meta\":{}}"),
              expected);
    // A page a line, as twarc2 writes them.
    const std::string page = "{\"data\":[" + tweet + "],\"meta\":{}}\n";
    const auto pages = guess_post_layout(page + page, kPosts, {}, "F");
    ASSERT_FALSE(pages);
    EXPECT_NE(pages.error().todo.en.find("twarc2 flatten"), std::string::npos);
}

TEST(PostSchemas, TwitterArchive) {
    const std::string archive =
        "window.YTD.tweets.part0 = [\n  {\n    \"tweet\" : {\n \"id_str\" : \"5\", \"full_text\" : "
        "\"Hello\", \"created_at\" : \"Wed Oct 10 20:19:24 +0000 "
        "2018\", \"entities\":{\"urls\":[]} }\n  }\n]";
    const auto nobody = guess_post_layout(archive, kPosts, {}, "F");
    ASSERT_FALSE(nobody);
    EXPECT_NE(nobody.error().todo.en.find("--map account==NAME"), std::string::npos);
    EXPECT_EQ(said(archive, kPosts, {{PostField::account, "=Anne"}}),
              Rows{"id=5 account=Anne text=Hello time=Wed Oct 10 20:19:24 +0000 2018 at 1539202764"});
}

TEST(PostSchemas, Mastodon) {
    const std::string status =
        R"({"id":"103","uri":"https://m.org/users/a/statuses/103","created_at":"2018-10-10T20:19:24.000Z","in_reply_to_id":"101","in_reply_to_account_id":"2","content":"<p>Caf&eacute; &lt;3 <a href=\"https://ex.org/abc?x=1&amp;y\" class=\"u\"><span class=\"invisible\">https://</span><span class=\"ellipsis\">ex.org/ab</span><span class=\"invisible\">c</span></a><br />line</p><p><a href=\"https://m.org/@b\">@<span>b</span></a> a < b</p>","reblog":null,"application":{"name":"Web"},"account":{"id":"1","username":"a","acct":"a@m.org","display_name":"A"},"media_attachments":[],"mentions":[{"acct":"b"}],"tags":[{"name":"t"}],"card":{"url":"https://ex.org/abc"}})";
    EXPECT_EQ(guessed(status).schema, "mastodon");
    EXPECT_EQ(said("[" + status + "]"),
              Rows{"id=https://m.org/users/a/statuses/103 account=a@m.org name=a display=A text=Café <3 "
                   "https://ex.org/abc\nline\n@b a < b "
                   "time=2018-10-10T20:19:24.000Z reply=101 reply_account=2 links=[https://ex.org/abc] "
                   "hashtags=[t] mentions=[b] application=Web "
                   "at 1539202764"});
}

TEST(PostSchemas, ActivityPubOutbox) {
    const std::string outbox =
        R"({"@context":["https://www.w3.org/ns/activitystreams",{"x":"y"}],"id":"https://m/outbox","type":"OrderedCollectionPage","orderedItems":[
 {"id":"https://m/1/activity","type":"Create","actor":"https://m/users/a","published":"2018-10-10T20:19:24Z","to":["x"],"object":{"id":"https://m/1","type":"Note","inReplyTo":"https://n/7","content":"<p>Hi</p>","published":"2018-10-10T20:19:24Z","tag":[{"type":"Hashtag","name":"#t"},{"type":"Mention","href":"https://n/users/b","name":"@b"}],"attachment":[{"url":"https://m/1.png"}]}},
 {"id":"https://m/2/activity","type":"Announce","actor":"https://m/users/a","published":"2018-10-10T20:20:24Z","object":"https://n/9"}]})";
    EXPECT_EQ(guessed(outbox).schema, "activitypub");
    EXPECT_EQ(said(outbox), (Rows{"id=https://m/1 account=https://m/users/a text=Hi "
                                  "time=2018-10-10T20:19:24Z reply=https://n/7 hashtags=[#t] "
                                  "mentions=[https://n/users/b] media=[https://m/1.png] at 1539202764",
                                  "id=https://m/2/activity account=https://m/users/a "
                                  "time=2018-10-10T20:20:24Z repost=https://n/9 at 1539202824"}));
}

TEST(PostSchemas, Bluesky) {
    const std::string post =
        R"({"uri":"at://did:plc:a/app.bsky.feed.post/1","cid":"c","author":{"did":"did:plc:a","handle":"a.bsky.social","displayName":"A"},"record":{"$type":"app.bsky.feed.post","text":"Hi","createdAt":"2018-10-10T20:19:24.123Z","reply":{"parent":{"uri":"at://p"},"root":{"uri":"at://r"}},"facets":[{"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"t"}]},{"features":[{"$type":"app.bsky.richtext.facet#mention","did":"did:plc:m"}]}],"embed":{"external":{"uri":"https://e/1"}}}})";
    const std::string expected =
        "id=at://did:plc:a/app.bsky.feed.post/1 account=did:plc:a name=a.bsky.social display=A text=Hi "
        "time=2018-10-10T20:19:24.123Z reply=at://p links=[https://e/1] hashtags=[t] mentions=[did:plc:m] at "
        "1539202764";
    EXPECT_EQ(said(post + "\n" + post), (Rows{expected, expected}));
    const auto feed =
        "{\"feed\":[{\"post\":" + post + "},{\"post\":" + post +
        R"(,"reason":{"$type":"app.bsky.feed.defs#reasonRepost","by":{"did":"did:plc:z","handle":"z"},"indexedAt":"2018-10-10T20:20:24Z"}}],"cursor":"x"})";
    EXPECT_EQ(guessed(feed).schema, "bluesky-feed");
    const auto rows = said(feed);
    ASSERT_EQ(rows.size(), 2);
    EXPECT_EQ(rows[0], expected);
    EXPECT_EQ(rows[1],
              "id=at://did:plc:a/app.bsky.feed.post/1 account=did:plc:z name=z display=A text=Hi "
              "time=2018-10-10T20:20:24Z "
              "repost=at://did:plc:a/app.bsky.feed.post/1 reply=at://p links=[https://e/1] hashtags=[t] "
              "mentions=[did:plc:m] at 1539202824");
}

TEST(PostSchemas, Reddit) {
    const std::string listing =
        R"({"kind":"Listing","data":{"after":null,"dist":2,"children":[{"kind":"t3","data":{"name":"t3_a","author":"u","created_utc":1539202764.0,"title":"T","selftext":"","url":"https://e/1"}},{"kind":"t1","data":{"name":"t1_b","author":"v","created_utc":1539202765,"body":"B","parent_id":"t3_a"}}]}})";
    EXPECT_EQ(guessed(listing).schema, "reddit");
    EXPECT_EQ(said(listing),
              (Rows{"id=t3_a account=u name=u text=T time=1539202764.0 links=[https://e/1] at 1539202764",
                    "id=t1_b account=v name=v text=B time=1539202765 reply=t3_a at 1539202765"}));
}

TEST(PostSchemas, CrowdTangleAndMetaContentLibrary) {
    const std::string crowdtangle =
        "Page Name,User Name,Facebook Id,Post Created,Type,URL,Message,Link,Final Link\n"
        "\"P, Q\",pq,123,2021-06-16 22:04:51 CEST,Link,https://fb/1,\"He said \"\"hi\"\"\",https://e/1,\n";
    EXPECT_EQ(guessed(crowdtangle).schema, "crowdtangle");
    EXPECT_EQ(said(crowdtangle), Rows{"id=https://fb/1 account=123 name=pq display=P, Q text=He said \"hi\" "
                                      "time=2021-06-16 22:04:51 CEST "
                                      "links=[https://e/1] at 1623873891"});
    const std::string meta =
        "id,post_owner.id,post_owner.name,creation_time,text,link_attachment.link,hashtags\n"
        "1,2,N,2018-10-10 20:19:24,T,https://e/1,\"[\"\"a\"\",\"\"b\"\"]\"\n";
    EXPECT_EQ(guessed(meta).schema, "meta-content-library");
    EXPECT_EQ(said(meta), Rows{"id=1 account=2 display=N text=T time=2018-10-10 20:19:24 links=[https://e/1] "
                               "hashtags=[a,b] at 1539202764 zone-assumed"});
    EXPECT_EQ(said(R"({"id":"1","post_owner":{"id":"2"},"creation_time":"1539202764","text":"T"})"),
              Rows{"id=1 account=2 text=T time=1539202764 at 1539202764"});
}

TEST(PostSchemas, ToolsOfThePeers) {
    const std::string coortweet = "object_id,account_id,content_id,timestamp_share\no,a,c,1539202764\n";
    EXPECT_EQ(guessed(coortweet).schema, "coortweet");
    EXPECT_EQ(said(coortweet), Rows{"id=c account=a time=1539202764 object=o at 1539202764"});
    const std::string toolkit =
        "message_id,user_id,username,repost_id,reply_id,message,timestamp,urls\n"
        "1,2,n,,NA,NA is a word,1539202764,https://e/1 https://e/2,3\n5,6,n,7,8,m,1539202764,\n";
    EXPECT_EQ(guessed(toolkit).schema, "toolkit");
    EXPECT_EQ(said(toolkit),
              (Rows{"refused columns",
                    "id=5 account=6 name=n text=m time=1539202764 repost=7 reply=8 at 1539202764"}));
}

TEST(PostSchemas, Profiles) {
    EXPECT_EQ(said("screen_name,name,bio,created_at\na,A,\"Job @ X\",2018-10-10\n", kProfiles),
              Rows{"account=a name=a display=A bio=Job @ X created=2018-10-10 opened 1539129600"});
    EXPECT_EQ(
        said(R"({"id":"1","username":"a","name":"A","description":"d","created_at":"2018-10-10T20:19:24Z"})",
             kProfiles),
        Rows{"account=1 name=a display=A bio=d created=2018-10-10T20:19:24Z opened 1539202764"});
    EXPECT_EQ(
        said(
            R"([{"acct":"a@m","username":"a","display_name":"A","note":"<p>x &amp; y</p>","created_at":"2018-10-10T00:00:00.000Z"}])",
            kProfiles),
        Rows{"account=a@m name=a display=A bio=x & y created=2018-10-10T00:00:00.000Z opened 1539129600"});
    EXPECT_EQ(said(R"({"did":"did:plc:a","handle":"h","displayName":"D","description":"b"})", kProfiles),
              Rows{"account=did:plc:a name=h display=D bio=b"});
    EXPECT_EQ(guessed(kTweetV1, kProfiles).map.at(PostField::account).front(), "user.id_str");
}

TEST(PostLayout, CommonNamesInBothLanguages) {
    const std::string french =
        "\xef\xbb\xbfIdentifiant;Auteur;Contenu;Horodatage;Mots-dièse\r\n1;Anne;\"Bonjour; "
        "monde\";10/10/2018 20:19;#a #b\r\n";
    const auto layout = guessed(french);
    EXPECT_EQ(layout.schema, "guessed");
    EXPECT_EQ(layout.delimiter, ';');
    EXPECT_EQ(layout.start, 3);
    EXPECT_EQ(said(french), Rows{"id=1 account=Anne text=Bonjour; monde time=10/10/2018 20:19 "
                                 "hashtags=[#a,#b] at 1539202740 to-the-minute zone-assumed"});
    EXPECT_EQ(said("user\tdate\tmessage\nA\t2018-10-10 20:19:24Z\t\"not closed\nB\t2018-10-10 20:19:24Z\tx\n")
                  .size(),
              2);
    EXPECT_EQ(said(R"({"author":{"id":"7","name":"N"},"body":"b","date":"2018-10-10T20:19:24Z"})"),
              Rows{"account=7 display=N text=b time=2018-10-10T20:19:24Z at 1539202764"});
}

TEST(PostLayout, TheMapIsObeyed) {
    const std::string csv = "who,what,when\nA,hello,2018-10-10 20:19:24Z\n";
    const auto refused = guess_post_layout(csv, kPosts, {}, "F");
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().what.en.find("who, what, when"), std::string::npos) << refused.error().what.en;
    const std::map<PostField, std::string> map = {
        {PostField::account, "who"}, {PostField::text, "what"}, {PostField::time, "when"}};
    EXPECT_EQ(guessed(csv, kPosts, map).schema, "mapped");
    EXPECT_EQ(said(csv, kPosts, map), Rows{"account=A text=hello time=2018-10-10 20:19:24Z at 1539202764"});
    const auto absent = guess_post_layout(csv, kPosts, {{PostField::account, "whom"}}, "F");
    ASSERT_FALSE(absent);
    EXPECT_NE(absent.error().what.fr.find("who, what, when"), std::string::npos);
    EXPECT_FALSE(guess_post_layout(kTweetV1, kPosts, {{PostField::text, "a..b"}}, "F"));
    EXPECT_FALSE(guess_post_layout(kTweetV1, kPosts, {{PostField::text, "entities.urls[x].y"}}, "F"));
}

TEST(PostLayout, WithoutAHeaderColumnsAreNumbers) {
    EXPECT_EQ(said("A|hello\nB|bye", kPosts, {{PostField::account, "1"}, {PostField::text, "2"}}),
              (Rows{"account=A text=hello", "account=B text=bye"}));
    EXPECT_FALSE(
        guess_post_layout("A|hello\n", kPosts, {{PostField::account, "1"}, {PostField::text, "3"}}, "F"));
}

TEST(PostLayout, FormsThatAreNotReadSayWhatToDo) {
    const auto utf16 = guess_post_layout(std::string_view("\xff\xfei\0d\0,\0", 8), kPosts, {}, "F");
    ASSERT_FALSE(utf16);
    EXPECT_NE(utf16.error().todo.en.find("iconv"), std::string::npos);
    EXPECT_FALSE(guess_post_layout(std::string_view("i\0d\0,\0t\0\n\0", 10), kPosts, {}, "F"));
    EXPECT_FALSE(guess_post_layout("", kPosts, {}, "F"));
    EXPECT_FALSE(guess_post_layout(" \n\n", kPosts, {}, "F"));
    EXPECT_FALSE(guess_post_layout("\xef\xbb\xbf", kPosts, {}, "F"));
    EXPECT_FALSE(guess_post_layout("user,text\rA,b\rB,c\r", kPosts, {}, "F"));
    EXPECT_FALSE(guess_post_layout("{\"user\":\"a\",\"text\":", kPosts, {}, "F"));
}

TEST(PostLayout, MembersThatNoPathCanNameAreLeftOut) {
    const std::string row = R"({"user":"a","user..mentions":["b"],"text":"words","":1,"x[":2})"
                            "\n";
    const auto layout = guessed(row);
    EXPECT_EQ(rows_of(row, layout), Rows{"0+62 account=a text=words"});
}

TEST(PostLayout, IsWrittenDownAndReadAgain) {
    for (const auto& bytes : {kTweetV1, std::string("user;text;date\n"), "[" + kTweetV1 + "]"}) {
        const auto layout = guessed(bytes);
        const auto again = PostLayout::from_json(json::Value(layout.to_json()), "F");
        ASSERT_OK(again);
        EXPECT_EQ(json::canonical(layout.to_json()), json::canonical(again->to_json()));
        EXPECT_EQ(rows_of(bytes, layout), rows_of(bytes, *again));
    }
    for (const char* bad :
         {"{}", "3", R"({"container":"x"})", R"({"container":"delimited","delimiter":"ab"})",
          R"({"container":"json-lines","map":{"nothing":["a"]}})",
          R"({"container":"json-lines","map":{"id":[3]}})", R"({"container":"json-lines","map":{"id":[]}})",
          R"({"container":"json-lines","start":-1})"})
        EXPECT_FALSE(PostLayout::from_json(*json::parse(bad, "F"), "F")) << bad;
}

}  // namespace
}  // namespace contrechamp
