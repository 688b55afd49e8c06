// What was asked: which exhibits are posts and which are profiles, how each is read, which windows, whom the
// person lists. It is an exhibit itself ("contrechamp/coordination-request", a record file;
// docs/schema/exhibits.md), so that the answer can be derived again from the case alone.
#pragma once

#include <string>
#include <vector>

#include "analyze/coordination/significance.h"
#include "formats/posts.h"

namespace contrechamp::coordination {

inline constexpr std::string_view kRequestType = "contrechamp/coordination-request";

struct RequestInput {
    std::string sha256;
    std::string role;  // "posts" or "profiles"
    std::string name;  // for people: the file's name
    PostLayout layout;
};

struct Request {
    std::vector<RequestInput> inputs;
    std::vector<std::uint32_t> windows = {60, 3600};
    std::uint32_t fewest_objects = 2;
    double alpha = 0.01;  // false-discovery rate: edges with q ≤ alpha count
    Null null = Null::shift;
    std::vector<std::string> of_public_interest;  // accounts named in the report
    std::vector<std::string> ordinary;            // accounts known to be ordinary: the control set
    std::vector<std::string> disclosed;           // accounts that say whom they speak for
    std::uint64_t seed = 1;

    // The exhibit's bytes.
    std::string to_bytes() const;
    static Result<Request> from_bytes(std::string_view bytes, const std::string& where);
};

// "60s", "10m", "1h", "2d" → seconds.
Result<std::uint32_t> parse_window(const std::string& text);
std::string window_name(std::uint32_t seconds);

}  // namespace contrechamp::coordination
