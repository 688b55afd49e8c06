// The host analyzer's tables. Each is fed by one kind of record; a column names the member it shows.
#include <algorithm>
#include <array>

#include "analyze/host/context.h"

namespace contrechamp::host {
namespace {

struct Column {
    ColumnSpec spec;
    std::string_view member, inner = {};  // record[member] or record[member][inner]
};

template <std::size_t N>
constexpr std::array<ColumnSpec, N> specs(const std::array<Column, N>& columns) {
    std::array<ColumnSpec, N> out{};
    for (std::size_t i = 0; i < N; ++i) out[i] = columns[i].spec;
    return out;
}

constexpr ColumnSpec text(std::string_view name, std::string_view en, std::string_view fr) {
    return {name, "text", "", en, fr};
}
constexpr ColumnSpec number(std::string_view name, std::string_view en, std::string_view fr,
                            std::string_view unit = "") {
    return {name, "integer", unit, en, fr};
}
constexpr ColumnSpec yes_no(std::string_view name, std::string_view en, std::string_view fr) {
    return {name, "boolean", "", en, fr};
}

// Columns that several tables share.
constexpr Column kPath{text("path", "file it was read in", "fichier où on l’a lu"), "source", "path"};
constexpr Column kLine{number("line", "line in that file", "ligne de ce fichier"), "source", "line"};
constexpr Column kOwner{text("package", "package that owns the file", "paquet auquel appartient le fichier"),
                        "source", "package"};
constexpr Column kPid{number("pid", "process", "processus"), "process", "pid"};
constexpr Column kExe{text("exe", "program file", "fichier du programme"), "process", "exe"};

constexpr std::array kProcesses = {
    Column{number("pid", "process", "processus"), "pid"},
    Column{number("parent", "process that started it", "processus qui l’a lancé"), "parent"},
    Column{text("started", "when", "quand"), "started"},
    Column{text("user", "self, root, system or other", "self, root, system ou other"), "user"},
    Column{text("name", "name it goes by", "nom qu’il se donne"), "name"},
    Column{text("exe", "program file", "fichier du programme"), "exe"},
    Column{text("exe_sha256", "SHA-256 of that file", "SHA-256 de ce fichier"), "exe_sha256"},
    Column{text("exe_package", "package that owns it", "paquet auquel il appartient"), "exe_package"},
    Column{text("exe_state", "as-delivered, modified, no-sum or not-checked",
                "as-delivered, modified, no-sum ou not-checked"),
           "exe_state"},
    Column{text("script", "script it runs", "script exécuté"), "script"},
    Column{text("unit", "systemd unit", "unité systemd"), "unit"},
    Column{yes_no("descriptors", "its open files could be read", "ses fichiers ouverts ont pu être lus"),
           "descriptors"},
    Column{text("devices", "watching devices it holds", "périphériques d’observation tenus"), "devices"},
};
constexpr std::array kX11 = {
    Column{text("display", "X11 display", "affichage X11"), "display"},
    kPid,
    kExe,
    Column{text("script", "script it runs", "script exécuté"), "process", "script"},
    Column{text("resources", "X11 resources by type", "ressources X11 par type"), "resources"},
};
constexpr std::array kSound = {
    Column{text("binary", "program file name, as it says", "nom de fichier du programme, selon lui"),
           "binary"},
    kPid,
    kExe,
    Column{text("source", "what is recorded", "ce qui est enregistré"), "source"},
    Column{yes_no("monitor", "what the speakers play, not a microphone",
                  "ce que jouent les haut-parleurs, pas un micro"),
           "monitor"},
    Column{yes_no("corroborated", "the kernel agrees on the process", "le noyau confirme le processus"),
           "corroborated"},
};
constexpr std::array kBus = {
    Column{text("bus", "session or system", "session ou system"), "bus"},
    Column{text("name", "name on the bus", "nom sur le bus"), "name"},
    kPid,
    kExe,
};
constexpr std::array kPermissions = {
    Column{text("table", "kind of permission", "type d’autorisation"), "table"},
    Column{text("device", "device, for devices", "périphérique, pour devices"), "device"},
    Column{text("application", "application", "application"), "application"},
    Column{text("permissions", "answers kept", "réponses gardées"), "permissions"},
    kPath,
};
constexpr std::array kUnits = {
    Column{text("unit", "systemd unit", "unité systemd"), "unit"},
    Column{text("scope", "system or user", "system ou user"), "scope"},
    Column{yes_no("enabled", "starts by itself", "démarre seule"), "enabled"},
    Column{text("programs", "what it starts", "ce qu’elle lance"), "programs"},
    kPath,
    kOwner,
};
constexpr std::array kAutostart = {
    Column{text("entry", "autostart entry", "entrée de démarrage"), "entry"},
    Column{text("program", "program", "programme"), "program"},
    Column{yes_no("disabled", "switched off", "désactivée"), "disabled"},
    kPath,
    kOwner,
};
constexpr std::array kCron = {
    Column{text("schedule", "when", "quand"), "schedule"},
    Column{text("program", "program", "programme"), "program"},
    Column{yes_no("as_root", "runs as root", "s’exécute en root"), "as_root"},
    kPath,
    kLine,
    kOwner,
};
constexpr std::array kPreloads = {
    Column{text("library", "library loaded into every program", "bibliothèque chargée dans chaque programme"),
           "library"},
    Column{text("package", "package that owns it", "paquet auquel elle appartient"), "package"},
    Column{number("programs", "running programs that hold it", "programmes en marche qui la tiennent"),
           "programs"},
    Column{number("of", "of so many that could be read", "sur tant qui ont pu être lus"), "of"},
    kPath,
    kLine,
};
constexpr std::array kShells = {
    Column{text("shell", "login shell", "interpréteur de connexion"), "shell"},
    Column{number("accounts", "accounts that have it", "comptes qui l’ont"), "accounts"},
    Column{
        yes_no("self", "the person scanning is one of them", "la personne qui lance l’examen en fait partie"),
        "self"},
    kPath,
    kLine,
};
constexpr std::array kModules = {
    Column{text("module", "kernel module", "module du noyau"), "module"},
    Column{text("taint", "kernel's taint letters", "lettres de marquage du noyau"), "taint"},
};
constexpr std::array kKernelPrograms = {
    Column{number("id", "kernel's number for it", "numéro donné par le noyau"), "id"},
    Column{text("type", "kind of eBPF program", "genre de programme eBPF"), "type"},
    Column{text("name", "name", "nom"), "name"},
};
constexpr std::array kExtensions = {
    Column{text("browser", "browser", "navigateur"), "browser"},
    Column{text("profile", "profile, numbered", "profil, numéroté"), "profile"},
    Column{text("extension", "extension id", "identifiant de l’extension"), "extension"},
    Column{text("name", "name it gives itself", "nom qu’elle se donne"), "name"},
    Column{text("version", "version", "version"), "version"},
    Column{text("came",
                "how it came: policy, user, built-in, default, system, sideloaded, unpacked, command-line, "
                "unknown",
                "comment elle est venue : policy, user, built-in, default, system, sideloaded, unpacked, "
                "command-line, unknown"),
           "came"},
    Column{yes_no("enabled", "switched on", "activée"), "enabled"},
    Column{text("permissions", "rights", "droits"), "permissions"},
    Column{yes_no("all_sites", "on every web site", "sur tous les sites"), "all_sites"},
    kPath,
};
constexpr std::array kNativeHosts = {
    Column{text("native_host", "name", "nom"), "native_host"},
    Column{text("program", "program extensions may start", "programme que des extensions peuvent lancer"),
           "program"},
    Column{text("extensions", "extensions allowed", "extensions autorisées"), "extensions"},
    kPath,
    kOwner,
};
constexpr std::array kPolicyFiles = {
    Column{text("browser", "browser", "navigateur"), "browser"},
    Column{text("names", "policies that are set", "règles posées"), "names"},
    Column{text("forced", "extensions installed by force", "extensions installées d’office"), "forced"},
    kPath,
    kOwner,
};
constexpr std::array kCertificates = {
    Column{text("store", "system, system-source, nss, firefox", "system, system-source, nss, firefox"),
           "store"},
    Column{
        yes_no("trusted_for_servers", "trusted to vouch for web sites", "admis pour garantir des sites web"),
        "trusted_for_servers"},
    Column{text("der", "the certificate, base64 of DER", "le certificat, DER en base64"), "der"},
    kPath,
};
constexpr std::array kProxies = {
    Column{text("where", "environment, desktop or browser", "environnement, bureau ou navigateur"), "where"},
    Column{text("kind", "http, https, all or pac", "http, https, all ou pac"), "kind"},
    Column{text("host", "host", "hôte"), "host"},
    Column{number("port", "port", "port"), "port"},
    kPath,
    kLine,
};
constexpr std::array kSockets = {
    Column{text("protocol", "tcp or udp", "tcp ou udp"), "protocol"},
    Column{text("state", "listening or established", "listening ou established"), "state"},
    Column{number("local_port", "port here", "port ici"), "local_port"},
    Column{text("local_reach", "who can reach it: loopback, private, public or any",
                "qui peut l’atteindre : loopback, private, public ou any"),
           "local_reach"},
    Column{yes_no("incoming", "the other side connected to us", "l’autre côté s’est connecté ici"),
           "incoming"},
    Column{text("remote", "far end, where kept", "autre bout, s’il est gardé"), "remote"},
    Column{number("remote_port", "port at the far end", "port à l’autre bout"), "remote_port"},
    Column{text("remote_reach", "where the far end is", "où est l’autre bout"), "remote_reach"},
    kPid,
    kExe,
};
constexpr std::array kPackages = {
    Column{text("manager", "dpkg, flatpak or snap", "dpkg, flatpak ou snap"), "manager"},
    Column{text("package", "package", "paquet"), "package"},
    Column{text("version", "version", "version"), "version"},
};
constexpr std::array kFiles = {
    Column{text("known", "path the knowledge names", "chemin connu"), "known"},
    Column{yes_no("folder", "it is a folder", "c’est un dossier"), "folder"},
    kPath,
    kOwner,
};
constexpr std::array kRemote = {
    Column{text("service", "remote-access service", "service d’accès à distance"), "service"},
    Column{text("key", "setting", "réglage"), "key"},
    Column{text("value", "value, where it is a plain word", "valeur, si c’est un simple mot"), "value"},
    kPath,
    kLine,
};

struct RecordTable {
    std::string_view is;
    std::span<const Column> columns;
    TableSpec spec;
};

constexpr auto kProcessesSpecs = specs(kProcesses);
constexpr auto kX11Specs = specs(kX11);
constexpr auto kSoundSpecs = specs(kSound);
constexpr auto kBusSpecs = specs(kBus);
constexpr auto kPermissionsSpecs = specs(kPermissions);
constexpr auto kUnitsSpecs = specs(kUnits);
constexpr auto kAutostartSpecs = specs(kAutostart);
constexpr auto kCronSpecs = specs(kCron);
constexpr auto kPreloadsSpecs = specs(kPreloads);
constexpr auto kShellsSpecs = specs(kShells);
constexpr auto kModulesSpecs = specs(kModules);
constexpr auto kKernelProgramsSpecs = specs(kKernelPrograms);
constexpr auto kExtensionsSpecs = specs(kExtensions);
constexpr auto kNativeHostsSpecs = specs(kNativeHosts);
constexpr auto kPolicyFilesSpecs = specs(kPolicyFiles);
constexpr auto kCertificatesSpecs = specs(kCertificates);
constexpr auto kProxiesSpecs = specs(kProxies);
constexpr auto kSocketsSpecs = specs(kSockets);
constexpr auto kPackagesSpecs = specs(kPackages);
constexpr auto kFilesSpecs = specs(kFiles);
constexpr auto kRemoteSpecs = specs(kRemote);

constexpr std::array kTables = {
    RecordTable{
        "process", kProcesses, {"processes", "running programs", "programmes en marche", kProcessesSpecs}},
    RecordTable{"client",
                kX11,
                {"x11_clients", "programs connected to an X11 display",
                 "programmes reliés à un affichage X11", kX11Specs}},
    RecordTable{
        "recorder",
        kSound,
        {"sound_recorders", "programs recording sound", "programmes qui enregistrent le son", kSoundSpecs}},
    RecordTable{"bus-name",
                kBus,
                {"bus_names", "names on the message buses", "noms sur les bus de messages", kBusSpecs}},
    RecordTable{"permission",
                kPermissions,
                {"permissions", "permissions given through the desktop's portals",
                 "autorisations données par les portails du bureau", kPermissionsSpecs}},
    RecordTable{"unit", kUnits, {"units", "systemd units", "unités systemd", kUnitsSpecs}},
    RecordTable{
        "autostart",
        kAutostart,
        {"autostart", "desktop autostart entries", "entrées de démarrage du bureau", kAutostartSpecs}},
    RecordTable{"cron", kCron, {"cron", "scheduled commands", "commandes programmées", kCronSpecs}},
    RecordTable{"preload",
                kPreloads,
                {"preloads", "libraries loaded into every program",
                 "bibliothèques chargées dans chaque programme", kPreloadsSpecs}},
    RecordTable{"shell", kShells, {"shells", "login shells", "interpréteurs de connexion", kShellsSpecs}},
    RecordTable{"module", kModules, {"modules", "kernel modules", "modules du noyau", kModulesSpecs}},
    RecordTable{"bpf-program",
                kKernelPrograms,
                {"kernel_programs", "eBPF programs in the kernel (root only)",
                 "programmes eBPF du noyau (root seulement)", kKernelProgramsSpecs}},
    RecordTable{"extension",
                kExtensions,
                {"extensions", "browser extensions", "extensions de navigateur", kExtensionsSpecs}},
    RecordTable{"native-host",
                kNativeHosts,
                {"native_hosts", "programs that browser extensions may talk to",
                 "programmes auxquels des extensions peuvent parler", kNativeHostsSpecs}},
    RecordTable{
        "policy-file",
        kPolicyFiles,
        {"policies", "managed browser policies", "règles imposées aux navigateurs", kPolicyFilesSpecs}},
    RecordTable{"certificate",
                kCertificates,
                {"certificates", "certificates that were added", "certificats ajoutés", kCertificatesSpecs}},
    RecordTable{"proxy", kProxies, {"proxies", "proxy settings", "réglages de proxy", kProxiesSpecs}},
    RecordTable{"socket", kSockets, {"sockets", "network sockets", "connexions réseau", kSocketsSpecs}},
    RecordTable{
        "package", kPackages, {"packages", "installed packages", "paquets installés", kPackagesSpecs}},
    RecordTable{"file",
                kFiles,
                {"known_files", "files of known products", "fichiers de produits connus", kFilesSpecs}},
    RecordTable{"remote-setting",
                kRemote,
                {"remote_settings", "settings of remote-access servers",
                 "réglages de serveurs d’accès à distance", kRemoteSpecs}},
};

constexpr auto kSpecs = [] {
    std::array<TableSpec, kTables.size()> out{};
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = kTables[i].spec;
    return out;
}();

}  // namespace

std::span<const TableSpec> tables() { return kSpecs; }

void add_row(Context& context, const Record& record) {
    const auto table =
        std::find_if(kTables.begin(), kTables.end(), [&](const RecordTable& t) { return t.is == record.is; });
    if (table == kTables.end()) return;
    std::vector<json::Value> cells;
    for (const auto& column : table->columns) {
        const auto& value =
            column.inner.empty() ? record.value[column.member] : record.value[column.member][column.inner];
        cells.push_back(value);
    }
    context.out().row(table->spec.name, std::move(cells), context.locate(record));
}

}  // namespace contrechamp::host
