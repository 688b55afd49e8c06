// What a report shows of accounts that act together besides its observations: rows of the coordination
// analyzer's tables, of accounts in communities only, and no more than is drawn. Account ids stay behind; a
// name is kept where the person listed the account as of public interest.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "evidence/index.h"

namespace contrechamp {

// Bounds of what is drawn; what they leave out is said in words beside the drawing.
inline constexpr std::size_t kMostNodes = 400;
inline constexpr std::size_t kMostTies = 1200;
inline constexpr std::size_t kMostFigures = 40;  // communities with an activity drawing and a template table
inline constexpr std::size_t kMostRasterRows = 60;
inline constexpr std::size_t kMostRasterColumns = 168;
inline constexpr std::size_t kMostTemplateRows = 60;
inline constexpr std::size_t kMostSlots = 24;  // of a template

// Hides who is meant in words that are quoted: names of the communities' accounts become what the report
// calls them, mentions and addresses lose their name.
class Veil {
  public:
    void add(std::string_view name, const std::string& shown);
    std::string operator()(std::string_view text) const;

  private:
    std::map<std::string, std::string, std::less<>> names_;  // in small letters
};

struct CoordinationAccount {
    std::string shown;   // its pseudonym, or its name when `named`
    bool named = false;  // of public interest, says the person
    std::int64_t posts = 0, evidence = 0;
};

struct CoordinationTie {
    std::uint32_t a = 0, b = 0;  // indexes of accounts
    unsigned layers = 0;         // in how many behaviours
    std::int64_t objects = 0;    // of the behaviour with most
};

// Who posted when: equal bins from `start`.
struct ActivityGrid {
    struct Row {
        std::uint32_t account = 0;
        std::vector<std::uint32_t> posts, evidence;  // one a column
    };
    UnixTime start = 0;
    std::int64_t bin = 3600;  // seconds
    std::size_t columns = 0;
    std::vector<Row> rows;  // in the accounts' order
    std::size_t rows_left_out = 0;
    bool cut = false;  // posts before or after are not drawn
};

struct CoordinationTemplate {
    std::string of, pattern;
    struct Member {
        std::uint32_t account = 0;
        std::vector<std::string> values;
    };
    std::vector<Member> members;
    std::size_t members_left_out = 0;
};

struct CoordinationCommunity {
    std::string key, label;
    std::vector<std::uint32_t> accounts;  // in the table's order
    ActivityGrid activity;                // no columns: not drawn
    std::vector<CoordinationTemplate> templates;
};

struct Coordination {
    std::vector<CoordinationCommunity> communities;  // in the observations' order
    std::vector<CoordinationAccount> accounts;
    std::map<std::string, std::string> shown_of;    // by pseudonym
    std::vector<std::vector<std::uint32_t>> drawn;  // accounts in the network, by community; empty: not drawn
    std::vector<CoordinationTie> ties;              // among those, strongest first
    std::size_t ties_left_out = 0;
    Veil veil;

    const CoordinationCommunity* community(std::string_view key) const;
};

// Empty, and nothing read, when no observation speaks of a community.
Result<Coordination> read_coordination(const Index& index, const std::vector<Observation>& observations);

}  // namespace contrechamp
