# `make` lists the targets.
SHELL := /bin/bash
STACK ?= minikube
IMAGE ?=
YES ?=
# As typed, whatever they hold: make expands nothing in them, and a shell gets them from the environment, never as text.
override STACK := $(value STACK)
override IMAGE := $(value IMAGE)
override YES := $(value YES)
export STACK IMAGE YES

.PHONY: help up predict verify status recover destroy down test rules lint lock campaign

help: ## this list
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 20

up: ## everything: tools, cluster, models, images, stack, then a real prediction
	@scripts/up

predict: ## ask both servers about a photo: make predict IMAGE=face.jpg
	@[ -n "$$IMAGE" ] || { echo "IMAGE: expected a JPEG or PNG file, got nothing; make predict IMAGE=face.jpg" >&2; exit 2; }
	@scripts/in-venv python -m bench predict --stack="$$STACK" -- "$$IMAGE"

verify: ## compare STACK with what its objects and pods really are
	@scripts/in-venv python -m bench verify -- "$$STACK"

status: ## what runs, where, what is upstream software or a stand-in, what is not as deployed, and the autoscalers
	@scripts/in-venv python -m embedded status && echo && scripts/in-venv python -m bench status

recover: ## mend STACK after a killed pulumi, or a damaged state; YES=1 restores a backup without asking
	@scripts/in-venv python -m infra.recover $${YES:+--yes} -- "$$STACK"

destroy: ## take STACK away; what keeps it is said at once
	@scripts/in-venv python -m infra.destroy $${YES:+--yes} -- "$$STACK"

down: ## destroy the cluster; what was built or downloaded stays for the next make up
	@scripts/down

test: ## all tests; those that need the cluster where the machine can run one
	@scripts/test

rules: .venv/locked ## check what every stack renders: Kubernetes' schemas, kube-score, our own rules
	@scripts/in-venv python -m embedded.toolchain kubeconform kube-score >/dev/null && scripts/in-venv python -m tests.rules

lint: .venv/locked ## ruff and mypy
	@scripts/in-venv scripts/lint

campaign: ## the long tests: gateway, KEDA, VPA, loads from pods, simulated nodes, brought here if need be; a stack killed at many moments of its life must heal
	@scripts/in-venv python -m pytest -n 0 -m campaign && scripts/in-venv python -m tests.campaign

lock: .venv/locked ## resolve the dependencies anew
	@scripts/in-venv uv pip compile --quiet --universal --all-extras --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

.venv/locked: pyproject.toml requirements.lock
	@scripts/venv
