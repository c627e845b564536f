//! `completions`, `man`, and the generated page of commands.

use std::fmt::Write as _;
use std::process::Command;

use expect_test::expect_file;

use super::{Ran, Shop, assert_contains, commands};

#[test]
fn every_shell_has_a_script() {
    let shop = Shop::empty();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = shop.run(&["completions", shell]).code(0).stdout;
        assert!(
            script.contains("shadowcat-metrics") && script.contains("explain"),
            "{shell}"
        );
    }
}

#[test]
#[ignore = "needs bash: run scripts/shell.sh"]
fn bash_completes_commands_and_options() {
    // Calls the function as bash does: with the program, the word to complete, and the word before it.
    const COMPLETE: &str = r#"
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        [[ $(complete -p shadowcat-metrics) =~ -F\ ([^ ]+) ]]
        "${BASH_REMATCH[1]}" "$1" "${@: -1}" "${@: -2:1}"
        echo "${COMPREPLY[*]}""#;
    let script = Shop::empty().run("completions bash").code(0).stdout;
    for (line, expected) in [
        ("shadowcat-metrics che", "check check-rules"),
        ("shadowcat-metrics check --form", "--format"),
        ("shadowcat-metrics check-rules --format ", "human json"),
        ("shadowcat-metrics live-check --fail-on e", "error"),
    ] {
        let mut bash = Command::new("bash");
        bash.args(["-c", &format!("{script}{COMPLETE}"), "bash"]);
        let output = bash
            .args(line.split(' '))
            .output()
            .expect("bash is installed");
        let ran = Ran::from(output).code(0);
        assert_eq!(ran.stdout.trim_end(), expected, "{line}");
    }
}

#[test]
fn the_man_page_is_roff() {
    let page = Shop::empty().run("man").code(0).stdout;
    assert_contains(&page, ".TH shadowcat-metrics 1");
    assert_contains(&page, "Exit codes");
}

#[test]
fn every_command_has_a_man_page() {
    let shop = Shop::empty();
    let ran = shop.run("man --out-dir man").code(0);
    assert_eq!(ran.stdout.lines().count(), shop.files().len());
    let commands = commands();
    let pages = commands
        .iter()
        .map(|command| format!("man/shadowcat-metrics-{command}.1"));
    let mut pages: Vec<_> = pages
        .chain(["man/shadowcat-metrics.1".to_owned()])
        .collect();
    pages.sort();
    assert_eq!(shop.files(), pages);
    let page = shop.read("man/shadowcat-metrics-check.1");
    assert_contains(&page, ".TH shadowcat-metrics-check 1");
    assert_contains(&page, "shadowcat\\-metrics check");
}

const INTRODUCTION: &str = "\
# Commands

This page is generated from `shadowcat-metrics --help` by the tests of the command: do not edit it.

If you name no schema, a command uses the nearest `metrics.toml` in the current folder or above. If you name an included file,
the command uses the schema that includes it. If you pass `-` or a pipe, it is read once, and `fmt`, `check --fix` and `new`
write to standard output.

Several commands can work in one folder at the same time. Each file is replaced atomically, and a command that edits a file
starts again if another process has changed it in the meantime.
";

#[test]
fn the_page_of_the_commands_is_up_to_date() {
    let shop = Shop::empty();
    let mut page = INTRODUCTION.to_owned();
    let mut add = |heading: &str, arguments: &str| {
        let help = shop.run(arguments).code(0).stdout;
        let lines = help.lines().map(|line| format!("{}\n", line.trim_end()));
        let help: String = lines.collect();
        let _ = write!(page, "\n## {heading}\n\n```text\n{help}```\n");
    };
    add("shadowcat-metrics", "--help");
    for command in commands() {
        add(&command, &format!("{command} --help"));
    }
    expect_file!["../../../docs/commands.md"].assert_eq(&page);
}
