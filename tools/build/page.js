// Builds the page of the dashboard: one file, with its script and styles in it.
// `node tools/build/page.js` builds it beside the sources, where the tests look for it.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { rolldown } from 'rolldown';

const folder = resolve(import.meta.dirname, '../../lib/dashboard/page');
/** In their order. */
const STYLES = ['base', 'header', 'panels', 'lists', 'task', 'phones'].map(
  (name) => join(folder, `styles/${name}.css`),
);
/** What is bundled, whose licences ask to be named. */
const LIBRARIES = ['preact', 'uplot'];
const { resolve: find } = createRequire(import.meta.url);

/** @param {string} file */
export async function buildPage(file) {
  const [template, script, styles, licences] = await Promise.all([
    readFile(join(folder, 'index.html'), 'utf8'),
    bundle(),
    Promise.all(
      [find('uplot/dist/uPlot.min.css'), ...STYLES].map((path) =>
        readFile(path, 'utf8'),
      ),
    ),
    Promise.all(LIBRARIES.map(licenceOf)),
  ]);
  const html = template
    .replace('<!-- licences -->', () => `<!--\n${licences.join('\n')}\n-->`)
    .replace('/* styles */', () => smaller(styles.join('\n')))
    .replace('/* script */', () => script.replaceAll('</script', '<\\/script'));
  // Tests that run beside each other build it for themselves, while others read it.
  const whole = `${file}.${process.pid}`;
  await writeFile(whole, html);
  await rename(whole, file);
}

async function bundle() {
  const build = await rolldown({
    input: join(folder, 'main.tsx'),
    tsconfig: join(folder, 'tsconfig.json'),
    transform: { target: 'es2022' },
    onLog(level, log) {
      throw new Error(`${level}: ${log.message}`);
    },
  });
  const { output } = await build.generate({
    format: 'iife',
    minify: true,
    comments: false,
  });
  await build.close();
  return output[0].code;
}

/** @param {string} styles */
function smaller(styles) {
  return styles
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/\s*([{};,>])\s*/g, '$1')
    .replace(/\s+/g, ' ');
}

/** @param {string} name */
async function licenceOf(name) {
  const text = await readFile(
    join(dirname(find(`${name}/package.json`)), 'LICENSE'),
    'utf8',
  );
  // A comment of HTML cannot have these in it.
  return `${name}\n\n${text}`.replaceAll('--', '- -');
}

if (process.argv[1] === import.meta.filename) {
  await buildPage(join(folder, '../page.html'));
}
