// SPDX-License-Identifier: Apache-2.0
#include "commands.hpp"

#include "commands/all.hpp"

#include <array>

namespace pyfops::cli {

namespace {

constexpr unsigned common = output_options;
constexpr unsigned building =
    common | project_options | selection_options | network_options | sandbox_options;
constexpr unsigned deploying = building | jobs_options | database_options | credentials_options;
constexpr unsigned asking =
    common | project_options | selection_options | network_options | sandbox_options | credentials_options;

constexpr OptionInfo resolver{
    "resolver", 0, "NAME", "who resolves dependencies: uv (default) or pip", Values::nothing, "uv pip"};
constexpr OptionInfo update{"update", 0, {}, "resolve anew instead of keeping what pyfops.lock has"};
constexpr OptionInfo from_database{
    "from-database", 0, {}, "deploy what waits in functiondeployment instead of the project's 'deployments'"};
constexpr OptionInfo redeploy{
    "redeploy", 0, {}, "with --from-database: rows that are deployed or were destroyed as well"};
constexpr OptionInfo repeat{"repeat", 0, "N", "run every test N times"};
constexpr OptionInfo junit{"junit", 0, "FILE", "write the verdicts as JUnit XML as well", Values::file};

constexpr OptionInfo exact{"exact", 0, {}, "down to the provider's own step instead of steps of 64 MB"};
constexpr OptionInfo objective{
    "objective",     0,
    "NAME",          "what the memory is chosen for: minimum (default), cost, speed or balanced",
    Values::nothing, "minimum cost speed balanced"};
constexpr OptionInfo repeat_probes{"repeat", 0, "N",
                                   "run the inputs N times at every size; the majority counts (default: 1)"};
constexpr OptionInfo max_invocations{"max-invocations", 0, "N", "make at most N calls of functions"};
constexpr OptionInfo max_cost{"max-cost", 0, "USD", "stop calling when the calls have cost that much"};

constexpr std::array init_options{
    OptionInfo{"template", 't', "NAME", "which template (default: starter)", Values::template_name},
    OptionInfo{"list", 0, {}, "list the templates"},
};
constexpr std::array validate_options{
    OptionInfo{"no-import", 0, {}, "do not import the handlers (done in the sandbox, without network)"},
    OptionInfo{"print-schema", 0, {}, "print the JSON Schema of the project file, for editors"},
};
constexpr std::array wrap_options{
    OptionInfo{"output", 'o', "DIR", "where to write the wrapped code (default: .pyfops/wrapped)",
               Values::directory},
};
constexpr std::array package_options{
    OptionInfo{"output", 'o', "DIR", "write the archives there, as PROVIDER/FUNCTION.zip or .py",
               Values::directory},
    resolver,
    update,
};
constexpr std::array plan_options{from_database, redeploy, resolver};
constexpr std::array run_options{from_database, redeploy, repeat,          junit,
                                 resolver,      update,   max_invocations, max_cost};
constexpr std::array tune_options{exact,           objective, repeat_probes, junit,
                                  max_invocations, max_cost,  resolver,      update};
constexpr std::array deploy_options{from_database, redeploy, resolver, update};
constexpr std::array test_options{repeat, junit, max_invocations, max_cost};
constexpr std::array invoke_options{
    OptionInfo{"compact", 0, {}, "the answer on one line"},
    OptionInfo{"logs", 0, {}, "show the end of the call's log on stderr"},
    OptionInfo{"probe", 0, {}, "ask the wrapper what it measured, and show it on stderr"},
};
constexpr std::array logs_options{
    OptionInfo{"since", 0, "TIME", "how far back: 30s, 15m, 2h, 1d or 2026-11-23T06:00:00Z (default: 1h)"},
    OptionInfo{"limit", 0, "N", "at most so many lines, the newest (default: 1000)"},
};
constexpr std::array list_options{
    OptionInfo{"from-cloud", 0, {}, "ask the clouds instead of the database"},
    OptionInfo{"all", 'a', {}, "destroyed ones too"},
    OptionInfo{"all-projects", 0, {}, "every project of the database"},
};
constexpr std::array report_options{
    OptionInfo{"runs", 0, {}, "the commands that recorded something"},
    OptionInfo{"probes", 0, {}, "the sizes that the searches for the minimum memory tried"},
    OptionInfo{"afcl", 0, {}, "AFCL's values by implementation and deployment, and what others wrote there"},
    OptionInfo{"csv", 0, {}, "print CSV (RFC 4180)"},
    OptionInfo{"all", 'a', {}, "destroyed deployments too"},
    OptionInfo{"all-projects", 0, {}, "every project of the database"},
};
constexpr std::array destroy_options{
    OptionInfo{"yes", 'y', {}, "do not ask"},
};
constexpr std::array emulate_options{
    OptionInfo{"port", 0, "N", "listen on that port (default: the one of the last time, or a free one)"},
    OptionInfo{"state", 0, "DIR", "where the local cloud lives (default: .pyfops/local of the project)",
               Values::directory},
    OptionInfo{
        "print-env", 0, {}, "print what points the clients (of PROVIDER) at it, and end", Values::provider},
    OptionInfo{"no-network", 0, {}, "handlers get no network"},
    OptionInfo{"runtimes", 0, {}, "make the exact Python of each VERSION (default: 3.9,3.11,3.13), and end"},
    OptionInfo{"faults", 0, "FILE", "a fault plan (JSON, docs/emulator.md)", Values::file},
};
constexpr std::array db_options{
    OptionInfo{"check", 0, {}, "say what differs, or what would be added, and change nothing"},
    OptionInfo{"for", 0, "READER", "export: who reads the files, the AFCL engine (default) or its scheduler",
               Values::nothing, "engine scheduler"},
};
constexpr std::array afcl_options{
    OptionInfo{"provider", 0, "ID", "take deployments of that provider: aws, google, ...", Values::provider},
    OptionInfo{"region", 0, "CODE", "take deployments in that region"},
    OptionInfo{"memory", 0, "MB", "take deployments of that memory size"},
    OptionInfo{"cheapest", 0, {}, "of several take the one with the least recorded cost"},
    OptionInfo{"fastest", 0, {}, "of several take the one with the least recorded round trip"},
    OptionInfo{"partial", 0, {}, "leave functions as they are for which nothing is recorded"},
    OptionInfo{"check", 0, {}, "show what would change and write nothing"},
    OptionInfo{"output", 'o', "FILE", "write there instead of over the workflow; - is standard output",
               Values::file},
};

constexpr std::array table{
    CommandInfo{
        "init", Section::start, "make a project from a template", "[DIR]", 1, Values::directory, common,
        init_options,
        "Copies a template into DIR (default: the current directory). No file that is there is overwritten.",
        "pyfops init hello                       # the starter, in ./hello\n"
        "pyfops init --list                      # which templates there are",
        run_init},
    CommandInfo{
        "validate",
        Section::start,
        "check the project file and the handlers",
        {},
        0,
        Values::nothing,
        common | project_options | sandbox_options,
        validate_options,
        "Shows every finding with its place. Handlers are imported in the sandbox: a handler that does not "
        "exist, does not import or cannot be called is a finding. Exit code 2 when there are errors.",
        "pyfops validate\n"
        "pyfops validate --json | jq .findings\n"
        "pyfops validate --print-schema > pyfops.schema.json",
        run_validate},
    CommandInfo{
        "wrap",
        Section::start,
        "add the providers' entry points and write the result",
        {},
        0,
        Values::nothing,
        building,
        wrap_options,
        "Writes the code of each function with its provider's entry files, as it will be packaged, but "
        "without dependencies. Your files are never changed.",
        "pyfops wrap --only function=hello -o /tmp/wrapped",
        run_wrap},
    CommandInfo{
        "package",
        Section::start,
        "build the deployment packages",
        {},
        0,
        Values::nothing,
        building,
        package_options,
        "Resolves dependencies for each provider's platform, checks them against its runtime and limits, "
        "and shows the sizes. Nothing is sent.",
        "pyfops package                          # sizes and biggest parts\n"
        "pyfops package -o dist --only provider=aws\n"
        "pyfops package --update                 # newer versions into pyfops.lock",
        run_package},
    CommandInfo{"plan",
                Section::deploy,
                "show what deploy would do",
                {},
                0,
                Values::nothing,
                deploying,
                plan_options,
                "Asks the clouds what is there and compares. Changes nothing.",
                "pyfops plan\n"
                "pyfops plan --local --json",
                run_plan},
    CommandInfo{"run",
                Section::deploy,
                "wrap, package, deploy, tune, test and record",
                {},
                0,
                Values::nothing,
                deploying,
                run_options,
                "The whole way, for every deployment of the project that --only selects. One that fails is "
                "reported and does not stop the others. Ctrl-C stops orderly; the next run takes up what is "
                "there.",
                "pyfops run --local                      # no account needed\n"
                "pyfops run --only provider=aws,region=eu-*\n"
                "pyfops run --from-database --database mariaDatabase.properties\n"
                "pyfops run --json > result.json",
                run_run},
    CommandInfo{"deploy",
                Section::deploy,
                "as run, without tuning and tests",
                {},
                0,
                Values::nothing,
                deploying,
                deploy_options,
                "Deploys what changed; what is unchanged is not sent again.",
                "pyfops deploy\n"
                "pyfops deploy --only function=resize -j 4",
                run_deploy},
    CommandInfo{"tune",
                Section::deploy,
                "find the minimum memory of 'memory: auto'",
                {},
                0,
                Values::nothing,
                deploying,
                tune_options,
                "Deploys, tries sizes with the predefined inputs until the smallest is found at which all "
                "pass, leaves "
                "the deployment there and tests it once more. 'run' does so too, but only where the minimum "
                "is not on "
                "record; this searches anew. The regions of a provider share one search.",
                "pyfops tune --local\n"
                "pyfops tune --objective cost --max-cost 0.10\n"
                "pyfops tune --exact --repeat 3 --only function=resize,provider=aws",
                run_tune},
    CommandInfo{
        "test",
        Section::deploy,
        "test what is deployed",
        {},
        0,
        Values::nothing,
        deploying,
        test_options,
        "Runs the predefined inputs of the project file against the deployments and compares the answers.",
        "pyfops test\n"
        "pyfops test --repeat 10 --only function=resize",
        run_test},
    CommandInfo{
        "invoke", Section::use, "call one deployed function", "[FUNCTION] [EVENT]", 2, Values::function,
        asking, invoke_options,
        "EVENT is JSON, @FILE, or - for standard input; {} when it is absent. The answer goes to stdout. "
        "When the function is deployed several times, --only picks one. Exit code 1 when the function "
        "fails.",
        "pyfops invoke hello '{\"name\": \"Ada\"}' --only region=eu-central-1\n"
        "pyfops invoke hello @event.json --local\n"
        "echo '{}' | pyfops invoke hello - --compact",
        run_invoke},
    CommandInfo{"logs", Section::use, "show the log of one deployed function", "[FUNCTION]", 1,
                Values::function, asking, logs_options, "Oldest first.",
                "pyfops logs hello --since 15m\n"
                "pyfops logs hello --only provider=aws,region=us-east-1 --limit 100",
                run_logs},
    CommandInfo{
        "list",
        Section::use,
        "list what is deployed",
        {},
        0,
        Values::nothing,
        asking | database_options,
        list_options,
        "By the record; with --from-cloud by asking the clouds, which also finds what the record lost.",
        "pyfops list\n"
        "pyfops list --from-cloud --json\n"
        "pyfops list --all-projects --database mariadb://afcl@db.example.org/afcl",
        run_list},
    CommandInfo{
        "report",
        Section::use,
        "show what is recorded: deployments, runs, probes",
        {},
        0,
        Values::nothing,
        common | project_options | selection_options | database_options,
        report_options,
        "Reads the database and no cloud. By default the deployments with their sizes, times, averages and "
        "links. Real and local deployments are never mixed: --local shows the local ones.",
        "pyfops report\n"
        "pyfops report --probes --only function=resize\n"
        "pyfops report --afcl --csv > afcl.csv\n"
        "pyfops report --runs --json --all-projects",
        run_report},
    CommandInfo{
        "destroy",
        Section::use,
        "remove what is deployed",
        {},
        0,
        Values::nothing,
        deploying,
        destroy_options,
        "Removes the deployments that --only selects and, with the last one, what they shared. The record "
        "keeps rows and links. Only what carries this project's mark is touched.",
        "pyfops destroy --local --yes\n"
        "pyfops destroy --only region=us-*",
        run_destroy},
    CommandInfo{
        "emulate", Section::other, "run the local cloud in the foreground", "[VERSIONS|PROVIDER]", 1,
        Values::nothing, common | project_options | sandbox_options, emulate_options,
        "Answers the providers' APIs on loopback and runs what is deployed in a sandbox. Commands with "
        "--local join it, or start one of their own. Functions run on the Python that they ask for when "
        "--runtimes made it (from a Debian suite, with mmdebstrap, in the user's cache), else on this "
        "machine's.",
        "pyfops emulate --port 4566\n"
        "pyfops emulate --runtimes 3.13            # once: 3.13 is then the real one\n"
        "eval \"$(pyfops emulate --print-env)\"    # official SDKs and tools then use it\n"
        "pyfops emulate --print-env aws            # those of one provider alone",
        run_emulate},
    CommandInfo{"plugins",
                Section::other,
                "show the providers and what they offer",
                "[PROVIDER]",
                1,
                Values::provider,
                common,
                {},
                "Regions, memory sizes, runtimes with their end-of-life dates, limits, and where each figure "
                "is from.",
                "pyfops plugins\n"
                "pyfops plugins aws",
                run_plugins},
    CommandInfo{
        "doctor",
        Section::other,
        "check this machine",
        {},
        0,
        Values::nothing,
        common | project_options | database_options | network_options | credentials_options | local_option,
        {},
        "What is installed, what the sandbox enforces, which credentials are found (their source, never "
        "their value), the database's version. With --local no credentials are looked for, and the database "
        "is that of the local cloud. Exit code 1 when something does not work.",
        "pyfops doctor\n"
        "pyfops doctor --local",
        run_doctor},
    CommandInfo{
        "afcl", Section::use, "write resource links into an AFCL workflow", "bind WORKFLOW", 2, Values::file,
        common | project_options | database_options | local_option, afcl_options,
        "'afcl bind' gives every function of the workflow the resource link and the deployment that are "
        "recorded "
        "for its type. Everything else in the file stays as it is. Nothing is written when a function has no "
        "deployment (but see --partial), or several and no option chooses. Exit code 1 when --check would "
        "change something.",
        "pyfops afcl bind workflow.yaml --provider aws --region eu-central-1\n"
        "pyfops afcl bind workflow.yaml --cheapest -o bound.yaml\n"
        "pyfops afcl bind workflow.yaml --fastest --check",
        run_afcl, "bind"},
    CommandInfo{
        "db", Section::other, "create, upgrade, fill or export the database", "migrate|import|export [DIR]",
        2, Values::directory, common | project_options | database_options | local_option, db_options,
        "'db migrate' creates the AFCL metadata database, or adds to an existing one what is missing; rows "
        "that are there are not touched. Exit code 1 when --check finds differences.\n\n"
        "'db export' writes types, implementations, deployments and what they need as the JSON files that "
        "the "
        "AFCL engine or its scheduler reads, into DIR (default: metadata). 'db import' adds the rows of such "
        "files that the database lacks, all of them or, when something is wrong, none.",
        "pyfops db migrate\n"
        "pyfops db migrate --check --database mariadb://afcl@db.example.org/afcl\n"
        "pyfops db export metadata --for scheduler\n"
        "pyfops db import metadata --check",
        run_db, "migrate import export"},
    CommandInfo{"completion",
                Section::other,
                "print a completion script",
                "SHELL",
                1,
                Values::nothing,
                common,
                {},
                "SHELL is bash, zsh or fish.",
                "pyfops completion bash > ~/.local/share/bash-completion/completions/pyfops\n"
                "pyfops completion zsh > ~/.zfunc/_pyfops\n"
                "pyfops completion fish > ~/.config/fish/completions/pyfops.fish",
                run_completion,
                "bash zsh fish"},
    CommandInfo{"help",
                Section::other,
                "show help",
                "[COMMAND]",
                2,
                Values::nothing,
                common,
                {},
                "The overview, or one command with its options and examples.",
                "pyfops help run\n"
                "pyfops help db export                   # the same as 'pyfops help db'",
                run_help},
    CommandInfo{"version",
                Section::hidden,
                "print the version",
                {},
                0,
                Values::nothing,
                common,
                {},
                {},
                {},
                run_version},
};

} // namespace

std::span<const CommandInfo> commands() {
    return table;
}

const CommandInfo* find_command(std::string_view name) {
    for (const CommandInfo& command : table)
        if (command.name == name) return &command;
    return nullptr;
}

} // namespace pyfops::cli
