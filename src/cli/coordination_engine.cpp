#include "cli/coordination_engine.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <thread>

#include "analyze/coordination/analysis.h"
#include "analyze/coordination/compat.h"
#include "base/escape.h"
#include "cli/common.h"
#include "cli/coordination_plan.h"

namespace contrechamp::cli {
namespace {

using namespace coordination;

// A CSV file written to a temporary name and renamed when it is whole; "-" is stdout.
class CsvFile {
  public:
    static Result<CsvFile> create(const std::string& name) {
        CsvFile out;
        out.name_ = name;
        out.file_ = name == "-" ? stdout : std::fopen((name + ".part").c_str(), "wb");
        if (!out.file_)
            return tl::unexpected(system_error({"cannot write", "impossible d’écrire"}, name + ".part"));
        return out;
    }
    CsvFile(CsvFile&& other) noexcept
        : name_(std::move(other.name_)), file_(std::exchange(other.file_, nullptr)) {}
    ~CsvFile() {
        if (file_ && file_ != stdout) {
            std::fclose(file_);
            std::remove((name_ + ".part").c_str());
        }
    }
    void line(std::string_view text) { std::fwrite(text.data(), 1, text.size(), file_); }
    Status close() {
        const bool failed = std::ferror(file_) || std::fflush(file_) != 0;
        const bool own = file_ != stdout;
        const bool closed = !own || std::fclose(file_) == 0;
        file_ = nullptr;
        if (failed || !closed || (own && std::rename((name_ + ".part").c_str(), name_.c_str()) != 0))
            return tl::unexpected(system_error({"cannot write", "impossible d’écrire"}, name_));
        return {};
    }

  private:
    CsvFile() = default;
    std::string name_;
    std::FILE* file_ = nullptr;
};

// Times of the stages, for benchmarks: JSON lines on stderr.
class Stages {
  public:
    explicit Stages(bool on) : on_(on) { start(); }
    void end(const char* stage) {
        if (on_) {
            const double wall = now(CLOCK_MONOTONIC) - wall_, cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu_;
            std::fprintf(stderr, "{\"stage\":\"%s\",\"cpu_s\":%.3f,\"wall_s\":%.3f}\n", stage, cpu, wall);
        }
        start();
    }

