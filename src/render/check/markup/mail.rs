//! What the HTML of a mail may consist of: elements that mail programs show, nothing that runs, hides or loads.

use super::css::{self, Declaration};
use super::scan::{Attribute, Element, PRINTED, Scan};
use super::values::Finding;

/// Every element that shows text, or orders it.
#[rustfmt::skip]
const ELEMENTS: [&str; 80] = [
    "html", "head", "meta", "title", "style", "body", "a", "abbr", "acronym", "address", "area", "article", "aside", "b",
    "bdi", "bdo", "big", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "dfn",
    "div", "dl", "dt", "em", "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
    "i", "img", "ins", "kbd", "li", "main", "map", "mark", "nav", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp",
    "section", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time",
    "tr", "tt", "u", "ul",
];
/// Elements that only Outlook reads, in comments, and rarer ones.
const OF_OUTLOOK: [&str; 4] = ["xml", "var", "wbr", "rtc"];
/// What `<meta http-equiv>` may say: nothing that leads elsewhere.
const HTTP_EQUIV: [&str; 3] = ["content-type", "content-language", "x-ua-compatible"];

/// What a mail was found to have in it.
#[derive(Default)]
pub(super) struct Found {
    pub(super) errors: Vec<Finding>,
    pub(super) warnings: Vec<Finding>,
}

/// Returns what is wrong with the elements and styles of a template of a mail.
pub(super) fn look(scan: &Scan, mjml: bool) -> Found {
    let mut found = Found::default();
    for element in &scan.elements {
        let of_mjml = mjml && (element.name == "mjml" || element.name.starts_with("mj-"));
        if let Some(problem) = refuse_element(&element.name).filter(|_| !of_mjml && !element.name.is_empty()) {
            found.errors.push((element.at, problem));
        }
        for attribute in &element.attributes {
            self::attribute(scan, element, attribute, &mut found);
        }
    }
    for (name, start, end) in &scan.raw {
        if matches!(name.as_str(), "style" | "mj-style") {
            found.errors.extend(in_style(&scan.masked, *start, *end));
        }
    }
    found
}

fn attribute(scan: &Scan, element: &Element, attribute: &Attribute, found: &mut Found) {
    let Attribute { name, at, value: (start, end) } = attribute;
    let value = scan.masked[*start..*end].trim();
    if let Some(problem) = refuse_attribute(&element.name, name, value) {
        found.errors.push((*at, problem));
    } else if name == "style" {
        found.errors.extend(in_style(&scan.masked, *start, *end));
    } else if fetches(name) && is_elsewhere(value) {
        let problem = format!(
            "`{value}` is fetched from there whenever a reader opens the mail, which tells that host who reads it and when: \
             let it be a host of yours"
        );
        found.warnings.push((*start, problem));
    }
}

/// Returns whether an attribute names a picture.
pub(super) fn fetches(name: &str) -> bool {
    matches!(name, "src" | "background")
}

/// Returns whether an address is that of another host, as far as can be told.
pub(super) fn is_elsewhere(address: &str) -> bool {
    let address = address.trim().replace('\\', "/").to_ascii_lowercase();
    address.starts_with("http:") || address.starts_with("https:") || address.starts_with("//")
}

/// Returns why an element has no place in a mail.
pub(super) fn refuse_element(name: &str) -> Option<String> {
    let of_outlook = ["o:", "v:", "w:"].iter().any(|prefix| name.starts_with(prefix)) || OF_OUTLOOK.contains(&name);
    let known = ELEMENTS.contains(&name) || of_outlook;
    (!known).then(|| format!("`<{name}` has no place in a mail: mail programs drop it, or the whole mail"))
}

/// Returns why an attribute has no place in a mail.
pub(super) fn refuse_attribute(element: &str, name: &str, value: &str) -> Option<String> {
    match name {
        "hidden" => Some("`hidden` hides text, which mailbox providers punish; leave the text out".to_owned()),
        "srcset" | "imagesrcset" | "poster" | "data" | "lowsrc" | "dynsrc" | "ping" | "action" | "formaction"
        | "srcdoc" => Some(format!("`{name}` has no place in a mail: it fetches or sends more than a picture")),
        "background-url" => Some(format!(
            "`{name}` becomes `url()` in a style, which has no place in a mail: a picture is an `<mj-image>`"
        )),
        "http-equiv" if element == "meta" && !HTTP_EQUIV.contains(&value.to_ascii_lowercase().as_str()) => {
            Some(format!("`http-equiv={value}` has no place in a mail: mail programs drop it, or the whole mail"))
        }
        _ => None,
    }
}

/// Returns what hides, loads or runs in CSS; places are those in `text`.
fn in_style(text: &str, start: usize, end: usize) -> Vec<Finding> {
    let css = &text[start..end];
    let mut found = Vec::new();
    for block in css::blocks(css) {
        if let Some((of, _)) = css::hides(&block) {
            let problem = format!("`{}` hides text, which mailbox providers punish; leave the text out", of.shown());
            found.push((start + of.at, problem));
        }
        for of in block.iter().filter(|of| of.loads() || of.runs()) {
            let url = css[of.at..].to_ascii_lowercase().find("url(").filter(|_| of.value.contains("url("));
            found.push((start + of.at + url.unwrap_or(0), refuse_declaration(of)));
        }
    }
    found
}

/// Returns why a declaration that loads or runs has no place in a mail.
pub(super) fn refuse_declaration(of: &Declaration) -> String {
    let shown = of.shown().replace(PRINTED, "");
    format!("`{shown}` has no place in a mail: it loads or runs something; a picture is an `<img>`")
}
