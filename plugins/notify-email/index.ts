import { definePlugin } from '#plugins/api';
import { EmailConfig } from './config.ts';
import { EmailNotifier } from './email-notifier.ts';

/** Mail about builds, by an SMTP server. */
export default definePlugin({ id: 'notify-email', api: '^1.0.0', config: EmailConfig, provides: { notifier: EmailNotifier } });
