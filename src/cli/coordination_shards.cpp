#include "cli/coordination_shards.h"

#include <algorithm>
#include <charconv>
#include <deque>
#include <unordered_map>

#include "analyze/coordination/analysis.h"
#include "base/hash.h"
#include "base/json.h"
#include "cli/common.h"
#include "cli/coordination_edges_csv.h"
#include "evidence/custody.h"

namespace contrechamp::cli {
namespace {

using namespace coordination;

constexpr std::string_view kRunType = "coordination-run";
constexpr std::int64_t kRunVersion = 1;
constexpr std::uint32_t kMostShards = 4096;
constexpr std::size_t kLongestHeader = 4 << 20;

// Ids are kept to the byte, unlike in a CSV that is meant to be looked at.
std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

std::string place_text(Place place) {
    return std::to_string(input_of(place)) + ":" + std::to_string(offset_of(place));
}

struct Shard {
    std::uint32_t number = 1, of = 1;  // number from 1
};

Result<Shard> shard_of(const std::string& text) {
    Shard out;
    const char* const end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, out.number);
    const bool slash = first.ec == std::errc{} && first.ptr != end && *first.ptr == '/';
    const auto second =
        slash ? std::from_chars(first.ptr + 1, end, out.of) : std::from_chars_result{end, std::errc{}};
    if (!slash || second.ec != std::errc{} || second.ptr != end || out.number < 1 || out.of > kMostShards ||
        out.number > out.of)
        return misuse({"this is no shard", "ceci n’est pas une part"}, text,
                      {"write 1/5 to 5/5 for five shards, at most 4096",
                       "écrivez de 1/5 à 5/5 pour cinq parts, au plus 4096"});
    return out;
}

// All that two runs must agree in, but for "shard".
json::Object header_of(const Shard& shard, const std::vector<Input>& inputs, const CorpusSettings& reading,
                       const EdgeSettings& edges, std::uint32_t fewest_objects) {
    json::Array windows, layers, files;
    for (const auto window : edges.windows) windows.push_back(window);
    for (const auto layer : kLayers)
        if (reading.layers[static_cast<std::size_t>(layer)]) layers.push_back(to_string(layer));
    for (const auto& input : inputs)
        files.push_back(json::Object{{"sha256", sha256_hex(input.bytes)},
                                     {"kind", input.kind == PostKind::profiles ? "profiles" : "posts"},
                                     {"layout", input.layout.to_json()}});
    return {{"contrechamp", kRunType},
            {"version", kRunVersion},
            {"program", tool_name()},
            {"shard", shard.number},
            {"of", shard.of},
            {"windows", std::move(windows)},
            {"fewest_objects", fewest_objects},
            {"nearest", edges.nearest},
            {"layers", std::move(layers)},
            {"inputs", std::move(files)}};
}

class RunWriter {
  public:
    RunWriter(CsvFile& out, const std::vector<Account>& accounts, const std::vector<Input>& inputs)
        : out_(out), accounts_(accounts), inputs_(inputs) {}

    void add(Layer layer, const LayerEdges& found) {
        for (std::size_t i = 0; i < found.objects_of.size(); ++i)
            if (found.objects_of[i])
                row("account," + std::to_string(i) + "," + std::string(to_string(layer)) + "," +
                    std::to_string(found.objects_of[i]) + "," + in_quotes(accounts_[i].id));
        for (std::size_t i = 0; i < found.edges.size(); ++i) {
            const auto& edge = found.edges[i];
            // A pair's edges, one a window, hold the same meetings.
            if (i && found.edges[i - 1].a == edge.a && found.edges[i - 1].b == edge.b) continue;
            for (auto m = edge.meetings_begin; m < edge.meetings_end; ++m) meeting(edge, found.meetings[m]);
        }
    }
    void end() { out_.line("end," + std::to_string(rows_) + "\r\n"); }

