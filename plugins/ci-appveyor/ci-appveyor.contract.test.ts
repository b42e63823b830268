import { describeCiProvider } from '#plugins/api/testing';
import { provider } from './test-support.ts';

const FULL = `
version: '1.4.{build}'
image: [Visual Studio 2019, Ubuntu2204]
platform: [x86, x64]
configuration: Release
stack: python 3.12
clone_depth: 20
branches:
  except: [/^doc-.*$/, gh-pages]
skip_commits:
  message: /\\[doc\\]/
  author: Bot
environment:
  global: { LEVEL: 2, TOKEN: { secure: QUJD } }
  COMMON: "%LEVEL%"
  matrix:
    - &first { PYTHON: 'C:\\Python27', TOXENV: py27 }
    - { <<: *first, PYTHON: 'C:\\Python311-x64' }
matrix:
  fast_finish: yes
  allow_failures: [{ platform: x64, TOXENV: py27 }]
  exclude: [{ image: Ubuntu2204, platform: x86 }]
init: [ps: Get-Date, cmd: ver]
install:
  - cmd: |
      set A=1
      if exist x (
        echo y
      )
  - sh: pip install tox
build: off
test_script: tox
on_finish: [{ ps: ls }]
artifacts: [{ path: dist\\* }]
for:
  - branches: { only: [main] }
    environment: { ON_MAIN: 1 }
  - matrix: { only: [{ image: Ubuntu2204 }] }
    skip_tags: true
    init: []
    test_script: [sh: tox -e all]
`;

describeCiProvider('AppveyorProvider', () => ({
  provider: provider(),
  right: [
    'test_script: pytest\n',
    'build: off\ninstall:\n- pip install .\ntest_script:\n- cmd: pytest\n',
    '- test_script: a\n- test_script: b\n',
    FULL,
  ],
  wrong: ['', 'test_script: [', 'test_script: a\ntest_script: b\n', 'build: off\n', 'environment: [a]\ntest_script: a\n', 'test_script: [echo: a]\n'],
}));
