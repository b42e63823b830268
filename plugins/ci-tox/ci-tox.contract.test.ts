import { describeCiProvider } from '#plugins/api/testing';
import { provider } from './test-support.ts';

const WHOLE = `
[tox]
minversion = 3.2
requires =
    tox-docker
    virtualenv<20.22
envlist =
    py{27,36}-django{18,111},  # the oldest
    pypy-{[more]factors}, {env:MORE:lint}
    py3{8-10}, docs
skip_missing_interpreters = true

[testenv]
deps =
    django18: Django<1.9
    !django18: Django
commands = {envpython} -m pytest {posargs}
[testenv:lint]
basepython = python3
[testenv:docs]
depends = lint
[more]
factors = {a,b}
`;

describeCiProvider('ToxProvider', () => ({
  provider: provider(),
  right: ['[tox]\nenvlist = py27, py36\n[testenv]\ncommands = pytest\n', '[testenv]\n', WHOLE],
  wrong: [
    '[tox]\nenvlist = py27 py36\n',
    'envlist = py27\n',
    '[tox]\nenvlist = py27\nenvlist = py36\n',
    '[tox]\nx\n',
    '[tox]\nenvlist = {a,b}{c,d{1-99999999}\n',
  ],
}));
