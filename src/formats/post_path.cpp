// "a.b[].c", "a[type=x].id", "a.b if c=d" (posts.h).
#include "formats/post_path.h"

#include <algorithm>

#include "formats/post_parts.h"

namespace contrechamp::posts {
namespace {

constexpr std::size_t kMostSteps = 16;
constexpr std::string_view kIf = " if ";

class Compiler {
  public:
    Compiler() { tree.nodes.emplace_back(); }

    Status add(PostField field, std::string_view path) {
        JsonSource source{field, kNone, {}, kNone, {}};
        if (path.substr(0, 1) == "=") {
            source.constant = path.substr(1);
        } else {
            const auto condition = path.find(kIf);
            if (condition != std::string_view::npos) {
                auto guard = path.substr(condition + kIf.size());
                const auto equals = guard.find('=');
                if (equals != std::string_view::npos) {
                    source.guard_value = guard.substr(equals + 1);
                    guard = guard.substr(0, equals);
                }
                source.guard = TRY(slot(guard, false));
                path = path.substr(0, condition);
            }
            source.slot = TRY(slot(path, is_list(field)));
        }
        tree.sources.push_back(std::move(source));
        return {};
    }

    PathTree tree;

  private:
    std::uint32_t node() {
        tree.nodes.emplace_back();
        return static_cast<std::uint32_t>(tree.nodes.size() - 1);
    }

    std::uint32_t member(std::uint32_t of, std::string_view name) {
        for (const auto& known : tree.nodes[of].members)
            if (known.name == name) return known.node;
        const auto made = node();
        tree.nodes[of].members.push_back({std::string(name), made});
        return made;
    }

    std::uint32_t items(std::uint32_t of) {
        if (tree.nodes[of].items == kNone) {
            const auto made = node();
            tree.nodes[of].items = made;
        }
        return tree.nodes[of].items;
    }

    std::uint32_t filtered(std::uint32_t of, std::string_view name, std::string_view value) {
        for (const auto& known : tree.nodes[of].filters)
            if (known.member == name && known.value == value) return known.node;
        const auto made = node();
        tree.nodes[of].filters.push_back({std::string(name), std::string(value), made});
        return made;
    }

    // One step, "name", "name[]" or "name[member=value]".
    Result<std::uint32_t> step(std::uint32_t from, std::string_view text, bool& per_item) {
        const auto bracket = text.find('[');
        const auto name = text.substr(0, bracket);
        if (name.empty()) return bad(text);
        from = member(from, name);
        if (bracket == std::string_view::npos) return from;
        auto inside = text.substr(bracket + 1);
        if (inside.empty() || inside.back() != ']') return bad(text);
        inside.remove_suffix(1);
        per_item = true;
        if (inside.empty()) return items(from);
        const auto equals = inside.find('=');
        if (equals == std::string_view::npos || equals == 0) return bad(text);
        return filtered(from, inside.substr(0, equals), inside.substr(equals + 1));
    }

    // The slot at the end of a path.
    Result<std::uint32_t> slot(std::string_view path, bool list) {
        std::uint32_t at = 0;
        bool per_item = false;
        std::size_t steps = 0;
        for (std::string_view rest = path;;) {
            // A dot inside of [] belongs to the value there.
            std::size_t end = 0;
            for (bool inside = false; end < rest.size() && (inside || rest[end] != '.'); ++end)
                inside = rest[end] == '[' || (inside && rest[end] != ']');
            if (++steps > kMostSteps) return bad(path);
            at = TRY(step(at, rest.substr(0, end), per_item));
            if (end == rest.size()) break;
            rest.remove_prefix(end + 1);
        }
        const auto made = static_cast<std::uint32_t>(tree.slots.size());
        tree.slots.push_back({list, per_item, {}});
        tree.nodes[at].slots.push_back(made);
        return made;
    }

    static tl::unexpected<Error> bad(std::string_view path) {
        const std::string text(path);
        return fail({"this is not a path: \"" + text + "\"", "ceci n’est pas un chemin : « " + text + " »"},
                    "--map",
                    {"write it like \"user.id\", \"urls[].expanded_url\" or \"refs[type=retweeted].id\"",
                     "écrivez-le comme « user.id », « urls[].expanded_url » ou « refs[type=retweeted].id »"});
    }
};

}  // namespace

Result<PathTree> compile(const PostLayout& layout) {
    Compiler compiler;
    for (const auto& [field, paths] : layout.map)
        for (const auto& path : paths) TRY(compiler.add(field, path));
    return std::move(compiler.tree);
}

std::optional<Text> bad_path(std::string_view path) {
    Compiler compiler;
    const auto added = compiler.add(PostField::id, path);
    return added ? std::nullopt : std::optional(added.error().what);
}

}  // namespace contrechamp::posts
