import type { BuildNotice } from '#plugins/api';
import { noticeText } from '#plugins/kit/notice-text';
import { markOf } from './marks.ts';
import { withoutMentions } from './mentions.ts';

export interface MattermostMessage {
  readonly text: string;
}

/**
 * A notice for an incoming webhook of Mattermost (https://developers.mattermost.com/integrate/webhooks/incoming): Markdown. The server also knows Slack's `<!here>` and
 * `<URL|text>` there, and mentions in plain text; what strangers wrote is none of these any more. Pure.
 */
export function mattermostMessage(notice: BuildNotice): MattermostMessage {
  const said = withoutMentions(noticeText(notice));
  const change = said.change === null ? '' : ` (${said.change})`;
  const title = `${markOf(notice.build.state)} **[${escapeMarkdown(said.title)}](${linkUrl(notice.build.url)})**${change}`;
  const about = [said.ref, said.author, said.message].filter((part) => part !== '').map(escapeMarkdown);
  const jobs = said.failures.map(({ name, state, reason, url }) => {
    const why = reason === null ? '' : `: ${escapeMarkdown(reason)}`;
    return `- [${escapeMarkdown(name)}](${linkUrl(url)}) ${escapeMarkdown(state)}${why}`;
  });
  if (said.moreFailures > 0) jobs.push(`- and ${said.moreFailures} more`);
  const lines = [title, about.join(' · '), escapeMarkdown(said.counts)].filter((line) => line !== '');
  return { text: [...lines, '', ...jobs].join('\n').trimEnd() };
}

/**
 * A single line as Markdown that shows just it. Only signs are escaped that all of Mattermost's programs take for escaped; addresses may become links to
 * where they say. Pure.
 */
export function escapeMarkdown(line: string): string {
  const entities = line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return entities.replace(/[\\`*_{}[\]()#+\-.!|~]/g, String.raw`\$&`);
}

/** Of an address of ours, whose special characters are encoded already; but nothing may end the link. */
function linkUrl(url: string): string {
  return url
    .replace(/[\s<>[\]|\\]/g, encodeURIComponent)
    .replaceAll('(', '%28')
    .replaceAll(')', '%29');
}
