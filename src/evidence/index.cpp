#include "evidence/index.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include "base/hash.h"

namespace contrechamp {
namespace {

// Raised whenever the layout below changes; an index of another number is made again.
constexpr int kSchema = 2;

// SQLiteCpp throws; nothing may leave this file.
template <class F>
auto guarded(const std::string& where, F work) -> decltype(work()) {
    try {
        return work();
    } catch (const SQLite::Exception& problem) {
        // Deleting the index helps when it is damaged, not when the disk is.
        const Text what{"cannot use the index", "impossible d’utiliser l’index"};
        if (problem.getErrorCode() == SQLITE_FULL) return tl::unexpected(system_error(what, where, ENOSPC));
        if (problem.getErrorCode() == SQLITE_IOERR) return tl::unexpected(system_error(what, where, EIO));
        const std::string reason = problem.getErrorStr();
        return fail(
            {"the index cannot be used (" + reason + ")", "l’index est inutilisable (" + reason + ")"}, where,
            {"delete it: it is made again from the exhibits",
             "supprimez-le : il sera refait à partir des pièces"});
    }
}

std::string sql_name(std::string_view name) {
    std::string out = "\"";
    for (char c : name) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

std::string_view sql_type(std::string_view type) {
    if (type == "integer" || type == "boolean") return "INTEGER";
    if (type == "real") return "REAL";
    return "TEXT";
}

void bind(SQLite::Statement& statement, int position, const json::Value& value) {
    const json::Value kept = kept_cell(value);
    if (const auto* text = kept.if_string()) statement.bind(position, *text);
    else if (const auto* integer = kept.if_int()) statement.bind(position, *integer);
    else if (const auto* real = kept.if_double()) statement.bind(position, *real);
    else statement.bind(position);
}

void create_tables(SQLite::Database& db) {
    db.exec("PRAGMA user_version=" + std::to_string(kSchema));
    db.exec("CREATE TABLE meta(stamp TEXT NOT NULL)");
    db.exec("CREATE TABLE tables(position INTEGER PRIMARY KEY, name TEXT NOT NULL)");
    db.exec(
        "CREATE TABLE documents(position INTEGER PRIMARY KEY, what TEXT NOT NULL, id TEXT NOT NULL, kind "
        "TEXT NOT NULL,"
        " subject TEXT NOT NULL, json TEXT NOT NULL)");
    db.exec("CREATE INDEX documents_id ON documents(id)");
    db.exec("CREATE INDEX documents_what ON documents(what, kind)");
    db.exec("CREATE VIRTUAL TABLE words USING fts5(json, content='documents', content_rowid='position')");
}

void fill(SQLite::Database& db, const Derivation& derivation, const std::string& stamp) {
    db.exec("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF");  // a half-written index is thrown away, not
                                                                 // repaired
    SQLite::Transaction transaction(db);
    create_tables(db);
    SQLite::Statement meta(db, "INSERT INTO meta VALUES(?)");
    meta.bind(1, stamp);
    meta.exec();

    SQLite::Statement insert(db, "INSERT INTO documents(what, id, kind, subject, json) VALUES(?,?,?,?,?)");
    const auto put = [&](const char* what, const auto& item, const std::string& kind,
                         const std::string& subject) {
        insert.reset();
        insert.bind(1, what);
        insert.bind(2, item.id());
        insert.bind(3, kind);
        insert.bind(4, subject);
        insert.bind(5, json::canonical(item.to_json()));
        insert.exec();
    };
    for (const auto& o : derivation.observations)
        put("observations", o, o.kind, o.subject.label + " " + o.subject.key);
    for (const auto& c : derivation.coverage) put("coverage", c, c.check, c.host);
    for (const auto& f : derivation.findings)
        put("findings", f, f.rule, f.subject.label + " " + f.subject.key);
    db.exec("INSERT INTO words(words) VALUES('rebuild')");

    SQLite::Statement listed(db, "INSERT INTO tables(name) VALUES(?)");
    for (const auto& table : derivation.tables) {
        listed.reset();
        listed.bind(1, std::string(table.spec->name));
        listed.exec();
        std::string columns, places;
        for (const auto& column : table.spec->columns) {
            columns += sql_name(column.name) + " " + std::string(sql_type(column.type)) + ",";
            places += "?,";
        }
        const std::string name = sql_name("t_" + std::string(table.spec->name));
        db.exec("CREATE TABLE " + name + "(" + columns + "exhibit TEXT, offset INTEGER, length INTEGER)");
        SQLite::Statement row(db, "INSERT INTO " + name + " VALUES(" + places + "?,?,?)");
        for (const auto& item : table.rows) {
            row.reset();
            int position = 0;
            for (const auto& cell : item.cells) bind(row, ++position, cell);
            row.bind(++position, item.locator.exhibit);
            row.bind(++position, static_cast<std::int64_t>(item.locator.offset));
            row.bind(++position, static_cast<std::int64_t>(item.locator.length));
            row.exec();
        }
    }
    transaction.commit();
}

// Parts that killed runs left beside the index.
void remove_orphans(const fs::path& path) {
    const std::string start = path.filename().string() + ".part-";
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(path.parent_path(), error)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(start)) continue;
        const auto pid = std::strtol(name.c_str() + start.size(), nullptr, 10);
        if (pid > 0 && ::kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH)
            ::unlink(entry.path().c_str());
    }
}

json::Value cell(const SQLite::Column& column) {
    if (column.isNull()) return nullptr;
    if (column.isInteger()) return column.getInt64();
    if (column.isFloat()) return column.getDouble();
    return column.getString();
}

// A row of "what, id, json, kind, subject".
Index::Document document(SQLite::Statement& query) {
    return {query.getColumn(0).getString(), query.getColumn(1).getString(), query.getColumn(2).getString(),
            query.getColumn(3).getString(), query.getColumn(4).getString()};
}

}  // namespace

