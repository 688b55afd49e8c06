// Observations, coverage and findings as JSON lines: what the index and other programs hand back to us.
#include "evidence/coverage.h"
#include "evidence/finding.h"
#include "evidence/observation.h"
#include "fuzz.h"

using namespace contrechamp;

namespace {

// What is read from JSON and written again is stable, and its id with it.
template <class Item>
void check(const json::Value& value) {
    const auto item = Item::from_json(value);
    if (!item) return;
    fuzz::check_canonical(item->to_json());
    const auto again = Item::from_json(item->to_json());
    CHECK(again && again->id() == item->id());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto value = json::parse(fuzz::view(data, size), "fuzz");
    if (!value) return 0;
    check<Observation>(*value);
    check<Coverage>(*value);
    check<Finding>(*value);
    if (const auto locator = Locator::from_json(*value)) {
        const auto again = Locator::from_json(locator->to_json());
        CHECK(again && *again == *locator);
    }
    return 0;
}
