import { condition } from './common.ts';
import { any, flag, listOf, maybeSecret, oneOf, secret, strictMap, text, withForms, type AnySchema, type Schema } from './types.ts';

const TEMPLATE_VARIABLES = [
  'repository',
  'repository_slug',
  'repository_name',
  'build_number',
  'build_id',
  'build_url',
  'branch',
  'commit',
  'commit_subject',
  'commit_message',
  'author',
  'pull_request',
  'pull_request_number',
  'pull_request_url',
  'compare_url',
  'result',
  'duration',
  'elapsed_time',
  'message',
];

const webhookUrl = any({ type: 'map', keys: { url: secret, msteams: flag }, strict: false, required: ['url'] }, maybeSecret);
const template = listOf({ ...text, variables: TEMPLATE_VARIABLES });
const frequency = oneOf({ value: 'always', aliases: ['true'] }, { value: 'never', aliases: ['false'] }, { value: 'change', aliases: ['changed'] });

function target(keys: Readonly<Record<string, Schema>>, options: { main?: string; aliases?: readonly string[] } = {}): Schema {
  const common = { if: condition, on_success: frequency, on_failure: frequency, enabled: flag, disabled: flag };
  const { main, aliases } = options;
  return withForms(
    strictMap({ ...keys, ...common }, { change: 'enable', ...(main !== undefined && { prefix: { key: main } }), ...(aliases && { aliases }) }),
  );
}

const email = target({ recipients: listOf(maybeSecret) }, { main: 'recipients', aliases: ['emails'] });

/** `notifications`. Source: travis-yml, lib/travis/yml/schema/def/notification.rb and notification/. */
export const notifications: AnySchema = withForms(
  strictMap(
    {
      campfire: listOf(target({ rooms: listOf(secret), template }, { main: 'rooms' })),
      email: listOf(email),
      flowdock: listOf(target({ api_token: secret, template }, { main: 'api_token' })),
      hipchat: listOf(
        target({ rooms: listOf(secret), format: oneOf('html', 'text'), notify: flag, on_pull_requests: flag, template }, { main: 'rooms' }),
      ),
      irc: listOf(
        target(
          {
            channels: listOf(maybeSecret, { aliases: ['channel'] }),
            channel_key: secret,
            password: secret,
            nickserv_password: secret,
            nick: maybeSecret,
            use_notice: flag,
            skip_join: flag,
            template,
          },
          { main: 'channels' },
        ),
      ),
      pushover: listOf(target({ api_key: listOf(secret), users: listOf(secret), template })),
      slack: listOf(target({ rooms: listOf(secret), template, on_pull_requests: flag }, { main: 'rooms' })),
      webhooks: listOf(
        target({ urls: listOf(webhookUrl), on_start: frequency, on_cancel: frequency, on_error: frequency }, { main: 'urls', aliases: ['webhook'] }),
      ),
      on_success: frequency,
      on_failure: frequency,
    },
    { prefix: { key: 'email' }, inherit: ['on_success', 'on_failure'] },
  ),
);
