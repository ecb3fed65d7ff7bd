//! A letter encoded once, and addressed as often as it has readers.
//!
//! Of a thousand copies all but a few bytes are the same: the address, the message id and the token in the links. The
//! body is built and encoded by lettre once, with a stand-in for the token, and each copy only writes its own token
//! over it. In base64 a token's letters have no place of their own, so the groups of four characters it is part of
//! are encoded anew.

use base64::{Engine, engine::general_purpose::STANDARD};
use lettre::message::{MultiPart, MultiPartKind, SinglePart, header::ContentTransferEncoding};
use sha2::{Digest, Sha256};

use super::message::{ComposeError, body_text, headers};
use crate::domain::issue::Letter;

/// What stands in the place of a token in a copy that belongs to no subscriber. It opens no page, and says so.
pub const NO_TOKEN: &str = "sample";

/// A letter whose body is encoded, for tokens of one length.
#[derive(Debug)]
pub struct Form {
    letter: Letter,
    body: Vec<u8>,
    token_len: usize,
    places: Vec<Place>,
}

/// Where a token stands in the encoded body.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// As it is: the place of each of its characters. They need not be neighbours, since a soft line break may stand
    /// between them.
    Plain(Vec<usize>),
    /// In groups that say `said`, with a token at each of `tokens`: the place of each character. Two tokens that share a
    /// group are written together.
    Base64 { said: Vec<u8>, tokens: Vec<usize>, at: Vec<usize> },
}

impl Form {
    /// Encodes the body of `letter` for tokens of `token_len` characters.
    pub fn new(letter: &Letter, token_len: usize) -> Self {
        // Two stand-ins that differ everywhere: where the two bodies differ, there the token is.
        let [parts, others] = ['k', 'w'].map(|stand_in| parts(letter, &stand_in.to_string().repeat(token_len)));
        let mut places = Vec::new();
        let encoded = parts.each_ref().map(|part| (part.raw_body().to_vec(), encoding(part)));
        let [text, html] = parts;
        let whole = MultiPart::builder()
            .kind(MultiPartKind::Alternative)
            .boundary(boundary(letter))
            // The last one is the one to prefer (RFC 2046 §5.1.4).
            .singlepart(text)
            .singlepart(html);
        let body = whole.formatted();
        let mut from = 0;
        for ((part, encoding), other) in encoded.iter().zip(&others) {
            let start = from + find(&body[from..], part).expect("a part is in the whole");
            places.extend(places_in(part, other.raw_body(), *encoding, token_len, start));
            from = start + part.len();
        }
        Self { letter: letter.clone(), body, token_len, places }
    }

    /// Returns the letter.
    pub fn letter(&self) -> &Letter {
        &self.letter
    }

    /// Returns the finished message (RFC 5322, CRLF) to the address whose wire form is `to_wire`.
    ///
    /// `token` replaces the letter's splice key. The bytes depend on the letter and the arguments alone. They are ASCII
    /// unless `to_wire` has a local part that is not (RFC 6532). No line is longer than 998 octets, and CR and LF
    /// stand together only.
    ///
    /// # Errors
    /// If an address, a URL, the list's id, the message id or the token is not what it should be. Free text never
    /// fails: line breaks in a subject or a name become spaces.
    pub fn fill(&self, to_wire: &str, message_id: &str, token: &str) -> Result<Vec<u8>, ComposeError> {
        if token.is_empty()
            || token.len() != self.token_len
            || !token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b))
        {
            return Err(ComposeError::Field("token"));
        }
        let mut message = headers(&self.letter, to_wire, message_id, token)?.into_bytes();
        message.reserve_exact(self.body.len());
        let start = message.len();
        message.extend_from_slice(&self.body);
        for place in &self.places {
            place.write(token, &mut message[start..]);
        }
        Ok(message)
    }
}

/// Returns the finished message of `letter` to one address, as [`Form::fill`] does; a copy without a token keeps its
/// links, but they lead nowhere.
///
/// # Errors
/// As [`Form::fill`].
pub fn compose(letter: &Letter, to_wire: &str, message_id: &str, token: Option<&str>) -> Result<Vec<u8>, ComposeError> {
    let token = token.unwrap_or(NO_TOKEN);
    Form::new(letter, token.len()).fill(to_wire, message_id, token)
}

/// Returns `text` with the token in the place of the letter's splice key.
pub(super) fn splice(letter: &Letter, text: &str, token: &str) -> String {
    match letter.splice_key.as_str() {
        // An empty key would be found between any two characters.
        "" => text.to_owned(),
        key => text.replace(key, token),
    }
}

fn parts(letter: &Letter, token: &str) -> [SinglePart; 2] {
    let part = |text: &str| body_text(&splice(letter, text, token));
    [SinglePart::plain(part(&letter.text)), SinglePart::html(part(&letter.html))]
}

fn encoding(part: &SinglePart) -> ContentTransferEncoding {
    part.headers().get().unwrap_or_default()
}

/// Returns a boundary that follows from the letter and stands in neither part.
fn boundary(letter: &Letter) -> String {
    let mut round: u32 = 0;
    loop {
        let digest = Sha256::new()
            .chain_update(&letter.splice_key)
            .chain_update(&letter.text)
            .chain_update(&letter.html)
            .chain_update(round.to_be_bytes())
            .finalize();
        // `=_` cannot come out of quoted-printable or base64; only a part sent as it is could hold it.
        let candidate = format!("=_{}", data_encoding::HEXLOWER.encode(&digest[..16]));
        if !letter.text.contains(&candidate) && !letter.html.contains(&candidate) {
            return candidate;
        }
        round += 1;
    }
}

