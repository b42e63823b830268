/** What a machine of the fake is: a folder, and whether it is still there. */
export interface FakeMachine {
  readonly folder: string;
  lost: boolean;
  readonly pids: Set<number>;
}

/** Kills all that its commands started. */
export function killAll(machine: FakeMachine): void {
  for (const pid of machine.pids) killGroup(pid);
  machine.pids.clear();
}

/** Kills a process group; one that is gone already is what was wanted. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
