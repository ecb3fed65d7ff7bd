//! What Kawaraban does, seen from outside.

mod cli;
mod rooms;
