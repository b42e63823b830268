import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type NotifierBehaviour, type NotifierSubject, describeNotifier, fakeContext } from '#plugins/api/testing';
import { type ReceiverAnswer, type ReceivedCall, answerFor, startReceiver } from '#plugins/kit/testing/http-receiver';
import { ChatNotifier } from './chat-notifier.ts';
import { ChatConfig } from './config.ts';

const KEY = 'xoxb-secret-key-of-the-room';
const ROOM = '!abcdef:example.org';

describeNotifier('ChatNotifier of Slack', () => hookSubject('slack'));
describeNotifier('ChatNotifier of Mattermost', () => hookSubject('mattermost'));
describeNotifier('ChatNotifier of Matrix', matrixSubject);

/** Neither of the two has a way to know a repeated message: it looks the same, which is all a reader gets. */
async function hookSubject(format: 'slack' | 'mattermost'): Promise<NotifierSubject> {
  const receiver = await startReceiver();
  const context = await fakeContext(ChatConfig.parse({ format, allowPrivate: true }));
  return {
    notifier: new ChatNotifier(context),
    target: `${receiver.url}/hooks/${KEY}`,
    nonsense: ['#channel', 'hooks.example.org/services/x', 'https://ada:hunter2@example.org/'],
    secrets: [KEY],
    behave: (how) => receiver.behave(how, answerFor(how)),
    arrived: () => receiver.calls.map(({ body }) => ({ key: body, text: body.replaceAll('\\\\', '') })),
    reached: () => receiver.reached(),
    close: async () => {
      await receiver.close();
      await context.remove();
    },
  };
}

async function matrixSubject(): Promise<NotifierSubject> {
  const receiver = await startReceiver();
  const context = await fakeContext(ChatConfig.parse({ format: 'matrix', homeserver: `${receiver.url}/`, accessTokenFile: '/nowhere' }));
  const accessTokenFile = join(context.folder, 'token');
  await writeFile(accessTokenFile, `${KEY}\n`);
  return {
    notifier: new ChatNotifier({ ...context, config: ChatConfig.parse({ ...context.config, accessTokenFile }) }),
    target: ROOM,
    nonsense: ['#room:example.org', '!', '!two words', `!${'x'.repeat(255)}`, '!é:example.org'],
    secrets: [KEY],
    behave: (how) => receiver.behave(how, homeserverAnswer(how)),
    arrived: () => receiver.calls.map((call) => ({ key: transactionOf(call), text: call.body })),
    reached: () => receiver.reached(),
    close: async () => {
      await receiver.close();
      await context.remove();
    },
  };
}

const ERRORS: Partial<Record<NotifierBehaviour, readonly [number, Readonly<Record<string, unknown>>]>> = {
  accepting: [200, { event_id: '$1' }],
  unauthorized: [401, { errcode: 'M_UNKNOWN_TOKEN', error: `Unrecognised access token ${KEY}` }],
  'rate-limited': [429, { errcode: 'M_LIMIT_EXCEEDED', error: 'Too Many Requests', retry_after_ms: 2500 }],
  unavailable: [502, {}],
  rejected: [413, { errcode: 'M_TOO_LARGE', error: 'too large' }],
};

function homeserverAnswer(how: NotifierBehaviour): ReceiverAnswer {
  const error = ERRORS[how];
  return error === undefined ? answerFor(how) : { status: error[0], headers: { 'content-type': 'application/json' }, body: JSON.stringify(error[1]) };
}

/** Fails for any call that a homeserver would not take for a message to the room by the holder of the token. */
function transactionOf({ method, path, headers }: ReceivedCall): string {
  const [, room, transaction] = /^\/_matrix\/client\/v3\/rooms\/([^/]+)\/send\/m\.room\.message\/([^/]+)$/.exec(path) ?? [];
  const isRight = method === 'PUT' && decodeURIComponent(room ?? '') === ROOM && headers.authorization === `Bearer ${KEY}`;
  if (!isRight || transaction === undefined) throw new Error(`no message to the room: ${method} ${path}`);
  return transaction;
}
