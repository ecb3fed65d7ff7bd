//! Five-field cron expressions, from the way people write them to the way the `cron` crate reads them.
//!
//! People count Sunday as 0 or 7, write `Sat-Sun`, and know no seconds. The crate counts Sunday as 1, takes no range
//! that wraps, and wants the seconds first: `0 8 * * 5` with a zero in front would fire on Thursdays.
//!
//! What is not taken is refused in words: crontab(5) fires when the day of the month *or* the day of the week
//! matches, the crate when both do, and people expect either; so only one of them may be restricted.

use std::collections::BTreeSet;

/// One of the five fields.
struct Field {
    name: &'static str,
    first: u32,
    last: u32,
    /// Names for the numbers from `first` up.
    names: &'static [&'static str],
    /// Another number for `first`: 7 for Sunday.
    alias_of_first: Option<u32>,
}

const FIELDS: [Field; 5] = [
    Field { name: "minute", first: 0, last: 59, names: &[], alias_of_first: None },
    Field { name: "hour", first: 0, last: 23, names: &[], alias_of_first: None },
    Field { name: "day of the month", first: 1, last: 31, names: &[], alias_of_first: None },
    Field {
        name: "month",
        first: 1,
        last: 12,
        names: &[
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ],
        alias_of_first: None,
    },
    Field {
        name: "day of the week",
        first: 0,
        last: 6,
        names: &["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"],
        alias_of_first: Some(7),
    },
];

const ALIASES: [(&str, &str); 7] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

const SHAPE: &str = "write five fields, minute hour day-of-month month day-of-week, such as \"0 8 * * Fri\"";

/// Returns `expression` as the `cron` crate reads it, or what is wrong with it.
pub(super) fn normalise(expression: &str) -> Result<String, String> {
    let expression = if expression.starts_with('@') {
        let alias = ALIASES.iter().find(|(name, _)| name.eq_ignore_ascii_case(expression));
        alias.map(|(_, fields)| *fields).ok_or_else(|| {
            let names: Vec<&str> = ALIASES.iter().map(|(name, _)| *name).collect();
            format!("{expression:?} is not one of {}", names.join(", "))
        })?
    } else {
        expression
    };
    let texts: Vec<&str> = expression.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = texts[..] else {
        return Err(format!("{expression:?} has {} fields: {SHAPE}", texts.len()));
    };
    if !is_any(day) && !is_any(weekday) {
        return Err(format!(
            "{expression:?} restricts both the day of the month ({day}) and the day of the week ({weekday}), and \
             programs differ over what that means: write * for one of them"
        ));
    }
    let mut out = "0".to_owned();
    for (field, text) in FIELDS.iter().zip([minute, hour, day, month, weekday]) {
        out.push(' ');
        out.push_str(&field.normalise(text)?);
    }
    Ok(out)
}

fn is_any(text: &str) -> bool {
    matches!(text, "*" | "?")
}

impl Field {
    fn normalise(&self, text: &str) -> Result<String, String> {
        if text == "?" && !self.name.starts_with("day") {
            return Err(self.problem(text, "? stands for a day only"));
        }
        if is_any(text) {
            return Ok("*".to_owned());
        }
        let mut values = BTreeSet::new();
        for item in text.split(',') {
            self.add(item, &mut values)?;
        }
        // The crate numbers the days of the week from 1.
        let offset = u32::from(self.alias_of_first.is_some());
        let numbers: Vec<String> = values.iter().map(|value| (value + offset).to_string()).collect();
        Ok(numbers.join(","))
    }

    /// Adds the values of one item: `5`, `1-5`, `*/15`, `8-18/2`, `Mon`, `Fri-Mon`.
    fn add(&self, item: &str, values: &mut BTreeSet<u32>) -> Result<(), String> {
        let span = self.last - self.first + 1;
        let (range, step) = match item.split_once('/') {
            None => (item, None),
            Some((range, step)) => {
                let step = number(step).filter(|step| (1..=span).contains(step));
                (range, Some(step.ok_or_else(|| self.problem(item, &format!("a step is a number from 1 to {span}")))?))
            }
        };
        let (from, to) = if range == "*" {
            (self.first, self.last)
        } else if let Some((from, to)) = range.split_once('-') {
            (self.value(from, item)?, self.value(to, item)?)
        } else {
            let from = self.value(range, item)?;
            // `5/15` is 5, 20, 35, 50.
            (from, if step.is_some() { self.last.max(from) } else { from })
        };
        // A range that runs backwards wraps: Sat-Sun, 22-2, Nov-Feb.
        let to = if to < from { to + span } else { to };
        for value in (from..=to).step_by(usize::try_from(step.unwrap_or(1)).expect("a step is small")) {
            values.insert(self.first + (value - self.first) % span);
        }
        Ok(())
    }

    fn value(&self, text: &str, item: &str) -> Result<u32, String> {
        let lower = text.to_ascii_lowercase();
        if lower.len() >= 3
            && let Some(index) = self.names.iter().position(|name| lower == *name || lower == name[..3])
        {
            return Ok(self.first + u32::try_from(index).expect("a list of names is short"));
        }
        number(text)
            .filter(|n| (self.first..=self.last).contains(n) || Some(*n) == self.alias_of_first)
            .ok_or_else(|| self.problem(item, &self.allowed()))
    }

    fn allowed(&self) -> String {
        let last = self.alias_of_first.unwrap_or(self.last);
        let names = match self.names {
            [] => String::new(),
            [first, .., last] => format!(" or a name from {} to {}", &first[..3], &last[..3]),
            [only] => format!(" or {only}"),
        };
        format!(
            "a number from {} to {last}{names}; lists, ranges and steps of them; L, W and # are not known",
            self.first
        )
    }

    fn problem(&self, item: &str, why: &str) -> String {
        format!("{item:?} is no {}: {why}", self.name)
    }
}

/// Reads a plain number; `+5` is none.
fn number(text: &str) -> Option<u32> {
    if text.is_empty() || text.len() > 4 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}
