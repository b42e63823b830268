import { describeCiProvider } from '#plugins/api/testing';
import { provider } from './test-support.ts';

const MATRIX = `
language: python
python: [2.7, 3.6, pypy]
env:
  global: [A=1]
  jobs: [DB=sqlite, "DB=postgres LEVEL=2"]
stages: [lint, test]
jobs:
  fast_finish: true
  include:
    - stage: lint
      python: 3.6
      script: flake8
  exclude:
    - { python: 2.7, env: DB=sqlite }
  allow_failures:
    - python: pypy
install: pip install .
script:
  - python -m unittest
  - echo done
after_success: echo good
`;

describeCiProvider('TravisProvider', () => ({
  provider: provider(),
  right: ['language: python\nscript: pytest\n', 'python: 3.6\n', MATRIX],
  wrong: ['script: [', 'langauge: python\n\tscript: x\n', '- a\n- b\n', 'jobs:\n  include: 3\nif: "branch ="\n'],
}));
