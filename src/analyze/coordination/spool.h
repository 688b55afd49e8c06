// Rows on their way from many readers to partitions: kept in memory while the budget lasts, else in one
// unnamed file. Rows are plain values. A writer belongs to one thread; reading begins when all writers are
// done.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/result.h"

namespace contrechamp::coordination {

// Bytes that all spools of one run may hold together before they write to disk.
struct Budget {
    std::size_t limit = std::size_t{4} << 30;
    std::filesystem::path folder;  // where an unnamed file may be made
    std::atomic<std::size_t> used{0};
    std::atomic<std::size_t> spilled{0};  // bytes written to disk so far
};

template <class Row>
class Spool {
    static_assert(std::is_trivially_copyable_v<Row>);

  public:
    Spool(std::size_t partitions, std::size_t writers, Budget& budget) : budget_(budget), parts_(partitions) {
        for (std::size_t i = 0; i < writers; ++i) writers_.push_back(std::make_unique<Writer>(*this, i));
    }
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;
    ~Spool() {
        for (std::size_t i = 0; i < parts_.size(); ++i) release(i);
    }

    class Writer {
      public:
        Writer(Spool& spool, std::size_t number)
            : spool_(spool), number_(number), open_(spool.parts_.size()) {}
        Status add(std::size_t partition, const Row& row) {
            auto& block = open_[partition];
            block.push_back(row);
            ++rows_;
            if (block.size() < kBlock) {
                if (block.size() == 1) block.reserve(kFirst);
                return {};
            }
            return flush(partition);
        }
        std::uint64_t rows() const { return rows_; }
        Status finish() {
            for (std::size_t i = 0; i < open_.size(); ++i)
                if (!open_[i].empty()) TRY(flush(i));
            return {};
        }

      private:
        Status flush(std::size_t partition) {
            auto full = std::exchange(open_[partition], std::vector<Row>());
            return spool_.keep(partition, number_, std::move(full));
        }
        Spool& spool_;
        std::size_t number_;
        std::vector<std::vector<Row>> open_;
        std::uint64_t rows_ = 0;
    };

    Writer& writer(std::size_t number) { return *writers_[number]; }
    std::size_t partitions() const { return parts_.size(); }
    Status finish() {
        for (auto& writer : writers_) TRY(writer->finish());
        return {};
    }
    std::uint64_t rows() const {
        std::uint64_t sum = 0;
        for (const auto& writer : writers_) sum += writer->rows();
        return sum;
    }

    // Changes each row, told which writer wrote it, as it is read; or leaves it out (false).
    void on_reading(std::function<bool(std::size_t writer, Row&)> change) { change_ = std::move(change); }

    // All rows of a partition, in no particular order.
    Result<std::vector<Row>> read(std::size_t partition) const {
        const auto& part = parts_[partition];
        std::vector<Row> out;
        std::size_t total = part.spilled_rows;
        for (const auto& block : part.blocks) total += block.rows.size();
        out.reserve(total);
        for (const auto& block : part.blocks) {
            out.insert(out.end(), block.rows.begin(), block.rows.end());
            changed(out, block.rows.size(), block.writer);
        }
        for (const auto& extent : part.extents) {
            const std::size_t at = out.size();
            out.resize(at + extent.rows);
            TRY(read_back(reinterpret_cast<char*>(out.data() + at), extent.rows * sizeof(Row),
                          extent.offset));
            changed(out, extent.rows, extent.writer);
        }
        return out;
    }
    // The same, giving the memory back.
    Result<std::vector<Row>> take(std::size_t partition) {
        auto out = TRY(read(partition));
        release(partition);
        return out;
    }
    // Puts other rows in a partition's place, unless it was written to disk and they would not fit into
    // memory: then it stays as it was. They are not changed again as they are read.
    void replace(std::size_t partition, std::vector<Row>&& rows) {
        auto& part = parts_[partition];
        rows.shrink_to_fit();
        const std::size_t bytes = rows.capacity() * sizeof(Row);
        if (!part.extents.empty() && budget_.used + bytes > budget_.limit) return;
        release(partition);
        budget_.used += bytes;
        part.blocks.push_back({kUnchanged, std::move(rows)});
    }

