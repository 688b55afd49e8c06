#include "analyze/coordination/tables.h"

#include <array>

namespace contrechamp::coordination {
namespace {

constexpr std::array kAccounts = {
    ColumnSpec{"account", "text", "", "the account, as the export names it",
               "le compte, tel que l’export le nomme"},
    ColumnSpec{"name", "text", "", "its handle", "son identifiant public"},
    ColumnSpec{"pseudonym", "text", "", "what the report calls it", "comment le rapport l’appelle"},
    ColumnSpec{"public", "boolean", "", "listed by the person as of public interest",
               "indiqué comme d’intérêt public"},
    ColumnSpec{"posts", "integer", "posts", "rows of it that were used", "ses lignes retenues"},
    ColumnSpec{"reposts", "integer", "posts", "those that repeat another's post",
               "celles qui répètent celle d’un autre"},
    ColumnSpec{"first", "text", "UTC", "its first post", "son premier message"},
    ColumnSpec{"last", "text", "UTC", "its last post", "son dernier message"},
    ColumnSpec{"created", "text", "UTC", "when it was opened, by its profile",
               "son ouverture, selon son profil"},
    ColumnSpec{"community", "text", "", "its community", "sa communauté"},
    ColumnSpec{"ordinary", "boolean", "", "listed by the person as known to be ordinary",
               "indiqué comme ordinaire"},
};

constexpr std::array kEdges = {
    ColumnSpec{"account_a", "text", "", "one account", "un compte"},
    ColumnSpec{"account_b", "text", "", "the other", "l’autre"},
    ColumnSpec{"layer", "text", "", "the behaviour they share", "le comportement commun"},
    ColumnSpec{"window", "integer", "seconds", "how near in time; 0: at any time",
               "l’écart de temps admis ; 0 : à tout moment"},
    ColumnSpec{"weight", "real", "", "objects / the less active side's objects",
               "objets / objets du moins actif"},
    ColumnSpec{"objects", "integer", "objects", "different things both shared in time",
               "choses différentes partagées à temps"},
    ColumnSpec{"mean_delta_s", "real", "seconds", "mean time between the two posts",
               "écart moyen entre les deux messages"},
    ColumnSpec{"symmetry", "real", "", "posts of the side with fewer / of the one with more",
               "messages du côté qui en a le moins / le plus"},
    ColumnSpec{"p", "real", "", "probability of so much by chance", "probabilité d’autant par hasard"},
    ColumnSpec{"q", "real", "", "p, corrected for the number of pairs compared",
               "p, corrigé du nombre de paires comparées"},
    ColumnSpec{"median_delta_s", "real", "seconds", "median time between the two posts",
               "écart médian entre les deux messages"},
    ColumnSpec{"rare_weight", "real", "", "objects, each divided by log2 of 1 + the accounts that shared it",
               "objets, chacun divisé par log2 de 1 + ses comptes"},
    ColumnSpec{"expected", "real", "objects", "how many chance would give", "combien en donnerait le hasard"},
    ColumnSpec{"occasions", "integer", "", "different hours in which it happened",
               "heures différentes où c’est arrivé"},
    ColumnSpec{"posts_a", "integer", "posts", "posts of account_a that take part",
               "messages de account_a concernés"},
    ColumnSpec{"posts_b", "integer", "posts", "posts of account_b that take part",
               "messages de account_b concernés"},
    ColumnSpec{"share_a", "real", "", "part of account_a's objects of this layer",
               "part des objets de account_a dans cette couche"},
    ColumnSpec{"share_b", "real", "", "part of account_b's objects of this layer",
               "part des objets de account_b dans cette couche"},
    ColumnSpec{"first", "text", "UTC", "first time", "première fois"},
    ColumnSpec{"last", "text", "UTC", "last time", "dernière fois"},
    ColumnSpec{"community", "text", "", "the community both are in", "la communauté des deux"},
};

constexpr std::array kEvidence = {
    ColumnSpec{"account_a", "text", "", "one account", "un compte"},
    ColumnSpec{"account_b", "text", "", "the other", "l’autre"},
    ColumnSpec{"layer", "text", "", "the behaviour they share", "le comportement commun"},
    ColumnSpec{"window", "integer", "seconds", "how near in time; 0: at any time",
               "l’écart de temps admis ; 0 : à tout moment"},
    ColumnSpec{"object", "text", "", "a number for the thing shared", "un numéro pour la chose partagée"},
    ColumnSpec{"post_a", "text", "", "the post of account_a (exhibit, offset and length are its)",
               "le message de account_a (exhibit, offset et length sont les siens)"},
    ColumnSpec{"post_b", "text", "", "the post of account_b", "le message de account_b"},
    ColumnSpec{"time_a", "text", "UTC", "its time", "son heure"},
    ColumnSpec{"delta_s", "integer", "seconds", "post_b's time less post_a's",
               "heure de post_b moins celle de post_a"},
    ColumnSpec{"exhibit_b", "text", "", "where post_b stands", "où se trouve post_b"},
    ColumnSpec{"offset_b", "integer", "bytes", "its first byte", "son premier octet"},
    ColumnSpec{"length_b", "integer", "bytes", "its length", "sa longueur"},
};

constexpr std::array kCommunities = {
    ColumnSpec{"community", "text", "", "its name", "son nom"},
    ColumnSpec{"accounts", "integer", "accounts", "how many", "combien"},
    ColumnSpec{"tier", "integer", "",
               "1: three or more independent behaviours agree, 2: two, 3: one (a lead)",
               "1 : trois comportements indépendants ou plus concordent, 2 : deux, 3 : un seul (une piste)"},
    ColumnSpec{"behaviours", "text", "", "the layers in which its accounts are tied",
               "les couches où ses comptes sont liés"},
    ColumnSpec{"independent", "integer", "behaviours", "those that do not rest on the same posts",
               "ceux qui ne reposent pas sur les mêmes messages"},
    ColumnSpec{"posts", "integer", "posts", "posts that show it", "messages qui le montrent"},
    ColumnSpec{"first", "text", "UTC", "first of them", "le premier"},
    ColumnSpec{"last", "text", "UTC", "last of them", "le dernier"},
    ColumnSpec{"stability", "real", "", "how alike it is over 50 repeated runs (1: always the same)",
               "sa constance sur 50 calculs répétés (1 : toujours la même)"},
    ColumnSpec{"stability_sweep", "real", "", "the same over all resolutions",
               "la même sur toutes les résolutions"},
    ColumnSpec{"stability_windows", "real", "",
               "share of its accounts still tied by the window that ties fewest alone",
               "part de ses comptes encore liés par la seule fenêtre qui en lie le moins"},
    ColumnSpec{"stability_threshold", "real", "", "the same at a tenth of the false-discovery rate",
               "de même au dixième du taux de fausses découvertes"},
    ColumnSpec{"resolution", "real", "", "the resolution chosen", "la résolution retenue"},
    ColumnSpec{"template", "text", "", "the template its profiles share", "le modèle commun de ses profils"},
    ColumnSpec{"largest_q", "real", "", "the weakest tie counted", "le lien le plus faible compté"},
};

constexpr std::array kTemplates = {
    ColumnSpec{"template", "text", "", "its name", "son nom"},
    ColumnSpec{"of", "text", "", "bio, display or text", "bio, display ou text"},
    ColumnSpec{"pattern", "text", "", "the fixed words, {} for what changes",
               "les mots fixes, {} pour ce qui change"},
    ColumnSpec{"members", "integer", "accounts", "accounts that fit", "comptes conformes"},
    ColumnSpec{"fixed_words", "integer", "words", "words that are the same in all",
               "mots identiques chez tous"},
    ColumnSpec{"slots", "integer", "", "places that change", "places qui changent"},
    ColumnSpec{"saved_bits", "real", "bits", "what the template saves in describing its texts",
               "ce que le modèle épargne pour décrire ses textes"},
    ColumnSpec{"comparison", "integer", "texts", "texts compared with", "textes de comparaison"},
    ColumnSpec{"comparison_fits", "integer", "texts", "those among them that fit",
               "ceux d’entre eux qui sont conformes"},
    ColumnSpec{"log10_p", "real", "", "log10 of how likely so many fits are by chance, at most",
               "log10 de la probabilité maximale d’autant par hasard"},
    ColumnSpec{"community", "text", "", "the community most of its accounts are in",
               "la communauté de la plupart de ses comptes"},
};

constexpr std::array kTemplateMembers = {
    ColumnSpec{"template", "text", "", "the template", "le modèle"},
    ColumnSpec{"account", "text", "", "the account", "le compte"},
    ColumnSpec{"values", "text", "", "what stands in each slot, as a JSON list",
               "ce qui remplit chaque place, en liste JSON"},
};

constexpr std::array kLayers = {
    ColumnSpec{"layer", "text", "", "a behaviour", "un comportement"},
    ColumnSpec{"window", "integer", "seconds", "how near in time; 0: at any time",
               "l’écart de temps admis ; 0 : à tout moment"},
    ColumnSpec{"shares", "integer", "", "posts with each object they carry (one with two links counts twice)",
               "messages avec chaque objet porté (celui qui a deux liens compte deux fois)"},
    ColumnSpec{"objects", "integer", "objects", "objects shared by two accounts or more",
               "objets partagés par deux comptes ou plus"},
    ColumnSpec{"pairs", "integer", "pairs", "pairs of posts near in time", "paires de messages proches"},
    ColumnSpec{"edges", "integer", "pairs", "pairs of accounts with enough objects in common",
               "paires de comptes ayant assez d’objets communs"},
    ColumnSpec{"significant", "integer", "pairs", "those beyond chance", "celles au-delà du hasard"},
    ColumnSpec{"compared", "integer", "pairs", "pairs of accounts corrected for",
               "paires de comptes dont on corrige"},
    ColumnSpec{"listed", "integer", "pairs",
               "those in the table `edges` (all, or when there are more than 200,000 those with q ≤ 0.5)",
               "celles du tableau `edges` (toutes, ou au-delà de 200 000 celles dont q ≤ 0,5)"},
    ColumnSpec{"crowded_objects", "integer", "objects",
               "objects shared by so many at once that not every pair was made",
               "objets partagés par tant de comptes à la fois que toutes les paires n’ont pas été formées"},
    ColumnSpec{"pairs_left_out", "integer", "pairs", "pairs of posts not made for that reason",
               "paires de messages non formées pour cette raison"},
};

constexpr std::array kActivity = {
    ColumnSpec{"account", "text", "", "an account of a community", "un compte d’une communauté"},
    ColumnSpec{"hour", "text", "UTC", "an hour", "une heure"},
    ColumnSpec{"posts", "integer", "posts", "its posts in that hour", "ses messages dans cette heure"},
    ColumnSpec{"evidence", "integer", "posts", "those that are evidence", "ceux qui sont des preuves"},
};

constexpr std::array kRefused = {
    ColumnSpec{"file", "text", "", "which input", "quelle entrée"},
    ColumnSpec{"line", "integer", "", "its line", "sa ligne"},
    ColumnSpec{"why", "text", "", "the reason", "la raison"},
};

constexpr std::array kTables = {
    TableSpec{
        "accounts", "accounts of an export of posts that are tied to another, fit a template or were listed",
        "comptes d’un export de messages liés à un autre, conformes à un modèle ou indiqués", kAccounts},
    TableSpec{"edges", "pairs of accounts that do the same at the same time, per behaviour and window",
              "paires de comptes qui font la même chose en même temps, par comportement et fenêtre", kEdges},
    TableSpec{"evidence", "every pair of posts that an edge rests on",
              "chaque paire de messages sur laquelle repose un lien", kEvidence},
    TableSpec{"communities", "groups of accounts that act together more than chance explains",
              "groupes de comptes qui agissent ensemble plus que le hasard ne l’explique", kCommunities},
    TableSpec{"templates", "templates that texts of several accounts were made from",
              "modèles dont sont faits les textes de plusieurs comptes", kTemplates},
    TableSpec{"template_members", "what each account put into a template's slots",
              "ce que chaque compte a mis aux places d’un modèle", kTemplateMembers},
    TableSpec{"layers", "what was compared, per behaviour and window",
              "ce qui a été comparé, par comportement et fenêtre", kLayers},
    TableSpec{"activity", "hours in which the accounts of communities posted",
              "heures où les comptes des communautés ont publié", kActivity},
    TableSpec{"refused", "rows of the export that were not used", "lignes de l’export non retenues",
              kRefused},
};

}  // namespace

std::span<const TableSpec> tables() { return kTables; }

}  // namespace contrechamp::coordination
