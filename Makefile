# Everything is set up in .venv on first use; `make run` alone and `make test` alone do it all.

PYTHON ?= python3
ARGS ?=
JOBS ?= auto
AREA ?=

BOOTSTRAP = @$(PYTHON) packaging/bootstrap.py
PY = .venv/bin/python

.PHONY: help setup run test test-gpu soak lint format bench pictures screenshots package test-frozen installer-check i18n clean
.NOTPARALLEL:
.DEFAULT_GOAL := help

help: ## list the targets
	@echo "make TARGET [ARGS='…'] [PYTHON=python3.12]"
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "  %-15s %s\n", $$1, $$2 }'

setup: ## set up .venv: libraries, llama.cpp, the starter model
	$(BOOTSTRAP)

run: ## open the window (ARGS go to cascade-desk: ARGS='ask "…"')
	$(BOOTSTRAP)
	@$(PY) packaging/display.py $(ARGS)
	@.venv/bin/cascade-desk $(ARGS)

test: ## run the tests in JOBS processes, one for each core (ARGS go to pytest: ARGS='-k split')
	$(BOOTSTRAP) --tests
	$(PY) -m pytest -m "not soak" -n $(JOBS) --maxprocesses 4 --dist loadfile $(ARGS)

test-gpu: ## build llama.cpp with Vulkan into .venv-gpu and test it on a software device
	@$(PYTHON) packaging/gpu_environment.py
	CASCADE_TEST_GPU=1 GGML_VK_VISIBLE_DEVICES=0 .venv-gpu/bin/python -m pytest tests/gpu $(ARGS)

soak: ## run the long tests, which need the network and time
	$(BOOTSTRAP) --tests --soak
	$(PY) -m pytest -m soak $(ARGS)

lint: ## ruff, mypy, the layers, the rules for files
	$(BOOTSTRAP)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(PY) packaging/check_tree.py
	$(PY) packaging/check_words.py

format: ## let ruff put the sources in order
	$(BOOTSTRAP)
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: ## measure (AREA=engine measures one area); table, and build/bench.json
	$(BOOTSTRAP) --tests --bench
	$(PY) -m tests.bench $(if $(AREA),--area $(AREA)) $(ARGS)

package: ## build the frozen program into dist/, try it out, and pack it
	$(BOOTSTRAP) --package
	@$(PY) packaging/freeze.py $(ARGS)

test-frozen: ## test the program in dist/ as a person uses it (CASCADE_PROGRAM names another one)
	$(BOOTSTRAP) --tests
	CASCADE_PROGRAM=$${CASCADE_PROGRAM:-$(CURDIR)/dist/cascade-desk/cascade-desk} $(PY) -m pytest tests/frozen $(ARGS)

installer-check: ## compile the Windows installer under wine and try it out
	@$(PYTHON) packaging/installer_check.py $(ARGS)

pictures: ## take pictures of the window's states into build/pictures, in every palette of colours
	$(BOOTSTRAP) --tests
	$(PY) -m tests.pictures $(ARGS)

screenshots: ## take the pictures of README.md and docs/
	$(BOOTSTRAP) --tests
	$(PY) -m tests.screenshots $(ARGS)

i18n: ## gather the texts for translators and compile their translations (ARGS="--new fr")
	$(BOOTSTRAP)
	@$(PY) packaging/i18n.py $(ARGS)

clean: ## remove what was built and cached here (.venv stays)
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info
	find . -path ./.venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