/// Returns where the tokens are in a part that begins at `start`, `other` being the same part with another token.
fn places_in(
    part: &[u8],
    other: &[u8],
    encoding: ContentTransferEncoding,
    token_len: usize,
    start: usize,
) -> Vec<Place> {
    if encoding != ContentTransferEncoding::Base64 {
        let plain = |at: &[usize]| Place::Plain(at.iter().map(|at| start + at).collect());
        return differences(part, other).chunks(token_len.max(1)).map(plain).collect();
    }
    // Where the characters are, line ends left out, and what they say.
    let (at, characters): (Vec<usize>, Vec<u8>) =
        part.iter().copied().enumerate().filter(|(_, byte)| !matches!(byte, b'\r' | b'\n')).unzip();
    let decode = |characters: &[u8]| STANDARD.decode(characters).expect("lettre writes sound base64");
    let said = decode(&characters);
    let other: Vec<u8> = other.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let mut runs: Vec<(std::ops::Range<usize>, Vec<usize>)> = Vec::new();
    for token in differences(&said, &decode(&other)).chunks(token_len.max(1)) {
        let groups = token[0] / 3..(token[0] + token_len).div_ceil(3);
        match runs.last_mut() {
            Some((run, tokens)) if groups.start < run.end => {
                run.end = groups.end;
                tokens.push(token[0]);
            }
            _ => runs.push((groups, vec![token[0]])),
        }
    }
    let place = |(groups, tokens): (std::ops::Range<usize>, Vec<usize>)| {
        let first = groups.start * 3;
        Place::Base64 {
            said: said[first..said.len().min(groups.end * 3)].to_vec(),
            tokens: tokens.iter().map(|token| token - first).collect(),
            at: at[groups.start * 4..groups.end * 4].iter().map(|at| start + at).collect(),
        }
    };
    runs.into_iter().map(place).collect()
}

/// Returns the places at which two texts of one length differ.
fn differences(one: &[u8], other: &[u8]) -> Vec<usize> {
    debug_assert_eq!(one.len(), other.len(), "tokens of one length are encoded in one length");
    one.iter().zip(other).enumerate().filter(|(_, (one, other))| one != other).map(|(at, _)| at).collect()
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len().max(1)).position(|window| window == part).or(part.is_empty().then_some(0))
}

impl Place {
    fn write(&self, token: &str, body: &mut [u8]) {
        match self {
            Self::Plain(at) => {
                for (at, byte) in at.iter().zip(token.bytes()) {
                    body[*at] = byte;
                }
            }
            Self::Base64 { said, tokens, at } => {
                let mut said = said.clone();
                for start in tokens {
                    said[*start..start + token.len()].copy_from_slice(token.as_bytes());
                }
                for (at, byte) in at.iter().zip(STANDARD.encode(said).bytes()) {
                    body[*at] = byte;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use lettre::message::Body;
    use proptest::prelude::*;

    use super::*;
    use crate::mail::tests::letter;

    const KEY: &str = "kwb0123456789abcdef";

    /// The body as it is without a form: spliced first, and then encoded by lettre.
    fn by_hand(letter: &Letter, token: &str) -> Vec<u8> {
        let [text, html] = parts(letter, token);
        let parts = MultiPart::builder().kind(MultiPartKind::Alternative).boundary(boundary(letter));
        parts.singlepart(text).singlepart(html).formatted()
    }

    fn filled(letter: &Letter, token: &str) -> Vec<u8> {
        let message = Form::new(letter, token.len()).fill("a@example.jp", "<1@example.jp>", token).unwrap();
        let start = find(&message, b"Content-Type: multipart").unwrap();
        message[start..].to_vec()
    }

    #[test]
    fn lettre_chooses_all_three_encodings_and_a_token_fits_into_each() {
        let mut seen = Vec::new();
        for html in [
            "<p>KEY</p>",
            "<p>a long line that has to be broken softly, as it is longer than a line KEY é</p>",
            "<p>瓦版の今週KEY</p>",
        ] {
            let letter = Letter { html: html.replace("KEY", KEY), splice_key: KEY.into(), ..letter() };
            seen.push(format!("{:?}", Body::new(letter.html.clone()).encoding()));
            assert_eq!(filled(&letter, "v1.token"), by_hand(&letter, "v1.token"), "{html}");
        }
        assert_eq!(seen, ["SevenBit", "QuotedPrintable", "Base64"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn a_copy_is_what_it_would_be_if_it_were_encoded_by_itself(
            pieces in prop::collection::vec("[ -~\n]{0,120}|[ぁ-ん漢字\n]{0,60}|[a-zé=.\n]{0,90}", 1..6),
            text in "[ -~ぁ-ん\n]{0,200}",
            token in "[A-Za-z0-9_.~-]{1,90}",
        ) {
            let html = pieces.join(KEY);
            let letter = Letter { text: format!("{text}{KEY}"), html, splice_key: KEY.into(), ..letter() };
            prop_assert_eq!(filled(&letter, &token), by_hand(&letter, &token));
        }
    }
}
