#include "cli/coordination_inputs.h"

#include <algorithm>

#include "base/escape.h"
#include "cli/common.h"

namespace contrechamp::cli {
namespace {

constexpr std::uint64_t kLargestInput = std::uint64_t{1} << 40;
constexpr std::uint64_t kTried = 1 << 20;  // bytes of the beginning

// "text=content,time=created_at"
Result<std::map<PostField, std::string>> parse_map(const std::string& text) {
    std::map<PostField, std::string> out;
    for (const auto& [name, column] : mapped(text)) {
        const auto field = post_field(name);
        if (!field || column.empty()) {
            std::string known;
            for (std::size_t i = 0; i < kPostFields; ++i)
                known += (i ? ", " : "") + std::string(to_string(static_cast<PostField>(i)));
            return misuse({"this is no FIELD=COLUMN", "ceci n’est pas un CHAMP=COLONNE"}, name,
                          {"fields: " + known, "champs : " + known});
        }
        out[*field] = column;
    }
    return out;
}

bool has(const PostRow& row, PostField field) {
    if (field == PostField::time) return row.has_time;
    if (field == PostField::created) return row.has_created;
    return is_list(field) ? !row.list(field).empty() : !row[field].empty();
}

Status try_rows(NamedInput& input) {
    const auto bytes = input.input.bytes;
    const auto pieces = std::max<std::uint64_t>(bytes.size() / kTried, 1);
    const auto ranges = split_rows(bytes.substr(0, std::min<std::uint64_t>(bytes.size(), 8 * kTried)),
                                   input.input.layout, std::min<std::uint64_t>(pieces, 8));
    if (ranges.empty()) return {};
    const bool posts = input.input.kind == PostKind::posts;
    return read_post_rows(bytes, input.input.layout, ranges.front(),
                          {[&](const PostRow& row) {
                               ++input.sampled;
                               input.usable += !posts || row.has_time;
                               for (std::size_t i = 0; i < kPostFields; ++i)
                                   input.filled[i] += has(row, static_cast<PostField>(i));
                           },
                           [&](const RefusedRow&) { ++input.sampled; }});
}

Result<NamedInput> open_input(const std::string& name, PostKind kind,
                              const std::map<PostField, std::string>& map) {
    auto file = TRY(open_regular(name));
    auto stored = TRY(MappedFile::of(file, name));
    NamedInput out{name, std::move(file), std::move(stored), std::nullopt, {}};
    out.input.kind = kind;
    out.input.bytes = out.stored.bytes();
    out.input.mapped = true;
    const auto compression = compression_of(out.input.bytes);
    if (compression != Compression::none) {
        out.inside = TRY(decompress(out.input.bytes, compression, kLargestInput, name));
        out.input.bytes = out.inside->bytes();
    }
    out.input.layout = TRY(guess_post_layout(out.input.bytes, kind, map, name));
    TRY(try_rows(out));
    return out;
}

}  // namespace

Result<std::vector<NamedInput>> open_inputs(const Arguments& arguments) {
    const auto map = TRY(parse_map(arguments.get("--map")));
    const auto profile_map = TRY(parse_map(arguments.get("--map-profiles")));
    std::vector<NamedInput> out;
    for (const auto& name : arguments.all("INPUT"))
        out.push_back(TRY(open_input(name, PostKind::posts, map)));
    for (const auto& name : arguments.all("--profiles"))
        out.push_back(TRY(open_input(name, PostKind::profiles, profile_map)));
    if (out.empty())
        return misuse({"which posts?", "quels messages ?"}, "",
                      {"name an export: contrechamp coordination posts.jsonl",
                       "indiquez un export : contrechamp coordination posts.jsonl"});
    if (out.size() > 255)
        return misuse({"more than 255 files", "plus de 255 fichiers"}, std::to_string(out.size()),
                      {"join some of them", "joignez-en certains"});
    return out;
}

std::string describe(const NamedInput& input, Lang lang) {
    const auto& layout = input.input.layout;
    const bool posts = input.input.kind == PostKind::posts;
    std::string out = for_terminal(input.path.string()) +
                      (lang == Lang::fr ? (posts ? "\u00a0: messages, " : "\u00a0: profils, ")
                                        : (posts ? ": posts, " : ": profiles, "));
    const std::string delimiter = layout.delimiter == '\t' ? (lang == Lang::fr ? "tabulation" : "tab")
                                                           : std::string(1, layout.delimiter);
    out += layout.container == PostContainer::json_lines   ? "JSON lines"
           : layout.container == PostContainer::json_array ? "JSON"
                                                           : "CSV (" + delimiter + ")";
    out += " [" + for_terminal(layout.schema) + "]\n";
    std::string empty;
    for (const auto& [field, paths] : layout.map) {
        const auto filled = input.filled[static_cast<std::size_t>(field)];
        const std::string name(to_string(field));
        if (filled == 0) {
            empty += (empty.empty() ? "" : ", ") + name;
            continue;
        }
        std::string from;
        for (const auto& path : paths) from += (from.empty() ? "" : " | ") + for_terminal(path);
        out += "    " + name + " = " + from;
        if (filled < input.sampled)
            out += "  (" + std::to_string(filled) + "/" + std::to_string(input.sampled) + ")";
        out += "\n";
    }
    const auto rows = std::to_string(input.sampled), used = std::to_string(input.usable);
    if (!empty.empty())
        out += (lang == Lang::fr ? "    vides au début du fichier : "
                                 : "    empty at the beginning of the file: ") +
               empty + "\n";
    if (input.sampled > input.usable)
        out += lang == Lang::fr
                   ? "    parmi les " + rows + " premières lignes, " + used + " sont utilisables\n"
                   : "    of the first " + rows + " rows, " + used + " can be used\n";
    return out;
}

void say_inputs(const std::vector<NamedInput>& inputs, const Arguments& arguments) {
    for (const auto& input : inputs) {
        const auto text = describe(input, arguments.lang);
        for (std::size_t at = 0; at < text.size();) {
            const auto end = text.find('\n', at);
            say_also(arguments, text.substr(at, end - at));
            at = end + 1;
        }
    }
}

std::vector<std::string> between(const std::string& text, char separator) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at <= text.size(); at += out.back().size() + 1)
        out.push_back(text.substr(at, text.find(separator, at) - at));
    return out;
}

