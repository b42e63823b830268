import { describe, expect, it } from 'vitest';
import { HOSTILE_TEXTS, makeHostileNotice, makeNotice } from '#plugins/api/testing';
import { matrixMessage } from './matrix-message.ts';
import { escapeMarkdown, mattermostMessage } from './mattermost-message.ts';
import { slackMessage } from './slack-message.ts';

const MENTION = /@(?:channel|here|all|everyone|room)/;
const pullRequest = { number: 3, title: '<!here> @channel & co' };
const hostile = makeNotice({ change: { author: '*Ada* <@U1>', kind: 'pull-request', pullRequest } });
const many = { ...makeNotice({ failures: makeHostileNotice('x', '&'.repeat(500)).failures }), counts: { failed: 12 } };

describe('slackMessage', () => {
  it('is a title with a link, and plain texts', () => {
    expect(slackMessage(makeNotice())).toEqual({
      text: 'django-taggit #58 failed (was passed)',
      blocks: [
        {
          type: 'section',
          text: {
            type: 'mrkdwn',
            text: '\u274C <https://ci.example.org/builds/4711|django-taggit #58 failed> (was passed)',
            verbatim: true,
          },
        },
        {
          type: 'section',
          text: { type: 'plain_text', text: 'main 1a2b3c4 · Ada Lovelace · Mend the tags\n11 passed, 1 failed', emoji: false },
        },
        { type: 'section', text: { type: 'plain_text', text: '• py3.13 failed: pytest ended with 1', emoji: false } },
      ],
      unfurl_links: false,
      unfurl_media: false,
    });
  });

  it('has what strangers wrote in plain texts only, escaped', () => {
    const [, about] = slackMessage(hostile).blocks;
    expect(about?.text).toMatchObject({
      type: 'plain_text',
      text: expect.stringContaining('*Ada* &lt;@U1&gt; · &lt;!here&gt; @channel &amp; co'),
    });
  });

  it.each(HOSTILE_TEXTS)('keeps to what a block may be: %s', (_title, text) => {
    const message = slackMessage(makeHostileNotice('x', text));
    for (const { text: object } of message.blocks) {
      expect(object.text.length).toBeGreaterThan(0);
      expect(object.text.length).toBeLessThanOrEqual(3000);
      if (object.type === 'plain_text') expect(object.text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
      else expect(object.text).toBe('\u274C <https://ci.example.org/builds/4711|django-taggit #58 failed> (was passed)');
    }
  });

  it('cuts a long list outside of entities, and says how many are missing', () => {
    const failures = Array.from({ length: 10 }, () => many.failures.slice(0, 1)).flat();
    const text = slackMessage({ ...many, failures }).blocks[2]?.text.text ?? '';
    expect(text.length).toBeGreaterThan(2990);
    expect(text.length).toBeLessThanOrEqual(3000);
    expect(text).toMatch(/&amp;…$/);
    expect(slackMessage(many).blocks[2]?.text.text).toMatch(/\n• and 11 more$/);
  });
});

describe('mattermostMessage', () => {
  it('is Markdown', () => {
    expect(mattermostMessage(makeNotice()).text).toBe(
      [
        String.raw`❌ **[django\-taggit \#58 failed](https://ci.example.org/builds/4711)** (was passed)`,
        String.raw`main 1a2b3c4 · Ada Lovelace · Mend the tags`,
        '11 passed, 1 failed',
        '',
        String.raw`- [py3\.13](https://ci.example.org/jobs/9) failed: pytest ended with 1`,
      ].join('\n'),
    );
  });

  it('calls nobody, in no way that the server knows', () => {
    for (const [, text] of HOSTILE_TEXTS) {
      const message = mattermostMessage(makeHostileNotice('x', text)).text;
      expect(message).not.toMatch(/[<>]/);
      expect(message).not.toMatch(/@[a-z]/i);
    }
  });

  it('escapes all that Markdown knows, and breaks no line', () => {
    expect(escapeMarkdown('*b* _i_ `c` [t](u) # | ~s~ 1. - + ! \\ <!here> &lt;')).toBe(
      String.raw`\*b\* \_i\_ \`c\` \[t\]\(u\) \# \| \~s\~ 1\. \- \+ \! \\ &lt;\!here&gt; &amp;lt;`,
    );
    expect(mattermostMessage(makeHostileNotice('x', 'a\n# b\n\n---')).text.split('\n')).toHaveLength(5);
  });
});

describe('matrixMessage', () => {
  it('is a notice in plain text and HTML that mentions nobody', () => {
    expect(matrixMessage(makeNotice())).toEqual({
      msgtype: 'm.notice',
      body: [
        '\u274C django-taggit #58 failed (was passed)',
        'main 1a2b3c4 · Ada Lovelace · Mend the tags',
        '11 passed, 1 failed',
        'https://ci.example.org/builds/4711',
        '- py3.13 failed: pytest ended with 1',
      ].join('\n'),
      format: 'org.matrix.custom.html',
      formatted_body:
        '\u274C <strong><a href="https://ci.example.org/builds/4711">django-taggit #58 failed</a></strong> (was passed)<br>' +
        'main 1a2b3c4 · Ada Lovelace · Mend the tags<br>11 passed, 1 failed' +
        '<ul><li><a href="https://ci.example.org/jobs/9">py3.13</a> failed: pytest ended with 1</li></ul>',
      'm.mentions': {},
    });
  });

  it.each(HOSTILE_TEXTS)('has no tag but its own, and no mention: %s', (_title, text) => {
    const { body, formatted_body: html, 'm.mentions': mentions } = matrixMessage(makeHostileNotice('x', text));
    expect(html.replaceAll(/<\/?(?:strong|br|ul|li|a)(?: href="https:\/\/ci\.example\.org\/[a-z]+\/\d+")?>/g, '')).not.toMatch(/[<>"']/);
    for (const said of [body, html]) expect(said).not.toMatch(MENTION);
    expect(mentions).toEqual({});
  });
});
