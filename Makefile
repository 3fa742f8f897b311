# `make` lists the targets.
SHELL := /bin/bash
STACK ?= minikube
IMAGE ?=
IN_VENV := . .venv/bin/activate &&

.PHONY: help up predict verify status down test rules lint lock recover

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 20

up: ## everything: tools, cluster, models, images, stack, then a real prediction
	@STACK=$(STACK) scripts/up

predict: ## ask both servers about a photo: make predict IMAGE=face.jpg
	@$(if $(IMAGE),,echo "IMAGE: expected a JPEG or PNG file, got nothing; make predict IMAGE=face.jpg" >&2; exit 2;) \
	$(IN_VENV) python -m bench predict "$(IMAGE)" --stack $(STACK)

verify: ## compare the settings of STACK with what its pods really do
	@$(IN_VENV) python -m bench verify $(STACK)

status: ## what runs, where, what is upstream software or a stand-in, and the autoscalers
	@$(IN_VENV) python -m embedded status && echo && python -m bench status

recover: ## mend a stack whose pulumi up was killed
	@$(IN_VENV) python -m infra.recover $(STACK)

down: ## destroy the cluster; what was built or downloaded stays for the next make up
	@scripts/down

test: ## all tests; those that need the cluster where the machine can run one
	@scripts/test

rules: .venv/locked ## check what every stack renders: Kubernetes' schemas, kube-score, our own rules
	@$(IN_VENV) python -m embedded.toolchain kubeconform kube-score >/dev/null && python -m tests.rules

lint: .venv/locked ## ruff and mypy
	@$(IN_VENV) ruff check . && ruff format --check . && mypy .

lock: .venv/locked ## resolve the dependencies anew
	@$(IN_VENV) uv pip compile --quiet --universal --all-extras --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

.venv/locked: pyproject.toml requirements.lock
	@scripts/venv
