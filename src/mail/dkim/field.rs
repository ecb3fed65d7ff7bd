//! The DKIM-Signature field: which fields it covers, and how it is written.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;

use super::key::Algorithm;

/// The field's name.
pub(super) const NAME: &str = "DKIM-Signature";
/// RFC 5322 §2.1.1.
const LINE: usize = 78;
/// A last line of `b=` that is no longer than this could be taken for a tag of its own, such as `x==`.
const MIN_TAIL: usize = 4;

/// The fields that are signed where they are there: those RFC 6376 §5.4.1 names, the two RFC 8058 §4 insists on, and
/// those feedback depends on. Not the trace, and nothing a list or a relay may add.
const SIGNED: [&str; 15] = [
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Feedback-ID",
    "CFBL-Address",
];
/// The fields that are named once more than they are there, so that none can be added (RFC 6376 §5.4.2, §8.15): a
/// second one of these would be what the reader sees.
const OVERSIGNED: [&str; 8] = ["From", "Subject", "To", "Date", "Message-ID", "Reply-To", "Cc", "Content-Type"];

/// Returns the names for `h=` in order, each with the value that is signed under it, or none where the name only says
/// that there is no other.
///
/// Of several fields of a name the last comes first, because that is how a verifier counts them (§5.4.2).
pub(super) fn chosen(head: &[u8], oversign: bool) -> Vec<(&'static str, Option<&[u8]>)> {
    let fields = fields_of(head);
    let mut chosen = Vec::with_capacity(SIGNED.len() + OVERSIGNED.len());
    for name in SIGNED {
        let of_that_name = |(field, _): &&(&[u8], &[u8])| field.eq_ignore_ascii_case(name.as_bytes());
        chosen.extend(fields.iter().rev().filter(of_that_name).map(|(_, value)| (name, Some(*value))));
    }
    if oversign {
        chosen.extend(OVERSIGNED.map(|name| (name, None)));
    }
    chosen
}

/// Returns name and value of each field of a header, the value up to and with its line end.
fn fields_of(head: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mut fields = Vec::new();
    let mut rest = head;
    while !rest.is_empty() {
        let (field, after) = rest.split_at(end_of_field(rest));
        rest = after;
        if let Some(colon) = field.iter().position(|b| *b == b':') {
            fields.push((field[..colon].trim_ascii_end(), &field[colon + 1..]));
        }
    }
    fields
}

/// Returns where the first field ends: behind the first line end that no white space follows.
fn end_of_field(head: &[u8]) -> usize {
    head.windows(2)
        .enumerate()
        .filter(|(_, window)| window == b"\r\n")
        .map(|(at, _)| at + 2)
        .find(|end| !matches!(head.get(*end), Some(b' ' | b'\t')))
        .unwrap_or(head.len())
}

/// A field while it is written. It is folded between tags, behind the colons of `h=` and inside `b=`, and nowhere else:
/// the hash of the body stays in one piece, because `…b=` at the start of a line looks like a tag to some.
pub(super) struct Field {
    value: String,
    column: usize,
}

impl Field {
    /// Begins a field, up to `t=`.
    pub(super) fn new(algorithm: Algorithm, domain: &str, selector: &str, at: Timestamp) -> Self {
        let mut field = Self { value: String::with_capacity(1024), column: NAME.len() + 1 };
        // Nobody sends a letter from before 1970, and `t=` has no sign.
        let seconds = at.as_second().max(0);
        for tag in ["v=1;", &format!("a={}-sha256;", algorithm.as_str()), "c=relaxed/relaxed;"] {
            field.word(tag);
        }
        for tag in [format!("d={domain};"), format!("s={selector};"), format!("t={seconds};")] {
            field.word(&tag);
        }
        field
    }

    /// Writes `h=`. There is always a name: `From` is signed in any case (§5.4).
    pub(super) fn names<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        let mut names = names.peekable();
        let mut written = String::from("h=");
        let mut first = true;
        while let Some(name) = names.next() {
            written.push_str(name);
            written.push(if names.peek().is_some() { ':' } else { ';' });
            if first {
                self.word(&written);
            } else {
                self.glued(&written);
            }
            first = false;
            written.clear();
        }
    }

    /// Writes `bh=`, and the beginning of `b=`.
    pub(super) fn body_hash(&mut self, hash: &[u8]) {
        self.word(&format!("bh={};", STANDARD.encode(hash)));
        self.word("b=");
    }

    /// Returns what stands behind the colon so far.
    pub(super) fn value(&self) -> &str {
        &self.value
    }

    /// Returns the whole field with its CRLF.
    pub(super) fn finished(mut self, signature: &[u8]) -> String {
        let encoded = STANDARD.encode(signature);
        let mut rest = encoded.as_str();
        while !rest.is_empty() {
            let mut room = LINE.saturating_sub(self.column).min(rest.len());
            if (1..MIN_TAIL).contains(&(rest.len() - room)) {
                room = room.saturating_sub(MIN_TAIL);
            }
            let (line, after) = rest.split_at(room);
            self.value.push_str(line);
            self.column += line.len();
            rest = after;
            if !rest.is_empty() {
                self.fold();
            }
        }
        format!("{NAME}:{}\r\n", self.value)
    }

    /// Writes a word behind a space, on a new line if it has no room on this one.
    fn word(&mut self, word: &str) {
        if self.column + 1 + word.len() > LINE {
            self.fold();
        } else {
            self.value.push(' ');
            self.column += 1;
        }
        self.value.push_str(word);
        self.column += word.len();
    }

    /// Writes something right behind what is there, or on a new line.
    fn glued(&mut self, piece: &str) {
        if self.column + piece.len() > LINE {
            self.fold();
        }
        self.value.push_str(piece);
        self.column += piece.len();
    }

    fn fold(&mut self) {
        self.value.push_str("\r\n ");
        self.column = 1;
    }
}
