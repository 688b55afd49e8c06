// formats/json_spans.h, against the other JSON reader of the house.
#include <map>

#include "formats/json_spans.h"
#include "fuzz.h"

using namespace contrechamp;

namespace {

void check_inside(std::string_view document, const std::vector<std::string_view>& path) {
    const auto spans = json_spans(document, path, "fuzz");
    if (!spans) return;
    std::uint64_t end = 0;
    for (const auto& span : *spans) {
        CHECK(fuzz::inside(document, span.offset, span.length) && span.length > 0 && span.offset >= end);
        end = span.offset + span.length;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto document = fuzz::view(data, size);
    check_inside(document, {"extensions", "settings"});
    check_inside(document, {"addons"});
    check_inside(document, {"a", "b"});
    const auto value = json::parse(document, "fuzz");
    const auto spans = json_spans(document, {}, "fuzz");
    check_inside(document, {});
    if (value && (value->if_object() || value->if_array())) {
        CHECK(spans);
        std::map<std::string, std::string> last;
        for (const auto& span : *spans) {
            const auto part = json::parse(document.substr(span.offset, span.length), "part");
            CHECK(part);
            last[span.key] = json::canonical(*part);
        }
        if (const auto* object = value->if_object()) {
            CHECK(last.size() == object->size());
            for (const auto& [name, item] : *object) CHECK(last.at(name) == json::canonical(item));
        } else {
            CHECK(spans->size() == value->if_array()->size());
            for (std::size_t i = 0; i < spans->size(); ++i)
                CHECK(last.at(std::to_string(i)) == json::canonical((*value->if_array())[i]));
        }
    }

    const std::string plain = without_json_comments(document);
    CHECK(plain.size() == document.size());
    for (std::size_t i = 0; i < plain.size(); ++i)
        CHECK(plain[i] == document[i] || (plain[i] == ' ' && document[i] != '\n'));
    if (value) CHECK(plain == document);  // valid JSON has neither comments nor trailing commas
    return 0;
}
