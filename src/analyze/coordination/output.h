// What an analysis says: rows of the tables, observations and coverage. Observations call accounts by
// pseudonyms ("A1": the first account of community A); who that is stands in the table `accounts` only, so
// that a report can be shown around.
#pragma once

#include <span>
#include <string>

#include "analyze/analyzer.h"
#include "analyze/coordination/analysis.h"
#include "formats/compressed.h"

namespace contrechamp::coordination {

struct InputExhibit {
    std::string sha256, name;
    std::uint64_t size = 0;  // of the exhibit
    Compression compression = Compression::none;
};

// An object's number as tables write it.
std::string object_name(std::uint64_t object);

class Report {
  public:
    Report(const Analysis& analysis, const Request& request, std::span<const Input> inputs,
           std::span<const InputExhibit> exhibits, const ExhibitView& asked, Output& out);
    void put_out();

  private:
    Locator locate(Place place) const;
    Locator locate(Place place, std::uint64_t length) const;
    Locator whole_request() const;
    const std::string& account_id(std::uint32_t account) const;
    std::string group_name(std::int32_t group) const;
    std::string group_of(std::uint32_t account) const;
    Subject subject(std::size_t number) const;
    std::string post_id(Place place) const;
    // Words of the post at `place`, without who is meant.
    std::string words(Place place) const;
    std::string label(const Behaviour& behaviour) const;
    std::string template_name(std::size_t number) const;

    void accounts();
    void edges();
    void evidence();
    void communities();
    void templates();
    void layers();
    void activity();
    void refused();
    void cover();

    void observe(const Group& group, std::size_t number);
    void observe_attention();
    std::string observe_behaviour(const Subject& subject, const Behaviour& behaviour);
    void observe_shared(const Subject& subject, const Behaviour& behaviour);
    void observe_rhythm(const Subject& subject, const Group& group);
    std::string put(Observation observation);

    const Analysis& analysis_;
    const Request& request_;
    std::span<const Input> inputs_;
    std::span<const InputExhibit> exhibits_;
    const ExhibitView& asked_;
    Output& out_;
    std::vector<std::string> pseudonyms_;  // per account; empty: in no community
    std::vector<std::string> group_names_;
};

}  // namespace contrechamp::coordination
