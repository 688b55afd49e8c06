// knowledge_bundle FOLDER OUTPUT: checks a knowledge folder and writes it as one canonical JSON document. Run
// by the build, so that the program carries its knowledge and a broken row does not build.
#include <cstdio>

#include "base/files.h"
#include "knowledge/folder.h"

int main(int count, char** arguments) {
    using namespace contrechamp;
    if (count != 3) {
        std::fprintf(stderr, "usage: knowledge_bundle FOLDER OUTPUT\n");
        return 2;
    }
    const auto folder = read_knowledge_folders({arguments[1]});
    if (!folder) {
        std::fprintf(stderr, "%s: %s\n", folder.error().where.c_str(), folder.error().what.en.c_str());
        return 1;
    }
    for (const auto& problem : folder->problems)
        std::fprintf(stderr, "%s: %s\n", problem.where.c_str(), problem.what.en.c_str());
    if (!folder->problems.empty()) return 1;
    const auto written = replace_file(arguments[2], json::canonical(folder->document), 0644, false);
    if (!written)
        std::fprintf(stderr, "%s: %s\n", written.error().where.c_str(), written.error().what.en.c_str());
    return written ? 0 : 1;
}
