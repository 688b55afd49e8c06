#include "analyze/coordination/corpus.h"

#include <algorithm>
#include <unordered_map>

#include "analyze/coordination/gathered.h"
#include "analyze/coordination/sorted_rows.h"

namespace contrechamp::coordination {
namespace {

constexpr std::size_t kPartitions = 64;
constexpr std::size_t kPieceBytes = 8 << 20;

class CorpusReader {
  public:
    CorpusReader(std::span<const Input> inputs, const CorpusSettings& settings, Budget& budget)
        : inputs_(inputs), settings_(settings), gatherers_(settings.threads), taken_(settings.threads, 0) {
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
        for (std::size_t i = 0; i < inputs_.size(); ++i) {
            const auto bytes = inputs_[i].bytes;
            std::uint64_t gone = 0;
            const auto scanned = [&](std::uint64_t upto) {
                if (inputs_[i].mapped) let_go(bytes.substr(gone, upto - gone));
                gone = upto;
            };
            for (const auto& range : split_rows(
                     bytes, inputs_[i].layout, std::max<std::size_t>(bytes.size() / kPieceBytes, 1), scanned))
                pieces.push_back({i, range});
        }
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
        if (inputs_[input].mapped) let_go(inputs_[input].bytes.substr(range.begin, range.end - range.begin));
        account_for(into, thread);
        return failed;
    }

    // What accounts take is not there for shares.
    void account_for(const Gatherer& into, std::size_t thread) {
        const auto now = into.names.bytes() + into.sums.capacity() * sizeof(AccountSums);
        budget_->used += now - taken_[thread];
        taken_[thread] = now;
    }

    static std::uint32_t account(Gatherer& into, std::string_view id, Place place) {
        return account(into, id, hash_of(id), place);
    }
    static std::uint32_t account(Gatherer& into, std::string_view id, std::uint64_t hash, Place place) {
        const auto number = into.names.number(id, hash);
        if (number == into.sums.size()) into.sums.push_back({place});
        auto& sums = into.sums[number];
        sums.first_place = std::min(sums.first_place, place);
        return number;
    }

    void add_profile(Gatherer& into, std::size_t input, const PostRow& row) {
        const auto place = place_of(input, row.offset);
        auto& out = into.details[account(into, row[PostField::account], place)];
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
        const bool repost = !row[PostField::repost].empty();
        const auto hash = hash_of(row[PostField::account]);
        into.names.fetch_place(hash);
        read_text(into, row, repost);  // while that is on its way
        into.names.fetch_name(hash);
        if (into.has_text) into.text_hash = object_of(into.scratch.normal);
        if (into.has_text && wants(Layer::near_text)) into.texts_seen.fetch_place(into.text_hash);
        const auto number = account(into, row[PostField::account], hash, place);
        auto& who = into.sums[number];
        const auto time = static_cast<Seconds>(row.time);
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
        constexpr std::uint8_t kAll = 7;
        if (settings_.account_details && who.told != kAll) take_words(into, number, place, row);
        if (settings_.post_refs) {
            // A row of objects is one of several of its post.
            if (!row[PostField::id].empty() && row[PostField::object].empty())
                into.ids.push_back(
                    {hash_of(row[PostField::id]), place, number, static_cast<std::uint32_t>(row.length)});
            into.posts.push_back({number, time, place, 0, repost});
            std::uint32_t answered = 0;
            if (const auto target = row[PostField::reply_account]; !target.empty()) {
                answered = 1 + account(into, target, place);
            }
            into.reply_to.push_back(answered);
        }
        return share(into, thread, row, {0, place, number, time}, repost);
    }

    // What a post says of its account: the first that says it counts. (A thread reads from the beginning on.)
    static void take_words(Gatherer& into, std::uint32_t number, Place place, const PostRow& row) {
        auto& sums = into.sums[number];
        const auto take = [&](std::uint8_t bit, PostField field, std::string Details::*text,
                              Place Told::*where) {
            if ((sums.told & bit) || row[field].empty()) return;
            sums.told |= bit;
            auto& out = into.details[number];
            if (out.profile_length) return;
            out.*text = row[field];
            out.told.*where = place;
        };
        take(1, PostField::name, &Details::name, &Told::name);
        take(2, PostField::display, &Details::display, &Told::display);
        take(4, PostField::bio, &Details::bio, &Told::bio);
    }

    Status put(Gatherer& into, std::size_t thread, Layer layer, std::string_view object, const Share& share) {
        return put(into, thread, layer, hash_of(object), share);
    }
    Status put(Gatherer& into, std::size_t thread, Layer layer, std::uint64_t object, Share share) {
        share.object = object;
        // near_texts() wants all texts, and leaves out what is not of this shard itself.
        const bool later = layer == Layer::same_text && wants(Layer::near_text);
        if (!later && !of_shard(share.object)) return {};
        ++into.counts.shares[at(layer)];
        return shares_[at(layer)]->writer(thread).add(share.object >> 58, share);
    }

