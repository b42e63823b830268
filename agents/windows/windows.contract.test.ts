import { afterAll, beforeAll, describe } from 'vitest';
import { wineMissing } from '../../test/support/wine/root.ts';
import { describeAgent } from '../api/testing/agent-contract.ts';
import { WineRooms } from './fixtures/wine-rooms.ts';
import { windowsSubject } from './testing/windows-subject.ts';
import { windowsWords } from './testing/windows-words.ts';

const missing = wineMissing();

describe.skipIf(missing !== null)(missing === null ? 'in Wine' : `skipped: ${missing}`, () => {
  let rooms: WineRooms;
  beforeAll(async () => {
    rooms = await WineRooms.open();
  }, 300_000);
  afterAll(() => rooms?.close());

  const subject = windowsSubject(
    'cmd',
    () => rooms.room(),
    () => '',
  );
  describeAgent('windows', { ...subject, words: windowsWords(WineRooms.probe) });
});
