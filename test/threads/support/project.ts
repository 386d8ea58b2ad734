import {
  mkdir,
  mkdtemp,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A project of somebody else, outside this one, so that it has only what it is given. */
export class Project {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** With these files, by their path, and these packages of ours. */
  static async create(
    files: Readonly<Record<string, string>>,
    packages: readonly string[] = [],
  ): Promise<Project> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'tasks-')));
    const project = new Project(folder);
    for (const [path, text] of Object.entries(files)) {
      await project.#place(path, (target) => writeFile(target, text));
    }
    for (const name of packages) {
      const original = join(process.cwd(), 'node_modules', name);
      await project.#place(join('node_modules', name), (target) =>
        symlink(original, target),
      );
    }
    return project;
  }

  path(file: string): string {
    return join(this.folder, file);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  async #place(
    path: string,
    put: (target: string) => Promise<void>,
  ): Promise<void> {
    const target = this.path(path);
    await mkdir(dirname(target), { recursive: true });
    await put(target);
  }
}
