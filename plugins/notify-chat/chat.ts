import type { Notifier } from '#plugins/api';

/** One kind of chat. `notify` is given targets only that `targetProblem` accepts, and no signal that was aborted before. */
export interface Chat extends Notifier {
  /** Whether the chat would still take what we send; throws a `PluginError`. Absent where only sending would tell. */
  check?(signal: AbortSignal): Promise<void>;
}
