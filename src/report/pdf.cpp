#include "report/pdf.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/escape.h"
#include "base/time.h"
#include "report/html.h"
#include "report/machine_readable.h"

extern char** environ;

namespace contrechamp {
namespace {

// A private folder that goes away with its contents.
class Scratch {
  public:
    Scratch() {
        const char* base = std::getenv("TMPDIR");
        std::string pattern = std::string(base && *base ? base : "/tmp") + "/contrechamp-XXXXXX";
        if (::mkdtemp(pattern.data())) path_ = pattern;
    }
    ~Scratch() {
        std::error_code ignored;
        if (!path_.empty()) fs::remove_all(path_, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

Result<int> run(const std::vector<std::string>& command, const fs::path& log, UnixTime date) {
    std::vector<char*> arguments;
    for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    // The document's dates are the case's, so that the same case gives the same bytes.
    const std::string epoch = "SOURCE_DATE_EPOCH=" + std::to_string(date);
    std::vector<char*> environment;
    for (char** entry = environ; *entry; ++entry)
        if (std::strncmp(*entry, "SOURCE_DATE_EPOCH=", 18) != 0) environment.push_back(*entry);
    environment.push_back(const_cast<char*>(epoch.c_str()));
    environment.push_back(nullptr);
    // When we are killed it must not go on: WeasyPrint may take a minute over a long report.
    const pid_t parent = ::getpid();
    int told[2];  // the child's errno when the program cannot be started
    if (::pipe2(told, O_CLOEXEC) != 0)
        return tl::unexpected(system_error({"no pipe could be made", "aucun tube n’a pu être créé"}, "pipe"));
    const Fd reading(told[0]);
    Fd writing(told[1]);
    const Fd output(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(127);
        ::dup2(output.get(), STDOUT_FILENO);
        ::dup2(output.get(), STDERR_FILENO);
        ::execvpe(arguments[0], arguments.data(), environment.data());
        const int why = errno;
        [[maybe_unused]] const auto written = ::write(told[1], &why, sizeof why);
        ::_exit(127);
    }
    writing = Fd();
    int why = errno;
    const bool failed = pid < 0 || ::read(reading.get(), &why, sizeof why) == sizeof why;
    int status = 0;
    while (pid > 0 && ::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (failed)
        return fail({"the program " + command[0] + " could not be started",
                     "le programme " + command[0] + " n’a pas pu être lancé"},
                    command[0],
                    {"install it (Debian: apt install weasyprint), or write .html and print that",
                     "installez-le (Debian : apt install weasyprint), ou écrivez un .html et imprimez-le"});
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

}  // namespace

Status write_pdf(const fs::path& output, const ReportModel& model, const Knowledge& knowledge, Lang lang) {
    const Scratch scratch;
    if (scratch.path().empty())
        return fail({"no temporary folder could be made", "aucun dossier temporaire n’a pu être créé"},
                    "TMPDIR");
    const fs::path html = scratch.path() / "report.html", evidence = scratch.path() / "evidence.json",
                   pdf = scratch.path() / "report.pdf", log = scratch.path() / "log";
    const UnixTime date = from_rfc3339(model.created).value_or(0);
    TRY(replace_file(html, report_html(model, knowledge, lang, Medium::paper), 0600, false));
    TRY(replace_file(evidence, for_json(json::canonical(report_json(model))) + "\n", 0600, false));
    // WeasyPrint stamps attachments with their file's time.
    const timespec times[2] = {{date, 0}, {date, 0}};
    ::utimensat(AT_FDCWD, evidence.c_str(), times, 0);
    const int code = TRY(run({"weasyprint", "--attachment", evidence.string(), "--pdf-variant", "pdf/ua-1",
                              html.string(), pdf.string()},
                             log, date));
    if (code != 0)
        return fail({"WeasyPrint could not make the PDF: " + read_file(log, 1 << 20).value_or(""),
                     "WeasyPrint n’a pas pu produire le PDF : " + read_file(log, 1 << 20).value_or("")},
                    output.string());
    const std::string bytes = TRY(read_file(pdf, std::uint64_t{256} << 20));
    return replace_file(output, bytes);
}

}  // namespace contrechamp
