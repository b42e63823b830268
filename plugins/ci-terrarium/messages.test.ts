import { describe, expect, it } from 'vitest';
import { description } from './description.ts';
import { Report } from '#plugins/kit/yaml/report';
import { readYaml } from '#plugins/kit/yaml/read-yaml';

/** What is said about a file that would be all right but for `line`. */
function said(line: string): string {
  const report = new Report();
  const tree = readYaml(`test: x\n${line}\n`, report);
  if (tree !== null) description.read(tree, '', report);
  return report.messages.map((message) => `${message.line}:${message.column} ${message.path}: ${message.text}`).join('\n');
}

describe('what does not fit has a message', () => {
  it.each([
    ['phyton: 3.9', '2:1 phyton: "phyton" is not known here. Did you mean "python"?'],
    ['fast_finish: true', '2:1 fast_finish: "fast_finish" is not known here. Did you mean "fast-finish"?'],
    ['script: x', '2:1 script: "script" is not known here. Commands that test stand under "test".'],
    ['constructor: x', '2:1 constructor: "constructor" is not known here. Known are: python, os,'],
    ['jobs: [{nam: x}]', '2:9 jobs[0].nam: "nam" is not known here. Did you mean "name"?'],
    ['jobs: [{stages: [x]}]', '2:9 jobs[0].stages: "stages" is not known here. Did you mean "stage"?'],
    ['jobs: {name: x}', '2:7 jobs: This must be a list, but is a map.'],
    ['python: 39', '2:9 python: "39" is no Python version. Did you mean "3.9"?'],
    ['python: [py310]', '2:10 python[0]: "py310" is no Python version. Did you mean "3.10"?'],
    ['python: ">=3.9"', '2:9 python: ">=3.9" is no Python version: write 3.11, 3.13t, pypy3.10 or the like.'],
    ['python: {a: b}', '2:9 python: This must be a Python version, as 3.11 or pypy3.10, but is a map.'],
    ['python:', '2:8 python: This must be a Python version, as 3.11 or pypy3.10, but is empty. Leave the key out if there is nothing to say.'],
    ['python: []', '2:9 python: This list is empty: leave the key out, or say what belongs into it.'],
    ['os: osx', '2:5 os: "osx" is not known here. Did you mean "macos"? Known are: linux, macos, windows, freebsd.'],
    ['architecture: x86-64', '2:15 architecture: "x86-64" is no architecture: write x86_64, aarch64 or the like.'],
    ['env: DB=sqlite', '2:6 env: This must be a map of names and values, as {DB: sqlite}, but is a text.'],
    ['env: [{1A: b}]', '2:8 env[0].1A: "1A" is no name of a variable: letters, digits and underscores, and no digit first.'],
    ['env: [{A: [b]}]', '2:11 env[0].A: This must be a text, but is a list.'],
    ['env: [{A: }]', '2:11 env[0].A: This must be a text, but is empty.'],
    ['install: [[x]]', '2:11 install[0]: This must be a text, but is a list.'],
    ['install: "a\\0b"', '2:10 install: This must not hold a NUL character.'],
    ['fast-finish: yes', '2:14 fast-finish: This must be true or false, but is "yes".'],
    [
      'apt: "libpq-dev; reboot"',
      '2:6 apt: "libpq-dev; reboot" is no name of a package that apt could install: write libpq-dev, libc6:i386 or redis=5:7.0.15-1.',
    ],
    ['apt: [gcc, -y]', '2:12 apt[1]: "-y" is no name of a package'],
    ['apt: [gcc-]', '2:7 apt[0]: "gcc-" is no name of a package'],
    [
      'services: [oracle]',
      '2:12 services[0]: "oracle" is not started: it is not known. Known are: postgresql, redis, mysql, mariadb, memcached, rabbitmq, mongodb.',
    ],
    ['addons: {apt: gcc}', '2:1 addons: "addons" is not known here. Packages of the system stand under "apt", servers under "services".'],
    ['shell: fish', '2:8 shell: "fish" is not known here. Known are: sh, bash, cmd, powershell, pwsh.'],
    ['limits: {time: 50}', '2:16 limits.time: "50" is no time: say 50m for minutes or 50s for seconds.'],
    ['limits: {time: 0m}', '2:16 limits.time: "0m" is no time: write 50m, 90s or 1h 30m.'],
    ['checkout: {depth: 0}', '2:19 checkout.depth: This must be a number of commits or "all", but is "0".'],
    ['checkout: shallow', '2:11 checkout: This must be true or false, but is "shallow".'],
    ['reports: /etc/a.xml', '2:10 reports: "/etc/a.xml" is no place of reports: write a path in the repository that ends in .xml'],
    ['reports: [../a.xml]', '2:11 reports[0]: "../a.xml" is no place of reports'],
    ['reports: a//b.xml', 'is no place of reports'],
    ['reports: a.json', 'is no place of reports'],
    ['stage: ""', '2:8 stage: A name is one line of 1 to 100 characters.'],
  ])('%s', (line, expected) => {
    expect(said(line)).toContain(expected);
  });

  it('of which all are told at once', () => {
    expect(said('os: beos\nshell: fish\nlimits: {time: 1}').split('\n')).toHaveLength(3);
  });
});

describe('several lines that are one command', () => {
  it.each(['  ruff check\n  pytest', '  cd x\n\n  make'])('are pointed out: %j', (lines) => {
    expect(said(`install: |\n${lines}`)).toContain('These lines are one command');
  });

  it.each([
    '  pytest',
    '  # what it does\n  pytest',
    '  pip install \\\n    x',
    '  a &&\n  b',
    '  if a; then\n    b\n  fi',
    '  for x in a b; do\n    c\n  done',
    '  set -e\n  a\n  b',
    '  cat <<END\n  x\n  END',
    '  f() {\n    x\n  }',
    '  pytest\n\n',
  ])('are not seen where there is one thing: %j', (lines) => {
    expect(said(`install: |\n${lines}`)).toBe('');
  });
});
