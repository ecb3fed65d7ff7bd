//! From bytes to text: a byte-order mark outranks the HTTP charset, which outranks the XML prolog (RFC 7303 §3).
//!
//! feed-rs believes the prolog alone, so it is only ever given UTF-8. Old Japanese sites still serve Shift_JIS and
//! EUC-JP, some with the charset in one place, some in the other, and some with a wrong one in the first. Where the
//! bytes contradict a label, the bytes are believed.

use encoding_rs::{EUC_JP, Encoding, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The prolog stands at the very beginning; what is further down is not it.
const PROLOG_WINDOW_BYTES: usize = 1024;

/// Decodes a document. `content_type` is the HTTP header, where there was one.
pub(super) fn decode(body: &[u8], content_type: Option<&str>) -> String {
    if let Some((encoding, bom_length)) = Encoding::for_bom(body) {
        return encoding.decode_without_bom_handling(&body[bom_length..]).0.into_owned();
    }
    let declared = [content_type.and_then(http_charset), prolog_charset(body)];
    // Any bytes fit a Western label, which servers add unasked, so it comes last. Any other wrong label shows: its
    // decoding has holes. Then the next one gets its chance.
    let (western, telling): (Vec<_>, Vec<_>) = declared.into_iter().flatten().partition(|e| *e == WINDOWS_1252);
    for encoding in telling.into_iter().chain([UTF_8]).chain(western) {
        if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(body) {
            return text.into_owned();
        }
    }
    // Japanese sites most often forget to declare these two. Almost any bytes are Shift_JIS, hence the second look.
    for encoding in [EUC_JP, SHIFT_JIS] {
        let text = encoding.decode_without_bom_handling_and_without_replacement(body);
        if let Some(text) = text.filter(|text| reads_as_japanese(text)) {
            return text.into_owned();
        }
    }
    // Nothing fits everywhere: one broken character should not cost the whole feed.
    let encoding = declared.into_iter().flatten().next().unwrap_or(WINDOWS_1252);
    encoding.decode_without_bom_handling(body).0.into_owned()
}

/// Returns whether a good part of the characters beyond ASCII is kana: Japanese always has them, mistaken bytes do not.
fn reads_as_japanese(text: &str) -> bool {
    let foreign = text.chars().filter(|c| !c.is_ascii()).count();
    let kana = text.chars().filter(|c| matches!(c, '\u{3040}'..='\u{30ff}')).count();
    kana * 10 >= foreign
}

/// Returns the charset parameter of a `Content-Type`, if we know it.
fn http_charset(content_type: &str) -> Option<&'static Encoding> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| known(value.trim().trim_matches(['"', '\''])))?
    })
}

/// Returns the encoding an XML prolog declares, or UTF-16 where its bytes say so.
fn prolog_charset(body: &[u8]) -> Option<&'static Encoding> {
    match body {
        [b'<', 0, ..] => return Some(UTF_16LE),
        [0, b'<', ..] => return Some(UTF_16BE),
        _ => {}
    }
    let window = String::from_utf8_lossy(&body[..body.len().min(PROLOG_WINDOW_BYTES)]);
    let prolog = window.trim_start().strip_prefix("<?xml")?;
    let prolog = &prolog[..prolog.find("?>")?];
    let value = prolog.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let encoding = known(value[1..].split(quote).next()?.trim())?;
    // We could read the prolog byte by byte, so two bytes a character is not what it is in.
    (encoding != UTF_16LE && encoding != UTF_16BE).then_some(encoding)
}

