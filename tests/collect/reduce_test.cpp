// collect/linux/reduce.h: what may be kept of a command. Secrets are planted wherever a person's words can
// stand, in several encodings, and none may come out.
#include "collect/linux/reduce.h"

#include <algorithm>
#include <random>

#include "base/bytes.h"
#include "kit/temporary.h"

using namespace contrechamp;
using namespace contrechamp::linux_machine;

namespace {

using Words = std::vector<std::string>;

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

std::string percent(std::string_view text) {
    std::string out;
    for (const char c : text) out += "%" + to_hex({&c, 1});
    return out;
}

std::string utf16(std::string_view text) {
    std::string out;
    for (const char c : text) out += {c, '\1'};  // U+0141 …: no NUL, which ends an argument
    return out;
}

// One secret as people and programs write it.
Words encodings(const std::string& secret) {
    return {secret,
            lower(secret),
            to_hex(secret),
            to_base64(secret),
            percent(secret),
            utf16(secret),
            "\xe9" + secret + "\xff",
            std::string(secret.rbegin(), secret.rend())};
}

// Makes command lines the way real ones look; every `secret()` is something nobody may read.
class Generator {
  public:
    explicit Generator(unsigned seed) : random_(seed) {
        static constexpr std::string_view kLetters =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        std::string word = "Q7z";
        for (int i = 0; i < 9; ++i) word += kLetters[random_() % kLetters.size()];
        secrets_ = encodings(word);
    }
    const Words& secrets() const { return secrets_; }

    std::string exe() {
        return pick({"/usr/bin/python3.11", "/usr/bin/bash", "/bin/sh", "/usr/bin/perl", "/usr/bin/node",
                     "/usr/bin/java", "/usr/bin/ruby", "/usr/bin/php8.2", "/usr/bin/ffmpeg", "/usr/bin/ssh",
                     "/opt/agent/agent", "python3", "/usr/bin/fish", "/usr/bin/lua5.4", ""});
    }
    std::string folder() { return pick({"/home/anna", "", "/", "/usr/share/x", "/home/" + secret()}); }

    Words arguments() {
        Words out;
        for (std::size_t i = random_() % 9; i-- > 0;) add_argument(out);
        // A Python module's name is a program's name, kept by design.
        for (std::size_t i = 1; i < out.size(); ++i)
            if (out[i - 1] == "-m") out[i] = "http.server";
        return out;
    }

    // As systemd, cron and desktop files write it.
    std::string line(const std::string& program, const Words& arguments) {
        std::string out =
            pick({"", "", "-", "@", "env ", "/usr/bin/env -i ", "TOKEN=" + secret() + " ",
                  "A='" + quotable() + "' B=\"" + quotable() + "\" ", "K=$(pass show " + quotable() + ") "});
        out += program;
        for (const auto& argument : arguments) out += " " + quoted(argument);
        return out + pick({"", " > /home/anna/" + quotable(), " | mail " + quotable(), " ; rm " + quotable(),
                           " && echo " + quotable()});
    }

  private:
    std::string pick(const Words& from) { return from[random_() % from.size()]; }
    std::string secret() { return pick(secrets_); }
    // Without what ends a quotation.
    std::string quotable() {
        auto out = secret();
        std::erase_if(out, [](char c) { return c == '\'' || c == '"' || c == '\\' || c == '`' || c == ')'; });
        return out;
    }
    std::string quoted(const std::string& text) {
        std::string out = "'";
        for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
        return out + "'";
    }
    std::string option() {
        return pick({"-i", "-f", "-c", "-e", "-m", "-jar", "-cp", "--display", "--output", "--require",
                     "--eval", "-W", "-o", "-x", "--rcfile", "-lc", "--init-file", "-D", "-I"});
    }
    void add_argument(Words& out) {
        switch (random_() % 14) {
            case 0: out.push_back(secret()); break;
            case 1: out.push_back(option() + "=" + secret()); break;
            case 2: out.push_back(option()), out.push_back(secret()); break;
            case 3: out.push_back("-" + pick({"p", "u", "H"}) + secret()); break;
            case 4: out.push_back("/home/anna/" + secret() + pick({".py", ".sh", "", "/main.js"})); break;
            case 5: out.push_back("/usr/share/../../home/anna/" + secret() + ".py"); break;
            case 6: out.push_back("https://anna:" + secret() + "@host/" + secret() + "?" + secret()); break;
            case 7: out.push_back("-c"), out.push_back("print('" + secret() + "')"); break;
            case 8: out.push_back("--" + secret()); break;
            case 9: out.push_back("x11grab"); break;
            case 10: out.push_back("./" + secret() + ".py"); break;
            case 11: out.push_back("NAME=" + secret()); break;
            case 12: out.push_back("--e" + secret() + "--" + secret() + "=1"); break;
            default: out.push_back(option());
        }
    }

    std::mt19937 random_;
    Words secrets_;
};

std::string together(const ReducedCommand& reduced) {
    std::string out = reduced.script;
    for (const auto& word : reduced.options) out += "\n" + word;
    for (const auto& word : reduced.literals) out += "\n" + word;
    return out;
}

void expect_no_secret(const Generator& from, const std::string& out, const std::string& exe,
                      const Words& arguments) {
    for (const auto& secret : from.secrets())
        if (lower(out).find(lower(secret)) != std::string::npos) {
            std::string line = exe;
            for (const auto& argument : arguments) line += " [" + argument + "]";
            ADD_FAILURE() << line << "\ngave " << out;
        }
}

}  // namespace

