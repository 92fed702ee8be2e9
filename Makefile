# Every command of this repository. `make` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

ENV ?= staging
# Each is a file, but for what they share, and for previews.
ENVIRONMENTS = $(subst _,-,$(filter-out __init__ applications preview shared,$(basename $(notdir $(wildcard environments/*.py)))))
PYTHON := .venv/bin/python
LOCAL := eval "$$($(PYTHON) -m local env)"
DELIVERY := $(PYTHON) -m delivery
# adopt, deploy, destroy and recover ask before they change anything; APPROVE=yes approves beforehand, as a run without a terminal must.
APPROVED = $(if $(filter-out yes,$(APPROVE)),$(error APPROVE=$(APPROVE): allowed: yes))$(if $(APPROVE),--auto-approve)
PIPENV_VERSION := 2026.10.3
BUILD_LOG_FOLDER = $${MOSAIC_CACHE:-$${XDG_CACHE_HOME:-$$HOME/.cache}/mosaic-platform}

export VIRTUAL_ENV := $(CURDIR)/.venv
export PIPENV_VERBOSITY := -1
export CHECKPOINT_DISABLE := 1
# Each command, and each process of the tests, would otherwise compile the project anew.
export PYTHONDONTWRITEBYTECODE :=
# jsii prints a banner for each Node release whose time is over; cdktf 0.21 runs on Node 20 and newer.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

.PHONY: help
help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16
	@echo; echo "ENV=staging is the default environment; MOSAIC_CLOUD=aws the default cloud of plan, deploy and verify."

.PHONY: local
local: engines setup ## Start the local cloud, deploy ENV on it, verify, show the result
	@$(PYTHON) -m local up $(ENV)
	@$(LOCAL); $(DELIVERY) deploy bootstrap --auto-approve
	@$(LOCAL); $(DELIVERY) adopt $(ENV) --auto-approve
	@$(LOCAL); $(DELIVERY) deploy $(ENV) --auto-approve
	@$(PYTHON) -m local finish
	@$(LOCAL); $(DELIVERY) verify $(ENV)
	@$(PYTHON) -m local summary $(ENV)

.PHONY: preview
preview: engines setup ## On the local cloud: give pull request PR a preview of its images WEB=TAG API=TAG
	@$(if $(and $(PR),$(WEB),$(API)),,$(error PR=$(PR) WEB=$(WEB) API=$(API): allowed: a pull request and two tags, PR=12 WEB=staging-e399d2f API=staging-e399d2f))$(PYTHON) -m local up
	@$(LOCAL); $(DELIVERY) deploy bootstrap --auto-approve
	@$(PYTHON) -m local finish
	@$(LOCAL); $(DELIVERY) preview claim --pull-request $(PR) --images web=$(WEB) core-api=$(API) --deploy

.PHONY: preview-list
preview-list: setup ## On the local cloud: show which pull request has which preview
	@$(LOCAL); $(DELIVERY) preview list

.PHONY: preview-end
preview-end: setup ## On the local cloud: empty the preview of pull request PR
	@$(if $(PR),,$(error PR=: allowed: a pull request, PR=12))$(LOCAL); $(DELIVERY) preview release --pull-request $(PR)

.PHONY: local-up
local-up: engines setup ## Start the local cloud, or its missing parts
	@$(PYTHON) -m local up

.PHONY: local-down
local-down: ## Stop the local cloud; its data stays
	@$(PYTHON) -m local down

.PHONY: local-reset
local-reset: ## Stop the local cloud and delete its data
	@$(PYTHON) -m local reset

.PHONY: local-status
local-status: ## Show the parts of the local cloud
	@$(PYTHON) -m local status

.PHONY: local-env
local-env: ## Print the variables of the local cloud for your shell: eval "$(make -s local-env)"
	@$(PYTHON) -m local env

.PHONY: synth
synth: setup ## Write the Terraform configuration of every environment to cdktf.out
	@test -t 1 || export CI=true; npx --no-install cdktf synth

.PHONY: bootstrap
bootstrap: setup ## Create state buckets and delivery roles: once per account, and for a new environment
	@$(DELIVERY) deploy bootstrap $(APPROVED)

.PHONY: plan
plan: setup ## Show what a deploy of ENV would change
	@$(DELIVERY) plan $(ENV)

.PHONY: deploy
deploy: setup ## Deploy ENV, then verify it
	@$(DELIVERY) deploy $(ENV) $(APPROVED)
	@$(DELIVERY) verify $(ENV)

.PHONY: doctor
doctor: setup ## Say whether a deploy of ENV would start, fact by fact; changes nothing
	@$(DELIVERY) doctor $(ENV)

.PHONY: destroy
destroy: setup ## Destroy ENV; a protected environment refuses
	@$(DELIVERY) destroy $(ENV) $(APPROVED)

.PHONY: adopt
adopt: setup ## Before the first deploy of ENV: prepare existing resources for adoption (docs/production.md)
	@$(DELIVERY) adopt $(ENV) $(APPROVED)

.PHONY: recover
recover: setup ## After a killed run: release its lock (LOCK=ID for another machine's), import what exists
	@$(DELIVERY) recover $(ENV) $(if $(LOCK),--lock-id $(LOCK)) $(APPROVED)

.PHONY: guard
guard: setup ## Plan ENV and show the guard's verdict
	@$(DELIVERY) save-plan $(ENV)
	@$(DELIVERY) guard $(ENV)

.PHONY: comment
comment: setup ## Plan every environment and write a pull request's comment to plans/comment.md
	@$(DELIVERY) save-plan
	@$(DELIVERY) comment --commit "$$(git rev-parse HEAD)" --out plans/comment.md

.PHONY: rehearse
rehearse: engines setup ## Run the workflows' own steps on the local cloud: pull requests, and a merge to ENV
	@$(PYTHON) -m local up
	@$(LOCAL); $(DELIVERY) deploy bootstrap --auto-approve
	@$(LOCAL); for environment in $(ENVIRONMENTS); do \
	    $(DELIVERY) adopt $$environment --auto-approve; $(DELIVERY) deploy $$environment --auto-approve; done
	@$(PYTHON) -m local finish
	@$(LOCAL); $(DELIVERY) rehearse $(ENV)

.PHONY: pictures
pictures: synth ## Draw the README's pictures and tables from the code, and take again what is stale
	@$(PYTHON) -m tools.pictures

.PHONY: docs
docs: setup .venv-docs/.complete ## Build the documentation site into site/html; a link or an anchor that leads nowhere fails
	@rm -rf site
	@$(PYTHON) -m tools.documentation site/source
	@.venv-docs/bin/sphinx-build --quiet --fail-on-warning --keep-going --conf-dir tools/documentation/sphinx site/source site/html
	@echo "docs: site/html/index.html"

.PHONY: tutorials
tutorials: engines setup ## Run every command of the tutorials as pasted, each tutorial on a local cloud of its own
	@$(PYTHON) -m tools.tutorials

.PHONY: verify
verify: setup ## Check the running ENV against its settings, one line per check
	@$(DELIVERY) verify $(ENV)

.PHONY: history
history: setup ## List the recorded deploys of ENV with commit, images and result
	@$(DELIVERY) history $(ENV)

.PHONY: promote
promote: setup ## Open a pull request for TO with the verified images that FROM runs (docs/promotion.md)
	@$(if $(and $(FROM),$(TO)),$(DELIVERY) promote $(FROM) $(TO),$(error FROM=$(FROM) TO=$(TO): allowed: two environments, FROM=staging TO=prod))

.PHONY: check
check: lint ## For each commit: lint, and every test that needs no local cloud
	@$(PYTHON) -m pytest tests/unit tests/tools tests/synth tests/delivery --ignore tests/delivery/doctor -m "not long" \
	    --numprocesses 2 --dist loadfile --no-loadscope-reorder

.PHONY: test
test: engines setup ## Run every test, on a local cloud of their own
	@cd local/providers && go test ./...
	@$(PYTHON) -m pytest --numprocesses 5 --no-loadscope-reorder

.PHONY: test-live
test-live: engines setup ## Run the live tests, on a local cloud of their own or with MOSAIC_CLOUD=aws on ENV in the account
	$(if $(filter-out aws local,$(MOSAIC_CLOUD)),$(error MOSAIC_CLOUD=$(MOSAIC_CLOUD): allowed: aws, local))
	@$(PYTHON) -m pytest tests/live $(if $(filter aws,$(MOSAIC_CLOUD)),--aws $(ENV))

# Side by side, the longest first, each one's output in one piece; what one finds does not hide what the next would.
LINT_STEPS := lint-types lint-go lint-references lint-workflows lint-imports lint-style lint-format

.PHONY: lint
lint: setup ## Check format, style, types, imports, references, workflows and Go code
	@$(MAKE) --jobs=2 --output-sync=target --keep-going $(LINT_STEPS)

.PHONY: $(LINT_STEPS)
lint-types:
	@$(PYTHON) -m mypy .
lint-go:
	@cd local/providers && test -z "$$(gofmt -l . | tee /dev/stderr)" && go vet ./...
lint-references:
	@$(PYTHON) -m tools.check_references
lint-format:
	@$(PYTHON) -m ruff format --check .
lint-style:
	@$(PYTHON) -m ruff check .
lint-imports:
	@.venv/bin/lint-imports --no-logo
lint-workflows:
	@go -C tools tool actionlint -shellcheck= -pyflakes= $(CURDIR)/.github/workflows/*.yml
	@.venv/bin/zizmor --offline --quiet --no-progress .github

.PHONY: scan
scan: setup tools/scan/.venv/.complete ## Run checkov, kube-score and parliament over every synthesized stack
	@$(PYTHON) -m tools.scan

.PHONY: bench
bench: setup ## Measure the project in ratios; ONLY="synth cloud" measures these parts, ROUNDS=N that often
	@$(PYTHON) -m benchmarks $(if $(ONLY),--only $(ONLY)) $(if $(ROUNDS),--rounds $(ROUNDS))

.PHONY: exits
exits: engines setup ## Try the ways out of CDKTF on a local cloud of its own (docs/exits.md)
	@$(PYTHON) -m tools.exits

.PHONY: lock
lock: setup ## Resolve the Pipfile anew, without naming a package registry
	@.venv/bin/pipenv lock --dev
	@$(PYTHON) -m tools.lock_file Pipfile.lock
	@PIPENV_PIPFILE=tools/scan/Pipfile .venv/bin/pipenv lock
	@$(PYTHON) -m tools.lock_file tools/scan/Pipfile.lock

.PHONY: clean
clean: ## Remove what was made here; keep the local cloud's data and the built programs
	@rm -rf .venv .venv-docs tools/scan/.venv node_modules site cdktf.out .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: setup
setup: .venv/.complete node_modules/.complete

.PHONY: tools
tools:
	@tools/check-tools

# On a fresh machine the Go programs take longest: they build while the rest is installed. Whoever needs them waits for
# this build and shows its progress.
.PHONY: engines
engines: | tools
	@test -e .venv/.complete || { \
	    mkdir -p "$(BUILD_LOG_FOLDER)"; \
	    echo "setup: building the local cluster's servers in the background ($(BUILD_LOG_FOLDER)/build.log)"; \
	    python3.11 -m local.build >"$(BUILD_LOG_FOLDER)/build.log" 2>&1 </dev/null & }

.venv/.complete: Pipfile.lock | tools
	@echo "setup: Python packages into .venv (about 2 minutes the first time)"
	@test -x $(PYTHON) || python3.11 -m venv .venv
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check pipenv==$(PIPENV_VERSION)
	@.venv/bin/pipenv sync --dev --quiet
	@touch $@

# Of its own, so that neither `make setup` nor the project's packages know the generator's.
.venv-docs/.complete: Pipfile.lock | .venv/.complete
	@echo "docs: the site's generator into .venv-docs (about half a minute the first time)"
	@test -x .venv-docs/bin/python || python3.11 -m venv .venv-docs
	@VIRTUAL_ENV=$(CURDIR)/.venv-docs .venv/bin/pipenv sync --categories docs --quiet
	@touch $@

# An environment of its own: checkov pins its hundred packages to versions that are not ours.
tools/scan/.venv/.complete: tools/scan/Pipfile.lock | .venv/.complete
	@echo "scan: checkov and parliament into tools/scan/.venv (about a minute the first time)"
	@test -x tools/scan/.venv/bin/python || python3.11 -m venv tools/scan/.venv
	@VIRTUAL_ENV=$(CURDIR)/tools/scan/.venv PIPENV_PIPFILE=tools/scan/Pipfile .venv/bin/pipenv sync --quiet
	@touch $@

node_modules/.complete: package-lock.json | tools
	@echo "setup: cdktf-cli into node_modules (about half a minute the first time)"
	@npm ci --no-progress --silent
	@touch $@
