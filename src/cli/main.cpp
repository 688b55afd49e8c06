#include "cli/common.h"

int main(int count, char** arguments) {
    using namespace contrechamp;
    using namespace contrechamp::cli;
    set_up_process();
    Verb program;
    program.name = "contrechamp";
    program.about = {
        "Contrechamp finds which systems watch, score or influence people at work, and proves it.",
        "Contrechamp trouve quels systèmes surveillent, notent ou influencent les gens au travail, et le "
        "prouve."};
    program.more = {
        "To begin:   contrechamp scan\n"
        "It looks at this computer, prints what it saw and what it could not look at, and leaves a case "
        "folder\n"
        "with a report. It takes no keystrokes, images, sound or contents of documents, and changes nothing.",
        "Pour commencer :   contrechamp scan\n"
        "Il examine cet ordinateur, affiche ce qu’il a vu et ce qu’il n’a pas pu examiner, et laisse un "
        "dossier\n"
        "d’enquête avec un rapport. Il ne prend ni frappes, ni images, ni son, ni contenu de documents, et "
        "ne modifie rien."};
    program.options = {{"--version", "", {"the version", "la version"}}};
    program.verbs = {scan_verb(),     coordination_verb(), disparity_verb(),    report_verb(),
                     case_verb(),     add_verb(),          analyze_verb(),      verify_verb(),
                     explain_verb(),  findings_verb(),     observations_verb(), coverage_verb(),
                     exhibits_verb(), table_verb(),        knowledge_verb(),    key_verb()};
    return dispatch(program, count, arguments);
}
