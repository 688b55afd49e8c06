#include "analyze/coordination/corpus.h"

#include <sys/mman.h>
#include <xxhash.h>

#include <algorithm>
#include <unordered_map>

#include "analyze/coordination/canonical.h"

namespace contrechamp::coordination {
namespace {

constexpr std::size_t kPartitions = 64;
constexpr std::size_t kPieceBytes = 8 << 20;

std::uint64_t hash_of(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

// Names to small numbers, in the order in which they come. One thread's.
class Dictionary {
  public:
    Dictionary() : slots_(1024, kEmpty) {}

    std::uint32_t number(std::string_view name) {
        if ((names_.size() + 1) * 2 > slots_.size()) grow();
        const auto hash = hash_of(name);
        for (std::size_t i = hash & (slots_.size() - 1);; i = (i + 1) & (slots_.size() - 1)) {
            if (slots_[i] == kEmpty) {
                slots_[i] = static_cast<std::uint32_t>(names_.size());
                names_.emplace_back(name);
                hashes_.push_back(hash);
                return slots_[i];
            }
            if (hashes_[slots_[i]] == hash && names_[slots_[i]] == name) return slots_[i];
        }
    }
    std::vector<std::string>& names() { return names_; }

  private:
    static constexpr std::uint32_t kEmpty = ~std::uint32_t{0};
    void grow() {
        slots_.assign(slots_.size() * 2, kEmpty);
        for (std::uint32_t number = 0; number < hashes_.size(); ++number) {
            std::size_t i = hashes_[number] & (slots_.size() - 1);
            while (slots_[i] != kEmpty) i = (i + 1) & (slots_.size() - 1);
            slots_[i] = number;
        }
    }
    std::vector<std::uint32_t> slots_;
    std::vector<std::uint64_t> hashes_;
    std::vector<std::string> names_;
};

// Hashes already met; one thread's.
class HashSet {
  public:
    HashSet() : slots_(1024, 0) {}
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

struct DistinctText {
    std::uint64_t hash = 0;
    Place place = 0;
    std::uint32_t thread = 0;
    std::uint32_t length = 0;
    std::uint64_t at = 0;    // in the thread's letters
    std::uint32_t keys = 0;  // in the thread's keys; kNoKeys: too short to compare
};
constexpr std::uint32_t kNoKeys = ~std::uint32_t{0};

struct Scratch {
    std::string normal, canonical, joined;
    std::vector<std::string_view> found;
};

// Puts each canonical form of what the row shares in a layer into `into.canonical` and calls `visit`.
template <class Visit>
void each_object(Scratch& into, const PostRow& row, Layer layer, const Visit& visit) {
    const auto list = [&](PostField field,
                          void (*extract)(std::string_view, std::vector<std::string_view>&)) {
        const auto& given = row.list(field);
        into.found.assign(given.begin(), given.end());
        if (given.empty() && extract && !row[PostField::text].empty())
            extract(row[PostField::text], into.found);
    };
    switch (layer) {
        case Layer::same_link:
        case Layer::same_domain:
            list(PostField::links, extract_links);
            for (const auto link : into.found) {
                canonical_link(link, into.canonical);
                if (into.canonical.empty()) continue;
                if (layer == Layer::same_domain) {
                    into.joined = link_domain(into.canonical);
                    into.canonical = into.joined;
                }
                visit();
            }
            break;
        case Layer::same_hashtags:
            list(PostField::hashtags, extract_hashtags);
            if (into.found.size() < kFewestHashtags) break;
            into.joined.clear();
            for (const auto tag : into.found) {
                normalise_text(tag.starts_with('#') ? tag.substr(1) : tag, into.canonical);
                into.joined += '#';
                into.joined += into.canonical;
            }
            into.canonical = into.joined;
            visit();
            break;
        case Layer::same_media:
            for (const auto key : row.list(PostField::media)) {
                into.canonical = key;
                visit();
            }
            break;
        case Layer::same_reply:
            into.canonical = row[row[PostField::reply].empty() ? PostField::reply_account : PostField::reply];
            if (!into.canonical.empty()) visit();
            break;
        case Layer::same_mention:
            list(PostField::mentions, extract_mentions);
            for (const auto name : into.found) {
                normalise_text(name.starts_with('@') ? name.substr(1) : name, into.canonical);
                if (!into.canonical.empty()) visit();
            }
            break;
        case Layer::same_object:
        case Layer::same_repost:
            into.canonical = row[layer == Layer::same_object ? PostField::object : PostField::repost];
            if (!into.canonical.empty()) visit();
            break;
        case Layer::same_text:
        case Layer::near_text:
            normalise_text(row[PostField::text], into.canonical);
            if (into.canonical.size() >= kFewestTextBytes) visit();
            break;
    }
}

constexpr Place kNowhere = std::numeric_limits<Place>::max();

// Where what a post says of its account stands: the first that says it counts, whoever reads it.
struct Told {
    Place name = kNowhere, display = kNowhere, bio = kNowhere;
};

// What one thread gathers; account numbers are its own until merge().
struct Gatherer {
    Dictionary names;
    std::vector<Account> accounts;
    std::vector<Told> told;  // parallel to accounts
    std::vector<PostRef> posts;
    std::vector<std::uint32_t> reply_to;  // parallel to posts: own number + 1 of the account answered
    std::vector<RefusedPost> refused;
    CorpusCounts counts;
    HashSet texts_seen;
    std::vector<DistinctText> texts;
    std::vector<BandKeys> keys;
    std::string letters;

    // Reused from row to row.
    Scratch scratch;
    std::vector<std::uint64_t> shingles, row_hashes;
};

class CorpusReader {
  public:
    CorpusReader(std::span<const Input> inputs, const CorpusSettings& settings, Budget& budget)
        : inputs_(inputs), settings_(settings), gatherers_(settings.threads) {
        for (const auto layer : kLayers)
            if (layer != Layer::near_text && settings.layers[static_cast<std::size_t>(layer)])
                shares_[static_cast<std::size_t>(layer)] =
                    std::make_unique<Spool<Share>>(kPartitions, settings.threads, budget);
        budget_ = &budget;
    }

    Result<PostCorpus> run() {
        struct Piece {
            std::size_t input;
            RowRange range;
        };
        std::vector<Piece> pieces;
        for (std::size_t i = 0; i < inputs_.size(); ++i)
            for (const auto& range :
                 split_rows(inputs_[i].bytes, inputs_[i].layout,
                            std::max<std::size_t>(inputs_[i].bytes.size() / kPieceBytes, 1)))
                pieces.push_back({i, range});
        std::atomic<std::size_t> next{0};
        TRY(in_parallel(settings_.threads, settings_.threads, [&](std::size_t thread) -> Status {
            for (std::size_t i; (i = next++) < pieces.size();)
                TRY(read(thread, pieces[i].input, pieces[i].range));
            return {};
        }));
        for (auto& spool : shares_)
            if (spool) TRY(spool->finish());
        return merge();
    }

  private:
    static constexpr std::size_t at(Layer layer) { return static_cast<std::size_t>(layer); }
    bool wants(Layer layer) const { return settings_.layers[at(layer)]; }
    bool of_shard(std::uint64_t object) const {
        return settings_.shards < 2 || object % settings_.shards == settings_.shard;
    }

    Status read(std::size_t thread, std::size_t input, RowRange range) {
        auto& into = gatherers_[thread];
        Status failed;
        const PostSinks sinks{[&](const PostRow& row) {
                                  if (!failed) return;
                                  if (inputs_[input].kind == PostKind::profiles)
                                      add_profile(into, input, row);
                                  else failed = add_post(into, thread, input, row);
                              },
                              [&](const RefusedRow& row) {
                                  ++into.counts.refused;
                                  into.refused.push_back({input, row});
                              }};
        TRY(read_post_rows(inputs_[input].bytes, inputs_[input].layout, range, sinks));
        // What has been read need not stay in memory; the kernel can bring it back.
        const auto page = std::uintptr_t{4096};
        const auto begin =
            (reinterpret_cast<std::uintptr_t>(inputs_[input].bytes.data()) + range.begin + page - 1) &
            ~(page - 1);
        const auto end =
            (reinterpret_cast<std::uintptr_t>(inputs_[input].bytes.data()) + range.end) & ~(page - 1);
        if (end > begin) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_PAGEOUT);
        return failed;
    }

    Account& account(Gatherer& into, std::string_view id, Place place) {
        const auto number = into.names.number(id);
        if (number == into.accounts.size()) {
            into.accounts.emplace_back();
            into.told.emplace_back();
            into.accounts.back().first_place = place;
            into.accounts.back().first = std::numeric_limits<Seconds>::max();
        }
        auto& out = into.accounts[number];
        out.first_place = std::min(out.first_place, place);
        return out;
    }

    void add_profile(Gatherer& into, std::size_t input, const PostRow& row) {
        const auto place = place_of(input, row.offset);
        auto& out = account(into, row[PostField::account], place);
        ++into.counts.profiles;
        if (out.profile_length && out.profile_place < place) return;  // the first profile counts
        out.profile_place = place;
        out.profile_length = static_cast<std::uint32_t>(row.length);
        out.name = row[PostField::name];
        out.display = row[PostField::display];
        out.bio = row[PostField::bio];
        out.created = row.has_created ? static_cast<Seconds>(row.created) : 0;
    }

    Status add_post(Gatherer& into, std::size_t thread, std::size_t input, const PostRow& row) {
        auto& counts = into.counts;
        if (!row.has_time) {
            // Without a clock nothing can be said to happen together.
            ++counts.refused;
            into.refused.push_back({input, {row.offset, row.length, Refusal::no_time}});
            return {};
        }
        const auto place = place_of(input, row.offset);
        auto& who = account(into, row[PostField::account], place);
        const auto number = static_cast<std::uint32_t>(&who - into.accounts.data());
        const auto time = static_cast<Seconds>(row.time);
        const bool repost = !row[PostField::repost].empty();
        ++counts.posts;
        ++who.posts;
        counts.reposts += repost;
        who.reposts += repost;
        who.first = std::min(who.first, time);
        who.last = std::max(who.last, time);
        counts.first = counts.posts == 1 ? time : std::min(counts.first, time);
        counts.last = std::max(counts.last, time);
        counts.to_the_minute += row.to_the_minute;
        counts.zone_assumed += row.zone_assumed;
        if (settings_.account_details && !who.profile_length) {
            auto& told = into.told[number];
            const auto take = [&](PostField field, std::string& into_text, Place& into_place) {
                if (into_place <= place || row[field].empty()) return;
                into_text = row[field];
                into_place = place;
            };
            take(PostField::name, who.name, told.name);
            take(PostField::display, who.display, told.display);
            take(PostField::bio, who.bio, told.bio);
        }
        if (settings_.post_refs) {
            into.posts.push_back({number, time, place, 0, repost});
            std::uint32_t answered = 0;
            if (const auto target = row[PostField::reply_account]; !target.empty()) {
                account(into, target, place);
                answered = 1 + into.names.number(target);
            }
            into.reply_to.push_back(answered);
        }
        return share(into, thread, row, {0, place, number, time}, repost);
    }

    Status put(Gatherer& into, std::size_t thread, Layer layer, std::string_view object, Share share) {
        share.object = hash_of(object);
        // near_texts() wants all texts, and leaves out what is not of this shard itself.
        const bool later = layer == Layer::same_text && wants(Layer::near_text);
        if (!later && !of_shard(share.object)) return {};
        ++into.counts.shares[at(layer)];
        return shares_[at(layer)]->writer(thread).add(share.object >> 58, share);
    }

    // A list in which the same thing stands twice shares it once.
    Status put_each(Gatherer& into, std::size_t thread, Layer layer, const Share& share) {
        into.row_hashes.push_back(hash_of(into.scratch.canonical));
        if (std::find(into.row_hashes.begin(), into.row_hashes.end() - 1, into.row_hashes.back()) !=
            into.row_hashes.end() - 1)
            return {};
        return put(into, thread, layer, into.scratch.canonical, share);
    }

    Status share(Gatherer& into, std::size_t thread, const PostRow& row, const Share& base, bool repost) {
        if (wants(Layer::same_object) && !row[PostField::object].empty())
            TRY(put(into, thread, Layer::same_object, row[PostField::object], base));
        if (repost) {
            if (wants(Layer::same_repost))
                TRY(put(into, thread, Layer::same_repost, row[PostField::repost], base));
            return {};
        }
        if (wants(Layer::same_text) && !row[PostField::text].empty())
            TRY(share_text(into, thread, row, base));
        for (const auto layer : {Layer::same_link, Layer::same_domain, Layer::same_hashtags,
                                 Layer::same_media, Layer::same_reply, Layer::same_mention}) {
            if (!wants(layer)) continue;
            into.row_hashes.clear();
            Status status;
            each_object(into.scratch, row, layer, [&] {
                if (status) status = put_each(into, thread, layer, base);
            });
            TRY(std::move(status));
        }
        return {};
    }

    Status share_text(Gatherer& into, std::size_t thread, const PostRow& row, const Share& base) {
        auto& normal = into.scratch.normal;
        normalise_text(row[PostField::text], normal);
        if (normal.size() < kFewestTextBytes) {
            ++into.counts.short_texts;
            return {};
        }
        TRY(put(into, thread, Layer::same_text, normal, base));
        if (!wants(Layer::near_text)) return {};
        const auto hash = hash_of(normal);
        if (!into.texts_seen.insert(hash)) return {};
        shingles_of(normal, into.shingles);
        if (into.shingles.empty()) return {};
        into.texts.push_back({hash, base.place, static_cast<std::uint32_t>(thread),
                              static_cast<std::uint32_t>(normal.size()), into.letters.size(),
                              static_cast<std::uint32_t>(into.keys.size())});
        into.letters += normal;
        into.keys.push_back(band_keys(into.shingles));
        return {};
    }

    // One numbering of accounts for all threads, by the first row each stands in.
    Result<PostCorpus> merge() {
        PostCorpus out;
        std::unordered_map<std::string_view, std::uint32_t> numbers;
        std::vector<Told> told;
        std::vector<std::vector<std::uint32_t>> merged(gatherers_.size());
        for (std::size_t g = 0; g < gatherers_.size(); ++g) {
            auto& from = gatherers_[g];
            auto& names = from.names.names();
            merged[g].resize(names.size());
            for (std::uint32_t i = 0; i < names.size(); ++i) {
                const auto [it, fresh] =
                    numbers.emplace(names[i], static_cast<std::uint32_t>(numbers.size()));
                merged[g][i] = it->second;
                if (fresh) {
                    out.accounts.push_back(std::move(from.accounts[i]));
                    told.push_back(from.told[i]);
                } else {
                    join(out.accounts[it->second], told[it->second], std::move(from.accounts[i]),
                         from.told[i]);
                }
            }
        }
        for (const auto& [name, number] : numbers) out.accounts[number].id = name;
        for (auto& account : out.accounts)
            if (!account.posts) account.first = 0;
        const auto order = by_first_place(out.accounts);
        for (std::size_t g = 0; g < gatherers_.size(); ++g)
            for (auto& number : merged[g]) number = order[number];
        reorder(out.accounts, order);
        renumber_shares(merged);
        gather(out, merged);
        TRY(near_texts(out));
        for (std::size_t i = 0; i < kLayerCount; ++i) out.shares[i] = std::move(shares_[i]);
        return out;
    }

    static void join(Account& into, Told& told, Account&& from, const Told& from_told) {
        into.posts += from.posts;
        into.reposts += from.reposts;
        into.first = std::min(into.first, from.first);
        into.last = std::max(into.last, from.last);
        const bool profile =
            from.profile_length && (!into.profile_length || from.profile_place < into.profile_place);
        if (profile) {
            into.profile_place = from.profile_place;
            into.profile_length = from.profile_length;
            into.created = from.created;
        }
        const auto take = [&](std::string& mine, Place& place, std::string& theirs, Place their_place) {
            if (!profile && (into.profile_length || place <= their_place)) return;
            mine = std::move(theirs);
            place = their_place;
        };
        take(into.name, told.name, from.name, from_told.name);
        take(into.display, told.display, from.display, from_told.display);
        take(into.bio, told.bio, from.bio, from_told.bio);
        into.first_place = std::min(into.first_place, from.first_place);
    }

    // new number of each old one
    static std::vector<std::uint32_t> by_first_place(const std::vector<Account>& accounts) {
        std::vector<std::uint32_t> list(accounts.size()), out(accounts.size());
        for (std::uint32_t i = 0; i < list.size(); ++i) list[i] = i;
        std::sort(list.begin(), list.end(), [&](std::uint32_t x, std::uint32_t y) {
            return std::tie(accounts[x].first_place, accounts[x].id) <
                   std::tie(accounts[y].first_place, accounts[y].id);
        });
        for (std::uint32_t i = 0; i < list.size(); ++i) out[list[i]] = i;
        return out;
    }
    static void reorder(std::vector<Account>& accounts, const std::vector<std::uint32_t>& order) {
        std::vector<Account> out(accounts.size());
        for (std::size_t i = 0; i < accounts.size(); ++i) out[order[i]] = std::move(accounts[i]);
        accounts = std::move(out);
    }

    // Shares carry their thread's numbers; they are changed as they are read.
    void renumber_shares(const std::vector<std::vector<std::uint32_t>>& merged) {
        const auto numbers = std::make_shared<std::vector<std::vector<std::uint32_t>>>(merged);
        for (auto& spool : shares_)
            if (spool)
                spool->on_reading([numbers](std::size_t writer, Share& share) {
                    share.account = (*numbers)[writer][share.account];
                });
    }

    void gather(PostCorpus& out, const std::vector<std::vector<std::uint32_t>>& merged) {
        bool any = false;
        for (std::size_t g = 0; g < gatherers_.size(); ++g) {
            auto& from = gatherers_[g];
            for (std::size_t i = 0; i < from.posts.size(); ++i) {
                auto post = from.posts[i];
                post.account = merged[g][post.account];
                post.reply_account = from.reply_to[i] ? merged[g][from.reply_to[i] - 1] + 1 : 0;
                out.posts.push_back(post);
            }
            from.posts = {};
            from.reply_to = {};
            out.refused.insert(out.refused.end(), from.refused.begin(), from.refused.end());
            auto& counts = out.counts;
            counts.profiles += from.counts.profiles;
            counts.refused += from.counts.refused;
            if (from.counts.posts) {
                counts.first = any ? std::min(counts.first, from.counts.first) : from.counts.first;
                counts.last = std::max(counts.last, from.counts.last);
                any = true;
            }
            counts.posts += from.counts.posts;
            counts.reposts += from.counts.reposts;
            counts.to_the_minute += from.counts.to_the_minute;
            counts.zone_assumed += from.counts.zone_assumed;
            counts.short_texts += from.counts.short_texts;
            for (std::size_t l = 0; l < kLayerCount; ++l) counts.shares[l] += from.counts.shares[l];
        }
        std::sort(out.posts.begin(), out.posts.end(),
                  [](const PostRef& x, const PostRef& y) { return x.place < y.place; });
        std::sort(out.refused.begin(), out.refused.end(), [](const RefusedPost& x, const RefusedPost& y) {
            return std::tie(x.input, x.row.offset) < std::tie(y.input, y.row.offset);
        });
    }

    // near_text holds what same_text holds, with texts of one group as one object.
    Status near_texts(PostCorpus& out) {
        if (!wants(Layer::near_text)) return {};
        std::vector<DistinctText> texts;
        for (auto& from : gatherers_) {
            texts.insert(texts.end(), from.texts.begin(), from.texts.end());
            from.texts = {};
        }
        std::sort(texts.begin(), texts.end(), [](const DistinctText& x, const DistinctText& y) {
            return std::tie(x.hash, x.place) < std::tie(y.hash, y.place);
        });
        texts.erase(
            std::unique(texts.begin(), texts.end(),
                        [](const DistinctText& x, const DistinctText& y) { return x.hash == y.hash; }),
            texts.end());
        std::vector<BandKeys> keys;
        keys.reserve(texts.size());
        for (const auto& text : texts) keys.push_back(gatherers_[text.thread].keys[text.keys]);
        for (auto& from : gatherers_) from.keys = {};
        const auto groups = group_near_texts(
            keys,
            [&](std::uint32_t i) {
                return std::string_view(gatherers_[texts[i].thread].letters)
                    .substr(texts[i].at, texts[i].length);
            },
            settings_.threads);
        out.near_candidates = groups.candidates;
        out.near_verified = groups.verified;
        out.near_crowded = groups.crowded;
        // Only texts that others resemble change their object.
        std::vector<std::pair<std::uint64_t, std::uint64_t>> changed;
        for (std::uint32_t i = 0; i < texts.size(); ++i)
            if (groups.group[i] != i) changed.emplace_back(texts[i].hash, texts[groups.group[i]].hash);
        auto spool = std::make_unique<Spool<Share>>(kPartitions, settings_.threads, *budget_);
        // Of a shard the same texts are left out only now.
        std::unique_ptr<Spool<Share>> same;
        if (settings_.shards > 1)
            same = std::make_unique<Spool<Share>>(kPartitions, settings_.threads, *budget_);
        std::atomic<std::size_t> next{0};
        auto& from = *shares_[at(Layer::same_text)];
        TRY(in_parallel(settings_.threads, settings_.threads, [&](std::size_t thread) -> Status {
            for (std::size_t i; (i = next++) < from.partitions();) {
                for (auto& share : TRY(same ? from.take(i) : from.read(i))) {
                    if (same && of_shard(share.object))
                        TRY(same->writer(thread).add(share.object >> 58, share));
                    const auto it = std::lower_bound(changed.begin(), changed.end(),
                                                     std::pair(share.object, std::uint64_t{0}));
                    if (it != changed.end() && it->first == share.object) share.object = it->second;
                    if (of_shard(share.object)) TRY(spool->writer(thread).add(share.object >> 58, share));
                }
            }
            return {};
        }));
        TRY(spool->finish());
        if (same) {
            TRY(same->finish());
            out.counts.shares[at(Layer::same_text)] = same->rows();
            shares_[at(Layer::same_text)] = std::move(same);
        }
        out.counts.shares[at(Layer::near_text)] = spool->rows();
        shares_[at(Layer::near_text)] = std::move(spool);
        return {};
    }

    std::span<const Input> inputs_;
    const CorpusSettings& settings_;
    std::vector<Gatherer> gatherers_;
    std::array<std::unique_ptr<Spool<Share>>, kLayerCount> shares_;
    Budget* budget_ = nullptr;
};

}  // namespace

Result<PostCorpus> read_corpus(std::span<const Input> inputs, const CorpusSettings& settings,
                               Budget& budget) {
    return CorpusReader(inputs, settings, budget).run();
}

void objects_of(const PostRow& row, Layer layer, std::vector<std::string>& out) {
    out.clear();
    Scratch scratch;
    each_object(scratch, row, layer, [&] { out.push_back(scratch.canonical); });
}

}  // namespace contrechamp::coordination
