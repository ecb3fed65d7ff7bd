//! The language of articles, as people and programs name it.

use unic_langid::LanguageIdentifier;

/// Longer tags are well-formed, and no language has one (BCP 47 §4.4.1).
const MAX_TAG_BYTES: usize = 35;

/// Returns a tag of BCP 47 in its usual spelling, or what to write.
pub(super) fn language_tag(text: &str) -> Result<String, String> {
    let text = text.trim();
    let tag: Option<LanguageIdentifier> =
        if text.len() <= MAX_TAG_BYTES && !text.contains('_') { text.parse().ok() } else { None };
    // Longer primary subtags are well-formed, and none has ever been registered: they are words.
    tag.filter(|tag| (2..=3).contains(&tag.language.as_str().len()) && !tag.language.is_empty())
        .map(|tag| tag.to_string())
        .ok_or_else(|| format!("{text:?} is no language tag (BCP 47): write one such as ja, en-GB or zh-Hant"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_spelt_as_usual_and_a_word_is_none() {
        for (text, tag) in [("JA-jp", "ja-JP"), ("zh-hant-tw", "zh-Hant-TW"), (" fil ", "fil"), ("en", "en")] {
            assert_eq!(language_tag(text).as_deref(), Ok(tag));
        }
        for word in
            ["", "nonsense", "Japanese", "ja_JP", "und", "j", "ja-!!", "日本語", "en-GB-x-this-is-far-too-long-a-tag"]
        {
            let error = language_tag(word).unwrap_err();
            assert!(error.ends_with("write one such as ja, en-GB or zh-Hant"), "{word}: {error}");
        }
    }
}
