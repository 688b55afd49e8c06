// The exhibits our own collectors write: JSON lines. The first line says what the file is, the last that it
// is whole:
//
//   {"contrechamp":"linux-x11","version":1,"host":"…","time":"…","uid":1000,…}
//   {"is":"client","pid":312,…}
//   {"is":"looked","check":"x11-clients"}
//   {"is":"coverage","check":"x11-clients","state":"unreadable","reason":"…","fields":{…}}
//   {"is":"end","records":3}
//
// The formats are listed in docs/schema/exhibits.md. A writer never writes bytes that are not UTF-8: text()
// keeps what is not as hexadecimal beside the readable form.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace contrechamp {

class RecordWriter {
  public:
    // `header` gets the members contrechamp and version.
    RecordWriter(std::string_view name, std::int64_t version, json::Object header);

    void add(std::string_view is, json::Object fields);
    // The check was carried out to its end, on everything or on what `fields` says.
    void looked(std::string_view check, json::Object fields = {});
    // The check, or a part of it, could not be carried out. `state` is "unreadable" or "not-recorded".
    void not_looked(std::string_view check, std::string_view state, std::string_view reason,
                    json::Object fields = {});
    // Ends the file.
    std::string finish();

  private:
    void line(json::Object object);
    std::string out_;
    std::int64_t records_ = 0;
};

// Puts text of unknown encoding into `fields[name]`; when it is not valid UTF-8 its bytes go to `name_hex` as
// well.
void put_text(json::Object& fields, const std::string& name, std::string_view bytes);

struct Record {
    std::string is;
    json::Value value;
    std::uint64_t offset = 0, length = 0, line = 0;
};

struct RecordFile {
    std::string name;
    std::int64_t version = 0;
    json::Value header;
    std::vector<Record> records;  // without header and end
    bool whole = false;           // ended as it should
    // Lines that could not be read, each with its place; reading went on after them. The first thousand.
    std::vector<Error> problems;
};

// Fails when the first line is no header. `where` names the file in errors.
Result<RecordFile> read_record_file(std::string_view bytes, std::string_view where);

}  // namespace contrechamp
