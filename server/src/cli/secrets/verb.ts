import { RotatedKey } from '#server/api';
import { SERVER_OPTION, ServerClient, serverToken, serverUrl } from '../server-client.ts';
import { type Input, type Io, UsageError, type Verb } from '../verb.ts';

/** `terrarium secrets`: what the stored secrets are sealed with. */
export const secrets: Verb = {
  operands: 'rotate',
  description: [
    'Changes the key that stored credentials and secrets are sealed with, while the server runs, and seals everything',
    'anew. The key before it stays beside it, as secret.key.previous, until the next change. People sign in again after',
    "the server's next start. Needs an admin's API token in TERRARIUM_TOKEN (or TERRARIUM_ADMIN_TOKEN).",
  ].join('\n'),
  options: { server: SERVER_OPTION },
  examples: [{ command: 'terrarium secrets rotate', does: 'a new key, for everything that is stored' }],
  run,
};

async function run(input: Input, io: Io): Promise<number> {
  const [deed, ...more] = input.positionals;
  if (deed !== 'rotate' || more.length > 0) throw new UsageError('Say "terrarium secrets rotate": there is nothing else to do about secrets here.');
  const url = serverUrl(input.value('server'), io.env);
  const client = new ServerClient({ url, token: serverToken(io.env, 'of an admin', 'make one on your profile page, with the scope admin,') });
  const { values } = await client.ask(RotatedKey, '/api/secrets/rotate', {});
  await io.out(
    `The key was changed; ${values} stored ${values === 1 ? 'value is' : 'values are'} sealed with the new one. Keep a backup of secret.key.\n`,
  );
  return 0;
}
