// The fast modes: rows and posts by the million, for benches of speed.
#include <algorithm>
#include <charconv>
#include <cstring>

#include "simulator/simulator.h"
#include "simulator/words.h"

namespace contrechamp::simulator {
namespace {

constexpr std::int64_t kStart = 1535932800;
constexpr std::int64_t kSpan = std::int64_t{30} * 86400;
constexpr std::size_t kPiece = std::size_t{1} << 20;
constexpr std::uint64_t kHotRows = 25663;
constexpr double kObjectTail = 0.8;
constexpr double kAccountTail = 0.7;

// Appends to a piece and hands it on when it is full.
class Buffer {
  public:
    explicit Buffer(Pieces& out) : out_(out) { bytes_.reserve(kPiece + 4096); }
    ~Buffer() { flush(); }

    void add(std::string_view text) { bytes_.append(text); }
    void add(char c) { bytes_.push_back(c); }
    void number(std::uint64_t value) {
        char digits[20];
        const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
        bytes_.append(digits, end);
    }
    void hex(std::uint64_t value) {
        char digits[16];
        for (int i = 15; i >= 0; --i, value >>= 4) digits[i] = "0123456789abcdef"[value & 15];
        bytes_.append(digits, sizeof digits);
    }
    void stamp(std::int64_t time);
    // After each row. False: nobody takes more.
    bool row_done() { return bytes_.size() < kPiece || flush(); }
    std::string& bytes() { return bytes_; }

  private:
    bool flush() {
        const bool taken = bytes_.empty() || out_.write(bytes_);
        bytes_.clear();
        return taken;
    }
    Pieces& out_;
    std::string bytes_;
    std::int64_t day_ = -1;
    char date_[11] = {};
};

// RFC 3339. The days of September and of the first of October 2018.
void Buffer::stamp(std::int64_t time) {
    const std::int64_t day = (time - kStart) / 86400 + 3;
    if (day != day_) {
        day_ = day;
        const bool september = day <= 30;
        const auto of_month = static_cast<int>(september ? day : day - 30);
        const char made[] = {'2',
                             '0',
                             '1',
                             '8',
                             '-',
                             september ? '0' : '1',
                             september ? '9' : '0',
                             '-',
                             static_cast<char>('0' + of_month / 10),
                             static_cast<char>('0' + of_month % 10),
                             'T'};
        std::memcpy(date_, made, sizeof made);
    }
    const auto second = static_cast<int>(time % 86400);
    const auto two = [this](int value, char after) {
        const char digits[] = {static_cast<char>('0' + value / 10), static_cast<char>('0' + value % 10),
                               after};
        bytes_.append(digits, sizeof digits);
    };
    bytes_.append(date_, sizeof date_);
    two(second / 3600, ':');
    two(second / 60 % 60, ':');
    two(second % 60, '.');
    bytes_.append("000Z", 4);
}

// Who shares what when: objects are born, and are shared after that ever more rarely.
class Shares {
  public:
    Shares(std::uint64_t rows, std::uint64_t seed)
        : seed_(seed),
          random_(mix(seed, 77)),
          objects_(static_cast<double>(std::max<std::uint64_t>(rows / 4, 4))),
          accounts_(static_cast<double>(std::max<std::uint64_t>(rows / 20, 20))),
          // The posts of rank r are about rows * (1 - s) * r^-s / objects^(1 - s).
          scale_(static_cast<double>(rows) * (1 - kObjectTail) / std::pow(objects_, 1 - kObjectTail)),
          hot_(std::min(kHotRows, rows / 30)),
          left_(rows),
          hot_left_(hot_) {
        // Powers are slow: one table, drawn from, instead of one for each row.
        for (std::uint32_t& account : account_table_) account = random_.zipf(accounts_, kAccountTail);
    }

    struct Share {
        std::uint64_t object = 0;
        std::uint32_t account = 0;
        std::int64_t time = 0;
    };

    Share next() {
        const std::uint64_t left = left_--;
        if (hot_left_ > 0 && random_.below(left) < hot_left_) {
            --hot_left_;
            return {mix(seed_, 0), any_account(), kStart + random_.below(kSpan)};
        }
        if (in_group_ > 0) {
            --in_group_;
            return {group_object_, group_first_ + in_group_, group_time_ + random_.below(6)};
        }
        if (random_.below(2000) == 0) start_group();
        const std::uint32_t rank = random_.zipf(objects_, kObjectTail);
        const double size = scale_ * std::pow(rank + 1.0, -kObjectTail);
        const std::uint64_t object = mix(seed_, rank + 1);
        const double delay = random_.omori(300 + 2 * size, 0.8);
        const auto since =
            static_cast<std::int64_t>(std::min(delay, 1e9)) + static_cast<std::int64_t>(mix(object) % kSpan);
        return {object, any_account(), kStart + since % kSpan};
    }

