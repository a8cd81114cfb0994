# The commands that people and machines type. Each says what it does when it fails, and nothing is
# skipped silently: a missing part stops the run with the command that installs it.

CARGO ?= cargo
ARGS ?=
ENTENTE := target/release/entente
# The fuzz targets are outside the workspace and share what it has built.
FUZZ := --manifest-path fuzz/Cargo.toml --target-dir target --locked

.NOTPARALLEL:
.PHONY: help setup build tap demo check test bench-setup bench mutants

help:
	@echo 'make demo     set up, build, and watch three partners share (ARGS=... for the demo)'
	@echo 'make test     set up, check, build, and run every test'
	@echo 'make build    only $(ENTENTE)'
	@echo 'make check    formatting, lints, and the house rules (cargo xtask tidy)'
	@echo 'make tap      target/debug/entente-tap, which tests use to read what leaves in plain'
	@echo 'make bench    the figures of this machine, peers beside (ARGS=NAME for one group)'
	@echo 'make mutants  plant faults one by one and write docs/mutants.md (ARGS=WORD for some)'
	@echo 'make setup    install what building and testing need'

setup:
	@bash tests/setup.sh

build:
	$(CARGO) build --release --locked

# The program once more, with a flag that what ships must not have. Only its own crate is built anew.
tap:
	$(CARGO) build --package entente --features tap --locked
	cp target/debug/entente target/debug/entente-tap

demo: setup build
	$(ENTENTE) demo $(ARGS)

check:
	$(CARGO) fmt --all --check
	$(CARGO) fmt --manifest-path fuzz/Cargo.toml --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	$(CARGO) clippy $(FUZZ) --lib --tests -- -D warnings
	$(CARGO) xtask tidy

# The tests of the real binary come last: they need it built, and theirs are the closing lines.
test: setup check build
	$(CARGO) test --workspace --exclude world-tests --exclude sim --locked
	$(CARGO) sim --locked
	$(CARGO) test $(FUZZ)
	$(MAKE) tap
	$(CARGO) test --package world-tests --tests --locked

bench-setup:
	@bash tests/setup.sh bench

bench: build bench-setup
	$(ENTENTE) bench $(ARGS)

# Long: each fault is built and its test run. The report that it writes is kept, and checked by tidy.
mutants:
	$(CARGO) xtask mutants $(ARGS)
