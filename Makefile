# Needs only make, Python 3.11 or newer and a package mirror that pip and npm know of.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run demo test check fix bench prove lock clean

PY := .venv/bin/python
FLASK := $(PY) -m flask --app app
PIP := $(PY) -m pip install -q --no-input --disable-pip-version-check --require-hashes
NPM := sh tools/npm
NPM_CI := $(NPM) ci --loglevel=error --ignore-scripts --no-audit --no-fund
LOCK := $(PY) -m uv pip compile -q --universal --generate-hashes --no-annotate \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	--python-version 3.11 $(if $(UPGRADE),--upgrade)
SERIES := eduforum/site/sample/jjj-education-2024.yaml

help: ## Show this list
	@while IFS= read -r line; do case $$line in \
		[a-z]*:*' ## '*) printf 'make %-7s %s\n' "$${line%%:*}" "$${line#* \#\# }";; \
	esac; done < $(firstword $(MAKEFILE_LIST))

run: .venv/run.stamp node_modules/run.stamp ## Start EduForum on http://127.0.0.1:8000 (PORT=… for another port)
	@exec $(PY) -m eduforum.server

# Day 1 is today in Beijing; from 17:00 there, when the programme is nearly over, it is tomorrow.
DAY_1 = $$(TZ=DEMO-15 date +%F)

# A database of its own, and neither mail nor webhooks, whatever the environment or .env says.
demo: export EDUFORUM_DATA_DIR := data/demo
demo: export EDUFORUM_SQLALCHEMY_DATABASE_URI :=
demo: export EDUFORUM_MAIL_SERVER :=
demo: export EDUFORUM_WEBHOOK_HOSTS :=
demo: .venv/run.stamp node_modules/run.stamp ## The same in data/demo, full of sample people; day 1 is today
	@$(FLASK) db upgrade
	@$(FLASK) series load $(SERIES) --on "$(DAY_1)"
	@[ -e data/demo/people.stamp ] || { $(FLASK) sample people 300 && $(FLASK) sample delegations --series jjj-2024 && $(FLASK) sample invitations --series jjj-2024 && $(FLASK) sample press --series jjj-2024 && touch data/demo/people.stamp; }
	@exec $(PY) -m eduforum.server

test: .venv/test.stamp node_modules/test.stamp ## Run every test the machine can (ARGS='tests/tickets -x' for some)
	@$(PY) -m pytest -n auto $(ARGS)

check: .venv/test.stamp node_modules/test.stamp ## Format, lint, translations, import contracts, types, migrations
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m tools.translations
	@.venv/bin/lint-imports
	@$(PY) -m mypy
	@$(PY) -m tools.migrations

fix: .venv/test.stamp ## Format the code, and mend what a linter can mend
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

bench: .venv/test.stamp node_modules/run.stamp ## Measure speed and memory (SIZE=… registrations)
	@$(PY) -m tests.bench $(if $(SIZE),--size $(SIZE))

prove: .venv/test.stamp node_modules/test.stamp ## Show that the promises hold under load and faults: hours (ONLY=oversell SCALE=0.1 ENGINE=sqlite)
	@$(PY) -m tests.prove $(if $(ONLY),--only $(ONLY)) $(if $(SCALE),--scale $(SCALE)) \
		$(if $(ENGINE),--engine $(ENGINE))

lock: .venv/test.stamp ## Write the lock files anew from the .in files and package.json (UPGRADE=1: newest versions)
	@index=$${UV_DEFAULT_INDEX:-$$($(PY) -m pip config get global.index-url 2>/dev/null)}; \
	[ -z "$$index" ] || export UV_DEFAULT_INDEX="$$index"; \
	$(LOCK) requirements.in -o requirements.txt && \
	$(LOCK) tests/requirements.in -o tests/requirements.txt
	@$(NPM) install --loglevel=error --package-lock-only --ignore-scripts --no-audit --no-fund \
		--omit-lockfile-registry-resolved

clean: ## Remove everything the other targets made, except data/
	@rm -rf .venv node_modules build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# A stamp is newer than the lock file it was installed from. The environment is made from nothing
# each time, so that it holds exactly what the lock names; so it is when its Python has gone.
.venv/bin/python: ;

.venv/run.stamp: requirements.txt .venv/bin/python
	@echo "Installing Python packages into .venv (first time, or requirements.txt has changed) …"
	@python=$$(sh tools/find-python) && "$$python" -m venv --clear .venv
	@$(PIP) -r requirements.txt
	@touch $@

.venv/test.stamp: tests/requirements.txt .venv/run.stamp
	@echo "Installing what the tests and checks need …"
	@$(PIP) -r tests/requirements.txt
	@touch $@

node_modules/run.stamp: package-lock.json | .venv/run.stamp
	@echo "Installing front-end packages into node_modules …"
	@$(NPM_CI) --omit=dev
	@touch $@

node_modules/test.stamp: package-lock.json | .venv/run.stamp
	@echo "Installing front-end packages into node_modules, those for tests as well …"
	@$(NPM_CI)
	@touch node_modules/run.stamp $@