struct Index::State {
    SQLite::Database db;
    std::string where;
};

Index::Index(std::unique_ptr<State> state) : state_(std::move(state)) {}
Index::Index(Index&&) noexcept = default;
Index::~Index() = default;

Status Index::write(const fs::path& path, const Derivation& derivation, const std::string& stamp) {
    // Two readers that find no index may both make it: each has a part of its own.
    static std::atomic<int> parts = 0;
    const fs::path part =
        path.string() + ".part-" + std::to_string(::getpid()) + "-" + std::to_string(parts++);
    remove_orphans(path);
    auto written = guarded(path.string(), [&]() -> Status {
        ::unlink(part.c_str());
        // Made by us: SQLite would not say why it cannot.
        if (!Fd(::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)).valid())
            return tl::unexpected(system_error({"cannot create", "impossible de créer"}, path));
        {
            SQLite::Database db(part.string(), SQLite::OPEN_READWRITE);
            fill(db, derivation, stamp);
        }
        if (::rename(part.c_str(), path.c_str()) != 0)
            return tl::unexpected(
                system_error({"cannot store the index", "impossible de ranger l’index"}, path));
        return {};
    });
    if (!written) ::unlink(part.c_str());
    return written;
}

Result<Index> Index::in_memory(const Derivation& derivation, const std::string& stamp) {
    return guarded("memory", [&]() -> Result<Index> {
        auto state = std::make_unique<State>(
            State{SQLite::Database(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE), "memory"});
        fill(state->db, derivation, stamp);
        return Index(std::move(state));
    });
}

Result<Index> Index::open(const fs::path& path) {
    return guarded(path.string(), [&]() -> Result<Index> {
        // immutable=1: no lock files beside it, so that a read-only case can be read.
        std::string uri = "file:";
        for (unsigned char c : path.string()) {
            static constexpr char kHex[] = "0123456789ABCDEF";
            if (c == '%' || c == '?' || c == '#' || c < 0x20 || c > 0x7e) {
                uri += '%';
                uri += kHex[c >> 4];
                uri += kHex[c & 15];
            } else {
                uri += static_cast<char>(c);
            }
        }
        auto state = std::make_unique<State>(State{
            SQLite::Database(uri + "?immutable=1", SQLite::OPEN_READONLY | SQLite::OPEN_URI), path.string()});
        if (state->db.execAndGet("PRAGMA user_version").getInt() != kSchema)
            return fail({"the index is of another version", "l’index est d’une autre version"},
                        path.string());
        // A handed-over file may hold a view in a table's place, which runs whatever query it was given.
        if (state->db.execAndGet("SELECT count(*) FROM sqlite_master WHERE type NOT IN ('table', 'index')")
                .getInt())
            return fail({"the index is not of this program", "l’index n’est pas de ce programme"},
                        path.string());
        return Index(std::move(state));
    });
}

Result<std::string> Index::stamp() const {
    return guarded(state_->where, [&]() -> Result<std::string> {
        return state_->db.execAndGet("SELECT stamp FROM meta").getString();
    });
}

