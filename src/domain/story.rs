//! When two articles tell one story.
//!
//! [`canonical_url`] folds the spellings of one page's address into one, [`Headline`] takes a title apart,
//! [`Telling::same_story`] says whether two articles are one story and by what evidence, and [`Tellers`] finds who is
//! worth asking among many. Nothing here knows where articles are kept.
//!
//! A repeat is a nuisance; a story that is taken for another one is lost. So where it is not certain, it is two.

mod address;
mod diff;
mod employer;
mod headline;
#[cfg(test)]
mod labelled_tests;
mod search;
mod telling;
mod tracking;
mod words;

pub use address::{canonical_url, names_a_page, place_on_page};
pub use headline::Headline;
pub use search::Tellers;
pub use telling::{Evidence, Telling, WINDOW, Words};