fn known(label: &str) -> Option<&'static Encoding> {
    // The labels of encodings unsafe to decode (UTF-7's relatives) all lead to "replacement", which decodes nothing.
    Encoding::for_label_no_replacement(label.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str =
        "<?xml version=\"1.0\" encoding=\"LABEL\"?><rss><title>日本の求人、新着</title><a>のです</a></rss>";

    fn labelled(label: &str, encoding: &'static Encoding) -> Vec<u8> {
        encoding.encode(&DOCUMENT.replace("LABEL", label)).0.into_owned()
    }

    fn utf16(text: &str, big_endian: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    }

    #[test]
    fn the_prolog_is_believed_when_nothing_else_speaks() {
        for (label, encoding) in [
            ("Shift_JIS", SHIFT_JIS),
            ("shift-jis", SHIFT_JIS),
            ("Windows-31J", SHIFT_JIS),
            ("EUC-JP", EUC_JP),
            ("ISO-2022-JP", encoding_rs::ISO_2022_JP),
            ("utf-8", UTF_8),
        ] {
            assert!(decode(&labelled(label, encoding), None).contains("日本の求人、新着"), "{label}");
        }
    }

    #[test]
    fn the_http_charset_outranks_the_prolog() {
        for label in ["UTF-8", "EUC-JP"] {
            let body = labelled(label, SHIFT_JIS);
            assert!(decode(&body, Some("text/xml; charset=Shift_JIS")).contains("日本の求人、新着"));
            assert!(decode(&body, Some("text/xml;Charset=\"shift_jis\"; q=1")).contains("日本の求人、新着"));
        }
    }

    #[test]
    fn a_byte_order_mark_outranks_both() {
        let utf8 = [b"\xef\xbb\xbf", DOCUMENT.as_bytes()].concat();
        assert!(decode(&utf8, Some("text/xml; charset=Shift_JIS")).starts_with("<?xml"));
        let little = [b"\xff\xfe", utf16(DOCUMENT, false).as_slice()].concat();
        let big = [b"\xfe\xff", utf16(DOCUMENT, true).as_slice()].concat();
        for body in [little, big] {
            assert_eq!(decode(&body, Some("text/xml; charset=utf-8")), DOCUMENT);
        }
    }

    #[test]
    fn utf_16_without_a_mark_is_seen_by_its_zeros() {
        assert_eq!(decode(&utf16(DOCUMENT, false), None), DOCUMENT);
        assert_eq!(decode(&utf16(DOCUMENT, true), None), DOCUMENT);
        // A prolog that says so in ASCII is mistaken.
        assert!(decode(&labelled("UTF-16", UTF_8), None).contains("日本の求人、新着"));
    }

    #[test]
    fn a_label_that_does_not_fit_gives_way() {
        assert!(decode(&labelled("UTF-8", SHIFT_JIS), None).contains("日本の求人、新着"));
        assert!(decode(&labelled("UTF-8", EUC_JP), None).contains("日本の求人、新着"));
        assert!(decode(&labelled("utf-8", UTF_8), Some("text/xml; charset=euc-jp")).contains("日本の求人、新着"));
        assert!(decode(&labelled("utf-8", UTF_8), Some("text/xml; charset=iso-8859-1")).contains("日本の求人、新着"));
        assert!(decode(&labelled("ISO-8859-1", UTF_8), None).contains("日本の求人、新着"));
        assert!(decode(b"<?xml version='1.0' encoding='ISO-8859-1'?><a>caf\xe9</a>", None).contains("caf\u{e9}"));
        assert!(decode(&labelled("x-unknown", UTF_8), Some("text/xml; charset=utf-7")).contains("日本の求人、新着"));
    }

    #[test]
    fn one_broken_byte_costs_one_character() {
        let mut body = labelled("UTF-8", UTF_8);
        let at = body.len() - 10;
        body.splice(at..at, [0xff, 0x81]);
        assert!(decode(&body, None).contains("日本の求人"));
        // A typographer's apostrophe of Windows in an English feed does not make it Japanese.
        let english = b"<?xml version=\"1.0\" encoding=\"utf-8\"?><rss><title>Tokyo\x92s jobs</title></rss>";
        assert!(decode(english, None).contains("Tokyo\u{fffd}s jobs"));
    }
}