  private:
    static double now(clockid_t clock) {
        timespec time{};
        ::clock_gettime(clock, &time);
        return double(time.tv_sec) + double(time.tv_nsec) / 1e9;
    }
    void start() {
        wall_ = now(CLOCK_MONOTONIC);
        cpu_ = now(CLOCK_PROCESS_CPUTIME_ID);
    }
    bool on_;
    double wall_ = 0, cpu_ = 0;
};

std::vector<Input> inputs_of(const std::vector<NamedInput>& named) {
    std::vector<Input> out;
    for (const auto& one : named) out.push_back(one.input);
    return out;
}

std::string number(double value, const char* form = "%.6g") {
    char text[40];
    std::snprintf(text, sizeof text, form, value);
    return text;
}

std::string row_of(const Edge& edge, const std::vector<Account>& accounts) {
    std::string out = for_csv(accounts[edge.a].id) + "," + for_csv(accounts[edge.b].id) + ",";
    out += to_string(edge.layer);
    for (const auto& cell :
         {std::to_string(edge.window), number(edge.weight()), std::to_string(edge.objects),
          number(edge.mean_delta), number(edge.symmetry()), number(edge.p), number(edge.q),
          number(edge.median_delta), number(edge.rare_weight), number(edge.expected),
          std::to_string(edge.occasions), std::to_string(edge.posts_a), std::to_string(edge.posts_b),
          number(double(edge.objects) / std::max(1u, edge.all_a)),
          number(double(edge.objects) / std::max(1u, edge.all_b)), to_rfc3339(edge.first),
          to_rfc3339(edge.last)})
        out += "," + cell;
    return out + "\r\n";
}

constexpr std::string_view kEdgeColumns =
    "account_a,account_b,layer,window,weight,objects,mean_delta_s,symmetry,p,q,median_delta_s,rare_weight,"
    "expected,"
    "occasions,posts_a,posts_b,share_a,share_b,first,last\r\n";

void write_evidence(CsvFile& out, const LayerEdges& layer, const std::vector<Account>& accounts,
                    const std::vector<Input>& inputs) {
    const auto id = [&](Place place) {
        std::string text;
        with_row(inputs, place, [&](const PostRow& row) { text = row[PostField::id]; });
        return text;
    };
    for (const auto& edge : layer.edges)
        for (auto i = edge.meetings_begin; i < edge.meetings_end; ++i) {
            const auto& meeting = layer.meetings[i];
            if (static_cast<std::uint32_t>(std::abs(meeting.delta)) > edge.window) continue;
            out.line(for_csv(accounts[edge.a].id) + "," + for_csv(accounts[edge.b].id) + "," +
                     std::string(to_string(edge.layer)) + "," + std::to_string(edge.window) + "," +
                     for_csv(id(meeting.place_a)) + "," + for_csv(id(meeting.place_b)) + "," +
                     to_rfc3339(meeting.time_a) + "," + std::to_string(meeting.delta) + "," +
                     std::to_string(input_of(meeting.place_a)) + "," +
                     std::to_string(offset_of(meeting.place_a)) + "," +
                     std::to_string(input_of(meeting.place_b)) + "," +
                     std::to_string(offset_of(meeting.place_b)) + "\r\n");
        }
}

unsigned thread_count() { return std::clamp(std::thread::hardware_concurrency(), 1u, 8u); }

}  // namespace

Result<std::vector<std::uint32_t>> windows_of(const Arguments& arguments, const std::string& fallback) {
    std::vector<std::uint32_t> out;
    const auto text = arguments.get("--window", fallback);
    for (std::size_t at = 0; at <= text.size();) {
        const auto end = std::min(text.find(',', at), text.size());
        out.push_back(TRY(parse_window(text.substr(at, end - at))));
        at = end + 1;
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    if (out.size() > 4)
        return misuse({"more than four windows at once", "plus de quatre fenêtres à la fois"}, text);
    return out;
}

Result<std::uint32_t> fewest_objects_of(const Arguments& arguments) {
    const auto text = arguments.get("--min", "2");
    if (text.empty() || text.size() > 4 || text.find_first_not_of("0123456789") != std::string::npos ||
        text == "0")
        return misuse({"this is no number of objects", "ceci n’est pas un nombre d’objets"}, text,
                      {"write 1 to 9999", "écrivez de 1 à 9999"});
    return static_cast<std::uint32_t>(std::stoul(text));
}

Result<int> run_edges(const Arguments& arguments) {
    Stages stages(arguments.has("--timings"));
    const auto named = TRY(open_inputs(arguments));
    say_inputs(named, arguments);
    const auto inputs = inputs_of(named);
    Budget budget;
    budget.limit = TRY(parse_memory(arguments.get("--memory", "4G"))) / 2;
    std::error_code error;
    budget.folder = fs::temp_directory_path(error);
    CorpusSettings reading;
    reading.threads = thread_count();
    reading.layers = layers_of(inputs);
    reading.post_refs = false;
    reading.account_details = false;
    if (arguments.has("--layer")) {
        reading.layers.fill(false);
        for (const auto& name : arguments.all("--layer")) {
            const auto layer = layer_from(name);
            if (!layer)
                return misuse(
                    {"no behaviour has this name", "aucun comportement ne porte ce nom"}, name,
                    {"see `contrechamp coordination --help`", "voir `contrechamp coordination --help`"});
            reading.layers[static_cast<std::size_t>(*layer)] = true;
            if (*layer == Layer::near_text) reading.layers[static_cast<std::size_t>(Layer::same_text)] = true;
        }
    }
    auto corpus = TRY(read_corpus(inputs, reading, budget));
    stages.end("read");
    if (arguments.has("--timings"))
        std::fprintf(stderr, "{\"near_candidates\":%llu,\"near_verified\":%llu,\"near_crowded\":%llu}\n",
                     static_cast<unsigned long long>(corpus.near_candidates),
                     static_cast<unsigned long long>(corpus.near_verified),
                     static_cast<unsigned long long>(corpus.near_crowded));
    EdgeSettings settings;
    settings.windows = TRY(windows_of(arguments, "60s,1h"));
    settings.fewest_objects = TRY(fewest_objects_of(arguments));
    settings.threads = reading.threads;
    settings.traces = !arguments.has("--no-chance");
    if (arguments.has("--all-pairs")) settings.nearest = std::numeric_limits<std::uint32_t>::max();
    auto out = TRY(CsvFile::create(arguments.get("--edges")));
    out.line(kEdgeColumns);
    std::optional<CsvFile> evidence;
    if (arguments.has("--evidence")) {
        evidence.emplace(TRY(CsvFile::create(arguments.get("--evidence"))));
        evidence->line(
            "account_a,account_b,layer,window,post_a,post_b,time_a,delta_s,file_a,offset_a,file_b,offset_"
            "b\r\n");
    }
    std::uint64_t edges = 0, left_out = 0;
    for (const auto layer : kLayers) {
        auto& shares = corpus.shares[static_cast<std::size_t>(layer)];
        if (!shares) continue;
        auto found = TRY(
            find_edges(layer, *shares, static_cast<std::uint32_t>(corpus.accounts.size()), settings, budget));
        shares.reset();
        stages.end("join");
        if (layer == Layer::near_text) TRY(verify_near_texts(found, inputs, settings));
        if (settings.traces)
            TRY(judge(found, {Null::shift, settings.windows, corpus.days(), true, settings.threads}));
        stages.end("chance");
        for (const auto& edge : found.edges) out.line(row_of(edge, corpus.accounts));
        if (evidence) write_evidence(*evidence, found, corpus.accounts, inputs);
        edges += found.edges.size();
        left_out += found.pairs_left_out;
        stages.end("write");
    }
    TRY(out.close());
    if (evidence) TRY(evidence->close());
    const auto posts = std::to_string(corpus.counts.posts), refused = std::to_string(corpus.counts.refused),
               accounts = std::to_string(corpus.accounts.size()), count = std::to_string(edges);
    say(arguments, {posts + " posts of " + accounts + " accounts used, " + refused + " rows refused; " +
                        count + " edges",
                    posts + " messages de " + accounts + " comptes retenus, " + refused +
                        " lignes refusées ; " + count + " liens"});
    if (left_out)
        say(arguments, {"of crowded objects " + std::to_string(left_out) +
                            " pairs of posts were not made (--all-pairs makes them)",
                        "pour des objets très partagés, " + std::to_string(left_out) +
                            " paires de messages n’ont pas été formées (--all-pairs les forme)"});
    return 0;
}

Result<int> run_compat(const Arguments& arguments) {
    const auto named = TRY(open_inputs(arguments));
    say_inputs(named, arguments);
    const auto inputs = inputs_of(named);
    const auto tool = arguments.get("--compat");
    auto out = TRY(CsvFile::create(arguments.get("--edges", "-")));
    if (tool == "coortweet") {
        CooRTweetSettings settings;
        settings.window = TRY(windows_of(arguments, "10s")).back();
        settings.min_participation = TRY(fewest_objects_of(arguments));
        out.line(
            "from,to,weight,avg_time_delta,n_content_id,n_content_id_y,edge_symmetry_score,weight_"
            "threshold\n");
        for (const auto& edge : TRY(coortweet_edges(inputs, settings)))
            out.line(for_csv(edge.from) + "," + for_csv(edge.to) + "," + std::to_string(edge.weight) + "," +
                     number(edge.avg_time_delta, "%.15g") + "," + std::to_string(edge.n_content_id) + "," +
                     std::to_string(edge.n_content_id_y) + "," + number(edge.edge_symmetry_score, "%.15g") +
                     "," + (edge.weight_threshold ? "1" : "0") + "\n");
    } else if (tool == "toolkit") {
        ToolkitSettings settings;
        settings.window = TRY(windows_of(arguments, "60s")).back();
        if (arguments.has("--min")) settings.min_edge_weight = TRY(fewest_objects_of(arguments));
        out.line("network,user_1,user_2,weight\n");
        for (const auto& edge : TRY(toolkit_edges(inputs, settings)))
            out.line(edge.network + "," + for_csv(edge.user_1) + "," + for_csv(edge.user_2) + "," +
                     std::to_string(edge.weight) + "\n");
    } else {
        return misuse({"no such tool", "cet outil n’est pas connu"}, tool,
                      {"write coortweet or toolkit", "écrivez coortweet ou toolkit"});
    }
    TRY(out.close());
    return 0;
}

Result<int> run_plan(const Arguments& arguments) {
    if (arguments.get("--plan") != "sql")
        return misuse({"no such plan", "ce plan n’existe pas"}, arguments.get("--plan"),
                      {"write --plan sql", "écrivez --plan sql"});
    SqlPlan plan;
    plan.files = arguments.all("INPUT");
    if (plan.files.empty())
        return misuse({"which posts?", "quels messages ?"}, "",
                      {"name the CSV or Parquet files", "indiquez les fichiers CSV ou Parquet"});
    const bool parquet = std::all_of(plan.files.begin(), plan.files.end(),
                                     [](const std::string& name) { return name.ends_with(".parquet"); });
    plan.input = parquet ? SqlFormat::parquet : SqlFormat::csv;
    const auto map = arguments.get("--map");
    for (std::size_t at = 0; at < map.size();) {
        const auto end = std::min(map.find(',', at), map.size());
        const auto pair = map.substr(at, end - at);
        const auto equals = std::min(pair.find('='), pair.size());
        const auto field = pair.substr(0, equals), column = pair.substr(std::min(equals + 1, pair.size()));
        if (field == "object") plan.object = column;
        else if (field == "account") plan.account = column;
        else if (field == "id") plan.post = column;
        else if (field == "time") plan.time = column;
        else
            return misuse(
                {"a plan knows object, account, id and time", "un plan connaît object, account, id et time"},
                pair);
        at = end + 1;
    }
    plan.window = TRY(windows_of(arguments, "60s")).back();
    plan.fewest_objects = TRY(fewest_objects_of(arguments));
    const auto shards = arguments.get("--shards", "8");
    plan.shards =
        shards.size() < 5 && shards.find_first_not_of("0123456789") == std::string::npos && !shards.empty()
            ? static_cast<unsigned>(std::stoul(shards))
            : 0;
    if (arguments.get("--dialect", "duckdb") == "clickhouse") plan.dialect = SqlDialect::clickhouse;
    const auto time = arguments.get("--time-as", "seconds");
    plan.time_as = time == "milliseconds" ? SqlTime::milliseconds
                   : time == "timestamp"  ? SqlTime::timestamp
                                          : SqlTime::seconds;
    TRY(print_exact(TRY(coordination_sql(plan))));
    return 0;
}

}  // namespace contrechamp::cli
