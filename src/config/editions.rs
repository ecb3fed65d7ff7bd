//! `[[editions]]`: what is published, and when.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::domain::desk::{Approval, Review};
use crate::domain::edition::{Edition, Policy};
use crate::domain::schedule::Schedule;

use super::reader::Table;
use super::tree::{Entries, Node, Origin, Value};

const HOUR: Duration = Duration::from_secs(3600);

const DEFAULT_NAME: &str = "weekly";
const DEFAULT_TITLE: &str = "Japan Weekly: news and openings";
const DEFAULT_SCHEDULE: &str = "0 8 * * Fri";
const DEFAULT_TIMEZONE: &str = "Asia/Tokyo";
const DEFAULT_SECTIONS: [&str; 2] = ["news", "openings"];
const DEFAULT_MAX_PER_SECTION: usize = 20;
const DEFAULT_LATE_LIMIT: Duration = Duration::from_secs(24 * 3600);

/// Returns the editions of a configuration that has none of its own: a weekly one.
pub fn default_editions() -> Vec<Edition> {
    vec![Edition {
        name: DEFAULT_NAME.to_owned(),
        title: DEFAULT_TITLE.to_owned(),
        schedule: default_schedule(),
        sections: default_sections(),
        max_per_section: DEFAULT_MAX_PER_SECTION,
        late_limit: DEFAULT_LATE_LIMIT,
        policy: Policy::default(),
        review: Review::default(),
    }]
}

/// Returns those editions, with this approval.
pub(super) fn defaults_with(approval: Approval) -> Vec<Edition> {
    let with = |edition: Edition| Edition { review: Review { approval, ..edition.review }, ..edition };
    default_editions().into_iter().map(with).collect()
}

fn default_schedule() -> Schedule {
    Schedule::parse(DEFAULT_SCHEDULE, DEFAULT_TIMEZONE).expect("the default schedule is a valid one")
}

fn default_sections() -> Vec<String> {
    DEFAULT_SECTIONS.map(str::to_owned).to_vec()
}

/// Returns the default edition as if it had been written, for variables that change a part of it.
pub(super) fn built_in() -> Vec<Node> {
    let text = |text: &str| Node { value: Value::Text(text.to_owned()), origin: Origin::BuiltIn };
    let keys = [("name", DEFAULT_NAME), ("title", DEFAULT_TITLE), ("schedule", DEFAULT_SCHEDULE)];
    let entries: Entries =
        keys.into_iter().map(|(key, value)| (key.to_owned(), (Origin::BuiltIn, text(value)))).collect();
    vec![Node { value: Value::Table(entries), origin: Origin::BuiltIn }]
}

/// Reads the editions. `approval` is that of one that says nothing about it.
pub(super) fn read_all(tables: Vec<Table<'_>>, approval: Approval) -> Vec<Edition> {
    let mut editions = Vec::new();
    let mut names = BTreeSet::new();
    for table in tables {
        report_second(&table, &mut names);
        editions.extend(read(table, approval));
    }
    editions
}

/// Reports a table whose name another one has had before it.
pub(super) fn report_second(table: &Table<'_>, names: &mut BTreeSet<String>) {
    if let Some(name) = table.name()
        && !names.insert(name.to_ascii_lowercase())
    {
        table.report(table.origin_of("name").as_ref(), "name", "there is one of this name already");
    }
}

