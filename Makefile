# Everything a newcomer, a developer or CI does, one word each.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# uv from the PATH, else the copy that `install` puts into .tools/.
# Whatever a container says of it: without its compiled files Python takes seconds for each process that tests start.
export PYTHONDONTWRITEBYTECODE =
UV = $(shell command -v uv || echo .tools/bin/uv)

.PHONY: demo test check bench long pictures lock install install-dev browser parsers clean

demo: install  ## a whole school to try, on http://127.0.0.1:8000
	@$(BIN)/tienminuten demo $(ARGS)

# With COVERAGE=1 also how much of the code they walk: not less than pyproject.toml says.
test: install-dev browser parsers  ## the quick tests, all of them
	@$(if $(COVERAGE),$(BIN)/coverage erase)
	@$(BIN)/python -m $(if $(COVERAGE),coverage run -m) pytest $(ARGS)
	@$(if $(COVERAGE),$(BIN)/coverage combine --quiet && $(BIN)/coverage report)

check: install-dev  ## style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: install-dev  ## speed, as ratios measured in one run
	@$(BIN)/python -m tests.bench $(ARGS)

pictures: install-dev browser  ## of the imports; the README's, of a demo that runs; and the manual's, of its story
	@$(BIN)/python -m tests.pictures.imports
	@$(BIN)/python -m tests.pictures.demo
	@rm -rf docs/pictures/handleiding
	@TIENMINUTEN_PICTURES=1 $(BIN)/python -m pytest tests/stories/desk/test_manual.py -n 0 -k as_the_manual_tells_it

long: install-dev browser parsers  ## the tests in full: more kills, files, guesses and steps
	@TIENMINUTEN_LONG=1 $(BIN)/python -m pytest $(ARGS)

lock:  ## pin every package with its hash, without any address
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header pyproject.toml -o requirements.txt
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --group dev -c requirements.txt pyproject.toml -o requirements-dev.txt

install: $(VENV)/.installed
install-dev: $(VENV)/.installed-dev

$(VENV)/.installed: requirements.txt pyproject.toml
	@.ci/uv $(PYTHON)
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) $(VENV)
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.txt
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt
	@touch $@

browser: install-dev  ## a Chromium for the browser stories, where one can be had
	@.ci/browser $(BIN)/python

parsers:  ## what reads calendar files in the tests: ical.js and libical, where they can be had
	@.ci/parsers

clean:
	rm -rf $(VENV) .tools .data .coverage* .pytest_cache .mypy_cache .ruff_cache .hypothesis
