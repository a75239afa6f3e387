# One command per chore. `make run` and `make test` need Python 3.11 and make, nothing else.

# Command line only (make run PORT=8001): some shells export a HOST of their own.
HOST = 127.0.0.1
PORT = 8000
# The database of the PostgreSQL suites; its role must be allowed to create databases.
POSTGRESQL_URL ?= postgres://goodplay:goodplay@127.0.0.1:5432/goodplay
ROUNDS ?= 7
SECONDS ?= 5
# Of 2 250 000 transfers 1 000 000 are donations. Lines are those of a month on each side of the reconciliation.
TRANSFERS ?= 2250000
SOCKETS ?= 2000
LINES ?= 100000
EXAMPLES ?= 25
# Tests run on every core; each worker has a database of its own. What kills servers runs alone.
WORKERS ?= auto

# The first Python on this machine that is new enough; else whatever is there, so that the check can say what is wrong.
PYTHON ?= $(shell for found in python3.11 python3 python3.12 python3.13 python3.14 python; do \
	$$found -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$found && exit; done; \
	command -v python3 || command -v python || echo python3)
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
CHECKED = $(or $(wildcard $(BIN)/python),$(PYTHON))
RUNTIME := .venv/.runtime
DEVELOPMENT := .venv/.development
DOCUMENTS := .venv/.documents
PIP_INSTALL := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --retries 2

# Without a .env, make's own commands are development: DEBUG on, SQLite, mail into files. With one, it decides.
ifeq (,$(wildcard .env))
export DEBUG ?= true
export EMAIL_URL ?= filemail:///$(CURDIR)/var/mail
export PUBLIC_URL ?= http://$(HOST):$(PORT)
endif
# The suite alone decides what it talks to: nothing of the developer's own set-up reaches it.
ON_SQLITE := DATABASE_URL="sqlite:///$(CURDIR)/var/goodplay.sqlite3" REDIS_URL= CELERY_BROKER_URL= EVENT_STREAM_URL= MONGODB_URL=
ON_POSTGRESQL := DATABASE_URL=$(POSTGRESQL_URL) REDIS_URL= CELERY_BROKER_URL= EVENT_STREAM_URL= MONGODB_URL=
# What `check --deploy` is asked about: an installation as docs/operations.md describes it.
AS_DEPLOYED := DEBUG=false SECRET_KEY=checked-only-never-served-0123456789-abcdefghijklmnop ALLOWED_HOSTS=goodplay.example \
	PUBLIC_URL=https://goodplay.example \
	FIELD_ENCRYPTION_KEYS=a-key-that-is-checked-only-and-never-served= \
	DATABASE_URL=$(POSTGRESQL_URL) REDIS_URL=redis://127.0.0.1:6379/0

.DEFAULT_GOAL := help
.PHONY: help run demo install test test-fast test-postgresql test-journeys test-faults test-machine test-browser test-documents \
	lint lint-style lint-types lint-contracts lint-migrations lint-deployment format messages schema bench clean machine address

help:  ## Show this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: address $(RUNTIME)  ## Start GoodPlay on http://127.0.0.1:8000 with demo data (PORT=… for another port).
	@mkdir -p var/mail
	@$(MANAGE) migrate --no-input --verbosity 0
	@$(MANAGE) load_demo
	@exec $(MANAGE) serve --host $(HOST) --port $(PORT)

demo: $(RUNTIME)  ## Play the main job, from registration to receipt, against the running server.
	@$(MANAGE) demo --url http://$(HOST):$(PORT)

install: $(DEVELOPMENT)  ## Install everything a developer needs into .venv.

test: $(DEVELOPMENT)  ## Run the suite on SQLite; what needs a server says how to run it, pages in a browser are for test-browser.
	@$(ON_SQLITE) $(BIN)/pytest -n $(WORKERS) -m "not browser" $(ARGS)

test-fast: $(DEVELOPMENT)  ## Run the suite without the slow tests.
	@$(ON_SQLITE) $(BIN)/pytest -n $(WORKERS) -m "not slow and not browser" $(ARGS)

test-postgresql: $(DEVELOPMENT)  ## Run the suite on PostgreSQL (POSTGRESQL_URL=…), races included.
	@$(ON_POSTGRESQL) $(BIN)/pytest -n $(WORKERS) -m "not faults and not browser" $(ARGS)

test-journeys: $(DEVELOPMENT)  ## Run the end-to-end journeys on PostgreSQL.
	@$(ON_POSTGRESQL) $(BIN)/pytest tests/journeys $(ARGS)

test-faults: $(DEVELOPMENT)  ## Kill real servers on PostgreSQL and prove that nothing is lost.
	@$(ON_POSTGRESQL) $(BIN)/pytest -m faults $(ARGS)

