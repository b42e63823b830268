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
  if (form.kind === 'none') return null;
  if (form.kind === 'password') return { kind: 'password', user: form.user, password: form.password };
  const knownHosts = form.knownHosts.trim() === '' ? null : withFinalNewline(form.knownHosts);
  return { kind: 'ssh-key', privateKey: withFinalNewline(form.privateKey), knownHosts };
}

/** OpenSSH refuses a key whose last line is not ended, which is how most people paste it. */
function withFinalNewline(text: string): string {
  return text.trim() === '' ? '' : `${text.trim()}\n`;
}
