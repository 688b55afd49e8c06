#include "report/sentences.h"

namespace contrechamp {
namespace {

const std::pair<const char*, Text> kSentences[] = {
    {"s_skip", {"Go to the findings", "Aller aux constats"}},
    {"s_date", {"Looked at on", "Examiné le"}},
    {"s_case", {"Case", "Dossier"}},
    {"s_machine", {"Machine (pseudonym)", "Machine (pseudonyme)"}},
    {"s_by", {"Looked as", "Examiné en tant que"}},
    {"s_gaps", {"What could not be looked at, and why", "Ce qui n’a pas pu être examiné, et pourquoi"}},
    {"s_gaps_intro",
     {"Read this first: where we could not look, nothing seen does not mean nothing there.",
      "À lire d’abord : là où l’on n’a pas pu regarder, ne rien voir ne veut pas dire qu’il n’y a "
      "rien."}},
    {"s_hides", {"This limits:", "Cela limite :"}},
    {"s_no_gaps", {"Every check could be carried out.", "Tous les contrôles ont pu être faits."}},
    {"s_any_case", {"In any case", "Dans tous les cas"}},
    {"s_files_only",
     {"From files received; no computer was looked at.",
      "D’après des fichiers remis ; aucun ordinateur examiné."}},
    {"s_glance", {"At a glance", "En un coup d’œil"}},
    {"s_matrix", {"Who can do what", "Qui peut quoi"}},
    {"s_matrix_intro",
     {"One line for each program or setting with a finding; the fuller the disc, the stronger the "
      "evidence. A dashed disc: the maker documents it, it was not seen here.",
      "Une ligne par programme ou réglage faisant l’objet d’un constat ; plus le disque est plein, "
      "plus la preuve est forte. En pointillé : documenté par l’éditeur, non vu ici."}},
    {"s_findings", {"Findings", "Constats"}},
    {"s_managed",
     {"Present and managed: not evidence of watching", "Présent et géré : pas une preuve de surveillance"}},
    {"s_managed_intro",
     {"Security, management, assistive and personal tools. They are listed because of what they can "
      "do or were seen doing, with the ordinary reason for it.",
      "Outils de sécurité, de gestion, d’assistance ou personnels. Ils sont cités pour ce qu’ils "
      "peuvent faire ou faisaient, avec la raison ordinaire de leur présence."}},
    {"s_leads", {"Leads: to look into, nothing established", "Pistes : à vérifier, rien d’établi"}},
    {"s_leads_intro",
     {"A lead rests on a name alone, or on one trace or behaviour that has many harmless reasons. "
      "Accuse nobody on a lead.",
      "Une piste ne repose que sur un nom, ou sur une trace ou un comportement qui a bien des raisons "
      "inoffensives. N’accusez personne sur une piste."}},
    {"s_looked", {"What was looked at", "Ce qui a été examiné"}},
    {"s_who", {"Program or setting", "Programme ou réglage"}},
    {"s_read", {"What was read", "Ce qui a été lu"}},
    {"s_where", {"Where", "Où"}},
    {"s_check", {"Check", "Contrôle"}},
    {"s_result", {"Result", "Résultat"}},
    {"s_exhibits", {"Exhibits", "Pièces"}},
    {"s_exhibit", {"Exhibit", "Pièce"}},
    {"s_size", {"Bytes", "Octets"}},
    {"s_custody", {"Chain of custody", "Chaîne de garde"}},
    {"s_custody_text",
     {"Everything done to this case is in a log whose lines are chained by their digests. Publishing "
      "or timestamping the head fixes all that came before.",
      "Tout ce qui a été fait sur ce dossier est dans un journal dont les lignes sont enchaînées par "
      "leurs empreintes. Publier ou horodater la tête fige tout ce qui précède."}},
    {"s_head", {"Head of the log (when this report was made)", "Tête du journal (au moment de ce rapport)"}},
    {"s_entries", {"Entries", "Entrées"}},
    {"s_signer", {"Signing key (minisign)", "Clé de signature (minisign)"}},
    {"s_tool", {"Analysed with", "Analysé avec"}},
    {"s_knowledge", {"Knowledge used (exhibit)", "Connaissances utilisées (pièce)"}},
    {"s_verify",
     {"To check every sentence again, down to the bytes:",
      "Pour recontrôler chaque phrase, jusqu’aux octets :"}},
    {"s_glossary", {"Words", "Mots"}},
    {"s_footer",
     {"This report says what traces show and what to ask. It says nothing about what is lawful, and "
      "nothing about persons.",
      "Ce rapport dit ce que montrent les traces et quoi demander. Il ne dit rien de ce qui est "
      "légal, et rien des personnes."}},
    {"s_innocent", {"Innocent explanations", "Explications innocentes"}},
    {"s_question", {"Question to ask", "Question à poser"}},
    {"s_note", {"Good to know", "Bon à savoir"}},
    {"s_evidence", {"Evidence", "Preuves"}},
    {"s_known", {"known from:", "connu par :"}},
    {"s_walk", {"Down to the bytes:", "Jusqu’aux octets :"}},
};

}  // namespace

std::span<const std::pair<const char*, Text>> report_sentences() { return kSentences; }

}  // namespace contrechamp
