// Columns, scores and faces: what is bound, what is kept row by row, what is refused.
#include <algorithm>
#include <random>

#include "analyze/disparity/faces_input.h"
#include "analyze/disparity/rows_kit.h"
#include "analyze/disparity/scores_input.h"
#include "kit/hostile.h"

namespace contrechamp::disparity {
namespace {

using testing::bound;
using testing::layout_of;
using testing::said;

// ---- Columns

std::string bound_said(std::string_view header, TableKind kind, std::vector<AskedColumn> asked) {
    BindWishes wishes;
    wishes.kind = kind;
    wishes.asked = std::move(asked);
    const auto columns = bind_columns(layout_of(std::string(header) + "\n"), wishes, "t");
    if (!columns) return columns.error().what.en + "; " + columns.error().todo.en;
    std::string out;
    for (const auto& one : columns->all)
        out += (out.empty() ? "" : " ") + std::string(to_string(one.role)) + "=" + one.name +
               (one.guessed ? "?" : "");
    return out;
}

TEST(Columns, AskedAndGuessed) {
    EXPECT_EQ(bound_said("ID,Matricule,Sexe,Grade,Promu", TableKind::decisions,
                         {{Role::group, "sexe"}, {Role::stratum, "#4"}}),
              "id=ID? person=Matricule? outcome=Promu? group=Sexe stratum=Grade");
    EXPECT_EQ(bound_said("id,sex,age_band,y", TableKind::decisions, {{Role::outcome, "y"}}),
              "no column of groups was given (--group); perhaps --group sex --group age_band");
    EXPECT_EQ(bound_said("id,sex,y", TableKind::decisions, {{Role::group, "sex"}}),
              "no column of outcomes was given (--outcome); the columns are: id, sex, y");
    EXPECT_EQ(bound_said("id,sex,y", TableKind::decisions, {{Role::group, "gender"}}),
              "the table has no column \"gender\"; the columns are: id, sex, y");
    EXPECT_EQ(bound_said("id,sex,y", TableKind::decisions, {{Role::group, "sex"}, {Role::outcome, "SEX"}}),
              "the column \"sex\" was given both as outcome and as group; give each its own column");
    EXPECT_EQ(bound_said("id,sex,hired", TableKind::decisions, {{Role::group, "sex"}, {Role::id, "-"}}),
              "outcome=hired? group=sex");
    EXPECT_EQ(bound_said("score,a,b,skin", TableKind::faces, {{Role::group, "skin"}}).substr(0, 12),
              "nothing says");
    EXPECT_EQ(bound_said("score,probe,reference,skin", TableKind::faces, {{Role::group, "skin"}}),
              "score=score? group=skin subject-a=probe? subject-b=reference?");
    EXPECT_EQ(bound_said("risk,left,sex", TableKind::scores, {{Role::group, "sex"}}),
              "outcome=left? score=risk? group=sex");
}

TEST(Columns, NameAndValue) {
    const auto layout = layout_of("a=b,c\n1,x\n");
    const auto both = [&](const std::string& asked) {
        const auto out = split_value(layout, asked);
        return out.column + " / " + out.value;
    };
    EXPECT_EQ(both("c=yes"), "c / yes");
    EXPECT_EQ(both("a=b"), "a=b / ");
    EXPECT_EQ(both("a=b=c=d"), "a=b / c=d");
    EXPECT_EQ(both("c"), "c / ");
    EXPECT_EQ(both("none=1"), "none / 1");
}

// ---- Scores

Result<Scores> scores(std::string_view bytes, std::vector<AskedColumn> asked, unsigned threads = 1) {
    const auto layout = layout_of(bytes);
    return read_scores(bytes, layout, {bound(layout, TableKind::scores, std::move(asked)), "", {}, threads},
                       "t");
}

TEST(Scores, RowsAsColumns) {
    const std::string csv =
        "id;score;parti;tranche;salaire;agent\r\n"
        "1;0,75;oui;30-44;1 234,50;b\r\n"
        "2;12,5 %;non;18-29;;a\r\n"
        "3;;oui;30-44;1;a\r\n"
        "4;haut;oui;30-44;1;a\r\n"
        "5;0,1;;30-44;1;a\r\n"
        "6;0,2;non;;2.000,25;b\r\n"
        "1;0,3;non;30-44;1;b\r\n"
        "8;1,5;non;30-44;x;c\r\n";
    const auto out = scores(csv, {{Role::group, "tranche"},
                                  {Role::outcome, "parti"},
                                  {Role::covariate, "salaire"},
                                  {Role::person, "agent"}});
    ASSERT_TRUE(out) << out.error().what.en;
    EXPECT_EQ(out->score, (std::vector<double>{0.75, 0.125, 0.2}));
    EXPECT_EQ(out->outcome, (std::vector<std::uint8_t>{1, 0, 0}));
    EXPECT_EQ(out->person, (std::vector<std::uint32_t>{0, 1, 0}));
    EXPECT_EQ(out->persons, 2u);
    EXPECT_EQ(out->factors[0].values, (std::vector<std::string>{"18-29", "30-44"}));
    EXPECT_EQ(out->codes[0], (std::vector<std::uint32_t>{1, 0, kMissing}));
    EXPECT_EQ(out->covariates[0][0], 1234.5);
    EXPECT_TRUE(std::isnan(out->covariates[0][1]));
    EXPECT_EQ(out->covariates[0][2], 2000.25);
    EXPECT_EQ(said(out->account),
              "8 = 3 + missing-outcome 1 @6 + missing-score 1 @4 + not-a-number 2 @5,9 + duplicate-id 1 @8");
    EXPECT_EQ(said(account_of(*out, {0})),
              "8 = 2 + missing-outcome 1 @6 + missing-score 1 @4 + not-a-number 2 @5,9 + duplicate-id 1 @8 + "
              "missing-group 1 @7");
    EXPECT_TRUE(out->marks[0].certain);
    EXPECT_EQ(out->marks[1].mark, DecimalMark::comma);
}

TEST(Scores, AnyPieces) {
    std::mt19937 random(5);
    for (int round = 0; round < 60; ++round) {
        std::string csv = "id,who,g,s,score,y\n";
        for (std::size_t i = random() % 300; i > 0; --i)
            csv += std::to_string(random() % 400) + ",P" + std::to_string(random() % 30) + "," +
                   (random() % 9 ? std::string(1, static_cast<char>('a' + random() % 4)) : "NA") + "," +
                   (random() % 9 ? "s" : "") + "," +
                   (random() % 20 ? "0." + std::to_string(random() % 1000) : "?") + "," +
                   (random() % 2 ? "1" : "0") + "\n";
        csv += "x,P,a,s,0.5,1\n";
        const std::vector<AskedColumn> asked = {
            {Role::group, "g"}, {Role::stratum, "s"}, {Role::outcome, "y"}, {Role::person, "who"}};
        const auto one = scores(csv, asked);
        ASSERT_TRUE(one);
        EXPECT_TRUE(std::is_sorted(one->offset.begin(), one->offset.end()));
        for (const unsigned threads : {2u, 5u}) {
            const auto more = scores(csv, asked, threads);
            ASSERT_TRUE(more);
            EXPECT_EQ(more->offset, one->offset);
            EXPECT_EQ(more->score, one->score);
            EXPECT_EQ(more->outcome, one->outcome);
            EXPECT_EQ(more->person, one->person);
            EXPECT_EQ(more->codes, one->codes);
            EXPECT_EQ(said(account_of(*more, {0, 1})), said(account_of(*one, {0, 1})));
        }
        // Each row says what stands where it was read.
        for (std::size_t i = 0; i < one->rows(); ++i) {
            const auto line = csv.substr(one->offset[i], csv.find('\n', one->offset[i]) - one->offset[i]);
            std::vector<std::string> cells;
            std::istringstream in(line);
            for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
            const auto code = one->codes[0][i];
            EXPECT_EQ(cells[2], code == kMissing ? "NA" : one->factors[0].values[code]);
            EXPECT_EQ(std::stod(cells[4]), one->score[i]);
            EXPECT_EQ(cells[5] == "1", one->outcome[i] == 1);
        }
    }
}

// ---- Faces

Result<Faces> faces(std::string_view bytes, std::vector<AskedColumn> asked,
                    const Subjects* subjects = nullptr, std::optional<char> ends = {}, unsigned threads = 1) {
    const auto layout = layout_of(bytes);
    FacesWish wish;
    wish.columns = bound(layout, TableKind::faces, std::move(asked));
    wish.subjects = subjects;
    wish.subject_ends = ends;
    wish.threads = threads;
    return read_faces(bytes, layout, wish, "t");
}

std::string said(const Faces& faces) {
    std::string out;
    for (std::size_t i = 0; i < faces.rows(); ++i) {
        const auto [a, b] = faces.pairs[faces.pair[i]];
        out +=
            (i ? " " : "") + faces.group.values[a] + faces.group.values[b] + (faces.genuine[i] ? "=" : "#");
    }
    return out + " ; " + testing::said(faces.account);
}

TEST(Faces, FlagsAndSubjects) {
    const std::string csv =
        "similarity,same,probe,reference,ga,gb\n"
        "0.9,1,a_1,a_2,x,x\n0.2,0,a_1,b_1,x,y\n0.3,0,b_1,a_1,y,x\n0.4,1,a_1,b_1,x,y\n0.5,0,,b,x,y\n0.6,0,c_1,"
        "b_1,,y\n"
        "0.7,maybe,c_1,b_1,y,y\n0.8,,c_1,b_1,y,y\n";
    const std::vector<AskedColumn> asked = {{Role::group, "ga"}, {Role::group_b, "gb"}};
    EXPECT_EQ(faces(csv, asked, nullptr, '_').error().what.en.substr(0, 15), "it is not plain");
    const auto good = csv.substr(0, csv.find("0.7"));
    EXPECT_EQ(said(*faces(good, asked, nullptr, '_')),
              "xx= xy# xy# ; 6 = 3 + missing-subject 1 @6 + contradiction 1 @5 + missing-group 1 @7");
    // Without a flag it follows from the subjects.
    const auto followed =
        faces(csv, {{Role::genuine, "-"}, {Role::group, "ga"}, {Role::group_b, "gb"}}, nullptr, '_');
    EXPECT_EQ(said(*followed), "xx= xy# xy# xy# yy# yy# ; 8 = 6 + missing-subject 1 @6 + missing-group 1 @7");
    EXPECT_EQ(followed->subjects, 3u);
    EXPECT_EQ(followed->subject_a, (std::vector<std::uint32_t>{0, 0, 1, 0, 2, 2}));
    // One column: the group of both.
    EXPECT_EQ(said(*faces("score,same,g\n1,yes,b\n2,no,a\n", {{Role::group, "g"}})), "bb= aa# ; 2 = 2");
}

TEST(Faces, ATableOfSubjects) {
    const std::string people = "id,skin\nb,II\na,I\nc,\nb,II\na,II\n";
    const auto layout = layout_of(people);
    const auto subjects =
        read_subjects(people, layout, bound(layout, TableKind::decisions, {{Role::group, "skin"}}), "t");
    ASSERT_TRUE(subjects) << subjects.error().what.en;
    EXPECT_FALSE(read_subjects(people, layout, {}, "t"));
    EXPECT_EQ(testing::said(subjects->account), "5 = 4 + duplicate-id 1 @6");
    const std::string csv = "score,probe,reference\n1,a,a\n2,b,a\n3,c,a\n4,d,a\n5,b,b\n";
    for (const unsigned threads : {1u, 4u})
        EXPECT_EQ(said(*faces(csv, {}, &*subjects, {}, threads)),
                  "II= III# IIII= ; 5 = 3 + unknown-subject 1 @5 + missing-group 1 @4");
}

TEST(Faces, FilesOfScores) {
    const auto out = read_score_files("0,9\n\n0,8\r\n",
                                      "\xef\xbb\xbf"
                                      "0,1\nx\n",
                                      {}, "t");
    ASSERT_TRUE(out);
    EXPECT_EQ(out->score, (std::vector<double>{0.9, 0.8, 0.1}));
    EXPECT_EQ(out->genuine, (std::vector<std::uint8_t>{1, 1, 0}));
    // Each file has its own places: a row of the impostors is not a row of the genuine.
    EXPECT_EQ(testing::said(out->account), "2 = 2");
    EXPECT_EQ(testing::said(out->impostor_account), "2 = 1 + not-a-number 1 @2");
    EXPECT_FALSE(read_score_files("", "\n", {}, "t"));
}

TEST(Faces, PyeersFiles) {
    const auto folder = contrechamp::testing::shared_data("disparity/pyeer");
    if (!contrechamp::fs::exists(folder)) GTEST_SKIP() << folder << " is absent";
    for (const auto* name : {"exp1", "exp2", "exp3"}) {
        const auto genuine = contrechamp::testing::get(folder / (std::string(name) + "_true.txt"));
        const auto impostor = contrechamp::testing::get(folder / (std::string(name) + "_false.txt"));
        const auto out = read_score_files(genuine, impostor, {}, name);
        ASSERT_TRUE(out);
        std::istringstream lines(genuine + "\n" + impostor);
        std::vector<double> wanted;
        for (double value = 0; lines >> value;) wanted.push_back(value);
        EXPECT_EQ(out->score, wanted);
        EXPECT_EQ(out->account.refused_rows(), 0u);
    }
}

}  // namespace
}  // namespace contrechamp::disparity
