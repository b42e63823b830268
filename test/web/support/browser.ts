import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Scenario } from '../../scenarios/support.ts';

const EXECUTABLE = process.env['TERRARIUM_TEST_BROWSER'] ?? '/usr/bin/chromium';
/** As root in a closed network: no sandbox of the browser's own, and nothing that calls home. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const PATIENCE_MS = 30_000;

/** A browser looking at a server; keeps what went wrong in its pages. */
export class Visitor {
  /** Uncaught errors and what the pages wrote to the console as errors. A test that provokes some takes them out. */
  readonly complaints: string[] = [];

  private constructor(
    private readonly browser: Browser,
    readonly context: BrowserContext,
    readonly page: Page,
    readonly url: string,
  ) {}

  /** Opens a browser on a server, signed in by the printed link unless `anonymous`. Close it at the end. */
  static async open(scenario: Scenario, who: 'admin' | 'anonymous' = 'admin'): Promise<Visitor> {
    const visitor = await Visitor.at(scenario.server.url);
    if (who === 'admin') await visitor.signIn(scenario);
    return visitor;
  }

  /** Opens a browser on whatever serves pages there; nobody signs in. Close it at the end. */
  static async at(url: string): Promise<Visitor> {
    const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    context.setDefaultTimeout(PATIENCE_MS);
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: url });
    const visitor = new Visitor(browser, context, await context.newPage(), url);
    visitor.listen();
    return visitor;
  }

  /** Goes to a path of the pages. */
  async go(path: string): Promise<void> {
    await this.page.goto(this.url + path);
  }

  /** Signs in by the newest link that the server has printed. */
  async signIn(scenario: Scenario): Promise<void> {
    await this.go(`/login?code=${await loginCode(scenario)}`);
    await this.page.waitForURL(`${this.url}/`);
  }

  /** Fails on anything that axe finds wrong for people with assistive tools, in both themes. */
  async expectAccessible(): Promise<void> {
    for (const colorScheme of ['light', 'dark'] as const) {
      await this.page.emulateMedia({ colorScheme });
      const { violations } = await new AxeBuilder({ page: this.page }).analyze();
      const found = violations.flatMap(({ id, nodes }) =>
        nodes.map((node) => `${colorScheme}: ${id}: ${node.html.slice(0, 160)}: ${node.failureSummary ?? ''}`),
      );
      expect(found).toEqual([]);
    }
    await this.page.emulateMedia({ colorScheme: null });
  }

  /** Fails if the page is wider than its window, at the width of a telephone. */
  async expectNarrow(): Promise<void> {
    const size = this.page.viewportSize();
    await this.page.setViewportSize({ width: 390, height: 844 });
    expect(await this.page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    if (size) await this.page.setViewportSize(size);
  }

  /** Ends the browser; fails if a page complained. */
  async close(): Promise<void> {
    await this.browser.close();
    expect(this.complaints).toEqual([]);
  }

  private listen(): void {
    this.page.on('pageerror', (error) => this.complaints.push(error.message));
    this.page.on('console', (message) => {
      // What the rail asked for as nobody, if signing in took long, was refused.
      const isRefusal = this.page.url().includes('/login?') && message.text().includes('401');
      if (message.type() === 'error' && !isRefusal) this.complaints.push(`${this.page.url()}: ${message.text()}`);
    });
  }
}

/** The code of the newest sign-in link that the server has printed. */
export async function loginCode(scenario: Scenario): Promise<string> {
  const code = [...(await scenario.server.output()).matchAll(/\/login\?code=(\S+)/g)].at(-1)?.[1];
  if (!code) throw new Error('the server printed no link to sign in');
  return code;
}
