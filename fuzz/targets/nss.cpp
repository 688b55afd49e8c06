// formats/certificate.h: NSS's certificate database, a SQLite file whose schema may be anybody's.
#include <set>

#include "formats/certificate.h"
#include "fuzz.h"

using namespace contrechamp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(fuzz::view(data, size));
    const std::string before = bytes;
    const auto certificates = nss_certificates(bytes, "fuzz");
    CHECK(bytes == before);  // read-only means that evidence is not written to
    if (!certificates) return 0;
    std::size_t together = 0;
    for (const auto& stored : *certificates) {
        CHECK(fuzz::inside(bytes, stored.offset, stored.length));
        // Either the very bytes, or the whole file where they are in pieces.
        CHECK((stored.offset == 0 && stored.length == bytes.size()) ||
              bytes.substr(stored.offset, stored.length) == stored.der);
        CHECK(stored.path.starts_with("nssPublic/") && stored.path.ends_with("/a11"));
        together += stored.der.size();
    }
    CHECK(together <=
          64 * bytes.size() + 4096);  // a view or a generated column must not multiply what is there
    return 0;
}
