// The CSV of edges (docs/schema/coordination-edges.md).
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "analyze/coordination/edges.h"
#include "base/result.h"

namespace contrechamp::cli {

// A CSV file written to a temporary name and renamed when it is whole; "-" is stdout.
class CsvFile {
  public:
    static Result<CsvFile> create(const std::string& name);
    CsvFile(CsvFile&& other) noexcept;
    ~CsvFile();
    void line(std::string_view text);
    Status close();

  private:
    CsvFile() = default;
    std::string name_;
    std::FILE* file_ = nullptr;
};

std::string csv_number(double value, const char* form = "%.6g");

// With their line ends.
inline constexpr std::string_view kEdgeColumns =
    "account_a,account_b,layer,window,weight,objects,mean_delta_s,symmetry,p,q,median_delta_s,rare_weight,"
    "expected,occasions,posts_a,posts_b,share_a,share_b,first,last\r\n";
std::string edge_row(const coordination::Edge& edge, std::string_view id_a, std::string_view id_b);

}  // namespace contrechamp::cli
