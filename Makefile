# Two commands matter: `make run` and `make test`. Each sets up what is missing first.
PYTHON ?= python3.11
PY := .venv/bin/python
# What needs something heavy runs by itself, after the rest: tests that share a Rasa, browser or server in one process.
HEAVY := rasa or browser or encoder or imap
# Thousands of small databases: in memory, where the machine has a place for that.
SCRATCH := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 2000000 { print "PYTEST_DEBUG_TEMPROOT=/dev/shm" }')
# Folders of heavy tests alone: reading them would load PyTorch.
UNREAD := --ignore=tests/bench --ignore=tests/browser --ignore=tests/encoder --ignore=tests/whole

# Where the tests are that store something.
STORING := $(addprefix tests/,store cases chat desk desk_api help mail web webhooks push attachments bus)

.PHONY: run test test-postgresql quick other-days setup lint desk-texts ask kb-lint kb-index handoffs bench kills clean help

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 12

run: setup ## Serve: widget, desk, assistant
	@exec $(PY) server.py

test: setup ## Every test, the real Rasa, encoder and browser among them
	@OMP_NUM_THREADS=1 $(SCRATCH) $(PY) -m pytest -q -n auto --dist worksteal -m "not ($(HEAVY))"
	@OMP_NUM_THREADS=1 $(PY) -m pytest -q -n $$($(PY) -c "import os; print(min(1 + (os.cpu_count() or 1), 4))") \
	  --dist loadgroup -m "$(HEAVY)"
	@$(MAKE) --no-print-directory test-postgresql

test-postgresql: setup ## The tests of what is stored, once more on PostgreSQL
	@if $(PY) -m tests.postgresql.server; then \
	  ODZIV_TEST_DATABASE=postgresql OMP_NUM_THREADS=1 $(PY) -m pytest -q -n auto --dist worksteal \
	    -m "not ($(HEAVY) or postgresql or sqlite or slow or bench)" $(STORING); \
	else test "$$ODZIV_NO_SKIP" != 1; fi

quick: lint ## Style, types, and every test but slow ones that needs no Rasa, browser, encoder, mail server, PostgreSQL or Redis
	@OMP_NUM_THREADS=1 $(SCRATCH) $(PY) -m pytest -q -n auto --dist worksteal \
	  -m "not ($(HEAVY) or postgresql or redis or slow or bench)" $(UNREAD)

other-days: setup ## The quick tests as on other days; DAYS="in-30-days 29-february" for some of them
	@$(PY) -m tests.on_other_days $(DAYS)

setup: ## Both environments, from nothing
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed, as '$(PYTHON)'. Install it, or say where it is: make PYTHON=/path/to/python3.11 …"; exit 1; }
	@$(PYTHON) install.py

lint: setup ## Style and types
	@$(PY) -m ruff check . && $(PY) -m ruff format --check . && $(PY) -m mypy

desk-texts: setup ## What the desk says, gathered into its catalogues for the translators
	@$(PY) -m odziv.texts.desk.extraction

ask: setup ## make ask Q="where is my parcel" [LANG_=sl]: hits, evidence, decision
	@$(PY) -m flask --app server ask "$(Q)" $(if $(LANG_),--lang $(LANG_),)

kb-lint: setup ## Check the articles
	@$(PY) -m flask --app server kb lint

kb-index: setup ## Build the index, print how sure is sure
	@$(PY) -m flask --app server kb index

handoffs: setup ## The queue
	@$(PY) -m flask --app server handoffs

bench: setup ## Measure everything but kills; DATA=/path/to/sets adds the public sets and Rasa beside them
	@$(PY) -m bench.all $(if $(DATA),--data "$(DATA)",)

kills: setup ## Kill processes at random under load: is anything lost? (fifteen minutes)
	@mkdir -p bench/results
	@$(PY) -m bench.kills --json bench/results/kills.json

clean: ## Remove both environments (not your data)
	rm -rf .venv .venv-rasa
