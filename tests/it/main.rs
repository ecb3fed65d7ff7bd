//! What Kawaraban does, seen from outside.

mod demo;
mod rooms;
