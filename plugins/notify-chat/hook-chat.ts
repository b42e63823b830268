import type { BuildNotice } from '#plugins/api';
import { HttpClient } from '#plugins/kit/http-client';
import { assertAccepted } from '#plugins/kit/http-refusal';
import { httpTargetProblem } from '#plugins/kit/http-target';
import type { Chat } from './chat.ts';
import type { HookConfig } from './config.ts';
import { mattermostMessage } from './mattermost-message.ts';
import { slackMessage } from './slack-message.ts';

const MESSAGES = { slack: slackMessage, mattermost: mattermostMessage } as const;
const NAMES = { slack: 'Slack', mattermost: 'Mattermost' } as const;

/** A chat that gives out URLs by which anybody may write to a room: Slack, Mattermost. */
export class HookChat implements Chat {
  readonly targetTitle: string;
  readonly isTargetSecret = true;
  private readonly config: HookConfig;
  private readonly client: HttpClient;

  constructor(config: HookConfig) {
    this.config = config;
    this.targetTitle = `URL of an incoming webhook of ${NAMES[config.format]}`;
    this.client = new HttpClient({ timeoutMs: config.timeoutSeconds * 1000, allowPrivate: config.allowPrivate });
  }

  targetProblem(target: string): string | null {
    return httpTargetProblem(target, { allowPrivate: this.config.allowPrivate, isSecret: true });
  }

  async notify(target: string, notice: BuildNotice, signal: AbortSignal): Promise<void> {
    const body = JSON.stringify(MESSAGES[this.config.format](notice));
    const answer = await this.client.call({ method: 'POST', url: target, headers: { 'content-type': 'application/json' }, body }, signal);
    assertAccepted(answer, new URL(target).host, reasonIn(answer.text));
  }
}

/**
 * Why Slack refused, as it says it (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks): one word such as `channel_is_archived`. Anything
 * else may come from any program, and is not repeated.
 */
function reasonIn(text: string): string | null {
  return /^[a-z]+(?:_[a-z]+){1,7}$/.test(text.trim()) ? text.trim().slice(0, 100) : null;
}