TEST(Reduce, NoPlantedSecretSurvives) {
    std::size_t kept = 0, literals = 0, hidden = 0;
    for (unsigned seed = 0; seed < 20000 && !::testing::Test::HasFailure(); ++seed) {
        Generator make(seed);
        const auto exe = make.exe();
        const auto arguments = make.arguments();
        // A working folder below a system folder makes a relative script a program's own: its name is kept.
        auto folder = make.folder();
        if (folder.starts_with("/usr")) folder.clear();
        const auto reduced = reduce_command(exe, arguments, folder);
        expect_no_secret(make, together(reduced), exe, arguments);
        kept += reduced.options.size();
        literals += reduced.literals.size();
        hidden += reduced.script_hidden;
        EXPECT_FALSE(reduced.script_hidden && !reduced.script.empty());
    }
    // It does not pass by keeping nothing.
    EXPECT_GT(kept, 10000u);
    EXPECT_GT(literals, 1000u);
    EXPECT_GT(hidden, 1000u);
}

TEST(Reduce, NoPlantedSecretSurvivesALineOfText) {
    std::size_t programs = 0;
    for (unsigned seed = 0; seed < 20000 && !::testing::Test::HasFailure(); ++seed) {
        Generator make(seed);
        const auto exe = make.exe();
        const auto arguments = make.arguments();
        const auto line = make.line(exe, arguments);
        const auto command = split_command(line);
        if (exe.empty()) continue;  // then the first argument is the program, by design
        const auto reduced = reduce_command(command.program, command.arguments, "");
        expect_no_secret(make, command.program + "\n" + together(reduced), line, {});
        programs += command.program == exe;
    }
    EXPECT_GT(programs, 15000u);
}

TEST(Reduce, WhatIsReducedStaysAsItIs) {
    for (unsigned seed = 0; seed < 5000; ++seed) {
        Generator make(seed);
        // Of a program that runs no scripts: there the words mean nothing else.
        const auto once = reduce_command("/usr/bin/ffmpeg", make.arguments(), "");
        Words words = once.options;
        words.insert(words.end(), once.literals.begin(), once.literals.end());
        const auto twice = reduce_command("/usr/bin/ffmpeg", words, "");
        EXPECT_EQ(twice.options, once.options);
        EXPECT_EQ(twice.literals, once.literals);
    }
}

// A hostile command line costs no more than a real one, and says no more.
TEST(Reduce, OutputIsBounded) {
    Words many;
    for (int i = 0; i < 100000; ++i) {
        many.push_back("--" + std::string(static_cast<std::size_t>(i % 40), 'a') + "-b");
        many.push_back("x11grab");
    }
    const auto reduced = reduce_command("/usr/bin/ffmpeg", many, "");
    EXPECT_LE(reduced.options.size(), 64u);
    EXPECT_EQ(reduced.literals, Words{"x11grab"});
    for (const auto& option : reduced.options) EXPECT_LE(option.size(), 32u);
    // A script's path is as long as the system lets it be, and not made longer.
    const auto script = reduce_command("/usr/bin/python3", {"/usr/" + std::string(100000, 'a') + ".py"}, "");
    EXPECT_LE(script.script.size(), 100010u);
    EXPECT_TRUE(split_command(std::string(1 << 20, '\'')).program.empty());
    EXPECT_LE(split_command(std::string(1 << 20, '(')).program.size(), std::size_t{1} << 20);
}

TEST(Reduce, ProgramsScriptsAreNamed) {
    const auto script = [](const std::string& exe, const Words& arguments, const std::string& folder = "/") {
        const auto reduced = reduce_command(exe, arguments, folder);
        return reduced.script_hidden ? "(hidden)" : reduced.script;
    };
    EXPECT_EQ(script("/usr/bin/python3.11", {"/usr/bin/epoptes"}), "/usr/bin/epoptes");
    EXPECT_EQ(script("/usr/bin/python3.11", {"-O", "-W", "ignore", "/opt/agent/run.py", "x"}),
              "/opt/agent/run.py");
    EXPECT_EQ(script("/usr/bin/python3.11", {"-m", "http.server"}), "module:http.server");
    EXPECT_EQ(script("/usr/bin/python3.11", {"run.py"}, "/opt/agent"), "/opt/agent/run.py");
    EXPECT_EQ(script("/usr/bin/python3.11", {"run.py"}, "/home/anna"), "(hidden)");
    EXPECT_EQ(script("/usr/bin/python3.11", {"-c", "/usr/bin/epoptes"}), "");
    EXPECT_EQ(script("/usr/bin/bash", {"-lc", "/opt/agent/run.sh"}), "");
    EXPECT_EQ(script("/usr/bin/java", {"-cp", "/opt/x", "-jar", "/opt/agent/agent.jar"}),
              "/opt/agent/agent.jar");
    EXPECT_EQ(script("/usr/bin/ffmpeg", {"/usr/bin/epoptes"}), "");
    EXPECT_EQ(script("/bin/sh", {"/usr/lib/../../home/anna/x.sh"}), "(hidden)");
}