test-machine: $(DEVELOPMENT)  ## Search long for an order of events that loses a cent, books proved after every step (EXAMPLES=25).
	@$(ON_POSTGRESQL) MONEY_MACHINE_EXAMPLES=$(EXAMPLES) MONEY_MACHINE_STEPS=50 MONEY_MACHINE_AUDITED_EVERY=1 \
		$(BIN)/pytest tests/donations/test_money_machine.py $(ARGS)

test-browser: $(DEVELOPMENT)  ## Drive the pages in a real browser (Debian's chromium).
	@$(ON_SQLITE) $(BIN)/pytest -m browser $(ARGS)

test-documents: $(DOCUMENTS)  ## Run the document models and the import on MongoDB's wire (a test server from PyPI is started).
	@$(ON_SQLITE) $(BIN)/python -m tests.impact.on_mongodb $(ARGS)

lint: lint-style lint-types lint-contracts lint-migrations lint-deployment  ## Check style, types, contracts, migrations, settings.

lint-style: $(DEVELOPMENT)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

lint-types: $(DEVELOPMENT)
	$(BIN)/mypy

lint-contracts: $(DEVELOPMENT)
	$(BIN)/lint-imports

lint-migrations: $(DEVELOPMENT)
	$(MANAGE) makemigrations --check --dry-run

lint-deployment: $(DEVELOPMENT)
	$(AS_DEPLOYED) $(MANAGE) check --deploy --fail-level WARNING

format: $(DEVELOPMENT)  ## Mend what ruff can mend.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: $(DEVELOPMENT)  ## Collect the texts to translate and compile the Italian catalogue (needs GNU gettext).
	$(MANAGE) makemessages --locale it --no-wrap --add-location file --ignore ".venv/*" --ignore "tests/*" --ignore "benchmarks/*"
	$(MANAGE) compilemessages --locale it --ignore ".venv/*"

schema: $(RUNTIME)  ## Write the OpenAPI schema to var/openapi.yaml.
	@mkdir -p var
	$(MANAGE) spectacular --validate --fail-on-warn --file var/openapi.yaml

bench: $(DEVELOPMENT)  ## Measure flows, boards, reports, reconciliation, sockets on PostgreSQL (needs wrk and pgbench).
	@POSTGRESQL_URL=$(POSTGRESQL_URL) $(BIN)/python -m benchmarks --rounds $(ROUNDS) --seconds $(SECONDS)
	@POSTGRESQL_URL=$(POSTGRESQL_URL) $(BIN)/python -m benchmarks.dashboards --rounds $(ROUNDS) --transfers $(TRANSFERS)
	@POSTGRESQL_URL=$(POSTGRESQL_URL) $(BIN)/python -m benchmarks.reconciling --database --sizes $(LINES)
	@$(BIN)/python -m benchmarks.sockets --sockets $(SOCKETS)

clean:  ## Remove what was generated: environment, database, mail, caches.
	rm -rf .venv var staticfiles .coverage htmlcov .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What the chores stand on -----------------------------------------------------------------------------------------

machine:
	@command -v $(CHECKED) >/dev/null || { echo "GoodPlay needs Python 3.11 or newer, and there is no python3 here." >&2; exit 1; }
	@$(CHECKED) scripts/check_machine.py

address: machine
	@$(CHECKED) scripts/check_machine.py $(HOST) $(PORT)

$(BIN)/python: | machine
	@echo "Creating the virtual environment .venv …"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

# The stamps hold what was installed, so only a changed list installs again (a fresh checkout's dates would not tell).
$(RUNTIME): requirements.txt | $(BIN)/python
	@cmp -s requirements.txt $@ || { echo "Installing requirements.txt …"; $(PIP_INSTALL) -r requirements.txt; } || { $(NO_PACKAGES); }
	@cp requirements.txt $@
	@mkdir -p var

$(DEVELOPMENT): requirements.txt requirements-dev.txt | $(BIN)/python
	@cat requirements.txt requirements-dev.txt | cmp -s - $@ || \
		{ echo "Installing requirements-dev.txt …"; $(PIP_INSTALL) -r requirements-dev.txt; } || { $(NO_PACKAGES); }
	@cat requirements.txt requirements-dev.txt > $@
	@cp requirements.txt $(RUNTIME)
	@mkdir -p var

$(DOCUMENTS): requirements-mongodb.txt $(DEVELOPMENT)
	@cmp -s requirements-mongodb.txt $@ || \
		{ echo "Installing requirements-mongodb.txt …"; $(PIP_INSTALL) -r requirements-mongodb.txt; } || { $(NO_PACKAGES); }
	@cp requirements-mongodb.txt $@

define NO_PACKAGES
echo; echo "The packages could not be installed (the reason is above)."; \
echo "Check the network: pip must reach its package index. Behind a proxy set HTTPS_PROXY; for a mirror set PIP_INDEX_URL."; \
echo "Then run make again."; exit 1
endef