    // A list in which the same thing stands twice shares it once.
    Status put_each(Gatherer& into, std::size_t thread, Layer layer, const Share& share) {
        const auto object = object_of(into.scratch.canonical);
        if (std::find(into.row_hashes.begin(), into.row_hashes.end(), object) != into.row_hashes.end())
            return {};
        into.row_hashes.push_back(object);
        return put(into, thread, layer, object, share);
    }

    Status share(Gatherer& into, std::size_t thread, const PostRow& row, const Share& base, bool repost) {
        if (wants(Layer::same_object) && !row[PostField::object].empty())
            TRY(put(into, thread, Layer::same_object, row[PostField::object], base));
        if (repost) {
            if (wants(Layer::same_repost))
                TRY(put(into, thread, Layer::same_repost, row[PostField::repost], base));
            return {};
        }
        const auto named = what_may_be_named(row[PostField::text]);
        for (const auto layer : {Layer::same_link, Layer::same_domain, Layer::same_hashtags,
                                 Layer::same_media, Layer::same_reply, Layer::same_mention}) {
            if (!wants(layer) || !may_name(row, layer, named)) continue;
            into.row_hashes.clear();
            Status status;
            each_object(into.scratch, row, layer, [&] {
                if (status) status = put_each(into, thread, layer, base);
            });
            TRY(std::move(status));
        }
        return into.has_text ? share_text(into, thread, base) : Status{};
    }

    // False when there is nothing to look for: most texts name nothing.
    static bool may_name(const PostRow& row, Layer layer, const MayBeNamed& text) {
        switch (layer) {
            case Layer::same_link:
            case Layer::same_domain: return text.links || !row.list(PostField::links).empty();
            case Layer::same_hashtags: return text.hashtags || !row.list(PostField::hashtags).empty();
            case Layer::same_mention: return text.mentions || !row.list(PostField::mentions).empty();
            default: return true;
        }
    }

    // The row's words as they are compared, if they are.
    void read_text(Gatherer& into, const PostRow& row, bool repost) {
        into.has_text = false;
        if (repost || !wants(Layer::same_text) || row[PostField::text].empty()) return;
        normalise_text(row[PostField::text], into.scratch.normal);
        into.has_text = into.scratch.normal.size() >= kFewestTextBytes;
        into.counts.short_texts += !into.has_text;
    }

    Status share_text(Gatherer& into, std::size_t thread, const Share& base) {
        const auto& normal = into.scratch.normal;
        const auto hash = into.text_hash;
        TRY(put(into, thread, Layer::same_text, hash, base));
        if (!wants(Layer::near_text) || !into.texts_seen.insert(hash)) return {};
        const auto signed_text = signature(normal);
        if (signed_text.keys == BandKeys{}) return {};
        if (into.signatures.empty() || into.signatures.back().size() == kSignatures) {
            into.signatures.emplace_back();
            into.signatures.back().reserve(kSignatures);
        }
        into.texts.push_back({hash, base.place, static_cast<std::uint32_t>(thread),
                              static_cast<std::uint32_t>(normal.size()), into.letters.add(normal),
                              static_cast<std::uint32_t>(into.texts.size())});
        into.signatures.back().push_back(signed_text);
        return {};
    }

    // One numbering of accounts for all threads, by the first row each stands in.
    Result<PostCorpus> merge() {
        PostCorpus out;
        const auto merged = number_accounts(out.accounts);
        const auto twice = TRY(duplicates(merged));
        renumber_shares(merged, twice);
        gather(out, merged);
        leave_out(out, twice);
        TRY(near_texts(out));
        for (std::size_t i = 0; i < kLayerCount; ++i) out.shares[i] = std::move(shares_[i]);
        return out;
    }

