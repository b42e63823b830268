import { isPluginError, type ErrorCode } from '#plugins/api';

/** What an answer says; null where it is refused with one of the codes. */
export async function orNull<T>(answer: Promise<T>, ...codes: readonly ErrorCode[]): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (codes.some((code) => isPluginError(error, code))) return null;
    throw error;
  }
}
