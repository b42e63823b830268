import { type BuildNotice, type Extension, type Notifier, type PluginContext, PluginError } from '#plugins/api';
import type { Chat } from './chat.ts';
import type { ChatConfig } from './config.ts';
import { HookChat } from './hook-chat.ts';
import { MatrixChat } from './matrix-chat.ts';

/** Writes a message to a room of the chat that the configuration names. */
export class ChatNotifier implements Notifier, Extension {
  readonly targetTitle: string;
  readonly isTargetSecret: boolean;
  private readonly chat: Chat;

  constructor(context: PluginContext<ChatConfig>) {
    const { config } = context;
    this.chat = config.format === 'matrix' ? new MatrixChat(config) : new HookChat(config);
    this.targetTitle = this.chat.targetTitle;
    this.isTargetSecret = this.chat.isTargetSecret;
  }

  targetProblem(target: string): string | null {
    return this.chat.targetProblem(target);
  }

  async notify(target: string, notice: BuildNotice, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const problem = this.targetProblem(target);
    if (problem !== null) throw new PluginError('invalid', problem);
    await this.chat.notify(target, notice, signal);
  }

  async check(signal: AbortSignal): Promise<void> {
    await this.chat.check?.(signal);
  }
}
