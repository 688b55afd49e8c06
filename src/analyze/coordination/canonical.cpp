#include "analyze/coordination/canonical.h"

#include <algorithm>
#include <cstring>

#include "analyze/coordination/characters.h"

namespace contrechamp::coordination {
namespace {

// Parameters that say how somebody came to a page and not which page it is: those that the platforms' share
// buttons and the usual campaign and mailing tools write, and only such as change no page. A name that ends
// with * stands for all that begin so. `site`: this host and those below it; empty: everywhere.
struct Tracking {
    std::string_view site, name;
};
constexpr Tracking kTracking[] = {
    // Campaigns: Google Analytics, Matomo, AT Internet, Webtrekk, Adobe
    {"", "utm_*"},
    {"", "pk_*"},
    {"", "mtm_*"},
    {"", "matomo_*"},
    {"", "at_medium"},
    {"", "at_campaign"},
    {"", "at_creation"},
    {"", "at_link_id"},
    {"", "at_link_origin"},
    {"", "at_link_type"},
    {"", "at_ptr_name"},
    {"", "at_format"},
    {"", "at_bbc_team"},
    {"", "xtor"},
    {"", "wt_mc"},
    {"", "s_cid"},
    {"", "_ga"},
    {"", "_gl"},
    // Click numbers of advertising networks
    {"", "fbclid"},
    {"", "gclid"},
    {"", "gclsrc"},
    {"", "dclid"},
    {"", "gbraid"},
    {"", "wbraid"},
    {"", "srsltid"},
    {"", "msclkid"},
    {"", "yclid"},
    {"", "ysclid"},
    {"", "twclid"},
    {"", "ttclid"},
    {"", "li_fat_id"},
    {"", "epik"},
    {"", "igshid"},
    {"", "igsh"},
    {"", "ref_src"},
    {"", "ref_url"},
    {"", "guccounter"},
    {"", "guce_referrer"},
    {"", "guce_referrer_sig"},
    // Mailings: Mailchimp, HubSpot, Marketo, Vero, Omeda
    {"", "mc_cid"},
    {"", "mc_eid"},
    {"", "_hsenc"},
    {"", "_hsmi"},
    {"", "hsctatracking"},
    {"", "mkt_tok"},
    {"", "vero_id"},
    {"", "vero_conv"},
    {"", "oly_anon_id"},
    {"", "oly_enc_id"},
    {"", "_branch_match_id"},
    // Who shared it, from which device, at which second
    {"x.com", "s"},
    {"x.com", "t"},
    {"x.com", "cxt"},
    {"x.com", "ref"},
    {"youtube.com", "si"},
    {"youtube.com", "t"},
    {"youtube.com", "start"},
    {"youtube.com", "feature"},
    {"youtube.com", "pp"},
    {"youtube.com", "ab_channel"},
    {"youtube.com", "app"},
    {"spotify.com", "si"},
    {"facebook.com", "mibextid"},
    {"facebook.com", "rdid"},
    {"facebook.com", "fref"},
    {"facebook.com", "__tn__"},
    {"facebook.com", "__xts__*"},
    {"facebook.com", "__cft__*"},
    {"tiktok.com", "_t"},
    {"tiktok.com", "_r"},
    {"tiktok.com", "is_from_webapp"},
    {"tiktok.com", "is_copy_url"},
    {"tiktok.com", "sender_device"},
    {"tiktok.com", "web_id"},
    {"linkedin.com", "trk"},
    {"linkedin.com", "trackingid"},
    {"linkedin.com", "lipi"},
    {"linkedin.com", "rcm"},
    {"reddit.com", "share_id"},
    {"reddit.com", "rdt"},
    {"nytimes.com", "smid"},
    {"nytimes.com", "smtyp"},
    {"nytimes.com", "unlocked_article_code"},
};

constexpr std::string_view kShownSubdomains[] = {"www.", "m.", "mobile."};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool equal_folded(std::string_view text, std::string_view lower_case) {
    return text.size() == lower_case.size() && std::equal(text.begin(), text.end(), lower_case.begin(),
                                                          [](char a, char b) { return lower(a) == b; });
}

bool skip_prefix(std::string_view& text, std::string_view lower_case) {
    if (!equal_folded(text.substr(0, lower_case.size()), lower_case)) return false;
    text.remove_prefix(lower_case.size());
    return true;
}

bool is_site(std::string_view host, std::string_view site) {
    return host.ends_with(site) && (host.size() == site.size() || host[host.size() - site.size() - 1] == '.');
}

bool is_tracking(std::string_view host, std::string_view parameter) {
    const auto name = parameter.substr(0, parameter.find('='));
    return std::any_of(std::begin(kTracking), std::end(kTracking), [&](const Tracking& known) {
        auto wanted = known.name;
        const bool prefix = wanted.ends_with('*');
        if (prefix) wanted.remove_suffix(1);
        return equal_folded(prefix ? name.substr(0, wanted.size()) : name, wanted) &&
               (known.site.empty() || is_site(host, known.site));
    });
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// RFC 3986, 2.3.
bool is_unreserved(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != 0 && std::strchr("-._~", c));
}

void append_percent(unsigned char c, std::string& out) {
    constexpr char kHex[] = "0123456789ABCDEF";
    out += {'%', kHex[c >> 4], kHex[c & 15]};
}

// Percent-encoding in its one form: unreserved characters stand for themselves, and what may not stand in a
// link (RFC 3986, appendix A) never does.
void append_normalised(std::string_view part, std::string& out) {
    for (std::size_t i = 0; i < part.size(); ++i) {
        auto c = static_cast<unsigned char>(part[i]);
        const int high = c == '%' && i + 2 < part.size() ? hex_value(part[i + 1]) : -1;
        const int low = high >= 0 ? hex_value(part[i + 2]) : -1;
        if (low >= 0) {
            c = static_cast<unsigned char>(high << 4 | low);
            i += 2;
            if (is_unreserved(c)) out += static_cast<char>(c);
            else append_percent(c, out);
        } else if (c <= ' ' || c >= 0x7f || std::strchr("%\"<>\\^`{|}", c)) {
            append_percent(c, out);
        } else {
            out += static_cast<char>(c);
        }
    }
}

// The parts of a link, as they are written.
struct Parts {
    std::string_view host, port, path, query, fragment;  // path with its slash; fragment with its #
};

bool is_port(std::string_view port) {
    return port.size() <= 5 &&
           std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool split(std::string_view url, Parts& parts) {
    if (!skip_prefix(url, "https://") && !skip_prefix(url, "http://") &&
        !equal_folded(url.substr(0, 4), "www."))
        return false;
    auto authority = url.substr(0, url.find_first_of("/?#\\"));
    auto rest = url.substr(authority.size());
    if (const auto hash = rest.find('#'); hash != std::string_view::npos) {
        parts.fragment = rest.substr(hash);
        rest = rest.substr(0, hash);
    }
    if (const auto mark = rest.find('?'); mark != std::string_view::npos) {
        parts.query = rest.substr(mark + 1);
        rest = rest.substr(0, mark);
    }
    parts.path = rest;
    if (const auto sign = authority.rfind('@'); sign != std::string_view::npos)
        authority.remove_prefix(sign + 1);
    const auto bracket = authority.rfind(']');
    const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    parts.host = authority.substr(0, colon);
    if (colon != std::string_view::npos) parts.port = authority.substr(colon + 1);
    if (parts.port == "80" || parts.port == "443") parts.port = {};
    return is_port(parts.port) && !parts.path.starts_with('\\');
}

// Appends the host in its one form; false when it cannot be one.
bool append_host(std::string_view host, std::string& out) {
    static thread_local std::string folded;
    const bool ascii = std::all_of(host.begin(), host.end(), [](char c) { return (c & 0x80) == 0; });
    if (!ascii) {
        fold_text(host, folded);
        host = folded;
    }
    while (host.ends_with('.')) host.remove_suffix(1);
    for (bool again = true; again;) {
        again = false;
        for (const auto shown : kShownSubdomains) {
            auto rest = host;
            // "m.com" is a name of its own.
            if (!skip_prefix(rest, shown) || rest.find('.', 1) == std::string_view::npos || rest[0] == '.')
                continue;
            host = rest;
            again = true;
        }
    }
    if (host.empty()) return false;
    const bool address = host.starts_with('[') && host.ends_with(']');
    for (const char c : host) {
        const auto b = static_cast<unsigned char>(c);
        const bool allowed = b >= 0x80 || is_unreserved(b) || (address && std::strchr(":[]", c));
        if (!allowed || c == '~') return false;
        out += lower(c);
    }
    return true;
}

// The video that a YouTube path names, or nothing.
std::string_view video_of(std::string_view host, std::string_view path) {
    const bool is_short = host == "youtu.be";
    if (!is_short && host != "youtube.com" && host != "youtube-nocookie.com") return {};
    if (!path.starts_with('/')) return {};
    path.remove_prefix(1);
    if (!is_short) {
        const auto kind = path.substr(0, path.find('/'));
        if (kind != "shorts" && kind != "embed" && kind != "live" && kind != "v") return {};
        path.remove_prefix(std::min(path.size(), kind.size() + 1));
    }
    const auto id = path.substr(0, path.find('/'));
    return std::all_of(id.begin(), id.end(),
                       [](char c) { return is_unreserved(static_cast<unsigned char>(c)); })
               ? id
               : std::string_view{};
}

void append_query(std::string_view host, std::string_view query, std::string_view video, std::string& out) {
    static thread_local std::string text;
    static thread_local std::vector<std::string_view> parameters;
    text.clear();
    parameters.clear();
    if (!video.empty()) text.append("v=").append(video).append("&");
    append_normalised(query, text);
    for (std::string_view rest = text; !rest.empty();) {
        const auto parameter = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), parameter.size() + 1));
        if (!parameter.empty() && !is_tracking(host, parameter)) parameters.push_back(parameter);
    }
    std::sort(parameters.begin(), parameters.end());
    char joint = '?';
    for (const auto parameter : parameters) {
        (out += joint) += parameter;
        joint = '&';
    }
}

}  // namespace

