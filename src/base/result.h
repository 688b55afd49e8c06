// Errors are values. A function that can fail returns Result<T>; nothing is thrown across a floor.
//
// An Error answers three questions, in French and in English, because a person reads it:
// what went wrong, where (a path, an offset; never translated) and what to do next.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

#include "base/text.h"

namespace contrechamp {

struct [[nodiscard]] Error {
    Text what;
    std::string where;
    Text todo = {};
    bool misuse = false;  // the command was called wrongly, and nothing was tried: exit code 2
    bool system = false;  // the machine refused (a full disk, no rights): it says nothing about any evidence
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

inline tl::unexpected<Error> fail(Text what, std::string where, Text todo = {}) {
    return tl::unexpected(Error{std::move(what), std::move(where), std::move(todo)});
}

inline tl::unexpected<Error> misuse(Text what, std::string where, Text todo = {}) {
    return tl::unexpected(Error{std::move(what), std::move(where), std::move(todo), true});
}

namespace detail {
template <class T>
T take(Result<T>&& result) {
    return std::move(*result);
}
inline void take(Status&&) {}
}  // namespace detail

// Evaluates to the value, or returns the error from the enclosing function. Each use has a name of its own,
// so that one may stand inside another.
#define TRY(expression) CONTRECHAMP_TRY(expression, CONTRECHAMP_JOIN(try_result_, __COUNTER__))
#define CONTRECHAMP_JOIN(a, b) CONTRECHAMP_JOIN_(a, b)
#define CONTRECHAMP_JOIN_(a, b) a##b
#define CONTRECHAMP_TRY(expression, result)                              \
    ({                                                                   \
        auto result = (expression);                                      \
        if (!result) return ::tl::unexpected(std::move(result).error()); \
        ::contrechamp::detail::take(std::move(result));                  \
    })

}  // namespace contrechamp
