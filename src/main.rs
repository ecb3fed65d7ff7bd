//! The `kawaraban` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    kawaraban::crash::arm();
    kawaraban::cli::run()
}
