//! The service on a real database, at times of our choosing.

mod files;
mod leaving;
mod operator;
mod round_trip;
mod signing_up;
mod what_for;
