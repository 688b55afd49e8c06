#include "evidence/custody.h"

#include <unistd.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/time.h"

#ifndef CONTRECHAMP_VERSION
#error "CONTRECHAMP_VERSION is set by CMake"
#endif

namespace contrechamp {

std::string tool_name() { return "contrechamp " CONTRECHAMP_VERSION; }

CustodyLog read_custody_log(std::string_view bytes) {
    CustodyLog log;
    LineReader lines(bytes);
    while (const auto line = lines.next()) {
        if (!line->ended) {
            log.torn = true;
            break;
        }
        // The hash covers the bytes as they are on disk, a stray carriage return included.
        const auto raw = bytes.substr(line->offset, bytes.find('\n', line->offset) - line->offset);
        log.whole_bytes = line->offset + raw.size() + 1;
        const auto number = line->number;
        auto body = json::parse(raw, "custody.jsonl");
        if (!body || !body->if_object()) {
            log.problems.push_back(
                {number, {"this line is not a JSON object", "cette ligne n’est pas un objet JSON"}});
            // The chain still has to hold over the damaged bytes: the next line's prev names their hash.
            log.entries.push_back({number - 1, "unreadable", json::Value(), sha256_hex(raw)});
            continue;
        }
        if ((*body)["prev"].string_or() != log.head())
            log.problems.push_back({number,
                                    {"the chain is broken here: this line does not follow the one before it",
                                     "la chaîne est rompue ici : cette ligne ne suit pas la précédente"}});
        const auto sequence = (*body)["seq"].int_or(-1);
        if (sequence != static_cast<std::int64_t>(number) - 1)
            log.problems.push_back(
                {number,
                 {"the sequence number is not the line's", "le numéro d’ordre n’est pas celui de la ligne"}});
        std::string action((*body)["action"].string_or());
        log.entries.push_back({number - 1, std::move(action), std::move(*body), sha256_hex(raw)});
    }
    return log;
}

std::string next_log_line(const CustodyLog& log, std::string_view action, json::Object fields) {
    fields["seq"] = log.entries.size();
    fields["prev"] = log.head();
    fields["time"] = to_rfc3339(now());
    fields["action"] = action;
    fields["tool"] = tool_name();
    fields["uid"] = static_cast<std::int64_t>(::getuid());
    return json::canonical(fields) + "\n";
}

}  // namespace contrechamp
