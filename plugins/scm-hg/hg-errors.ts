import { PluginError, type ErrorCode } from '#plugins/api';

/** An hg process that failed; `detail` is the end of its standard error without credentials and terminal codes. */
export class HgFailure extends Error {
  readonly exitCode: number;
  readonly detail: string;

  constructor(action: string, exitCode: number, detail: string) {
    super(`hg ${action} ended with ${exitCode}: ${detail}`);
    this.name = 'HgFailure';
    this.exitCode = exitCode;
    this.detail = detail;
  }
}

interface Rule {
  readonly says: RegExp;
  readonly code: ErrorCode;
  readonly advice: string;
}

// The first rule that fits decides. The texts are those hg and ssh write with LC_ALL=C, from 5.3 on.
const RULES: readonly Rule[] = [
  {
    says: /host key verification failed|host key .* has changed|no .* host key is known/i,
    code: 'rejected',
    advice: 'The ssh host key is not the one known for this host: check it and correct the known hosts.',
  },
  {
    says: /certificate (?:verify failed|error)|fingerprint/i,
    code: 'rejected',
    advice: 'The certificate of the host is not trusted: check the URL, or name its authority in `authorities`.',
  },
  {
    says: /permission denied \(|authorization (?:required|failed)|HTTP Error 40[13]|load key .*(?:invalid|passphrase|libcrypto)/i,
    code: 'unauthorized',
    advice: 'The credentials are missing, wrong or not sufficient: check the user and password or the key of this project.',
  },
  { says: /HTTP Error 429/i, code: 'rate-limited', advice: 'The host says that we ask too often: wait.' },
  {
    says: /hg: (?:command )?not found|requires? features|features? (?:are )?not supported|unknown compression|is not supported by this version/i,
    code: 'unsupported',
    advice:
      'The Mercurial here and the one there do not fit together: install the same version, and no extension that changes how a repository is stored.',
  },
  {
    says: /HTTP Error 404|does not appear to be an hg repository|repository .* not found|illegal repository/i,
    code: 'not-found',
    advice: 'There is no Mercurial repository at that URL, or it is private and needs credentials.',
  },
  { says: /no space left|disk quota/i, code: 'exhausted', advice: 'The disk of the server is full: make room.' },
];

/** The error of the seam for a failed talk with the repository at `url`. */
export function explainHg(failure: HgFailure, url: string): PluginError {
  const rule = RULES.find(({ says }) => says.test(failure.detail));
  const code = rule?.code ?? 'unavailable';
  const advice = rule?.advice ?? 'The host cannot be reached or broke off: try again later.';
  return new PluginError(code, `${url}: ${advice} hg says: ${failure.detail}`, { cause: failure });
}
