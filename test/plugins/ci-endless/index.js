import { z } from 'zod';

/** `time`: takes for ever. `memory`: takes more and more of it. `throw`: throws, which no reader may. */
class EndlessCi {
  kind = 'own';
  files = ['endless.txt'];
  title = 'Endless';

  parse({ text }) {
    const taken = [];
    for (const mistake = text.trim(); mistake !== 'throw';) if (mistake === 'memory') taken.push(Array.from({ length: 100_000 }, String));
    throw new Error('this reader throws');
  }
}

export default { id: 'ci-endless', api: '^1.0.0', config: z.strictObject({}), provides: { ci: EndlessCi } };
