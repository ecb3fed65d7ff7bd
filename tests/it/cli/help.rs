//! What `--help` says.

use super::house::House;

fn help(words: &[&str]) -> String {
    House::bare().done(&[words, &["--help"]].concat())
}

#[test]
fn the_program_explains_itself() {
    insta::assert_snapshot!("top", help(&[]));
    insta::assert_snapshot!("send", help(&["send"]));
    insta::assert_snapshot!("subscribers_import", help(&["subscribers", "import"]));
}

#[test]
fn every_command_has_help() {
    for words in [
        "serve",
        "demo",
        "check",
        "migrate",
        "send",
        "issues",
        "issues preview",
        "issues test",
        "subscribers",
        "feeds add",
        "feeds import",
        "feeds export",
        "feeds pause",
        "feeds resume",
        "articles add",
        "articles withdraw",
        "tokens create",
        "tokens list",
        "tokens revoke",
        "issues show",
        "deliveries list",
        "dkim",
        "dkim generate",
        "dkim show",
        "deliveries unknown",
        "deliveries resend",
        "deliveries accept",
        "deliveries recovery",
    ] {
        assert!(help(&words.split(' ').collect::<Vec<_>>()).contains("Usage: kawaraban"), "{words}");
    }
}
