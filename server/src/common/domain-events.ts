import { EventEmitter } from 'node:events';
import type { LogEvent, StepView } from '#server/api';

/** What happens inside one server process, told after it is committed. Ids only where a view has to be read anyway. */
interface DomainEventMap {
  /** Jobs changed their state. */
  jobs: [ids: readonly number[]];
  builds: [ids: readonly number[]];
  step: [event: { jobId: number; attempt: number; step: StepView }];
  log: [event: LogEvent];
  machine: [id: string];
  /** Something that the scheduler waits for may have happened: a job was queued, a machine became ready or free. */
  wake: [];
  /** These attempts are to be canceled. */
  cancel: [attemptIds: readonly number[]];
  /** Somebody signed out, a token was removed, or what an account may has changed: connections of this right (`session:ID`, `token:ID`, `account:ID`) are to be closed. */
  revoked: [right: string];
}

/** The one bus. Listeners must not throw and must not wait. */
export class DomainEvents extends EventEmitter<DomainEventMap> {
  constructor() {
    super();
    this.setMaxListeners(100);
  }
}
