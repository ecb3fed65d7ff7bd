# `make` alone says what there is.

.DEFAULT_GOAL := help
.PHONY: help test faults lint docs bench demo screenshots

help: ## Says what there is
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

test: ## Runs every test, on SQLite and on a PostgreSQL of its own; as root it installs what it needs first
	.ci/prepare
	.ci/with-postgres .ci/test

faults: ## Kills, cuts off, fills up and lies to a sender for half an hour; the figures are in docs/reliability.md
	.ci/prepare
	FAULTS=full .ci/with-postgres cargo test --test faults -- --nocapture --test-threads=4

lint: ## Checks the formatting and the lints
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings

docs: ## Builds the documentation of the code
	RUSTDOCFLAGS=-Dwarnings cargo doc --no-deps

bench: ## Measures what the documentation promises; half an hour
	.ci/prepare
	PG_DURABLE=1 .ci/with-postgres cargo bench --bench speed --bench newsroom

demo: ## Starts everything on this machine, with sample feeds and an inbox to look into
	cargo run --release -- demo

screenshots: ## Takes the pictures in docs/screenshots
	.ci/screenshots
