//! Behavior shared by all commands: `--format` reports an invalid schema in every format, and every way to name a schema works.

use super::{BROKEN, GOOD, Shop, commands};

/// Returns a command's formats except `human`, as listed in its help.
fn machine_formats(shop: &Shop, command: &str) -> Vec<String> {
    let help = shop.run(&[command, "-h"]).code(0).stdout;
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((_, option)) = help.split_once("--format ") else {
        return Vec::new();
    };
    let (_, values) = option.split_once("[possible values: ").expect("its values");
    let values = values.split(']').next().expect("they end").split(',');
    let values = values.map(|value| value.trim().to_owned());
    values.filter(|value| value != "human").collect()
}

/// Returns arguments with which a command reads `metrics.toml`; `None` if it does not report its errors in `--format`.
fn arguments(command: &str) -> Option<&'static str> {
    match command {
        // The formats of `generate` and `import` are not formats of a schema's errors.
        "explain" | "generate" | "import" => None,
        "check" | "list" | "budget" | "unused" => Some(""),
        "check-rules" => Some("rules.yml"),
        "live-check" => Some("page.txt"),
        "diff" => Some("good.toml"),
        other => panic!("`{other}` has a --format: say here how it is given a schema"),
    }
}

#[test]
fn a_schema_with_errors_is_reported_in_every_format() {
    let mut tried = 0;
    for schema in [BROKEN, "format = 1\nnamespace = \n"] {
        let shop = Shop::with(schema);
        shop.write("good.toml", GOOD);
        shop.write("rules.yml", "groups: []\n");
        shop.write("page.txt", "up 1\n");
        for command in commands() {
            for format in machine_formats(&shop, &command) {
                let Some(more) = arguments(&command) else {
                    continue;
                };
                let ran = shop.run(&format!("{command} {more} --format {format}"));
                // Problems are findings for `check`. For other commands, they are failures.
                let code = if command == "check" { 1 } else { 2 };
                let ran = ran.code(code);
                assert_eq!(ran.stderr, "", "programs read one stream: {ran:?}");
                ran.prints("SM0");
                match &*format {
                    "json" => {
                        let json = ran.json();
                        let first = &json["diagnostics"][0];
                        assert_eq!(first["severity"], "error", "{command}: {json}");
                        assert_eq!(first["file"], "metrics.toml", "{command}: {json}");
                    }
                    "junit" => assert!(ran.stdout.contains("<failure"), "{ran:?}"),
                    "markdown" => {
                        ran.prints_first("**`metrics.toml` has");
                    }
                    other => panic!("what is `{other}` to hold?"),
                }
                tried += 1;
            }
        }
    }
    assert!(tried >= 18, "{tried} were tried");
}

#[test]
fn the_old_schema_of_a_comparison_is_reported_too() {
    let shop = Shop::with(GOOD);
    shop.write("broken.toml", "format = 1\nnamespace = \n");
    for format in machine_formats(&shop, "diff") {
        let ran = shop
            .run(&["diff", "broken.toml", "--format", &format])
            .code(2);
        assert!(
            ran.stdout.contains("SM0001") && ran.stderr.is_empty(),
            "{ran:?}"
        );
    }
}

#[test]
fn several_schemas_are_checked_in_one_run() {
    let shop = Shop::with(GOOD);
    shop.write("till/metrics.toml", GOOD.replace("cart", "till"));
    shop.write("broken/metrics.toml", BROKEN);
    let ran = shop.run("check metrics.toml till/metrics.toml").code(0);
    assert_eq!(ran.stdout.matches("ok: ").count(), 2, "{ran:?}");
    let all = "check broken/metrics.toml till/metrics.toml";
    let ran = shop.run(all).code(1);
    ran.reports("broken/metrics.toml:8:8");
    ran.prints_first("ok: till/metrics.toml");
    let json = shop.run(&format!("{all} --format json")).code(1).json();
    assert_eq!(
        json["files"],
        serde_json::json!(["broken/metrics.toml", "till/metrics.toml"])
    );
    assert_eq!(json["errors"], 2);
    assert_eq!(json["diagnostics"][0]["file"], "broken/metrics.toml");
}

#[test]
fn standard_input_can_only_be_named_once() {
    let shop = Shop::with(GOOD);
    for command in ["diff - -", "live-check - --schema -"] {
        shop.run_with_stdin(command, GOOD)
            .code(2)
            .reports("can only be read once");
    }
    let rules = b"groups: []\n";
    let ran = shop.run_with_stdin("check-rules -", rules).code(0);
    ran.prints_first("ok: ");
}

#[cfg(target_os = "linux")]
mod unusual_names {
    use std::ffi::OsStr;
    use std::fs;
    use std::os::unix::ffi::OsStrExt as _;
    use std::process::{Command, Stdio};

