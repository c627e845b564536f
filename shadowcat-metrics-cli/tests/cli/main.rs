//! Tests of the built binary, run in a temporary folder. One file for each subcommand.

mod budget;
mod check;
mod check_rules;
mod concurrency;
mod diff;
mod explain;
mod fix;
mod fmt;
mod formats;
mod generate;
mod import;
mod include;
mod infer;
mod init;
mod list;
mod live_check;
mod manuals;
mod migrate_histograms;
mod new;
mod program;
mod revisions;
#[path = "../../../tests/rows.rs"]
mod rows;
mod server;
mod unused;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{fs, io};

use rows::rows;
use tempfile::TempDir;

/// Returns every command listed in the help.
fn commands() -> Vec<String> {
    let help = Shop::empty().run("--help").code(0).stdout;
    let listed = help.split("Commands:\n").nth(1).expect("the commands");
    let lines = listed.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let names = names.filter(|name| !name.is_empty() && *name != "help");
    names.map(str::to_owned).collect()
}

/// A valid schema without warnings.
const GOOD: &str = "\
format = 1
namespace = \"shop\"

[labels.shelf]
help = \"Shelf of the article.\"
values = [\"food\", \"tools\"]

[groups.cart]
help = \"Shopping carts.\"

[metrics.cart.added]
type = \"counter\"
help = \"Articles put into carts.\"
labels = [\"shelf\"]

[metrics.cart.open]
type = \"updown_counter\"
help = \"Carts with something in them.\"
";

/// A valid schema with one warning, in line 4.
const WARNED: &str = "\
format = 1
namespace = \"shop\"

[groups.cart]
help = \"Shopping carts.\"
";

/// An invalid schema with an error in line 8, column 8, and another in line 9.
const BROKEN: &str = "\
format = 1
namespace = \"shop\"

[groups.cart]
help = \"Shopping carts.\"

[metrics.cart.added]
type = \"countre\"
hlep = \"Articles put into carts.\"
help = \"Articles put into carts.\"
";

/// The arguments of a command: a list, or a line as in a shell, where an argument with spaces is in single quotes.
trait Args {
    fn words(self) -> Vec<String>;
}

impl Args for &str {
    fn words(self) -> Vec<String> {
        let parts = self.split('\'').enumerate();
        let words = parts.flat_map(|(place, part)| match place % 2 {
            0 => part.split_whitespace().collect(),
            _ => vec![part],
        });
        words.map(str::to_owned).collect()
    }
}

impl Args for &String {
    fn words(self) -> Vec<String> {
        self.as_str().words()
    }
}

impl<const N: usize> Args for &[&str; N] {
    fn words(self) -> Vec<String> {
        self.map(str::to_owned).into()
    }
}

#[track_caller]
fn assert_contains(text: &str, part: &str) {
    assert!(text.contains(part), "`{part}` is missing in\n{text}");
}

/// A temporary folder to run the command in.
struct Shop(TempDir);

/// The result of a run.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Shop {
    /// Creates a folder with a `metrics.toml`.
    fn with(schema: impl AsRef<[u8]>) -> Self {
        let shop = Self::empty();
        shop.write("metrics.toml", schema);
        shop
    }

    fn empty() -> Self {
        Self(TempDir::new().expect("a temporary folder"))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, file: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(file);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("its folder");
        fs::write(path, content).expect("the file is written");
    }

    #[track_caller]
    fn read(&self, file: &str) -> String {
        let read = fs::read_to_string(self.path().join(file));
        read.unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    fn has(&self, file: &str) -> bool {
        self.path().join(file).exists()
    }

    /// Lists every file below the folder, to detect leftover files.
    fn files(&self) -> Vec<String> {
        fn walk(folder: &Path, root: &Path, files: &mut Vec<String>) {
            for entry in fs::read_dir(folder)
                .expect("a folder")
                .map(|entry| entry.expect("an entry").path())
            {
                if entry.is_dir() {
                    walk(&entry, root, files);
                } else {
                    files.push(
                        entry
                            .strip_prefix(root)
                            .expect("below it")
                            .display()
                            .to_string(),
                    );
                }
            }
        }
        let mut files = Vec::new();
        walk(self.path(), self.path(), &mut files);
        files.sort();
        files
    }

    fn command(&self, args: impl Args) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shadowcat-metrics"));
        command
            .args(args.words())
            .current_dir(self.path())
            .stdin(Stdio::null());
        command
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE")
            .env_remove("CLICOLOR");
        command
    }

    fn run(&self, args: impl Args) -> Ran {
        Ran::of(&mut self.command(args))
    }

    /// Runs the command in a folder below this one.
    fn run_in(&self, folder: &str, args: impl Args) -> Ran {
        let folder = self.path().join(folder);
        Ran::of(self.command(args).current_dir(folder))
    }

    /// Asserts the exit code of a command, and that standard output contains these texts.
    #[track_caller]
    fn assert_prints<const N: usize>(&self, args: impl Args, code: i32, texts: [&str; N]) {
        self.run(args).code(code).prints_each(texts);
    }

    /// Asserts the exit code of a command, and that standard error contains these texts.
    #[track_caller]
    fn assert_reports<const N: usize>(&self, args: impl Args, code: i32, texts: [&str; N]) {
        self.run(args).code(code).reports_each(texts);
    }

    /// Runs git. Tests that call this are ignored by default, because `cargo test` needs nothing but Rust.
    #[track_caller]
    fn git(&self, args: &[&str]) {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=t", "-c", "user.email=t@localhost"]);
        let ran = git.args(args).current_dir(self.path()).output();
        let ran = ran.expect("git is installed");
        assert!(ran.status.success(), "git {args:?}: {ran:?}");
    }

    /// Makes a repository, and commits all files.
    #[track_caller]
    fn commit_to_new_repository(&self) {
        self.git(&["init", "--quiet", "--initial-branch", "main"]);
        self.commit();
    }

    /// Commits all files.
    #[track_caller]
    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "All."]);
    }

    fn run_with_stdin(&self, args: impl Args, stdin: impl AsRef<[u8]>) -> Ran {
        let mut command = self.command(args);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let written = child
            .stdin
            .take()
            .expect("a pipe")
            .write_all(stdin.as_ref());
        if let Err(error) = written {
            // A command that refuses its arguments may exit before it reads its input.
            assert_eq!(error.kind(), io::ErrorKind::BrokenPipe, "{error}");
        }
        Ran::from(child.wait_with_output().expect("it ends"))
    }
}