  private:
    // Ten accounts of one of two hundred groups share one thing within six seconds.
    void start_group() {
        in_group_ = 10;
        group_first_ = static_cast<std::uint32_t>(accounts_) + 10 * random_.below(200);
        group_object_ = random_.next();
        group_time_ = kStart + random_.below(kSpan - 6);
    }
    std::uint32_t any_account() {
        // The table gives the tail; half of the draws go to anybody.
        const std::uint64_t draw = random_.next();
        if ((draw & 1) != 0) return account_table_[draw >> 48];
        return static_cast<std::uint32_t>(((draw >> 32) * static_cast<std::uint64_t>(accounts_)) >> 32);
    }

    std::uint64_t seed_;
    Random random_;
    double objects_, accounts_, scale_;
    std::uint64_t hot_, left_, hot_left_;
    std::vector<std::uint32_t> account_table_ = std::vector<std::uint32_t>(65536);
    unsigned in_group_ = 0;
    std::uint32_t group_first_ = 0;
    std::uint64_t group_object_ = 0;
    std::int64_t group_time_ = 0;
};

// The words of text `number`, the same each time it is asked for; `change`: other words here and there.
void numbered_text(std::uint64_t number, std::uint64_t change, std::vector<std::uint32_t>& ranks,
                   std::string& out) {
    const Language& language = number % 3 == 0 ? french() : english();
    Random random(number);
    language.sentence(random, 240 + number % 70, ranks);
    if (change != 0)
        for (unsigned i = 0; i < 2; ++i) {
            std::uint32_t& rank = ranks[mix(change, i) % ranks.size()];
            rank = language.instead_of(rank, static_cast<std::uint32_t>(change % 97));
        }
    language.write(ranks, out);
}

}  // namespace

void write_rows(std::uint64_t rows, std::uint64_t seed, Pieces& out) {
    Buffer buffer(out);
    Shares shares(rows, seed);
    buffer.add("object_id,account_id,content_id,timestamp_share\n");
    for (std::uint64_t i = 0; i < rows; ++i) {
        const Shares::Share share = shares.next();
        buffer.hex(share.object);
        buffer.add(",u");
        buffer.number(share.account);
        buffer.add(',');
        buffer.number(1036000000000000000 + i);
        buffer.add(',');
        buffer.number(static_cast<std::uint64_t>(share.time));
        buffer.add('\n');
        if (!buffer.row_done()) return;
    }
}

void write_posts(std::uint64_t rows, std::uint64_t seed, Pieces& out) {
    Buffer buffer(out);
    Shares shares(rows, seed);
    Random random(mix(seed, 78));
    std::vector<std::uint32_t> ranks;
    const std::uint64_t again = std::max<std::uint64_t>(rows / 16, 1);
    for (std::uint64_t i = 0; i < rows; ++i) {
        const Shares::Share share = shares.next();
        const std::uint32_t kind = random.below(100);
        // Repeated texts are few and drawn unevenly; all others are each its own.
        const bool repeats = kind < 30;
        const std::uint64_t text = repeats ? random.zipf(static_cast<double>(again), 0.6) : again + i;
        buffer.add("{\"id\":\"");
        buffer.number(1036000000000000000 + i);
        buffer.add("\",\"author_id\":\"");
        buffer.number(100000 + share.account);
        buffer.add("\",\"username\":\"user");
        buffer.number(share.account);
        buffer.add("\",\"created_at\":\"");
        buffer.stamp(share.time);
        buffer.add("\",\"text\":\"");
        numbered_text(mix(seed, text), kind >= 25 && repeats ? 1 + random.next() / 2 : 0, ranks,
                      buffer.bytes());
        buffer.add('"');
        if (kind >= 60 && kind < 80) {
            buffer.add(",\"entities\":{\"urls\":[{\"expanded_url\":\"https://www.site");
            buffer.number(share.object % 997);
            buffer.add(".example/a/");
            buffer.hex(share.object);
            buffer.add("\"}]}");
        } else if (kind >= 80) {
            buffer.add(",\"entities\":{\"hashtags\":[{\"tag\":\"tag");
            buffer.number(share.object % 100003);
            buffer.add("\"},{\"tag\":\"tag");
            buffer.number(share.object % 1009);
            buffer.add("\"}]}");
        }
        buffer.add("}\n");
        if (!buffer.row_done()) return;
    }
}

}  // namespace contrechamp::simulator
