import { describeCiProvider } from '#plugins/api/testing';
import { TerrariumCi } from './provider.ts';
import { contextOf } from './test-support.ts';

const FULL = `
x-install: &install
  - pip install -U pip
  - pip install -e .[test]
stages: [check, test]
stage: test
python: [2.7, 3.10, pypy3.10]
os: [linux, macos]
architecture: x86_64
env: [{DB: sqlite}, {DB: postgres, LEVEL: 2}]
variables: {PYTHONUTF8: 1}
install: *install
test: pytest
after: |
  if [ -f coverage.xml ]; then
    cat coverage.xml
  fi
shell: bash
checkout: {depth: all, submodules: false}
limits: {time: 1h 30m, silence: 90s}
image: bookworm
exclude: [{python: 2.7, env: {DB: postgres}}]
allow-failures: [{os: macos}]
fast-finish: true
jobs:
  - name: lint
    stage: check
    python: [3.10, none]
    checkout: false
    install: []
    test: ruff check
    allow-failure: true
`;

describeCiProvider('TerrariumCi', () => ({
  provider: new TerrariumCi(contextOf()),
  right: ['test: make check\n', 'python: [3.9, 3.10]\ntest: pytest\n', FULL],
  wrong: ['', 'test: [', 'tset: pytest\n', 'test: x\npython: 39\n', 'test: x\nstages: [a]\njobs: [{stage: b}]\n'],
}));
