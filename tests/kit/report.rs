//! How large the tests are, where their randomness comes from, and their figures.

use std::io::Write;

use kawaraban::clock::{SystemClock, random_bytes};
use rand::SeedableRng;
use rand::rngs::StdRng;

/// Returns `small`, or `full` where `FAULTS` is `full`, as `make faults` sets it.
pub(crate) fn sized<T>(small: T, full: T) -> T {
    if std::env::var("FAULTS").is_ok_and(|size| size == "full") { full } else { small }
}

/// Returns a source of randomness whose seed is printed; `FAULTS_SEED` sets it.
pub(crate) fn dice(test: &str) -> StdRng {
    let given = std::env::var("FAULTS_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| u64::from_be_bytes(random_bytes(&SystemClock)));
    println!("{test}: FAULTS_SEED={seed}");
    StdRng::seed_from_u64(seed)
}

/// Prints a line of figures; where `FAULTS_REPORT` names a file, a row of a table is added to it.
pub(crate) fn report(test: &str, what: &str, figures: &str) {
    println!("{test}: {what}: {figures}");
    if let Some(path) = std::env::var_os("FAULTS_REPORT") {
        let mut file = std::fs::File::options().create(true).append(true).open(path).unwrap();
        writeln!(file, "| {test} | {what} | {figures} |").unwrap();
    }
}