std::vector<std::pair<std::string, std::string>> mapped(const std::string& text) {
    std::vector<std::pair<std::string, std::string>> out;
    if (text.empty()) return out;
    for (const auto& pair : between(text, ',')) {
        const auto equals = std::min(pair.find('='), pair.size());
        out.emplace_back(pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size())));
    }
    return out;
}

Result<std::uint64_t> parse_memory(const std::string& text) {
    std::uint64_t value = 0;
    std::size_t i = 0;
    for (; i < text.size() && i < 9 && text[i] >= '0' && text[i] <= '9'; ++i)
        value = value * 10 + static_cast<std::uint64_t>(text[i] - '0');
    const char unit = i + 1 == text.size() ? text[i] : '\0';
    const unsigned shift = unit == 'G' || unit == 'g' ? 30 : unit == 'M' || unit == 'm' ? 20 : 0;
    if (i == 0 || shift == 0 || value == 0 || value << shift >> shift != value)
        return misuse({"this is no amount of memory", "ceci n’est pas une quantité de mémoire"}, text,
                      {"write 500M or 4G", "écrivez 500M ou 4G"});
    return value << shift;
}

Result<std::vector<std::string>> listed_accounts(const std::string& value) {
    std::vector<std::string> out;
    if (value.empty()) return out;
    std::error_code error;
    const bool file = fs::exists(value, error);
    // A name mistyped is not an account.
    const bool like_a_file = value.find('/') != std::string::npos || value.ends_with(".txt") ||
                             value.ends_with(".csv") || value.ends_with(".lst");
    if (!file && like_a_file && value.find("://") == std::string::npos)
        return misuse({"there is no such file", "ce fichier n’existe pas"}, value,
                      {"name a list, one account a line, or write a,b,c",
                       "indiquez une liste, un compte par ligne, ou écrivez a,b,c"});
    const auto text = file ? TRY(read_file(value)) : value;
    for (auto& name : between(text, file ? '\n' : ',')) {
        while (!name.empty() && (name.back() == '\r' || name.back() == ' ')) name.pop_back();
        while (!name.empty() && name.front() == ' ') name.erase(0, 1);
        if (!name.empty() && name[0] != '#') out.push_back(to_valid_utf8(name));
    }
    return out;
}

}  // namespace contrechamp::cli