  private:
    static constexpr std::size_t kBlock = 2048, kFirst = 64;
    static constexpr std::size_t kUnchanged = ~std::size_t{0};  // instead of a writer's number

    struct Block {
        std::size_t writer = 0;
        std::vector<Row> rows;
    };
    struct Extent {
        std::size_t writer = 0;
        std::uint64_t offset = 0;
        std::size_t rows = 0;
    };
    struct Part {
        std::vector<Block> blocks;
        std::vector<Extent> extents;
        std::size_t spilled_rows = 0;
        std::mutex mutex;
    };

    // The last `count` rows, just read.
    void changed(std::vector<Row>& rows, std::size_t count, std::size_t writer) const {
        if (!change_ || writer == kUnchanged) return;
        const auto end = std::remove_if(rows.end() - static_cast<std::ptrdiff_t>(count), rows.end(),
                                        [&](Row& row) { return !change_(writer, row); });
        rows.erase(end, rows.end());
    }

    Status keep(std::size_t partition, std::size_t writer, std::vector<Row>&& block) {
        auto& part = parts_[partition];
        const std::size_t bytes = block.capacity() * sizeof(Row);
        if (budget_.used.fetch_add(bytes) + bytes <= budget_.limit) {
            const std::lock_guard lock(part.mutex);
            part.blocks.push_back({writer, std::move(block)});
            return {};
        }
        budget_.used.fetch_sub(bytes);
        const auto offset = TRY(spill(block));
        const std::lock_guard lock(part.mutex);
        part.extents.push_back({writer, offset, block.size()});
        part.spilled_rows += block.size();
        return {};
    }

    Result<std::uint64_t> spill(const std::vector<Row>& block) {
        const std::size_t bytes = block.size() * sizeof(Row);
        std::uint64_t offset = 0;
        {
            const std::lock_guard lock(file_mutex_);
            if (!file_.valid()) {
                file_ = Fd(::open(budget_.folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
                if (!file_.valid())
                    return tl::unexpected(system_error({"no temporary file can be made here",
                                                        "aucun fichier temporaire ne peut être créé ici"},
                                                       budget_.folder));
            }
            offset = end_;
            end_ += bytes;
        }
        const char* data = reinterpret_cast<const char*>(block.data());
        for (std::size_t done = 0; done < bytes;) {
            const auto wrote =
                ::pwrite(file_.get(), data + done, bytes - done, static_cast<off_t>(offset + done));
            if (wrote < 0 && errno == EINTR) continue;
            if (wrote <= 0)
                return tl::unexpected(system_error({"temporary data could not be written",
                                                    "des données temporaires n’ont pas pu être écrites"},
                                                   budget_.folder));
            done += static_cast<std::size_t>(wrote);
        }
        budget_.spilled += bytes;
        return offset;
    }

    Status read_back(char* into, std::size_t bytes, std::uint64_t offset) const {
        for (std::size_t done = 0; done < bytes;) {
            const auto got =
                ::pread(file_.get(), into + done, bytes - done, static_cast<off_t>(offset + done));
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0)
                return tl::unexpected(system_error({"temporary data could not be read back",
                                                    "des données temporaires n’ont pas pu être relues"},
                                                   budget_.folder));
            done += static_cast<std::size_t>(got);
        }
        return {};
    }

    void release(std::size_t partition) {
        auto& part = parts_[partition];
        for (const auto& block : part.blocks) budget_.used -= block.rows.capacity() * sizeof(Row);
        part.blocks = {};
        part.extents = {};
        part.spilled_rows = 0;
    }

    Budget& budget_;
    std::vector<Part> parts_;
    std::vector<std::unique_ptr<Writer>> writers_;
    std::function<bool(std::size_t, Row&)> change_;
    mutable std::mutex file_mutex_;
    Fd file_;
    std::uint64_t end_ = 0;
};

}  // namespace contrechamp::coordination
