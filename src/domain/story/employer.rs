//! Whose opening it is and where: 株式会社港町ソフト is 港町ソフト, and Bay Pay Inc. is Bay Pay; 東京都 is 東京, and
//! “Tokyo, Japan” is Tokyo.

use super::Headline;

/// What stands before or behind the names of companies and says how they are owned.
const FORMS: [&str; 14] = [
    "inc",
    "ltd",
    "llc",
    "corp",
    "co",
    "plc",
    "gmbh",
    "kk",
    "ag",
    "sa",
    "limited",
    "corporation",
    "incorporated",
    "company",
];
/// What kind of place it is.
const KINDS_OF_PLACE: [char; 7] = ['都', '府', '県', '市', '区', '町', '村'];

/// Returns the name of a company without its legal form.
pub(super) fn company_key(name: &str) -> String {
    let key = Headline::new(name, None).key().to_owned();
    let mut words: Vec<&str> = key.split(' ').collect();
    while words.len() > 1 && words.last().is_some_and(|last| FORMS.contains(last)) {
        words.pop();
    }
    words.join(" ")
}

/// Returns the name of a place without the country that is taken for granted, and without what kind of place it is.
pub(super) fn place_key(name: &str) -> String {
    let key = Headline::new(name, None).key().to_owned();
    let place = key.strip_suffix(" japan").or_else(|| key.strip_prefix("日本")).unwrap_or(&key).trim();
    let short = place.strip_suffix(KINDS_OF_PLACE).filter(|short| short.chars().count() >= 2);
    short.unwrap_or(place).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn companies_are_known_by_their_names_and_places_by_theirs() {
        for (a, b) in [
            ("株式会社港町ソフト", "港町ソフト"),
            ("海辺システム㈱", "海辺システム"),
            ("(株)みなと製作所", "みなと製作所 株式会社"),
            ("Bay Pay, Inc.", "Bay Pay"),
            ("Harbor Labs K.K.", "HARBOR LABS"),
            ("Kitahama Motor Co., Ltd.", "Kitahama Motor"),
        ] {
            assert_eq!(company_key(a), company_key(b));
        }
        for (a, b) in [("海辺システム", "海辺システムズ"), ("Harbor Labs", "Harbor Lab Supplies"), ("Co", "Inc")]
        {
            assert_ne!(company_key(a), company_key(b));
        }
        for (a, b) in [("東京都", "東京"), ("Tokyo, Japan", "Tokyo"), ("仙台市", "仙台"), ("日本 福岡", "福岡市")]
        {
            assert_eq!(place_key(a), place_key(b));
        }
        for (a, b) in [("東京都", "京都府"), ("京都", "東京"), ("Tokyo", "Kyoto")] {
            assert_ne!(place_key(a), place_key(b));
        }
    }
}
