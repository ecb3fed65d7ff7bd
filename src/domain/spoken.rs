//! Which language an article is in.
//!
//! A script that only one language uses decides, whatever a feed declares: many a Japanese site says `en-US`, because
//! its software did. Where the script leaves it open, the declaration counts, and what is not declared is detected from
//! the words. A title is short; where the words do not decide, the language is unknown, which is better than wrong: a
//! reader who chose languages gets what is of none, too.

use whatlang::{Detector, Lang};

/// Fewer letters than this decide nothing.
const MIN_LETTERS: usize = 12;
/// How much of a text is looked at.
const MAX_CHARS: usize = 500;

/// Characters of which modern Japanese alone has this form, or that it made itself.
const ONLY_JAPANESE: &str =
    "々〆円圏図売読変歩沢浜広氷込働畑峠辻枠匂栃榊栄楽県駅桜黒鉄実検経済対応転帰観権労仏払拠渋戦両乗発";
/// Characters of which only Chinese has this form, simplified or traditional.
const ONLY_CHINESE: &str = "们这说时问际东车门马鸟鱼见贝长张义乐习书买卖头电话给让应该业务选举场为个产从优传伤价华单历岁师币带开张录总战护\
                            报报拟择据损换揽数断无显确种简类纪约级组织经结统继续网罗职联脑营虽补规视觉认讨论设证评识词试读调谈谢费质贸赛赞运进还远连适\
                            銷這說們個國學會對發經濟與從氣灣廣應實體點關價險歲兒導層將專據擇擊擔擴數斷權歡歸澤獨當麼";

/// Words that are frequent in one language and rare in the others of the list.
const FREQUENT: [(&str, &str); 9] = [
    (
        "en",
        "the of and to in for with on is are from how what why by at after over new its your as be will you this that not",
    ),
    (
        "pt",
        "de do da dos das e em para com não uma um os as ao à no na nos nas por mais após são sobre como que pela pelo",
    ),
    ("es", "de la el los las y en para con una un por más tras su del al se que sobre como es son sin entre lo"),
    (
        "fr",
        "le la les des du de et en pour avec une un dans sur par au aux est sont ce qui que plus après son sa ses pas",
    ),
    (
        "de",
        "der die das und in für mit von den dem ein eine im zu auf ist sind nach bei wird aus nicht wie über zum zur",
    ),
    ("it", "il la le di e in per con una un gli dei del della dal al che sono più dopo nel nella come sul alla non"),
    ("nl", "de het een van en in voor met op is zijn na door over bij naar niet uit aan om wordt nieuwe"),
    (
        "id",
        "yang di dan untuk dengan dari ini itu akan pada dalam tidak ke oleh lebih bagi para setelah tahun baru jadi",
    ),
    ("vi", "và của cho với trong là có được các những một người không tại từ về đến khi sau năm mới ra"),
];

/// Returns the language of an article as a BCP 47 tag: what its script says, what was `declared`, or what its words
/// say. `None` if none of them decides.
pub fn language_of(declared: Option<&str>, title: &str, summary: &str) -> Option<String> {
    let certain = by_script(title).or_else(|| by_script(&format!("{title} {summary}")));
    match (certain, declared) {
        (Some(script), Some(declared)) if primary(declared) == script => Some(declared.to_owned()),
        (Some(script), _) => Some(script.to_owned()),
        // Ideographs alone are Chinese or Japanese, and no language of the alphabet.
        (None, Some(declared)) if !is_ideographic(title) || ["ja", "zh"].contains(&primary(declared)) => {
            Some(declared.to_owned())
        }
        (None, _) => by_words(title).or_else(|| by_words(&format!("{title} {summary}"))).map(str::to_owned),
    }
}

fn primary(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or(tag)
}

fn is_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}' | '\u{ff66}'..='\u{ff9d}')
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '々' | '〆')
}

fn is_ideographic(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    2 * text.chars().filter(|c| is_ideograph(*c)).count() > letters
}

/// Returns the language that the script of most of the text belongs to alone.
fn by_script(text: &str) -> Option<&'static str> {
    let letters: Vec<char> = text.chars().take(MAX_CHARS).filter(|c| c.is_alphabetic()).collect();
    let count = |of: &dyn Fn(char) -> bool| letters.iter().filter(|c| of(**c)).count();
    let (kana, ideographs) = (count(&is_kana), count(&is_ideograph));
    let hangul = count(&|c| matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7a3}'));
    let thai = count(&|c| matches!(c, '\u{0e01}'..='\u{0e5b}'));
    let few = |part: usize| part < 2 || 5 * part < letters.len();
    if !few(hangul) && hangul > kana {
        return Some("ko");
    }
    if !few(thai) {
        return Some("th");
    }
    if !few(kana + ideographs) && (kana >= 2 || (kana == 1 && ideographs >= 2)) {
        return Some("ja");
    }
    if few(ideographs) || kana > 0 {
        return None;
    }
    let japanese = count(&|c| ONLY_JAPANESE.contains(c) && !ONLY_CHINESE.contains(c));
    let chinese = count(&|c| ONLY_CHINESE.contains(c) && !ONLY_JAPANESE.contains(c));
    match (japanese, chinese) {
        (0, 1..) => Some("zh"),
        (1.., 0) => Some("ja"),
        _ => None,
    }
}

