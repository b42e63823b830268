import { definePlugin } from '#plugins/api';
import { WebhookConfig } from './config.ts';
import { WebhookNotifier } from './webhook-notifier.ts';

/** Signed calls to programs that want to know of builds. */
export default definePlugin({ id: 'notify-webhook', api: '^1.0.0', config: WebhookConfig, provides: { notifier: WebhookNotifier } });
