#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "analyze/coordination/network.h"
#include "base/escape.h"
#include "base/time.h"

namespace contrechamp::coordination {
namespace {

// What XML 1.0 can hold (production 2, "Char") of valid UTF-8: no C0 controls but tab and line ends, and
// neither U+FFFE nor U+FFFF.
std::string clean(std::string_view text) {
    const std::string valid = to_valid_utf8(text);
    std::string out;
    out.reserve(valid.size());
    for (std::size_t i = 0; i < valid.size(); ++i) {
        const auto byte = static_cast<unsigned char>(valid[i]);
        if (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') continue;
        if (valid.compare(i, 3, "\xef\xbf\xbe") == 0 || valid.compare(i, 3, "\xef\xbf\xbf") == 0) {
            i += 2;
            continue;
        }
        out += valid[i];
    }
    return out;
}

// For XML text and attributes. Tabs and line ends are written as references, or a reader would turn them into
// spaces (XML 1.0, 3.3.3).
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : clean(text)) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\t': out += "&#9;"; break;
            case '\n': out += "&#10;"; break;
            case '\r': out += "&#13;"; break;
            default: out += c;
        }
    }
    return out;
}

// The shortest text that reads back as the same double, the same in every locale.
std::string number(double value) {
    char buffer[32];
    return std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

struct Span {
    std::string start, end;  // xsd:dateTime; empty: not known
};

// A start after its end would be refused by readers: the two are put in order.
Span span_of(std::int64_t first, std::int64_t last) {
    constexpr std::int64_t kYear1 = -62'135'596'800, kYear10000 = 253'402'300'800;
    const auto holds = [&](std::int64_t t) { return t >= kYear1 && t < kYear10000; };
    if ((first == 0 && last == 0) || !holds(first) || !holds(last)) return {};
    // strftime does not pad years before 1000 to the four digits of xsd:dateTime.
    const auto text = [](std::int64_t t) {
        const std::string plain = to_rfc3339(t);
        const std::size_t year = plain.find('-');
        return year < 4 ? std::string(4 - year, '0') + plain : plain;
    };
    return {text(std::min(first, last)), text(std::max(first, last))};
}

bool drawn(const NetworkEdge& edge, std::size_t nodes) { return edge.a < nodes && edge.b < nodes; }

std::size_t drawn_edges(std::span<const NetworkEdge> edges, std::size_t nodes) {
    return static_cast<std::size_t>(
        std::ranges::count_if(edges, [&](const NetworkEdge& edge) { return drawn(edge, nodes); }));
}

// Ids as a reader will see them, each once.
std::vector<std::string> distinct_ids(std::span<const NetworkNode> nodes) {
    std::vector<std::string> ids;
    std::set<std::string> taken;
    for (const NetworkNode& node : nodes) taken.insert(clean(node.id));
    std::set<std::string> given;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        std::string id = clean(nodes[i].id);
        if (id.empty() || given.contains(id)) {
            const std::string stem = id + "#" + std::to_string(i);
            id = stem;
            for (int more = 1; taken.contains(id); ++more) id = stem + "." + std::to_string(more);
        }
        taken.insert(id);
        given.insert(id);
        ids.push_back(std::move(id));
    }
    return ids;
}

// Whether each layer has more than one window.
std::map<std::string_view, bool> layers_with_windows(std::span<const NetworkEdge> edges) {
    std::map<std::string_view, std::string_view> window;
    std::map<std::string_view, bool> several;
    for (const NetworkEdge& edge : edges) {
        const auto [seen, added] = window.emplace(edge.layer, edge.window);
        if (added) several[edge.layer] = false;
        else if (seen->second != edge.window) several[edge.layer] = true;
    }
    return several;
}

void attribute(std::string& out, std::string_view name, std::string_view value) {
    out.append(" ").append(name).append("=\"").append(value).append("\"");
}

void times(std::string& out, const Span& span) {
    if (span.start.empty()) return;
    attribute(out, "start", span.start);
    attribute(out, "end", span.end);
}

void attvalue(std::string& out, std::string_view id, std::string_view value) {
    out += "<attvalue";
    attribute(out, "for", id);
    attribute(out, "value", value);
    out += "/>";
}

// Readers that know no time (graphology's, in Gephi Lite) leave start and end out: they are attributes as
// well.
void times_as_values(std::string& out, const Span& span) {
    if (span.start.empty()) return;
    attvalue(out, "first", span.start);
    attvalue(out, "last", span.end);
}

// Titles are unique among Gephi's columns and keep clear of "weight", which GEXF reserves for weights that
// change with time: the weight is the edge's own attribute.
constexpr std::string_view kGexfHead =
    R"(<?xml version="1.0" encoding="UTF-8"?>
<gexf xmlns="http://gexf.net/1.3" version="1.3">
<meta><creator>Contrechamp</creator></meta>
<graph defaultedgetype="undirected" mode="dynamic" timeformat="dateTime" timerepresentation="interval" idtype="string">
<attributes class="node"><attribute id="posts" title="posts" type="long"/><attribute id="community" title="community" type="string"/><attribute id="first" title="first" type="string"/><attribute id="last" title="last" type="string"/></attributes>
<attributes class="edge"><attribute id="layer" title="layer" type="string"/><attribute id="window" title="window" type="string"/><attribute id="objects" title="objects" type="long"/><attribute id="q" title="q" type="double"/><attribute id="first" title="first" type="string"/><attribute id="last" title="last" type="string"/></attributes>
)";

