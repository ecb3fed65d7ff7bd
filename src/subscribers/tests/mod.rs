//! The service on a real database, at times of our choosing.

mod files;
mod leaving;
mod operator;
mod signing_up;