Result<bool> Index::holds(const json::Value& summary, Depth depth) const {
    return guarded(state_->where, [&]() -> Result<bool> {
        for (const char* what : {"observations", "coverage", "findings"}) {
            Sha256 hash;
            std::int64_t count = 0;
            SQLite::Statement query(
                state_->db,
                "SELECT id, json, kind, json_extract(json, CASE what WHEN 'observations' THEN '$.kind' WHEN "
                "'coverage' THEN '$.check' ELSE '$.rule' END) FROM documents WHERE what = ? ORDER BY "
                "position");
            query.bind(1, what);
            while (query.executeStep()) {
                const std::string text = query.getColumn(1).getString();
                // What lists and filters go by must not say otherwise than the document does.
                if (query.getColumn(0).getString() != sha256_hex(text) ||
                    query.getColumn(2).getString() != query.getColumn(3).getString())
                    return false;
                hash.update(text + "\n");
                ++count;
            }
            if (summary[what]["sha256"].string_or() != hash.hex() ||
                summary[what]["count"].int_or(-1) != count)
                return false;
        }
        if (depth == Depth::documents) return true;
        Sha256 hash;
        SQLite::Statement tables(state_->db, "SELECT name FROM tables ORDER BY position");
        while (tables.executeStep()) {
            const std::string name = tables.getColumn(0).getString();
            TRY(rows(name, [&](const std::vector<json::Value>& cells) -> Status {
                if (cells.size() < 3) return {};
                const auto end = cells.end() - 3;
                hash.update(row_line(name, json::Array(cells.begin(), end), end[0].string_or(),
                                     static_cast<std::uint64_t>(end[1].int_or(0)),
                                     static_cast<std::uint64_t>(end[2].int_or(0))));
                return {};
            }));
        }
        return summary["rows"]["sha256"].string_or() == hash.hex();
    });
}

Result<std::vector<Index::Document>> Index::documents(std::string_view what, const Filter& filter) const {
    return guarded(state_->where, [&]() -> Result<std::vector<Document>> {
        std::string sql = "SELECT what, id, json, kind, subject FROM documents WHERE what = :what";
        if (!filter.kind.empty())
            sql += " AND (kind = :kind OR substr(kind, 1, length(:kind) + 1) = :kind || '.')";
        if (!filter.subject.empty()) sql += " AND instr(lower(subject), lower(:subject)) > 0";
        if (!filter.search.empty())
            sql += " AND position IN (SELECT rowid FROM words WHERE words MATCH :search)";
        SQLite::Statement query(state_->db, sql + " ORDER BY position");
        query.bind(":what", std::string(what));
        if (!filter.kind.empty()) query.bind(":kind", filter.kind);
        if (!filter.subject.empty()) query.bind(":subject", filter.subject);
        if (!filter.search.empty()) query.bind(":search", filter.search);
        std::vector<Document> out;
        try {
            while (query.executeStep()) out.push_back(document(query));
        } catch (const SQLite::Exception& problem) {
            // FTS5 reports a query it cannot read as a plain error, unlike a damaged file.
            if (filter.search.empty() || problem.getErrorCode() != SQLITE_ERROR) throw;
            return fail({"this search cannot be understood", "cette recherche n’est pas comprise"},
                        filter.search,
                        {"put words with signs in double quotes: '\"a-b\"'",
                         "mettez les mots contenant des signes entre guillemets droits : '\"a-b\"'"});
        }
        return out;
    });
}

Result<std::vector<Index::Document>> Index::by_id(std::string_view prefix) const {
    return guarded(state_->where, [&]() -> Result<std::vector<Document>> {
        SQLite::Statement query(
            state_->db,
            "SELECT what, id, json, kind, subject FROM documents WHERE substr(id, 1, length(?1)) = ?1 "
            "ORDER BY position LIMIT 20");
        query.bind(1, std::string(prefix));
        std::vector<Document> out;
        while (query.executeStep()) out.push_back(document(query));
        return out;
    });
}

Status Index::rows(std::string_view table, const RowSink& sink) const {
    return guarded(state_->where, [&]() -> Status {
        SQLite::Statement query(state_->db, "SELECT * FROM " + sql_name("t_" + std::string(table)));
        while (query.executeStep()) {
            std::vector<json::Value> cells;
            for (int i = 0; i < query.getColumnCount(); ++i) cells.push_back(cell(query.getColumn(i)));
            TRY(sink(cells));
        }
        return {};
    });
}

}  // namespace contrechamp
