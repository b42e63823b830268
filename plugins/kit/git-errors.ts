import { PluginError, type ErrorCode } from '#plugins/api';

/** A git process that failed; `detail` is the end of its standard error without credentials and terminal codes. */
export class GitFailure extends Error {
  readonly detail: string;

  constructor(action: string, exitCode: number, detail: string) {
    super(`git ${action} ended with ${exitCode}: ${detail}`);
    this.name = 'GitFailure';
    this.detail = detail;
  }
}

interface Rule {
  readonly says: RegExp;
  readonly code: ErrorCode;
  readonly advice: string;
}

// The first rule that fits decides. The texts are those git and ssh write with LC_ALL=C, from 2.20 on.
const RULES: readonly Rule[] = [
  {
    says: /host key verification failed|host key .* has changed|no .* host key is known/i,
    code: 'rejected',
    advice: 'The ssh host key is not the one known for this host: check it and correct the known hosts.',
  },
  {
    says: /dubious ownership|unsafe repository/i,
    code: 'unauthorized',
    advice: 'The local repository belongs to another user: give its own folder as the path.',
  },
  {
    says: /permission denied \(|authentication failed|could not read (?:username|password)|unable to read askpass|terminal prompts disabled|invalid credentials|returned error: 40[13]|load key .*(?:invalid|passphrase|libcrypto)/i,
    code: 'unauthorized',
    advice: 'The credentials are missing, wrong or not sufficient: check the user and token or the key of this project.',
  },
  {
    says: /fsck error|in fsckObjects|error: object [0-9a-f]+: /i,
    code: 'invalid',
    advice: 'The repository holds an object that is malformed or hostile (for example a submodule path or URL), so it is refused.',
  },
  {
    says: /transport '.*' not allowed|refusing to work with|unsupported protocol|not supported or disabled/i,
    code: 'invalid',
    advice: 'The host sent us to a place that may not be used: check the URL.',
  },
  {
    says: /couldn't find remote ref|not our ref|unadvertised object|no such remote ref/i,
    code: 'not-found',
    advice: 'The host does not give out that ref or commit (any more): was the branch deleted or force-pushed?',
  },
  {
    says: /repository .*not found|not found\b.*repository|does not appear to be a git repository|returned error: 404|not a git repository|repository not exported|access denied or repository|no such file or directory/i,
    code: 'not-found',
    advice: 'There is no repository at that URL, or it is private and needs credentials.',
  },
  {
    says: /returned error: 30\d/i,
    code: 'rejected',
    advice: 'The host sends us on to another address, which is not followed here: name the repository by the address where it is now.',
  },
  { says: /returned error: 429/i, code: 'rate-limited', advice: 'The host says that we ask too often: wait.' },
  { says: /no space left|disk quota/i, code: 'exhausted', advice: 'The disk of the server is full: make room.' },
];

/** The error of the seam for a failed talk with the repository at `url`. */
export function explainGit(failure: GitFailure, url: string): PluginError {
  const rule = RULES.find(({ says }) => says.test(failure.detail));
  const code = rule?.code ?? 'unavailable';
  const advice = rule?.advice ?? 'The host cannot be reached or broke off: try again later.';
  return new PluginError(code, `${url}: ${advice} git says: ${failure.detail}`, { cause: failure });
}
