import type { NoticeText } from '#plugins/kit/notice-text';

/** A notice in whose words no name calls anybody (`@channel`, `@room`, `@ada`): a sign that nobody sees is after each `@`. Pure. */
export function withoutMentions(said: NoticeText): NoticeText {
  return {
    ...said,
    title: mute(said.title),
    ref: mute(said.ref),
    message: mute(said.message),
    author: mute(said.author),
    failures: said.failures.map(({ name, state, reason, url }) => ({
      name: mute(name),
      state: mute(state),
      reason: reason === null ? null : mute(reason),
      url,
    })),
  };
}

function mute(text: string): string {
  return text.replaceAll('@', '@\u200B');
}
