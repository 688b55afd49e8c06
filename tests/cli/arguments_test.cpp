// cli/arguments.h: the command line, which is the public face: what is parsed, what is said, and the exit
// code.
#include "cli/arguments.h"

#include <algorithm>

#include "base/escape.h"
#include "kit/temporary.h"

using namespace contrechamp;
using namespace contrechamp::cli;

namespace {

struct Said {
    int code = -1;
    std::string out, err;
};

class Command : public ::testing::Test {
  protected:
    void SetUp() override {
        ::setenv("LC_ALL", "C.UTF-8", 1);
        const auto remember = [this](const Arguments& arguments) -> Result<int> {
            given = arguments;
            ++runs;
            return 0;
        };
        const Option where{"--case", "DIR", {"the case", "le dossier"}};
        Verb add{"add", {"adds files", "ajoute des fichiers"}};
        add.options = {where,
                       {"-o,--output", "FILE", {"where to", "vers où"}},
                       {"--note", "TEXT", {"notes", "notes"}, true},
                       {"--dry", "", {"only says", "dit seulement"}},
                       {"FILE", "FILE", {"what to add", "quoi ajouter"}, true, true}};
        add.run = remember;
        Verb fails{"fails", {"fails", "échoue"}};
        fails.run = [](const Arguments&) -> Result<int> {
            return fail({"it is broken", "c’est cassé"}, "/x/\x1b[2J\n\u202e", {"mend it", "réparez-le"});
        };
        Verb differs{"differs", {"differs", "diffère"}};
        differs.run = [](const Arguments&) -> Result<int> { return 1; };
        Verb refuses{"refuses", {"refuses", "refuse"}};
        refuses.run = [](const Arguments&) -> Result<int> { return misuse({"not so", "pas ainsi"}, "x"); };
        Verb check{"check", {"checks", "contrôle"}};
        check.run = remember;
        Verb knowledge{"knowledge", {"what is known", "ce qui est su"}};
        knowledge.verbs = {check};
        program = {"contrechamp", {"turns the camera round", "retourne la caméra"}};
        program.verbs = {add, fails, differs, refuses, knowledge};
    }
    Said call(std::vector<std::string> words) {
        words.insert(words.begin(), "contrechamp");
        std::vector<char*> arguments;
        for (auto& word : words) arguments.push_back(word.data());
        ::testing::internal::CaptureStdout();
        ::testing::internal::CaptureStderr();
        Said said;
        said.code = dispatch(program, static_cast<int>(arguments.size()), arguments.data());
        std::fflush(nullptr);
        said.out = ::testing::internal::GetCapturedStdout();
        said.err = ::testing::internal::GetCapturedStderr();
        return said;
    }
    Verb program;
    Arguments given;
    int runs = 0;
};

using Words = std::vector<std::string>;

}  // namespace

TEST_F(Command, ArgumentsReachTheVerb) {
    const auto said =
        call({"add", "--case", "c", "one", "-o", "out", "two", "--note", "a", "--note=b c", "--dry"});
    EXPECT_EQ(said.code, 0) << said.err;
    EXPECT_EQ(said.out + said.err, "");
    EXPECT_EQ(given.get("--case"), "c");
    EXPECT_EQ(given.get("--output"), "out");
    EXPECT_EQ(given.all("FILE"), (Words{"one", "two"}));
    EXPECT_EQ(given.all("--note"), (Words{"a", "b c"}));
    EXPECT_TRUE(given.has("--dry"));
    EXPECT_FALSE(given.has("--quiet"));
    EXPECT_EQ(given.get("--quiet", "no"), "no");
    EXPECT_TRUE(given.all("--no-such").empty());
}

TEST_F(Command, AfterTwoDashesEverythingIsAnArgument) {
    ASSERT_EQ(call({"add", "--", "--dry", "--lang", "--version", "-x"}).code, 0);
    EXPECT_EQ(given.all("FILE"), (Words{"--dry", "--lang", "--version", "-x"}));
    EXPECT_FALSE(given.has("--dry"));
}

TEST_F(Command, WordsOfAnyKindAreKeptAsTheyAre) {
    const Words rude = {"",      " ",   "a\nb", "\x1b[2J", "\xff\xfe", "é",  "*",
                        "$(id)", "a=b", "[x]",  "[a,b]",   "\x1f[x]",  "%s", "{}"};
    Words words = {"add", "--"};
    words.insert(words.end(), rude.begin(), rude.end());
    ASSERT_EQ(call(words).code, 0);
    EXPECT_EQ(given.all("FILE"), rude);
}

TEST_F(Command, MisuseIsTwoAndSaysWhat) {
    const std::vector<std::pair<Words, std::string>> wrong = {
        {{"add"}, "FILE is missing; see contrechamp add --help"},
        {{"add", "x", "--case"}, "--case needs a value; see contrechamp add"},
        {{"add", "x", "--cas", "y"}, "did you mean --case?"},
        {{"ad"}, "did you mean add?"},
        {{"nonsense-of-another-kind"}, "“nonsense-of-another-kind” is unknown to me; see contrechamp --help"},
        {{"knowledge", "chek"}, "did you mean check?"},
        {{"refuses"}, "not so: x"},
        {{"add", "x", "--lang", "tlh"}, "this language is not spoken here: tlh"},
    };
    for (const auto& [words, expected] : wrong) {
        const auto said = call(words);
        EXPECT_EQ(said.code, 2) << words.back();
        EXPECT_EQ(said.out, "");
        EXPECT_TRUE(said.err.starts_with("contrechamp: ")) << said.err;
        EXPECT_NE(said.err.find(expected), std::string::npos) << said.err;
        EXPECT_EQ(std::count(said.err.begin(), said.err.end(), '\n'), 1) << said.err;
    }
    EXPECT_EQ(runs, 0);
}