  private:
    void row(std::string text) {
        ++rows_;
        out_.line(text += "\r\n");
    }
    void meeting(const Edge& edge, const Meeting& m) {
        char object[17];
        std::snprintf(object, sizeof object, "%016llx", static_cast<unsigned long long>(m.object));
        row("meeting," + std::to_string(edge.a) + "," + std::to_string(edge.b) + "," +
            std::string(to_string(edge.layer)) + "," + object + "," + post(m.place_a) + "," +
            post(m.place_b) + "," + place_text(m.place_a) + "," + place_text(m.place_b) + "," +
            std::to_string(m.time_a) + "," + std::to_string(m.delta) + "," + std::to_string(m.accounts));
    }
    std::string post(Place place) const {
        std::string id;
        with_row(inputs_, place, [&](const PostRow& post) { id = post[PostField::id]; });
        return in_quotes(id);
    }
    CsvFile& out_;
    const std::vector<Account>& accounts_;
    const std::vector<Input>& inputs_;
    std::uint64_t rows_ = 0;
};

tl::unexpected<Error> damaged(const std::string& name, std::uint64_t offset) {
    return fail({"this run file is damaged or cut off", "ce fichier de part est abîmé ou tronqué"},
                name + ":" + std::to_string(offset),
                {"make it again with --shard and --run", "refaites-le avec --shard et --run"});
}

struct AccountRow {
    std::uint32_t number = 0, objects = 0;
    Layer layer = Layer::same_text;
    std::string id;
};
struct MeetingRow {
    std::uint64_t pair = 0;
    Layer layer = Layer::same_text;
    Meeting meeting;
};

template <class Number>
bool read_number(std::string_view text, Number& out, int base = 10) {
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, out, base);
    return read.ec == std::errc{} && read.ptr == end && !text.empty();
}

bool read_place(std::string_view text, Place& out) {
    const auto colon = text.find(':');
    std::uint64_t input = 0, offset = 0;
    if (colon == std::string_view::npos || !read_number(text.substr(0, colon), input) ||
        !read_number(text.substr(colon + 1), offset) || input > 255 || offset >> kPlaceBits)
        return false;
    out = place_of(input, offset);
    return true;
}

// The rows of one run file, one after the other.
class RunReader {
  public:
    static Result<RunReader> open(const RunFile& file) {
        RunReader out(file);
        const auto line_end = file.bytes.substr(0, kLongestHeader).find('\n');
        auto header = json::parse(file.bytes.substr(0, line_end), file.name);
        if (line_end == std::string_view::npos || !header || (*header)["contrechamp"].string_or() != kRunType)
            return fail({"this is no run file", "ceci n’est pas un fichier de part"}, file.name,
                        {"name the files that --shard and --run wrote",
                         "indiquez les fichiers écrits par --shard et --run"});
        const auto& value = *header;
        out.shard_ = value["shard"].int_or(0);
        out.of_ = value["of"].int_or(0);
        out.header_ = std::move(*header);
        out.at_ = line_end + 1;
        TRY(out.advance());
        return out;
    }
    const std::string& name() const { return file_.name; }
    const json::Value& header() const { return header_; }
    std::int64_t shard() const { return shard_; }
    std::int64_t of() const { return of_; }

    // The row that stands next: one of these, or the end.
    const AccountRow* account() const { return kind_ == Kind::account ? &account_ : nullptr; }
    const MeetingRow* meeting() const { return kind_ == Kind::meeting ? &meeting_ : nullptr; }
    bool ended() const { return kind_ == Kind::end; }
    tl::unexpected<Error> damage() const { return damaged(file_.name, row_at_); }

    Status advance() {
        row_at_ = at_;
        if (!split()) return damage();
        if (cells_[0] == "account") return read_account() ? Status() : damage();
        if (cells_[0] == "meeting") return read_meeting() ? Status() : damage();
        std::uint64_t rows = 0;
        if (cells_[0] != "end" || count_ != 2 || !read_number(cells_[1], rows) || rows != rows_ ||
            at_ != file_.bytes.size())
            return damage();
        kind_ = Kind::end;
        return {};
    }

