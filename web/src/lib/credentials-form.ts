/** What a form holds while somebody types credentials; strings, as fields do. */
export interface CredentialsForm {
  kind: 'none' | 'password' | 'ssh-key';
  user: string;
  password: string;
  privateKey: string;
  knownHosts: string;
}

/** A form nobody has touched. */
export function emptyCredentials(): CredentialsForm {
  return { kind: 'none', user: '', password: '', privateKey: '', knownHosts: '' };
}

/** The request's form of what was typed; null for none. Checking it is the schema's work. */
export function writeCredentials(form: CredentialsForm): unknown {
  switch (form.kind) {
    case 'none':
      return null;
    case 'password':
      return { kind: 'password', user: form.user, password: form.password };
    case 'ssh-key':
      return {
        kind: 'ssh-key',
        privateKey: withFinalNewline(form.privateKey),
        knownHosts: form.knownHosts.trim() === '' ? null : withFinalNewline(form.knownHosts),
      };
  }
}

/** OpenSSH refuses a key whose last line is not ended, which is how most people paste it. */
function withFinalNewline(text: string): string {
  return text.trim() === '' ? '' : `${text.trim()}\n`;
}
