// Rows made by a test, as the inputs that the program reads.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

#include "analyze/coordination/corpus.h"

namespace contrechamp::coordination {

// Owns the bytes of inputs; their layouts are guessed as for a person's files.
class Files {
  public:
    Files& add(std::string bytes, PostKind kind = PostKind::posts,
               const std::map<PostField, std::string>& map = {}) {
        bytes_.push_back(std::move(bytes));
        auto layout = guess_post_layout(bytes_.back(), kind, map, "test");
        EXPECT_TRUE(layout) << (layout ? "" : layout.error().what.en + " " + layout.error().where);
        inputs_.push_back({kind, bytes_.back(), layout ? *layout : PostLayout{}});
        return *this;
    }
    const std::vector<Input>& inputs() const { return inputs_; }

  private:
    std::deque<std::string> bytes_;
    std::vector<Input> inputs_;
};

// One line of CSV, every cell in quotes.
inline std::string csv_line(const std::vector<std::string>& cells) {
    std::string out;
    for (const auto& cell : cells) {
        out += out.empty() ? "\"" : ",\"";
        for (const char c : cell) {
            if (c == '"') out += '"';
            out += c;
        }
        out += '"';
    }
    return out + "\n";
}

}  // namespace contrechamp::coordination
