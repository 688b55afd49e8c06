#include "base/text.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "base/result.h"

namespace contrechamp {
namespace {

class Locale : public ::testing::Test {
  protected:
    void SetUp() override {
        for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) ::unsetenv(name);
    }
};

TEST_F(Locale, TheRequestWins) {
    ::setenv("LC_ALL", "de_DE.UTF-8", 1);
    EXPECT_EQ(language_of("fr"), Lang::fr);
    EXPECT_EQ(language_of("fr_CA.UTF-8"), Lang::fr);
    ::setenv("LC_ALL", "fr_FR.UTF-8", 1);
    EXPECT_EQ(language_of("en"), Lang::en);
    EXPECT_EQ(language_of("xx"), Lang::en);
}

TEST_F(Locale, ThenTheEnvironmentInItsOrder) {
    EXPECT_EQ(language_of(""), Lang::en);
    ::setenv("LANG", "fr_FR.UTF-8", 1);
    EXPECT_EQ(language_of(""), Lang::fr);
    ::setenv("LC_MESSAGES", "en_GB.UTF-8", 1);
    EXPECT_EQ(language_of(""), Lang::en);
    ::setenv("LC_ALL", "fr_BE", 1);
    EXPECT_EQ(language_of(""), Lang::fr);
    ::setenv("LC_ALL", "", 1);  // set and empty counts as not set
    EXPECT_EQ(language_of(""), Lang::en);
    ::setenv("LC_ALL", "C.UTF-8", 1);
    ::unsetenv("LC_MESSAGES");
    EXPECT_EQ(language_of(""), Lang::en);
}

TEST_F(Locale, OtherLanguagesThatBeginAlike) {
    EXPECT_EQ(language_of("frr_DE"), Lang::en);  // North Frisian
    EXPECT_EQ(language_of("fur_IT"), Lang::en);
}

TEST(Text, BothLanguages) {
    const Text text{"yes", "oui"};
    EXPECT_EQ(text.in(Lang::en), "yes");
    EXPECT_EQ(text.in(Lang::fr), "oui");
    EXPECT_FALSE(text.empty());
    EXPECT_TRUE(Text{}.empty());
}

Result<int> half(int n) {
    if (n % 2) return fail({"odd", "impair"}, std::to_string(n), {"give an even one", "donnez un pair"});
    return n / 2;
}
Result<int> quarter(int n) { return TRY(half(TRY(half(n)))); }

TEST(Result, TryGivesTheValueOrReturnsTheError) {
    EXPECT_EQ(quarter(8).value(), 2);
    EXPECT_EQ(quarter(6).error().where, "3");
    EXPECT_EQ(quarter(5).error().what.fr, "impair");
    EXPECT_EQ(quarter(5).error().todo.en, "give an even one");
}

TEST(French, NoLineBreaksBeforeItsSigns) {
    EXPECT_EQ(french("Qui ? « Lui » : non ; si !"),
              "Qui\u00a0? «\u00a0Lui\u00a0»\u00a0: non\u00a0; si\u00a0!");
    EXPECT_EQ(french("(quoi ?) « qui ? »"), "(quoi\u00a0?) «\u00a0qui\u00a0?\u00a0»");
    EXPECT_EQ(french("a :b ?x"), "a :b ?x") << "not signs of a sentence";
    EXPECT_EQ(french(french("Où ? Là : ici.")), french("Où ? Là : ici."));
    EXPECT_EQ(french(" "), " ");
    EXPECT_EQ(typeset({"a : b", "a : b"}), (Text{"a : b", "a\u00a0: b"}));
}

}  // namespace
}  // namespace contrechamp