    // Each thread's numbers to the common ones. Sorted, not hashed: there may be tens of millions.
    std::vector<std::vector<std::uint32_t>> number_accounts(std::vector<Account>& accounts) {
        struct Entry {
            std::uint64_t hash;
            std::uint32_t thread, number;
        };
        std::vector<Entry> entries;
        for (std::uint32_t g = 0; g < gatherers_.size(); ++g) {
            gatherers_[g].names.forget_slots();
            const auto& names = gatherers_[g].names.names();
            for (std::uint32_t i = 0; i < names.size(); ++i) entries.push_back({hash_of(names[i]), g, i});
        }
        const auto name = [&](const Entry& entry) -> std::string& {
            return gatherers_[entry.thread].names.names()[entry.number];
        };
        std::sort(entries.begin(), entries.end(), [&](const Entry& x, const Entry& y) {
            if (x.hash != y.hash) return x.hash < y.hash;
            if (const auto order = name(x).compare(name(y))) return order < 0;
            return x.thread < y.thread;
        });
        // The same account's entries stand together; where each begins, and the first row of it.
        struct Found {
            Place first_place;
            std::size_t begin;
        };
        std::vector<Found> found;
        for (std::size_t i = 0; i < entries.size(); ++i) {
            const auto place = gatherers_[entries[i].thread].sums[entries[i].number].first_place;
            const bool same =
                i > 0 && entries[i].hash == entries[i - 1].hash && name(entries[i]) == name(entries[i - 1]);
            if (same) found.back().first_place = std::min(found.back().first_place, place);
            else found.push_back({place, i});
        }
        // Two accounts in one row (who posts, and who is answered): by name.
        std::sort(found.begin(), found.end(), [&](const Found& x, const Found& y) {
            if (x.first_place != y.first_place) return x.first_place < y.first_place;
            return name(entries[x.begin]) < name(entries[y.begin]);
        });
        std::vector<std::vector<std::uint32_t>> out;
        for (auto& from : gatherers_) out.emplace_back(from.sums.size());
        accounts.resize(found.size());
        for (std::uint32_t number = 0; number < found.size(); ++number) {
            const auto begin = found[number].begin;
            for (auto i = begin; i < entries.size() && entries[i].hash == entries[begin].hash; ++i) {
                if (i > begin && name(entries[i]) != accounts[number].id) break;
                out[entries[i].thread][entries[i].number] = number;
                add_up(accounts[number], entries[i].thread, entries[i].number);
                if (i == begin) accounts[number].id = name(entries[i]);
            }
        }
        for (auto& account : accounts)
            if (account.posts == 0) account.first = 0;
        for (auto& taken : taken_) budget_->used -= std::exchange(taken, 0);
        budget_->used += accounts.size() * sizeof(Account);
        for (auto& from : gatherers_) {
            from.names = {};
            from.sums = {};
            from.details = {};
        }
        return out;
    }

    // Another thread's part of an account.
    void add_up(Account& into, std::size_t thread, std::uint32_t number) {
        auto& from = gatherers_[thread];
        const auto& sums = from.sums[number];
        if (into.id.empty()) {
            into.first_place = sums.first_place;
            into.first = sums.first;
            into.last = sums.last;
        }
        into.first_place = std::min(into.first_place, sums.first_place);
        into.posts += sums.posts;
        into.reposts += sums.reposts;
        into.first = std::min(into.first, sums.first);
        into.last = std::max(into.last, sums.last);
        const auto it = from.details.find(number);
        if (it == from.details.end()) return;
        auto& details = it->second;
        const bool profile =
            details.profile_length && (!into.profile_length || details.profile_place < into.profile_place);
        if (profile) {
            into.profile_place = details.profile_place;
            into.profile_length = details.profile_length;
            into.created = details.created;
        }
        auto& told = told_[into.id.empty() ? from.names.names()[number] : into.id];
        const auto take = [&](std::string& mine, Place& place, std::string& theirs, Place their_place) {
            if (!profile && (into.profile_length || place <= their_place)) return;
            mine = std::move(theirs);
            place = their_place;
        };
        take(into.name, told.name, details.name, details.told.name);
        take(into.display, told.display, details.display, details.told.display);
        take(into.bio, told.bio, details.bio, details.told.bio);
    }

    // Posts that an earlier row holds already: exports overlap.
    Result<std::vector<PostId>> duplicates(const std::vector<std::vector<std::uint32_t>>& merged) {
        std::vector<std::vector<PostId>*> from;
        for (auto& gatherer : gatherers_) from.push_back(&gatherer.ids);
        const auto renumbered = [&](std::size_t g, PostId id) {
            id.account = merged[g][id.account];
            return id;
        };
        const auto ids =
            TRY(sorted_by_hash(from, settings_.threads, renumbered, [](const PostId& x, const PostId& y) {
                return std::tie(x.hash, x.account, x.place) < std::tie(y.hash, y.account, y.place);
            }));
        std::vector<PostId> out;
        for (std::size_t i = 1; i < ids.size(); ++i)
            if (ids[i].hash == ids[i - 1].hash && ids[i].account == ids[i - 1].account) out.push_back(ids[i]);
        std::sort(out.begin(), out.end(), [](const PostId& x, const PostId& y) { return x.place < y.place; });
        return out;
    }

    // Shares carry their thread's numbers; they are changed as they are read.
    void renumber_shares(const std::vector<std::vector<std::uint32_t>>& merged,
                         const std::vector<PostId>& twice) {
        const auto numbers = std::make_shared<std::vector<std::vector<std::uint32_t>>>(merged);
        const auto left_out = std::make_shared<std::vector<Place>>();
        for (const auto& id : twice) left_out->push_back(id.place);
        for (auto& spool : shares_)
            if (spool)
                spool->on_reading([numbers, left_out](std::size_t writer, Share& share) {
                    share.account = (*numbers)[writer][share.account];
                    return left_out->empty() ||
                           !std::binary_search(left_out->begin(), left_out->end(), share.place);
                });
    }

