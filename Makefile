# Handrail. `make help` lists what there is to make.

VENV := .venv
FRAMEWORKS := .venv-frameworks
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; break; }; done)
PIP_INSTALL := -m pip --disable-pip-version-check install --quiet --require-hashes
# uv does in seconds what takes pip minutes. It does not read pip's settings, so pip goes where it cannot.
UV := $(VENV)/bin/uv
install = $(UV) pip install --quiet --require-hashes --python $(1)/bin/python -r $(2) || \
	$(1)/bin/python $(PIP_INSTALL) -r $(2)

.PHONY: run test bench lock openapi messages clean help
.DEFAULT_GOAL := help

run: $(VENV)/installed ## Run everything on this machine; PORT=8001 changes the port, DEMO_TRAFFIC=0 stops the simulated agents
	@exec $(VENV)/bin/python -m config.supervisor

test: $(VENV)/installed-for-tests $(FRAMEWORKS)/installed ## Check style, types and layers, then run the tests; ARGS="tests/escalations -k claim" runs only those
	@exec $(VENV)/bin/python -m tests.run $(ARGS)

bench: $(VENV)/installed-for-tests ## Measure this machine; prints a table and writes var/bench.json
	@exec $(VENV)/bin/python -m tests.bench $(ARGS)

lock: $(VENV)/installed-for-tests ## Pin the newest versions that pyproject.toml allows, with hashes
	@$(VENV)/bin/python -m uv pip compile --quiet --upgrade pyproject.toml $(LOCK_OPTIONS) -o requirements.txt
	@$(VENV)/bin/python -m uv pip compile --quiet --upgrade pyproject.toml --group dev -c requirements.txt \
		$(LOCK_OPTIONS) -o requirements-dev.txt
	@$(VENV)/bin/python -m uv pip compile --quiet --upgrade --group frameworks $(LOCK_OPTIONS) \
		-o requirements-frameworks.txt
LOCK_OPTIONS := --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header

openapi: $(VENV)/installed-for-tests ## Write docs/openapi.json, which the tests compare
	@exec $(VENV)/bin/python manage.py export_openapi

messages: $(VENV)/installed-for-tests ## Bring the catalogues of texts in locale/ up to date with the sources
	@exec $(VENV)/bin/python -m tests.messages

clean: ## Remove the environment, all data and everything that was made
	rm -rf $(VENV) $(FRAMEWORKS) var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

$(VENV)/bin/python:
ifeq ($(PYTHON),)
	@echo "handrail: Python 3.11 or newer is needed and was not found; PYTHON=/path/to/python names one." >&2; exit 1
endif
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "handrail: $(PYTHON) cannot make environments; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(UV): | $(VENV)/bin/python
	@sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.txt > $(VENV)/uv.txt
	@$(VENV)/bin/python $(PIP_INSTALL) -r $(VENV)/uv.txt

$(VENV)/installed: requirements.txt | $(UV)
	@echo "Installing what Handrail needs into $(VENV) (once; less than a minute)"
	@$(call install,$(VENV),requirements.txt)
	@touch $@

$(VENV)/installed-for-tests: requirements-dev.txt | $(UV)
	@echo "Installing what Handrail and its tests need into $(VENV) (once; about a minute)"
	@$(call install,$(VENV),requirements-dev.txt)
	@touch $@ $(VENV)/installed

# The client is read from its sources, by a path that starts at the environment.
$(FRAMEWORKS)/installed: requirements-frameworks.txt | $(UV)
	@echo "Installing the agent frameworks of the examples into $(FRAMEWORKS) (once; half a minute)"
	@$(VENV)/bin/python -m venv $(FRAMEWORKS)
	@$(call install,$(FRAMEWORKS),requirements-frameworks.txt)
	@echo ../../../../clients/python/src > \
		"$$($(FRAMEWORKS)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/handrail_client.pth"
	@touch $@
