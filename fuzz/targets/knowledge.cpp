// knowledge/knowledge.h: a bundle, as a case carries one. It may come from whoever made the case.
#include "knowledge/knowledge.h"
#include "base/hash.h"
#include "fuzz.h"
#include "knowledge/folder.h"
#include "knowledge/lint.h"

using namespace contrechamp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = fuzz::view(data, size);
    const auto knowledge = Knowledge::from_bundle(bytes, "fuzz");
    if (!knowledge) return 0;
    CHECK(is_sha256(knowledge->sha256()) && knowledge->sha256() == sha256_hex(knowledge->bundle()));
    const auto again = Knowledge::from_bundle(knowledge->bundle(), "again");
    CHECK(again && again->sha256() == knowledge->sha256());
    // Every mark finds itself, and look-ups take any word.
    std::size_t asked = 0;
    for (const auto& product : knowledge->products()) {
        for (const auto& indicator : product.indicators) {
            if (++asked > 200) break;
            for (const auto& mark : knowledge->marks(indicator.type, indicator.value))
                CHECK(mark.product && mark.indicator && mark.indicator->type == indicator.type);
            if (indicator.match == "exact" && !indicator.value.empty())
                CHECK(!knowledge->marks(indicator.type, indicator.value).empty());
            knowledge->permission_capabilities(indicator.value, true);
            knowledge->policy_capabilities(indicator.value);
        }
    }
    if (asked <= 50)
        knowledge->certificate_marks(std::string(64, 'a'), {"Example CA", "Example"}, {"Example", ""});
    std::vector<KnowledgeProblem> problems;
    if (const auto document = json::parse(bytes, "fuzz")) lint_knowledge(*document, problems);
    for (const auto& problem : problems) CHECK(!problem.what.en.empty() && !problem.what.fr.empty());
    return 0;
}
