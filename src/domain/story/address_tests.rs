use proptest::prelude::*;

use super::*;

fn folded(link: &str) -> String {
    canonical_url(link, None).unwrap()
}

#[test]
fn spellings_of_one_page_are_one() {
    let one = "https://example.jp/2026/11/asaichi";
    for link in [
        "http://example.jp/2026/11/asaichi",
        "https://www.example.jp/2026/11/asaichi/",
        "HTTPS://WWW.Example.JP:443/2026/11/asaichi",
        "http://example.jp:80/2026/11/asaichi/#comments",
        "https://example.jp./2026/11/asaichi?utm_source=rss&utm_medium=feed&UTM_Campaign=x",
        "https://example.jp/2026/11/asaichi/index.html?fbclid=abc",
        "https://example.jp/2026/11/./x/../asaichi?ref=rss",
        "https://example.jp/2026/11/%61saichi;jsessionid=8F3A?",
        "https://example.jp/2026/11/asaichi?amp=1",
        "https://example-jp.cdn.ampproject.org/c/s/example.jp/2026/11/asaichi?amp",
        "https://www.google.com/amp/s/www.example.jp/2026/11/asaichi/",
        "https://www.google.com/url?rct=j&sa=t&url=https://example.jp/2026/11/asaichi%3Futm_source%3Dx&ct=ga&usg=A",
        "  https://user:pass@example.jp/2026/11/asaichi ",
    ] {
        assert_eq!(folded(link), one, "{link}");
    }
}

#[test]
fn each_fold_says_what_it_means() {
    for (link, expected) in [
        ("https://example.jp", "https://example.jp"),
        ("https://example.jp/?b=2&a=1&b=1", "https://example.jp?a=1&b=2&b=1"),
        ("https://example.jp/a%7eb?q=a+b%2f", "https://example.jp/a~b?q=a%20b%2F"),
        ("https://日本語.jp/港", "https://xn--wgv71a119e.jp/%E6%B8%AF"),
        ("https://example.jp/%e6%b8%af/", "https://example.jp/%E6%B8%AF"),
        ("https://example.jp/?utm_source=x", "https://example.jp"),
        ("https://example.jp/p?ref=1234&source=tanaka", "https://example.jp/p?ref=1234&source=tanaka"),
        ("https://example.jp/#/notes/7", "https://example.jp#/notes/7"),
        ("https://www.co.jp/x", "https://www.co.jp/x"),
        ("https://www.city.kobe.lg.jp/x", "https://city.kobe.lg.jp/x"),
        ("https://www.gov.uk/x", "https://www.gov.uk/x"),
        ("https://www.nhk.jp/x", "https://nhk.jp/x"),
        ("https://ja.m.wikipedia.org/wiki/X", "https://ja.wikipedia.org/wiki/X"),
        ("https://m.example.jp/x", "https://m.example.jp/x"),
        ("https://youtu.be/abcDEF?si=tracking", "https://youtube.com/watch?v=abcDEF"),
        ("https://m.youtube.com/watch?v=abcDEF&feature=share", "https://youtube.com/watch?v=abcDEF"),
        ("https://mobile.twitter.com/a/status/1?s=20", "https://x.com/a/status/1"),
        ("http://example.jp:8080/x", "https://example.jp:8080/x"),
        ("http://192.0.2.7/x/", "https://192.0.2.7/x"),
        ("https://example.jp/100%", "https://example.jp/100%"),
    ] {
        assert_eq!(folded(link), expected, "{link}");
    }
    for none in ["", "mailto:a@example.jp", "ftp://example.jp/x", "example.jp/x", "https://"] {
        assert_eq!(canonical_url(none, None), None, "{none}");
    }
}

#[test]
fn a_page_may_name_itself_but_neither_another_site_nor_the_front_page() {
    let link = "https://news.example.jp/a?id=7";
    for (named, expected) in [
        ("https://www.example.jp/articles/7", "https://example.jp/articles/7"),
        ("/articles/7", "https://news.example.jp/articles/7"),
        ("https://news.example.jp/", "https://news.example.jp/a?id=7"),
        ("https://elsewhere.example.com/articles/7", "https://news.example.jp/a?id=7"),
        ("https://notnews.example.jp/7", "https://news.example.jp/a?id=7"),
        ("javascript:void(0)", "https://news.example.jp/a?id=7"),
    ] {
        assert_eq!(canonical_url(link, Some(named)).unwrap(), expected, "{named}");
    }
}

#[test]
fn lists_and_front_pages_name_no_page() {
    for page in [
        "https://example.jp/2026/11/24",
        "https://example.jp/night-market-opens-again",
        "https://example.jp/?p=123",
        "https://example.jp/articles/abc123",
        "https://example.jp/%E6%B8%AF%E3%81%AE%E6%9C%9D",
    ] {
        assert!(names_a_page(&folded(page)), "{page}");
    }
    for list in ["https://example.jp", "https://example.jp/news/", "https://example.jp/jobs?lang=ja", "x"] {
        assert!(!names_a_page(list), "{list}");
    }
    assert_eq!(place_on_page("https://example.jp/24.html#a1200").as_deref(), Some("a1200"));
    assert_eq!(place_on_page("https://example.jp/24.html#comments"), None);
    assert_eq!(place_on_page("https://example.jp/24.html#xtor=RSS-1"), None);
}

/// Addresses in the shapes feeds have them, each of a page of its own.
const DIFFERENT: &str = include_str!("different_pages.txt");

#[test]
fn different_pages_stay_different() {
    let mut seen = std::collections::BTreeMap::new();
    for link in DIFFERENT.lines().filter(|line| !line.is_empty()) {
        if let Some(other) = seen.insert(folded(link), link) {
            panic!("{other} and {link} are different pages");
        }
    }
    assert!(seen.len() >= 100, "{} addresses", seen.len());
}

proptest! {
    #[test]
    fn folding_twice_is_folding_once(link in "https?://(www\\.|m\\.){0,3}[a-z0-9日é.-]{1,12}(:[0-9]{1,4})?(/[a-z%2eE.;=A日/]{0,8}|/index\\.html?|;jsessionid=1|/amp/s/){0,5}(\\?[a-z_=&%+#2f]{0,20})?(#[!/a-z%]{0,5})?") {
        if let Some(once) = canonical_url(&link, None) {
            prop_assert_eq!(canonical_url(&once, None), Some(once.clone()), "{}", link);
        }
    }

    #[test]
    fn noise_never_merges_two_pages(a in 0usize..100, b in 0usize..100, noise in "(utm_[a-z]{1,8}=[a-z0-9]{0,8}|fbclid=[A-Za-z0-9]{4}|ref=rss)") {
        let links: Vec<&str> = DIFFERENT.lines().filter(|line| !line.is_empty() && !line.contains('#')).collect();
        let (a, b) = (links[a % links.len()], links[b % links.len()]);
        let joint = if a.contains('?') { '&' } else { '?' };
        let noisy = folded(&format!("{a}{joint}{noise}"));
        prop_assert_eq!(noisy == folded(b), a == b);
    }
}
