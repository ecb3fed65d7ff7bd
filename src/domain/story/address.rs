//! The canonical form of a link: the same text for every spelling of one page's address.
//!
//! It is for comparing and never for following: it always says `https`, and some servers know only the spelling the
//! feed gave. Where it is not certain that two spellings lead to one page they stay two; equal titles find the rest.

use url::Url;

use super::tracking::is_tracking;

/// Top-level names of two labels: of `www.co.jp`, `www` is the name and no ornament.
const SECOND_LEVEL: [&str; 17] =
    ["ac", "ad", "co", "com", "ed", "edu", "go", "gob", "gouv", "gov", "gr", "lg", "mil", "ne", "net", "or", "org"];
/// Hosts that show the pages of another one to telephones, or used to be it. Each is documented by its owner.
const SAME_SITE: [(&str, &str); 8] = [
    ("m.youtube.com", "youtube.com"),
    ("m.facebook.com", "facebook.com"),
    ("mobile.twitter.com", "x.com"),
    ("m.twitter.com", "x.com"),
    ("twitter.com", "x.com"),
    ("mobile.x.com", "x.com"),
    ("old.reddit.com", "reddit.com"),
    ("amp.reddit.com", "reddit.com"),
];
/// Wrappers in wrappers are unwrapped this often.
const MAX_WRAPPERS: usize = 4;

/// Returns the canonical form of a link, or `None` if it is no web address.
///
/// `canonical` is what the page behind it names with `rel=canonical` (RFC 6596), where it was fetched. It counts if it
/// is on the same site and does not lead to the front page: templates that name the front page on every page are
/// common, and a page that could name another site's would take that site's story over. The same text on two sites
/// has the same title, too.
pub fn canonical_url(link: &str, canonical: Option<&str>) -> Option<String> {
    let link = parse(link)?;
    let named = canonical.and_then(|named| link.join(named.trim()).ok()).filter(|named| may_speak_for(named, &link));
    let mut folded = fold(named.unwrap_or(link));
    // What is taken away may leave something to fold: a path that ends in a dot, a host that is a number.
    for _ in 0..MAX_WRAPPERS {
        match parse(&folded).map(fold) {
            Some(again) if again != folded => folded = again,
            _ => break,
        }
    }
    Some(folded)
}

/// Returns whether a canonical link says which page it is. One without a path of its own is the front page, and one
/// like `/news` or `/jobs` is a list, whose entries may all link to it.
pub fn names_a_page(canonical: &str) -> bool {
    let Some(url) = parse(canonical) else { return false };
    if url.query().is_some_and(|query| query.bytes().any(|byte| byte.is_ascii_digit())) {
        return true;
    }
    let last = url.path().rsplit('/').next().unwrap_or_default();
    last.bytes().any(|byte| byte.is_ascii_digit())
        || last.split(['-', '_']).filter(|word| !word.is_empty()).count() >= 3
        || last.len() >= 24
}

/// Returns the place on the page a link leads to, if it names one.
pub fn place_on_page(link: &str) -> Option<String> {
    let url = parse(link)?;
    // `#comments` and the like are the page itself; so is what counts visitors (`#xtor=`, `#Echobox=`).
    url.fragment()
        .filter(|name| name.bytes().any(|byte| byte.is_ascii_digit()) && !name.contains('='))
        .map(str::to_owned)
}

fn parse(link: &str) -> Option<Url> {
    let mut url = Url::parse(link.trim()).ok()?;
    // The root's dot at the end changes nothing, and a host of dots alone is none.
    let host = url.host_str()?.trim_end_matches('.').to_owned();
    url.set_host(Some(&host)).ok()?;
    (matches!(url.scheme(), "http" | "https") && !host.is_empty()).then_some(url)
}

fn may_speak_for(named: &Url, link: &Url) -> bool {
    let (Some(named_host), Some(host)) = (named.host_str().map(bare_host), link.host_str().map(bare_host)) else {
        return false;
    };
    let related = named_host == host
        || host.strip_suffix(&named_host).is_some_and(|rest| rest.ends_with('.'))
        || named_host.strip_suffix(&host).is_some_and(|rest| rest.ends_with('.'));
    let front = |url: &Url| url.path().trim_matches('/').is_empty() && url.query().is_none();
    matches!(named.scheme(), "http" | "https") && related && (!front(named) || front(link))
}

