//! What the fields of the mails' contexts mean, for those who write templates. A test compares this with what templates
//! really see.

/// A field, by its path (`[]` stands for each item of a list), and what it means.
pub(in crate::render) const FIELDS: &[(&str, &str)] = &[
    ("accepted", "how many mails a relay took over"),
    ("approval", "auto, veto or required"),
    ("approve_url", "the page that approves the draft"),
    ("approved", "whether it is approved"),
    ("archive_url", "the public page of this issue, the same for every reader"),
    ("by_hand", "whether it was made by hand, for no slot of the schedule, so that it goes out once it is approved"),
    ("changes", "what is different from the preview before"),
    (
        "changes[].kind",
        "added, closed, taken_back, struck, put_off, removed, reworded, other_section, moved, reordered, lead, subject or \
         introduction",
    ),
    ("changes[].title", "the headline it is about, or empty"),
    ("confirm_url", "the page that confirms the subscription"),
    ("date", "the day of the issue in full, in the language of the mail"),
    ("count", "how many issues were skipped, or feeds paused"),
    ("day", "the same as 2026-11-27, for `format_date`"),
    ("draft_url", "the page that shows the draft"),
    ("due", "when it goes out, written out"),
    ("duration", "how long the sending took, written out"),
    ("edition_title", "the name of the edition"),
    ("expired", "how many mails were given up"),
    ("expires_days", "how many days the link is good for"),
    ("headline", "the title of what the issue leads with"),
    ("held", "whether the draft is held"),
    ("hold_url", "the page that holds the draft"),
    ("home_url", "the sign-up page"),
    ("introduction_html", "what the editor has to say, as HTML for `html`, or null"),
    ("introduction_text", "the same as plain text, or null"),
    ("language", "the language of the mail: en or ja"),
    ("languages", "how many readers there are in each language"),
    ("languages[].count", "how many"),
    ("languages[].label", "the language"),
    ("lead", "the item the issue opens with, or null; it stands in no section, and its picture is the large one"),
    ("not_reached", "how many do not get it, by reason"),
    ("not_reached[].count", "how many"),
    ("not_reached[].label", "the reason"),
    ("number", "the number of the issue"),
    ("paused", "the feeds that are visited no more"),
    ("paused[].command", "what tries it again"),
    ("paused[].detail", "what was seen last, in technical words, or empty"),
    ("paused[].name", "what it is called, or else its address"),
    ("paused[].why", "gone or failing"),
    ("per_minute", "how many mails a minute were taken over"),
    ("preferences_url", "where the reader chooses sections, languages and editions, or null"),
    ("publication_title", "what was signed up for; who sends it, if it is more than one edition"),
    ("recipients", "how many people it is addressed to"),
    ("rejected", "how many mails were refused for good"),
    ("replies", "the commonest words of the relays about what did not arrive"),
    ("replies[].count", "how often"),
    ("replies[].reply", "what was said, without addresses"),
    ("seal", "the first letter of the title, for a seal"),
    ("sections", "the headings and what stands under them"),
    ("sections[].items", "the items under the heading, in order"),
    ("sections[].kind", "opening if every item is one, or else news"),
    ("sections[].openings", "whether every item is an opening"),
    ("sections[].title", "the heading"),
    ("sections[].items[].also_at", "who else told the story"),
    ("sections[].items[].also_at[].source", "the name"),
    ("sections[].items[].also_at[].url", "where"),
    ("sections[].items[].byline", "source and day, or empty"),
    ("sections[].items[].closes", "when it closes, written out, or null"),
    ("sections[].items[].company", "whose opening it is, or null"),
    ("sections[].items[].date_short", "when it was published, written out, or null"),
    ("sections[].items[].facts", "company, place and pay, as far as known, as a list"),
    ("sections[].items[].image", "a picture, or null; never needed to understand the item"),
    ("sections[].items[].image.alt", "what it shows, for those who do not see it; may be empty"),
    ("sections[].items[].image.credit", "who made it, or null"),
    ("sections[].items[].image.height", "how high it is shown, in pixels"),
    ("sections[].items[].image.url", "where it is, on our own host"),
    ("sections[].items[].image.width", "how wide it is shown, in pixels"),
    ("sections[].items[].kind", "news or opening"),
    ("sections[].items[].language", "the language it is in, if not that of the mail, or null"),
    ("sections[].items[].opening", "whether it is an opening"),
    ("sections[].items[].pay", "what an opening pays, or null"),
    ("sections[].items[].place", "where the work is, or null"),
    ("sections[].items[].published", "the day it was published as 2026-11-27, or null"),
    ("sections[].items[].source", "the name of its source, or null"),
    ("sections[].items[].summary", "a short text, or empty"),
    ("sections[].items[].title", "the headline"),
    ("sections[].items[].url", "where it leads, or null"),
    ("sections[].count", "in a preview's slip: how many items it has"),
    ("sections[].label", "in a preview's slip: its heading"),
    ("sender", "who sends it; the law wants all of this in every mail"),
    ("sender.contact", "where to complain"),
    ("sender.contact_href", "the same as a link, if it can be one, or null"),
    ("sender.name", "the name of the person or body"),
    ("sender.postal_address", "the postal address"),
    ("skipped", "the issues that were skipped"),
    ("skipped[].least", "how many items there must be, if that is the reason"),
    ("skipped[].n", "the number in the reason: of an issue, items, hours or minutes"),
    ("skipped[].when", "when it would have gone out, written out"),
    ("skipped[].why", "a word for the reason, or other"),
    ("skipped[].words", "the reason as the record has it, in English"),
    ("subject", "the subject of the letter that is shown"),
    ("takes", "the editions that were signed up for, if the title does not say it all"),
    ("takes[].languages", "the languages of the articles that are taken of it, in a row; empty if it is all"),
    ("takes[].sections", "the sections that are taken of it, in a row; empty if it is all"),
    ("takes[].title", "the name of the edition"),
    ("teaser", "the titles of the next two items, for the first line; or empty"),
    ("unknown", "how many mails nobody knows the fate of"),
    ("unread", "nobody or nothing if a draft would go to nobody and be skipped, or else empty"),
    ("unsubscribe_url", "where the reader leaves; the note that mails can be refused stands right beside it"),
    ("until", "until when it waits, if it is due already, written out, or empty"),
    ("why", "why it is shown: first, changed or waits"),
    ("withdrawn", "how many mails were not wanted any more"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::FIELDS;
    use crate::domain::language::Language;
    use crate::render::context::every_sample;

    fn paths(value: &Value, at: &str, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let path = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                    paths(value, &path, found);
                    // A lead has the fields of an item.
                    if !path.starts_with("lead.") {
                        found.insert(path);
                    }
                }
            }
            Value::Array(values) => values.iter().for_each(|value| paths(value, &format!("{at}[]"), found)),
            _ => {}
        }
    }

    #[test]
    fn every_field_of_a_mail_is_described_and_nothing_else() {
        let mut found = BTreeSet::new();
        for (_, _, samples) in every_sample(Language::Ja).into_iter().filter(|(_, mail, _)| *mail) {
            samples.as_array().unwrap().iter().for_each(|sample| paths(sample, "", &mut found));
        }
        let described: BTreeSet<String> = FIELDS.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(found, described);
        assert_eq!(FIELDS.len(), described.len());
    }
}
