// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/http.hpp"

#include <doctest/doctest.h>

#include <exception>
#include <string>

namespace pyfops {

/// Comes out of a scripted cloud in the place of an answer: the process that asked is gone. No error that the
/// code under test knows.
struct Stopped : std::exception {};

/// At which request of a scripted cloud the process ends.
struct Stop {
    int at = 0;         ///< counted from 1; 0: it does not end
    bool after = false; ///< once the request was acted on

    /// The answer of `act`, unless the process ends here.
    template <class Act>
    HttpResponse around(Act act) {
        const bool last = at > 0 && --at == 0;
        if (last && !after) throw Stopped();
        HttpResponse answer = act();
        if (last) throw Stopped();
        return answer;
    }
};

/// Stops `first` at every request, lets a new process do `then`, and compares what is on the cloud with an
/// undisturbed run; `look` checks further. How many stops there were. A World has `Stop stop` and
/// `restart()`.
template <class World, class State, class Prepare, class First, class Then, class Look>
int stop_everywhere(State state_of, Prepare prepare, First first, Then then, Look look) {
    World undisturbed;
    prepare(undisturbed);
    first(undisturbed);
    then(undisturbed);
    const std::string wanted = state_of(undisturbed);
    int stops = 0;
    for (const bool after : {false, true})
        for (int k = 1;; ++k) {
            World world;
            prepare(world);
            world.stop = {k, after};
            bool stopped = false;
            try {
                first(world);
            } catch (const Stopped&) {
                stopped = true;
            }
            if (!stopped) break;
            ++stops;
            world.restart();
            then(world);
            INFO("request " << k << (after ? " after" : " before") << " it was acted on");
            CHECK(state_of(world) == wanted);
            look(world);
        }
    return stops;
}

} // namespace pyfops
