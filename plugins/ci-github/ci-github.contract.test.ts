import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeCiProvider } from '#plugins/api/testing';
import { provider } from './test-support.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
/** Those that make jobs of a push to main. */
const right = readdirSync(FIXTURES)
  .map((file) => readFileSync(join(FIXTURES, file), 'utf8'))
  .filter((text) => text.includes('\n#=') || text.startsWith('#='))
  .filter((text) => !text.includes('#@'));

const STEP = 'on: push\njobs: {test: {runs-on: ubuntu-latest, steps: [';

describeCiProvider('GithubActionsProvider', () => ({
  provider: provider(),
  right,
  wrong: [
    '',
    'on: [',
    '- a\n',
    'jobs: {}\n',
    'on: push\n',
    'on: push\njobs: [a]\n',
    'on: push\njobs: {test: pytest}\n',
    'on: push\njobs: {"0": {steps: []}}\n',
    'on: push\njobs: {a: {needs: b, steps: [{run: pytest}]}}\n',
    'on: push\njobs: {a: {needs: [b]}, b: {needs: a}}\n',
    'on: push\njobs: {test: {steps: [{run: pytest}]}}\n',
    `${STEP}{run: "pytest \${{ nope.x }}"}]}}\n`,
    `${STEP}{run: "pytest \${{ 1 +"}]}}\n`,
    `${STEP}{run: pytest, if: "a b"}]}}\n`,
    `${STEP}{run: pytest}, {name: nothing}]}}\n`,
    `${STEP}{run: pytest, uses: a/b@c}]}}\n`,
    `${STEP}{run: pytest}, pytest]}}\n`,
    `${STEP}{run: pytest, shell: fish}]}}\n`,
    `${STEP}{run: pytest, env: [A]}]}}\n`,
    `${STEP}{run: pytest, env: {GITHUB_SHA: 1, A: "a\\0b"}}]}}\n`,
    `${STEP}{run: [pytest]}, {run: pytest}]}}\n`,
  ],
}));
