import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const read = (page: string) =>
  readFileSync(join(process.cwd(), 'docs', 'reference', page), 'utf8');

/** The properties of an interface, as the API reference has them. */
function optionsOf(type: string): string[] {
  const headings = read('api.md').matchAll(/^#### `(\w+)`: `(\w+)`$/gm);
  return Array.from(headings)
    .filter(([, owner]) => owner === type)
    .map(([, , option = '']) => option);
}

it.each([
  ['TaskOptions', '## Options of a task'],
  ['DeclaredTaskOptions', '## Options of a task'],
  ['TasksModuleOptions', '## Options of the module'],
  ['TasksModuleExtras', '## Options of the module'],
  ['TasksDashboardOptions', '## Options of the dashboard'],
  ['TasksDashboardAccess', '## Options of the dashboard'],
])('the page of options has every one of %s', (type, heading) => {
  const [, section = ''] = read('options.md').split(heading);
  const [table = ''] = section.split('\n## ');
  const options = optionsOf(type);

  expect(options.length).toBeGreaterThan(0);
  expect(options.filter((name) => !table.includes(`| \`${name}\``))).toEqual(
    [],
  );
});
