import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PAGE_FILE } from '../page-file.js';

/** The page, and the headers that it is sent with. */
export interface Page {
  readonly html: string;
  readonly etag: string;
  /** Allows the script and the styles of the page, no others, and requests to its own origin. */
  readonly policy: string;
}

let page: Page | undefined;

/** Reads the page once. */
export function readPage(): Page {
  return (page ??= pageOf(readFileSync(PAGE_FILE, 'utf8')));
}

function pageOf(html: string): Page {
  const sources = (tag: string) =>
    [...html.matchAll(new RegExp(`<${tag}\\b[^>]*>(.*?)</${tag}>`, 'gs'))]
      .map(([, content = '']) => `'sha256-${sha256(content)}'`)
      .join(' ');
  return {
    html,
    etag: `"${sha256(html)}"`,
    policy: [
      "default-src 'none'",
      `script-src ${sources('script')}`,
      `style-src ${sources('style')}`,
      "connect-src 'self'",
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
