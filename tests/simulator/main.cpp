// simulate: made-up posts with planted campaigns, and rows by the million for benches (simulator.h).
#include <charconv>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <string>

#include "simulator/simulator.h"

using namespace contrechamp::simulator;

namespace {

constexpr const char* kUsage =
    "simulate --out DIR [--seed N] [--accounts N] [--days N] [--posts N] [--campaign "
    "KIND:SIZE[:STRENGTH[:JITTER_S[:CHANGE]]]]...\n"
    "simulate rows|posts --rows N --out FILE [--seed N]      (FILE -: stdout)\n";

class ToFile : public Pieces {
  public:
    explicit ToFile(const std::string& path) : file_(path == "-" ? stdout : std::fopen(path.c_str(), "wb")) {}
    ToFile(const ToFile&) = delete;
    ToFile& operator=(const ToFile&) = delete;
    ~ToFile() override { close(); }
    bool write(std::string_view piece) override {
        whole_ =
            whole_ && file_ != nullptr && std::fwrite(piece.data(), 1, piece.size(), file_) == piece.size();
        return whole_;
    }
    // Whether all of it was written.
    bool close() {
        if (file_ != nullptr && std::fclose(file_) != 0) whole_ = false;
        const bool opened = file_ != nullptr || closed_;
        file_ = nullptr;
        closed_ = true;
        return whole_ && opened;
    }

  private:
    std::FILE* file_;
    bool whole_ = true, closed_ = false;
};

bool write_file(const std::string& path, const std::string& bytes) {
    ToFile file(path);
    const bool written = file.write(bytes);
    if (file.close() && written) return true;
    std::fprintf(stderr, "simulate: cannot write %s\n", path.c_str());
    return false;
}

bool number(const char* text, std::uint64_t& value) {
    const char* end = text + std::strlen(text);
    const auto read = std::from_chars(text, end, value);
    return read.ec == std::errc{} && read.ptr == end;
}

int usage() {
    std::fputs(kUsage, stderr);
    return 2;
}

int write_world(const Settings& settings, const std::string& folder) {
    const World world = simulate(settings);
    const bool written = write_file(folder + "/posts.jsonl", posts_jsonl(world)) &&
                         write_file(folder + "/profiles.csv", profiles_csv(world)) &&
                         write_file(folder + "/truth.json", truth_json(world));
    return written ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
    const std::string mode = count > 1 && words[1][0] != '-' ? words[1] : "";
    Settings settings;
    std::string out;
    std::map<std::string, std::uint64_t> numbers;
    for (int i = mode.empty() ? 1 : 2; i < count; i += 2) {
        const std::string name = words[i];
        if (i + 1 == count) return usage();
        if (name == "--out") {
            out = words[i + 1];
        } else if (name == "--campaign") {
            CampaignSpec spec;
            if (!parse_campaign(words[i + 1], spec)) return usage();
            settings.campaigns.push_back(spec);
        } else if (!number(words[i + 1], numbers[name])) {
            return usage();
        }
    }
    for (const auto& [name, value] : numbers) {
        if (name == "--seed") settings.seed = value;
        else if (name == "--accounts") settings.accounts = static_cast<std::uint32_t>(value);
        else if (name == "--days") settings.days = static_cast<unsigned>(value);
        else if (name == "--posts") settings.posts = value;
        else if (name != "--rows") return usage();
    }
    if (out.empty()) return usage();
    if (mode.empty()) return write_world(settings, out);
    if ((mode != "rows" && mode != "posts") || numbers["--rows"] == 0) return usage();
    ToFile file(out);
    (mode == "rows" ? write_rows : write_posts)(numbers["--rows"], settings.seed, file);
    if (file.close()) return 0;
    std::fprintf(stderr, "simulate: cannot write %s\n", out.c_str());
    return 1;
}
