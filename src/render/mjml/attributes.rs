//! The attributes that the elements of MJML have here. mrml takes any, and makes nothing of those it does not know.

use htmlparser::{Token, Tokenizer};

use crate::domain::nearest::nearest;

/// What each element has: `padding*` is `padding` and that of each side, `@` what all have that stand in a column.
const KNOWN: [(&str, &str); 30] = [
    ("mjml", "dir lang owa"),
    ("mj-head", ""),
    ("mj-title", ""),
    ("mj-style", ""),
    ("mj-breakpoint", "width"),
    ("mj-font", "href name"),
    ("mj-attributes", ""),
    ("mj-body", "background-color css-class width"),
    ("mj-raw", ""),
    (
        "mj-wrapper",
        "background-color background-position background-position-x background-position-y background-repeat \
         background-size background-url border* border-radius css-class direction full-width padding* text-align",
    ),
    (
        "mj-section",
        "align background-color background-position background-position-x background-position-y background-repeat \
         background-size background-url border* border-radius css-class direction full-width padding* text-align",
    ),
    (
        "mj-column",
        "align background-color border* border-radius css-class direction inner-background-color inner-border* \
         inner-border-radius mobile-width padding* vertical-align width",
    ),
    (
        "mj-group",
        "align background-color border border-left border-right css-class direction inner-border \
         inner-border-left inner-border-right padding padding-left padding-right vertical-align width",
    ),
    (
        "mj-hero",
        "align background-color background-height background-position background-url background-width css-class \
         height inner-background-color inner-padding* mode padding* vertical-align width",
    ),
    (
        "mj-text",
        "@ color font-family font-size font-style font-weight height letter-spacing line-height text-decoration \
         text-transform",
    ),
    ("mj-table", "@ border cellpadding cellspacing color font-family font-size line-height table-layout width"),
    ("mj-divider", "@ border-color border-style border-width width"),
    ("mj-spacer", "@ height"),
    (
        "mj-button",
        "@ background-color border* border-radius color font-family font-size font-style font-weight height href \
         inner-padding inner-padding-left inner-padding-right letter-spacing line-height line-spacing name rel \
         target text-align text-decoration text-transform width",
    ),
    (
        "mj-image",
        "@ alt border border-left border-radius border-right bottom fluid-on-mobile font-size full-width height \
         href left max-height name rel right src srcset target title top usemap width",
    ),
    (
        "mj-social",
        "@ border-radius color font-family font-size font-style font-weight icon-height icon-padding icon-size \
         inner-padding line-height mode text-decoration text-padding",
    ),
    (
        "mj-social-element",
        "align alt background-color border-radius color css-class font-family font-size font-style font-weight \
         href icon-height icon-padding icon-size line-height name padding* rel src target text-decoration \
         text-padding title vertical-align",
    ),
    (
        "mj-navbar",
        "@ base-url hamburger ico-align ico-close ico-color ico-font-family ico-font-size ico-line-height \
         ico-open ico-padding* ico-text-decoration ico-text-transform",
    ),
    (
        "mj-navbar-link",
        "color css-class font-family font-size font-style font-weight href letter-spacing line-height name \
         navbar-base-url padding* rel target text-decoration text-transform",
    ),
    (
        "mj-accordion",
        "@ border font-family icon-align icon-height icon-position icon-unwrapped-alt icon-unwrapped-url \
         icon-width icon-wrapped-alt icon-wrapped-url",
    ),
    (
        "mj-accordion-element",
        "background-color border css-class font-family icon-align icon-height icon-position icon-unwrapped-alt \
         icon-unwrapped-url icon-width icon-wrapped-alt icon-wrapped-url",
    ),
    (
        "mj-accordion-title",
        "background-color border color css-class font-family font-size icon-align icon-height icon-position \
         icon-unwrapped-alt icon-unwrapped-url icon-width icon-wrapped-alt icon-wrapped-url padding*",
    ),
    (
        "mj-accordion-text",
        "background-color border color css-class font-family font-size font-weight letter-spacing line-height \
         padding*",
    ),
    (
        "mj-carousel",
        "@ border-radius icon-width left-icon right-icon tb-border tb-border-radius tb-hover-border-color \
         tb-selected-border-color tb-width thumbnails",
    ),
    (
        "mj-carousel-image",
        "alt border-radius css-class href rel src target tb-border tb-border-radius tb-width thumbnails-src title",
    ),
];
/// The sides of what ends in `*`.
const SIDES: [&str; 5] = ["", "-top", "-right", "-bottom", "-left"];
/// What `@` stands for.
const IN_A_COLUMN: &str = "align container-background-color css-class padding* vertical-align";

