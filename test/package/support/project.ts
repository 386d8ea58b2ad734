import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PackedPackage } from './packed-package.js';
import { run } from './run.js';

const APP = join(import.meta.dirname, '../app');
const PROJECTS = join(import.meta.dirname, '../projects');

/**
 * Outside of the repository, whose dependencies would be found in the place of those
 * that a project lacks.
 */
const INSTALLED = join(tmpdir(), 'nestjs-tasks-projects');

const NO_NOISE = [
  '--no-audit',
  '--no-fund',
  '--prefer-offline',
  // `npm run --silent` would hide why it failed.
  '--loglevel=error',
];

interface ProjectManifest {
  readonly type?: 'module' | 'commonjs';
}

/** The project of a user who has installed the package. */
export class Project {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Installs a project of `projects` with the package, as its users do. What was installed of
   * these lock file and package is used again, whatever the Node.js: only one process may do
   * so at a time.
   */
  static async install(name: string, packed: PackedPackage): Promise<Project> {
    const source = join(PROJECTS, name);
    const folder = join(INSTALLED, `${name}-${await keyOf(source)}`);
    if (!(await exists(folder))) {
      await installAll(source, folder, packed);
    } else if ((await integrityIn(folder)) !== packed.integrity) {
      await installPackage(folder, packed);
    }
    await copySources(source, folder);
    return new Project(folder);
  }

  npm(script: string): Promise<string> {
    return run('npm', ['run', '--silent', script], this.folder);
  }

  node(...args: readonly string[]): Promise<string> {
    return run(process.execPath, args, this.folder);
  }

  has(packageName: string): Promise<boolean> {
    return exists(join(this.folder, 'node_modules', packageName));
  }
}

async function installAll(
  source: string,
  folder: string,
  packed: PackedPackage,
): Promise<void> {
  // Under another name until it is complete.
  const unfinished = `${folder}-${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) {
    await cp(join(source, file), join(unfinished, file));
  }
  await installPackage(unfinished, packed);
  await rename(unfinished, folder);
}

/** And what the lock file says, if it is not there. */
async function installPackage(
  folder: string,
  { tarball }: PackedPackage,
): Promise<void> {
  await rm(join(folder, 'node_modules/nestjs-tasks'), {
    recursive: true,
    force: true,
  });
  await run('npm', ['install', '--no-save', ...NO_NOISE, tarball], folder);
}

/** Of the tarball whose contents were installed, as npm notes it. */
async function integrityIn(folder: string): Promise<string | undefined> {
  const text = await readFile(
    join(folder, 'node_modules/.package-lock.json'),
    'utf8',
  );
  const { packages } = JSON.parse(text) as {
    readonly packages: Readonly<Record<string, { readonly integrity: string }>>;
  };
  return packages['node_modules/nestjs-tasks']?.integrity;
}

/** What the project has of its own, and the application in its module format. */
async function copySources(source: string, folder: string): Promise<void> {
  await rm(join(folder, 'src'), { recursive: true, force: true });
  await rm(join(folder, 'dist'), { recursive: true, force: true });
  const { type = 'commonjs' } = JSON.parse(
    await readFile(join(source, 'package.json'), 'utf8'),
  ) as ProjectManifest;
  await cp(source, folder, { recursive: true });
  await cp(join(APP, 'shared'), join(folder, 'src'), { recursive: true });
  await cp(join(APP, type), join(folder, 'src'), { recursive: true });
  await cp(join(APP, 'both-ways.cjs'), join(folder, 'both-ways.cjs'));
}

/** The same for the same lock file and checkout. */
async function keyOf(source: string): Promise<string> {
  const hash = createHash('sha256').update(source);
  for (const file of ['package.json', 'package-lock.json']) {
    hash.update(await readFile(join(source, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
