import { type BuildNotice, type Extension, type Notifier, type PluginContext, PluginError } from '#plugins/api';
import { type Sender, addressProblem, parseSender } from './address.ts';
import { composeMail } from './compose.ts';
import type { EmailConfig } from './config.ts';
import { SmtpServer } from './smtp.ts';

/** Writes a mail to one address. */
export class EmailNotifier implements Notifier, Extension {
  readonly targetTitle = 'Mail address';
  readonly isTargetSecret = false;
  private readonly from: Sender;
  private readonly server: SmtpServer;

  constructor(context: PluginContext<EmailConfig>) {
    this.from = parseSender(context.config.from);
    this.server = new SmtpServer(context.config);
  }

  targetProblem(target: string): string | null {
    return addressProblem(target);
  }

  async notify(target: string, notice: BuildNotice, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const problem = this.targetProblem(target);
    if (problem !== null) throw new PluginError('invalid', problem);
    await this.server.send(composeMail(this.from, target, notice), signal);
  }

  async check(signal: AbortSignal): Promise<void> {
    await this.server.check(signal);
  }
}
