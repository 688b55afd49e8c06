// The CSV of edges (docs/schema/coordination-edges.md).
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/coordination/edges.h"
#include "base/result.h"

namespace contrechamp::cli {

// A CSV file written to a temporary name and renamed when it is whole; "-" is stdout.
class CsvFile {
  public:
    // Made before the work begins, so that a place where nothing can be written is known at once. `inputs`
    // are not overwritten.
    static Result<CsvFile> create(const std::string& name, const std::vector<std::string>& inputs);
    CsvFile(CsvFile&& other) noexcept;
    ~CsvFile();
    void line(std::string_view text);
    // What is written so far is safe, or why not: a full disk ends the work early.
    Status check();
    Status close();

  private:
    CsvFile() = default;
    std::string name_;
    std::FILE* file_ = nullptr;
    int error_ = 0;
};

std::string csv_number(double value, const char* form = "%.6g");

// With their line ends.
inline constexpr std::string_view kEdgeColumns =
    "account_a,account_b,layer,window,weight,objects,mean_delta_s,symmetry,p,q,median_delta_s,rare_weight,"
    "expected,occasions,posts_a,posts_b,share_a,share_b,first,last\r\n";
std::string edge_row(const coordination::Edge& edge, std::string_view id_a, std::string_view id_b);

}  // namespace contrechamp::cli
