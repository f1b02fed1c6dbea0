// SPDX-License-Identifier: Apache-2.0
#include "pyfops/accounts.hpp"

#include "pipeline/stage_call.hpp"
#include "pipeline/task_group.hpp"

#include <boost/asio/this_coro.hpp>

#include <exception>
#include <utility>

namespace pyfops {

namespace {

Task<void> ask(Host& host, const AccountQuestion& question, Deadline deadline, AccountAnswer& answer) {
    std::exception_ptr failure;
    try {
        const std::string& id = question.provider->info().id;
        StageContext context{host, deadline, {"", id, question.region, ""}};
        auto asking = question.provider->account(*question.settings, question.region, context);
        auto guarded = stage_call(host, deadline, "looking for credentials of " + id, std::move(asking));
        answer.account = co_await std::move(guarded);
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) answer.failure = to_error(failure);
}

} // namespace

Task<std::vector<AccountAnswer>> find_accounts(Host& host, std::vector<AccountQuestion> questions,
                                               Deadline deadline) {
    std::vector<AccountAnswer> answers(questions.size());
    TaskGroup asking(co_await boost::asio::this_coro::executor);
    for (std::size_t i = 0; i < questions.size(); ++i)
        asking.spawn(ask(host, questions[i], deadline, answers[i]));
    co_await asking.join();
    co_return answers;
}

} // namespace pyfops