/// Returns what MJML makes nothing of in this text: where it begins, and what it is.
pub(super) fn warnings(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut element = "";
    // Where this cannot be read on, the parser says why.
    for token in Tokenizer::from(text).map_while(Result::ok) {
        match token {
            Token::ElementStart { local, span, .. } => {
                element = local.as_str();
                // Those two are refused.
                let refused = ["mj-include", "mj-preview"].contains(&element);
                if element.starts_with("mj") && !refused && known(element).is_none() {
                    let meant = meant(element, KNOWN.iter().map(|(name, _)| *name));
                    let problem = format!("MJML: there is no element `{element}`, so it stays as it is{meant}");
                    found.push((span.start(), problem));
                }
            }
            Token::Attribute { local, span, .. } => {
                let (name, known) = (local.as_str(), known(element));
                if let Some(known) = known.filter(|known| !known.iter().any(|known| known == name)) {
                    let meant = meant(name, known.iter().map(String::as_str));
                    let problem = format!("MJML: `{element}` has no attribute `{name}` here, so it is ignored{meant}");
                    found.push((span.start(), problem));
                }
            }
            _ => {}
        }
    }
    found
}

/// Returns the attributes of an element, if there is such an element.
fn known(element: &str) -> Option<Vec<String>> {
    match element {
        // What they say is for any element.
        "mj-all" => Some(all()),
        "mj-class" => Some(all().into_iter().chain(["name".to_owned()]).collect()),
        _ => KNOWN.iter().find(|(name, _)| *name == element).map(|(_, attributes)| spelt_out(attributes)),
    }
}

fn all() -> Vec<String> {
    KNOWN.iter().flat_map(|(_, attributes)| spelt_out(attributes)).collect()
}

fn spelt_out(attributes: &str) -> Vec<String> {
    let names = attributes.replace('@', IN_A_COLUMN);
    let each = names.split_whitespace().flat_map(|name| match name.strip_suffix('*') {
        Some(stem) => SIDES.map(|side| format!("{stem}{side}")).to_vec(),
        None => vec![name.to_owned()],
    });
    // What has any may have them from a class.
    let class = names.contains("css-class").then(|| "mj-class".to_owned());
    each.chain(class).collect()
}

