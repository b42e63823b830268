import { describeCiProvider } from '#plugins/api/testing';
import { COMPUTED, READABLE } from './fixtures/noxfiles.ts';
import { provider } from './test-support.ts';

describeCiProvider('NoxProvider', () => ({
  provider: provider(),
  right: [...READABLE, ...COMPUTED].map((text) => `import nox\n${text}`).filter((text) => !text.includes('sessions = []')),
  wrong: [
    'import nox\nnox.options.sessions = ["no-such"]\n@nox.session\ndef tests(session): pass\n',
    'import nox\n@nox.session(default=False)\ndef tests(session): pass\n',
  ],
}));
