//! Parameters of a link that say how somebody came to a page, not which page it is.

/// Families, each with who writes them: every name that begins so.
const PREFIXES: [(&str, &str); 7] = [
    ("Google Analytics, and everything that copies it", "utm_"),
    ("Matomo, and Piwik before it", "mtm_ matomo_ pk_ piwik_"),
    ("HubSpot's advertisements", "hsa_"),
    ("Vero's mails", "vero_"),
    ("Piano, as broadcasters use it", "at_campaign at_medium"),
    ("comScore", "ns_mchannel ns_source ns_campaign ns_linkname ns_fee"),
    ("what Facebook adds to a share", "fb_action_"),
];

/// Names that mean nothing else on any site we know of, each with who writes them.
const NAMES: [(&str, &str); 12] = [
    ("a click on Google's advertisements", "gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid srsltid"),
    ("a click elsewhere", "fbclid msclkid yclid ysclid ttclid twclid li_fat_id epik sccid rdt_cid irclickid"),
    ("a share on Instagram, Facebook or X", "igshid igsh fb_source fb_ref __twitter_impression ref_src ref_url"),
    ("whom Mailchimp or Marketo wrote to", "mc_cid mc_eid mkt_tok"),
    ("whom HubSpot wrote to", "_hsenc _hsmi __hstc __hssc __hsfp"),
    ("whom Omeda, Kit or Drip wrote to", "oly_enc_id oly_anon_id ck_subscriber_id __s"),
    ("cookies in a link: Google, Openstat, Adobe", "_ga _gl _openstat s_cid"),
    ("campaigns: Piano, Webtrends, Alibaba, Microsoft", "xtor wt.mc_id wt_mc spm cmpid cmp ocid ncid"),
    ("how Yahoo's reader came", "soc_src soc_trk guccounter guce_referrer guce_referrer_sig"),
    ("what papers count feeds and shares with: New York Times, Nikkei, Asahi", "smid smtyp n_cid iref"),
    ("a visit from another wiki page", "wprov"),
    ("a session, which is a visitor", "phpsessid jsessionid"),
];

/// Names that mean a page on some sites and a way to it on others: only with these values.
const WITH_VALUES: &str = "ref source src from via referrer";
const WAYS: &str = "rss rss2 atom feed rssfeed rss_feed twitter tw x facebook fb line hatena newsletter email mail \
                    mailmagazine linkedin mastodon bluesky share";

/// Names that are a way only on the site that made them up.
const ON_SITES: [(&str, &[&str]); 5] = [
    ("youtube.com", &["feature", "si", "pp", "ab_channel"]),
    ("youtu.be", &["feature", "si", "pp", "ab_channel", "t"]),
    ("x.com", &["s", "t"]),
    ("linkedin.com", &["trk", "trkinfo", "lipi", "trackingid", "refid"]),
    ("open.spotify.com", &["si"]),
];

/// Returns whether a parameter does not say which page it is. `name` and `value` are as in the link, `host` is
/// without `www`.
pub(super) fn is_tracking(name: &str, value: &str, host: &str) -> bool {
    let (name, value) = (name.to_ascii_lowercase(), value.to_ascii_lowercase());
    let name = name.as_str();
    PREFIXES.iter().any(|(_, known)| known.split(' ').any(|prefix| name.starts_with(prefix)))
        || NAMES.iter().any(|(_, known)| has(known, name))
        || has(WITH_VALUES, name) && has(WAYS, &value)
        // `?rss` and `?rss=1` mark a link in a feed; `?amp` and `?amp=1` ask WordPress for the same page, lighter.
        || matches!((name, value.as_str()), ("rss" | "amp", "" | "1" | "true"))
        || ON_SITES.iter().any(|(site, names)| *site == host && names.contains(&name))
}

fn has(words: &str, word: &str) -> bool {
    words.split(' ').any(|known| known == word)
}
