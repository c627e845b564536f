//! `completions` and `man`.

use super::Shop;

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
    assert_eq!(
        shop.files(),
        [
            "man/shadowcat-metrics-check.1",
            "man/shadowcat-metrics-completions.1",
            "man/shadowcat-metrics-explain.1",
            "man/shadowcat-metrics-fmt.1",
            "man/shadowcat-metrics-generate.1",
            "man/shadowcat-metrics-list.1",
            "man/shadowcat-metrics-man.1",
            "man/shadowcat-metrics.1",
        ],
    );
    let page = shop.read("man/shadowcat-metrics-check.1").unwrap();
    assert!(
        page.contains(".TH shadowcat-metrics-check 1")
            && page.contains("shadowcat\\-metrics check"),
        "{page}"
    );
}
