import { z } from 'zod';

/** `time`: takes for ever. `memory`: takes more and more of it. `throw`: throws, which no reader may. */
class EndlessCi {
  kind = 'own';
  files = ['endless.txt'];
  title = 'Endless';

  parse({ text }) {
    const mistake = text.trim();
    if (mistake === 'throw') throw new Error('this reader throws');
    const taken = [];
    for (;;) if (mistake === 'memory') taken.push(Array.from({ length: 100_000 }, String));
  }
}

export default { id: 'ci-endless', api: '^1.0.0', config: z.strictObject({}), provides: { ci: EndlessCi } };
