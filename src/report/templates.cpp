#include "report/templates.h"

#define EMBED(name, file)                                                          \
    asm(".section .rodata\n.global " #name "_begin\n.global " #name "_end\n" #name \
        "_begin:\n.incbin \"" file "\"\n" #name "_end:\n.text\n");                 \
    extern "C" const char name##_begin[], name##_end[]

EMBED(contrechamp_report_template, CONTRECHAMP_TEMPLATES "/report.mustache");
EMBED(contrechamp_card_template, CONTRECHAMP_TEMPLATES "/card.mustache");

namespace contrechamp {

std::string_view report_template() {
    return {contrechamp_report_template_begin,
            static_cast<std::size_t>(contrechamp_report_template_end - contrechamp_report_template_begin)};
}

std::string_view card_template() {
    return {contrechamp_card_template_begin,
            static_cast<std::size_t>(contrechamp_card_template_end - contrechamp_card_template_begin)};
}

}  // namespace contrechamp
