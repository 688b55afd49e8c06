#include "knowledge/import.h"

#include <algorithm>
#include <set>

#include "base/files.h"
#include "base/time.h"

namespace contrechamp {
namespace {

std::string slug(std::string_view name) {
    std::string out;
    for (char c : name) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (plain) out += c;
        else if (!out.empty() && out.back() != '-') out += '-';
    }
    while (out.ends_with('-')) out.pop_back();
    return out;
}

// Known under another spelling: "Any Desk" is "anydesk".
std::string squeezed(std::string_view name) {
    std::string out;
    for (char c : slug(name))
        if (c != '-') out += c;
    return out;
}

class ProductWriter {
  public:
    ProductWriter(std::string id, std::string source, Imported& into)
        : id_(std::move(id)), source_(std::move(source)), into_(into) {}

    json::Object head;

    void refuse(const std::string& row, const char* en, const char* fr) {
        into_.refused.push_back({id_ + ": " + row, {en, fr}});
    }

    void add(std::string_view type, const std::string& value, json::Object more = {}) {
        if (value.empty()) return;
        // Some lists give a program with its folder.
        if (type == "process" && value.find_first_of("/\\") != std::string::npos)
            return add("path", value, std::move(more));
        const bool wild = value.find_first_of("*?") != std::string::npos;
        if (wild) {
            const auto literal = std::count_if(value.begin(), value.end(), [](char c) {
                return std::string_view("*?\\/.:~%").find(c) == std::string_view::npos;
            });
            if (literal < 4)
                return refuse(value, "the pattern fits almost anything", "le motif convient à presque tout");
            if (type != "path" && type != "process")
                return refuse(value, "patterns are not taken for this type", "pas de motif pour ce type");
            more["match"] = "glob";
        }
        more["type"] = type;
        // Lists put addresses among their host names.
        if (type == "domain" && value.find_first_not_of("0123456789.:/") == std::string::npos)
            return refuse_address(value);
        more["value"] = value;
        more["confidence"] = "medium";
        more["sources"] = json::Array{source_};
        more["shared"] = true;
        const std::string key =
            std::string(type) + "|" + value + "|" + std::string(json::Value(more)["manager"].string_or());
        if (seen_.insert(key).second) rows_.push_back(std::move(more));
    }

    void capability(std::string_view name) {
        if (!capabilities_.insert(std::string(name)).second) return;
        listed_.push_back(json::Object{{"id", name},
                                       {"status", "documented"},
                                       {"confidence", "medium"},
                                       {"sources", json::Array{source_}}});
    }

    void refuse_address(const std::string& address) {
        refuse(address, "addresses change hands and are not taken",
               "les adresses changent de mains et ne sont pas reprises");
    }

    void finish(json::Object source) {
        if (rows_.empty()) return refuse("", "no row that could be used", "aucune ligne utilisable");
        head["id"] = id_;
        head["sources"] = json::Object{{source_, std::move(source)}};
        head["capabilities"] = std::move(listed_);
        head["indicators"] = std::move(rows_);
        // JSON is YAML; the files stay readable by both.
        into_.products.push_back({id_, json::pretty(head) + "\n"});
    }

