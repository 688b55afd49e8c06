#include "analyze/disparity/normalise_parts.h"
namespace contrechamp::disparity {
void normalise_run(std::span<const WrittenWord>, Profile, SpeechLanguage, bool, Speech&) {}
}
