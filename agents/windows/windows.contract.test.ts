import { afterAll, beforeAll, describe } from 'vitest';
import { wineMissing } from '../../test/support/wine/root.ts';
import { describeAgent } from '../api/testing/agent-contract.ts';
import { WineRooms } from './fixtures/wine-rooms.ts';
import { windowsAgent } from './index.ts';
import { windowsWords } from './testing/windows-words.ts';

const missing = wineMissing();

describe.skipIf(missing !== null)(missing === null ? 'in Wine' : `skipped: ${missing}`, () => {
  let rooms: WineRooms;
  beforeAll(async () => {
    rooms = await WineRooms.open();
  }, 300_000);
  afterAll(() => rooms?.close());

  describeAgent('windows', {
    agent: windowsAgent,
    words: windowsWords(WineRooms.probe),
    open: () => rooms.room(),
    path: (folder, relative) => `${folder}\\${relative.replaceAll('/', '\\')}`,
  });
});
