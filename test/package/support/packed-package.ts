import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { importsOf, type Imports } from './import-graph.js';
import { run } from './run.js';

export const REPOSITORY = resolve(import.meta.dirname, '../../..');

/** What can be imported of the package. */
export interface EntryPoint {
  readonly name: string;
  /** What the files of each format ask for. */
  readonly imports: Imports;
  readonly requires: Imports;
  /** The optional peers without which it cannot be loaded. */
  readonly peers: readonly string[];
}

interface Target {
  readonly require: { readonly default: string };
  readonly default: { readonly default: string };
}

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Target>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<
    Record<string, { readonly optional: boolean }>
  >;
}

interface PackReport {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** What `npm publish` would upload of what has been built. */
export class PackedPackage {
  readonly tarball: string;
  /** Where it has been unpacked. */
  readonly folder: string;
  /** What is in it, by its path. */
  readonly files: readonly string[];
  readonly manifest: Manifest;
  readonly entryPoints: readonly EntryPoint[];

  private constructor(
    tarball: string,
    files: readonly string[],
    manifest: Manifest,
    entryPoints: readonly EntryPoint[],
  ) {
    this.tarball = tarball;
    this.folder = join(dirname(tarball), 'package');
    this.files = files;
    this.manifest = manifest;
    this.entryPoints = entryPoints;
  }

  static async pack(): Promise<PackedPackage> {
    const folder = await mkdtemp(join(tmpdir(), 'nestjs-tasks-packed-'));
    const report = await run(
      'npm',
      ['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
      REPOSITORY,
    );
    const [packed] = JSON.parse(report) as PackReport[];
    if (!packed) throw new Error(`npm pack reported nothing: ${report}`);
    const tarball = join(folder, packed.filename);
    await run('tar', ['-xzf', tarball], folder);

    const unpacked = join(folder, 'package');
    const text = await readFile(join(unpacked, 'package.json'), 'utf8');
    const manifest = JSON.parse(text) as Manifest;
    const files = packed.files.map(({ path }) => path);
    const entryPoints = await entryPointsOf(manifest, unpacked);
    return new PackedPackage(tarball, files, manifest, entryPoints);
  }

  /** The peers that a user need not have. */
  get optionalPeers(): string[] {
    return optionalPeersOf(this.manifest);
  }

  async remove(): Promise<void> {
    await rm(dirname(this.tarball), { recursive: true, force: true });
  }
}

function optionalPeersOf({ peerDependenciesMeta }: Manifest): string[] {
  return Object.entries(peerDependenciesMeta)
    .filter(([, { optional }]) => optional)
    .map(([name]) => name);
}

async function entryPointsOf(
  manifest: Manifest,
  folder: string,
): Promise<EntryPoint[]> {
  const optional = optionalPeersOf(manifest);
  const found: EntryPoint[] = [];
  for (const [path, target] of Object.entries(manifest.exports)) {
    if (typeof target === 'string') continue;
    const imports = await importsOf(join(folder, target.default.default));
    found.push({
      name: manifest.name + path.slice(1),
      imports,
      requires: await importsOf(join(folder, target.require.default)),
      peers: optional.filter((peer) => imports.atOnce.has(peer)),
    });
  }
  return found;
}
