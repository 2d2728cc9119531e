// A small disk of its own, which can be full at any moment.
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, run } from './processes.ts';

const KIB = 1024;

export class Disk {
  readonly folder: string;
  private readonly kib: number;

  private constructor(folder: string, kib: number) {
    this.folder = folder;
    this.kib = kib;
  }

  /** Or why there is none. */
  static async make(kib: number): Promise<Disk | string> {
    const folder = mkdtempSync(join(tmpdir(), 'assize-d-'));
    const options = ['-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', folder];
    const { code, errors } = await run('mount', options);
    if (code === 0) return new Disk(folder, kib);
    rmSync(folder, { recursive: true });
    return errors || `mount ended with ${code}`;
  }

  private async resize(kib: number): Promise<boolean> {
    return (await run('mount', ['-o', `remount,size=${kib}k`, this.folder])).code === 0;
  }

  /** From now on not a block more fits. */
  async fill(): Promise<void> {
    await eventually('the disk is full', 10_000, async () => {
      const { blocks, bfree, bsize } = statfsSync(this.folder);
      return this.resize(((blocks - bfree) * bsize) / KIB); // refused when something was written since
    });
  }

  /** Everything fits again. */
  async free(): Promise<void> {
    if (!(await this.resize(this.kib))) throw new Error(`${this.folder} keeps its size`);
  }

  async remove(): Promise<void> {
    await run('umount', [this.folder]);
    rmSync(this.folder, { recursive: true });
  }
}
