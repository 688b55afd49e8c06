#include "formats/record_file.h"

#include "base/bytes.h"
#include "base/escape.h"

namespace contrechamp {

RecordWriter::RecordWriter(std::string_view name, std::int64_t version, json::Object header) {
    header["contrechamp"] = name;
    header["version"] = version;
    out_ = json::canonical(header) + "\n";
}

void RecordWriter::line(json::Object object) {
    out_ += json::canonical(object) + "\n";
    ++records_;
}

void RecordWriter::add(std::string_view is, json::Object fields) {
    fields["is"] = is;
    line(std::move(fields));
}

void RecordWriter::looked(std::string_view check, json::Object fields) {
    json::Object record{{"is", "looked"}, {"check", check}};
    if (!fields.empty()) record["fields"] = std::move(fields);
    line(std::move(record));
}

void RecordWriter::not_looked(std::string_view check, std::string_view state, std::string_view reason,
                              json::Object fields) {
    json::Object record{{"is", "coverage"}, {"check", check}, {"state", state}, {"reason", reason}};
    if (!fields.empty()) record["fields"] = std::move(fields);
    line(std::move(record));
}

std::string RecordWriter::finish() {
    const auto records = records_;
    add("end", {{"records", records}});
    return std::move(out_);
}

void put_text(json::Object& fields, const std::string& name, std::string_view bytes) {
    fields[name] = to_valid_utf8(bytes);
    if (!is_valid_utf8(bytes)) fields[name + "_hex"] = to_hex(bytes);
}

Result<RecordFile> read_record_file(std::string_view bytes, std::string_view where) {
    RecordFile out;
    // A file of a million empty lines has a million defects; more than a few tell nobody anything.
    constexpr std::size_t kMostProblems = 1000;
    const auto defect = [&](Error problem) {
        if (out.problems.size() < kMostProblems) out.problems.push_back(std::move(problem));
    };
    LineReader lines(bytes);
    const auto at = [&](const Line& line) {
        return std::string(where) + ":" + std::to_string(line.number) + " (offset " +
               std::to_string(line.offset) + ")";
    };
    while (const auto line = lines.next()) {
        auto value = json::parse(line->text, at(*line));
        if (line->number == 1) {
            if (!value || (*value)["contrechamp"].string_or().empty())
                return fail({"the first line does not say what this file is",
                             "la première ligne ne dit pas ce qu’est ce fichier"},
                            at(*line));
            out.name = (*value)["contrechamp"].string_or();
            out.version = (*value)["version"].int_or(0);
            out.header = std::move(*value);
            continue;
        }
        if (!value) {
            defect(value.error());
            continue;
        }
        const auto is = (*value)["is"].string_or();
        if (is.empty() || out.whole) {
            defect({{is.empty() ? "a record without a kind" : "a record after the end",
                     is.empty() ? "un enregistrement sans genre" : "un enregistrement après la fin"},
                    at(*line),
                    {}});
        } else if (is == "end") {
            out.whole = (*value)["records"].int_or(-1) == static_cast<std::int64_t>(out.records.size());
            if (!out.whole)
                defect({{"the end counts other records than there are",
                         "la fin ne compte pas les mêmes enregistrements"},
                        at(*line),
                        {}});
        } else {
            out.records.push_back(
                {std::string(is), std::move(*value), line->offset, line->text.size(), line->number});
        }
    }
    if (out.name.empty()) return fail({"the file is empty", "le fichier est vide"}, std::string(where));
    if (!out.whole && out.problems.empty())
        out.problems.push_back({{"the file is cut off: its last line is missing",
                                 "le fichier est tronqué : sa dernière ligne manque"},
                                std::string(where),
                                {}});
    return out;
}

}  // namespace contrechamp
