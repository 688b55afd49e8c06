// A small knowledge folder, complete and without breaches, for tests to break one thing at a time.
#pragma once

#include <map>
#include <string>

#include "kit/temporary.h"
#include "knowledge/folder.h"
#include "knowledge/knowledge.h"

namespace contrechamp::testing {

inline std::map<std::string, std::string> small_knowledge() {
    return {{"capabilities.yaml", R"(groups:
  - {id: keyboard, name: {en: Keyboard, fr: Clavier}}
capabilities:
  - {id: keystroke-logging, group: keyboard, name: {en: Keystrokes, fr: Frappes}, means: {en: Typing is kept., fr: La frappe est gardée.}}
  - {id: screenshots, group: keyboard, name: {en: Pictures, fr: Images}, means: {en: The screen is kept., fr: L’écran est gardé.}}
)"},
            {"classes.yaml", R"(classes:
  - {id: monitoring, name: {en: Monitoring, fr: Surveillance}, innocent: {en: Maybe., fr: Peut-être.}}
  - {id: edr, managed: true, name: {en: Security, fr: Sécurité}, innocent: {en: Ordinary., fr: Ordinaire.}}
)"},
            {"checks.yaml", R"(checks:
  - {id: programs, capabilities: [keystroke-logging], name: {en: Programs, fr: Programmes}}
reasons:
  - {id: others-programs, why: {en: "{programs} hidden.", fr: "{programs} cachés."}, remedy: {en: Be root., fr: Être root.}}
)"},
            {"browser.yaml", R"(permissions:
  - {name: tabCapture, capabilities: [screenshots]}
  - {name: tabs, needs_all_sites: true, capabilities: [keystroke-logging]}
policies:
  - {name: ScreenCaptureAllowed, capabilities: [screenshots]}
)"},
            {"words.yaml", R"(kinds:
  - {id: product.process, name: {en: a program, fr: un programme}}
fields:
  - {id: pid, name: {en: process, fr: processus}}
)"},
            {"products/acme.yaml", R"(id: acme
name: Acme Watch
vendor: Acme
class: monitoring
category: test
homepage: https://acme.example
platforms: [linux, windows]
updated: 2026-11-23
note: {en: A note., fr: Une note.}
innocent: {en: A reason., fr: Une raison.}
sources:
  doc: {ref: Acme manual, kind: vendor-doc, licence: facts, date: 2026-11-23}
  rumour: {ref: somebody, kind: press, licence: facts, date: 2026-11-22, unidentified: true}
capabilities:
  - {id: keystroke-logging, status: documented, confidence: high, sources: [doc]}
indicators:
  - {type: process, value: acmed, platforms: [linux], confidence: high, sources: [doc]}
  - {type: process, value: AcmeAgent.exe, platforms: [windows], confidence: high, sources: [doc]}
  - {type: path, value: /opt/acme/, confidence: high, sources: [doc]}
  - {type: path, value: /usr/lib/libacme.so, confidence: high, sources: [doc]}
  - {type: path, value: '/usr/lib/acme-*/agent?', match: glob, confidence: high, sources: [doc]}
  - {type: path, value: 'C:\Program Files\Acme\', platforms: [windows], confidence: high, sources: [doc]}
  - {type: package, value: acme, manager: dpkg, confidence: high, sources: [doc]}
  - {type: package, value: com.acme.Watch, manager: flatpak, confidence: high, sources: [doc]}
  - {type: domain, value: agent.acme.example, role: agent-endpoint, confidence: high, sources: [doc]}
  - {type: domain, value: acme-cloud.example, match: suffix, role: agent-endpoint, confidence: medium, sources: [doc]}
  - {type: extension, value: abcdefghijklmnopabcdefghijklmnop, browser: chromium, confidence: high, sources: [doc]}
  - {type: extension, value: watch@acme.example, browser: firefox, confidence: high, sources: [doc]}
  - {type: certificate, value: "issuer CN ~ Acme (Root|TLS) CA.*; O ~ Acme", confidence: high, sources: [doc]}
  - {type: certificate, value: "subject CN ~ Acme Leaf", confidence: high, sources: [doc]}
  - {type: certificate, value: "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", confidence: high, sources: [doc]}
  - {type: unit, value: acme.service, confidence: low, sources: [rumour]}
groups:
  - {all_of: ["process:acmed", "path:/opt/acme/"], confidence: high, sources: [doc]}
)"},
            {"rules/acme-rule.yaml", R"(id: acme-rule
about: product
observe:
  mark: {kind: product.*}
finding: {of: mark, at_least: 1}
strength: installed
capabilities: [keystroke-logging]
title: {en: A title, fr: Un titre}
statement: {en: "{product} is here.", fr: "{product} est là."}
innocent:
  - {en: A reason., fr: Une raison.}
question: {en: Why., fr: Pourquoi.}
tests:
  - name: one mark
    observations: [{kind: product.process, subject: {kind: product, key: acme}}]
    expect: [{subject: acme}]
)"}};
}

inline void put_knowledge(const fs::path& folder, const std::map<std::string, std::string>& files) {
    for (const auto& [name, text] : files) put(folder / name, text);
}

}  // namespace contrechamp::testing
