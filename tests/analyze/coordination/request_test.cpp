// Requests: what is written is read again, and what a request does not say is refused.
#include "analyze/coordination/request.h"

#include "kit/hostile.h"

namespace contrechamp::coordination {
namespace {

Request sample_request() {
    Request out;
    RequestInput input;
    input.sha256 = std::string(64, 'a');
    input.role = "posts";
    input.name = "posts.csv";
    input.layout.map = {{PostField::account, {"user"}}, {PostField::text, {"text"}}};
    out.inputs.push_back(input);
    input.role = "profiles";
    input.layout.container = PostContainer::json_array;
    input.layout.start = 1;
    out.inputs.push_back(input);
    out.windows = {10, 2'592'000};
    out.fewest_objects = 9999;
    out.alpha = 0.001;
    out.null = Null::bicm;
    out.of_public_interest = {"anna", "\xc3\xa9lise"};
    out.ordinary = {"b"};
    out.disclosed = {"c", "d"};
    out.seed = 77;
    return out;
}

TEST(Request, IsReadAsItWasWritten) {
    const auto request = sample_request();
    const auto bytes = request.to_bytes();
    const auto again = Request::from_bytes(bytes, "R");
    ASSERT_OK(again);
    EXPECT_EQ(again->to_bytes(), bytes);
    ASSERT_EQ(again->inputs.size(), 2u);
    EXPECT_EQ(again->inputs[1].layout.start, 1u);
    EXPECT_EQ(again->windows, request.windows);
    EXPECT_EQ(again->fewest_objects, 9999u);
    EXPECT_DOUBLE_EQ(again->alpha, 0.001);
    EXPECT_EQ(again->null, Null::bicm);
    EXPECT_EQ(again->of_public_interest, request.of_public_interest);
    EXPECT_EQ(again->ordinary, request.ordinary);
    EXPECT_EQ(again->disclosed, request.disclosed);
    EXPECT_EQ(again->seed, 77u);
}

TEST(Request, RefusesWhatCannotBeAsked) {
    const auto bytes = sample_request().to_bytes();
    const auto refused = [&](const std::string& what, const std::string& by) {
        auto changed = bytes;
        const auto at = changed.find(what);
        ASSERT_NE(at, std::string::npos) << what;
        changed.replace(at, what.size(), by);
        EXPECT_FALSE(Request::from_bytes(changed, "R")) << by;
    };
    refused("[10,2592000]", "[10,2592001]");
    refused("[10,2592000]", "[60,10]");
    refused("[10,2592000]", "[60,60]");
    refused("[10,2592000]", "[-1]");
    refused("[10,2592000]", "[\"60\"]");
    refused("[10,2592000]", "[]");
    refused("[10,2592000]", "[1,2,3,4,5]");
    refused("\"fewest_objects\":9999", "\"fewest_objects\":0");
    refused("\"fewest_objects\":9999", "\"fewest_objects\":10000");
    refused("\"alpha_thousandths\":1,", "\"alpha_thousandths\":501,");
    refused("\"bicm\"", "\"else\"");
    refused("\"role\":\"posts\"", "\"role\":\"else\"");
    refused(std::string(64, 'a'), std::string(63, 'a'));
    refused("\"is\":\"settings\"", "\"is\":\"unknown\"");
}

TEST(Request, WindowsAsPeopleWriteThem) {
    EXPECT_EQ(parse_window("10").value_or(0), 10u);
    EXPECT_EQ(parse_window("90s").value_or(0), 90u);
    EXPECT_EQ(parse_window("5m").value_or(0), 300u);
    EXPECT_EQ(parse_window("2h").value_or(0), 7200u);
    EXPECT_EQ(parse_window("30d").value_or(0), 2'592'000u);
    for (const auto* wrong : {"", "s", "5x", "31d", "5 m", "-1s", "5mm", "99999999999"})
        EXPECT_FALSE(parse_window(wrong)) << wrong;
    for (const std::uint32_t seconds : {1u, 60u, 90u, 3600u, 86400u, 5400u})
        EXPECT_EQ(parse_window(window_name(seconds)).value_or(0), seconds);
}

}  // namespace
}  // namespace contrechamp::coordination
