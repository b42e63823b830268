import type { BuildNotice } from '#plugins/api';
import { noticeText } from '#plugins/kit/notice-text';
import { markOf } from './marks.ts';

/** A text object of Slack's Block Kit. */
export type SlackText =
  | { readonly type: 'mrkdwn'; readonly text: string; readonly verbatim: true }
  | { readonly type: 'plain_text'; readonly text: string; readonly emoji: false };

export interface SlackBlock {
  readonly type: 'section';
  readonly text: SlackText;
}

export interface SlackMessage {
  /** What notifications show. */
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
  readonly unfurl_links: false;
  readonly unfurl_media: false;
}

/** How long a text object may be. */
const LONGEST = 3000;

/**
 * A notice for an incoming webhook of Slack (https://docs.slack.dev/messaging/formatting-message-text, https://docs.slack.dev/reference/block-kit). What strangers wrote
 * is in plain text objects, where neither mentions nor links nor formatting are known; escaped besides, as Slack wants `&`, `<` and `>` to be everywhere. Pure.
 */
export function slackMessage(notice: BuildNotice): SlackMessage {
  const said = noticeText(notice);
  const change = said.change === null ? '' : ` (${said.change})`;
  const title = `${markOf(notice.build.state)} <${linkUrl(notice.build.url)}|${escapeSlack(linkText(said.title))}>${change}`;
  const about = [said.ref, said.author, said.message].filter((part) => part !== '').join(' · ');
  const jobs = said.failures.map(({ name, state, reason }) => `• ${name} ${state}${reason === null ? '' : `: ${reason}`}`);
  if (said.moreFailures > 0) jobs.push(`• and ${said.moreFailures} more`);
  return {
    text: `${escapeSlack(said.title)}${change}`,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: title, verbatim: true } },
      { type: 'section', text: plain([about, said.counts].filter((line) => line !== '').join('\n')) },
      ...(jobs.length > 0 ? [{ type: 'section', text: plain(jobs.join('\n')) } as const] : []),
    ],
    unfurl_links: false,
    unfurl_media: false,
  };
}

/** `&`, `<` and `>` as Slack wants them written. Pure. */
export function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function plain(text: string): SlackText {
  const lines = escapeSlack(text);
  if (lines.length <= LONGEST) return { type: 'plain_text', text: lines, emoji: false };
  // Not within an entity.
  return { type: 'plain_text', text: `${lines.slice(0, LONGEST - 1).replace(/&[a-z]*$/, '')}…`, emoji: false };
}

/** A project's name in a link: what would end it, or format it, is replaced by what looks alike. */
function linkText(text: string): string {
  return text.replaceAll('|', '¦').replaceAll('*', '∗').replaceAll('`', 'ˋ').replaceAll('~', '∼');
}

/** Of an address of ours, whose special characters are encoded already; but nothing may end the link. */
function linkUrl(url: string): string {
  return url.replaceAll('|', '%7C').replaceAll('<', '%3C').replaceAll('>', '%3E').replaceAll('&', '&amp;');
}
