import { PluginError } from '#plugins/api';

/** What a work tree may come to, with all its submodules. */
export interface CheckoutLimits {
  /** Files and folders. */
  readonly entries: number;
  /** Of the files, and of what tar says about each. */
  readonly bytes: number;
}

/**
 * A repository of a few kilobytes can stand for any number of files, by trees that hold the same tree many times over. The largest work trees that people have (those of Chromium and
 * of Linux distributions) are about half a million files and a few gigabytes.
 */
export const CHECKOUT_LIMITS: CheckoutLimits = { entries: 1_000_000, bytes: 10 * 1024 ** 3 };

const TAR_HEAD = 512;

/** Adds up what goes into a work tree: first what git says that it would be, then what is really written, which differs where attributes change line ends or encodings. */
export class CheckoutSize {
  private readonly limits: CheckoutLimits;
  private entries = 0;
  private bytes = 0;
  private written = 0;

  constructor(limits = CHECKOUT_LIMITS) {
    this.limits = limits;
  }

  /** Counts a file, folder or submodule; `size` in bytes. Throws `invalid` when it is one too many. */
  addEntry(size: number): void {
    this.entries += 1;
    this.bytes += size + TAR_HEAD;
    if (this.entries > this.limits.entries) throw tooLarge(`more than ${this.limits.entries} files and folders`);
    if (this.bytes > this.limits.bytes) throw this.tooManyBytes();
  }

  /** Counts bytes that are about to be written. Throws `invalid` when they are too many. */
  addWritten(bytes: number): void {
    this.written += bytes;
    if (this.written > this.limits.bytes) throw this.tooManyBytes();
  }

  private tooManyBytes(): PluginError {
    return tooLarge(`more than ${this.limits.bytes / 1024 ** 3} GB`);
  }
}

function tooLarge(what: string): PluginError {
  return new PluginError(
    'invalid',
    `The work tree, with its submodules, would have ${what}, which is not laid out: keep such files elsewhere, or ask for no submodules where those are the large ones.`,
  );
}
