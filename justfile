# Shortcuts for `.ci/run`, which has the list of tasks and needs nothing installed.

# List all tasks.
default:
    @.ci/run --list

# Run tasks: `just run clippy tests`.
run *TASKS:
    .ci/run {{ TASKS }}

# Run the checks that need nothing but Rust.
fast:
    .ci/run --fast

# Run every check, as CI does.
full *OPTIONS:
    .ci/run {{ OPTIONS }}

# Format all code and regenerate all documents.
fix:
    .ci/run fix

# Accept changed golden files; review the diff.
bless:
    .ci/run bless