fn meant<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(written, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::mjml::rendered;
    use crate::render::source::Source;

    /// Where elements can be, `@` standing for their attributes: some of these make a difference beside others only.
    const PLACES: [(&str, &str); 40] = [
        ("mjml", "<mjml @><mj-body></mj-body></mjml>"),
        ("mj-head", "<mjml><mj-head @></mj-head><mj-body></mj-body></mjml>"),
        ("mj-title", "<mj-title @>x</mj-title>"),
        ("mj-style", "<mj-style @>a{}</mj-style>"),
        ("mj-breakpoint", "<mj-breakpoint @ />"),
        ("mj-attributes", "<mj-attributes @></mj-attributes>"),
        ("mj-body", "<mjml><mj-body @><mj-section></mj-section></mj-body></mjml>"),
        ("mj-wrapper", "<mj-wrapper @><mj-section></mj-section></mj-wrapper>"),
        ("mj-wrapper", "<mj-wrapper background-url='x' @><mj-section></mj-section></mj-wrapper>"),
        ("mj-section", "<mj-section @><mj-column></mj-column></mj-section>"),
        ("mj-section", "<mj-section background-url='x' @><mj-column></mj-column></mj-section>"),
        ("mj-section", "<mj-wrapper><mj-section @></mj-section></mj-wrapper>"),
        ("mj-column", "<mj-section><mj-column @><mj-image src='x' /></mj-column></mj-section>"),
        ("mj-column", "<mj-section><mj-column padding='1px' @><mj-image src='x' /></mj-column></mj-section>"),
        ("mj-column", "<mj-section><mj-column width='9px' @></mj-column></mj-section>"),
        ("mj-group", "<mj-section><mj-group @><mj-column><mj-image /></mj-column></mj-group></mj-section>"),
        ("mj-hero", "<mj-hero @><mj-text>x</mj-text></mj-hero>"),
        ("mj-hero", "<mj-hero background-url='x' background-width='9px' @><mj-text>x</mj-text></mj-hero>"),
        ("mj-raw", "<mj-raw @>x</mj-raw>"),
        ("mj-text", "<mj-text @>x</mj-text>"),
        ("mj-table", "<mj-table @><tr><td>x</td></tr></mj-table>"),
        ("mj-divider", "<mj-divider @ />"),
        ("mj-spacer", "<mj-spacer @ />"),
        ("mj-button", "<mj-button @>x</mj-button>"),
        ("mj-button", "<mj-button href='x' @>x</mj-button>"),
        ("mj-button", "<mj-button width='90px' @>x</mj-button>"),
        ("mj-image", "<mj-image src='x' href='x' @ />"),
        ("mj-image", "<mj-image src='x' width='9px' @ />"),
        ("mj-social", "<mj-social @><mj-social-element name='facebook' href='x'>x</mj-social-element></mj-social>"),
        ("mj-social-element", "<mj-social><mj-social-element @>x</mj-social-element></mj-social>"),
        ("mj-social-element", "<mj-social><mj-social-element name='x' href='x' @>x</mj-social-element></mj-social>"),
        ("mj-navbar", "<mj-navbar @><mj-navbar-link href='x'>x</mj-navbar-link></mj-navbar>"),
        ("mj-navbar", "<mj-navbar hamburger='hamburger' @></mj-navbar>"),
        ("mj-navbar-link", "<mj-navbar><mj-navbar-link href='x' @>x</mj-navbar-link></mj-navbar>"),
        ("mj-accordion", "<mj-accordion @><mj-accordion-element>#</mj-accordion-element></mj-accordion>"),
        ("mj-accordion-element", "<mj-accordion><mj-accordion-element @>#</mj-accordion-element></mj-accordion>"),
        ("mj-accordion-title", "<mj-accordion><mj-accordion-element>#</mj-accordion-element></mj-accordion>"),
        ("mj-accordion-text", "<mj-accordion><mj-accordion-element>#</mj-accordion-element></mj-accordion>"),
        ("mj-carousel", "<mj-carousel @><mj-carousel-image src='x' /><mj-carousel-image src='y' /></mj-carousel>"),
        ("mj-carousel-image", "<mj-carousel><mj-carousel-image src='x' href='x' @ /></mj-carousel>"),
    ];
    /// One of them makes a difference, whatever an attribute holds.
    const VALUES: [&str; 15] = [
        "7px",
        "#010203",
        "right",
        "bottom",
        "rtl",
        "7px solid red",
        "50%",
        "x",
        "full-width",
        "fluid",
        "true",
        "hidden",
        "hamburger",
        "vertical",
        "no-repeat",
    ];
    /// What other writers of MJML make something of.
    const ELSEWHERE: [&str; 8] =
        ["aria-label", "owa-tracker", "text-padding", "sizes", "inline", "position", "class", "style"];

    /// Returns nothing where attributes are refused.
    fn html(element: &str, place: &str, attributes: &str) -> Option<String> {
        let [title, text] = ["title", "text"].map(|part| format!("mj-accordion-{part}"));
        let own = |part: &str| if part == element { attributes } else { "" };
        let inner = format!("<{title} {}>x</{title}><{text} {}>x</{text}>", own(&title), own(&text));
        let place = place.replace('@', attributes).replace('#', &inner);
        let stands = |names: &[&str]| names.iter().any(|name| place.starts_with(&format!("<mj{name}")));
        let whole = if stands(&["ml"]) {
            place
        } else if stands(&["-title", "-style", "-breakpoint", "-attributes"]) {
            format!("<mjml><mj-head>{place}</mj-head><mj-body><mj-section><mj-column /></mj-section></mj-body></mjml>")
        } else if stands(&["-wrapper", "-section", "-hero"]) {
            format!("<mjml><mj-body>{place}</mj-body></mjml>")
        } else {
            format!("<mjml><mj-body><mj-section><mj-column>{place}</mj-column></mj-section></mj-body></mjml>")
        };
        rendered(&Source::written_as("x.hbs", &whole)).ok()
    }

    /// Returns whether these attributes, each with the same value, change anything.
    fn makes_a_difference(element: &str, names: &[String]) -> bool {
        let places = PLACES.iter().filter(|(name, _)| *name == element).map(|(_, place)| *place);
        let written = |value: &str| names.iter().map(|name| format!("{name}='{value}' ")).collect::<String>();
        places.into_iter().any(|place| {
            let without = html(element, place, "").unwrap();
            VALUES.iter().any(|value| html(element, place, &written(value)).is_some_and(|html| html != without))
        })
    }

    /// mrml says nowhere what it knows, and may know more one day.
    #[test]
    fn what_is_known_makes_a_difference_and_nothing_else_does() {
        // Some change nothing here: one is for a mail program of old, classes and typefaces are defined elsewhere.
        let elsewhere = |element: &str, name: &str| name == "mj-class" || element == "mj-font" || name == "owa";
        let everything: Vec<String> = all().into_iter().chain(ELSEWHERE.map(str::to_owned)).collect();
        for (element, _) in KNOWN.iter().filter(|(element, _)| *element != "mj-font") {
            let known = known(element).unwrap();
            for name in known.iter().filter(|name| !elsewhere(element, name)) {
                assert!(makes_a_difference(element, std::slice::from_ref(name)), "{element}: {name} is taken for one");
            }
            let others: Vec<_> =
                everything.iter().filter(|name| !known.contains(name) && *name != "mj-class").cloned().collect();
            assert!(!makes_a_difference(element, &others), "{element} has more than is known");
        }
    }

    #[test]
    fn what_is_misspelt_is_told_where_it_stands() {
        let text = "<mjml><mj-head><mj-attributes>\n<mj-all colr='x' /><mj-class name='x' color='y' /></mj-attributes>\
            </mj-head><mj-body>\n<mj-section padding-top='1px' paddding='{{#if a}}1{{/if}}'><mj-txt colour=\"x\">\n\
            <p anything='x'>x</p></mj-txt></mj-section></mj-body></mjml>";
        let found: Vec<_> = warnings(text).into_iter().map(|(at, problem)| (&text[at..at + 6], problem)).collect();
        assert_eq!(
            found,
            [
                ("colr='", "MJML: `mj-all` has no attribute `colr` here, so it is ignored; did you mean `color`?"),
                (
                    "padddi",
                    "MJML: `mj-section` has no attribute `paddding` here, so it is ignored; did you mean `padding`?"
                ),
                ("<mj-tx", "MJML: there is no element `mj-txt`, so it stays as it is; did you mean `mj-text`?"),
            ]
            .map(|(at, problem)| (at, problem.to_owned()))
        );
        assert_eq!(warnings("<mj-text color='red'"), [], "what cannot be read is told elsewhere");
    }
}
