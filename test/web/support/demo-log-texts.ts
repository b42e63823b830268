import { DemoLog } from './demo-log.ts';

const GREEN = '\x1b[32m';
const RED = '\x1b[31m';
const BOLD = '\x1b[1m';
const OFF = '\x1b[0m';

function install(log: DemoLog, at: number): void {
  log.startStep('before_install', 'git clone --depth=50 https://git.example.org/repository.git', at);
  log.append(
    "Cloning into 'repository'...\nremote: Counting objects:  12%\rremote: Counting objects:  57%\rremote: Counting objects: 100% (412/412), done.\n",
    at,
  );
  log.endStep(0, at + 1800);
  log.startStep('install', 'pip install -r requirements.txt', at + 1800);
  for (let i = 0; i < 24; i += 1)
    log.append(`Collecting package-${i}==1.${i}.0\n  Downloading package_${i}-1.${i}.0-py3-none-any.whl (${i * 13 + 7} kB)\n`, at + 2000 + i * 210);
  log.append(`${GREEN}Successfully installed${OFF} 24 packages\n`, at + 7400);
  log.endStep(0, at + 7600);
}

/** A job whose tests failed, with every colour a terminal knows. */
export function failedLog(start: number): DemoLog {
  const log = new DemoLog();
  install(log, start);
  log.startStep('script', 'pytest --color=yes -v', start + 8000);
  log.append(
    `${BOLD}============================= test session starts ==============================${OFF}\nplatform linux -- Python 3.11.9, pytest-8.3.2, pluggy-1.5.0\ncollected 1432 items\n\n`,
    start + 8600,
  );
  for (let i = 0; i < 180; i += 1)
    log.append(
      `tests/test_parser.py::test_case_${i} ${i === 77 ? `${RED}FAILED` : `${GREEN}PASSED`}${OFF} ${GREEN}[ ${Math.round(i / 1.8)}%]${OFF}\n`,
      start + 9000 + i * 90,
    );
  log.append(
    `\n=================================== FAILURES ===================================\n${RED}${BOLD}_________________________________ test_case_77 _________________________________${OFF}\n\n    ${BOLD}def${OFF} test_case_77():\n>       ${BOLD}assert${OFF} parse("2014-04-18") == datetime(2014, 4, 18, tzinfo=UTC)\n${RED}${BOLD}E       AssertionError: assert datetime.datetime(2014, 4, 18, 0, 0) == datetime.datetime(2014, 4, 18, 0, 0, tzinfo=UTC)${OFF}\n\n${RED}tests/test_parser.py${OFF}:77: AssertionError\n`,
    start + 26_000,
  );
  log.append(
    `16 colours: ${Array.from({ length: 16 }, (_, i) => `\x1b[${i < 8 ? 30 + i : 82 + i}mcolour${i}${OFF}`).join(' ')}\n256: ${Array.from({ length: 36 }, (_, i) => `\x1b[38;5;${16 + i * 6}m##${OFF}`).join('')}\ntrue: ${Array.from({ length: 30 }, (_, i) => `\x1b[38;2;${i * 8};${255 - i * 8};${(i * 40) % 255}mtc${OFF}`).join('')}\n\x1b[41m red ground ${OFF} \x1b[97;44m white on blue ${OFF} \x1b[30;103m black on yellow ${OFF} \x1b[7m inverse ${OFF} \x1b[2mdim${OFF} \x1b[3;4mitalic underline${OFF} \x1b[9mstruck${OFF}\n`,
    start + 26_100,
  );
  log.appendBytes(Buffer.concat([Buffer.from('invalid: '), Buffer.from([0xff, 0xfe, 0x80]), Buffer.from(' and nul: \0\n')]), start + 26_200);
  log.append(`a long line: ${'lorem ipsum dolor sit amet '.repeat(2000)}\n`, start + 26_300);
  log.append(
    `${RED}========================= ${BOLD}1 failed${OFF}, ${GREEN}1431 passed${OFF}${RED} in 17.31s =========================${OFF}\n`,
    start + 26_400,
  );
  log.endStep(1, start + 26_500);
  log.startStep('after_failure', 'cat build/config.log', start + 26_500);
  log.append('cat: build/config.log: No such file or directory\n', start + 26_600);
  log.endStep(0, start + 26_700);
  log.complete = true;
  return log;
}

/** A short, good one. */
export function passedLog(start: number): DemoLog {
  const log = new DemoLog();
  install(log, start);
  log.startStep('script', 'python -m unittest', start + 8000);
  log.append(
    `..........................................\n----------------------------------------------------------------------\nRan 42 tests in 3.012s\n\n${GREEN}OK${OFF}\n`,
    start + 11_000,
  );
  log.endStep(0, start + 11_200);
  log.complete = true;
  return log;
}

/** `lines` lines of about 120 bytes in one step; with a line of 20 MB in the middle where `hasGiant`. */
export function longLog(start: number, lines: number, hasGiant: boolean): DemoLog {
  const log = new DemoLog();
  log.startStep('script', 'python -m compileall -f -v .', start);
  const chunk: string[] = [];
  for (let i = 0; i < lines; i += 1) {
    chunk.push(
      `${GREEN}[${String(i).padStart(8)}]${OFF} compiling ./build/lib.linux-x86_64/module_${i % 977}/submodule_${i % 31}.py with flags -O2 ${i % 50_000 === 49_999 ? `${RED}error: retry${OFF}` : 'and nothing else to say'}`,
    );
  }
  if (hasGiant) chunk[Math.floor(lines / 2)] = 'x'.repeat(20_000_000);
  log.appendBytes(Buffer.from(`${chunk.join('\n')}\n`), start);
  log.endStep(0, start + 100_000);
  log.complete = true;
  return log;
}
