/** Without control characters: file names and descriptions are anybody's, and a terminal obeys them. */
export function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Bidi_Control}]+/gu, ' ');
}
