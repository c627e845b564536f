//! `completions` and `man`.

use super::{Shop, commands};

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
fn the_man_page_is_roff() {
    let page = Shop::empty().run(&["man"]).code(0).stdout;
    assert!(
        page.contains(".TH shadowcat-metrics 1") && page.contains("Exit codes"),
        "{page}"
    );
}

#[test]
fn every_command_has_a_man_page() {
    let shop = Shop::empty();
    let ran = shop.run(&["man", "--out-dir", "man"]).code(0);
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
    let page = shop.read("man/shadowcat-metrics-check.1").unwrap();
    assert!(
        page.contains(".TH shadowcat-metrics-check 1")
            && page.contains("shadowcat\\-metrics check"),
        "{page}"
    );
}
