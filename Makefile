# Everything a fresh machine needs is done by the targets themselves: Debian packages, virtual environment, Python packages.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One process uses one core: the native libraries must not fight over them.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1
export LP_NUM_THREADS ?= 1
export TOKENIZERS_PARALLELISM ?= false

.PHONY: help setup debian demo learn test quick lint format benchmarks gallery clean

help:
	@echo "make demo        build scenes, verify episodes, render, ask, train both stages, judge: runs/demo/report.html"
	@echo "make learn       does it learn? stage 1 and four recipes at tiny size, within an hour: runs/learn/report.html"
	@echo "make test        lint, types, import contracts and every test"
	@echo "make quick       the tests that take seconds"
	@echo "make benchmarks  the figures that README quotes, as JSON"
	@echo "make gallery     the pictures of docs/gallery.md"
	@echo "make setup       only the set-up that the others do first"

setup: debian $(VENV)/.installed

# Filament draws through Vulkan (lavapipe on a CPU), MuJoCo's own renderer through EGL or OSMesa; open3d loads libusb and X11.
debian:
	@.ci/debian-packages libegl1 libgl1 libgl1-mesa-dri libgomp1 libosmesa6 libusb-1.0-0 libvulkan1 libx11-6 mesa-vulkan-drivers

$(VENV)/.installed: pyproject.toml constraints.txt
	@echo "== Python packages into $(VENV) (several minutes the first time)"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[train,arms,lerobot,photoreal,usd,dev]'
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --only-binary pybullet pybullet \
		|| echo "== No wheel of pybullet for this Python: the tests that ask a second physics engine are skipped"
	@touch $@

demo: setup
	@echo "== The whole road, from assets to a judged policy"
	$(BIN)/trainer demo --out runs/demo

learn: setup
	@echo "== Does it learn?"
	$(BIN)/trainer learn --out runs/learn

lint: setup
	@echo "== Style, types, import contracts"
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	@echo "== Tests"
	$(BIN)/pytest -n 2 --dist loadgroup

quick: setup
	$(BIN)/pytest -n 2 --dist loadgroup -m "not slow"

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

benchmarks: setup
	@for script in benchmarks/[a-z]*.py; do echo "== $$script"; $(BIN)/python $$script --json || exit 1; done

gallery: setup
	$(BIN)/python docs/gallery.py

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
