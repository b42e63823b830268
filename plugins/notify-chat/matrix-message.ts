import type { BuildNotice } from '#plugins/api';
import { type NoticeText, noticeText } from '#plugins/kit/notice-text';
import { escapeHtml, webLink } from '#plugins/kit/html';
import { markOf } from './marks.ts';
import { withoutMentions } from './mentions.ts';

/** The content of an `m.room.message` event. */
export interface MatrixMessage {
  /** What programs send; others do not answer it. */
  readonly msgtype: 'm.notice';
  readonly body: string;
  readonly format: 'org.matrix.custom.html';
  readonly formatted_body: string;
  /** Nobody: then no server or client looks for names in the text. */
  readonly 'm.mentions': Record<string, never>;
}

/** A notice as a message of Matrix (https://spec.matrix.org/latest/client-server-api/#mroommessage-msgtypes), in plain text and in HTML. Pure. */
export function matrixMessage(notice: BuildNotice): MatrixMessage {
  const said = withoutMentions(noticeText(notice));
  return {
    msgtype: 'm.notice',
    body: plainText(notice, said),
    format: 'org.matrix.custom.html',
    formatted_body: html(notice, said),
    'm.mentions': {},
  };
}

function plainText({ build }: BuildNotice, said: NoticeText): string {
  const jobs = said.failures.map(({ name, state, reason }) => `- ${name} ${state}${reason === null ? '' : `: ${reason}`}`);
  return [headOf(build.state, said.title, said.change), about(said), said.counts, build.url, ...jobs, ...moreOf(said, '- ')]
    .filter((line) => line !== '')
    .join('\n');
}

function html({ build }: BuildNotice, said: NoticeText): string {
  const head = headOf(build.state, `<strong>${webLink(build.url, said.title)}</strong>`, said.change);
  const jobs = said.failures.map(
    ({ name, state, reason, url }) => `<li>${webLink(url, name)} ${escapeHtml(state)}${reason === null ? '' : `: ${escapeHtml(reason)}`}</li>`,
  );
  const items = [...jobs, ...moreOf(said, '').map((line) => `<li>${line}</li>`)].join('');
  const lines = [head, escapeHtml(about(said)), escapeHtml(said.counts)].filter((line) => line !== '').join('<br>');
  return items === '' ? lines : `${lines}<ul>${items}</ul>`;
}

function headOf(state: BuildNotice['build']['state'], title: string, change: string | null): string {
  return `${markOf(state)} ${title}${change === null ? '' : ` (${change})`}`;
}

function about({ ref, author, message }: NoticeText): string {
  return [ref, author, message].filter((part) => part !== '').join(' · ');
}

function moreOf({ moreFailures }: NoticeText, bullet: string): string[] {
  return moreFailures > 0 ? [`${bullet}and ${moreFailures} more`] : [];
}
