// SPDX-License-Identifier: Apache-2.0
#include "pyfops/journal.hpp"

#include "base/proc.hpp"
#include "store/journal_file.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/secret.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <charconv>
#include <set>
#include <string>

namespace pyfops {
namespace {

using store::DestroyedRecord;
using store::JournalEntry;
using store::JournalFile;
using store::Settled;

/// A process and when it began: the number alone is used again. "" when there is none of that number.
std::string process_name(int pid) {
    const auto started = proc::start_time(pid);
    return started ? fmt::format("{}.{}", pid, *started) : std::string();
}

bool alive(const std::string& writer) {
    int pid = 0;
    std::from_chars(writer.data(), writer.data() + writer.size(), pid);
    return pid > 0 && process_name(pid) == writer;
}

const FdIdentity& identity_of(const JournalEntry& entry) {
    if (const auto* intent = std::get_if<IntentRecord>(&entry.what)) return intent->identity;
    if (const auto* outcome = std::get_if<OutcomeRecord>(&entry.what)) return outcome->identity;
    return std::get<DestroyedRecord>(entry.what).identity;
}

bool is_settled_mark(const JournalEntry& entry) {
    return std::holds_alternative<Settled>(entry.what);
}

std::set<std::string> pending_ids(const JournalFile::Content& content) {
    std::set<std::string> pending;
    for (const JournalEntry& entry : content.entries)
        if (const auto* settled = std::get_if<Settled>(&entry.what))
            pending.erase(settled->id);
        else
            pending.insert(entry.id);
    return pending;
}

void apply(const JournalEntry& entry, Store& store) {
    const RunId run = store.begin_run(entry.run);
    if (const auto* intent = std::get_if<IntentRecord>(&entry.what))
        store.record_intent(run, *intent);
    else if (const auto* outcome = std::get_if<OutcomeRecord>(&entry.what))
        store.record_outcome(run, *outcome);
    else if (const auto* destroyed = std::get_if<DestroyedRecord>(&entry.what))
        store.record_destroyed(run, destroyed->identity, destroyed->at);
}

/// What no repetition would store.
bool refused_for_good(const Error& error) {
    return error.kind() == ErrorKind::conflict || error.kind() == ErrorKind::not_found;
}

} // namespace

struct Journal::State {
    explicit State(std::filesystem::path path) : file(std::move(path)), writer(process_name(::getpid())) {}

    std::string append(JournalEntry entry) {
        entry.id = hex(random_bytes(8));
        entry.writer = writer;
        const JournalFile::Lock lock(file);
        file.append(store::to_line(entry), true);
        own.insert(entry.id);
        return entry.id;
    }

    void settle(const std::string& id) {
        const JournalFile::Lock lock(file);
        mark_settled(id);
        // Reading the file each time would cost more than the file saves.
        if (own.empty()) clear_when_done();
    }

    void mark_settled(const std::string& id) {
        file.append(store::to_line({hex(random_bytes(8)), {}, {}, Settled{id}}), false);
        own.erase(id);
    }

    void clear_when_done() {
        const auto content = file.read();
        if (pending_ids(content).empty() && !(content.entries.empty() && content.damaged.empty()))
            file.clear(content);
    }

    JournalFile file;
    std::string writer;
    std::set<std::string> own; ///< appended here and not settled yet
};

Journal::Journal(std::filesystem::path file) : state_(std::make_unique<State>(std::move(file))) {}

Journal::~Journal() = default;

std::string Journal::append(const RunRecord& run, const IntentRecord& intent) {
    return state_->append({{}, {}, run, intent});
}

std::string Journal::append(const RunRecord& run, const OutcomeRecord& outcome) {
    return state_->append({{}, {}, run, outcome});
}

std::string Journal::append_destroyed(const RunRecord& run, const FdIdentity& identity, SystemTime at) {
    return state_->append({{}, {}, run, DestroyedRecord{identity, at}});
}

void Journal::settle(const std::string& id) {
    state_->settle(id);
}

std::size_t Journal::replay(Store& store, std::vector<std::string>* problems) {
    const auto report = [&](std::string sentence) {
        if (problems) problems->push_back(std::move(sentence));
    };
    JournalFile::Content content;
    {
        const JournalFile::Lock lock(state_->file);
        content = state_->file.read();
    }
    auto pending = pending_ids(content);
    std::set<FdIdentity> concerned;
    for (const JournalEntry& entry : content.entries) {
        if (!pending.contains(entry.id)) continue;
        if (entry.writer != state_->writer && alive(entry.writer))
            pending.erase(entry.id);
        else
            concerned.insert(identity_of(entry));
    }
    std::size_t replayed = 0;
    for (const JournalEntry& entry : content.entries) {
        // What came after a missed entry is applied again, settled or not: the last one must have the last
        // word.
        if (is_settled_mark(entry) || !concerned.contains(identity_of(entry))) continue;
        const bool missed = pending.contains(entry.id);
        try {
            apply(entry, store);
        } catch (const Error& error) {
            if (!refused_for_good(error)) throw;
            if (missed) report(fmt::format("not stored: {}", error.what()));
        }
        if (!missed) continue;
        const JournalFile::Lock lock(state_->file);
        state_->mark_settled(entry.id);
        ++replayed;
    }
    const JournalFile::Lock lock(state_->file);
    for (const std::string& line : content.damaged)
        report(fmt::format("a damaged line of the journal was set aside: {}", excerpt(line, 40)));
    state_->clear_when_done();
    return replayed;
}

} // namespace pyfops