fn read(mut table: Table<'_>, approval: Approval) -> Option<Edition> {
    for key in ["name", "title", "schedule"] {
        if !table.has(key) {
            table.report(None, key, "an edition must have this key");
        }
    }
    let zone_origin = table.origin_of("timezone");
    let name = table.parsed("name", identifier);
    let title = table.parsed("title", |text| if text.is_empty() { Err("write a title") } else { Ok(text.to_owned()) });
    // Each is tried with a partner that is certainly good, so that both may be wrong at once.
    let timezone = table
        .parsed("timezone", |text| Schedule::parse(DEFAULT_SCHEDULE, text).map(|_| text.to_owned()))
        .or_else(|| zone_origin.is_none().then(|| DEFAULT_TIMEZONE.to_owned()));
    let expression = table.parsed("schedule", |text| Schedule::parse(text, DEFAULT_TIMEZONE).map(|_| text.to_owned()));
    let sections_origin = table.origin_of("sections");
    let sections = table.list("sections", identifier).unwrap_or_else(default_sections);
    let distinct: BTreeSet<&String> = sections.iter().collect();
    if sections.is_empty() || distinct.len() != sections.len() {
        table.report(sections_origin.as_ref(), "sections", "write at least one section, and each of them once");
    }
    let max_per_section = table.integer("max_per_section", 1..=500).and_then(|n| usize::try_from(n).ok());
    let late_limit = table.duration("late_limit", Duration::ZERO..=365 * 24 * HOUR);
    let review = Review {
        approval: table.parsed("approval", approval_of).unwrap_or(approval),
        before: table.duration("preview_before", HOUR / 60..=14 * 24 * HOUR).unwrap_or(Review::BEFORE),
    };
    let (policy, min_origin) = policy(&mut table, &sections);
    let min_items = policy.min_items;
    let edition = name.zip(title).zip(expression.zip(timezone)).and_then(|((name, title), (expression, timezone))| {
        Some(Edition {
            name,
            title,
            schedule: Schedule::parse(&expression, &timezone).ok()?,
            sections,
            max_per_section: max_per_section.unwrap_or(DEFAULT_MAX_PER_SECTION),
            late_limit: late_limit.unwrap_or(DEFAULT_LATE_LIMIT),
            policy,
            review,
        })
    });
    if let Some(edition) = &edition
        && (1..min_items).contains(&edition.most_items())
    {
        let message = format!("an issue never has more than {} items, so it would never appear", edition.most_items());
        table.report(min_origin.as_ref(), "min_items", message);
    }
    table.finish();
    edition
}

/// Reads the policy, and where its minimum was written.
fn policy(table: &mut Table<'_>, sections: &[String]) -> (Policy, Option<Origin>) {
    let min_origin = table.origin_of("min_items");
    let default = Policy::default();
    let items = |n: u32| usize::try_from(n).ok();
    let min_items = table.integer("min_items", 1..=500).and_then(items).unwrap_or(default.min_items);
    let max_items = table.integer("max_items", 1..=5000).and_then(items);
    let limited = RefCell::new(BTreeSet::new());
    let limit = |text: &str| {
        let (section, limit) = section_limit(text, sections)?;
        if !limited.borrow_mut().insert(section.clone()) {
            return Err(format!("{section:?} has a number already: write each section once"));
        }
        Ok((section, limit))
    };
    let section_limits: BTreeMap<String, usize> =
        table.list("section_limits", limit).unwrap_or_default().into_iter().collect();
    let max_age = table.duration("max_age", 24 * HOUR..=3650 * 24 * HOUR);
    let welcome_issue = table.boolean("welcome_issue").unwrap_or(default.welcome_issue);
    let publish_without_readers = table.boolean("publish_without_readers").unwrap_or(default.publish_without_readers);
    let policy = Policy { min_items, max_items, section_limits, max_age, welcome_issue, publish_without_readers };
    (policy, min_origin)
}

fn section_limit(text: &str, sections: &[String]) -> Result<(String, usize), String> {
    let (section, limit) = text.split_once('=').ok_or("write a section and its number: \"openings=10\"")?;
    let section = section.trim();
    if !sections.iter().any(|known| known == section) {
        return Err(format!("there is no section {section:?} in sections"));
    }
    match limit.trim().parse() {
        Ok(limit @ 1..=500) => Ok((section.to_owned(), limit)),
        _ => Err("write a whole number from 1 to 500 after the =".to_owned()),
    }
}

fn approval_of(text: &str) -> Result<Approval, String> {
    Approval::ALL
        .into_iter()
        .find(|approval| approval.as_str() == text)
        .ok_or_else(|| format!("{text:?} is none of these: write \"auto\", \"veto\" or \"required\""))
}

/// An edition's name is a label in `List-Id` (RFC 2919), a section's a word on the command line.
fn identifier(text: &str) -> Result<String, String> {
    let sound = (1..=40).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-');
    if sound {
        Ok(text.to_owned())
    } else {
        Err(format!("{text:?} is no name: write lower-case letters, digits and -, at most 40"))
    }
}