TEST_F(Command, NothingToDoIsMisuseToo) {
    for (const Words& words : {Words{}, Words{"knowledge"}}) {
        const auto said = call(words);
        EXPECT_EQ(said.code, 2);
        EXPECT_EQ(said.out, "");
        EXPECT_NE(said.err.find("Usage: contrechamp"), std::string::npos) << said.err;
    }
}

TEST_F(Command, ExitCodesAndErrorLines) {
    EXPECT_EQ(call({"differs"}).code, 1);
    const auto said = call({"fails"});
    EXPECT_EQ(said.code, 1);
    // What a path holds does not write on the terminal.
    EXPECT_EQ(said.err, "contrechamp: it is broken: /x/\\u{1b}[2J\\u{a}\\u{202e}: mend it\n");
    EXPECT_EQ(call({"fails", "--lang", "fr"}).err,
              "contrechamp: c’est cassé : /x/\\u{1b}[2J\\u{a}\\u{202e} : réparez-le\n");
    EXPECT_EQ(call({"fails", "--lang=fr", "--plain"}).err,
              "contrechamp: c'est casse : /x/\\u{1b}[2J\\u{a}\\u{202e} : reparez-le\n");
}

TEST_F(Command, HelpIsAnAnswer) {
    for (const Words& words : {Words{"add", "--help"}, Words{"add", "-h"}, Words{"--help", "add"},
                               Words{"add", "--help", "--no-such"}}) {
        const auto said = call(words);
        EXPECT_EQ(said.code, 0) << said.err;
        EXPECT_EQ(said.err, "");
        EXPECT_NE(said.out.find("Usage: contrechamp add [options] FILE…"), std::string::npos) << said.out;
        EXPECT_NE(said.out.find("-o, --output FILE"), std::string::npos);
    }
    EXPECT_EQ(runs, 0);
    const auto all = call({"--help"});
    for (const auto& verb : program.verbs)
        EXPECT_NE(all.out.find("\n  " + verb.name + " "), std::string::npos);
    EXPECT_NE(call({"knowledge", "check", "--help"}).out.find("contrechamp knowledge check"),
              std::string::npos);
}

TEST_F(Command, HelpIsAVerbToo) {
    EXPECT_EQ(call({"help"}).out, call({"--help"}).out);
    EXPECT_EQ(call({"help", "add"}).out, call({"add", "--help"}).out);
    EXPECT_EQ(call({"--lang", "fr", "help", "knowledge", "check"}).out,
              call({"knowledge", "check", "--help", "--lang", "fr"}).out);
    const auto said = call({"help", "nonsense-of-another-kind"});
    EXPECT_EQ(said.code, 2);
    EXPECT_NE(said.err.find("“nonsense-of-another-kind” is unknown"), std::string::npos) << said.err;
    // It is a word like any other where a word is due.
    EXPECT_EQ(call({"add", "help"}).code, 0);
    EXPECT_EQ(given.all("FILE"), Words{"help"});
}

TEST_F(Command, CommandsAreNamedAsTheyWereTyped) {
    EXPECT_EQ(as_called("run contrechamp add"), "run contrechamp add");
    ::setenv("CONTRECHAMP_CALLED", "./run", 1);
    EXPECT_NE(call({"add", "--help"}).out.find("Usage: ./run add"), std::string::npos);
    EXPECT_NE(call({"--help"}).out.find("./run VERB --help"), std::string::npos);
    EXPECT_NE(call({"add"}).err.find("contrechamp: FILE is missing; see ./run add --help"),
              std::string::npos);
    EXPECT_EQ(as_called("`contrechamp add` but /usr/bin/contrechamp add, contrechamp says"),
              "`./run add` but /usr/bin/contrechamp add, contrechamp says");
    ::unsetenv("CONTRECHAMP_CALLED");
}

TEST_F(Command, HelpInBothLanguages) {
    const auto french = call({"add", "--help", "--lang", "fr"}).out, english = call({"add", "--help"}).out;
    EXPECT_NE(french, english);
    EXPECT_NE(french.find("ajoute des fichiers"), std::string::npos);
    EXPECT_NE(french.find("--lang fr|en"), std::string::npos);
    // Without a locale that has accents there are none.
    const auto plain = call({"add", "--help", "--lang", "fr", "--plain"}).out;
    for (const unsigned char c : plain) EXPECT_LT(c, 0x80);
    ::setenv("LC_ALL", "C", 1);
    EXPECT_EQ(call({"add", "--help", "--lang", "fr"}).out, plain);
    ::setenv("LC_ALL", "fr_FR.UTF-8", 1);
    EXPECT_EQ(call({"add", "--help"}).out, french);
}

TEST_F(Command, VersionWinsOverAll) {
    const auto said = call({"add", "--version"});
    EXPECT_EQ(said.code, 0);
    EXPECT_TRUE(said.out.starts_with("contrechamp ")) << said.out;
    EXPECT_EQ(runs, 0);
}
