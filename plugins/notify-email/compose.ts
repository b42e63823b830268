import { createHash } from 'node:crypto';
import type { BuildNotice } from '#plugins/api';
import { escapeHtml, webLink } from '#plugins/kit/html';
import { type NoticeText, noticeText } from '#plugins/kit/notice-text';
import type { Sender } from './address.ts';

/** A mail in its parts, as nodemailer takes them. No header has a line break. */
export interface Mail {
  readonly from: Sender;
  readonly to: Sender;
  readonly subject: string;
  readonly messageId: string;
  readonly date: Date;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly html: string;
}

/**
 * The mail about a build: plain text, and the same as simple HTML. Everything in it is made from the notice, its date and id too, so that a repeated notice makes the same mail
 * again, which mailboxes know by its id. Pure.
 */
export function composeMail(from: Sender, to: string, notice: BuildNotice): Mail {
  const said = noticeText(notice);
  const change = said.change === null ? '' : ` (${said.change})`;
  return {
    from,
    to: { name: '', address: to },
    subject: `[terrarium] ${said.title}${change}: ${said.ref}`,
    messageId: messageIdOf(notice.id, from.address),
    date: new Date(notice.build.finishedAt),
    headers: {
      // RFC 3834, 5: nobody's holiday message answers; the other is the same for Exchange.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
    },
    text: plainText(notice, said, change),
    html: html(notice, said, change),
  };
}

/** A hash, because an id may hold what a Message-ID must not. */
function messageIdOf(id: string, address: string): string {
  const name = createHash('sha256').update(id).digest('hex').slice(0, 32);
  return `<terrarium.${name}@${address.slice(address.lastIndexOf('@') + 1)}>`;
}

function plainText({ build }: BuildNotice, said: NoticeText, change: string): string {
  const jobs = said.failures.flatMap(({ name, state, reason, url }) => [`- ${name} ${state}${reason === null ? '' : `: ${reason}`}`, `  ${url}`]);
  if (said.moreFailures > 0) jobs.push(`- and ${said.moreFailures} more`);
  const about = [said.ref, said.author, said.message].filter((line) => line !== '');
  return [`${said.title}${change}`, build.url, '', ...about, said.counts, ...(jobs.length > 0 ? ['', ...jobs] : []), ''].join('\n');
}

function html({ build }: BuildNotice, said: NoticeText, change: string): string {
  const jobs = said.failures.map(
    ({ name, state, reason, url }) => `<li>${webLink(url, name)} ${escapeHtml(state)}${reason === null ? '' : `: ${escapeHtml(reason)}`}</li>`,
  );
  if (said.moreFailures > 0) jobs.push(`<li>and ${said.moreFailures} more</li>`);
  const about = [said.ref, said.author, said.message, said.counts].filter((line) => line !== '').map(escapeHtml);
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><title>Terrarium</title></head><body>',
    `<p><strong>${webLink(build.url, said.title)}</strong>${escapeHtml(change)}</p>`,
    `<p>${about.join('<br>')}</p>`,
    ...(jobs.length > 0 ? [`<ul>${jobs.join('')}</ul>`] : []),
    '</body></html>',
    '',
  ].join('\n');
}