/// Returns the language the words are of, if they leave no doubt.
fn by_words(text: &str) -> Option<&'static str> {
    let text: String = text.chars().take(MAX_CHARS).collect::<String>().to_lowercase();
    if text.chars().filter(|c| c.is_alphabetic()).count() < MIN_LETTERS {
        return None;
    }
    let latin =
        text.chars().filter(|c| c.is_alphabetic()).all(|c| c < '\u{250}' || ('\u{1e00}'..'\u{1f00}').contains(&c));
    let guess = whatlang_guess(&text);
    if !latin {
        return guess.filter(|(_, reliable)| *reliable).map(|(tag, _)| tag);
    }
    // Letters with two marks, and these with a hook or a bar, are Vietnamese.
    let vietnamese = |c: char| matches!(c, 'ơ' | 'ư' | 'đ' | 'ă') || ('\u{1ea0}'..='\u{1ef9}').contains(&c);
    if text.chars().filter(|c| vietnamese(*c)).count() >= 2 {
        return Some("vi");
    }
    let words: Vec<&str> = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
    let mut scores: Vec<(usize, &str)> = FREQUENT
        .iter()
        .map(|(tag, frequent)| (words.iter().filter(|word| frequent.split(' ').any(|f| f == **word)).count(), *tag))
        .collect();
    scores.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    let ((best, tag), second) = (scores[0], scores[1].0);
    match guess {
        // The words and the letters agree, and no other language has as many of its words there: "in" is one of four.
        Some((guessed, _)) if best > second && tag == guessed => Some(guessed),
        _ if best >= 2 && best >= 2 * second => Some(tag),
        Some((guessed, true)) if best == 0 && words.len() >= 5 => Some(guessed),
        _ => None,
    }
}

/// Returns the language the letters look like, and whether that is reliable.
fn whatlang_guess(text: &str) -> Option<(&'static str, bool)> {
    let info = Detector::new().detect(text)?;
    let tag = match info.lang() {
        Lang::Eng => "en",
        Lang::Por => "pt",
        Lang::Spa => "es",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Ita => "it",
        Lang::Nld => "nl",
        Lang::Ind => "id",
        Lang::Vie => "vi",
        Lang::Rus => "ru",
        Lang::Ukr => "uk",
        Lang::Ara => "ar",
        Lang::Ell => "el",
        Lang::Heb => "he",
        Lang::Hin => "hi",
        _ => return None,
    };
    Some((tag, info.is_reliable()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_counts_more_than_what_a_feed_declares() {
        for (declared, title, language) in [
            (Some("en-US"), "港町の朝市、3年ぶりに再開", Some("ja")),
            (Some("ja-JP"), "港町の朝市、3年ぶりに再開", Some("ja-JP")),
            (Some("en"), "항구 시장이 다시 열렸다", Some("ko")),
            (Some("en"), "Mayor resigns", Some("en")),
            (Some("ja"), "Rust 1.95", Some("ja")),
            (Some("en"), "東京都知事選挙", None),
            (Some("zh-TW"), "東京都知事", Some("zh-TW")),
            (None, "Rust 1.95", None),
            (None, "Mayor", None),
            (None, "", None),
        ] {
            assert_eq!(language_of(declared, title, "").as_deref(), language, "{title}");
        }
        assert_eq!(language_of(None, "Nova", "O mercado do porto não abre mais aos domingos").as_deref(), Some("pt"));
    }

    /// Titles of our own, each behind its language.
    #[test]
    fn titles_are_given_their_language_or_none() {
        let (mut right, mut unknown, mut wrong) = (0, 0, 0);
        for line in include_str!("../../tests/fixtures/stories/languages.tsv").lines() {
            let (language, title) = line.split_once('\t').unwrap();
            match language_of(None, title, "") {
                Some(detected) if detected == language => right += 1,
                None => {
                    unknown += 1;
                    println!("unknown {language} {title}");
                }
                Some(detected) => {
                    wrong += 1;
                    println!("wrong   {language} taken for {detected}: {title}");
                }
            }
        }
        println!("languages: {right} right, {unknown} unknown, {wrong} wrong");
        let all = right + unknown + wrong;
        assert!(all >= 200 && 100 * wrong <= 2 * all && 100 * right >= 80 * all, "{right}, {unknown}, {wrong}");
    }
}
