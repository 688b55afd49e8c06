// Hash tables for the corpus: tens of millions of short strings and numbers, one thread each.
#pragma once

#include <sys/mman.h>
#include <xxhash.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace contrechamp::coordination {

inline std::uint64_t hash_of(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

// Whole pages within a mapped file; the kernel brings them back when they are asked for again.
inline void let_go(std::string_view read) {
    constexpr std::uintptr_t kPage = 4096;
    const auto begin = (reinterpret_cast<std::uintptr_t>(read.data()) + kPage - 1) & ~(kPage - 1);
    const auto end = (reinterpret_cast<std::uintptr_t>(read.data()) + read.size()) & ~(kPage - 1);
    if (end > begin) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

// Names to small numbers, in the order in which they come. One thread's.
class Dictionary {
  public:
    Dictionary() : slots_(1024) {}

    std::uint32_t number(std::string_view name) { return number(name, hash_of(name)); }
    std::uint32_t number(std::string_view name, std::uint64_t hash) {
        if ((names_.size() + 1) * 2 > slots_.size()) grow();
        for (std::size_t i = hash & (slots_.size() - 1);; i = (i + 1) & (slots_.size() - 1)) {
            auto& slot = slots_[i];
            if (slot.number == kEmpty) {
                slot = {hash, static_cast<std::uint32_t>(names_.size())};
                names_.emplace_back(name);
                return slot.number;
            }
            if (slot.hash == hash && names_[slot.number] == name) return slot.number;
        }
    }
    // For speed, before number() and after some other work each: first the place to look in is brought from
    // memory, then the name that stands there.
    void fetch_place(std::uint64_t hash) const { __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]); }
    void fetch_name(std::uint64_t hash) const {
        const auto& slot = slots_[hash & (slots_.size() - 1)];
        if (slot.number != kEmpty) __builtin_prefetch(&names_[slot.number]);
    }
    std::vector<std::string>& names() { return names_; }
    // Ends the looking up; the names stay.
    void forget_slots() { slots_ = {}; }
    // Bytes it holds, about: names of up to fifteen letters have no memory of their own.
    std::size_t bytes() const {
        return slots_.capacity() * sizeof(Slot) + names_.capacity() * sizeof(std::string);
    }

  private:
    static constexpr std::uint32_t kEmpty = ~std::uint32_t{0};
    struct Slot {
        std::uint64_t hash = 0;
        std::uint32_t number = kEmpty;
    };
    void grow() {
        std::vector<Slot> old(slots_.size() * 2);
        old.swap(slots_);
        for (const auto& slot : old) {
            if (slot.number == kEmpty) continue;
            std::size_t i = slot.hash & (slots_.size() - 1);
            while (slots_[i].number != kEmpty) i = (i + 1) & (slots_.size() - 1);
            slots_[i] = slot;
        }
    }
    std::vector<Slot> slots_;
    std::vector<std::string> names_;
};

// Texts one behind the other, in chunks: growing never copies them.
class Letters {
  public:
    // Where the text stands.
    std::uint64_t add(std::string_view text) {
        if (chunks_.empty() || chunks_.back().capacity() - chunks_.back().size() < text.size()) {
            chunks_.emplace_back();
            chunks_.back().reserve(std::max<std::size_t>(kChunk, text.size()));
        }
        const auto at = std::uint64_t{chunks_.size() - 1} << 32 | chunks_.back().size();
        chunks_.back() += text;
        return at;
    }
    std::string_view get(std::uint64_t at, std::size_t length) const {
        return std::string_view(chunks_[at >> 32]).substr(at & 0xffffffff, length);
    }

  private:
    static constexpr std::size_t kChunk = 4 << 20;
    std::vector<std::string> chunks_;
};

// Hashes already met; one thread's.
class HashSet {
  public:
    HashSet() : slots_(1024, 0) {}
    // For speed, some time before insert().
    void fetch_place(std::uint64_t hash) const { __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]); }
    // False when it was there.
    bool insert(std::uint64_t hash) {
        if (hash == 0) hash = 1;
        if ((count_ + 1) * 2 > slots_.size()) grow();
        for (std::size_t i = hash & (slots_.size() - 1);; i = (i + 1) & (slots_.size() - 1)) {
            if (slots_[i] == hash) return false;
            if (slots_[i] != 0) continue;
            slots_[i] = hash;
            ++count_;
            return true;
        }
    }

  private:
    void grow() {
        std::vector<std::uint64_t> old(slots_.size() * 2, 0);
        old.swap(slots_);
        count_ = 0;
        for (const auto hash : old)
            if (hash) insert(hash);
    }
    std::vector<std::uint64_t> slots_;
    std::size_t count_ = 0;
};

}  // namespace contrechamp::coordination
