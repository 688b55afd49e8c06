#include "cli/coordination_engine.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <thread>

#include "analyze/coordination/analysis.h"
#include "analyze/coordination/compat.h"
#include "base/escape.h"
#include "cli/common.h"
#include "cli/coordination_edges_csv.h"
#include "cli/coordination_plan.h"

namespace contrechamp::cli {
namespace {

using namespace coordination;

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

constexpr std::string_view kEvidenceColumns =
    "account_a,account_b,layer,window,post_a,post_b,time_a,delta_s,file_a,offset_a,file_b,offset_b\r\n";

// The layers named by --layer; nothing: all that the columns allow.
Result<std::optional<std::array<bool, kLayerCount>>> asked_layers(const Arguments& arguments) {
    if (!arguments.has("--layer")) return std::nullopt;
    std::array<bool, kLayerCount> out{};
    for (const auto& name : arguments.all("--layer")) {
        const auto layer = layer_from(name);
        if (!layer) {
            std::string known;
            for (const auto one : kLayers) known += (known.empty() ? "" : ", ") + std::string(to_string(one));
            return misuse({"no behaviour has this name", "aucun comportement ne porte ce nom"}, name,
                          {"there are: " + known, "il y a : " + known});
        }
        out[static_cast<std::size_t>(*layer)] = true;
        if (*layer == Layer::near_text) out[static_cast<std::size_t>(Layer::same_text)] = true;
    }
    return out;
}

void say_edges(const Arguments& arguments, const PostCorpus& corpus, std::uint64_t edges,
               std::uint64_t left_out) {
    const auto posts = std::to_string(corpus.counts.posts), refused = std::to_string(corpus.counts.refused),
               accounts = std::to_string(corpus.accounts.size()), count = std::to_string(edges);
    say(arguments, {posts + " posts of " + accounts + " accounts used, " + refused + " rows refused; " +
                        count + " edges",
                    posts + " messages de " + accounts + " comptes retenus, " + refused +
                        " lignes refusées ; " + count + " liens"});
    if (edges)
        say_also(arguments,
                 Text{"an edge alone accuses nobody: its q says how far chance explains it; without "
                      "--edges, the communities and a report",
                      "un lien seul n’accuse personne : son q dit ce que le hasard explique ; sans "
                      "--edges, les communautés et un rapport"}
                     .in(arguments.lang));
    if (left_out)
        say(arguments, {"of crowded objects " + std::to_string(left_out) +
                            " pairs of posts were not made (--all-pairs makes them)",
                        "pour des objets très partagés, " + std::to_string(left_out) +
                            " paires de messages n’ont pas été formées (--all-pairs les forme)"});
}

}  // namespace

Result<std::vector<std::uint32_t>> windows_of(const Arguments& arguments, const std::string& fallback) {
    std::vector<std::uint32_t> out;
    const auto text = arguments.get("--window", fallback);
    for (const auto& window : between(text, ',')) {
        out.push_back(TRY(parse_window(window)));
        // In the tables 0 means "at any time".
        if (out.back() == 0)
            return misuse({"a window is a second or more", "une fenêtre dure au moins une seconde"}, text,
                          {"write 1s, 60s or 1h", "écrivez 1s, 60s ou 1h"});
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

std::vector<Input> inputs_of(const std::vector<NamedInput>& named) {
    std::vector<Input> out;
    for (const auto& one : named) out.push_back(one.input);
    return out;
}

unsigned thread_count() { return std::clamp(std::thread::hardware_concurrency(), 1u, 8u); }

Result<CorpusSettings> reading_of(const Arguments& arguments, const std::vector<Input>& inputs) {
    CorpusSettings out;
    out.threads = thread_count();
    out.layers = TRY(asked_layers(arguments)).value_or(layers_of(inputs));
    out.post_refs = false;
    out.account_details = false;
    return out;
}

Result<EdgeSettings> edge_settings_of(const Arguments& arguments, unsigned threads) {
    EdgeSettings out;
    out.windows = TRY(windows_of(arguments, "60s,1h"));
    out.fewest_objects = TRY(fewest_objects_of(arguments));
    out.threads = threads;
    out.traces = !arguments.has("--no-chance");
    if (arguments.has("--all-pairs")) out.nearest = std::numeric_limits<std::uint32_t>::max();
    return out;
}

Status set_budget(const Arguments& arguments, Budget& budget) {
    budget.limit = TRY(parse_memory(arguments.get("--memory", "4G"))) / 2;
    std::error_code error;
    budget.folder = fs::temp_directory_path(error);
    return {};
}

Result<int> run_edges(const Arguments& arguments) {
    Stages stages(arguments.has("--timings"));
    Budget budget;
    TRY(set_budget(arguments, budget));
    auto settings = TRY(edge_settings_of(arguments, thread_count()));
    settings.most_traces = budget.limit / 2;
    TRY(asked_layers(arguments));
    const auto named = TRY(open_inputs(arguments));
    auto out = TRY(CsvFile::create(arguments.get("--edges"), arguments.all("INPUT")));
    std::optional<CsvFile> evidence;
    if (arguments.has("--evidence")) {
        if (arguments.get("--evidence") == arguments.get("--edges"))
            return misuse(
                {"--edges and --evidence are two files", "--edges et --evidence sont deux fichiers"},
                arguments.get("--edges"));
        evidence.emplace(TRY(CsvFile::create(arguments.get("--evidence"), arguments.all("INPUT"))));
    }
    say_inputs(named, arguments);
    const auto inputs = inputs_of(named);
    const auto reading = TRY(reading_of(arguments, inputs));
    const auto progress = progress_line(arguments, {"behaviours", "comportements"});
    const auto layers =
        static_cast<std::size_t>(std::count(reading.layers.begin(), reading.layers.end(), true));
    std::size_t done = 0;
    if (progress) progress(done, layers + 1, arguments.lang == Lang::fr ? "lecture" : "reading");
    auto corpus = TRY(read_corpus(inputs, reading, budget));
    stages.end("read");
    out.line(kEdgeColumns);
    if (evidence) evidence->line(kEvidenceColumns);
    std::uint64_t edges = 0, left_out = 0;
    for (const auto layer : kLayers) {
        auto& shares = corpus.shares[static_cast<std::size_t>(layer)];
        if (!shares) continue;
        if (progress) progress(std::min(++done, layers), layers + 1, to_string(layer));
        auto found = TRY(
            find_edges(layer, *shares, static_cast<std::uint32_t>(corpus.accounts.size()), settings, budget));
        shares.reset();
        stages.end("join");
        if (layer == Layer::near_text) TRY(verify_near_texts(found, inputs, settings));
        if (settings.traces)
            TRY(judge(found, {Null::shift, settings.windows, corpus.days(), true, true, settings.threads,
                              settings.most_traces}));
        stages.end("chance");
        for (const auto& edge : found.edges)
            out.line(edge_row(edge, corpus.accounts[edge.a].id, corpus.accounts[edge.b].id));
        if (evidence) write_evidence(*evidence, found, corpus.accounts, inputs);
        TRY(out.check());
        if (evidence) TRY(evidence->check());
        edges += found.edges.size();
        left_out += found.pairs_left_out;
        stages.end("write");
    }
    if (progress) progress(1, 1, "");
    TRY(out.close());
    if (evidence) TRY(evidence->close());
    say_edges(arguments, corpus, edges, left_out);
    return 0;
}

Result<int> run_compat(const Arguments& arguments) {
    const auto tool = arguments.get("--compat");
    if (tool != "coortweet" && tool != "toolkit")
        return misuse({"no such tool", "cet outil n’est pas connu"}, tool,
                      {"write coortweet or toolkit", "écrivez coortweet ou toolkit"});
    const bool coortweet = tool == "coortweet";
    const auto window = TRY(windows_of(arguments, coortweet ? "10s" : "60s"));
    if (window.size() > 1)
        return misuse({"this tool takes one window", "cet outil prend une seule fenêtre"},
                      arguments.get("--window"));
    const auto fewest = TRY(fewest_objects_of(arguments));
    const auto named = TRY(open_inputs(arguments));
    auto out = TRY(CsvFile::create(arguments.get("--edges", "-"), arguments.all("INPUT")));
    say_inputs(named, arguments);
    const auto inputs = inputs_of(named);
    if (coortweet) {
        CooRTweetSettings settings;
        settings.window = window.front();
        settings.min_participation = fewest;
        const auto edges = TRY(coortweet_edges(inputs, settings));
        out.line(
            "from,to,weight,avg_time_delta,n_content_id,n_content_id_y,edge_symmetry_score,weight_"
            "threshold\n");
        for (const auto& edge : edges)
            out.line(for_csv(edge.from) + "," + for_csv(edge.to) + "," + std::to_string(edge.weight) + "," +
                     csv_number(edge.avg_time_delta, "%.15g") + "," + std::to_string(edge.n_content_id) +
                     "," + std::to_string(edge.n_content_id_y) + "," +
                     csv_number(edge.edge_symmetry_score, "%.15g") + "," +
                     (edge.weight_threshold ? "1" : "0") + "\n");
    } else {
        ToolkitSettings settings;
        settings.window = window.front();
        if (arguments.has("--min")) settings.min_edge_weight = fewest;
        const auto edges = TRY(toolkit_edges(inputs, settings));
        out.line("network,user_1,user_2,weight\n");
        for (const auto& edge : edges)
            out.line(edge.network + "," + for_csv(edge.user_1) + "," + for_csv(edge.user_2) + "," +
                     std::to_string(edge.weight) + "\n");
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
    for (const auto& [field, column] : mapped(arguments.get("--map"))) {
        if (field == "object") plan.object = column;
        else if (field == "account") plan.account = column;
        else if (field == "id") plan.post = column;
        else if (field == "time") plan.time = column;
        else
            return misuse(
                {"a plan knows object, account, id and time", "un plan connaît object, account, id et time"},
                field);
    }
    plan.window = TRY(windows_of(arguments, "60s")).back();
    plan.fewest_objects = TRY(fewest_objects_of(arguments));
    const auto shards = arguments.get("--shards", "8");
    plan.shards =
        shards.size() < 5 && shards.find_first_not_of("0123456789") == std::string::npos && !shards.empty()
            ? static_cast<unsigned>(std::stoul(shards))
            : 0;
    const auto dialect = arguments.get("--dialect", "duckdb");
    if (dialect != "duckdb" && dialect != "clickhouse")
        return misuse({"no such dialect", "ce dialecte n’est pas connu"}, dialect,
                      {"write duckdb or clickhouse", "écrivez duckdb ou clickhouse"});
    if (dialect == "clickhouse") plan.dialect = SqlDialect::clickhouse;
    const auto time = arguments.get("--time-as", "seconds");
    if (time != "seconds" && time != "milliseconds" && time != "timestamp")
        return misuse(
            {"a time is not held like this", "une heure n’est pas tenue ainsi"}, time,
            {"write seconds, milliseconds or timestamp", "écrivez seconds, milliseconds ou timestamp"});
    plan.time_as = time == "milliseconds" ? SqlTime::milliseconds
                   : time == "timestamp"  ? SqlTime::timestamp
                                          : SqlTime::seconds;
    TRY(print_exact(TRY(coordination_sql(plan))));
    return 0;
}

}  // namespace contrechamp::cli
