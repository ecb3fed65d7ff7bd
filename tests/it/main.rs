//! What Kawaraban does, seen from outside.

mod rooms;
