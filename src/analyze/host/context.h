// What the parts of the host analyzer share while they read one exhibit.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/analyzer.h"
#include "formats/record_file.h"

namespace contrechamp::host {

// How much a mark on this machine weighs in naming a product (docs/schema/rules.md, "Marks").
struct MarkWeight {
    std::string_view
        channel;  // the kind of trace: process, package, unit, file, bus, port, extension, certificate …
    bool specific = false;     // more than a bare name
    bool unforgeable = false;  // enough on its own
    Strength strength = Strength::installed;
};

class Context {
  public:
    Context(const ExhibitView& exhibit, const Knowledge& known, Output& out, std::string host)
        : knowledge(known), exhibit_(exhibit), out_(out), host_(std::move(host)) {}

    const Knowledge& knowledge;

    const std::string& host() const { return host_; }
    // Whether the machine's packages are known, so that "of no package" means something.
    bool packages_known = false;
    Locator locate(const Record& record) const {
        return {std::string(exhibit_.sha256), record.offset, record.length, record.line, ""};
    }
    Locator locate(std::uint64_t offset, std::uint64_t length, std::string path = {}) const {
        return {std::string(exhibit_.sha256), offset, length, 0, std::move(path)};
    }

    Subject subject(std::string kind, std::string key, std::string label) const {
        return {std::move(kind), host_, std::move(key), std::move(label)};
    }
    // The program of a process record: its script for an interpreter, else its file, else the name it goes
    // by.
    Subject program(const json::Value& process) const;

    // Puts out an observation and notes that `check` found something.
    void observe(std::string_view check, std::string_view kind, Subject subject, json::Object fields,
                 Locator locator, Basis basis = Basis::measured);
    // One observation "product.CHANNEL" for each mark, about the product; `bearer` is what carries the mark.
    void marks(std::string_view check, const std::vector<Mark>& marks, const MarkWeight& weight,
               const Subject& bearer, const Locator& locator, Basis basis = Basis::measured);

    // A part of the exhibit that should have been readable and is not. Reading goes on after it.
    void defect(Text what, const Locator& where);
    const std::vector<Error>& defects() const { return defects_; }

    // Whether any observation so far came under this check.
    bool found(std::string_view check) const { return found_.contains(check); }
    Output& out() { return out_; }
    const ExhibitView& exhibit() const { return exhibit_; }

  private:
    const ExhibitView& exhibit_;
    Output& out_;
    std::string host_;
    std::set<std::string, std::less<>> found_;
    std::vector<Error> defects_;
    std::set<std::string> marked_;  // (product, channel, bearer): one mark of a kind is enough
};

// Makes fields what evidence/observation.h says they are: words, integers, booleans, lists of words.
void flatten(json::Object& fields);

// Marks that apply to Linux: those without platforms or naming it.
std::vector<Mark> linux_marks(const Knowledge& knowledge, std::string_view type, std::string_view value,
                              std::string_view qualifier = {});

// Each reads the records of its exhibits. Named after them.
void read_programs(Context&, const RecordFile&);
void read_x11(Context&, const RecordFile&);
void read_sound(Context&, const RecordFile&);
void read_bus(Context&, const RecordFile&);
void read_permissions(Context&, const RecordFile&);
void read_startup(Context&, const RecordFile&);
void read_logging(Context&, const RecordFile&);
void read_modules(Context&, const RecordFile&);
void read_extensions(Context&, const RecordFile&);
void read_policies(Context&, const RecordFile&);
void read_trust(Context&, const RecordFile&);
void read_proxies(Context&, const RecordFile&);
void read_sockets(Context&, const RecordFile&);
void read_packages(Context&, const RecordFile&);
void read_files(Context&, const RecordFile&);
void read_remote_access(Context&, const RecordFile&);

// Files as browsers and systems keep them, added by hand.
Status read_raw(Context&, std::string_view type, std::string_view bytes);

// The tables, and the rows that records make (tables.cpp).
std::span<const TableSpec> tables();
void add_row(Context&, const Record& record);

}  // namespace contrechamp::host
