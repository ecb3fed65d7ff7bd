//! Characters that one language alone has, or has in this form.

use encoding_rs::SHIFT_JIS;

/// Characters of which modern Japanese alone has this form, or that it made itself.
pub(super) const ONLY_JAPANESE: &str = "々〆円圏図売読変歩沢浜広氷込働畑峠辻枠匂栃榊栄楽県駅桜黒鉄実検経済対応転帰観権労仏払拠渋戦両乗発\
    悪壱隠営塩縁穏仮価絵拡殻覚陥勧寛関歓戯犠挙郷暁勲恵掲渓蛍軽継鶏撃剣険験顕厳鉱剤雑歯児釈収従獣縦粛\
    渉焼奨浄剰畳縄壌嬢譲醸粋酔穂髄瀬摂専銭繊捜挿総騒増蔵臓続帯滝択単団弾遅庁徴聴逓伝稲闘徳悩脳覇拝廃\
    髪抜弁豊毎満麺黙訳薬揺様謡頼覧竜猟緑隣涙塁戻霊齢錬録鰯鯵鯖鱈塀搾";

/// Ideographs of modern Japanese that its older character sets have not.
const NEW_IN_JAPANESE: &str = "塡剝頰俱噓瘦摑繫屢蟬囊";

/// Returns whether Japanese has not got the ideograph: Shift_JIS is what papers there are set in.
pub(super) fn is_only_chinese(c: char) -> bool {
    let mut buffer = [0; 4];
    SHIFT_JIS.encode(c.encode_utf8(&mut buffer)).2 && !NEW_IN_JAPANESE.contains(c)
}

/// Characters of Chinese that Japanese had too, and has in names: one of them proves nothing.
pub(super) const ONCE_JAPANESE: &str = "个从价无网听粤灣銷國學會對發經濟與從氣廣應實體點關價險兒導層將專據擇擔擴數斷權歡歸澤獨當麼臺總\
    聲續變讓讀寫寶屬嶼幾廳戰戲稱穩竊簽絲縣聯聽舉舊處號覺覽觸譯讚豐賣輕轉辭邊醫釋錢鐵雙雜靈靜餘驗驚鬥\
    黨齒";

/// Names that are still written in the old way.
pub(super) const OLD_NAMES: [&str; 5] = ["慶應", "國學院", "大學", "獨協", "實踐"];