  private:
    std::string id_, source_;
    Imported& into_;
    json::Array rows_, listed_;
    std::set<std::string> seen_, capabilities_;
};

bool already_known(const Knowledge& known, std::string_view name) {
    return std::any_of(known.products().begin(), known.products().end(), [&](const Product& p) {
        return squeezed(p.name) == squeezed(name) || squeezed(p.id) == squeezed(name);
    });
}

std::string day_of(std::string_view text) {
    return from_rfc3339(std::string(text) + "T00:00:00Z") ? std::string(text)
                                                          : to_rfc3339(now()).substr(0, 10);
}

// Which system a path is of, by its form.
json::Object path_platform(std::string_view path) {
    const bool windows =
        path.find('\\') != std::string_view::npos || path.find('%') != std::string_view::npos;
    const bool mac =
        path.starts_with("/Applications") || path.starts_with("/Library") || path.starts_with("~/Library");
    return {{"platforms", json::Array{windows ? "windows" : mac ? "macos" : "linux"}}};
}

void add_domain(ProductWriter& writer, std::string domain) {
    if (const auto colon = domain.find(':'); colon != std::string::npos) domain.resize(colon);
    const bool wild = domain.starts_with("*.");
    if (wild) domain.erase(0, 2);
    if (domain.find_first_of("[]{}()*+?| /") != std::string::npos || domain.find('.') == std::string::npos)
        return writer.refuse(domain, "not a plain host name", "pas un simple nom d’hôte");
    // A registered name carries the maker's web site too; a host below it is the tool's own.
    const bool host =
        !wild && std::count(domain.begin(), domain.end(), '.') >= 2 && !domain.starts_with("www.");
    json::Object more{{"role", host ? "agent-endpoint" : "vendor-site"}};
    if (wild) more["match"] = "suffix";
    writer.add("domain", domain, std::move(more));
}

void import_tool(const json::Value& tool, const std::string& file, const Knowledge& known, Imported& out) {
    const std::string name(tool["Name"].string_or());
    if (slug(name).empty()) {
        out.refused.push_back({file, {"no name", "pas de nom"}});
        return;
    }
    if (already_known(known, name)) {
        out.refused.push_back({file, {"known already: " + name, "déjà connu : " + name}});
        return;
    }
    const auto& details = tool["Details"];
    ProductWriter writer("lolrmm-" + slug(name), "lolrmm:" + file, out);
    json::Array platforms;
    for (const auto& system : details["SupportedOS"].array_or_empty()) {
        const auto text = slug(system.string_or());
        const char* platform = text == "windows"                  ? "windows"
                               : text == "linux"                  ? "linux"
                               : text == "mac" || text == "macos" ? "macos"
                               : text == "android"                ? "android"
                               : text == "ios"                    ? "ios"
                                                                  : nullptr;
        if (platform &&
            std::find(platforms.begin(), platforms.end(), json::Value(platform)) == platforms.end())
            platforms.push_back(platform);
    }
    writer.head = {{"name", name},
                   {"vendor", name},
                   {"class", "remote-control"},
                   {"category", "rmm"},
                   {"homepage", details["Website"].string_or()},
                   {"platforms", std::move(platforms)},
                   {"updated", day_of(tool["LastModified"].string_or())}};
    writer.capability("remote-control");
    for (const auto& file_data : details["PEMetadata"].array_or_empty())
        writer.add("process", std::string(file_data["Filename"].string_or()),
                   {{"platforms", json::Array{"windows"}}});
    for (const auto& path : details["InstallationPaths"].array_or_empty())
        writer.add("path", std::string(path.string_or()), path_platform(path.string_or()));
    const auto& artifacts = tool["Artifacts"];
    for (const auto& disk : artifacts["Disk"].array_or_empty())
        writer.add("path", std::string(disk["File"].string_or()), path_platform(disk["File"].string_or()));
    for (const auto& event : artifacts["EventLog"].array_or_empty())
        writer.add("service", std::string(event["ServiceName"].string_or()),
                   {{"platforms", json::Array{"windows"}}});
    for (const auto& key : artifacts["Registry"].array_or_empty())
        writer.add("registry", std::string(key["Path"].string_or()), {{"platforms", json::Array{"windows"}}});
    for (const auto& network : artifacts["Network"].array_or_empty())
        for (const auto& domain : network["Domains"].array_or_empty())
            add_domain(writer, std::string(domain.string_or()));
    writer.finish({{"ref", "github:magicsword-io/LOLRMM:yaml/" + file},
                   {"kind", "ioc-list"},
                   {"licence", "Apache-2.0"},
                   {"date", day_of(tool["LastModified"].string_or())}});
}

}  // namespace

Result<Imported> import_lolrmm(const fs::path& path, const Knowledge& known) {
    std::vector<fs::path> files;
    std::error_code error;
    if (fs::is_directory(path, error)) {
        for (const auto& entry : fs::directory_iterator(path, error))
            if (entry.path().extension() == ".yaml" || entry.path().extension() == ".yml")
                files.push_back(entry.path());
        std::sort(files.begin(), files.end());
    } else {
        files.push_back(path);
    }
    Imported out;
    for (const auto& file : files) {
        const auto text = TRY(read_file(file));
        const auto tool = parse_yaml(text, file.string());
        if (tool) import_tool(*tool, file.filename().string(), known, out);
        else out.refused.push_back({tool.error().where, tool.error().what});
    }
    return out;
}

Result<Imported> import_stalkerware(const fs::path& path, const Knowledge& known) {
    const auto document = TRY(parse_yaml(TRY(read_file(path)), path.string()));
    if (!document.if_array())
        return fail(
            {"this is not ioc.yaml: a list is expected", "ce n’est pas ioc.yaml : une liste est attendue"},
            path.string());
    Imported out;
    const std::string today = to_rfc3339(now()).substr(0, 10);
    for (const auto& app : *document.if_array()) {
        const std::string name(app["name"].string_or());
        if (slug(name).empty()) {
            out.refused.push_back({path.string(), {"an entry without a name", "une entrée sans nom"}});
            continue;
        }
        if (already_known(known, name)) {
            out.refused.push_back({name, {"known already: " + name, "déjà connu : " + name}});
            continue;
        }
        ProductWriter writer("stalkerware-" + slug(name), "stalkerware-indicators", out);
        writer.head = {{"name", name},          {"vendor", name},
                       {"class", "monitoring"}, {"category", app["type"].string_or("stalkerware")},
                       {"homepage", ""},        {"platforms", json::Array{"android"}},
                       {"updated", today}};
        for (const auto& package : app["packages"].array_or_empty())
            writer.add("package", std::string(package.string_or()),
                       {{"manager", "android"}, {"platforms", json::Array{"android"}}});
        for (const auto& site : app["websites"].array_or_empty())
            writer.add("domain", std::string(site.string_or()), {{"role", "vendor-site"}});
        for (const auto& site : app["distribution"].array_or_empty())
            writer.add("domain", std::string(site.string_or()), {{"role", "download"}});
        for (const auto& domain : app["c2"]["domains"].array_or_empty())
            writer.add("domain", std::string(domain.string_or()), {{"role", "agent-endpoint"}});
        for (const auto& address : app["c2"]["ips"].array_or_empty())
            writer.refuse_address(std::string(address.string_or()));
        writer.finish({{"ref", "github:AssoEchap/stalkerware-indicators:ioc.yaml"},
                       {"kind", "ioc-list"},
                       {"licence", "CC-BY-4.0"},
                       {"date", today}});
    }
    return out;
}

}  // namespace contrechamp
