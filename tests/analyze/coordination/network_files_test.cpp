#include <gtest/gtest.h>
#include <igraph/igraph.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>
#include <sstream>

#include "analyze/coordination/network.h"

namespace contrechamp::coordination {
namespace {

const std::vector<NetworkNode> kNodes = {
    {"a<1>", "Zoé & \"co\"\n\t'x'", 1533081600, 1535760000, 12, "c1"},
    {"a\x01<1>", "\xff\xfe x \xef\xbf\xbf", 0, 0, 3, ""},  // the same id once cleaned; no UTF-8; U+FFFF
    {"", "", -62135596800, 253402300799, 0, "2"},
    {"<!--]]>", std::string("nul\0 \x1f\x7f\xe2\x80\xae", 10), 5, 5, 1, "&#0;"},
};
const std::vector<NetworkEdge> kEdges = {
    {0, 1, "same-text", "60s", 2.5, 3, 1e-9, 1533081600, 1533081700},
    {0, 1, "same-text", "3600s", 0.1, 5, 0.1, 1533081700, 1533081600},  // times the wrong way round
    {1, 2, "link", "60s", 1, 1, 1, 0, 0},
    {1, 9, "link", "60s", 1, 1, 1, 0, 0},  // names no node
    {3, 0, "a\"b<", "", std::nan(""), 0, std::nan(""), std::numeric_limits<std::int64_t>::min(), 0},
};

// Reads XML with Python's expat, which is strict, and says each element and attribute on a line of its own:
// "element", then "  name=value" in order of names, with backslashes for what is not printable ASCII.
constexpr const char* kDump = R"PY(
import sys, xml.etree.ElementTree as E
for e in E.parse(sys.argv[1]).iter():
    print(e.tag.split('}')[1] + ('' if not (e.text or '').strip() else ' ' + ascii(e.text)[1:-1]))
    for k, v in sorted(e.attrib.items()):
        if '}' not in k: print('  ' + k + '=' + ascii(v)[1:-1])
)PY";

class File {
  public:
    explicit File(const std::string& text) {
        const int file = mkstemp(path_);
        EXPECT_GE(file, 0);
        EXPECT_EQ(write(file, text.data(), text.size()), static_cast<ssize_t>(text.size()));
        close(file);
    }
    ~File() { unlink(path_); }
    const char* path() const { return path_; }

  private:
    char path_[32] = "/tmp/network-XXXXXX";
};

std::string dumped(const std::string& xml) {
    const File file(xml), script(kDump);
    std::string out, command = std::string("python3 ") + script.path() + " " + file.path();
    FILE* pipe = popen(command.c_str(), "r");
    char buffer[4096];
    for (std::size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, n);
    EXPECT_EQ(pclose(pipe), 0) << xml;
    return out;
}

// Against gexf.net's schema 1.3 (gexf.rnc, dynamics.rnc): names, order, enumerations and required attributes
// of all that is used here, and the values that were put in.
TEST(NetworkFiles, GexfIsTheDocumentOfItsSchema) {
    EXPECT_EQ(dumped(to_gexf(kNodes, kEdges)), R"(gexf
  version=1.3
meta
creator Contrechamp
graph
  defaultedgetype=undirected
  idtype=string
  mode=dynamic
  timeformat=dateTime
  timerepresentation=interval
attributes
  class=node
attribute
  id=posts
  title=posts
  type=long
attribute
  id=community
  title=community
  type=string
attribute
  id=first
  title=first
  type=string
attribute
  id=last
  title=last
  type=string
attributes
  class=edge
attribute
  id=layer
  title=layer
  type=string
attribute
  id=window
  title=window
  type=string
attribute
  id=objects
  title=objects
  type=long
attribute
  id=q
  title=q
  type=double
attribute
  id=first
  title=first
  type=string
attribute
  id=last
  title=last
  type=string
nodes
  count=4
node
  end=2018-09-01T00:00:00Z
  id=a<1>
  label=Zo\xe9 & "co"\n\t\'x\'
  start=2018-08-01T00:00:00Z
attvalues
attvalue
  for=posts
  value=12
attvalue
  for=community
  value=c1
attvalue
  for=first
  value=2018-08-01T00:00:00Z
attvalue
  for=last
  value=2018-09-01T00:00:00Z
node
  id=a<1>#1
  label=\ufffd\ufffd x 
attvalues
attvalue
  for=posts
  value=3
node
  end=9999-12-31T23:59:59Z
  id=#2
  label=
  start=0001-01-01T00:00:00Z
attvalues
attvalue
  for=posts
  value=0
attvalue
  for=community
  value=2
attvalue
  for=first
  value=0001-01-01T00:00:00Z
attvalue
  for=last
  value=9999-12-31T23:59:59Z
node
  end=1970-01-01T00:00:05Z
  id=<!--]]>
  label=nul \x7f\u202e
  start=1970-01-01T00:00:05Z
attvalues
attvalue
  for=posts
  value=1
attvalue
  for=community
  value=&#0;
attvalue
  for=first
  value=1970-01-01T00:00:05Z
attvalue
  for=last
  value=1970-01-01T00:00:05Z
edges
  count=4
edge
  end=2018-08-01T00:01:40Z
  id=e0
  kind=same-text 60s
  source=a<1>
  start=2018-08-01T00:00:00Z
  target=a<1>#1
  weight=2.5
attvalues
attvalue
  for=layer
  value=same-text
attvalue
  for=window
  value=60s
attvalue
  for=objects
  value=3
attvalue
  for=q
  value=1e-09
attvalue
  for=first
  value=2018-08-01T00:00:00Z
attvalue
  for=last
  value=2018-08-01T00:01:40Z
edge
  end=2018-08-01T00:01:40Z
  id=e1
  kind=same-text 3600s
  source=a<1>
  start=2018-08-01T00:00:00Z
  target=a<1>#1
  weight=0.1
attvalues
attvalue
  for=layer
  value=same-text
attvalue
  for=window
  value=3600s
attvalue
  for=objects
  value=5
attvalue
  for=q
  value=0.1
attvalue
  for=first
  value=2018-08-01T00:00:00Z
attvalue
  for=last
  value=2018-08-01T00:01:40Z
edge
  id=e2
  kind=link
  source=a<1>#1
  target=#2
  weight=1
attvalues
attvalue
  for=layer
  value=link
attvalue
  for=window
  value=60s
attvalue
  for=objects
  value=1
attvalue
  for=q
  value=1
edge
  id=e4
  kind=a"b<
  source=<!--]]>
  target=a<1>