void canonical_link(std::string_view url, std::string& out) {
    out.clear();
    while (!url.empty() && static_cast<unsigned char>(url.front()) <= ' ') url.remove_prefix(1);
    while (!url.empty() && static_cast<unsigned char>(url.back()) <= ' ') url.remove_suffix(1);
    Parts parts;
    if (!split(url, parts) || !append_host(parts.host, out)) return out.clear();
    if (out == "twitter.com") out = "x.com";
    static thread_local std::string path, host;
    path.clear();
    append_normalised(parts.path, path);
    std::string_view video;
    if (parts.port.empty()) video = video_of(out, path);
    host = video.empty() ? out : "youtube.com";
    out = host;
    if (!parts.port.empty()) (out += ':') += parts.port;
    std::string_view shown = video.empty() ? std::string_view(path) : "/watch";
    while (shown.ends_with('/')) shown.remove_suffix(1);
    out += shown;
    append_query(host, parts.query, video, out);
    if (parts.fragment.starts_with("#!") && parts.fragment.size() > 2) append_normalised(parts.fragment, out);
}

std::string_view link_domain(std::string_view canonical) {
    const auto host = canonical.substr(0, canonical.find_first_of("/?#"));
    const auto bracket = host.rfind(']');
    return host.substr(0, host.find(':', bracket == std::string_view::npos ? 0 : bracket));
}

}  // namespace contrechamp::coordination
