//! The `kawaraban` program.

fn main() {}