void gexf_node(std::string& out, const NetworkNode& node, std::string_view id) {
    out += "<node";
    attribute(out, "id", escaped(id));
    attribute(out, "label", escaped(node.label));
    const Span span = span_of(node.first, node.last);
    times(out, span);
    out += "><attvalues>";
    attvalue(out, "posts", std::to_string(node.posts));
    if (!node.community.empty()) attvalue(out, "community", escaped(node.community));
    times_as_values(out, span);
    out += "</attvalues></node>\n";
}

void gexf_edge(std::string& out, const NetworkEdge& edge, std::size_t id, std::span<const std::string> ids,
               bool several_windows) {
    out += "<edge";
    attribute(out, "id", "e" + std::to_string(id));
    attribute(out, "source", escaped(ids[edge.a]));
    attribute(out, "target", escaped(ids[edge.b]));
    attribute(out, "kind", escaped(several_windows ? edge.layer + " " + edge.window : edge.layer));
    if (std::isfinite(edge.weight)) attribute(out, "weight", number(edge.weight));
    const Span span = span_of(edge.first, edge.last);
    times(out, span);
    out += "><attvalues>";
    attvalue(out, "layer", escaped(edge.layer));
    attvalue(out, "window", escaped(edge.window));
    attvalue(out, "objects", std::to_string(edge.objects));
    if (std::isfinite(edge.q)) attvalue(out, "q", number(edge.q));
    times_as_values(out, span);
    out += "</attvalues></edge>\n";
}

constexpr std::string_view kGraphmlHead =
    R"(<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">
<key id="n_account" for="node" attr.name="account" attr.type="string"/>
<key id="n_label" for="node" attr.name="label" attr.type="string"/>
<key id="n_posts" for="node" attr.name="posts" attr.type="long"/>
<key id="n_community" for="node" attr.name="community" attr.type="string"/>
<key id="n_start" for="node" attr.name="start" attr.type="string"/>
<key id="n_end" for="node" attr.name="end" attr.type="string"/>
<key id="e_layer" for="edge" attr.name="layer" attr.type="string"/>
<key id="e_window" for="edge" attr.name="window" attr.type="string"/>
<key id="e_weight" for="edge" attr.name="weight" attr.type="double"/>
<key id="e_objects" for="edge" attr.name="objects" attr.type="long"/>
<key id="e_q" for="edge" attr.name="q" attr.type="double"/>
<key id="e_start" for="edge" attr.name="start" attr.type="string"/>
<key id="e_end" for="edge" attr.name="end" attr.type="string"/>
<graph id="accounts" edgedefault="undirected">
)";

void data(std::string& out, std::string_view key, std::string_view value) {
    if (value.empty()) return;
    out.append("<data key=\"").append(key).append("\">").append(value).append("</data>");
}

void graphml_node(std::string& out, const NetworkNode& node, std::size_t id) {
    const Span span = span_of(node.first, node.last);
    out.append("<node id=\"n").append(std::to_string(id)).append("\">");
    data(out, "n_account", escaped(node.id));
    data(out, "n_label", escaped(node.label));
    data(out, "n_posts", std::to_string(node.posts));
    data(out, "n_community", escaped(node.community));
    data(out, "n_start", span.start);
    data(out, "n_end", span.end);
    out += "</node>\n";
}

void graphml_edge(std::string& out, const NetworkEdge& edge, std::size_t id) {
    const Span span = span_of(edge.first, edge.last);
    out += "<edge";
    attribute(out, "id", "e" + std::to_string(id));
    attribute(out, "source", "n" + std::to_string(edge.a));
    attribute(out, "target", "n" + std::to_string(edge.b));
    out += ">";
    data(out, "e_layer", escaped(edge.layer));
    data(out, "e_window", escaped(edge.window));
    if (std::isfinite(edge.weight)) data(out, "e_weight", number(edge.weight));
    data(out, "e_objects", std::to_string(edge.objects));
    if (std::isfinite(edge.q)) data(out, "e_q", number(edge.q));
    data(out, "e_start", span.start);
    data(out, "e_end", span.end);
    out += "</edge>\n";
}

}  // namespace

std::string to_gexf(std::span<const NetworkNode> nodes, std::span<const NetworkEdge> edges) {
    const std::vector<std::string> ids = distinct_ids(nodes);
    const auto several = layers_with_windows(edges);
    std::string out(kGexfHead);
    out += "<nodes";
    attribute(out, "count", std::to_string(nodes.size()));
    out += ">\n";
    for (std::size_t i = 0; i < nodes.size(); ++i) gexf_node(out, nodes[i], ids[i]);
    out += "</nodes>\n<edges";
    attribute(out, "count", std::to_string(drawn_edges(edges, nodes.size())));
    out += ">\n";
    for (std::size_t i = 0; i < edges.size(); ++i)
        if (drawn(edges[i], nodes.size())) gexf_edge(out, edges[i], i, ids, several.at(edges[i].layer));
    out += "</edges>\n</graph>\n</gexf>\n";
    return out;
}

std::string to_graphml(std::span<const NetworkNode> nodes, std::span<const NetworkEdge> edges) {
    std::string out(kGraphmlHead);
    for (std::size_t i = 0; i < nodes.size(); ++i) graphml_node(out, nodes[i], i);
    for (std::size_t i = 0; i < edges.size(); ++i)
        if (drawn(edges[i], nodes.size())) graphml_edge(out, edges[i], i);
    out += "</graph>\n</graphml>\n";
    return out;
}

}  // namespace contrechamp::coordination
