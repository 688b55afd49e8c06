// What pw-dump prints; ids and process numbers may be numbers or numbers in quotes.
#include "formats/pipewire.h"

#include "base/escape.h"
#include "kit/hostile.h"

namespace contrechamp::pipewire {
namespace {

TEST(PipeWire, RecordersAndWhoseTheyAre) {
    const auto list = recorders(contrechamp::testing::sample("pipewire/pw-dump.json"), "F");
    ASSERT_OK(list);
    ASSERT_EQ(list->size(), 2);
    const auto& sound = (*list)[0];
    EXPECT_EQ(sound.id, 40);
    EXPECT_TRUE(sound.running && sound.monitor && !sound.video);
    EXPECT_EQ(sound.pid, 365);  // the node does not say it, its client does
    EXPECT_EQ(sound.sec_pid, 365);
    EXPECT_EQ(sound.binary, "pw-cat");
    const auto& video = (*list)[1];
    EXPECT_TRUE(video.video && !video.running && !video.monitor);
    EXPECT_EQ(video.pid, 0);  // a client that is not there
}

TEST(PipeWire, WhatIsNoDumpGivesNoRecorder) {
    for (const char* text :
         {"[]", "{}", "null", "[1,{},[]]", R"([{"type":"PipeWire:Interface:Node"}])",
          R"([{"type":"PipeWire:Interface:Node","info":{"props":{"media.class":"Audio/Sink"}}}])"}) {
        const auto list = recorders(text, "F");
        ASSERT_OK(list);
        EXPECT_TRUE(list->empty()) << text;
    }
    EXPECT_FALSE(recorders("", "F"));
    EXPECT_FALSE(recorders("no server", "F"));
}

TEST(PipeWire, AnyDamageGivesAValueOrAnError) {
    contrechamp::testing::for_every_damage(contrechamp::testing::sample("pipewire/pw-dump.json"),
                                           [](std::string_view bytes) {
                                               const auto list = recorders(bytes, "F");
                                               if (!list) return;
                                               for (const auto& recorder : *list)
                                                   EXPECT_TRUE(is_valid_utf8(recorder.binary));
                                           });
}

}  // namespace
}  // namespace contrechamp::pipewire