  private:
    static constexpr std::size_t kMostCells = 12;
    enum class Kind { account, meeting, end };

    explicit RunReader(const RunFile& file) : file_(file) {}

    // The next line's cells; false when there is no whole line, or no good one.
    bool split() {
        count_ = 0;
        const auto bytes = file_.bytes;
        while (count_ < kMostCells) {
            auto& cell = cells_[count_++];
            cell.clear();
            if (at_ < bytes.size() && bytes[at_] == '"') {
                for (++at_;;) {
                    const auto quote = bytes.find('"', at_);
                    if (quote == std::string_view::npos) return false;
                    cell.append(bytes, at_, quote - at_);
                    at_ = quote + 1;
                    if (at_ >= bytes.size() || bytes[at_] != '"') break;
                    cell += '"';
                    ++at_;
                }
            } else {
                const auto end = bytes.find_first_of(",\r\n", at_);
                if (end == std::string_view::npos) return false;
                cell.assign(bytes, at_, end - at_);
                at_ = end;
            }
            if (bytes.substr(at_, 2) == "\r\n") {
                at_ += 2;
                return true;
            }
            if (at_ >= bytes.size() || bytes[at_] != ',') return false;
            ++at_;
        }
        return false;
    }

    bool read_account() {
        kind_ = Kind::account;
        ++rows_;
        const auto layer = count_ == 5 ? layer_from(cells_[2]) : std::nullopt;
        if (!layer || !read_number(cells_[1], account_.number) || !read_number(cells_[3], account_.objects))
            return false;
        account_.layer = *layer;
        account_.id = cells_[4];
        return account_.objects > 0;
    }

    bool read_meeting() {
        kind_ = Kind::meeting;
        ++rows_;
        std::uint32_t a = 0, b = 0;
        auto& m = meeting_.meeting;
        const auto layer = count_ == 12 ? layer_from(cells_[3]) : std::nullopt;
        if (!layer || !read_number(cells_[1], a) || !read_number(cells_[2], b) || a >= b ||
            !read_number(cells_[4], m.object, 16) || !read_place(cells_[7], m.place_a) ||
            !read_place(cells_[8], m.place_b) || !read_number(cells_[9], m.time_a) ||
            !read_number(cells_[10], m.delta) || !read_number(cells_[11], m.accounts) || m.accounts < 2)
            return false;
        meeting_.layer = *layer;
        meeting_.pair = std::uint64_t{a} << 32 | b;
        const auto time_b = std::int64_t{m.time_a} + m.delta;
        return time_b >= 0 && time_b <= std::numeric_limits<Seconds>::max() &&
               m.delta != std::numeric_limits<std::int32_t>::min();
    }

    RunFile file_;
    json::Value header_;
    std::int64_t shard_ = 0, of_ = 0;
    std::size_t at_ = 0, row_at_ = 0, count_ = 0;
    std::uint64_t rows_ = 0;
    std::array<std::string, kMostCells> cells_;
    Kind kind_ = Kind::end;
    AccountRow account_;
    MeetingRow meeting_;
};

// Of these members two runs must have the same.
constexpr std::array<std::string_view, 8> kAgreed = {"version",        "program", "of",     "windows",
                                                     "fewest_objects", "nearest", "layers", "inputs"};

