#include "report/templates.h"

// The bytes of a file and the function that gives them.
#define TEMPLATE(name, file)                                                                      \
    asm(".section .rodata\n.global contrechamp_" #name "_begin\n.global contrechamp_" #name       \
        "_end\ncontrechamp_" #name "_begin:\n.incbin \"" CONTRECHAMP_TEMPLATES "/" file           \
        "\"\ncontrechamp_" #name "_end:\n.text\n");                                               \
    extern "C" const char contrechamp_##name##_begin[], contrechamp_##name##_end[];               \
    std::string_view contrechamp::name() {                                                        \
        return {contrechamp_##name##_begin,                                                       \
                static_cast<std::size_t>(contrechamp_##name##_end - contrechamp_##name##_begin)}; \
    }

TEMPLATE(report_template, "report.mustache")
TEMPLATE(card_template, "card.mustache")
TEMPLATE(figures_style_template, "figures_style.mustache")
TEMPLATE(coordination_whole_template, "coordination_whole.mustache")
TEMPLATE(coordination_card_template, "coordination_card.mustache")
TEMPLATE(coordination_figures_template, "coordination_figures.mustache")
TEMPLATE(disparity_style_template, "disparity_style.mustache")
TEMPLATE(disparity_whole_template, "disparity_whole.mustache")
TEMPLATE(disparity_figures_template, "disparity_figures.mustache")
