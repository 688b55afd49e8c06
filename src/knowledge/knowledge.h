// What is known beforehand: capabilities, products and their marks, checks, rules. Read from YAML folders
// (docs/schema/knowledge.md) or from a bundle: the same content as one canonical JSON document. A case keeps
// the bundle it was analysed with as an exhibit, so that a report can be derived again years later.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace contrechamp {

struct KnowledgeFolder;

enum class Confidence { high, medium, low };

struct Source {
    std::string ref;
    std::string kind;
    std::string licence;
    std::string date;
    bool unidentified = false;
};

struct Indicator {
    std::string type;
    std::string value;
    std::string match = "exact";  // exact, suffix, glob, regex
    std::string role;             // domains
    std::string manager;          // packages
    std::string browser;          // extensions
    bool controller = false;      // the operator's side
    Confidence confidence = Confidence::low;
    std::vector<std::string> platforms;
    std::vector<std::string> sources;  // ids in the product's sources
};

struct ProductCapability {
    std::string id;
    std::string status;  // documented, optional-add-on, vendor-denied
    Confidence confidence = Confidence::low;
    std::vector<std::string> sources;
};

struct Product {
    std::string id, name, vendor, product_class, category, homepage, updated;
    std::vector<std::string> platforms;
    Text note, innocent;
    bool dormant = false;  // its programs run even while it is switched off
    std::map<std::string, Source> sources;
    std::vector<ProductCapability> capabilities;
    std::vector<Indicator> indicators;
    struct Group {
        std::vector<std::string> all_of;  // "type:value"
        Confidence confidence = Confidence::low;
    };
    std::vector<Group> groups;  // marks that mean more together than each alone
};

struct CapabilityGroup {
    std::string id;
    Text name;
    // What has to be looked at for its capabilities to show: "computer", "posts" or "judgements". A
    // report speaks of the realms its case looked at.
    std::string realm;
};

struct Capability {
    std::string id, group;
    Text name, means;
};

// A class of products: how its members are spoken of.
struct ProductClass {
    std::string id;
    Text name;
    Text innocent;         // the usual harmless reason for such a product to be there
    bool managed = false;  // said apart: not evidence of watching
    Text question;         // asked first; may be empty
};

struct Check {
    std::string id;
    std::vector<std::string> capabilities;
    Text name;
};

struct Reason {
    std::string id;
    Text why;     // may hold {placeholders} filled from the coverage's fields
    Text many;    // said once of several exhibits: {count}, {origins}; may be empty
    Text remedy;  // empty where nothing helps
};

// A mark found by look-up.
struct Mark {
    const Product* product = nullptr;
    const Indicator* indicator = nullptr;
};

class Knowledge {
  public:
    // Reads the folders, later ones on top. The first problem is the error; read_knowledge_folders() lists
    // them all.
    static Result<Knowledge> from_folders(const std::vector<std::filesystem::path>& folders);
    static Result<Knowledge> from_bundle(std::string_view json, std::string_view where);
    // `base` with folders of the user's on top: items of the same id replace ours.
    static Result<Knowledge> on_top_of(const Knowledge& base,
                                       const std::vector<std::filesystem::path>& folders);
    // The bundle compiled into the program.
    static std::string_view built_in_bundle();

    // Canonical JSON; its SHA-256 names this knowledge.
    const std::string& bundle() const { return bundle_; }
    const std::string& sha256() const { return sha256_; }

    const std::vector<CapabilityGroup>& groups() const { return groups_; }
    const std::vector<Capability>& capabilities() const { return capabilities_; }
    const std::vector<Product>& products() const { return products_; }
    const std::vector<Check>& checks() const { return checks_; }
    const json::Array& rules() const { return rules_; }

    const Capability* capability(std::string_view id) const;
    const Product* product(std::string_view id) const;
    const ProductClass* product_class(std::string_view id) const;
    const Check* check(std::string_view id) const;
    const Reason* reason(std::string_view id) const;
    // Plain words for a kind of observation or a field's name; the id itself where none are known.
    Text kind_name(std::string_view id) const;
    Text field_name(std::string_view id) const;
    // Whether observations of this kind, or of one below it ("x11" takes "x11.records-input"), exist at all.
    bool has_kind(std::string_view id) const;
    Text value_name(std::string_view field, std::string_view value) const;

    // Marks of `type` that fit `value`, in product order. `qualifier` is the package manager or the browser.
    // Domains fit by suffix where the row says so; certificates are matched with certificate_marks().
    std::vector<Mark> marks(std::string_view type, std::string_view value,
                            std::string_view qualifier = {}) const;
    // `issuer` and `subject` are {CN, O}.
    struct CertificateNames {
        std::string common_name, organisation;
    };
    std::vector<Mark> certificate_marks(std::string_view sha256, const CertificateNames& issuer,
                                        const CertificateNames& subject) const;

    // What a browser extension's permission, or a browser policy, lets somebody do (browser.yaml). Some
    // permissions only reach other people's pages together with the right to act on every site.
    std::vector<std::string> permission_capabilities(std::string_view permission, bool all_sites) const;
    std::vector<std::string> policy_capabilities(std::string_view policy) const;

  private:
    struct Right {
        std::string name;
        bool needs_all_sites = false;
        std::vector<std::string> capabilities;
    };
    static Result<Knowledge> from_read(const KnowledgeFolder& folder,
                                       const std::vector<std::filesystem::path>& folders);
    Status load(const json::Value& document, std::string_view where);
    void build_look_ups();

    std::string bundle_, sha256_;
    std::vector<CapabilityGroup> groups_;
    std::vector<Capability> capabilities_;
    std::vector<ProductClass> classes_;
    std::vector<Product> products_;
    std::vector<Check> checks_;
    std::vector<Reason> reasons_;
    json::Array rules_;
    std::map<std::string, Text, std::less<>> kind_names_, field_names_, value_names_;
    std::vector<Right> permissions_, policies_;
    std::unordered_map<std::string, std::vector<Mark>>
        exact_;  // "type\x1fvalue", lower-case value for Windows names
    std::unordered_map<std::string, std::vector<Mark>> wild_;  // by type: globs, suffixes, regexes
};

std::string_view to_string(Confidence confidence);

// A mark's value as it is compared: names that Windows, DNS or the browsers take without case are folded.
std::string looked_up_as(std::string_view type, std::string_view value);

// Shell-style match: `*` any run of characters, `?` one. Case matters unless `fold`.
bool glob_match(std::string_view pattern, std::string_view text, bool fold = false);

}  // namespace contrechamp