attvalues
attvalue
  for=layer
  value=a"b<
attvalue
  for=window
  value=
attvalue
  for=objects
  value=0
)");
}

TEST(NetworkFiles, IdsStayDistinctWhateverTheyAre) {
    // The name that a second "a" would get is taken already.
    const std::vector<NetworkNode> nodes = {{"a", ""}, {"a", ""}, {"a#1", ""}, {"a", ""}, {"", ""}, {"", ""}};
    const std::string dump = dumped(to_gexf(nodes, {}));
    for (const char* id : {"id=a\n", "id=a#1.1\n", "id=a#1\n", "id=a#3\n", "id=#4\n", "id=#5\n"})
        EXPECT_NE(dump.find(id), std::string::npos) << id;
}

TEST(NetworkFiles, EmptyNetworksAreDocuments) {
    EXPECT_NE(dumped(to_gexf({}, {})).find("nodes\n  count=0\nedges\n  count=0\n"), std::string::npos);
    EXPECT_NE(dumped(to_graphml({}, {})).find("graph\n  edgedefault=undirected"), std::string::npos);
    EXPECT_NE(dumped(to_gexf({}, kEdges)).find("edges\n  count=0\n"), std::string::npos);
}

TEST(NetworkFiles, EveryByteIsHeldOrLeftOut) {
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    const std::vector<NetworkNode> nodes = {{all, all, 1, 1, 1, all}};
    const std::vector<NetworkEdge> edges = {{0, 0, all, all, 1, 1, 1, 1, 1}};
    for (const std::string& xml : {to_gexf(nodes, edges), to_graphml(nodes, edges)}) {
        const std::string dump = dumped(xml);
        // tab and line ends survive
        EXPECT_NE(dump.find("\\t\\n\\r !\"#$%&"), std::string::npos);
        EXPECT_NE(dump.find("\\x7f\\ufffd"), std::string::npos);
    }
}

TEST(NetworkFiles, GraphmlIsReadBackByIgraph) {
    const File file(to_graphml(kNodes, kEdges));
    igraph_set_attribute_table(&igraph_cattribute_table);
    igraph_t graph;
    FILE* in = std::fopen(file.path(), "r");
    ASSERT_NE(in, nullptr);
    ASSERT_EQ(igraph_read_graph_graphml(&graph, in, 0), IGRAPH_SUCCESS);
    std::fclose(in);
    EXPECT_FALSE(igraph_is_directed(&graph));
    ASSERT_EQ(igraph_vcount(&graph), 4);
    ASSERT_EQ(igraph_ecount(&graph), 4);  // one named no node
    EXPECT_STREQ(VAS(&graph, "id", 1), "n1");
    EXPECT_STREQ(VAS(&graph, "account", 0), "a<1>");
    EXPECT_STREQ(VAS(&graph, "account", 3), "<!--]]>");
    EXPECT_STREQ(VAS(&graph, "label", 0), "Zoé & \"co\"\n\t'x'");
    EXPECT_STREQ(VAS(&graph, "label", 1), "\xef\xbf\xbd\xef\xbf\xbd x ");
    EXPECT_STREQ(VAS(&graph, "community", 0), "c1");
    EXPECT_STREQ(VAS(&graph, "community", 1), "");
    EXPECT_STREQ(VAS(&graph, "start", 0), "2018-08-01T00:00:00Z");
    EXPECT_STREQ(VAS(&graph, "end", 2), "9999-12-31T23:59:59Z");
    EXPECT_EQ(VAN(&graph, "posts", 0), 12);
    EXPECT_EQ(EAN(&graph, "weight", 0), 2.5);
    EXPECT_EQ(EAN(&graph, "weight", 1), 0.1);
    EXPECT_EQ(EAN(&graph, "q", 0), 1e-9);
    EXPECT_EQ(EAN(&graph, "objects", 1), 5);
    EXPECT_TRUE(std::isnan(EAN(&graph, "weight", 3)));
    EXPECT_STREQ(EAS(&graph, "layer", 3), "a\"b<");
    EXPECT_STREQ(EAS(&graph, "window", 1), "3600s");
    EXPECT_STREQ(EAS(&graph, "start", 1), "2018-08-01T00:00:00Z");
    EXPECT_EQ(IGRAPH_FROM(&graph, 2) + IGRAPH_TO(&graph, 2), 3);
    igraph_destroy(&graph);
    igraph_set_attribute_table(nullptr);
}

}  // namespace
}  // namespace contrechamp::coordination