    use super::super::{GOOD, Ran, Shop, assert_contains};

    const MESSY: &str = "format=1\nnamespace='shop'\n";
    const TIDY: &str = "format = 1\nnamespace = 'shop'\n";

    /// Other names of standard input work like `-`, even if standard input is a file.
    #[test]
    fn standard_input_has_several_names() {
        let shop = Shop::empty();
        shop.write("messy.toml", MESSY);
        for name in ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"] {
            let ran = shop.run_with_stdin(&["fmt", name], MESSY).code(0);
            assert_eq!(ran.stdout, TIDY, "{name}");
            let file = fs::File::open(shop.path().join("messy.toml")).expect("it is there");
            let ran = Ran::of(shop.command(&["fmt", name]).stdin(file)).code(0);
            assert_eq!(ran.stdout, TIDY);
            let slip = GOOD.replace("counter", "countre");
            let fix = ["check", "--fix", name];
            let ran = shop.run_with_stdin(&fix, &slip).code(0);
            assert_eq!(ran.stdout, GOOD, "{name}");
        }
        assert_eq!(shop.read("messy.toml"), MESSY);
        assert_eq!(shop.files(), ["messy.toml"]);
    }

    #[test]
    fn a_pipe_in_place_of_a_file_is_formatted_to_standard_output() {
        let shop = Shop::empty();
        shop.write("messy.toml", MESSY);
        let binary = env!("CARGO_BIN_EXE_shadowcat-metrics");
        let script = format!("'{binary}' fmt <(cat messy.toml)");
        let ran = Command::new("bash")
            .args(["-c", &script])
            .current_dir(shop.path())
            .stdin(Stdio::null())
            .output();
        let Ok(ran) = ran else {
            return; // This test needs bash.
        };
        assert_eq!(Ran::from(ran).code(0).stdout, TIDY);
    }

    #[test]
    fn input_without_an_end_is_refused() {
        let shop = Shop::with(GOOD);
        for (args, most) in [
            ("list /dev/zero", "256 MiB"),
            ("live-check /dev/zero", "32 MiB"),
            ("infer /dev/zero", "32 MiB"),
        ] {
            let ran = shop.run(args).code(2);
            ran.reports(&format!("larger than {most}"));
        }
    }

    #[test]
    fn paths_need_not_be_utf8() {
        let shop = Shop::empty();
        let name = |bytes: &'static [u8]| OsStr::from_bytes(bytes);
        let write = |bytes: &'static [u8], text: &str| {
            let path = shop.path().join(name(bytes));
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        };
        let schema: &'static [u8] = b"caf\xe9/metrics.toml";
        write(schema, &GOOD.replace("counter", "countre"));
        write(
            b"p\xe9ge.txt",
            "# TYPE shop_cart_open gauge\nshop_cart_open 1\n",
        );
        write(b"r\xe9gles.yml", "groups: []\n");
        let run = |args: &[&[u8]]| {
            let args = args.iter().map(|arg| OsStr::from_bytes(arg));
            let ran = shop.command("").args(args).output().expect("it runs");
            assert!(matches!(ran.status.code(), Some(0 | 1)), "{ran:?}");
            String::from_utf8_lossy(&ran.stdout).into_owned()
        };
        assert!(run(&[b"check", b"--fix", schema]).contains("fixed[SM0101]"));
        run(&[b"fmt", schema]);
        let new = "new cart.lost --type counter --help-text Lost. --file";
        let mut new: Vec<_> = new.split(' ').map(str::as_bytes).collect();
        new.push(schema);
        let added = run(&new);
        assert!(added.starts_with("wrote [metrics.cart.lost]"));
        assert_contains(&added, r"generate $'caf\xe9/metrics.toml'`");
        assert!(run(&[b"list", schema]).contains("shop_cart_lost_total"));
        assert!(run(&[b"budget", b"--scrape", b"p\xe9ge.txt", schema]).contains("1 now"));
        assert!(run(&[b"live-check", b"p\xe9ge.txt", b"--schema", schema]).contains("errors"));
        assert!(run(&[b"check-rules", b"r\xe9gles.yml", b"--schema", schema]).starts_with("ok: "));
        assert!(run(&[b"diff", schema, schema]).contains("0 changes"));
        assert!(run(&[b"generate", schema]).contains("wrote"));
        assert!(run(&[b"generate", b"--check", schema]).starts_with("ok: "));
        let mut infer = shop.command("infer");
        let ran = Ran::from(
            infer
                .arg(name(b"miss\xe9ng.txt"))
                .output()
                .expect("it runs"),
        );
        ran.code(2)
            .reports("cannot read `miss\u{fffd}ng.txt`: No such file");
    }
}