Status belong_together(const std::deque<RunReader>& runs) {
    const Text todo = {"merge the runs of one cut, all of them and each once",
                       "réunissez les parts d’un même découpage, toutes et chacune une fois"};
    const auto& first = runs.front();
    if (first.header()["version"].int_or(0) != kRunVersion)
        return fail({"this run file is of another version than this program reads",
                     "ce fichier de part est d’une autre version que celle lue par ce programme"},
                    first.name());
    if (first.of() < 1 || first.of() > kMostShards) return damaged(first.name(), 0);
    std::vector<const RunReader*> found(static_cast<std::size_t>(first.of()), nullptr);
    for (const auto& run : runs) {
        for (const auto member : kAgreed)
            if (json::canonical(run.header()[member]) != json::canonical(first.header()[member]))
                return fail(
                    {"these runs do not belong together: they differ in \"" + std::string(member) + "\"",
                     "ces parts ne vont pas ensemble : elles diffèrent par « " + std::string(member) + " »"},
                    first.name() + ", " + run.name(), todo);
        if (run.shard() < 1 || run.shard() > run.of()) return damaged(run.name(), 0);
        auto& place = found[static_cast<std::size_t>(run.shard() - 1)];
        const auto number = std::to_string(run.shard());
        if (place)
            return fail({"shard " + number + " is there twice", "la part " + number + " y est deux fois"},
                        place->name() + ", " + run.name(), todo);
        place = &run;
    }
    std::string missing;
    for (std::size_t i = 0; i < found.size(); ++i)
        if (!found[i]) missing += (missing.empty() ? "" : ", ") + std::to_string(i + 1);
    if (!missing.empty())
        return fail({"of " + std::to_string(found.size()) + " shards these are missing: " + missing,
                     "sur " + std::to_string(found.size()) + " parts, il manque : " + missing},
                    first.name(), todo);
    return {};
}

class Merger {
  public:
    Merger(std::deque<RunReader>& runs, const std::function<void(std::string_view)>& line)
        : runs_(runs), line_(line) {}

    Status run() {
        const auto& header = runs_.front().header();
        settings_.windows.clear();
        for (const auto& window : header["windows"].array_or_empty())
            settings_.windows.push_back(
                static_cast<std::uint32_t>(std::clamp<std::int64_t>(window.int_or(0), 0, kMostSeconds)));
        settings_.fewest_objects =
            static_cast<std::uint32_t>(std::clamp<std::int64_t>(header["fewest_objects"].int_or(0), 1, 9999));
        line_(kEdgeColumns);
        for (const auto& name : header["layers"].array_or_empty()) {
            const auto layer = layer_from(name.string_or());
            if (!layer) return damaged(runs_.front().name(), 0);
            TRY(merge(*layer));
        }
        for (const auto& run : runs_)
            if (!run.ended()) return run.damage();
        return {};
    }

  private:
    static constexpr std::int64_t kMostSeconds = std::numeric_limits<std::int32_t>::max();
    struct Known {
        std::string id;
        std::uint32_t objects = 0;
    };

    Status merge(Layer layer) {
        known_.clear();
        for (auto& run : runs_) TRY(read_accounts(run, layer));
        std::vector<Meeting> meetings;
        for (;;) {
            const RunReader* next = nullptr;
            for (const auto& run : runs_)
                if (has(run, layer) && (!next || run.meeting()->pair < next->meeting()->pair)) next = &run;
            if (!next) return {};
            const auto pair = next->meeting()->pair;
            meetings.clear();
            for (auto& run : runs_) {
                while (has(run, layer) && run.meeting()->pair == pair) {
                    meetings.push_back(run.meeting()->meeting);
                    TRY(run.advance());
                }
                if (has(run, layer) && run.meeting()->pair < pair) return run.damage();  // not in order
            }
            if (!write(layer, pair, meetings)) return next->damage();
        }
    }

    static bool has(const RunReader& run, Layer layer) {
        return run.meeting() && run.meeting()->layer == layer;
    }

    Status read_accounts(RunReader& run, Layer layer) {
        std::int64_t before = -1;
        while (run.account() && run.account()->layer == layer) {
            const auto& row = *run.account();
            const auto [it, fresh] = known_.try_emplace(row.number, Known{row.id, 0});
            const bool same = fresh || it->second.id == row.id;
            if (!same || row.number <= before ||
                row.objects > std::numeric_limits<std::uint32_t>::max() - it->second.objects)
                return run.damage();
            it->second.objects += row.objects;
            before = row.number;
            TRY(run.advance());
        }
        return {};
    }