fn fold(mut url: Url) -> String {
    for _ in 0..MAX_WRAPPERS {
        match unwrapped(&url) {
            Some(inner) => url = inner,
            None => break,
        }
    }
    let mut host = bare_host(url.host_str().unwrap_or_default());
    let (mut path, mut query) = (path(&url), query(&url, &host));
    if host == "youtu.be"
        && let Some(video) = path.strip_prefix('/').filter(|video| !video.is_empty() && !video.contains('/'))
    {
        // Both lead to the same film, and its number is all that counts.
        query = vec![format!("v={video}")];
        (host, path) = ("youtube.com".to_owned(), "/watch".to_owned());
    }
    let port = url.port().filter(|port| *port != 443).map(|port| format!(":{port}")).unwrap_or_default();
    let mut folded = format!("https://{host}{port}{path}");
    if !query.is_empty() {
        folded.push('?');
        folded.push_str(&query.join("&"));
    }
    // Pages that live behind a mark (`#!/notes/7`, `#/notes/7`) are told apart by nothing else.
    if let Some(route) = url.fragment().filter(|fragment| fragment.starts_with('/') || fragment.starts_with('!')) {
        folded.push('#');
        folded.push_str(&unreserved(route));
    }
    folded
}

/// Returns the host without what does not tell sites apart.
fn bare_host(host: &str) -> String {
    let mut host = host.trim_end_matches('.').to_ascii_lowercase();
    // By convention since the nineties `www` is the site itself, and sites that answer on both names answer the same.
    // What must stay is the `www` without which only a registry's suffix would be left.
    while let Some(rest) = host.strip_prefix("www.") {
        let mut labels = rest.split('.');
        let suffix_only = match (labels.next(), labels.next(), labels.next()) {
            (Some(second), Some(top), None) => top.len() == 2 && SECOND_LEVEL.contains(&second),
            (_, None, _) => true,
            _ => false,
        };
        if suffix_only {
            break;
        }
        host = rest.to_owned();
    }
    // `ja.m.wikipedia.org`, and so in every language.
    if let Some(language) = host.strip_suffix(".m.wikipedia.org") {
        return format!("{language}.wikipedia.org");
    }
    SAME_SITE.iter().find(|(from, _)| *from == host).map_or(host, |(_, to)| (*to).to_owned())
}

/// Returns the address inside one that only leads on: a cached page, or a link of an alert.
fn unwrapped(url: &Url) -> Option<Url> {
    let host = url.host_str()?;
    let inside = if host.ends_with(".cdn.ampproject.org") {
        // /c/s/host/path: a page, from a server with TLS (AMP cache URL format).
        url.path().strip_prefix("/c/").or_else(|| url.path().strip_prefix("/v/"))
    } else if host.strip_prefix("www.").unwrap_or(host).starts_with("google.") {
        if url.path() == "/url" {
            let target = url.query_pairs().find(|(name, _)| name == "url" || name == "q")?.1;
            return parse(&target);
        }
        url.path().strip_prefix("/amp/")
    } else {
        None
    }?;
    let inside = inside.strip_prefix("s/").unwrap_or(inside);
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    parse(&format!("https://{inside}{query}")).filter(|inner| inner.host_str().is_some_and(|host| host.contains('.')))
}

fn path(url: &Url) -> String {
    let mut path = unreserved(url.path());
    // A session, not a page (Servlet specification §7.1.3).
    if let Some(at) = path.to_ascii_lowercase().find(";jsessionid=") {
        path.truncate(at);
    }
    loop {
        let before = path.len();
        path.truncate(path.trim_end_matches('/').len());
        for index in ["/index.html", "/index.htm"] {
            if path.ends_with(index) {
                path.truncate(path.len() - index.len());
            }
        }
        if path.len() == before {
            return path;
        }
    }
}

/// Returns the parameters that say which page it is, by name; those of the same name keep their order.
fn query(url: &Url, host: &str) -> Vec<String> {
    let mut kept: Vec<String> = url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| unreserved(&pair.replace('+', "%20")))
        .filter(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            !is_tracking(name, value, host)
        })
        .collect();
    kept.sort_by(|a, b| name_of(a).cmp(name_of(b)));
    kept
}

fn name_of(pair: &str) -> &str {
    pair.split('=').next().unwrap_or_default()
}

/// Returns the text with escapes of unreserved characters undone, and the hex digits of the others in capitals
/// (RFC 3986 §6.2.2).
fn unreserved(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let hex = rest.get(1..3).filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) else {
            out.push('%');
            rest = &rest[1..];
            continue;
        };
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        rest = &rest[3..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;
