// The knowledge compiled into the program: the bytes of the bundle, placed by the assembler.
#include "knowledge/knowledge.h"

asm(R"(
.section .rodata
.global contrechamp_bundle_begin
.global contrechamp_bundle_end
contrechamp_bundle_begin:
.incbin ")" CONTRECHAMP_BUNDLE R"("
contrechamp_bundle_end:
.section .note.GNU-stack,"",@progbits
.text
)");

extern "C" const char contrechamp_bundle_begin[];
extern "C" const char contrechamp_bundle_end[];

namespace contrechamp {

std::string_view Knowledge::built_in_bundle() {
    return {contrechamp_bundle_begin,
            static_cast<std::size_t>(contrechamp_bundle_end - contrechamp_bundle_begin)};
}

}  // namespace contrechamp
