import { describeCiProvider } from './ci-contract.ts';
import { FakeCi } from './fake-ci.ts';

describeCiProvider('FakeCi', () => ({
  provider: new FakeCi(),
  right: ['one: true', '# both\none: true\n\ntwo: false\n'],
  wrong: ['one', 'one: true\n: x'],
}));