    // The posts and the sums of accounts without what stands twice.
    static void leave_out(PostCorpus& out, const std::vector<PostId>& twice) {
        if (twice.empty()) return;
        for (const auto& id : twice) {
            const auto post = std::lower_bound(out.posts.begin(), out.posts.end(), id.place,
                                               [](const PostRef& x, Place place) { return x.place < place; });
            --out.accounts[id.account].posts;
            out.accounts[id.account].reposts -= post->repost;
            out.counts.reposts -= post->repost;
            --out.counts.posts;
            ++out.counts.refused;
            out.refused.push_back({input_of(id.place), {offset_of(id.place), id.length, Refusal::duplicate}});
        }
        std::erase_if(out.posts, [&](const PostRef& post) {
            const auto it = std::lower_bound(twice.begin(), twice.end(), post.place,
                                             [](const PostId& x, Place place) { return x.place < place; });
            return it != twice.end() && it->place == post.place;
        });
        std::sort(out.refused.begin(), out.refused.end(), [](const RefusedPost& x, const RefusedPost& y) {
            return std::tie(x.input, x.row.offset) < std::tie(y.input, y.row.offset);
        });
    }

    void gather(PostCorpus& out, const std::vector<std::vector<std::uint32_t>>& merged) {
        bool any = false;
        std::size_t total = 0;
        for (const auto& from : gatherers_) total += from.posts.size();
        out.posts.reserve(total);
        std::vector<std::size_t> ends;  // of each thread's posts, which it has read in order
        for (std::size_t g = 0; g < gatherers_.size(); ++g) {
            auto& from = gatherers_[g];
            for (std::size_t i = 0; i < from.posts.size(); ++i) {
                auto post = from.posts[i];
                post.account = merged[g][post.account];
                post.reply_account = from.reply_to[i] ? merged[g][from.reply_to[i] - 1] + 1 : 0;
                out.posts.push_back(post);
            }
            ends.push_back(out.posts.size());
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
        merge_runs(out.posts, std::move(ends),
                   [](const PostRef& x, const PostRef& y) { return x.place < y.place; });
        std::sort(out.refused.begin(), out.refused.end(), [](const RefusedPost& x, const RefusedPost& y) {
            return std::tie(x.input, x.row.offset) < std::tie(y.input, y.row.offset);
        });
    }

    // near_text holds what same_text holds, with texts of one group as one object.
    Status near_texts(PostCorpus& out) {
        if (!wants(Layer::near_text)) return {};
        std::vector<std::vector<DistinctText>*> from_threads;
        for (auto& from : gatherers_) from_threads.push_back(&from.texts);
        auto texts = TRY(sorted_by_hash(
            from_threads, settings_.threads, [](std::size_t, const DistinctText& text) { return text; },
            [](const DistinctText& x, const DistinctText& y) {
                return std::tie(x.hash, x.place) < std::tie(y.hash, y.place);
            }));
        texts.erase(
            std::unique(texts.begin(), texts.end(),
                        [](const DistinctText& x, const DistinctText& y) { return x.hash == y.hash; }),
            texts.end());
        // Not zeroed: each thread writes its share of them, and meets the faults of new memory.
        const auto keys = std::make_unique_for_overwrite<BandKeys[]>(texts.size());
        const auto sketches = std::make_unique_for_overwrite<Sketch[]>(texts.size());
        constexpr std::size_t kAtOnce = 1 << 16;
        TRY(in_parallel(texts.size() / kAtOnce + 1, settings_.threads, [&](std::size_t piece) -> Status {
            const auto end = std::min(texts.size(), (piece + 1) * kAtOnce);
            for (auto i = piece * kAtOnce; i < end; ++i) {
                const auto& signatures = gatherers_[texts[i].thread].signatures;
                const auto& signature =
                    signatures[texts[i].number / kSignatures][texts[i].number % kSignatures];
                keys[i] = signature.keys;
                sketches[i] = signature.sketch;
            }
            return {};
        }));
        for (auto& from : gatherers_) from.signatures = {};
        const auto groups =
            group_near_texts({keys.get(), texts.size()},
                             [&](std::uint32_t i) {
                                 return gatherers_[texts[i].thread].letters.get(texts[i].at, texts[i].length);
                             },
                             settings_.threads, {sketches.get(), texts.size()});
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
    std::vector<std::size_t> taken_;              // bytes of each thread's accounts
    std::unordered_map<std::string, Told> told_;  // of the accounts merged so far
};

}  // namespace

std::uint64_t object_of(std::string_view canonical) { return hash_of(canonical); }

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
