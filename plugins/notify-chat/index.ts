import { definePlugin } from '#plugins/api';
import { ChatNotifier } from './chat-notifier.ts';
import { ChatConfig } from './config.ts';

/** Messages to rooms of Slack, Mattermost and Matrix. */
export default definePlugin({ id: 'notify-chat', api: '^1.0.0', config: ChatConfig, provides: { notifier: ChatNotifier } });
