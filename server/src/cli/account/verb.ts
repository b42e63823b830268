import { z } from 'zod';
import { AccountView, Invitation, InvitedAccount, Role, type UpdateAccount } from '#server/api';
import { SERVER_OPTION, ServerClient, serverToken, serverUrl } from '../server-client.ts';
import { type Input, type Io, UsageError, type Verb } from '../verb.ts';
import { accountTable, invitationText } from './show.ts';

const HOW = 'make one on the profile page of an admin (scope admin)';
const NO_ROLE = 'none';
const ACTIONS = ['list', 'add', 'role', 'password', 'disable', 'enable'] as const;

/** `terrarium account`: who may sign in to a server, and as what. */
export const account: Verb = {
  operands: 'list | add NAME | role NAME ROLE | password NAME | disable NAME | enable NAME',
  description: [
    'Keeps the accounts of a server.',
    '  list             all of them',
    '  add NAME         a new one, with a link by which its owner sets a password',
    '  role NAME ROLE   what it may everywhere: viewer, developer, maintainer, admin, or none (only what projects give it)',
    '  password NAME    another such link; no password is ever typed here',
    '  disable NAME     signs it out and stops its tokens; enable NAME lets it in again',
    'Needs an API token of an admin with the scope admin in TERRARIUM_TOKEN (or TERRARIUM_ADMIN_TOKEN).',
    'Ends with 0 if that was done, with 1 otherwise.',
  ].join('\n'),
  options: {
    role: { type: 'string', value: 'ROLE', help: 'add: what it may everywhere; viewer unless said' },
    'full-name': { type: 'string', value: 'NAME', help: 'add: what its owner is called' },
    shells: { type: 'boolean', help: 'add: it may be let into machines of jobs' },
    json: { type: 'boolean', help: 'for programs' },
    server: SERVER_OPTION,
  },
  examples: [
    { command: 'terrarium account add anna --role developer', does: 'an account, and a link to give to Anna' },
    { command: 'terrarium account role anna maintainer', does: 'she may more' },
    { command: 'terrarium account password anna', does: 'she has forgotten it' },
    { command: 'terrarium account disable anna', does: 'she is out at once' },
  ],
  run,
};

async function run(input: Input, io: Io): Promise<number> {
  const [action = '', name, role, ...more] = input.positionals;
  const known = ACTIONS.find((one) => one === action);
  if (known === undefined) throw new UsageError(`Say what to do with accounts: ${ACTIONS.join(', ')}${action === '' ? '' : `, not "${action}"`}.`);
  if (more.length > 0 || (role !== undefined && known !== 'role')) throw new UsageError('One account at a time.');
  if (known === 'list' && name !== undefined) throw new UsageError('"terrarium account list" lists all: it takes no name.');
  if (known !== 'list' && name === undefined) throw new UsageError(`Say which account: "terrarium account ${known} NAME".`);
  const wanted = known === 'role' ? readRole(role) : null;
  const client = new ServerClient({ url: serverUrl(input.value('server'), io.env), token: serverToken(io.env, 'of an admin', HOW) });
  if (known === 'list') return await list(client, input, io);
  if (known === 'add') return await add(client, name ?? '', input, io);
  const { id } = await find(client, name ?? '');
  if (known === 'password') return await invite(client, id, name ?? '', input, io);
  return await change(client, id, known === 'role' ? { role: wanted } : { disabled: known === 'disable' }, input, io);
}

function readRole(text: string | undefined): Role | null {
  if (text === NO_ROLE) return null;
  const role = Role.safeParse(text);
  if (role.success) return role.data;
  throw new UsageError(`Say which role: ${[...Role.options, NO_ROLE].join(', ')}${text === undefined ? '' : `, not "${text}"`}.`);
}

async function list(client: ServerClient, input: Input, io: Io): Promise<number> {
  const accounts = await client.ask(z.array(AccountView), '/api/accounts');
  await io.out(input.flag('json') ? accounts.map((one) => `${JSON.stringify(one)}\n`).join('') : accountTable(accounts));
  return 0;
}

async function add(client: ServerClient, name: string, input: Input, io: Io): Promise<number> {
  const role = input.value('role');
  const body = {
    name,
    displayName: input.value('full-name') ?? '',
    mayShell: input.flag('shells'),
    ...(role === null ? {} : { role: readRole(role) }),
  };
  const made = await client.ask(InvitedAccount, '/api/accounts', body);
  await io.out(input.flag('json') ? `${JSON.stringify(made)}\n` : invitationText(client.address.url, made.account.name, made.invitation));
  return 0;
}

async function invite(client: ServerClient, id: number, name: string, input: Input, io: Io): Promise<number> {
  const invitation = await client.ask(Invitation, `/api/accounts/${id}/invitation`, {});
  await io.out(input.flag('json') ? `${JSON.stringify(invitation)}\n` : invitationText(client.address.url, name, invitation));
  return 0;
}

async function change(client: ServerClient, id: number, body: UpdateAccount, input: Input, io: Io): Promise<number> {
  const changed = await client.ask(AccountView, `/api/accounts/${id}`, body, 'PATCH');
  await io.out(input.flag('json') ? `${JSON.stringify(changed)}\n` : accountTable([changed]));
  return 0;
}

async function find(client: ServerClient, name: string): Promise<AccountView> {
  const accounts = await client.ask(z.array(AccountView), '/api/accounts');
  const found = accounts.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (found === undefined) throw new Error(`There is no account ${name}; there are: ${accounts.map((one) => one.name).join(', ')}.`);
  return found;
}
