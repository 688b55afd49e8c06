#include "cli/coordination_edges_csv.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/escape.h"
#include "base/files.h"
#include "base/time.h"

namespace contrechamp::cli {

Result<CsvFile> CsvFile::create(const std::string& name, const std::vector<std::string>& inputs) {
    std::error_code ignored;
    for (const auto& input : inputs)
        if (fs::equivalent(name, input, ignored))
            return misuse({"this would overwrite the posts", "cela écraserait les messages"}, name,
                          {"give another name", "donnez un autre nom"});
    CsvFile out;
    out.name_ = name;
    out.file_ = name == "-" ? stdout : std::fopen((name + ".part").c_str(), "wb");
    if (!out.file_) return tl::unexpected(system_error({"cannot write", "impossible d’écrire"}, name));
    return out;
}

CsvFile::CsvFile(CsvFile&& other) noexcept
    : name_(std::move(other.name_)), file_(std::exchange(other.file_, nullptr)), error_(other.error_) {}

CsvFile::~CsvFile() {
    if (!file_ || file_ == stdout) return;
    std::fclose(file_);
    std::remove((name_ + ".part").c_str());
}

void CsvFile::line(std::string_view text) {
    if (!error_ && std::fwrite(text.data(), 1, text.size(), file_) != text.size()) error_ = errno;
}

Status CsvFile::check() {
    if (!error_ && std::fflush(file_) != 0) error_ = errno;
    if (error_) return tl::unexpected(system_error({"cannot write", "impossible d’écrire"}, name_, error_));
    return {};
}

Status CsvFile::close() {
    TRY(check());
    if (file_ == stdout) return {};
    const bool closed = std::fclose(std::exchange(file_, nullptr)) == 0;
    if (closed && std::rename((name_ + ".part").c_str(), name_.c_str()) == 0) return {};
    error_ = errno;
    std::remove((name_ + ".part").c_str());
    return tl::unexpected(system_error({"cannot write", "impossible d’écrire"}, name_, error_));
}

std::string csv_number(double value, const char* form) {
    if (value != value) return {};  // not judged
    char text[40];
    std::snprintf(text, sizeof text, form, value);
    return text;
}

std::string edge_row(const coordination::Edge& edge, std::string_view id_a, std::string_view id_b) {
    std::string out = for_csv(id_a) + "," + for_csv(id_b) + ",";
    out += to_string(edge.layer);
    for (const auto& cell :
         {std::to_string(edge.window), csv_number(edge.weight()), std::to_string(edge.objects),
          csv_number(edge.mean_delta), csv_number(edge.symmetry()), csv_number(edge.p), csv_number(edge.q),
          csv_number(edge.median_delta), csv_number(edge.rare_weight), csv_number(edge.expected),
          std::to_string(edge.occasions), std::to_string(edge.posts_a), std::to_string(edge.posts_b),
          csv_number(double(edge.objects) / std::max(1u, edge.all_a)),
          csv_number(double(edge.objects) / std::max(1u, edge.all_b)), to_rfc3339(edge.first),
          to_rfc3339(edge.last)})
        out += "," + cell;
    return out + "\r\n";
}

}  // namespace contrechamp::cli
