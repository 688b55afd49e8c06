// formats/transcripts.h and what analyze/disparity makes of its words: utterances lie inside the file, each
// row is used or refused, ids are found again; normalised text is UTF-8 and well nested; an alignment
// accounts for every word.
#include "formats/transcripts.h"

#include "analyze/disparity/align.h"
#include "analyze/disparity/normalise.h"
#include "fuzz.h"

using namespace contrechamp;
using namespace contrechamp::disparity;

namespace {

void check_speech(const Speech& speech) {
    CHECK(is_valid_utf8(speech.letters));
    int depth = 0;
    for (const auto& piece : speech.pieces) {
        CHECK(fuzz::inside(speech.letters, piece.begin, piece.length));
        depth += piece.kind == PieceKind::open ? 1 : piece.kind == PieceKind::close ? -1 : 0;
        CHECK(depth >= 0);
    }
    CHECK(depth == 0);
}

void check_pair(std::string_view a, std::string_view b, bool markup) {
    for (const auto profile : {Profile::raw, Profile::koenecke, Profile::whisper})
        for (const auto language : {SpeechLanguage::english, SpeechLanguage::french}) {
            const NormaliseSettings settings{profile, language, markup, true, true};
            Speech reference, hypothesis;
            normalise(a, settings, reference);
            normalise(b, settings, hypothesis);
            check_speech(reference);
            check_speech(hypothesis);
            if (reference.pieces.size() * hypothesis.pieces.size() > 100'000) continue;
            Words words;
            number(reference, words);
            number_known(hypothesis, words);
            Aligner aligner;
            EditCounts counts;
            std::vector<AlignedPair> pairs;
            if (!aligner.align(reference, hypothesis, CostMode::sclite, counts, &pairs)) continue;
            CHECK(counts.words() + counts.inserted == pairs.size());
            if (reference.plain) CHECK(counts.words() == reference.pieces.size() || !hypothesis.plain);
            EditCounts same;
            number_known(reference, words);
            CHECK(aligner.align(reference, reference, CostMode::levenshtein, same) && same.errors() == 0);
        }
}

void check(std::string_view bytes, const TranscriptLayout& layout) {
    fuzz::check_canonical(json::Value(layout.to_json()));
    const auto file = TranscriptFile::read(bytes, layout, "fuzz");
    if (!file) return;
    const bool ctm = layout.format == TranscriptFormat::ctm;
    if (!ctm) CHECK(file->rows() == file->size() + file->refused().size());
    for (const auto& row : file->refused()) CHECK(fuzz::inside(bytes, row.offset, row.length));
    UtteranceScratch scratch, other;
    for (std::size_t i = 0; i < file->size(); ++i) {
        const auto utterance = file->at(i, scratch);
        CHECK(fuzz::inside(bytes, utterance.offset, utterance.length));
        CHECK(is_valid_utf8(utterance.id) && is_valid_utf8(utterance.speaker) &&
              is_valid_utf8(utterance.text));
        CHECK(file->find(std::string(utterance.id)) == i);
        if (i < 4) check_pair(utterance.text, file->at(file->size() - 1 - i, other).text, utterance.markup);
    }
    if (ctm)
        for (std::size_t i = 0; i < std::min<std::size_t>(1, file->size()); ++i) {
            const auto segments = TranscriptFile::read(bytes, {TranscriptFormat::stm}, "fuzz");
            CHECK(segments);
            const auto cut = TranscriptFile::cut(*file, *segments);
            CHECK(cut && cut->size() == segments->size());
            for (std::size_t k = 0; k < cut->size(); ++k) CHECK(is_valid_utf8(cut->at(k, scratch).text));
        }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // An exact copy, so that a sanitizer sees a read past the end.
    const std::vector<char> copy(data, data + size);
    const std::string_view bytes(copy.data(), copy.size());
    if (const auto layout = guess_transcript_layout(bytes, {}, std::nullopt, "fuzz")) check(bytes, *layout);
    for (const auto format :
         {TranscriptFormat::trn, TranscriptFormat::stm, TranscriptFormat::ctm, TranscriptFormat::plain})
        if (const auto layout = guess_transcript_layout(bytes, {}, format, "fuzz")) check(bytes, *layout);
    for (const auto format : {TranscriptFormat::delimited, TranscriptFormat::json_lines})
        if (const auto layout = guess_transcript_layout(bytes, {{"markup", "yes"}}, format, "fuzz"))
            check(bytes, *layout);
    return 0;
}
