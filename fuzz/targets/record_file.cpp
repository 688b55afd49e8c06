// formats/record_file.h: what is read points to its bytes; what is written is read back.
#include "formats/record_file.h"
#include "fuzz.h"

using namespace contrechamp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = fuzz::view(data, size);
    const auto file = read_record_file(bytes, "fuzz");
    if (!file) return 0;
    CHECK(!file->name.empty());
    CHECK(file->whole || !file->problems.empty());  // nothing is cut off in silence
    RecordWriter writer(file->name, file->version, file->header.object_or_empty());
    std::uint64_t line = 1;
    std::size_t written = 0;
    for (const auto& record : file->records) {
        CHECK(record.line > line && fuzz::inside(bytes, record.offset, record.length));
        line = record.line;
        const auto again = json::parse(bytes.substr(record.offset, record.length), "record");
        CHECK(again && json::canonical(*again) == json::canonical(record.value) && record.is != "end");
        writer.add(record.is, record.value.object_or_empty());
        ++written;
    }
    const auto reread = read_record_file(writer.finish(), "written");
    CHECK(reread && reread->whole && reread->problems.empty() && reread->records.size() == written);
    for (std::size_t i = 0; i < written; ++i)
        CHECK(json::canonical(reread->records[i].value) == json::canonical(file->records[i].value));

    json::Object fields;
    put_text(fields, "text", bytes.substr(0, 4096));
    fuzz::check_canonical(fields);
    return 0;
}