    // False when an account is not known.
    bool write(Layer layer, std::uint64_t pair, std::span<const Meeting> meetings) {
        const auto a = known_.find(static_cast<std::uint32_t>(pair >> 32)),
                   b = known_.find(static_cast<std::uint32_t>(pair));
        if (a == known_.end() || b == known_.end()) return false;
        for (const auto window : settings_.windows) {
            Edge edge;
            edge.a = a->first;
            edge.b = b->first;
            edge.layer = layer;
            edge.window = window;
            edge.all_a = a->second.objects;
            edge.all_b = b->second.objects;
            if (measure(meetings, edge, settings_)) line_(edge_row(edge, a->second.id, b->second.id));
        }
        return true;
    }

    std::deque<RunReader>& runs_;
    const std::function<void(std::string_view)>& line_;
    EdgeSettings settings_;
    std::unordered_map<std::uint32_t, Known> known_;  // accounts of the layer
};

}  // namespace

Status merge_runs(std::span<const RunFile> files, const std::function<void(std::string_view)>& line) {
    std::deque<RunReader> runs;
    for (const auto& file : files) runs.push_back(TRY(RunReader::open(file)));
    if (runs.empty())
        return misuse({"which runs?", "quelles parts ?"}, "",
                      {"name the run files: contrechamp coordination --merge run-1 run-2",
                       "indiquez les fichiers : contrechamp coordination --merge part-1 part-2"});
    TRY(belong_together(runs));
    return Merger(runs, line).run();
}

Result<int> run_shard(const Arguments& arguments) {
    if (!arguments.has("--shard") || !arguments.has("--run"))
        return misuse({"a shard is written into a run file", "une part s’écrit dans un fichier de part"},
                      arguments.has("--run") ? "--run" : "--shard",
                      {"write --shard 1/5 --run FILE", "écrivez --shard 1/5 --run FICHIER"});
    const auto shard = TRY(shard_of(arguments.get("--shard")));
    const auto named = TRY(open_inputs(arguments));
    say_inputs(named, arguments);
    const auto inputs = inputs_of(named);
    Budget budget;
    TRY(set_budget(arguments, budget));
    auto reading = TRY(reading_of(arguments, inputs));
    reading.shard = shard.number - 1;
    reading.shards = shard.of;
    auto settings = TRY(edge_settings_of(arguments, reading.threads));
    auto out = TRY(CsvFile::create(arguments.get("--run"), arguments.all("INPUT")));
    out.line(json::canonical(header_of(shard, inputs, reading, settings, settings.fewest_objects)) + "\n");
    auto corpus = TRY(read_corpus(inputs, reading, budget));
    RunWriter writer(out, corpus.accounts, inputs);
    // How many objects a pair shares is only known when all shards are together.
    settings.fewest_objects = 1;
    settings.traces = false;
    for (const auto layer : kLayers) {
        auto& shares = corpus.shares[static_cast<std::size_t>(layer)];
        if (!shares) continue;
        auto found = TRY(
            find_edges(layer, *shares, static_cast<std::uint32_t>(corpus.accounts.size()), settings, budget));
        shares.reset();
        if (layer == Layer::near_text) TRY(verify_near_texts(found, inputs, settings));
        writer.add(layer, found);
    }
    writer.end();
    TRY(out.close());
    return 0;
}

Result<int> run_merge(const Arguments& arguments) {
    std::vector<MappedFile> mapped;
    std::vector<RunFile> runs;
    for (const auto& name : arguments.all("INPUT")) {
        const auto file = TRY(open_regular(name));
        mapped.push_back(TRY(MappedFile::of(file, name)));
        runs.push_back({name, mapped.back().bytes()});
    }
    auto out = TRY(CsvFile::create(arguments.get("--edges", "-"), arguments.all("INPUT")));
    TRY(merge_runs(runs, [&](std::string_view line) { out.line(line); }));
    TRY(out.close());
    return 0;
}

}  // namespace contrechamp::cli
