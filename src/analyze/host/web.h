// Extensions, policies and certificates become the same observations whether they come from a collector's
// records or from a browser's own file added by hand.
#pragma once

#include "analyze/host/context.h"
#include "formats/browser.h"
#include "formats/certificate.h"

namespace contrechamp::host {

void observe_extension(Context& context, std::string_view browser_name, std::string_view profile,
                       const browser::Extension& extension, const Locator& locator);
void observe_policies(Context& context, std::string_view browser_name, const browser::Policies& policies,
                      const Locator& locator);
void observe_native_host(Context& context, const browser::NativeHost& host, const Locator& locator);
// `store`: system, system-source, nss, firefox, file.
void observe_certificate(Context& context, std::string_view store, bool trusted, std::string_view der,
                         json::Object source, const Locator& locator);

}  // namespace contrechamp::host
