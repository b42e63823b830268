/** What is done for an action. */
export type Treatment =
  /** The sources, which are there from the beginning. */
  | { readonly kind: 'checkout' }
  /** Sets up a Python: `input` names it. A `tool` that it brings is installed where it is not there; then `run` is run. */
  | {
      readonly kind: 'python';
      readonly input: string;
      readonly tool: string | null;
      readonly run: readonly string[] | null;
      readonly note: string | null;
    }
  /** Nothing; the job does without it. */
  | { readonly kind: 'passed'; readonly why: string }
  /** Nothing; the job may miss it. */
  | { readonly kind: 'missing'; readonly why: string }
  /** Brings what other jobs have made, without which a job has nothing to work on. */
  | { readonly kind: 'artefacts' }
  /** Publishes or deploys, which is never done. */
  | { readonly kind: 'publishes' };

const CACHE: Treatment = { kind: 'passed', why: 'there is no cache: every machine is new' };
const STORE: Treatment = { kind: 'passed', why: 'there is no store for artefacts' };
const COVERAGE: Treatment = { kind: 'passed', why: 'coverage is not sent anywhere' };
const WATCH: Treatment = { kind: 'passed', why: 'it tells people of a run, or watches over it' };
const IMAGE: Treatment = { kind: 'missing', why: 'what it installs must be in the image' };
const CONDA: Treatment = { ...python(), note: 'conda and its environments must be in the image: only the Python is looked after' };

function python(input = 'python-version', tool: string | null = null, run: readonly string[] | null = null): Extract<Treatment, { kind: 'python' }> {
  return { kind: 'python', input, tool, run, note: null };
}

const KNOWN = new Map<string, Treatment>([
  ['actions/checkout', { kind: 'checkout' }],
  // The sources that another job has packed: here those of the change itself.
  ['re-actors/checkout-python-sdist', { kind: 'checkout' }],
  ['actions/setup-python', python()],
  ['deadsnakes/action', python()],
  ['astral-sh/setup-uv', python('python-version', 'uv')],
  ['hynek/setup-cached-uv', python('python-version', 'uv')],
  ['yezz123/setup-uv', python('python-version', 'uv')],
  ['pdm-project/setup-pdm', python('python-version', 'pdm')],
  ['snok/install-poetry', python('', 'poetry')],
  ['abatilo/actions-poetry', python('', 'poetry')],
  ['pypa/hatch', python('', 'hatch')],
  ['wntrblm/nox', python('python-versions', 'nox')],
  ['excitedleigh/setup-nox', python('', 'nox')],
  ['pre-commit/action', python('', 'pre-commit', ['run', '--show-diff-on-failure', '--color=always', '--all-files'])],
  ['j178/prek-action', python('', 'prek', ['run', '--show-diff-on-failure', '--color=always', '--all-files'])],
  ['psf/black', python('', 'black', ['--check', '--diff', '.'])],
  ['astral-sh/ruff-action', python('', 'ruff', ['check'])],
  ['chartboost/ruff-action', python('', 'ruff', ['check'])],
  ['conda-incubator/setup-miniconda', CONDA],
  ['mamba-org/setup-micromamba', CONDA],
  ['mamba-org/provision-with-micromamba', CONDA],
  ['prefix-dev/setup-pixi', CONDA],
  ['actions/cache', CACHE],
  ['actions/cache/restore', CACHE],
  ['actions/cache/save', CACHE],
  ['swatinem/rust-cache', CACHE],
  ['hendrikmuhs/ccache-action', CACHE],
  ['mozilla-actions/sccache-action', CACHE],
  ['actions/upload-artifact', STORE],
  ['actions/upload-artifact/merge', STORE],
  ['actions/download-artifact', { kind: 'artefacts' }],
  ['codecov/codecov-action', COVERAGE],
  ['codecov/test-results-action', COVERAGE],
  ['coverallsapp/github-action', COVERAGE],
  ['andymckay/cancel-action', WATCH],
  ['andstor/file-existence-action', WATCH],
  ['styfle/cancel-workflow-action', WATCH],
  ['step-security/harden-runner', WATCH],
  ['mxschmitt/action-tmate', WATCH],
  ['enricomi/publish-unit-test-result-action', WATCH],
  ['dorny/test-reporter', WATCH],
  ['pmeier/pytest-results-action', WATCH],
  ['actions/github-script', WATCH],
  ['re-actors/alls-green', WATCH],
  ['pre-commit-ci/lite-action', WATCH],
  ['dorny/paths-filter', { kind: 'missing', why: 'which files a change touches is not looked at' }],
  ['tj-actions/changed-files', { kind: 'missing', why: 'which files a change touches is not looked at' }],
  ['py-cov-action/python-coverage-comment-action', COVERAGE],
  ['codspeedhq/action', { kind: 'missing', why: 'what it measures is not measured here' }],
  ['actions/setup-node', IMAGE],
  ['actions/setup-java', IMAGE],
  ['actions/setup-go', IMAGE],
  ['actions/setup-dotnet', IMAGE],
  ['dtolnay/rust-toolchain', IMAGE],
  ['actions-rs/toolchain', IMAGE],
  ['ilammy/msvc-dev-cmd', IMAGE],
  ['microsoft/setup-msbuild', IMAGE],
  ['msys2/setup-msys2', IMAGE],
  ['docker/setup-qemu-action', IMAGE],
  ['docker/setup-buildx-action', IMAGE],
  ['awalsh128/cache-apt-pkgs-action', IMAGE],
  ['extractions/setup-just', IMAGE],
  ['taiki-e/install-action', IMAGE],
]);

/** Actions that publish, deploy, sign or tend a repository. */
const PUBLISHES =
  /^(?:pypa\/gh-action-pypi-publish|softprops\/action-gh-release|ncipollo\/release-action|actions\/(?:create-release|upload-release-asset|deploy-pages|upload-pages-artifact|configure-pages|stale|labeler|attest.*|first-interaction|dependency-review-action|create-github-app-token)|peaceiris\/actions-gh-pages|jamesives\/github-pages-deploy-action|docker\/(?:build-push-action|login-action|metadata-action)|github\/codeql-action(?:\/.*)?|release-drafter\/release-drafter(?:\/.*)?|ossf\/scorecard-action|google(?:apis|-github-actions)\/release-please-action|python-semantic-release\/.*|dependabot\/fetch-metadata|peter-evans\/.*|sigstore\/gh-action-sigstore-python|pascalgn\/automerge-action|dessant\/.*|ad-m\/github-push-action|stefanzweifel\/git-auto-commit-action|svenstaro\/upload-release-action|zizmorcore\/zizmor-action)$/;

/** What is done for an action by its name without a version, `actions/cache`; null for one that is not known here. */
export function treatmentOf(action: string): Treatment | null {
  const name = action.toLowerCase();
  return KNOWN.get(name) ?? (PUBLISHES.test(name) ? { kind: 'publishes' } : null);
}

/** The name of an action without its version: `actions/checkout` of `actions/checkout@v5`. */
export function actionName(uses: string): string {
  return uses.trim().replace(/@[^@]*$/, '');
}
