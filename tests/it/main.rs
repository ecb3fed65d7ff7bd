//! What Kawaraban does, seen from outside.
