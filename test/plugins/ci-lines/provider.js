/** Reads a file of commands, one a line; lines that begin with `#` are comments. All of it is one job. */
export class LinesCi {
  title = 'Lines';

  constructor(context) {
    this.context = context;
    this.files = [context.config.file];
  }

  async init() {
    await this.context.store.set('started', true);
    this.context.logger.info('ready', { file: this.context.config.file });
  }

  async close() {
    await this.context.store.set('started', false);
  }

  parse({ text }) {
    const commands = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
    if (commands.length > 0) return this.plan([this.job(commands)], []);
    return this.plan([], [{ level: 'error', text: 'There is no command in it.', path: '', line: 1, column: 1 }]);
  }

  plan(jobs, messages) {
    return { jobs, stages: ['test'], declaredStages: [], messages, fastFinish: false };
  }

  job(commands) {
    const { interpreter } = this.context.config;
    return {
      name: 'lines',
      stage: 'test',
      allowFailure: false,
      config: { commands },
      cell: { column: interpreter ?? 'none', row: '' },
      requirements: { system: 'linux', architecture: null, interpreter, image: null },
      variables: [],
      checkout: { depth: 50, submodules: true },
      program: { shell: 'sh', phases: [{ name: 'test', when: 'passing', onFailure: 'fail', commands: commands.map((run) => ({ run })) }] },
      limits: { time: null, silence: null },
    };
  }
}