impl From<std::process::Output> for Ran {
    fn from(output: std::process::Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the command writes UTF-8");
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl Ran {
    fn of(command: &mut Command) -> Self {
        Self::from(command.output().expect("the command runs"))
    }

    /// Asserts the exit code. Shows the output if it differs.
    #[track_caller]
    fn code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Asserts that standard output contains a text.
    #[track_caller]
    fn prints(&self, text: &str) {
        assert!(self.stdout.contains(text), "{self:#?}");
    }

    #[track_caller]
    fn prints_each<const N: usize>(&self, texts: [&str; N]) {
        for text in texts {
            self.prints(text);
        }
    }

    /// Asserts that standard output begins with a text.
    #[track_caller]
    fn prints_first(&self, text: &str) {
        assert!(self.stdout.starts_with(text), "{self:#?}");
    }

    /// Asserts that standard output ends with a text.
    #[track_caller]
    fn prints_last(&self, text: &str) {
        assert!(self.stdout.ends_with(text), "{self:#?}");
    }

    #[track_caller]
    fn does_not_print(&self, text: &str) {
        assert!(!self.stdout.contains(text), "{self:#?}");
    }

    /// Asserts that standard error contains a text.
    #[track_caller]
    fn reports(&self, text: &str) {
        assert!(self.stderr.contains(text), "{self:#?}");
    }

    #[track_caller]
    fn reports_each<const N: usize>(&self, texts: [&str; N]) {
        for text in texts {
            self.reports(text);
        }
    }

    #[track_caller]
    fn does_not_report(&self, text: &str) {
        assert!(!self.stderr.contains(text), "{self:#?}");
    }

    #[track_caller]
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }
}

#[test]
fn usage_errors_exit_with_2() {
    let shop = Shop::with(GOOD);
    for args in ["", "chekc", "check --formt json", "list --type conter"] {
        let ran = shop.run(args).code(2);
        assert!(
            ran.stdout.is_empty() && ran.stderr.contains("--help"),
            "{ran:?}"
        );
    }
    assert!(
        shop.run("chekc").stderr.contains("check"),
        "a near miss is suggested"
    );
}

#[test]
fn help_has_examples_and_exit_codes() {
    let shop = Shop::empty();
    let help = shop.run("--help").code(0).stdout;
    for part in [
        "Examples:\n",
        "Exit codes:\n  0  success\n  1  findings",
        "\n  2  the command could not do its work",
    ] {
        assert_contains(&help, part);
    }
    for command in commands() {
        let help = shop.run(&[&command, "--help"]).code(0).stdout;
        assert_contains(&help, "Examples:");
    }
    assert!(
        shop.run("--version")
            .code(0)
            .stdout
            .contains(env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn color_is_for_terminals_unless_forced() {
    let shop = Shop::with(BROKEN);
    let escapes = |ran: &Ran| ran.stderr.contains('\u{1b}');
    assert!(!escapes(&shop.run("check")), "a pipe is not a terminal");
    assert!(escapes(&shop.run("check --color always")));
    assert!(escapes(&shop.run("--color=always check")));
    assert!(!escapes(&shop.run("check --color never")));
    let mut command = shop.command("check");
    command.env("CLICOLOR_FORCE", "1");
    assert!(escapes(&Ran::of(&mut command)));
    command.env("NO_COLOR", "1");
    assert!(!escapes(&Ran::of(&mut command)), "NO_COLOR wins");
}

#[test]
fn help_and_usage_errors_obey_the_color_option() {
    let shop = Shop::empty();
    for (args, is_colored) in [
        ("--color always --help", true),
        ("list --color=always --bogus", true),
        ("--color never --help", false),
        ("--color=always list --color never --bogus", false),
    ] {
        let ran = Ran::of(shop.command(args).env("CLICOLOR_FORCE", "1"));
        let text = format!("{}{}", ran.stdout, ran.stderr);
        assert_eq!(text.contains('\u{1b}'), is_colored, "{args:?}: {text}");
    }
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_does_not_panic() {
    let shop = Shop::with(GOOD);
    let mut child = shop
        .command("explain")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    let ran = Ran::from(child.wait_with_output().expect("it ends")).code(0);
    assert_eq!(ran.stderr, "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported() {
    for args in ["explain", "--help", "--version", "help list"] {
        let full = fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .expect("Linux has it");
        let ran = Ran::of(Shop::empty().command(args).stdout(full));
        ran.code(2).reports("cannot write the answer");
    }
}
